"""One of many callers: it has a workflow of its own, so it knows what every read has to tell."""

import asyncio
import contextlib
import json
import random
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import httpx

from schemas.support import Ability
from tests.contract.conftest import vendors
from tests.contract.test_writes import texts_in, with_text
from tests.soak.tally import Tally
from tests.soak.truth import Truth, Windows, mark_in

LATE_SECONDS: Final = 3.0
"""The longest after which a vendor may still carry out a write that it was too slow to answer."""
REQUESTS_PER_CONNECTION: Final = 20
WRITE_SECONDS: Final = 90.0
"""How long a client sends a write again: longer than a dead worker's key is held."""


@dataclass
class Place:
    """Where a client works.

    Attributes:
        vendor: its name.
        connection: at the gateway.
        native: a document of the vendor's that can be made anew, but for its name.
        passed: the vendor's own path of a workflow, with a place for its id.
        renames: whether a workflow can be given another name.
        direct: the emulator's address and key, to ask for the truth.
    """

    vendor: str
    connection: str
    native: dict[str, Any]
    passed: str
    renames: bool
    direct: tuple[str, dict[str, str]]

    @property
    def base(self) -> str:
        return f"/v1/connections/{self.connection}"

    def can(self, ability: Ability) -> bool:
        return vendors()[self.vendor].support[ability].available


