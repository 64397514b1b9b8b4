"""A small description to change things in, and what it makes of documents."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.contract import Fetched, Vendor
from adapters.generic import Description, described
from gateway.settings import ConfigInvalid, read_description
from schemas.workflow import Workflow

SMALLEST: dict[str, Any] = {
    "title": "Acme",
    "docs_url": "https://docs.example.com",
    "credential": {"header": "X-Key"},
    "list_workflows": {"path": ["flows"], "items": "items"},
    "get_workflow": {"path": ["flows", "{id}"]},
    "workflow": {"id": "id", "name": "name"},
    "graph": {},
}


def sketch(**changes: Any) -> dict[str, Any]:
    """The smallest description with values put at dotted paths, such as `workflow__tags`."""
    content = copy.deepcopy(SMALLEST)
    for path, value in changes.items():
        *way, last = path.split("__")
        place = content
        for name in way:
            place = place.setdefault(name, {})
        place[last] = value
    return content


def vendor(**changes: Any) -> Vendor:
    return described("acme", Description.model_validate(sketch(**changes)))


def read(document: dict[str, Any], **changes: Any) -> Workflow:
    return vendor(**changes).mapping.parse(Fetched(document), "demo")


def refusals(folder: Path, content: object, name: str = "acme.yaml") -> list[str]:
    """Everything found wrong with a description, each as `LINE: KEY: MESSAGE`."""
    path = folder / name
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
    with pytest.raises(ConfigInvalid) as raised:
        read_description(path)
    return [str(issue).removeprefix(f"{path}:").strip() for issue in raised.value.issues]
