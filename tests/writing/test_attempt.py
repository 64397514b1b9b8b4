"""What an attempt sent, and how sure it is what came of it."""

from typing import Any

import pytest

from adapters.contract import Answer
from adapters.errors import (
    AdapterError,
    InvalidSegment,
    VendorBroken,
    VendorBusy,
    VendorConflict,
    VendorForbids,
    VendorLimited,
    VendorNotFound,
    VendorRefusedCredential,
    VendorRejected,
    VendorSurprise,
    VendorTimeout,
    VendorUnreachable,
)
from gateway.writing.attempt import Attempt, Outcome, StoppedBeforeChange

NEVER_LEFT = VendorUnreachable("no connection")
NEVER_LEFT.never_left = True


class FakeHttp:
    """Fails or answers as told, once per call."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.sent: list[str] = []

    async def get(self, *segments: str, parameters: Any = None) -> Answer:
        return await self.send("GET", *segments)

    async def send(self, method: str, *segments: str, parameters: Any = None, body: Any = None) -> Answer:
        self.sent.append(f"{method} {'/'.join(segments)}")
        outcome = self.outcomes.pop(0)
        if outcome is not None:
            raise outcome
        return Answer(200, {}, b"", None)


async def after(*calls: tuple[str, Exception | None]) -> Outcome:
    attempt = Attempt()
    http = attempt.over(FakeHttp(*[outcome for _, outcome in calls]))  # type: ignore[arg-type]
    try:
        for method, _ in calls:
            await (http.get("a") if method == "GET" else http.send(method, "a"))
    except Exception as error:  # noqa: BLE001 - what came of it is the question
        return attempt.outcome(error)
    return attempt.outcome(None)


CASES: tuple[tuple[list[tuple[str, Exception | None]], Outcome], ...] = (
    ([("GET", None), ("POST", None)], Outcome.DONE),
    ([("GET", VendorTimeout("late"))], Outcome.NOTHING),
    ([("GET", VendorNotFound("none"))], Outcome.NOTHING),
    ([("POST", VendorRejected("no"))], Outcome.REFUSED),
    ([("POST", VendorConflict("no"))], Outcome.REFUSED),
    ([("POST", VendorNotFound("no"))], Outcome.REFUSED),
    ([("POST", VendorLimited("slower"))], Outcome.NOTHING),
    ([("POST", VendorRefusedCredential("who"))], Outcome.NOTHING),
    ([("POST", VendorForbids("no"))], Outcome.NOTHING),
    ([("POST", VendorBusy("full"))], Outcome.NOTHING),
    ([("POST", NEVER_LEFT)], Outcome.NOTHING),
    ([("POST", InvalidSegment("odd"))], Outcome.NOTHING),
    ([("POST", VendorUnreachable("broke"))], Outcome.UNKNOWN),
    ([("POST", VendorTimeout("late"))], Outcome.UNKNOWN),
    ([("POST", VendorBroken("500"))], Outcome.UNKNOWN),
    ([("POST", VendorSurprise("html"))], Outcome.UNKNOWN),
    ([("POST", KeyError("ours"))], Outcome.UNKNOWN),
    ([("POST", None), ("GET", VendorNotFound("none"))], Outcome.UNKNOWN),
    ([("POST", None), ("PUT", VendorRejected("no"))], Outcome.REFUSED),
    # The first of two changes is made: trying again would make it twice.
    ([("POST", None), ("PUT", VendorLimited("slower"))], Outcome.UNKNOWN),
    ([("POST", None), ("PUT", NEVER_LEFT)], Outcome.UNKNOWN),
)


@pytest.mark.parametrize(("calls", "outcome"), CASES)
async def test_what_came_of_it(calls: list[tuple[str, Exception | None]], outcome: Outcome) -> None:
    assert await after(*calls) is outcome


async def test_a_dry_run_reads_and_stops_at_the_first_change() -> None:
    attempt, inner = Attempt(dry_run=True), FakeHttp(None)
    http = attempt.over(inner)  # type: ignore[arg-type]
    await http.get("flows", "a/b")
    with pytest.raises(StoppedBeforeChange) as stopped:
        await http.send("PATCH", "flows", "a/b", parameters={"force": True, "q": "ü"}, body={"x": 1})
    call = stopped.value.call
    assert (call.method, call.path, call.body) == ("PATCH", "/flows/a%2Fb?force=true&q=%C3%BC", {"x": 1})
    assert inner.sent == ["GET flows/a/b"]
    assert (attempt.begun, attempt.outcome(None)) == (0, Outcome.PLANNED)


def test_a_stop_is_no_error_that_an_adapter_may_catch() -> None:
    assert not issubclass(StoppedBeforeChange, AdapterError)
