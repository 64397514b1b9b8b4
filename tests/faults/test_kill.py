"""A part is killed in the middle of writes: nothing acknowledged is lost, nothing is made twice, all goes on."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.faults.parts import KEY, Installation, installed
from tests.faults.writers import End, Writer, Writes, written

CLIENTS: Final = 8
EACH: Final = 6
FIRST: Final = 10
"""So many writes are made before something is killed."""
HELD_SECONDS: Final = 3.0
"""A write whose worker died is under way for the time that it might have taken: too long to wait for here."""
BACK_SECONDS: Final = 30.0


def kill_gateway(house: Installation) -> None:
    house.gateway.kill()
    house.gateway.start()


def kill_worker(house: Installation) -> None:
    house.gateway.kill_worker(0)


def kill_redis(house: Installation) -> None:
    house.redis.kill()
    time.sleep(0.3)
    house.redis.start()


def kill_vendor(house: Installation) -> None:
    house.vendor.kill()
    time.sleep(0.3)
    house.vendor.start()


KILLS: Final = {
    "the only gateway": (1, kill_gateway),
    "one worker of two": (2, kill_worker),
    "redis": (2, kill_redis),
    "the vendor": (2, kill_vendor),
}


async def written_through(house: Installation, kill: Callable[[Installation], None]) -> Writes:
    """Write with several clients, and kill something when they are in the middle of it."""
    writer = Writer(house.url, KEY, house.flows, native(house), HELD_SECONDS)
    writing = asyncio.create_task(written(writer, CLIENTS, EACH))
    until = time.monotonic() + BACK_SECONDS
    while len(house.made()) < FIRST and time.monotonic() < until and not writing.done():  # noqa: ASYNC110 - a file
        await asyncio.sleep(0.01)
    assert not writing.done(), "everything was written before something was killed"
    await asyncio.to_thread(kill, house)
    return await writing


def native(house: Installation) -> dict[str, Any]:
    """Return a document that the vendor takes: one of its own."""
    with httpx.Client(base_url=house.url, headers={"x-api-key": KEY}, timeout=20, trust_env=False) as client:
        first = client.get(f"{house.flows}?limit=1").raise_for_status().json()["items"][0]["id"]
        found = client.get(f"{house.flows}/{first}/native").raise_for_status().json()
    return {"type": "flow", "definition": found["definition"]}


@pytest.mark.parametrize("what", KILLS)
async def test_what_is_acknowledged_is_there_and_nothing_is_there_twice(what: str, tmp_path: Path) -> None:
    workers, kill = KILLS[what]
    with installed(tmp_path, workers=workers) as house:
        writes = await written_through(house, kill)
        made = Counter(house.made())
        assert set(writes.ends) == {
            f"Kept {client}-{turn}" for client in range(CLIENTS) for turn in range(EACH)
        }
        assert {name: number for name, number in made.items() if number > 1} == {}
        assert writes.names(End.ACKNOWLEDGED) <= set(made)
        # Each client has one write under way at a time: no more than that can be in doubt.
        assert len(writes.names(End.UNKNOWN) | writes.names(End.HELD)) <= CLIENTS
        await all_is_well(house, writes)


async def all_is_well(house: Installation, writes: Writes) -> None:
    """Read everything that was acknowledged, and write once more."""
    async with httpx.AsyncClient(
        base_url=house.url, headers={"x-api-key": KEY}, timeout=20, trust_env=False
    ) as client:
        for name in sorted(writes.names(End.ACKNOWLEDGED)):
            reply = await client.get(f"{house.flows}/{writes.ids[name]}")
            assert (reply.status_code, reply.json().get("name")) == (200, name), reply.text
    after = await written(Writer(house.url, KEY, house.flows, native(house)), 1, 1)
    assert set(after.ends.values()) == {End.ACKNOWLEDGED}
