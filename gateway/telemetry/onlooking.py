"""Looks on while vendors are asked: times and counts for the request's log line, spans for its trace."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

from typing_extensions import override

from adapters.errors import AdapterError
from adapters.onlooking import Onlooker, Seen
from gateway.telemetry.journey import Journey, current, parsing
from gateway.telemetry.spans import Span


class _Request(Seen):
    __slots__ = ("_journey", "_span", "_status")

    def __init__(self, journey: Journey, span: Span) -> None:
        self._journey = journey
        self._span = span
        self._status = 0
        journey.vendor.begin()

    @property
    @override
    def headers(self) -> Sequence[tuple[str, str]]:
        return self._span.context.headers if self._journey.to_vendors else ()

    @override
    def answered(self, status: int) -> None:
        self._status = status

    @override
    def ended(self, error: BaseException | None = None) -> None:
        self._journey.vendor.end()
        if self._span is not self._journey.span:
            self._span.end(self._status, None if error is None else _in_a_word(error))


class VendorOnlooker(Onlooker):
    """Looks on for one connection."""

    def __init__(self, connection: str, vendor: str, base_url: str) -> None:
        """Make it.

        Args:
            connection: the connection's name.
            vendor: whose it is.
            base_url: where the vendor is reached.
        """
        parts = urlsplit(base_url)
        self._facts: dict[str, str | int] = {
            "server.address": parts.hostname or "",
            "server.port": parts.port or (443 if parts.scheme == "https" else 80),
            "gateway.connection": connection,
            "gateway.vendor": vendor,
        }

    @override
    def request(self, method: str) -> Seen:
        journey = current()
        if journey is None:
            return Seen()
        return _Request(journey, journey.tracer.call(method, journey.span, self._facts))

    @override
    def reading(self) -> AbstractContextManager[None]:
        return parsing()


def _in_a_word(error: BaseException) -> str:
    """Return the name of what went wrong, which holds nothing that anybody sent."""
    cause = error.__cause__ if isinstance(error, AdapterError) and error.__cause__ else error
    return type(cause).__name__
