"""The whole house under load for minutes, with faults on, each answer checked. `make soak` runs it.

`SOAK_MINUTES` (3) is how long for each number of workers, `SOAK_WORKERS` (1,2) which numbers, `SOAK_CLIENTS` (64) how
many callers, `SOAK_SEED` what chance begins with. Of several workers one is killed a few times a minute, unless
`SOAK_KILLS` is 0. Callers change from worker to worker, and what they read is held to what they wrote at
another one a moment before.
"""

import asyncio
import contextlib
import dataclasses
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx

from adapters.registry import load_all as load_vendors
from bench.measuring import least_squares
from emulators.registry import load_all
from tests.faults.expected import FAULTS
from tests.soak.client import Client, Place
from tests.soak.installation import KEY, Installation, installed
from tests.soak.remains import remains
from tests.soak.tally import Tally
from tests.soak.truth import Window, Windows

MIB: Final = 1024 * 1024
SLOW_SECONDS: Final = 4.5
"""Longer than the gateway waits for a vendor here, which has to be long for a machine that has other things to do."""
IDLE_SECONDS: Final = 40.0
"""After which the gateway has closed the lines to vendors that nobody uses."""
MOST_GROWN_BYTES: Final = 24 * MIB
"""By which memory may grow in the second half: what the allocator does by itself, not what answers leave behind."""
MOST_KEPT: Final = 24
"""Sockets that a worker may have more than at its start: two pools of connections to Redis, which stay."""
KILL_SECONDS: Final = (6.0, 30.0)
"""Between two kills; a worker that dies often is replaced later each time."""
NOT_SOAKED: Final = ("slow", "drip", "huge", "bomb")
"""Faults that are none, or that are about size and are tried one by one."""


def main() -> int:
    """Soak each number of workers; returns the exit code."""
    minutes = float(os.environ.get("SOAK_MINUTES", "3"))
    clients = int(os.environ.get("SOAK_CLIENTS", "64"))
    seed = int(os.environ.get("SOAK_SEED", "1"))
    kills = os.environ.get("SOAK_KILLS", "1") != "0"
    failures: list[str] = []
    for workers in map(int, os.environ.get("SOAK_WORKERS", "1,2").split(",")):
        with tempfile.TemporaryDirectory() as folder, installed(Path(folder), workers, kills=kills) as house:
            failures += asyncio.run(_soaked(house, minutes * 60, clients, random.Random(seed)))
    for failure in failures:
        print(f"FAILED: {failure}")
    return 1 if failures else 0


async def _soaked(house: Installation, seconds: float, clients: int, chance: random.Random) -> list[str]:
    """Soak one installation; returns what is wrong with it."""
    windows, tally = Windows(), Tally()
    places = [await _place(house, vendor) for vendor in sorted(load_all())]
    memory: list[tuple[float, float]] = []
    before, until = house.descriptors(), time.monotonic() + seconds
    async with contextlib.AsyncExitStack() as stack:
        callers = []
        for number in range(clients):
            limits = httpx.Limits(max_connections=1)
            caller = httpx.AsyncClient(
                base_url=house.url, headers={"x-api-key": KEY}, timeout=30, trust_env=False, limits=limits
            )
            await stack.enter_async_context(caller)
            place = places[number % len(places)]
            seeded = random.Random(chance.random())
            callers.append(Client(caller, place, windows, tally, seeded, number))
        beside: list[asyncio.Task[None]] = [
            asyncio.create_task(_trouble(house, windows, random.Random(chance.random()), until)),
            asyncio.create_task(_watched(house.memory, memory)),
            asyncio.create_task(_killed(house, windows, random.Random(chance.random()), until)),
        ]
        try:
            await asyncio.gather(*(caller.run(until) for caller in callers))
        finally:
            for task in beside:
                task.cancel()
            ends = await asyncio.gather(*beside, return_exceptions=True)
            for vendor in house.emulators:
                house.emulator(vendor, "DELETE", "faults")
    await asyncio.sleep(IDLE_SECONDS)
    async with httpx.AsyncClient(
        base_url=house.url, headers={"x-api-key": KEY}, timeout=30, trust_env=False
    ) as http:
        tally.wrong += await remains(http, callers)
    tally.wrong += [f"the soak itself: {end!r}" for end in ends if isinstance(end, Exception)]
    killed = f", {len(windows.kills)} killed" if house.kills else ""
    print(tally.table(f"{house.workers} workers{killed}, {clients} callers, {seconds:g} seconds"))
    return _judged(house, tally, memory, before)


