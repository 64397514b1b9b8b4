"""A small vendor's server in memory, with every ability there is, that notes its calls and fails when told to."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulators.server import server

Document = dict[str, Any]


class _Json(Response):
    """JSON that may hold what UTF-8 cannot, escaped."""

    def __init__(self, content: Any, status: int = 200) -> None:
        super().__init__(json.dumps(content).encode("ascii"), status, media_type="application/json")


FIRST: Document = {
    "id": "w1",
    "name": "first flow",
    "description": "the first",
    "steps": [{"key": "a", "type": "ask", "config": {"n": 1.0, "deep": {"none": None}}}],
    "revision": 1,
    "x_unknown": {"kept": [1, 1.0, None, "ü"]},
}


@dataclass
class FakeServer:
    """What the vendor has.

    Attributes:
        documents: workflows by id; `name` is an alias.
        versions: of each workflow.
        labels: of each workflow, to a version's number.
        assistants: the id of each one's workflow.
        runs: by id.
        calls: method and path of each.
        bodies: of the calls that are no GET.
        fail: status that the next call that is no GET is answered with; `done` makes the change first.
        gate: calls that are no GET wait for it.
        words: what it says when a link is ended.
        events: what a followed run tells, and a sign that somebody asked.
    """

    documents: dict[str, Document] = field(default_factory=lambda: {"w1": copy.deepcopy(FIRST)})
    versions: dict[str, list[Document]] = field(
        default_factory=lambda: {"w1": [{"number": 1, "note": "start"}]}
    )
    labels: dict[str, dict[str, int]] = field(default_factory=lambda: {"w1": {}})
    assistants: dict[str, str] = field(default_factory=lambda: {"as1": "w1"})
    runs: dict[str, Document] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    fail: int | None = None
    done: bool = False
    whole_answers: bool = True
    words: str | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    events: list[Document] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    @property
    def changes(self) -> list[str]:
        return [call for call in self.calls if not call.startswith("GET ")]

    def find(self, name: str) -> Document | None:
        found = self.documents.get(name)
        return found or next((one for one in self.documents.values() if one["name"] == name), None)


Handler = Callable[[FakeServer, Request, Any], Awaitable[Response] | Response]


def _told(found: Document | None, status: int = 200) -> Response:
    return _Json({"error": "no such thing"}, 404) if found is None else _Json(found, status)


def _after(fake: FakeServer, found: Document, status: int = 200) -> Response:
    return _Json(found if fake.whole_answers else {"id": found["id"]}, status)


def _list(fake: FakeServer, _: Request, __: Any) -> Response:
    return _Json({"items": list(fake.documents.values())})


def _get(fake: FakeServer, request: Request, _: Any) -> Response:
    return _told(fake.find(request.path_params["id"]))


def _create(fake: FakeServer, _: Request, body: Any) -> Response:
    if not body.get("name"):
        return _Json({"error": "a name is required"}, 422)
    made = {**body, "id": f"w{len(fake.documents) + 1}", "revision": 1}
    fake.documents[made["id"]] = made
    fake.versions[made["id"]], fake.labels[made["id"]] = [{"number": 1}], {}
    return _after(fake, made, 201)


def _update(fake: FakeServer, request: Request, body: Any) -> Response:
    found = fake.find(request.path_params["id"])
    if found is None:
        return _told(None)
    found.update(body, revision=found["revision"] + 1)
    return _after(fake, found)


def _delete(fake: FakeServer, request: Request, _: Any) -> Response:
    found = fake.find(request.path_params["id"])
    if found is None:
        return _told(None)
    del fake.documents[found["id"]]
    return Response(status_code=204)


def _versions(fake: FakeServer, request: Request, body: Any) -> Response:
    found = fake.find(request.path_params["id"])
    if found is None:
        return _told(None)
    kept = fake.versions[found["id"]]
    if request.method == "GET":
        return _Json({"items": kept})
    found.update(body["content"])
    kept.append({"number": len(kept) + 1, "note": body["note"], "name": body["name"]})
    for label in body["labels"]:
        fake.labels[found["id"]][label] = len(kept)
    return _Json(kept[-1], 201)


def _version(fake: FakeServer, request: Request, body: Any) -> Response:
    found, number = fake.find(request.path_params["id"]), int(request.path_params["version"])
    if found is None or number > len(fake.versions[found["id"]]):
        return _told(None)
    version = fake.versions[found["id"]][number - 1]
    if request.method == "GET":
        return _Json(found)
    version.update(note=body["note"], name=body["name"])
    found.update(body["content"])
    return _Json(version)


def _labels(fake: FakeServer, request: Request, body: Any) -> Response:
    found = fake.find(request.path_params["id"])
    if found is None:
        return _told(None)
    kept = fake.labels[found["id"]]
    if request.method == "PUT":
        kept[body["label"]] = int(body["version"])
    return _Json({"items": [{"name": name, "version": number} for name, number in kept.items()]})


def _assistant(fake: FakeServer, request: Request, body: Any) -> Response:
    assistant = request.path_params["id"]
    found = fake.documents.get(fake.assistants.get(assistant, ""))
    if found is None:
        return _told(None)
    if request.method == "DELETE":
        return _Json({"workflow": fake.assistants.pop(assistant), "message": fake.words})
    if request.method == "PATCH":
        found.update(body)
    return _Json(found)


def _promote(fake: FakeServer, request: Request, body: Any) -> Response:
    found = fake.find(request.path_params["id"])
    if found is None:
        return _told(None)
    name = f"as{len(fake.assistants) + 1}"
    fake.assistants[name] = found["id"]
    return _Json({"assistant": name, "workflow": found["id"], "named": body["name"]}, 201)


def _convert(fake: FakeServer, request: Request, body: Any) -> Response:
    made = {"id": f"w{len(fake.documents) + 1}", "name": body["name"], "steps": [], "revision": 1}
    fake.documents[made["id"]] = made
    fake.assistants[request.path_params["id"]] = made["id"]
    return _Json({"workflow": made["id"]}, 201)


def _run(fake: FakeServer, request: Request, body: Any) -> Response:
    if request.method == "GET":
        return _told(fake.runs.get(request.path_params["run"]))
    if request.method == "DELETE":
        fake.runs[request.path_params["run"]]["state"] = "cancelled"
        return _Json(fake.runs[request.path_params["run"]])
    run = {"id": f"r{len(fake.runs) + 1}", "state": "running", "given": body}
    fake.runs[run["id"]] = run
    return _Json(run, 202)


async def _event(fake: FakeServer, request: Request, _: Any) -> Response:
    """Answer with the event after the one named; wait for it if there is none yet."""
    number = int(request.path_params["number"])
    fake.asked.set()
    while len(fake.events) <= number:
        if await request.is_disconnected():
            fake.left.set()
            return Response()
        await asyncio.sleep(0.01)
    event = fake.events[number]
    return _Json(event, 503 if event.get("fail") else 200)


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/workflows", _list),
    ("POST", "/workflows", _create),
    ("GET", "/workflows/{id}", _get),
    ("PATCH", "/workflows/{id}", _update),
    ("DELETE", "/workflows/{id}", _delete),
    ("GET POST", "/workflows/{id}/versions", _versions),
    ("GET PATCH", "/workflows/{id}/versions/{version}", _version),
    ("GET PUT", "/workflows/{id}/labels", _labels),
    ("GET PATCH DELETE", "/assistants/{id}/workflow", _assistant),
    ("POST", "/workflows/{id}/promote", _promote),
    ("POST", "/assistants/{id}/convert", _convert),
    ("POST", "/workflows/{id}/runs", _run),
    ("GET DELETE", "/runs/{run}", _run),
    ("GET", "/runs/{run}/events/{number}", _event),
)


def application(fake: FakeServer) -> Starlette:
    def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            fake.calls.append(f"{request.method} {request.url.path}")
            body = None if request.method == "GET" else await request.json() if await request.body() else None
            fail = None
            if request.method != "GET":
                fake.bodies.append(body)
                await fake.gate.wait()
                fail, fake.fail = fake.fail, None
                if fail is not None and not fake.done:
                    return _Json({"error": "told to fail"}, fail)
            found = handler(fake, request, body)
            response = found if isinstance(found, Response) else await found
            return response if fail is None else _Json({"error": "told to fail"}, fail)

        return answer

    return Starlette(routes=[Route(path, endpoint(one), methods=how.split()) for how, path, one in ROUTES])


@asynccontextmanager
async def running_fake() -> AsyncIterator[FakeServer]:
    """Serve a new one on a socket of this loop."""
    fake = FakeServer()
    fake.gate.set()
    running = server(application(fake))
    task = asyncio.create_task(running.serve())
    while not running.started:  # noqa: ASYNC110 - a flag, no event
        await asyncio.sleep(0.005)
    fake.url = f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield fake
    finally:
        fake.gate.set()
        running.should_exit = True
        await task
