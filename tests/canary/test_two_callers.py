"""Two callers with other connections and rights learn nothing of each other, whoever comes first and however warm."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.app import create_app
from gateway.callers import hash_key
from gateway.environment import Secret
from gateway.settings import CallerSettings, ConnectionSettings, ServerSettings, Settings
from gateway.settings.models import PassthroughSettings
from gateway.settings.values import Right
from tests.adapters.loopback import until
from tests.cache.reading import Clock
from tests.canary.planted import Place, Planted
from tests.gateway.fake_server import FIRST, FakeServer, running_fake
from tests.gateway.fake_vendor import fake_vendor
from tests.gateway.in_process import InProcess, Reply, in_process, started
from tests.house import running_house

EVERY: Final = (Right.READ, Right.WRITE, Right.RUN, Right.PASSTHROUGH)
KEYS: Final = {name: f"key-of-{name}" for name in ("left", "right", "both", "twin", "runner", "operator")}
CALLERS: Final = (
    CallerSettings(name="left", key_hashes=(hash_key(KEYS["left"]),), connections=("left",), rights=EVERY),
    CallerSettings(name="right", key_hashes=(hash_key(KEYS["right"]),), connections=("right",), rights=EVERY),
    CallerSettings(name="both", key_hashes=(hash_key(KEYS["both"]),), rights=EVERY),
    CallerSettings(name="twin", key_hashes=(hash_key(KEYS["twin"]),), connections=("left",), rights=EVERY),
    CallerSettings(
        name="runner", key_hashes=(hash_key(KEYS["runner"]),), connections=("right",), rights=(Right.RUN,)
    ),
    CallerSettings(
        name="operator",
        key_hashes=(hash_key(KEYS["operator"]),),
        connections=("right",),
        rights=(Right.ADMIN,),
    ),
)

READS: Final = (
    "",
    "?probe=true",
    "/workflows",
    "/workflows?limit=1",
    "/workflows/w1",
    "/workflows/w1?include=native",
    "/workflows/w1/native",
    "/workflows/w1/graph",
    "/workflows/w1/versions",
    "/workflows/w1/versions/1",
    "/workflows/w1/labels",
    "/assistants/as1/workflow",
    "/workflows/missing",
    "/workflows/..",
)
WRITES: Final = (
    ("POST", "/workflows", {"workflow": {"name": "x"}}),
    ("POST", "/workflows", ["no workflow"]),
    ("PATCH", "/workflows/w1", {"name": "x"}),
    ("DELETE", "/workflows/w1", None),
    ("POST", "/workflows/w1/versions", {"note": "x"}),
    ("POST", "/workflows/w1/runs", {"inputs": {}}),
    ("GET", "/workflows/w1/runs/r1", None),
    ("GET", "/workflows/w1/runs/r1/events", None),
    ("POST", "/workflows/w1/runs/r1/cancel", None),
    ("POST", "/workflows/w1/promote-to-assistant", {"name": "x"}),
    ("DELETE", "/assistants/as1/workflow", None),
)
CONDITIONS: Final[tuple[tuple[tuple[str, str], ...], ...]] = (
    (),
    (("if-none-match", "*"),),
    (("if-match", "*"),),
    (("cache-control", "only-if-cached"),),
    (("x-ignored", "1"), ("x-ignored", "2")),
    (("prefer", "wait=1"),),
)


@dataclass
class Two:
    """A gateway with two connections, each with secrets of its own in everything that its vendor has."""

    gateway: InProcess
    left: FakeServer
    right: FakeServer
    planted: Planted

    async def ask(self, who: str, target: str, *headers: tuple[str, str], **more: Any) -> Reply:
        return await self.gateway.ask(target, *headers, key=KEYS.get(who, who), **more)

    def secrets_in(self, reply: Reply) -> set[str]:
        head = b"\n".join(name + b": " + value for name, value in reply.head)
        return {find.secret for find in self.planted.found([Place("", head + b"\n" + reply.body)])}


def _filled(planted: Planted, side: str, fake: FakeServer) -> None:
    content = {"description": planted(f"{side} content"), "name": planted(f"{side} name")}
    fake.documents["w1"] = {**FIRST, **content}
    fake.documents["w2"] = {**FIRST, **content, "id": planted(f"{side} id")}
    fake.versions["w1"] = [{"number": 1, "note": planted(f"{side} note")}]
    fake.labels["w1"] = {planted(f"{side} label"): 1}
    fake.runs["r1"] = {"id": "r1", "state": "succeeded", "output": planted(f"{side} output")}


@pytest.fixture
async def two() -> AsyncIterator[Two]:
    planted = Planted()
    async with AsyncExitStack() as stack:
        sides = {side: await stack.enter_async_context(running_fake()) for side in ("left", "right")}
        for side, fake in sides.items():
            _filled(planted, side, fake)
        vendor = fake_vendor()
        connections = {
            side: ConnectionSettings(
                vendor=vendor.name,
                base_url=fake.url,
                credential="env:UNUSED",
                title=planted(f"{side} title"),
                passthrough=PassthroughSettings(enabled=True),
            )
            for side, fake in sides.items()
        }
        settings = Settings(
            source=Path("test.yaml"),
            server=ServerSettings(log_level="error"),
            callers=CALLERS,
            connections=connections,
        )
        secrets = {side: Secret(planted(f"{side} credential", "sk-{}")) for side in sides}
        clock = Clock(1_800_000_000.0)
        app = create_app(settings, {vendor.name: vendor}, secrets, clock)
        gateway = await stack.enter_async_context(started(app, clock))
        yield Two(gateway, sides["left"], sides["right"], planted)


def _alike(one: Reply, other: Reply, name: str) -> bool:
    """Whether nobody could tell two answers apart but by the names that were asked for."""

    def bare(reply: Reply, asked: str) -> tuple[Any, ...]:
        head = [pair for pair in reply.head if pair[0] not in (b"content-length", b"server-timing")]
        return reply.status, head, reply.body.replace(asked.encode(), b"NAME")

    return bare(one, "left") == bare(other, name)


async def _warm(two: Two) -> list[str]:
    """Have everything of the left side kept, and return the entity tags."""
    tags: list[str] = []
    for read in READS:
        for who in ("left", "both"):
            reply = await two.ask(who, f"/v1/connections/left{read}")
            tags += [reply.header("etag")] if reply.header("etag") else []
    assert len(set(tags)) >= 4
    return [*dict.fromkeys(tags)]


async def test_a_connection_of_others_cannot_be_told_from_one_that_is_not_there(two: Two) -> None:
    for warm in (False, True):
        tags = await _warm(two) if warm else []
        conditions = [
            *CONDITIONS,
            *((("if-none-match", tag),) for tag in tags),
            *((("if-match", tag),) for tag in tags),
        ]
        for who in ("right", "runner", "operator", "nobody"):
            for read in READS:
                for condition in conditions:
                    for method in ("GET", "HEAD"):
                        theirs = await two.ask(who, f"/v1/connections/left{read}", *condition, method=method)
                        none = await two.ask(who, f"/v1/connections/gone{read}", *condition, method=method)
                        assert _alike(theirs, none, "gone"), (who, method, read, condition, theirs, none)
                        assert not two.secrets_in(theirs)


async def test_nothing_of_others_can_be_changed_or_found_by_trying_to(two: Two) -> None:
    await _warm(two)
    before = len(two.left.calls)
    for who in ("right", "runner", "operator", "nobody"):
        for method, path, body in WRITES:
            for headers in ((), (("idempotency-key", "same"),), (("if-match", "*"),)):
                theirs, none = [
                    await two.ask(who, f"/v1/connections/{name}{path}", *headers, method=method, body=body)
                    for name in ("left", "gone")
                ]
                assert _alike(theirs, none, "gone"), (who, method, path, theirs, none)
        for method in ("GET", "POST", "DELETE", "OPTIONS"):
            theirs, none = [
                await two.ask(who, f"/passthrough/{name}/workflows/w1", method=method)
                for name in ("left", "gone")
            ]
            assert _alike(theirs, none, "gone"), (who, method, theirs, none)
            assert not two.secrets_in(theirs)
    assert len(two.left.calls) == before


async def test_in_every_order_and_at_the_same_time_everybody_gets_what_is_theirs(two: Two) -> None:
    targets = ["/v1/workflows", "/v1/workflows?limit=1", "/v1/connections", "/metrics"]
    targets += [f"/v1/connections/{side}{read}" for side in ("left", "right") for read in READS[2:10]]
    own = {"left": "left", "right": "right", "both": ""}

    def look(who: str, target: str, reply: Reply) -> None:
        assert all(secret.startswith(own[who]) for secret in two.secrets_in(reply)), (who, target)

    for order in permutations(own):
        two.gateway.clock.now += 100_000
        for target in targets:
            for who in (*order, *order):
                look(who, target, await two.ask(who, target))
    two.gateway.clock.now += 100_000
    for target in targets:
        together: Sequence[str] = (*own, *own)
        replies = await asyncio.gather(*(two.ask(who, target) for who in together))
        for who, reply in zip(together, replies, strict=True):
            look(who, target, reply)


async def test_figures_and_problems_tell_of_no_connection_of_others(two: Two) -> None:
    await _warm(two)
    two.right.documents.clear()
    for target in ("/metrics", "/v1/connections", "/v1/workflows", "/v1/workflows?connection=left"):
        for who in ("right", "runner", "operator"):
            reply = await two.ask(who, target)
            assert b'"left"' not in reply.body
            assert not {secret for secret in two.secrets_in(reply) if secret.startswith("left")}
    for query in ("connection={}", "connection=right&connection={}", "connection={}&limit=x"):
        theirs, none = [
            await two.ask("right", f"/v1/workflows?{query.format(name)}") for name in ("left", "gone")
        ]
        assert _alike(theirs, none, "gone")


async def test_a_cursor_of_others_is_as_good_as_nonsense() -> None:
    some = (("aitronos-test",), ("noxus-test", "promptlayer-test"))
    callers = tuple(
        CallerSettings(name=name, key_hashes=(hash_key(KEYS[name]),), connections=seen)
        for name, seen in zip(("left", "right", "both"), (*some, "all"), strict=True)
    )
    with running_house() as house:
        async with in_process(house, callers=callers) as gateway:
            found: dict[str, str] = {}
            for who in ("left", "right", "both"):
                page = json.loads((await gateway.ask("/v1/workflows?limit=1", key=KEYS[who])).body)
                found[who] = page["next_cursor"]
            bad = await gateway.ask("/v1/workflows?limit=1&cursor=nonsense", key=KEYS["right"])
            assert (bad.status, json.loads(bad.body)["code"]) == (400, "invalid_request")
            for whose in ("left", "both"):
                reply = await gateway.ask(f"/v1/workflows?limit=1&cursor={found[whose]}", key=KEYS["right"])
                assert (reply.status, reply.body) == (400, bad.body)
            own = await gateway.ask(f"/v1/workflows?limit=1&cursor={found['right']}", key=KEYS["right"])
            assert {item["connection"] for item in json.loads(own.body)["items"]} <= set(some[1])


async def test_the_same_idempotency_key_of_two_callers_is_two_keys(two: Two) -> None:
    key = ("idempotency-key", "the-same")
    graph = {"form": "graph", "nodes": [{"key": "n", "type": "ask", "config": {"x": 1}}]}
    body = {"workflow": {"name": "made", "graph": graph}}
    two.left.gate.clear()
    waiting = asyncio.create_task(
        two.ask("left", "/v1/connections/left/workflows", key, method="POST", body=body)
    )
    await until(lambda: bool(two.left.changes))
    # While the first is under way, and after it was answered.
    other = await two.ask("right", "/v1/connections/right/workflows", key, method="POST", body=body)
    assert (other.status, other.header("idempotency-replayed")) == (201, None)
    two.left.gate.set()
    assert (await waiting).status == 201
    for who in ("twin", "both"):
        again = await two.ask(who, "/v1/connections/left/workflows", key, method="POST", body=body)
        assert (again.status, again.header("idempotency-replayed")) == (201, None)
    assert len(two.left.changes) == 3
    own = await two.ask("left", "/v1/connections/left/workflows", key, method="POST", body=body)
    assert own.header("idempotency-replayed") == "true"
    reused = await two.ask(
        "right", "/v1/connections/right/workflows", key, method="POST", body={"workflow": {"name": "y"}}
    )
    assert json.loads(reused.body)["code"] == "idempotency_key_reused"
    assert not {secret for secret in two.secrets_in(reused) if secret.startswith("left")}


async def test_whoever_may_only_run_sees_nothing_of_what_others_read(two: Two) -> None:
    await two.ask("right", "/v1/connections/right/workflows/w1")
    for read in READS[2:12]:
        for condition in CONDITIONS:
            reply = await two.ask("runner", f"/v1/connections/right{read}", *condition)
            assert (reply.status, json.loads(reply.body)["code"]) == (403, "not_allowed")
            assert not two.secrets_in(reply)
