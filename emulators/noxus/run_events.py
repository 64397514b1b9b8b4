"""The event stream of a run (server-sent events), resumable by the `redisId` of an event already seen."""

import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator

from starlette.responses import StreamingResponse

from emulators.noxus.errors import ApiError
from emulators.noxus.runs import Run
from emulators.noxus.state import Record
from emulators.noxus.web import Call, RouteTable

_REDIS_ID = re.compile(r"([0-9]{1,15})-([0-9]{1,6})")


def sse(event: str, data: object) -> bytes:
    """Return one server-sent event."""
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def stream(events: Iterable[bytes]) -> StreamingResponse:
    """Return events as a stream that closes after the last."""

    async def sent() -> AsyncIterator[bytes]:
        for event in events:
            yield event

    headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
    return StreamingResponse(sent(), media_type="text/event-stream", headers=headers)


def _steps(run: Run) -> Iterator[tuple[str, Record]]:
    """Yield the type and data of every event of a run at its end.

    A `stopped` run and one that waits for a person have no terminal event: their stream just closes.
    """
    for node in run.executed:
        yield "content", {"id": node["id"], "status": "running"}
        yield "content", {"id": node["id"], "status": "completed", "content": run.text(node)}
    rest = run.nodes[len(run.executed) :]
    if run.status == "failed" and rest:
        yield "content", {"id": rest[0]["id"], "status": "failed", "content": run.fault}
    yield "state", {"status": run.status, "progress_details": run.details()}
    if run.status in {"completed", "failed"}:
        yield "content", {"id": run.id, "status": run.status, "workflow_status": run.status}


def events(run: Run) -> list[Record]:
    """Return a run's events as they are sent, each with its `redisId`: milliseconds, then a counter."""
    start = int(run.created_at.timestamp() * 1000)
    return [
        {"type": kind, "data": data, "redisId": f"{start + index}-0"}
        for index, (kind, data) in enumerate(_steps(run))
    ]


def position(redis_id: str | None) -> tuple[int, int]:
    """Return where an etag points; nothing or nonsense is the beginning."""
    found = _REDIS_ID.fullmatch(redis_id or "")
    return (int(found[1]), int(found[2])) if found else (-1, 0)


def run_events(call: Call) -> StreamingResponse:
    """Stream a run to its end, from the event after `etag` on."""
    if call.variant("no_run_events"):
        raise ApiError(404, "Not Found")
    run = call.state.run(call.path_id("run_id"))
    run.end(call.state.moment())
    after = position(call.query.text("etag"))
    wanted = [event for event in events(run) if position(event["redisId"]) > after]
    return stream(sse("message", event) for event in wanted)


ROUTES: RouteTable = (("GET", "/v1/runs/{run_id}/events", run_events),)
