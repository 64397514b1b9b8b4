"""The four real servers, replayed, and a gateway in front of them: over real sockets, configured by a file."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from gateway import main
from tests.described.captures import CAPTURED, DESCRIPTIONS, KEY
from tests.described.replay import replay, serving


@pytest.fixture(scope="session")
def servers() -> Iterator[dict[str, str]]:
    """Address by vendor."""
    with contextlib.ExitStack() as stack:
        yield {vendor: stack.enter_context(serving(replay(vendor))) for vendor in CAPTURED}


@pytest.fixture(scope="session")
def gateway(servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a gateway that was started from a configuration file, with the descriptions that are shipped."""
    folder = tmp_path_factory.mktemp("gateway")
    (folder / "key").write_text(KEY)
    (folder / "wrong").write_text("another-key")
    connections = {
        f"{vendor}-test": {"vendor": vendor, "base_url": url, "credential": "file:key"}
        for vendor, url in servers.items()
    }
    for vendor, url in servers.items():
        connections[f"{vendor}-locked-out"] = {"vendor": vendor, "base_url": url, "credential": "file:wrong"}
    content = {
        "server": {"log_level": "error"},
        "vendor_descriptions": str(DESCRIPTIONS),
        "connections": connections,
    }
    path = Path(folder / "gateway.yaml")
    path.write_text(yaml.safe_dump(content))
    settings, vendors, secrets = main.prepare(path)
    with (
        serving(main.build(settings, vendors, secrets)) as url,
        httpx.Client(base_url=url, timeout=10, trust_env=False, verify=False) as client,
    ):
        yield client
