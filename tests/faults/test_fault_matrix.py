"""Every fault, times vendor, times operation: the right answer, nothing leaked, nothing left over, nothing twice."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.faults.cells import (
    CHANGING,
    EMULATORS,
    Cell,
    check_answer,
    check_nothing_leaks,
    expected_of,
    prepared,
)
from tests.faults.expected import FAULTS, Fault
from tests.faults.operations import READS, WRITES, Subjects
from tests.faults.rig import CONCURRENCY, Rig, open_sockets

PATIENCE = 10
"""How often a request is sent again."""

every_vendor = pytest.mark.parametrize("vendor", sorted(EMULATORS))
every_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)


async def all_asked(cells: list[Cell], client: httpx.AsyncClient, connection: str) -> None:
    """Ask all at once, as callers do."""
    await asyncio.gather(*(cell.ask(client, connection) for cell in cells))


async def asked_in_time(cell: Cell, client: httpx.AsyncClient, connection: str) -> None:
    """Ask, and ask again where a machine that has other things to do took longer than a hasty connection waits."""
    for _ in range(PATIENCE):
        await cell.ask(client, connection)
        if not (cell.status == 504 and cell.told["retryable"]):
            return


def way_of(vendor: str, fault: Fault, part: str) -> str:
    """Return the connection that a fault is met through."""
    if fault.gate is not None:
        return f"{vendor}-{fault.gate}-{part}"
    return f"{vendor}-hasty" if fault.slow else f"{vendor}-patient"


def end_fault(rig: Rig, vendor: str, fault: Fault, part: str) -> None:
    """Have the vendor answer as usual from now on."""
    if fault.gate is not None:
        rig.run(rig.gates[f"{vendor}-{fault.gate}-{part}"].open())
    else:
        rig.emulator(vendor, "DELETE", "faults")


def check_sockets() -> None:
    """No more lines than the connections may have; each fault that loses one a call would soon exceed that."""
    found = open_sockets()
    ways = len(EMULATORS) * 2
    assert found is None or len(found) < 2 * ways * CONCURRENCY + 200


@every_vendor
@every_fault
async def test_a_read_is_told_of_the_fault_and_the_next_one_is_right(
    rig: Rig, vendor: str, fault: Fault
) -> None:
    connection = way_of(vendor, fault, "reads")
    async with rig.client() as client:
        cells = await prepared(rig, vendor, READS, client)
        await all_asked(cells, client, f"{vendor}-patient")
        before = {cell.name: (cell.status, essence(cell)) for cell in cells}
        assert {status for status, _ in before.values()} == {200}, cells
        if fault.rule is not None:
            rig.emulator(vendor, "PUT", "faults", fault.rules("GET"))
        await all_asked(cells, client, connection)
        for cell in cells:
            expected = expected_of(cell, vendor, fault, "reads")
            check_answer(cell, expected, 200)
            check_nothing_leaks(cell, vendor, None if expected.usual else fault.mark)
        end_fault(rig, vendor, fault, "reads")
        for cell in cells:
            await asked_in_time(cell, client, connection)
        assert {cell.name: (cell.status, essence(cell)) for cell in cells} == before
    rig.settled()
    check_sockets()


def essence(cell: Cell) -> Any:
    """Return what of an answer has to be the same again; a run goes on meanwhile, and a connection has its name."""
    if cell.name == "run":
        return cell.told["id"]
    return None if cell.reply is None else nameless(cell.told)


def nameless(value: Any) -> Any:
    """Return JSON without the names of connections."""
    if isinstance(value, dict):
        return {
            name: nameless(one) for name, one in value.items() if name not in ("connection", "next_cursor")
        }
    return [nameless(one) for one in value] if isinstance(value, list) else value


@every_vendor
@every_fault
async def test_a_write_is_told_of_the_fault_and_never_made_twice(rig: Rig, vendor: str, fault: Fault) -> None:
    connection = way_of(vendor, fault, "writes")
    async with rig.client() as client:
        cells = await prepared(rig, vendor, WRITES, client)
        rig.emulator(vendor, "DELETE", "requests")
        if fault.rule is not None:
            rig.emulator(vendor, "PUT", "faults", fault.rules(*CHANGING))
        await all_asked(cells, client, connection)
        for cell in cells:
            expected = expected_of(cell, vendor, fault, "writes")
            check_answer(cell, expected, cell.status if 200 <= cell.status <= 204 else 200)
            check_nothing_leaks(cell, vendor, None if expected.usual else fault.mark)
        end_fault(rig, vendor, fault, "writes")
        rig.settled()
        subjects = Subjects(client, f"{vendor}-patient", lambda: rig.seen(vendor))
        for cell in cells:
            await check_made(cell, fault, subjects)
            await check_again(cell, client, connection)
            await check_made_once(cell, subjects)
    rig.settled()
    check_sockets()


async def check_made(cell: Cell, fault: Fault, subjects: Subjects) -> None:
    """See whether the vendor made the write, as far as the fault lets it."""
    if cell.prepared.effect is None or fault.done is None:
        return
    made = await cell.prepared.effect(subjects)
    assert made == int(fault.done), (cell.name, made)


async def check_again(cell: Cell, client: httpx.AsyncClient, connection: str) -> None:
    """Do what a careful caller does: ask again with the same key, if that is worth while."""
    first, status = cell.told, cell.status
    if cell.prepared.passed and not (isinstance(first, dict) and first.get("retryable")):
        return
    await asked_in_time(cell, client, connection)
    if status < 400:
        assert cell.reply is not None
        assert (cell.told, cell.reply.headers.get("idempotency-replayed")) == (first, "true"), cell
    elif first["retryable"]:
        # A hasty connection may have given up once more, with the write sent by now.
        assert 200 <= cell.status <= 204 or cell.status == 504, cell
    else:
        assert (cell.status, cell.told["code"]) == (409, "outcome_unknown"), cell


async def check_made_once(cell: Cell, subjects: Subjects) -> None:
    """See that whatever came of it, it is there once at the most, and once for sure where that was told."""
    if cell.prepared.effect is None:
        return
    made = await cell.prepared.effect(subjects)
    assert made <= 1, (cell.name, made)
    # What is passed on is the vendor's word, which the fault may have put into its mouth.
    assert made == 1 or cell.prepared.passed or not 200 <= cell.status <= 204, (cell.name, made)
