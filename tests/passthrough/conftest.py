"""A gateway in front of a made-up vendor that says byte for byte what a test wants."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from gateway.app import create_app
from gateway.callers import hash_key
from gateway.environment import Secret
from gateway.settings import CallerSettings, Settings
from tests.adapters.loopback import Loopback, made_up_vendor
from tests.cache.reading import Clock
from tests.gateway.in_process import Reply
from tests.house import KEY

SECRET = "sk-acme-4f9d2c71"
READER_KEY = "test-key-for-reading-only"
Pair = tuple[bytes, bytes]
Build = Callable[..., contextlib.AbstractAsyncContextManager["Gateway"]]


@dataclass
class Gateway:
    """An application that is started."""

    app: Any
    clock: Clock
    sent: list[Any] = field(default_factory=list)

    async def ask(
        self,
        target: bytes | str,
        headers: Iterable[Pair] = (),
        method: str = "GET",
        body: Iterable[bytes] | None = None,
        key: str = KEY,
    ) -> Reply:
        raw = target.encode() if isinstance(target, str) else target
        path, _, query = raw.partition(b"?")
        named = [(b"host", b"127.0.0.1"), (b"x-api-key", key.encode()), *headers]
        pieces = list(body or ())
        if body is not None and not any(
            name in (b"content-length", b"transfer-encoding") for name, _ in named
        ):
            named.append((b"content-length", str(sum(map(len, pieces))).encode()))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path.decode("latin-1"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": named,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8080),
        }
        sent: list[Any] = []

        async def receive() -> Any:
            await asyncio.sleep(0)
            piece = pieces.pop(0) if pieces else b""
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start, *rest = sent
        self.sent = sent
        return Reply(
            start["status"], list(start["headers"]), b"".join(message.get("body", b"") for message in rest)
        )


@pytest.fixture
async def vendor() -> AsyncIterator[Loopback]:
    async with Loopback() as server:
        yield server


@pytest.fixture
def gateway(vendor: Loopback) -> Build:
    """`async with gateway(allow=[...]) as running` starts one, with changes to `passthrough` (and `cache`, `path`)."""

    @contextlib.asynccontextmanager
    async def started(
        *,
        cache: dict[str, Any] | None = None,
        path: str = "",
        url: str | None = None,
        limits: dict[str, Any] | None = None,
        caller: dict[str, Any] | None = None,
        audit: str | None = None,
        expires: datetime | None = None,
        **changes: Any,
    ) -> AsyncIterator[Gateway]:
        clock = Clock(1_800_000_000.0)
        own = {
            "vendor": "acme",
            "base_url": (url or vendor.url) + path,
            "credential": "env:UNUSED",
            "cache": cache or {},
            "limits": limits or {},
            "passthrough": {"enabled": True, **changes},
        }
        rights = ("read", "passthrough")
        callers = (
            CallerSettings(
                name="all", key_hashes=(hash_key(KEY),), rights=rights, limits=caller or {}, expires=expires
            ),
            CallerSettings(name="reader", key_hashes=(hash_key(READER_KEY),)),
        )
        settings = Settings.model_validate(
            {
                "source": __file__,
                "callers": callers,
                "server": {"audit": {"file": audit}},
                "connections": {"main": own, "shut": {**own, "passthrough": {}}},
            },
            strict=False,
        )
        secrets = {"main": Secret(SECRET), "shut": Secret(SECRET)}
        app = create_app(settings, {"acme": made_up_vendor()}, secrets, clock)
        inward: asyncio.Queue[Any] = asyncio.Queue()
        outward: asyncio.Queue[Any] = asyncio.Queue()
        running = asyncio.create_task(app({"type": "lifespan"}, inward.get, outward.put))
        await inward.put({"type": "lifespan.startup"})
        assert (await outward.get())["type"] == "lifespan.startup.complete"
        try:
            yield Gateway(app, clock)
        finally:
            await inward.put({"type": "lifespan.shutdown"})
            await running

    return started
