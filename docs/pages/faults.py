"""The part of docs/reliability.md that says what a caller gets for each fault of a vendor."""

from docs.pages.markdown import table
from tests.faults.expected import FAULTS, Fault, Told

HEADER = (
    "the vendor",
    "a read",
    "a write",
    "a GET passed through",
    "another method passed through",
    "made again",
)


def text() -> str:
    """Return the table, from the very expectations that the tests of faults hold the gateway to."""
    rows = [(fault.sentence, *map(_said, fault.answers), _again(fault)) for fault in FAULTS]
    return table(HEADER, rows)


def _said(told: Told) -> str:
    if told.broken:
        return "breaks off, so that nobody takes it for whole"
    if told.handed_on:
        return "the vendor's, as it comes"
    if told.usual:
        return "as usual"
    waits = ", `Retry-After`" if told.waits else ""
    if told.code is None:
        return f"the vendor's {told.status}{waits}"
    retryable = {True: ", retryable", False: "", None: ", retryable if nothing but reads was sent"}
    return f"{told.status} `{told.code}`{retryable[told.retryable]}{waits}"


def _again(fault: Fault) -> str:
    if fault.read.waits:
        made = "reads and writes" if fault.write.retryable else "reads"
        return f"{made}, where there is time to wait"
    return {(True, True): "reads and writes", (True, False): "reads"}.get(
        (fault.read_again, fault.write_again), ""
    )
