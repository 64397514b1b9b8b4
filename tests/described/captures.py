"""True answers of real servers, kept in `tests/vendors/<vendor>/captures`, one file per exchange, and what they are of.

Recorded on 2026-11-22 from n8n 2.40.5, Flowise 3.1.4, Langflow 1.13.0 and Node-RED 5.0.7 on loopback, the keys masked.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from adapters.contract import Vendor
from adapters.registry import load_all
from gateway.settings import read_descriptions

ROOT = Path(__file__).parents[2]
DESCRIPTIONS = ROOT / "config" / "vendors"
FOLDER = ROOT / "tests" / "vendors"
KEY = "canary-key-of-a-real-server"


@cache
def described() -> dict[str, Vendor]:
    """Every vendor that the project ships a description of."""
    found, issues = read_descriptions(DESCRIPTIONS, load_all())
    assert not issues, "\n".join(map(str, issues))
    return dict(found)


@dataclass(frozen=True)
class Capture:
    """One exchange; `body` is JSON, or a text where the answer was none."""

    name: str
    method: str
    path: str
    query: dict[str, str]
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def content(self) -> bytes:
        """The bytes as the server wrote them: as JavaScript and Python write compact JSON."""
        if isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(self.body, separators=(",", ":"), ensure_ascii=False).encode()


@cache
def captures(vendor: str) -> tuple[Capture, ...]:
    return tuple(read(path) for path in sorted((FOLDER / vendor / "captures").glob("*.json")))


def read(path: Path) -> Capture:
    exchange = json.loads(path.read_bytes())
    request = exchange["request"]
    parts = urlsplit(request["url"])
    found = Capture(
        name=path.stem,
        method=request["method"],
        path=parts.path,
        query=dict(parse_qsl(parts.query)),
        status=exchange["status"],
        headers=exchange["headers"],
        body=exchange["body"],
    )
    assert len(found.content) == exchange["bytes"]
    return found


def capture(vendor: str, name: str) -> Capture:
    (found,) = [each for each in captures(vendor) if each.name == name]
    return found


CAPTURED = tuple(sorted(path.parent.name for path in FOLDER.glob("*/captures")))
"""The vendors with captures."""
