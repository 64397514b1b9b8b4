"""Runs: started, looked at, cancelled, and followed as server-sent events."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.main import server as gateway_server
from gateway.writing.runs import Place, Runs
from schemas.runs import RunEvent
from schemas.support import Ability
from tests.gateway.fake_server import FakeServer
from tests.gateway.fake_vendor import fake_vendor
from tests.gateway.in_process import InProcess
from tests.gateway.writing import ONE, READER, RUNNER, code_of, told, writing_gateway

START = {"inputs": {"question": "why"}}
RUN = ONE + "/runs/r1"


@pytest.fixture
async def gateway(fake: FakeServer) -> AsyncIterator[InProcess]:
    async with writing_gateway(fake) as running:
        yield running


async def test_a_run_is_started_looked_at_and_cancelled(fake: FakeServer, gateway: InProcess) -> None:
    started = await gateway.ask(ONE + "/runs", method="POST", body=START, key=RUNNER)
    assert (started.status, started.header("location")) == (202, RUN)
    assert told(started) == {
        "id": "r1",
        "state": "running",
        "inputs": {"question": "why"},
        "node_outputs": {},
    }
    assert told(await gateway.ask(RUN, key=RUNNER)) == told(started)
    fake.runs["r1"]["state"] = "waiting"
    seen = await gateway.ask(RUN, key=RUNNER)
    assert (told(seen)["state"], seen.header("cache-control")) == ("waiting", "no-store")
    stopped = await gateway.ask(RUN + "/cancel", method="POST", key=RUNNER)
    assert (stopped.status, told(stopped)["state"]) == (200, "cancelled")


async def test_runs_need_their_own_right(gateway: InProcess) -> None:
    for method, target in (("POST", ONE + "/runs"), ("GET", RUN), ("GET", RUN + "/events")):
        assert code_of(await gateway.ask(target, method=method, key=READER)) == (403, "not_allowed")


async def test_what_cannot_be_asked_of_a_run_is_named(fake: FakeServer, gateway: InProcess) -> None:
    both = await gateway.ask(ONE + "/runs", method="POST", body={"version": "1", "label": "x"})
    assert code_of(both) == (422, "invalid_document")
    label = await gateway.ask(ONE + "/runs", method="POST", body={"label": "x"})
    assert code_of(label) == (400, "invalid_request")
    assert [(one["location"], one["name"]) for one in told(label)["errors"]] == [("body", "/label")]
    assert fake.calls == []


async def test_a_vendor_without_runs_says_so(fake: FakeServer) -> None:
    lacking = fake_vendor(Ability.GET_RUN, Ability.FOLLOW_RUN)
    async with writing_gateway(fake, lacking) as gateway:
        for target in (RUN, RUN + "/events"):
            assert code_of(await gateway.ask(target)) == (501, "unsupported")


def events(body: bytes) -> list[tuple[str, str, Any]]:
    """Return id, name and data of each event."""
    found = []
    for block in body.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
        if fields:
            found.append((fields.get("id", ""), fields["event"], json.loads(fields["data"])))
    return found


async def test_a_run_is_followed_to_its_end(fake: FakeServer, gateway: InProcess) -> None:
    fake.events = [{"state": "running"}, {"state": "running", "line\n": "\n"}, {"state": "succeeded"}]
    reply = await gateway.ask(RUN + "/events", key=RUNNER)
    assert (reply.status, reply.header("content-type")) == (200, "text/event-stream; charset=utf-8")
    told_of = events(reply.body)
    assert [(name, kind) for name, kind, _ in told_of] == [("0", "run"), ("1", "run"), ("2", "run")]
    assert [data["native"] for _, _, data in told_of] == fake.events
    assert told_of[-1][2]["run"]["state"] == "succeeded"
    rest = await gateway.ask(RUN + "/events", ("last-event-id", "0"), key=RUNNER)
    assert events(rest.body) == told_of[1:]


async def test_a_refusal_at_once_is_the_answers_status(fake: FakeServer, gateway: InProcess) -> None:
    fake.events = [{"fail": True}]
    assert code_of(await gateway.ask(RUN + "/events")) == (502, "vendor_broken")


async def test_a_vendor_that_breaks_off_is_told_of_as_an_event(fake: FakeServer, gateway: InProcess) -> None:
    fake.events = [{"state": "running"}, {"fail": True}]
    reply = await gateway.ask(RUN + "/events")
    first, last = events(reply.body)
    assert (reply.status, first[1], last[1]) == (200, "run", "problem")
    assert (last[2]["code"], last[2]["connection"]) == ("vendor_broken", "acc")


class _Following:
    """An api of which a test says what happens."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[RunEvent | Exception | None] = asyncio.Queue()
        self.closed = asyncio.Event()

    async def follow_run(
        self, http: object, workflow_id: str, run_id: str, after: str | None
    ) -> AsyncGenerator[RunEvent, None]:
        try:
            while (event := await self.queue.get()) is not None:
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            self.closed.set()


class _Connection:
    name = "acc"
    http = None

    def __init__(self) -> None:
        self.following = _Following()

    def api(self, ability: Ability, protocol: type) -> Any:
        return self.following

    async def call(self, operation: Any) -> Any:
        return await operation(None)


async def test_signs_of_life_come_between() -> None:
    connection: Any = _Connection()
    told_of = await Runs(0.01).follow(connection, Place("w", "r"), None)
    assert [await anext(told_of) for _ in range(3)] == [None, None, None]
    connection.following.queue.put_nowait(RunEvent(id="1"))
    found = await anext(told_of)
    while found is None:
        found = await anext(told_of)
    assert found == RunEvent(id="1")
    connection.following.queue.put_nowait(None)
    assert [one async for one in told_of if one is not None] == []
    assert connection.following.closed.is_set()


async def test_whoever_leaves_before_anything_was_told_lets_the_vendor_go() -> None:
    connection: Any = _Connection()
    told_of = await Runs(0.01).follow(connection, Place("w", "r"), None)
    await told_of.aclose()
    assert connection.following.closed.is_set()


async def test_whoever_leaves_lets_the_vendor_go() -> None:
    connection: Any = _Connection()
    told_of = await Runs(0.01).follow(connection, Place("w", "r"), None)
    assert await anext(told_of) is None
    await told_of.aclose()
    assert connection.following.closed.is_set()


async def test_whoever_leaves_before_the_first_event_lets_the_vendor_go() -> None:
    connection: Any = _Connection()
    waiting = asyncio.create_task(Runs().follow(connection, Place("w", "r"), None))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert connection.following.closed.is_set()


async def test_a_caller_who_leaves_ends_the_vendors_call(fake: FakeServer) -> None:
    fake.events = [{"state": "running"}]
    async with writing_gateway(fake) as gateway:
        running = gateway_server(gateway.app, "127.0.0.1", 0)
        running.config.lifespan = "off"
        task = asyncio.create_task(running.serve())
        while not running.started:  # noqa: ASYNC110 - a flag, no event
            await asyncio.sleep(0.005)
        url = f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
        async with (
            httpx.AsyncClient(base_url=url, trust_env=False, verify=False) as client,
            client.stream("GET", RUN + "/events", headers={"x-api-key": RUNNER}) as response,
        ):
            assert response.status_code == 200
            async for line in response.aiter_lines():
                if line.startswith("data:"):
                    break
            await asyncio.sleep(0.05)
        async with asyncio.timeout(5):
            await fake.left.wait()
        running.should_exit = True
        await task
