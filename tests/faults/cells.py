"""One operation under one fault, asked and judged."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from emulators.registry import load_all
from schemas.support import Ability
from tests.faults.expected import EXCEPTIONS, Fault, Told
from tests.faults.operations import WRITES, Prepare, Prepared, Subjects, offered, told
from tests.faults.rig import SECONDS, SLACK_SECONDS, Rig

EMULATORS: Final = load_all()
CHANGING: Final = ("POST", "PATCH", "PUT", "DELETE")
MOST_CALLS: Final = 4
"""Of the vendor's, that one request may need."""

Operations = Mapping[str, tuple[Ability, Prepare]]


@dataclass(repr=False)
class Cell:
    """One operation under one fault.

    Attributes:
        name: the operation's.
        prepared: the request.
        headers: sent with it.
        reply: the answer; None where it broke off after its head, which is then in `status`.
        status: of the answer.
    """

    name: str
    prepared: Prepared
    headers: dict[str, str]
    reply: httpx.Response | None = None
    status: int = 0

    async def ask(self, client: httpx.AsyncClient, connection: str) -> None:
        """Send the request; whatever comes has to come within the bounds."""
        root = "/passthrough" if self.prepared.passed else "/v1/connections"
        self.reply, self.status = None, 0
        url = f"{root}/{connection}{self.prepared.path}"
        request = client.build_request(
            self.prepared.method, url, json=self.prepared.body, headers=self.headers
        )
        async with asyncio.timeout(MOST_CALLS * SECONDS + SLACK_SECONDS):
            reply = await client.send(request, stream=True)
            self.status = reply.status_code
            try:
                await reply.aread()
            except httpx.RemoteProtocolError:
                return
            finally:
                await reply.aclose()
        self.reply = reply

    @property
    def told(self) -> Any:
        return None if self.reply is None else told(self.reply)

    def __repr__(self) -> str:
        return f"{self.name}: {self.status} {'broken off' if self.reply is None else self.reply.text[:400]}"


async def prepared(rig: Rig, vendor: str, operations: Operations, client: httpx.AsyncClient) -> list[Cell]:
    """Return the cells of a vendor, ready to be asked; the emulator is as at its start but for what they need."""
    rig.emulator(vendor, "POST", "reset")
    subjects = Subjects(client, f"{vendor}-patient", lambda: rig.seen(vendor))
    cells = []
    for name, prepare in offered(operations, vendor).items():
        headers = {"idempotency-key": f'"{secrets.token_hex(8)}"'} if operations is WRITES else {}
        cells.append(Cell(name, await prepare(subjects), headers))
    return cells


def expected_of(cell: Cell, vendor: str, fault: Fault, part: str) -> Told:
    """Return what the table says of a cell."""
    if part == "reads":
        told = fault.passed_get if cell.prepared.passed else fault.read
    else:
        told = fault.passed_post if cell.prepared.passed else fault.write
    return EXCEPTIONS.get((fault.name, cell.name, vendor), told)


def check_answer(cell: Cell, expected: Told, usual: int) -> None:
    """Compare an answer with the table."""
    assert cell.status == (expected.status or usual), cell
    assert (cell.reply is None) is expected.broken, cell
    if cell.reply is None:
        return
    if expected.code is not None:
        problem = cell.told
        assert problem["code"] == expected.code, cell
        assert problem["request_id"] == cell.reply.headers["x-request-id"], cell
        assert cell.reply.headers["content-type"] == "application/problem+json", cell
        assert problem["retryable"] in (
            (True, False) if expected.retryable is None else (expected.retryable,)
        ), cell
    waits = cell.reply.headers.get("retry-after")
    assert (waits is not None) is expected.waits, cell
    assert waits is None or waits.endswith("GMT") or 0 < int(waits) <= 60, cell


def check_nothing_leaks(cell: Cell, vendor: str, mark: str | None) -> None:
    """Look for our credential, and for what the fault says, in the answer."""
    if cell.reply is None:
        return
    shown = f"{cell.reply.headers!r}{cell.reply.text}"
    assert EMULATORS[vendor].default_key not in shown, cell
    if mark is not None and not cell.prepared.passed:
        assert mark not in shown, cell
