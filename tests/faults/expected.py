"""What a caller gets from the gateway for each fault of a vendor: the one table that is tested and printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any, Final

MIB: Final = 1024 * 1024
LATER: Final = "later"
"""Stands in a rule for an HTTP date that is about a minute away."""


@dataclass(frozen=True)
class Told:
    """One answer of the gateway.

    Attributes:
        status: the HTTP status; None for what is answered without the fault.
        code: of the gateway's problem; None for the vendor's own body, or for success.
        retryable: what the problem says; None where it depends on whether a write had only read so far.
        waits: whether `Retry-After` is there.
        broken: the body ends before it is whole, and the caller can tell.
        handed_on: the vendor's answer as it came, though it is none that was due.
    """

    status: int | None = None
    code: str | None = None
    retryable: bool | None = False
    waits: bool = False
    broken: bool = False
    handed_on: bool = False

    @property
    def usual(self) -> bool:
        """Whether the fault is not to be seen."""
        return self.status is None


USUAL: Final = Told()
HANDED_ON: Final = Told(handed_on=True)


@dataclass(frozen=True)
class Fault:
    """Something a vendor does.

    Attributes:
        name: for the tests.
        sentence: what the vendor does, for the page.
        read: the answer to a read.
        write: the answer to a write that is hit itself; runs are writes.
        passed_get: the answer to a GET that is passed through.
        passed_post: likewise to a POST.
        rule: of the emulator; None for a fault of the network.
        gate: how the vendor's address behaves, see `tests.faults.gates`; None for a fault of the emulator.
        slow: whether it takes a vendor call to its time limit.
        done: whether the vendor carries a write out all the same; None where nobody can tell.
        mark: what no answer to a read or write may repeat of the fault.
    """

    name: str
    sentence: str
    read: Told
    write: Told
    passed_get: Told
    passed_post: Told
    rule: Mapping[str, Any] | None = None
    gate: str | None = None
    slow: bool = False
    done: bool | None = False
    mark: str | None = None

    def rules(self, *methods: str) -> list[dict[str, Any]]:
        """Return the emulator's rules that hit these methods."""
        assert self.rule is not None
        later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
        filled = {name: later if value == LATER else value for name, value in self.rule.items()}
        return [{**filled, "method": method} for method in methods]


def _problem(status: int, code: str, *, read: bool, write: bool | None = False) -> dict[str, Told]:
    """Return the answers where every way gets the same problem; they differ in `retryable` alone."""
    first, second = Told(status, code, read), Told(status, code, write)
    return {"read": first, "write": second, "passed_get": first, "passed_post": second}


def _status(status: int, told: Told, write: Told, **rule: Any) -> dict[str, Any]:
    """Return the answers to an error status, which the pass-through hands on as it is."""
    passed = Told(status, waits="retry_after" in rule)
    return {
        "rule": {"fault": "status", "status": status, **rule},
        "read": told,
        "write": write,
        "passed_get": passed,
        "passed_post": passed,
    }


def _as_it_comes(status: int, told: Told, write: Told | None = None) -> dict[str, Told]:
    passed = Told(status)
    return {"read": told, "write": write or told, "passed_get": passed, "passed_post": passed}


_TIMEOUT: Final = _problem(504, "vendor_timeout", read=True)
_CUT: Final = _problem(502, "vendor_unreachable", read=True)
_SURPRISE: Final = Told(502, "vendor_surprise")
_BROKEN, _BROKEN_WRITE = Told(502, "vendor_broken", retryable=True), Told(502, "vendor_broken")
_LIMITED = Told(503, "vendor_limited", retryable=True)
_LIMITED_LATER = Told(503, "vendor_limited", retryable=True, waits=True)
_BREAKS_OFF: Final = Told(broken=True)
_CUT_WITHIN: Final = {**_CUT, "passed_get": _BREAKS_OFF, "passed_post": _BREAKS_OFF}

