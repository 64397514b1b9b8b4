"""Structured logs: JSON lines for machines, lines for people, coloured on a terminal, secrets in neither."""

import logging
import math
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, Final

import structlog
from typing_extensions import override

from gateway.telemetry.journey import current

_SENSITIVE: Final = re.compile(
    r"authorization|api[-_]?key|secret|token|password|credential|cookie", re.IGNORECASE
)
MASK: Final = "********"
SELDOM_SECONDS: Final = 60.0
_REPEATS_ITSELF: Final = "opentelemetry"
"""Logs each batch of spans, and each attempt to send it, while no collector answers."""
SHORTEST_SECRET: Final = 6
"""Shorter texts are not looked for inside log lines: they would mask half of every word."""


class Redaction:
    """A structlog processor that masks fields named like secrets, and known secrets wherever they stand."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secret for secret in secrets if len(secret) >= SHORTEST_SECRET)

    def __call__(self, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Return the event without secrets."""
        for name, value in event.items():
            event[name] = MASK if _SENSITIVE.search(name) else self._clean(value)
        return event

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, MASK)
            return value
        if isinstance(value, dict):
            return {
                key: MASK if _SENSITIVE.search(str(key)) else self._clean(item) for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._clean(item) for item in value]
        return value


def of_the_request(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add to a line which request it belongs to, and which trace."""
    journey = current()
    if journey is not None:
        event.setdefault("request_id", journey.request_id)
        event.setdefault("trace_id", journey.context.trace_id)
    return event


class Seldom(logging.Filter):
    """Lets a line of a library through once in a while, which would be logged again and again while it is true."""

    def __init__(self, name: str, seconds: float = SELDOM_SECONDS) -> None:
        """Make a filter; others' lines it leaves alone.

        Args:
            name: of the library's loggers, or what they begin with before a dot.
            seconds: between two lines of the same place in its code.
        """
        super().__init__(name)
        self._seconds = seconds
        self._told: dict[tuple[str, int], float] = {}

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        if not super().filter(record):
            return True
        place = (record.pathname, record.lineno)
        if record.created - self._told.get(place, -math.inf) < self._seconds:
            return False
        self._told[place] = record.created
        return True


def configure(level: str = "info", form: str = "auto", secrets: Iterable[str] = ()) -> None:
    """Set up structlog and the standard library's logging, both to standard error.

    Args:
        level: `debug`, `info`, `warning` or `error`.
        form: `json`, `console`, or `auto` for console on a terminal and JSON elsewhere.
        secrets: texts that must never be shown.
    """
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        of_the_request,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        Redaction(secrets),
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
        if console
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(Seldom(_REPEATS_ITSELF))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))
