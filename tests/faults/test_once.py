"""A fault that is met once: what may be made again is, and succeeds; what may have been done is not."""

import asyncio
from typing import Final

import pytest

from tests.faults.cells import (
    CHANGING,
    EMULATORS,
    Cell,
    Operations,
    check_answer,
    check_nothing_leaks,
    expected_of,
    prepared,
)
from tests.faults.expected import FAULTS, USUAL, Fault, Told
from tests.faults.operations import READS, WRITES, Subjects
from tests.faults.rig import SECONDS, Rig

SOME_READS: Final = {name: READS[name] for name in ("list", "get", "passed GET")}
SOME_WRITES: Final = {name: WRITES[name] for name in ("create", "patch", "start run", "passed POST")}
"""Calls are made again below the operations, which the whole matrix goes through."""
OPENED_AFTER: Final = {"refused": 0.3, "full": 0.9, "silent": SECONDS + 0.9}
"""Seconds until a gate opens: by then the first attempt has failed."""

every_vendor = pytest.mark.parametrize("vendor", sorted(EMULATORS))
every_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)


async def asked(rig: Rig, cells: list[Cell], vendor: str, fault: Fault, part: str) -> None:
    """Ask with a fault that the first attempt of each meets."""
    methods = ("GET",) if part == "reads" else CHANGING
    async with rig.client() as client:
        if fault.gate is not None:
            name = f"{vendor}-{fault.gate}-{part}-again"
            asking = asyncio.gather(*(cell.ask(client, name) for cell in cells))
            await asyncio.sleep(OPENED_AFTER[fault.gate])
            rig.run(rig.gates[name].open())
            await asking
            return
        for cell in cells:
            rig.emulator(vendor, "PUT", "faults", fault.rules(*methods, times=1))
            await cell.ask(client, f"{vendor}-again-in-time" if fault.slow else f"{vendor}-again")
        rig.emulator(vendor, "DELETE", "faults")


async def ready(rig: Rig, operations: Operations, vendor: str, fault: Fault) -> list[Cell]:
    """Return the cells that the fault tells something about."""
    async with rig.client() as client:
        cells = await prepared(rig, vendor, operations, client)
    if fault.slow or fault.gate is not None:
        # An attempt's own limit is not one of what is passed through, and a gate that opens is no fault to it.
        cells = [cell for cell in cells if not cell.prepared.passed]
    if fault.gate is not None and not fault.write_again:
        # Its first call is a read, which is made again.
        cells = [cell for cell in cells if cell.name != "patch"]
    return cells


def expected_once(cell: Cell, vendor: str, fault: Fault, part: str) -> Told:
    """Return what the table says of a cell that meets its fault once."""
    if (fault.name, cell.name) == ("reset", "passed GET"):
        # A line that had served before may just have been closed: what changes nothing is sent on another one.
        return USUAL
    again = fault.read_again if part == "reads" else fault.write_again
    return USUAL if again and not cell.prepared.passed else expected_of(cell, vendor, fault, part)


def check(cells: list[Cell], vendor: str, fault: Fault, part: str) -> None:
    for cell in cells:
        expected = expected_once(cell, vendor, fault, part)
        check_answer(cell, expected, cell.status if 200 <= cell.status <= 204 else 200)
        check_nothing_leaks(cell, vendor, None if expected.usual else fault.mark)


@every_vendor
@every_fault
async def test_a_read_is_made_again_where_that_may_help(rig: Rig, vendor: str, fault: Fault) -> None:
    cells = await ready(rig, SOME_READS, vendor, fault)
    await asked(rig, cells, vendor, fault, "reads")
    check(cells, vendor, fault, "reads")
    rig.settled()


@every_vendor
@every_fault
async def test_a_write_is_made_again_only_where_it_surely_was_not_made(
    rig: Rig, vendor: str, fault: Fault
) -> None:
    cells = await ready(rig, SOME_WRITES, vendor, fault)
    await asked(rig, cells, vendor, fault, "writes")
    check(cells, vendor, fault, "writes")
    rig.settled()
    async with rig.client() as client:
        subjects = Subjects(client, f"{vendor}-patient", lambda: rig.seen(vendor))
        for cell in cells:
            await check_made(cell, fault, subjects)


async def check_made(cell: Cell, fault: Fault, subjects: Subjects) -> None:
    """See that the vendor made it as often as the answer says."""
    if cell.prepared.effect is None or fault.done is None:
        return
    again = fault.write_again and not cell.prepared.passed
    assert await cell.prepared.effect(subjects) == int(fault.done or again), cell
