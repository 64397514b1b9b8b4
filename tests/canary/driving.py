"""Asks everything that a gateway's own description offers, and more, and keeps all that it is told."""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from tests.canary.installation import Keys
from tests.canary.planted import Place, Planted
from tests.cli.processes import PATIENCE

AT_ONCE: Final = 24
TIMES: Final = "00-{}-b7ad6b7169203331-01"
_PARAMETER: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Route:
    """An operation of the description."""

    method: str
    path: str
    queries: tuple[str, ...]
    body: bytes | None
    media_type: str

    def of(self, names: Mapping[str, str]) -> str:
        """Return its path with names in place of its parameters."""
        return _PARAMETER.sub(lambda match: names.get(match[1], "1"), self.path)

    @property
    def has_connection(self) -> bool:
        return "{connection}" in self.path


def routes_of(description: Mapping[str, Any], content: str) -> Iterator[Route]:
    """Yield every operation of a description; what it writes holds some content."""
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            parameters = operation.get("parameters", [])
            queries = tuple(each["name"] for each in parameters if each["in"] == "query")
            bodies = operation.get("requestBody", {}).get("content", {})
            for media_type, offered in (bodies or {"": {}}).items():
                example = offered.get("example")
                body = None if example is None else json.dumps(_filled(example, content)).encode()
                yield Route(method.upper(), path, queries, body, media_type)


def _filled(example: Any, content: str) -> Any:
    """Return an example that holds some content, at every text that may be any."""
    if isinstance(example, dict):
        free = ("name", "description", "note", "question", "model")
        return {
            name: content if name in free and isinstance(value, str) else _filled(value, content)
            for name, value in example.items()
        }
    return [_filled(each, content) for each in example] if isinstance(example, list) else example


