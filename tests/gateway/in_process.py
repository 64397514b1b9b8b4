"""The gateway in this process, asked as a server asks it: raw headers in, raw headers out, with a clock of our own."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

from adapters.registry import load_all
from gateway.app import create_app
from gateway.environment import Secret
from gateway.settings import SHARED_URL, CacheSettings, CacheTimes, SharedCacheSettings
from tests.cache.reading import Clock
from tests.house import KEY, House, settings_for

Pairs = Sequence[tuple[bytes, bytes]]


class Reply(NamedTuple):
    """An answer: status, headers in their order, body."""

    status: int
    head: list[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: str) -> str | None:
        values = [value.decode("latin-1") for key, value in self.head if key == name.encode()]
        assert len(values) < 2
        return values[0] if values else None


@dataclass
class InProcess:
    """An application that is started."""

    app: Any
    clock: Clock = field(default_factory=Clock)

    async def ask(
        self,
        target: str,
        *headers: tuple[str, str],
        method: str = "GET",
        key: str = KEY,
        body: Any = None,
    ) -> Reply:
        """Ask as a caller does; a body that is no bytes is sent as JSON."""
        sent_body = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        path, _, query = target.partition("?")
        raw = [(b"host", b"127.0.0.1"), (b"x-api-key", key.encode()), (b"x-request-id", b"fixed")]
        if sent_body and not any(name == "content-type" for name, _ in headers):
            raw.append((b"content-type", b"application/json"))
        raw += [(name.encode(), value.encode("latin-1")) for name, value in headers]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode("ascii"),
            "query_string": query.encode("ascii"),
            "root_path": "",
            "headers": raw,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8080),
        }
        sent: list[Any] = []
        received: list[bool] = []

        async def receive() -> Any:
            await asyncio.sleep(0)
            if received:
                await asyncio.Event().wait()  # the caller stays to the end
            received.append(True)
            return {"type": "http.request", "body": sent_body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start, *rest = sent
        body = b"".join(message.get("body", b"") for message in rest)
        return Reply(start["status"], list(start["headers"]), body)


@contextlib.asynccontextmanager
async def in_process(
    house: House, times: CacheTimes | None = None, redis_url: str | None = None, **changes: Any
) -> AsyncIterator[InProcess]:
    """Start a gateway in front of a house's emulators, with the cache on and `changes` to its settings."""
    # Redis goes by the time of its own.
    clock = Clock(1_800_000_000.0 if redis_url is None else time.time())
    settings, secrets = settings_for(house.emulators, times or CacheTimes(), hasty=False)
    if redis_url is not None:
        # Patient: what is shared is tested here, not what a busy machine makes late.
        shared = SharedCacheSettings(
            url=redis_url, prefix=changes.pop("prefix", "wg"), patience_seconds=1, call_seconds=5
        )
        changes["cache"] = CacheSettings(shared=shared)
        secrets[SHARED_URL] = Secret(redis_url)
    settings = settings.model_copy(update=changes)
    async with started(create_app(settings, load_all(), secrets, clock), clock) as gateway:
        yield gateway


@contextlib.asynccontextmanager
async def started(app: Any, clock: Clock) -> AsyncIterator[InProcess]:
    """Start an application, and stop it again."""
    inward: asyncio.Queue[Any] = asyncio.Queue()
    outward: asyncio.Queue[Any] = asyncio.Queue()
    running = asyncio.create_task(
        app({"type": "lifespan", "asgi": {"version": "3.0"}}, inward.get, outward.put)
    )
    await inward.put({"type": "lifespan.startup"})
    assert (await outward.get())["type"] == "lifespan.startup.complete"
    try:
        yield InProcess(app, clock)
    finally:
        await inward.put({"type": "lifespan.shutdown"})
        await running


def path_of(item: dict[str, Any], *more: str) -> str:
    """Return the path of a listed workflow."""
    parts = ("v1", "connections", item["connection"], "workflows", item["id"], *more)
    return "/" + "/".join(quote(part, safe="") for part in parts)
