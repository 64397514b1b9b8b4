"""What every test of this vendor needs: recordings, short ways to parse and render, small changes, and fakes."""

import asyncio
import contextlib
import copy
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.aitronos import VENDOR
from adapters.contract import Answer, Fetched, Parameters, Rendered
from adapters.transport import Transport
from emulators.aitronos import EMULATOR
from emulators.aitronos.backend import AitronosBackend
from emulators.contract import EmulatorOptions
from emulators.control import build
from emulators.server import server
from schemas.base import JsonValue
from schemas.graph import Edge, Graph, Node
from schemas.workflow import Workflow

FOLDER = Path(__file__).parent

RECORDED = sorted(path.stem for path in (FOLDER / "recordings").glob("get_*.json"))


def recording(name: str) -> Any:
    return json.loads((FOLDER / "recordings" / f"{name}.json").read_bytes())


def expected(name: str) -> Any:
    return json.loads((FOLDER / "expected" / f"{name}.json").read_bytes())


def record(definition: Any, **fields: Any) -> dict[str, Any]:
    return {
        "id": "flow_1",
        "organization_id": "org_1",
        "name": "A flow",
        "definition": definition,
        "version": 1,
        "is_active": True,
        "created_at": 1731667800,
        "updated_at": 1731667800,
        **fields,
    }


def n8n(*nodes: Any, connections: Any = None, **fields: Any) -> dict[str, Any]:
    return record({"nodes": list(nodes), "connections": connections or {}, **fields})


def react_flow(*nodes: Any, edges: Any = (), **fields: Any) -> dict[str, Any]:
    return record({"nodes": list(nodes), "edges": list(edges), **fields})


def step(name: str, node_type: str = "set", **fields: Any) -> dict[str, Any]:
    """A node of the n8n-like shape."""
    known = {"id": f"id-{name}", "name": name, "type": node_type, "typeVersion": 1, "position": [0, 0]}
    return {**known, "parameters": {}, **fields}


def to(name: str, kind: str = "main", index: int = 0, **fields: Any) -> dict[str, Any]:
    """A connection of the n8n-like shape."""
    return {"node": name, "type": kind, "index": index, **fields}


def parse(document: Any) -> Workflow:
    return VENDOR.mapping.parse(Fetched(document), "demo")


def render(workflow: Workflow, base: Any = None) -> Rendered:
    """Render, and prove on the way that the base is left alone."""
    before = copy.deepcopy(base)
    rendered = VENDOR.mapping.render(workflow, base)
    assert json.dumps(base) == json.dumps(before)
    return rendered


def changed(workflow: Workflow, **fields: Any) -> Workflow:
    return Workflow.model_validate({**dict(workflow), **fields})


def with_graph(workflow: Workflow, **fields: Any) -> Workflow:
    return changed(workflow, graph=Graph.model_validate({**dict(workflow.graph), **fields}))


def with_node(workflow: Workflow, which: str, **fields: Any) -> Workflow:
    nodes = [
        Node.model_validate({**dict(node), **fields}) if node.key == which else node
        for node in workflow.graph.nodes
    ]
    assert which in [node.key for node in workflow.graph.nodes]
    return with_graph(workflow, nodes=tuple(nodes))


def with_edge(workflow: Workflow, position: int, **fields: Any) -> Workflow:
    edges = list(workflow.graph.edges)
    edges[position] = Edge.model_validate({**dict(edges[position]), **fields})
    return with_graph(workflow, edges=tuple(edges))


def node_of(workflow: Workflow, key: str) -> Node:
    return next(node for node in workflow.graph.nodes if node.key == key)


def found(workflow: Workflow) -> list[tuple[str, str]]:
    return [(diagnostic.code.value, diagnostic.path) for diagnostic in workflow.diagnostics]


def lost_paths(rendered: Rendered) -> list[str]:
    return [loss.path for loss in rendered.losses]


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """The pointers at which two JSON values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = [*one, *(name for name in other if name not in one)]
        missing = object()
        return [
            place
            for name in names
            for place in differences(one.get(name, missing), other.get(name, missing), f"{path}/{name}")
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [place for index, (a, b) in pairs for place in differences(a, b, f"{path}/{index}")]
    return [] if type(one) is type(other) and one == other else [path]


class FakeHttp:
    """Implements `adapters.contract.Http`: answers from a list and records what was asked."""

    def __init__(
        self, *documents: JsonValue, headers: Mapping[str, str] | None = None, status: int = 200
    ) -> None:
        self.answers = list(documents)
        self.headers = headers or {}
        self.status = status
        self.asked: list[tuple[str, tuple[str, ...], dict[str, Any]]] = []
        self.bodies: list[JsonValue] = []

    async def get(self, *segments: str, parameters: Parameters | None = None) -> Answer:
        return await self.send("GET", *segments, parameters=parameters)

    async def send(
        self, method: str, *segments: str, parameters: Parameters | None = None, body: JsonValue = None
    ) -> Answer:
        self.asked.append((method, segments, dict(parameters or {})))
        self.bodies.append(body)
        document = self.answers.pop(0)
        if isinstance(document, Exception):
            raise document
        return Answer(self.status, self.headers, json.dumps(document).encode(), document)

    @property
    def sent(self) -> list[tuple[str, JsonValue]]:
        """Every call as `METHOD path`, with its body."""
        calls = [f"{method} {'/'.join(segments)}" for method, segments, _ in self.asked]
        return list(zip(calls, self.bodies, strict=True))


@contextlib.asynccontextmanager
async def over_socket(*variants: str) -> AsyncIterator[tuple[Transport, AitronosBackend]]:
    """A transport to the emulator over a real socket, and the emulator's server to look into."""
    options = EmulatorOptions(api_key="ak_test", variants=frozenset(variants))
    backend = AitronosBackend(options)
    running = server(build(replace(EMULATOR, backend=lambda _: backend), options))
    task = asyncio.create_task(running.serve())
    while not running.started:  # noqa: ASYNC110 - uvicorn has a flag, no event
        await asyncio.sleep(0.005)
    port = running.servers[0].sockets[0].getsockname()[1]
    try:
        async with Transport(VENDOR, f"http://127.0.0.1:{port}", "ak_test") as transport:
            yield transport, backend
    finally:
        running.should_exit = True
        await task
