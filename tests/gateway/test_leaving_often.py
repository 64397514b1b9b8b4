"""Callers who leave at any moment, while the configuration is read anew: nothing is lost, and no one else suffers."""

import asyncio
import contextlib
import random
from typing import Any

import pytest
import structlog

from gateway.callers import hash_key
from gateway.settings import CallerSettings
from tests.gateway.fake_server import running_fake
from tests.gateway.lines import Line, until
from tests.gateway.test_generations import File, Living, living
from tests.house import KEY

ONE = "/v1/connections/acc/workflows/w1"
PATHS = [ONE, ONE, ONE, f"{ONE}/native", "/v1/connections/acc/workflows", "/passthrough/acc/workflows/w1"]
RIGHTS: Any = ("read", "write", "run", "passthrough", "admin")
LIMITS: Any = {"requests_per_second": 10_000, "concurrency": 1000}


@pytest.fixture(autouse=True)
def _logs_as_before() -> Any:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def under_way(gateway: Living) -> list[int]:
    """Return every count of something under way."""
    counts = []
    for generation in gateway.generations._living:
        runtime = generation.state.runtime
        assert runtime is not None
        limiters = [
            entry.caller.limiter
            for entry in generation.application.short_way._gate._callers._entries.values()
            if entry.caller.limiter is not None
        ]
        assert limiters
        for connection in runtime.connections.values():
            condition = connection.http.condition()
            counts += [condition.under_way, condition.waiting]
        flights = runtime.service._reader._flights
        counts += [len(flights._tasks), len(flights._under_way), len(generation.under_way)]
        counts += [limiter._under_way for limiter in limiters]
    return counts


async def statuses(lines: list[Line]) -> set[int]:
    return {status for status, _, _ in await asyncio.gather(*(line.answer() for line in lines))}


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_is_lost_whenever_callers_leave(seed: int) -> None:
    chance = random.Random(seed)
    always = {"workflow": 0, "listing": 0, "passthrough": 0}
    async with running_fake() as fake:
        everybody = CallerSettings(name="all", key_hashes=(hash_key(KEY),), rights=RIGHTS, limits=LIMITS)
        connection = {"cache": always, "passthrough": {"enabled": True}, "limits": {"concurrency": 4}}
        file = File(fake.url, {"acc": connection}, more={"callers": (everybody,)})
        async with living(file) as gateway:
            staying: list[Line] = []
            leaving: list[Line] = []
            for turn in range(150):
                line = await gateway.ask(chance.choice(PATHS))
                (leaving if chance.random() < 0.6 else staying).append(line)
                for _ in range(chance.randrange(6)):
                    await asyncio.sleep(0)
                if leaving and chance.random() < 0.7:
                    leaving.pop(chance.randrange(len(leaving))).leave()
                if turn % 40 == 39:
                    connection["title"] = f"changed {turn}"
                    await gateway.generations.reload()
            for line in leaving:
                line.leave()
            assert await statuses(staying) == {200}
            with contextlib.suppress(TimeoutError):
                await until(lambda: len(gateway.generations._living) == 1 and not any(under_way(gateway)))
            assert len(gateway.generations._living) == 1
            assert not any(under_way(gateway)), under_way(gateway)
