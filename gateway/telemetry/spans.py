"""What a request is in a trace, and what its calls to vendors are: with a tracer that records, or without."""

from collections.abc import Mapping
from typing import Protocol, TypeAlias

from typing_extensions import override

from gateway.telemetry.trace_context import TraceContext

Facts: TypeAlias = Mapping[str, str | int]


class Span(Protocol):
    """Something that has a beginning and an end in a trace."""

    @property
    def context(self) -> TraceContext:
        """Return its place."""
        ...

    def tell(self, facts: Facts) -> None:
        """Add facts, by the names of OpenTelemetry's semantic conventions."""
        ...

    def end(self, status: int = 0, problem: str | None = None) -> None:
        """End it.

        Args:
            status: HTTP status of the answer; 0 for none.
            problem: what went wrong, in a word; None for nothing.
        """
        ...


class Tracer(Protocol):
    """Makes spans."""

    def request(self, method: str, above: TraceContext | None) -> Span:
        """Begin the span of a request to the gateway.

        Args:
            method: of the request.
            above: where the caller stands; None where a trace begins here.
        """
        ...

    def call(self, method: str, above: Span, facts: Facts) -> Span:
        """Begin the span of a request to a vendor."""
        ...

    async def start(self) -> None:
        """Begin to send what is recorded, in this process."""
        ...

    async def stop(self) -> None:
        """Send what is still to be sent, for a short while, and end."""
        ...


class Unrecorded(Span):
    """A place in a trace that nobody records."""

    __slots__ = ("_context",)

    def __init__(self, context: TraceContext) -> None:
        self._context = context

    @property
    @override
    def context(self) -> TraceContext:
        return self._context

    @override
    def tell(self, facts: Facts) -> None:
        pass

    @override
    def end(self, status: int = 0, problem: str | None = None) -> None:
        pass


class Untraced(Tracer):
    """Records nothing, and yet continues traces: the vendor is told of the request, by its one place."""

    @override
    def request(self, method: str, above: TraceContext | None) -> Span:
        return Unrecorded(TraceContext.begin() if above is None else above.below())

    @override
    def call(self, method: str, above: Span, facts: Facts) -> Span:
        return above

    @override
    async def start(self) -> None:
        pass

    @override
    async def stop(self) -> None:
        pass
