"""Where the lines go: a file that is only ever appended to, or the log."""

import asyncio
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import structlog

from gateway.audit.denials import SECONDS, Denials
from gateway.audit.records import BEGUN, DENIED, record
from gateway.edge.asgi import Scope
from gateway.errors import AuditUnavailable
from gateway.telemetry.counting import Counting
from gateway.telemetry.logs import Redaction
from schemas.base import JsonObject
from schemas.json_codec import dumps

_FLAGS: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
_OWNER_ALONE: Final = 0o600


class AuditFile:
    """A file to append lines to; one that was moved away or removed is made anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._known: tuple[int, int] | None = None
        self._torn = False

    def open(self) -> None:
        """Open the file, and make it where there is none: for its owner alone.

        Raises:
            OSError: it cannot be opened.
        """
        self.close()
        self._descriptor = os.open(self._path, _FLAGS, _OWNER_ALONE)
        found = os.fstat(self._descriptor)
        self._known = (found.st_dev, found.st_ino)
        self._torn &= found.st_size > 0

    def append(self, line: bytes) -> None:
        """Append a line, whole, at the end that the file has by then: several processes may do so.

        Raises:
            OSError: it is not there, or not whole.
        """
        if self._descriptor is None or self._moved():
            self.open()
        assert self._descriptor is not None  # noqa: S101 - it is open
        # What a full disk cut off gets a line of its own.
        line = b"\n" + line if self._torn else line
        count = os.write(self._descriptor, line)
        self._torn = count != len(line)
        if self._torn:
            raise OSError(f"only {count} of {len(line)} bytes were written")

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _moved(self) -> bool:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return True
        return (found.st_dev, found.st_ino) != self._known


class AuditLog:
    """Writes the lines; a write of a few microseconds, so that it is done at once and in order."""

    def __init__(
        self,
        file: AuditFile | None,
        clock: Callable[[], float],
        *,
        required: bool = False,
        secrets: Iterable[str] = (),
        counting: Counting | None = None,
    ) -> None:
        """Make a log; nothing is opened yet.

        Args:
            file: where lines go; None for the log stream.
            clock: seconds of the wall clock.
            required: nothing may be changed that cannot be written down beforehand.
            secrets: texts that are never shown.
            counting: counts the lines that could not be written.
        """
        self.required = required
        self._file = file
        self._clock = clock
        self._clean = Redaction(secrets)
        self._counting = counting
        self._denials = Denials()
        self._timer: asyncio.TimerHandle | None = None
        self._failed = False
        self._stream = structlog.get_logger("gateway.audit")

    def open(self) -> None:
        """Open the file, if there is one.

        Raises:
            OSError: it cannot be opened.
        """
        if self._file is not None:
            self._file.open()

    def close(self) -> None:
        """Write what is not written yet, and let go of the file."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._write_due(self._clock() + SECONDS)
        if self._file is not None:
            self._file.close()

    def begin(self, scope: Scope) -> None:
        """Write down that a write begins, where that is required.

        Raises:
            AuditUnavailable: it cannot be written down, so that nothing may be done.
        """
        if self.required and not self._write(record(scope, BEGUN, self._clock())):
            raise AuditUnavailable

    def opened(self, scope: Scope) -> None:
        """Write down that a websocket is opened; what is said in it nobody here reads.

        Raises:
            AuditUnavailable: it cannot be written down, and has to be.
        """
        if not self._write(record(scope, BEGUN, self._clock())) and self.required:
            raise AuditUnavailable

    def tell(self, scope: Scope, outcome: str, status: int, made: str | None = None) -> None:
        """Write down what came of a request; denials of one kind are told once a minute.

        Args:
            scope: the request's.
            outcome: see `gateway.audit.records`.
            status: of the answer; 0 when there is none.
            made: the path of what was made.
        """
        now = self._clock()
        line = record(scope, outcome, now, status)
        if made is not None:
            line["made"] = made
        if outcome != DENIED:
            self._write(line)
            return
        self._write_due(now)
        if self._denials.is_first(line, now):
            self._write(line)
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SECONDS, self._ring)

    def denied(self, scope: Scope) -> None:
        """Write down that a request was refused which nobody known sent."""
        self.tell(scope, DENIED, 401)

    def _ring(self) -> None:
        self._timer = None
        self._write_due(self._clock())
        if self._denials.waiting:
            self._timer = asyncio.get_running_loop().call_later(SECONDS, self._ring)

    def _write_due(self, now: float) -> None:
        for line in self._denials.due(now):
            self._write(line)

    def _write(self, line: JsonObject) -> bool:
        """Write a line; says whether it is there now."""
        if self._file is None:
            self._stream.info("audit", **{name: value for name, value in line.items() if name != "time"})
            return True
        try:
            self._file.append(dumps(self._clean(None, "", line)) + b"\n")
        except OSError as error:
            if self._counting is not None:
                self._counting.audit_failed()
            if not self._failed:
                self._stream.error("the audit log cannot be written", reason=str(error))
            self._failed = True
            return False
        if self._failed:
            self._stream.warning("the audit log is written again")
        self._failed = False
        return True
