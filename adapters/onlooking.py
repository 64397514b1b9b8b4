"""Looking on while a vendor is asked, and adding to the heads of requests: adapters know neither logs nor traces."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Final, Self

TRACE_HEADERS: Final = frozenset({b"traceparent", b"tracestate"})
"""Headers that only an onlooker adds, whoever else sends them (https://www.w3.org/TR/trace-context/)."""


class Seen:
    """One request to the vendor, from its head to the end of its answer; one that is sent again is another.

    Nothing that it does may raise. As a context manager it ends when it is left.
    """

    __slots__ = ()

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        """Return what is added to its head, in place of what has the same names there."""
        return ()

    def answered(self, status: int) -> None:
        """Take note that the head of the answer is here."""

    def ended(self, error: BaseException | None = None) -> None:
        """Take note that it is over, once; with what went wrong, unless nothing did."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        self.ended(error)


class Onlooker:
    """Looks on while one connection's calls are made; this one sees nothing. Nothing that it does may raise."""

    def request(self, method: str) -> Seen:  # noqa: ARG002 - for those who look
        """Take note of a request that is sent now."""
        return Seen()

    def reading(self) -> AbstractContextManager[None]:
        """Look on while an answer is made sense of."""
        return nullcontext()


NOBODY: Final = Onlooker()
