"""What happens to one request on its long way, noted by whoever has a part in it.

A call to a vendor that several requests wait for is noted with the request that began it; of the others the cache's
outcome `collapsed` tells.
"""

import time
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Final

from gateway.telemetry.spans import Span, Tracer, Untraced
from gateway.telemetry.trace_context import TraceContext


@dataclass(slots=True)
class StopWatch:
    """Adds up the time during which at least one of several things was under way; each is a `with` block.

    Attributes:
        count: how many there were.
        under_way: how many there are.
    """

    count: int = 0
    under_way: int = 0
    _spent: float = 0.0
    _since: float = 0.0

    def begin(self) -> None:
        """Note that one of them begins."""
        if not self.under_way:
            self._since = time.perf_counter()
        self.count += 1
        self.under_way += 1

    def end(self) -> None:
        """Note that one of them ends."""
        self.under_way -= 1
        if not self.under_way:
            self._spent += time.perf_counter() - self._since

    def add(self, seconds: float) -> None:
        """Add one that somebody else has measured."""
        self.count += 1
        self._spent += seconds

    def __enter__(self) -> None:
        self.begin()

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def milliseconds(self) -> float:
        """Return the time until now."""
        running = time.perf_counter() - self._since if self.under_way else 0.0
        return round((self._spent + running) * 1000, 2)


@dataclass(slots=True)
class Journey:
    """One request on its way.

    Attributes:
        request_id: its id.
        span: its place in the trace.
        tracer: makes the spans of its calls.
        to_vendors: vendors are told the trace's ids.
        vendor: requests to vendors.
        queue: calls that waited for their turn.
        pause: calls that waited to be made again.
        parse: vendors' answers that were made sense of.
    """

    request_id: str
    span: Span
    tracer: Tracer = field(default_factory=Untraced)
    to_vendors: bool = True
    vendor: StopWatch = field(default_factory=StopWatch)
    queue: StopWatch = field(default_factory=StopWatch)
    pause: StopWatch = field(default_factory=StopWatch)
    parse: StopWatch = field(default_factory=StopWatch)
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = time.perf_counter()

    @property
    def context(self) -> TraceContext:
        """Return its place in the trace."""
        return self.span.context

    @property
    def seconds(self) -> float:
        """Return how long it has taken."""
        return time.perf_counter() - self._began

    @property
    def notes(self) -> dict[str, object]:
        """Return what the log line tells of the vendor; nothing where no vendor was asked."""
        told: dict[str, object] = {}
        if self.vendor.count:
            told.update(vendor_calls=self.vendor.count, vendor_milliseconds=self.vendor.milliseconds)
        if self.queue.count:
            told["queue_milliseconds"] = self.queue.milliseconds
        if self.pause.count:
            told["pause_milliseconds"] = self.pause.milliseconds
        return told

    def server_timing(self) -> str:
        """Return what `Server-Timing` says (https://www.w3.org/TR/server-timing/); empty where no vendor was asked."""
        if not self.vendor.count:
            return ""
        parts = {"vendor": self.vendor, "queue": self.queue, "pause": self.pause, "parse": self.parse}
        told = [f"{name};dur={watch.milliseconds}" for name, watch in parts.items() if watch.count]
        return ", ".join([*told, f"total;dur={round(self.seconds * 1000, 2)}"])


_CURRENT: Final[ContextVar[Journey | None]] = ContextVar("journey", default=None)


def current() -> Journey | None:
    """Return the request that the running task works for; None where it works for none."""
    return _CURRENT.get()


def set_out(journey: Journey) -> Token[Journey | None]:
    """Have this task, and those that it makes from now on, work for a request."""
    return _CURRENT.set(journey)


def arrived(token: Token[Journey | None]) -> None:
    """Undo `set_out`."""
    _CURRENT.reset(token)


def parsing() -> AbstractContextManager[None]:
    """Measure that a vendor's answer is made sense of."""
    journey = current()
    return nullcontext() if journey is None else journey.parse