@dataclass
class Driver:
    """Asks one gateway.

    Attributes:
        url: where it is.
        planted: every secret.
        places: what was answered.
        statuses: which statuses each route was answered with, so that a drive that reaches nothing is noticed.
    """

    url: str
    planted: Planted
    places: list[Place] = field(default_factory=list)
    statuses: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def headers(self) -> dict[str, str]:
        """Return what every request brings with it."""
        planted = self.planted
        return {
            "user-agent": planted("User-Agent"),
            "referer": f"https://dashboard.example/{planted('Referer')}",
            "origin": f"https://{planted('Origin')[:32]}.example",
            "cookie": f"session={planted('key in a cookie', 'wg_{}-0123456789')}",
            "tracestate": f"acme={planted('tracestate')}",
            "traceparent": TIMES.format("0af7651916cd43dd8448eb211c80319c"),
            "forwarded": f"for={planted('Forwarded')}",
            "x-custom": planted("header of nobody's"),
            "prefer": f"wait=5, x={planted('Prefer')}",
        }

    async def ask(self, method: str, target: str, body: bytes | None = None, **headers: str) -> int:
        """Ask, keep the answer as it came, and return its status; 0 for none."""
        named = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        lines = [f"{method} {target} HTTP/1.1", "host: localhost", "connection: close"]
        lines += [f"{name}: {value}" for name, value in named.items()]
        if body is not None:
            lines.append(f"content-length: {len(body)}")
        data = await self.exchange("\r\n".join((*lines, "", "")).encode("latin-1") + (body or b""))
        told = self.planted.names_in(target.encode())
        self.places.append(Place(f"answer to {method} {target}", data, told))
        return int(data[9:12]) if data.startswith(b"HTTP/1.1 ") else 0

    async def exchange(self, sent: bytes, *, ended: bool = False) -> bytes:
        """Send something, perhaps with its end, and return all that comes back, chunks put together."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(sent)
            if ended:
                writer.write_eof()
            data = await asyncio.wait_for(reader.read(-1), PATIENCE)
        except ConnectionError as error:
            return repr(error).encode()
        finally:
            writer.close()
        head, gap, body = data.partition(b"\r\n\r\n")
        return head + gap + _put_together(body) if b"transfer-encoding: chunked" in head.lower() else data

    async def ask_routes(
        self, routes: Sequence[Route], connections: Iterable[str], names: Mapping[str, str], note: str
    ) -> list[int]:
        """Ask every route of every connection at once, with a key that may do everything; returns the statuses."""
        asked = [
            (route, route.of({**names, "connection": connection}))
            for connection in connections
            for route in routes
        ]
        places = asyncio.Semaphore(AT_ONCE)

        async def one(route: Route, target: str) -> int:
            async with places:
                status = await self.ask(route.method, target, route.body, **self._own(route, note))
                self.statuses[f"{route.method} {route.path}"].add(status)
                return status

        return await asyncio.gather(*(one(route, target) for route, target in asked))

    def _own(self, route: Route, note: str) -> dict[str, str]:
        own = {"x_api_key": Keys(self.planted).good}
        if route.media_type:
            own["content_type"] = route.media_type
        if route.method not in ("GET", "DELETE"):
            number = next(self._numbers)
            own["idempotency_key"] = f"{self.planted('Idempotency-Key')}-{note.replace(' ', '-')}-{number}"
        return own


def _put_together(chunked: bytes) -> bytes:
    """Return a body out of its chunks, as far as they came."""
    pieces = []
    while chunked:
        size, _, rest = chunked.partition(b"\r\n")
        length = int(size or b"0", 16)
        pieces.append(rest[:length])
        chunked = rest[length + 2 :]
    return b"".join(pieces)


async def ask_by_every_key(driver: Driver, targets: Sequence[str]) -> None:
    """Show keys in every place where a key can be, good ones and others, at some addresses."""
    keys = Keys(driver.planted)
    shown: list[dict[str, str]] = [
        {"x_api_key": keys.good},
        {"authorization": f"Bearer {keys.bearer}"},
        {"x_api_key": keys.retiring},
        {"x_api_key": keys.expired},
        {"x_api_key": keys.own_making},
        {"x_api_key": keys.wrong},
        {"authorization": f"Bearer {keys.wrong_bearer}"},
        {"authorization": f"Basic {keys.wrong_bearer}"},
        {"x_api_key": keys.good, "authorization": f"Bearer {keys.wrong_bearer}"},
        {},
    ]
    lost, own = driver.planted("key in a path", "wg_{}-0123456789"), keys.own_making
    asked = driver.planted("key in the query", "wg_{}-0123456789")
    for headers in shown:
        for method in ("GET", "HEAD", "OPTIONS", "POST", "DELETE"):
            for target in (*targets, f"/{lost}", f"/v1/connections/noxus/workflows/{lost}"):
                await driver.ask(method, target, **headers)
            await driver.ask(method, f"{targets[0]}?api_key={asked}&key={keys.good}", **headers)
    for base in ("/v1/connections/noxus/workflows", "/passthrough/noxus/v1/workflows"):
        for method in ("GET", "POST"):
            await driver.ask(method, f"{base}/{own}", x_api_key=own)
            await driver.ask(method, f"{base}/x{own}?k={own}", x_api_key=own)
    seen = f'"{driver.planted("validator")}"'
    for target in (
        f"{targets[0]}?text={driver.planted('text searched for')}&limit=3",
        f"{targets[1]}?cursor={asked}",
    ):
        for condition in ("if_none_match", "if_match", "last_event_id"):
            await driver.ask("GET", target, x_api_key=keys.good, **{condition: seen})
    preflight = {"access_control_request_method": "POST", "access_control_request_headers": "x-api-key"}
    await driver.ask("OPTIONS", targets[0], **preflight)


async def ask_raw(driver: Driver, heads: Iterable[bytes]) -> None:
    """Send what is no proper request, and keep what comes back."""
    for head in heads:
        driver.places.append(Place(f"answer to {head[:40]!r}", await driver.exchange(head, ended=True)))