def _judged(
    house: Installation, tally: Tally, memory: list[tuple[float, float]], before: int | None
) -> list[str]:
    second_half = memory[len(memory) // 2 :]
    slope = least_squares(second_half)
    grown = slope * (second_half[-1][0] - second_half[0][0]) if second_half else 0.0
    after = house.descriptors()
    whose = " (of the worker that is never killed)" if house.kills else ""
    print(
        f"memory {memory[0][1] / MIB:.0f} MiB at first, {memory[-1][1] / MIB:.0f} at the end; in the second half "
        f"{slope * 60 / MIB:+.2f} MiB a minute{whose}; {before} files and sockets before, {after} after\n"
    )
    found = [f"{len(tally.wrong)} answers were wrong"] if tally.wrong else []
    if grown > MOST_GROWN_BYTES:
        found.append(f"memory grew by {grown / MIB:.0f} MiB in the second half")
    if before is not None and after is not None and after > before + MOST_KEPT * house.workers:
        found.append(f"{after - before} files and sockets are left over")
    return found


async def _trouble(house: Installation, windows: Windows, chance: random.Random, until: float) -> None:
    """Switch faults on and off, one vendor after the other, until it is time."""
    faults = [fault for fault in FAULTS if fault.rule is not None and fault.name not in NOT_SOAKED]
    while time.monotonic() < until:
        await asyncio.sleep(chance.uniform(0.2, 3))
        vendor, fault = chance.choice(sorted(house.emulators)), chance.choice(faults)
        rate = chance.choice((0.05, 0.2, 0.5, 1.0))
        rules = fault.rules("GET", "POST", "PATCH", "PUT", "DELETE", rate=rate)
        for rule in rules:
            rule.update({"seconds": SLOW_SECONDS} if fault.name == "too-slow" else {})
        windows.every.append(Window(vendor, fault.name, time.monotonic()))
        await asyncio.to_thread(house.emulator, vendor, "PUT", "faults", rules)
        await asyncio.sleep(chance.uniform(0.5, 4))
        await asyncio.to_thread(house.emulator, vendor, "DELETE", "faults")
        windows.every[-1] = dataclasses.replace(windows.every[-1], ended=time.monotonic())


async def _killed(house: Installation, windows: Windows, chance: random.Random, until: float) -> None:
    """Kill workers in the middle of everything, until it is time."""
    while house.kills:
        await asyncio.sleep(chance.uniform(*KILL_SECONDS))
        if time.monotonic() >= until:
            return
        windows.kills.append(time.monotonic())
        await asyncio.to_thread(house.kill, chance)


async def _watched(measure: Callable[[], int], into: list[tuple[float, float]]) -> None:
    began = time.monotonic()
    while True:
        into.append((time.monotonic() - began, float(await asyncio.to_thread(measure))))
        await asyncio.sleep(1)


async def _place(house: Installation, vendor: str) -> Place:
    """Learn of a vendor what its clients need, while all is well."""
    connection = f"{vendor}-soak"
    base = f"/v1/connections/{connection}/workflows"
    async with httpx.AsyncClient(
        base_url=house.url, headers={"x-api-key": KEY}, timeout=20, trust_env=False
    ) as http:
        made = await _made(http, base)
        house.emulator(vendor, "DELETE", "requests")
        await http.get(f"{base}/{quote(made['id'], safe='')}/native", headers={"cache-control": "no-cache"})
        seen = house.emulator(vendor, "GET", "requests")[-1]["path"]
        plan = (await http.post(f"{base}?dry_run=true", json=_creation(await _whole(http, base)))).json()
        path = f"{base}/{quote(made['id'], safe='')}"
        renames = (await http.patch(f"{path}?dry_run=true", json={"name": "Another"})).is_success
    passed = seen.replace(quote(made["id"], safe=""), "{}")
    native = {**plan["calls"][0]["body"]}
    native.pop("name", None)
    return Place(vendor, connection, native, passed, renames, (house.emulators[vendor], _headers(vendor)))


async def _whole(http: httpx.AsyncClient, base: str) -> dict[str, Any]:
    """Return a workflow of the seed with several nodes."""
    for item in (await http.get(f"{base}?limit=50")).json()["items"]:
        whole: dict[str, Any] = (await http.get(f"{base}/{quote(item['id'], safe='')}")).json()
        if len(whole["graph"]["nodes"]) > 1:
            return whole
    raise RuntimeError("no workflow of the seed has nodes")


def _creation(whole: dict[str, Any]) -> dict[str, Any]:
    kept = ("graph", "kind", "native_kind", "inputs", "outputs")
    return {"workflow": {**{name: whole[name] for name in kept if name in whole}, "name": "Soak model"}}


async def _made(http: httpx.AsyncClient, base: str) -> dict[str, Any]:
    reply = await http.post(base, json=_creation(await _whole(http, base)))
    found: dict[str, Any] = json.loads(reply.content)["workflow"]
    return found


def _headers(vendor: str) -> dict[str, str]:
    """Return how a vendor's credential is presented."""
    presented = load_vendors()[vendor].credential
    return {presented.header: presented.prefix + load_all()[vendor].default_key}


if __name__ == "__main__":
    sys.exit(main())
