"""The part of docs/reliability.md that says what a caller gets for each fault of a vendor."""

from docs.pages.markdown import table
from tests.faults.expected import FAULTS, Told

HEADER = ("the vendor", "a read", "a write", "a GET passed through", "another method passed through")


def text() -> str:
    """Return the table, from the very expectations that the tests of faults hold the gateway to."""
    rows = [
        (
            fault.sentence,
            _said(fault.read),
            _said(fault.write),
            _said(fault.passed_get),
            _said(fault.passed_post),
        )
        for fault in FAULTS
    ]
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