@dataclass
class Client:
    """One caller."""

    http: httpx.AsyncClient
    place: Place
    windows: Windows
    tally: Tally
    chance: random.Random
    number: int
    truth: Truth = field(default_factory=Truth)
    written: int = 0
    loose: set[str] = field(default_factory=set)
    """Names of workflows that may be there or not: nobody told what came of the write."""

    async def run(self, until: float) -> None:
        """Work until it is time."""
        await self.create()
        while time.monotonic() < until:
            if not self.truth.workflow_id:
                await self.create()
                continue
            await self.chance.choices(*self._choices())[0]()
            await asyncio.sleep(self.chance.uniform(0, 0.05))

    def _choices(self) -> tuple[list[Callable[[], Awaitable[None]]], list[float]]:
        acts: list[tuple[Callable[[], Awaitable[None]], float]] = [
            (self.read, 30),
            (self.read_conditionally, 15),
            (self.read_native, 10),
            (self.read_passed, 8),
            (self.list, 8),
            (self.patch, 12),
            (self.delete, 2),
        ]
        if self.place.can(Ability.LIST_VERSIONS):
            acts.append((self.versions, 6))
        if self.place.can(Ability.START_RUN):
            acts.append((self.start_run, 4))
        return [act for act, _ in acts], [weight for _, weight in acts]

    @property
    def path(self) -> str:
        return f"{self.place.base}/workflows/{quote(self.truth.workflow_id, safe='')}"

    async def read(self) -> None:
        reply = await self._asked("read", "GET", self.path)
        if reply is not None and reply.status_code == 200:
            told = mark_in(reply.text)
            self._judge("read", self.truth.contradicts(told), reply)
            self.truth.etag = (reply.headers["etag"], told or "")

    async def read_conditionally(self) -> None:
        if self.truth.etag is None:
            return await self.read()
        headers = {"if-none-match": self.truth.etag[0]}
        reply = await self._asked("conditional read", "GET", self.path, headers=headers)
        if reply is not None and reply.status_code == 304:
            self._judge("conditional read", self.truth.contradicts_304(), reply)
        elif reply is not None:
            self._judge("conditional read", self.truth.contradicts(mark_in(reply.text)), reply)
        return None

    async def read_native(self) -> None:
        reply = await self._asked("native", "GET", f"{self.path}/native")
        if reply is not None:
            self._judge("native", self.truth.contradicts(mark_in(reply.text)), reply)

    async def read_passed(self) -> None:
        path = self.place.passed.format(quote(self.truth.workflow_id, safe=""))
        reply = await self._asked("passed GET", "GET", f"/passthrough/{self.place.connection}{path}")
        if reply is not None:
            self._judge("passed GET", self.truth.contradicts(mark_in(reply.text)), reply)

    async def list(self) -> None:
        reply = await self._asked("list", "GET", f"{self.place.base}/workflows?limit=200")
        if reply is None:
            return
        named = [item["name"] for item in reply.json()["items"] if item["id"] == self.truth.workflow_id]
        # A vendor's page has an end; there may be more workflows than one page holds.
        if named:
            self._judge("list", None if named[0] == self.truth.name else f"another name, {named[0]!r}", reply)

    async def versions(self) -> None:
        reply = await self._asked("versions", "GET", f"{self.path}/versions")
        if reply is not None and not isinstance(reply.json()["items"], list):
            self.tally.wrong.append("versions: no list")

    async def start_run(self) -> None:
        reply = await self._asked("start run", "POST", f"{self.path}/runs", body={"inputs": {}})
        if reply is not None:
            run = quote(reply.json()["id"], safe="")
            await self._asked("run", "GET", f"{self.path}/runs/{run}")

    async def create(self) -> None:
        name = self._name()
        body = {"native": {**self.place.native, "name": name}}
        told = await self._written("create", "POST", f"{self.place.base}/workflows", body)
        self.truth = Truth()
        if told is None:
            self.loose.add(name)
        else:
            self.truth = Truth(await self._id_of(told, name), name, name)

    async def patch(self) -> None:
        if self.place.renames:
            await self._patch_with({"name": self._name()})
            return
        reply = await self._asked("read", "GET", self.path)
        if reply is not None:
            self.written += 1
            mark = f"Mark {self.number}-{self.written}"
            await self._patch_with({"graph": {"nodes": marked(reply.json()["graph"]["nodes"], mark)}})

    async def _patch_with(self, body: dict[str, Any]) -> None:
        told = await self._written("patch", "PATCH", self.path, body)
        if told is None:
            await self._look()
            return
        self.truth.name = body.get("name", self.truth.name)
        self.truth.mark = mark_in(json.dumps(body)) or ""
        self.truth.since = time.monotonic()

    async def delete(self) -> None:
        began = time.monotonic()
        told = await self._written("delete", "DELETE", self.path, None)
        lied = self.windows.lied(self.place.vendor, began, time.monotonic())
        if told is None or lied:
            self.loose.add(self.truth.name)
        # Unknown or not: nobody asks for it again, and the next one is another one.
        if told is not None and not lied:
            reply = await self._asked("deleted", "GET", self.path, also=(404,))
            if reply is not None and reply.status_code == 200 and reply.json().get("status") != "deleted":
                self.tally.wrong.append(f"{self.place.vendor}: a deleted workflow is still there")
        self.truth = Truth()

    def _name(self) -> str:
        self.written += 1
        return f"Soak {self.number}-{self.written}"

    async def _id_of(self, told: Any, name: str) -> str:
        if "workflow" in told:
            return str(told["workflow"]["id"])
        # Made, and not to be read after it: the listing has it sooner or later.
        until = time.monotonic() + WRITE_SECONDS
        first = f"{self.place.base}/workflows?limit=200&text={quote(name)}"
        page = first
        while time.monotonic() < until:
            reply = await self._asked("list", "GET", page)
            listed = {"items": []} if reply is None else reply.json()
            for item in listed["items"]:
                if item["name"] == name:
                    return str(item["id"])
            # A page looks through so many of the vendor's only, and there may be thousands.
            cursor = listed.get("next_cursor")
            page = f"{first}&cursor={quote(cursor)}" if cursor else first
            await asyncio.sleep(0 if cursor else 0.2)
        self.tally.wrong.append(f"create at {self.place.vendor}: {name!r} is acknowledged and in no listing")
        return ""

    async def _look(self) -> None:
        """Learn the truth from the vendor itself, once it has carried out whatever it will."""
        await asyncio.sleep(LATE_SECONDS)
        url, headers = self.place.direct
        path = self.place.passed.format(quote(self.truth.workflow_id, safe=""))
        until = time.monotonic() + WRITE_SECONDS
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=5, trust_env=False) as direct:
            while time.monotonic() < until:
                with contextlib.suppress(httpx.HTTPError, ValueError, TimeoutError):
                    # As a whole: what comes drop by drop never keeps a client waiting for the next one.
                    async with asyncio.timeout(5):
                        reply = await direct.get(path)
                    reply.json()
                    if (mark := mark_in(reply.text)) is not None:
                        self.truth.mark = mark
                        self.truth.since = time.monotonic()
                        self.truth.name = mark if self.place.renames else self.truth.name
                        return
                await asyncio.sleep(0.1)
        self.tally.wrong.append(f"patch at {self.place.vendor}: {self.truth.name!r} is gone")
        self.truth = Truth()

    async def _written(self, operation: str, method: str, path: str, body: Any) -> Any:
        """Send a write with a key until the answer is final; None when nobody knows what came of it."""
        headers = {"idempotency-key": f'"{secrets.token_hex(12)}"'}
        until = time.monotonic() + WRITE_SECONDS
        self._left_behind = False
        while time.monotonic() < until:
            reply = await self._asked(operation, method, path, headers=headers, body=body)
            if reply is not None:
                return reply.json() if reply.content else {}
            if self._last == "outcome_unknown":
                return None
            self._left_behind |= self._last == CUT
            await asyncio.sleep(0.05)
        self.tally.wrong.append(f"{operation} at {self.place.vendor}: no final answer in {WRITE_SECONDS:g} s")
        return None

    _last: str = ""
    _left_behind: bool = False
    """The write's worker was killed: its key stays held until nobody can know what came of it."""

    async def _asked(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        body: Any = None,
        also: tuple[int, ...] = (),
    ) -> httpx.Response | None:
        """Ask once; returns a success, or None for what a fault explains. What nothing explains is noted."""
        began = time.monotonic()
        self._last = ""
        try:
            reply = await self.http.request(method, path, headers=self._parting(headers), json=body)
        except httpx.TransportError as error:
            if self.windows.cut(began, time.monotonic()):
                self._last = CUT
                self.tally.add(operation, CUT, time.monotonic() - began)
            else:
                self._failed(operation, "broken off", began, f"{type(error).__name__} {error}")
            return None
        if reply.is_success or reply.status_code == 304 or reply.status_code in also:
            self.tally.add(operation, "stale" if _is_stale(reply) else "right", time.monotonic() - began)
            return reply
        self._last = _code_of(reply)
        self._failed(operation, self._last, began, reply.text[:300])
        return None

    def _parting(self, headers: dict[str, str] | None) -> dict[str, str] | None:
        """Return the headers, now and then with a word of parting: a worker that is new gets new connections alone."""
        if self.chance.random() < 1 / REQUESTS_PER_CONNECTION:
            return {**(headers or {}), "connection": "close"}
        return headers

    def _failed(self, operation: str, code: str, began: float, said: str) -> None:
        now = time.monotonic()
        explained = self.windows.explain(self.place.vendor, began, now)
        explained |= LEFT_BEHIND if self._left_behind else set()
        self.tally.add(operation, code, now - began)
        passed = operation.startswith("passed") and bool(explained)
        if code not in explained and not (passed and (code == "broken off" or code in _STATUSES)):
            self.tally.wrong.append(
                f"{operation} at {self.place.vendor}: {code}, which no fault explains: {said}"
            )

    def _judge(self, operation: str, contradiction: str | None, reply: httpx.Response) -> None:
        if contradiction is not None:
            told = reply.headers.get("cache-status")
            # What is passed through may be a fault's own words.
            if operation.startswith("passed") and self.windows.explain(
                self.place.vendor, time.monotonic() - 1, time.monotonic()
            ):
                return
            self.tally.wrong.append(
                f"{operation} at {self.place.vendor}: {contradiction} ({told}), "
                f"{self.truth.age:.3f} s after it was acknowledged"
            )


CUT: Final = "cut by a kill"
LEFT_BEHIND: Final = frozenset({"idempotency_in_flight", "outcome_unknown"})
_STATUSES: Final = frozenset(map(str, range(300, 600)))


def _is_stale(reply: httpx.Response) -> bool:
    """Say whether an answer is older than it was to become (RFC 9211 section 2.2)."""
    told = reply.headers.get("cache-status", "")
    return "; hit" in told and "ttl=-" in told


def _code_of(reply: httpx.Response) -> str:
    if reply.headers.get("content-type") == "application/problem+json":
        return str(json.loads(reply.content).get("code", reply.status_code))
    return str(reply.status_code)


def marked(nodes: list[dict[str, Any]], mark: str) -> list[dict[str, Any]]:
    """Return nodes with a mark in the place of the one before, or of their longest text."""
    texts = [text for node in nodes for text in texts_in(node["config"])]
    old = next((text for text in texts if text.startswith("Mark ")), None) or max(texts, key=len)
    return [{**node, "config": with_text(node["config"], old, mark)} for node in nodes]
