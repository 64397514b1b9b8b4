"""A run that is followed, as server-sent events (WHATWG HTML, section 9.2)."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from types import MappingProxyType
from typing import Any, Final

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from gateway.edge.context import NOTES
from gateway.edge.lasting import NoLonger
from gateway.writing.runs import Followed, Told
from schemas.problem import Problem
from schemas.serialising import to_json

EVENT_STREAM = "text/event-stream"
_HEADERS = (("cache-control", "no-store"), ("x-accel-buffering", "no"))
"""Neither kept nor held back by a proxy."""

DESCRIBED: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "type": "object",
        "description": "One event of the stream.",
        "properties": {
            "id": {"type": "string", "description": "Where to go on from, as `Last-Event-ID`."},
            "event": {"enum": ["run", "problem"], "description": "What `data` is."},
            "data": {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/RunEvent"},
                        {"$ref": "#/components/schemas/Problem"},
                    ]
                },
            },
        },
        "required": ["event", "data"],
    }
)
"""One event in JSON Schema: its fields are texts, and what `data` says in JSON is described beside it."""


class EventStream(StreamingResponse):
    """Events as they happen; when the caller leaves, what they come from is closed."""

    def __init__(self, events: Followed, held: AbstractAsyncContextManager[None]) -> None:
        """Make a stream.

        Args:
            events: what is told.
            held: raises `NoLonger` when the caller may not follow any more; the stream breaks off then.
        """
        super().__init__(_lines(events), media_type=EVENT_STREAM, headers=dict(_HEADERS))
        self._events = events
        self._held = held

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with self._held:
                await super().__call__(scope, receive, send)
        except NoLonger as error:
            # Without an end the server closes the connection.
            scope[NOTES]["note"] = str(error)
        finally:
            await asyncio.shield(asyncio.ensure_future(self._events.aclose()))


async def _lines(events: AsyncIterator[Told]) -> AsyncIterator[bytes]:
    # Something at once, so that whoever follows knows that it has begun.
    yield b": following\n\n"
    async for event in events:
        yield _line(event)


def _line(event: Told) -> bytes:
    if event is None:
        return b": still there\n\n"
    if isinstance(event, Problem):
        return b"event: problem\ndata: " + to_json(event) + b"\n\n"
    told = b"event: run\ndata: " + to_json(event) + b"\n\n"
    name = event.id
    if name is None or not name.isprintable():
        return told
    return b"id: " + name.encode("utf-8", "replace") + b"\n" + told
