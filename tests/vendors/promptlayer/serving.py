"""PromptLayer's emulator over a socket or in process, and a way to put workflows into it that its API cannot make."""

import asyncio
import contextlib
import dataclasses
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx

from adapters.contract import Fetched
from adapters.promptlayer import VENDOR
from adapters.promptlayer.api import PromptLayerApi
from adapters.transport import Transport
from emulators.contract import EmulatorOptions
from emulators.control import build
from emulators.promptlayer import EMULATOR
from emulators.promptlayer.backend import PromptLayerBackend
from emulators.promptlayer.records import Version
from emulators.server import server
from schemas.workflow import Workflow

KEY = "pl_test"
API = PromptLayerApi()


@contextlib.asynccontextmanager
async def served(*variants: str) -> AsyncIterator[Transport]:
    """A transport to the emulator over a real socket, with some of the documented contradictions."""
    running = server(build(EMULATOR, EmulatorOptions(api_key=KEY, variants=frozenset(variants))))
    task = asyncio.create_task(running.serve())
    while not running.started:  # noqa: ASYNC110 - uvicorn has a flag, no event
        await asyncio.sleep(0.005)
    port = running.servers[0].sockets[0].getsockname()[1]
    try:
        async with Transport(VENDOR, f"http://127.0.0.1:{port}", KEY) as transport:
            yield transport
    finally:
        running.should_exit = True
        await task


@contextlib.asynccontextmanager
async def planted(document: Any) -> AsyncIterator[Transport]:
    """A transport to an emulator whose one workflow, 1, reads as this document with ids put in."""
    options = EmulatorOptions(api_key=KEY, seeded=False)
    backend = PromptLayerBackend(options)
    state = backend.shared.state
    state.reserve("workflow", 0)
    workflow = state.add_workflow("planted", None)
    state.workflows = {1: dataclasses.replace(workflow, workflow_id=1)}
    known = {"nodes", "edges", "required_input_variables"}
    version = Version(
        number=1,
        version_id=state.number("version"),
        nodes=[{"id": str(uuid.uuid4()), **node} for node in document["nodes"]],
        edges=[{"id": str(uuid.uuid4()), **edge} for edge in document["edges"]],
        variables=document["required_input_variables"],
        commit_message=None,
        created_at=None,
        extra={name: value for name, value in document.items() if name not in known},
    )
    state.workflows[1].versions.append(version)
    application = build(dataclasses.replace(EMULATOR, backend=lambda _: backend), options)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(application))
    async with Transport(VENDOR, "http://emulator", KEY, None, client) as transport:
        yield transport


async def read(http: Transport, workflow_id: str) -> tuple[Fetched, Workflow]:
    """Return a workflow as it is now, native and canonical."""
    fetched = await API.fetch(http, workflow_id)
    return fetched, VENDOR.mapping.parse(fetched, "demo")


OF_EVERY_VERSION = {"version", "workflow_version_id", "created_at", "commit_message", "release_labels"}


def content_of(document: Any) -> Any:
    """Return a document without what every version has of its own."""
    own = {"id", "workflow_version_id"}
    kept = {name: value for name, value in document.items() if name not in OF_EVERY_VERSION}
    for part in ("nodes", "edges"):
        kept[part] = [
            {name: value for name, value in item.items() if name not in own} for item in document[part]
        ]
    return kept
