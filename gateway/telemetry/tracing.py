"""Makes the tracer that a configuration asks for, and has it and the pulse at work."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from gateway.settings import TracingSettings
from gateway.telemetry.counting import Counting
from gateway.telemetry.pulse import Pulse
from gateway.telemetry.spans import Tracer, Untraced


def build_tracer(settings: TracingSettings, paths: Mapping[str, str]) -> Tracer:
    """Return a tracer: one that records when that is asked for. Nothing is sent before it is started.

    Args:
        settings: checked settings.
        paths: of every operation by its id.
    """
    if not settings.enabled:
        return Untraced()
    # Imported late: it takes a quarter of a second, and needs the extra `otel`.
    from gateway.telemetry.open_telemetry import Recorder  # noqa: PLC0415

    return Recorder.to_collector(settings.sample_ratio, paths)


@asynccontextmanager
async def seeing(tracer: Tracer, counting: Counting | None) -> AsyncIterator[None]:
    """Have what happens sent and told, in this process and the running loop.

    Args:
        tracer: records it.
        counting: counts it; None to count nothing.
    """
    pulse = Pulse()
    if counting is not None:
        counting.watch_process(pulse)
    await tracer.start()
    pulse.start()
    try:
        yield
    finally:
        pulse.stop()
        await tracer.stop()
