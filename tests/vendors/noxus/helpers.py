"""Documents in Noxus's forms, and a fake of the contract's `Http` that answers from a table."""

import json
from pathlib import Path
from typing import Any

from adapters.contract import Answer, Fetched, Parameters
from adapters.errors import VendorNotFound
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
    """Answers GETs from a table by path; what is not there is not found. Remembers what it was asked."""

    def __init__(self, answers: dict[str, JsonValue], headers: dict[str, str] | None = None) -> None:
        self.answers = answers
        self.headers = headers or {}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    async def get(self, *segments: str, parameters: Parameters | None = None) -> Answer:
        path = "/".join(segments)
        self.calls.append((path, dict(parameters or {})))
        if path not in self.answers:
            raise VendorNotFound("no such thing", status=404)
        document = self.answers[path]
        return Answer(200, self.headers, json.dumps(document).encode(), document)

    async def send(
        self, method: str, *segments: str, parameters: Parameters | None = None, body: JsonValue = None
    ) -> Answer:
        raise AssertionError(f"nothing is written when reading: {method} {segments} {parameters} {body}")
