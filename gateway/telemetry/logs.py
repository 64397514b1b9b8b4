"""Structured logs: JSON lines for machines, coloured lines for a terminal, secrets in neither."""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, Final

import structlog

from gateway.telemetry.journey import current

_SENSITIVE: Final = re.compile(
    r"authorization|api[-_]?key|secret|token|password|credential|cookie", re.IGNORECASE
)
MASK: Final = "********"
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
    rendering: list[Any] = [structlog.processors.JSONRenderer()]
    if console:
        rendering = [
            printable,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))