FAULTS: Final = (
    Fault(
        "slow",
        "answers slowly, within the time limit",
        rule={"fault": "latency", "seconds": 0.05},
        read=USUAL,
        write=USUAL,
        passed_get=USUAL,
        passed_post=USUAL,
        done=True,
    ),
    Fault(
        "too-slow",
        "answers after the time limit",
        **_TIMEOUT,
        rule={"fault": "latency", "seconds": 1.5},
        slow=True,
        done=True,
    ),
    Fault("hang", "never answers", **_TIMEOUT, rule={"fault": "hang"}, slow=True),
    Fault("limited", "429 without `Retry-After`", **_status(429, _LIMITED, _LIMITED)),
    Fault(
        "limited-seconds",
        "429 with `Retry-After` in seconds",
        **_status(429, _LIMITED_LATER, _LIMITED_LATER, retry_after="7"),
    ),
    Fault(
        "limited-date",
        "429 with `Retry-After` as a date",
        **_status(429, _LIMITED_LATER, _LIMITED_LATER, retry_after=LATER),
    ),
    Fault("500", "500", **_status(500, _BROKEN, _BROKEN_WRITE)),
    Fault("501", "501", **_status(501, _BROKEN, _BROKEN_WRITE)),
    Fault("502", "502", **_status(502, _BROKEN, _BROKEN_WRITE)),
    Fault("503", "503", **_status(503, _BROKEN, _BROKEN_WRITE)),
    Fault(
        "503-seconds",
        "503 with `Retry-After`",
        **_status(
            503,
            Told(502, "vendor_broken", retryable=True, waits=True),
            Told(502, "vendor_broken", waits=True),
            retry_after="7",
        ),
    ),
    Fault("504", "504", **_status(504, _TIMEOUT["read"], _TIMEOUT["write"])),
    Fault(
        "html-502",
        "a page of HTML with 502",
        **_as_it_comes(502, _BROKEN, _BROKEN_WRITE),
        rule={"fault": "html"},
        mark="<h1>",
    ),
    Fault(
        "html-200",
        "a page of HTML with 200",
        **_as_it_comes(200, _SURPRISE),
        rule={"fault": "html", "status": 200},
        mark="<h1>",
    ),
    Fault("empty", "200 without a body", **_as_it_comes(200, _SURPRISE), rule={"fault": "empty"}),
    Fault(
        "wrong-shape",
        "JSON of another shape",
        **_as_it_comes(200, _SURPRISE),
        rule={"fault": "wrong_shape"},
        mark="of another shape",
    ),
    Fault(
        "invalid-json",
        "half of the JSON, as if it were whole",
        read=_SURPRISE,
        write=_SURPRISE,
        passed_get=HANDED_ON,
        passed_post=HANDED_ON,
        rule={"fault": "invalid_json"},
        done=True,
    ),
    Fault(
        "truncated",
        "ends the connection in the middle of the body",
        **_CUT_WITHIN,
        rule={"fault": "truncated"},
        done=True,
    ),
    Fault("reset", "resets the connection before it answers", **_CUT, rule={"fault": "reset"}),
    Fault(
        "reset-header",
        "resets the connection within the headers",
        **_CUT,
        rule={"fault": "reset_header"},
        done=True,
    ),
    Fault(
        "reset-body",
        "resets the connection within the body",
        **_CUT_WITHIN,
        rule={"fault": "reset_body"},
        done=True,
    ),
    Fault(
        "drip",
        "sends the answer in pieces, within the time limit",
        rule={"fault": "drip", "chunk": 64 * 1024, "seconds": 0.01},
        read=USUAL,
        write=USUAL,
        passed_get=USUAL,
        passed_post=USUAL,
        done=True,
    ),
    Fault(
        "drip-too-slow",
        "sends the answer drop by drop, beyond the time limit",
        **{**_TIMEOUT, "passed_get": _BREAKS_OFF, "passed_post": _BREAKS_OFF},
        rule={"fault": "drip", "chunk": 1, "seconds": 1.4},
        slow=True,
        done=True,
    ),
    Fault(
        "redirect",
        "a redirect to somewhere else",
        **_as_it_comes(307, _SURPRISE),
        rule={"fault": "redirect"},
        mark="elsewhere",
    ),
    Fault(
        "huge",
        "a body beyond `limits.response_bytes`",
        **_problem(502, "vendor_surprise", read=False),
        rule={"fault": "huge", "size": 2 * MIB},
        mark="xxxxxxxx",
    ),
    Fault(
        "bomb",
        "a small body that unpacks to one beyond `limits.response_bytes`",
        **_as_it_comes(200, _SURPRISE),
        rule={"fault": "bomb", "size": 2 * MIB},
        mark="00000000000000000000000000000000",
    ),
    Fault(
        "refused",
        "no server listens there",
        **_problem(502, "vendor_unreachable", read=True, write=True),
        gate="refused",
    ),
    Fault(
        "full",
        "no connection is accepted",
        **_problem(504, "vendor_timeout", read=True, write=True),
        gate="full",
        slow=True,
    ),
    Fault(
        "silent",
        "a connection is made and nobody reads from it",
        **_problem(504, "vendor_timeout", read=True, write=None),
        gate="silent",
        slow=True,
        done=None,
    ),
)

_NOTHING_TO_READ: Final = ("invalid-json", "truncated", "reset-body", "drip-too-slow")
"""Faults of a body, which an answer without one does not have."""

EXCEPTIONS: Final[Mapping[tuple[str, str, str], Told]] = MappingProxyType(
    {
        # A deletion that the vendor says succeeded needs no words.
        **{("empty", "delete", vendor): USUAL for vendor in ("aitronos", "noxus", "promptlayer")},
        **{("wrong-shape", "delete", vendor): USUAL for vendor in ("aitronos", "noxus")},
        **{(fault, "delete", "aitronos"): USUAL for fault in _NOTHING_TO_READ},
        # What a run gives may be any JSON.
        ("wrong-shape", "run", "promptlayer"): USUAL,
    }
)
"""Fault, operation and vendor to the answer, where it is not the one of all others."""
