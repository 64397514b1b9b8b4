"""One of many callers: it has a workflow of its own, so it knows what every read has to tell."""

import asyncio
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
from tests.soak.tally import Tally
from tests.soak.truth import Truth, Windows

LATE_SECONDS: Final = 3.0
"""The longest after which a vendor may still carry out a write that it was too slow to answer."""
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
        direct: the emulator's address and key, to ask for the truth.
    """

    vendor: str
    connection: str
    native: dict[str, Any]
    passed: str
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
            told = reply.json()["name"]
            self._judge("read", self.truth.contradicts(told), reply)
            self.truth.etag = (reply.headers["etag"], told)

    async def read_conditionally(self) -> None:
        if self.truth.etag is None:
            return await self.read()
        headers = {"if-none-match": self.truth.etag[0]}
        reply = await self._asked("conditional read", "GET", self.path, headers=headers)
        if reply is not None and reply.status_code == 304:
            self._judge("conditional read", self.truth.contradicts_304(), reply)
        elif reply is not None:
            self._judge("conditional read", self.truth.contradicts(reply.json()["name"]), reply)
        return None

    async def read_native(self) -> None:
        reply = await self._asked("native", "GET", f"{self.path}/native")
        if reply is not None:
            self._judge("native", None if self.truth.name in reply.text else "another name", reply)

    async def read_passed(self) -> None:
        path = self.place.passed.format(quote(self.truth.workflow_id, safe=""))
        reply = await self._asked("passed GET", "GET", f"/passthrough/{self.place.connection}{path}")
        if reply is not None:
            self._judge("passed GET", None if self.truth.name in reply.text else "another name", reply)

    async def list(self) -> None:
        reply = await self._asked("list", "GET", f"{self.place.base}/workflows?limit=200")
        if reply is None:
            return
        named = [item["name"] for item in reply.json()["items"] if item["id"] == self.truth.workflow_id]
        # A vendor's page has an end; there may be more workflows than one page holds.
        if named:
            self._judge("list", self.truth.contradicts(named[0]), reply)

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
        if told is not None:
            self.truth = Truth(await self._id_of(told, name), name)

    async def patch(self) -> None:
        name = self._name()
        told = await self._written("patch", "PATCH", self.path, {"name": name})
        if told is None:
            await self._look()
        else:
            self.truth.name = name

    async def delete(self) -> None:
        told = await self._written("delete", "DELETE", self.path, None)
        # Unknown or not: nobody asks for it again, and the next one is another one.
        if told is not None:
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
        while True:
            reply = await self.http.get(f"{self.place.base}/workflows?limit=200&text={quote(name)}")
            for item in reply.json()["items"] if reply.is_success else ():
                if item["name"] == name:
                    return str(item["id"])
            await asyncio.sleep(0.2)

    async def _look(self) -> None:
        """Learn the truth from the vendor itself, once it has carried out whatever it will."""
        await asyncio.sleep(LATE_SECONDS)
        url, headers = self.place.direct
        path = self.place.passed.format(quote(self.truth.workflow_id, safe=""))
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=5, trust_env=False) as direct:
            while True:
                try:
                    told = (await direct.get(path)).json()
                    name = _name_in(told)
                except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError):
                    name = None
                if name is not None and name.startswith("Soak "):
                    self.truth.name = name
                    return
                await asyncio.sleep(0.1)

    async def _written(self, operation: str, method: str, path: str, body: Any) -> Any:
        """Send a write with a key until the answer is final; None when nobody knows what came of it."""
        headers = {"idempotency-key": f'"{secrets.token_hex(12)}"'}
        until = time.monotonic() + WRITE_SECONDS
        while time.monotonic() < until:
            reply = await self._asked(operation, method, path, headers=headers, body=body)
            if reply is not None:
                return reply.json() if reply.content else {}
            if self._last == "outcome_unknown":
                return None
            await asyncio.sleep(0.05)
        self.tally.wrong.append(f"{operation} at {self.place.vendor}: no final answer in {WRITE_SECONDS:g} s")
        return None

    _last: str = ""

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
            reply = await self.http.request(method, path, headers=headers, json=body)
        except httpx.TransportError as error:
            self._failed(operation, "broken off", began, f"{type(error).__name__} {error}")
            return None
        if reply.is_success or reply.status_code == 304 or reply.status_code in also:
            self.tally.add(operation, "stale" if _is_stale(reply) else "right", time.monotonic() - began)
            return reply
        self._last = _code_of(reply)
        self._failed(operation, self._last, began, reply.text[:300])
        return None

    def _failed(self, operation: str, code: str, began: float, said: str) -> None:
        now = time.monotonic()
        explained = self.windows.explain(self.place.vendor, began, now)
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
            self.tally.wrong.append(f"{operation} at {self.place.vendor}: {contradiction} ({told})")


_STATUSES: Final = frozenset(map(str, range(300, 600)))


def _is_stale(reply: httpx.Response) -> bool:
    """Say whether an answer is older than it was to become (RFC 9211 section 2.2)."""
    told = reply.headers.get("cache-status", "")
    return "; hit" in told and "ttl=-" in told


def _code_of(reply: httpx.Response) -> str:
    if reply.headers.get("content-type") == "application/problem+json":
        return str(json.loads(reply.content).get("code", reply.status_code))
    return str(reply.status_code)


def _name_in(told: Any) -> str | None:
    """Return the name in a vendor's document, wherever the vendor has it."""
    for found in (told, *(value for value in told.values() if isinstance(value, dict))):
        if isinstance(found.get("name"), str):
            return str(found["name"])
    return None
