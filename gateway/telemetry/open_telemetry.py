"""Spans for OpenTelemetry. Needs the extra `otel`.

Names and facts are those of its conventions for HTTP
(https://opentelemetry.io/docs/specs/semconv/http/http-spans/). What holds ids of workflows, or anything else that a
caller chose freely, is left out: `url.path`, `url.full`, `url.query`. A route stands for them.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Final, Self

from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)
from opentelemetry.trace import Span as OpenSpan
from typing_extensions import override

from gateway import DISTRIBUTION
from gateway.telemetry.spans import Facts, Span, Tracer
from gateway.telemetry.trace_context import TraceContext

STOP_SECONDS: Final = 3.0
"""How long the collector has to take what is left when the process ends; the rest is lost."""

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})

_OTHER_METHOD: Final = "_OTHER"
_PASSED_THROUGH: Final = "/passthrough/{connection}/{path}"


class RecordedSpan(Span):
    """A span of OpenTelemetry; of a trace that is not sampled too, which then only has its place."""

    def __init__(
        self, span: OpenSpan, name: str, state: str, kind: SpanKind, paths: Mapping[str, str]
    ) -> None:
        """Make it.

        Args:
            span: it has begun.
            name: of the span while its route is not known.
            state: `tracestate` as it was read.
            kind: of the span.
            paths: of every operation by its id.
        """
        own = span.get_span_context()
        self.span = span
        self._context = TraceContext(
            f"{own.trace_id:032x}", f"{own.span_id:016x}", bool(own.trace_flags.sampled), state
        )
        self._name = name
        self._kind = kind
        self._paths = paths

    @property
    @override
    def context(self) -> TraceContext:
        return self._context

    @override
    def tell(self, facts: Facts) -> None:
        if not self.span.is_recording():
            return
        told = dict(facts)
        route = told.get("gateway.route")
        if isinstance(route, str):
            path = told["http.route"] = self._paths.get(route, _PASSED_THROUGH)
            self.span.update_name(f"{self._name} {path}")
        self.span.set_attributes(told)

    @override
    def end(self, status: int = 0, problem: str | None = None) -> None:
        if self.span.is_recording():
            if status:
                self.span.set_attribute("http.response.status_code", status)
            # What a caller did wrong is no error of the server; for whoever called a vendor it is one.
            wrong = problem or (
                str(status) if status >= (400 if self._kind is SpanKind.CLIENT else 500) else None
            )
            if wrong is not None:
                self.span.set_attribute("error.type", wrong)
                self.span.set_status(StatusCode.ERROR)
        self.span.end()


class Recorder(Tracer):
    """Records requests and calls; batches go to a processor once it is started."""

    def __init__(
        self, sample_ratio: float, paths: Mapping[str, str], processor: Callable[[], SpanProcessor]
    ) -> None:
        """Make a recorder that sends nothing yet.

        Args:
            sample_ratio: the part of the traces begun here that is recorded.
            paths: of every operation by its id.
            processor: makes what takes the spans; it may have a thread, which would not outlive a fork.
        """
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(sample_ratio)), resource=_resource(), shutdown_on_exit=False
        )
        self._tracer = self._provider.get_tracer(DISTRIBUTION, version(DISTRIBUTION))
        self._processor = processor
        self._paths = paths

    @classmethod
    def to_collector(cls, sample_ratio: float, paths: Mapping[str, str]) -> Self:
        """Return a recorder for the collector that the variables `OTEL_*` name."""

        def processor() -> SpanProcessor:
            # Imported late: what it is made of opens a socket when it is imported.
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
                OTLPSpanExporter,
            )

            return BatchSpanProcessor(OTLPSpanExporter())

        return cls(sample_ratio, paths, processor)

    @override
    def request(self, method: str, above: TraceContext | None) -> Span:
        context = None if above is None else set_span_in_context(NonRecordingSpan(_remote(above)))
        known = method if method in METHODS else _OTHER_METHOD
        name = "HTTP" if known == _OTHER_METHOD else known
        facts = {"http.request.method": known, "url.scheme": "http"}
        span = self._tracer.start_span(name, context, SpanKind.SERVER, facts)
        return RecordedSpan(span, name, "" if above is None else above.state, SpanKind.SERVER, self._paths)

    @override
    def call(self, method: str, above: Span, facts: Facts) -> Span:
        if not isinstance(above, RecordedSpan):
            return above
        known = method if method in METHODS else _OTHER_METHOD
        told = {"http.request.method": known, **facts}
        span = self._tracer.start_span(known, set_span_in_context(above.span), SpanKind.CLIENT, told)
        return RecordedSpan(span, known, above.context.state, SpanKind.CLIENT, self._paths)

    @override
    async def start(self) -> None:
        self._provider.add_span_processor(self._processor())

    @override
    async def stop(self) -> None:
        """Send what is left. A thread of its own waits for the collector, which may never answer."""
        loop, over = asyncio.get_running_loop(), asyncio.Event()

        def end() -> None:
            self._provider.shutdown()
            if not loop.is_closed():
                loop.call_soon_threadsafe(over.set)

        threading.Thread(target=end, name="last-spans", daemon=True).start()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await over.wait()
        except TimeoutError:
            return


def _remote(above: TraceContext) -> SpanContext:
    """Return where a caller stands, as OpenTelemetry says it."""
    return SpanContext(
        int(above.trace_id, 16),
        int(above.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED if above.sampled else TraceFlags.DEFAULT),
        trace_state=TraceState.from_header([above.state]) if above.state else None,
    )


def _resource() -> Resource:
    """Return who sends the spans: as the variables say, else by our own name."""
    own = Resource({SERVICE_NAME: DISTRIBUTION, SERVICE_VERSION: version(DISTRIBUTION)})
    told = Resource.create()
    if str(told.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
        return told.merge(own)
    return own.merge(told)
