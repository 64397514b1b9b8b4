"""Invented vendors and small files, for the tests of the settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from adapters.contract import CredentialPresentation, Translates, Vendor
from adapters.errors import VendorMessage
from gateway.settings import ConfigInvalid, Settings, load

MINIMAL = "connections:\n  main:\n    vendor: acme\n    credential: env:ACME_KEY\n"


def vendor(name: str, base_url: str | None = "https://api.example.com") -> Vendor:
    return Vendor(
        name=name,
        title=name.title(),
        docs_url="https://docs.example.com",
        base_url=base_url,
        credential=CredentialPresentation("x-api-key"),
        max_page_size=50,
        support={},
        api=object(),
        mapping=cast("Translates", object()),
        read_error=lambda _: VendorMessage(),
    )


def vendors() -> Mapping[str, Vendor]:
    """Return `acme`, and `homebrew` whose every installation has its own address."""
    return {"acme": vendor("acme"), "homebrew": vendor("homebrew", None)}


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "gateway.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def load_text(folder: Path, text: str | bytes) -> Settings:
    return load(write(folder, text), vendors())


def refusals(folder: Path, text: str | bytes) -> list[str]:
    """Return everything found wrong with a file, each as `LINE: KEY: MESSAGE`."""
    path = write(folder, text)
    with pytest.raises(ConfigInvalid) as raised:
        load(path, vendors())
    return [str(issue).removeprefix(f"{path}:").strip() for issue in raised.value.issues]
