"""Structured logs: JSON lines for machines, lines for people, coloured on a terminal, secrets in neither."""

import logging
import math
import re
import sys
import threading
from collections.abc import Iterable, MutableMapping
from types import TracebackType
from typing import Any, Final

import structlog
from typing_extensions import override

from adapters.masking import MASK, Mask
from gateway.environment import collector_secrets
from gateway.telemetry.journey import current

_SENSITIVE: Final = re.compile(
    r"authorization|api[-_]?key|secret|token|password|credential|cookie", re.IGNORECASE
)
SELDOM_SECONDS: Final = 60.0
_REPEATS_ITSELF: Final = "opentelemetry"
"""Logs each batch of spans, and each attempt to send it, while no collector answers."""
SHORTEST_SECRET: Final = 6
"""Shorter texts are not looked for inside log lines: they would mask half of every word."""

_KEY: Final = re.compile(r"wg_[A-Za-z0-9_-]{16,}")
"""What looks like a gateway key: somebody may have put one into a path, where nobody else would know it."""


class Redaction:
    """A structlog processor that masks fields named like secrets; known secrets and gateway keys wherever they are."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._hidden = Mask(*secrets, shortest=SHORTEST_SECRET)

    def __call__(self, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Return the event without secrets."""
        # One look at all texts together is enough for nearly every line.
        texts = "\n".join([value for value in event.values() if isinstance(value, str)])
        suspect = self._hidden.hides(texts) or "wg_" in texts
        for name, value in event.items():
            if _SENSITIVE.search(name):
                event[name] = MASK
            elif suspect or not isinstance(value, str):
                event[name] = self._clean(value)
        return event

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._clean_text(value)
        if isinstance(value, dict):
            return {
                key: MASK if _SENSITIVE.search(str(key)) else self._clean(item) for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._clean(item) for item in value]
        return value

    def _clean_text(self, text: str) -> str:
        if len(text) < SHORTEST_SECRET:
            return text
        text = self._hidden.text(text)
        return _KEY.sub(MASK, text) if "wg_" in text else text


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


def printable(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape what could steer a terminal, in the texts that vendors and callers had a part in."""
    for name, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[name] = _printable(value, "\n" if name == "exception" else "")
    return event


def _printable(text: str, allowed: str) -> str:
    return "".join(
        letter if letter.isprintable() or letter in allowed else letter.encode("unicode_escape").decode()
        for letter in text
    )


def configure(level: str = "info", form: str = "auto", secrets: Iterable[str] = ()) -> None:
    """Set up structlog and the standard library's logging, both to standard error.

    Args:
        level: `debug`, `info`, `warning` or `error`.
        form: `json`, `console`, or `auto` for console on a terminal and JSON elsewhere.
        secrets: texts that must never be shown, beside the key for a collector of traces.
    """
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        of_the_request,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        Redaction((*secrets, *collector_secrets())),
    ]
    rendering: list[Any] = [structlog.processors.JSONRenderer()]
    if console:
        rendering = [
            printable,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    handler.addFilter(Seldom(_REPEATS_ITSELF))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))


def catch_the_rest() -> None:
    """Have what nobody catches logged, for a process that serves: Python would print it with the secrets in it."""
    sys.excepthook = _uncaught
    threading.excepthook = lambda found: _uncaught(found.exc_type, found.exc_value, found.exc_traceback)
    sys.unraisablehook = lambda found: _uncaught(found.exc_type, found.exc_value, found.exc_traceback)


def _uncaught(
    kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None
) -> None:
    structlog.get_logger("gateway.process").critical(
        "nobody caught this", exc_info=(kind, error or kind(), traceback)
    )
