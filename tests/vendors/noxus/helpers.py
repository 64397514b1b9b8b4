"""Documents in Noxus's forms, and a fake of the contract's `Http` that answers from a table."""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.contract import Answer, Fetched, Parameters
from adapters.errors import VendorError, VendorNotFound
from adapters.noxus import VENDOR
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode
from schemas.workflow import Workflow

FOLDER = Path(__file__).parent
WORKFLOW = "b5629535-befe-541e-88f0-dcaba1a4ae6a"
GROUP = "7b0e9a52-4f5d-4c52-9d0b-5a3c1f0e2d11"
ORDINARY = "get_workflow_typical_v1_three_nodes"
LOOPS = "get_workflow_v2_loops_and_bindings"


def recording(name: str) -> Any:
    return json.loads((FOLDER / "recordings" / f"{name}.json").read_bytes())


def names(pattern: str = "get_*.json") -> list[str]:
    return sorted(path.stem for path in (FOLDER / "recordings").glob(pattern))


def record(**fields: Any) -> JsonObject:
    """A workflow with the required fields, and those given."""
    empty: JsonObject = {"nodes": [], "edges": []}
    return {
        "id": WORKFLOW,
        "group_id": GROUP,
        "name": "A name",
        "type": "flow",
        "definition": empty,
        **fields,
    }


def flow(nodes: JsonValue, edges: JsonValue = (), version: str = "v1") -> JsonObject:
    edges = list(edges) if isinstance(edges, tuple) else edges
    return record(definition={"flow_version": version, "nodes": nodes, "edges": edges})


def node(identifier: str, kind: str = "PluginNode", **fields: Any) -> JsonObject:
    return {"id": identifier, "type": kind, "name": identifier.title(), "node_config": {}, **fields}


def edge(source: str, target: str, **fields: Any) -> JsonObject:
    """A v1 edge between points in `node:connector:key` form."""
    return {"from_id": _point(source), "to_id": _point(target), **fields}


def _point(address: str) -> JsonObject:
    identifier, connector, key = (*address.split(":"), None, None)[:3]
    return {"node_id": identifier, "connector_name": connector, "key": key, "optional": False}


def parse(document: JsonObject) -> Workflow:
    return VENDOR.mapping.parse(Fetched(document), "demo")


def found(workflow: Workflow) -> list[tuple[DiagnosticCode, str]]:
    """Codes and pointers of a workflow's diagnostics."""
    return [(one.code, one.path) for one in workflow.diagnostics]


class FakeHttp:
    """Answers from tables; what is not there is not found. Remembers what it was asked.

    GETs are answered by path, other methods by method and path; an error in a table is raised. A stream is a list of
    bytes and errors, and each path has a list of streams, one for each time it is opened.
    """

    def __init__(
        self,
        answers: dict[str, JsonValue],
        headers: dict[str, str] | None = None,
        writes: dict[str, JsonValue] | None = None,
        streams: dict[str, list[list[bytes | VendorError]]] | None = None,
    ) -> None:
        self.answers = answers
        self.headers = headers or {}
        self.writes = writes or {}
        self.streams = streams or {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.sent: list[tuple[str, JsonValue]] = []
        self.open = 0

    async def get(self, *segments: str, parameters: Parameters | None = None) -> Answer:
        path = "/".join(segments)
        self.calls.append((path, dict(parameters or {})))
        return self._answer(self.answers, path)

    async def send(
        self, method: str, *segments: str, parameters: Parameters | None = None, body: JsonValue = None
    ) -> Answer:
        call = f"{method} {'/'.join(segments)}"
        query = "&".join(f"{name}={value}" for name, value in (parameters or {}).items())
        self.sent.append((f"{call}?{query}" if query else call, body))
        return self._answer(self.writes, call)

    @contextlib.asynccontextmanager
    async def stream(
        self, method: str, *segments: str, parameters: Parameters | None = None, body: JsonValue = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        assert (method, body) == ("GET", None)
        path = "/".join(segments)
        self.calls.append((path, dict(parameters or {})))
        if not self.streams.get(path):
            raise VendorNotFound("no such thing", status=404)
        self.open += 1
        try:
            yield _pieces(self.streams[path].pop(0))
        finally:
            self.open -= 1

    def _answer(self, table: dict[str, JsonValue], key: str) -> Answer:
        if key not in table:
            raise VendorNotFound("no such thing", status=404)
        document = table[key]
        if isinstance(document, list) and document and isinstance(document[0], Turn):
            document = (document.pop(0) if len(document) > 1 else document[0]).document
        if isinstance(document, VendorError):
            raise document
        return Answer(200, self.headers, json.dumps(document).encode(), document)


@dataclass(frozen=True)
class Turn:
    """One of several answers of a path, given one after the other; the last one stays."""

    document: JsonValue


async def _pieces(stream: list[bytes | VendorError]) -> AsyncIterator[bytes]:
    for piece in stream:
        if isinstance(piece, VendorError):
            raise piece
        yield piece
