"""Several workers behind one socket: a supervisor forks them, replaces those that die, and stops them all.

They are forked, not started anew: so they have the socket, the settings and the cells of the metrics without being
told of them, are there within milliseconds, and share the memory of what was imported. The supervisor therefore has
one thread, no event loop, and nothing open that a worker could use by mistake.
"""

import contextlib
import gc
import multiprocessing
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Final, Protocol

import structlog

from gateway.cli.failures import ProblemFailure
from gateway.cli.servers import STOP_SIGNALS

SHORTEST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 30.0
"""How many seconds a place stays empty, at least and at most, when workers die in it again and again."""

STEADY_SECONDS: Final = 30.0
"""A worker that lived so long did not die of its start."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a worker knows of its supervisor.

    Attributes:
        number: the worker's, from 1 on.
        ready: takes anything once the worker answers.
        lifeline: becomes readable when the supervisor is gone.
    """

    number: int
    ready: Connection
    lifeline: Connection


class Task(Protocol):
    """What workers are for."""

    def work(self, link: Link) -> None:
        """Be a worker, in a process of its own: until SIGTERM, or until the lifeline becomes readable."""
        ...

    def all_answer(self) -> None:
        """Take note, once, that every worker answers."""
        ...

    def stopping(self) -> None:
        """Let go of what new workers would need: there will be none any more."""
        ...


@dataclass(slots=True)
class _Place:
    """Where one worker after the other works.

    Attributes:
        number: from 1 on.
        process: the worker; None while there is none.
        ready: says that it answers, or that it is gone; None once it said so.
        answered: a worker has answered here.
        started: when the last one was started, on the monotonic clock.
        deaths: how many died in a row without having lived for long.
        due: from when on there shall be another.
    """

    number: int
    process: BaseProcess | None = None
    ready: Connection | None = None
    answered: bool = False
    started: float = 0.0
    deaths: int = 0
    due: float = 0.0

    def pause(self, now: float) -> float:
        """Note that the worker died; returns the seconds until there shall be another."""
        self.deaths = 1 if now - self.started >= STEADY_SECONDS else self.deaths + 1
        pause = min(SHORTEST_PAUSE * 2.0 ** min(self.deaths - 1, 16), LONGEST_PAUSE)
        self.due = now + pause
        return pause


class Supervisor:
    """Keeps workers at work until it is told to stop."""

    def __init__(self, task: Task, workers: int, graceful_seconds: float) -> None:
        """Make a supervisor of workers that are not there yet.

        Args:
            task: what they do.
            workers: how many there shall be.
            graceful_seconds: how long they may take to end.
        """
        self._task = task
        self._places = [_Place(number) for number in range(1, workers + 1)]
        self._graceful_seconds = graceful_seconds
        self._context = multiprocessing.get_context("fork")
        self._lifeline, self._held = self._context.Pipe(duplex=False)
        self._log = structlog.get_logger("gateway.supervisor")
        self._stop_until: float | None = None
        self._unstartable: int | None = None

    def run(self) -> None:
        """Run until a signal says to stop and every worker has ended. A second signal kills them.

        Raises:
            ProblemFailure: a worker ended without ever having answered, before all of them did.
        """
        # What is there now is never collected, so that no collection writes to the memory that is shared.
        gc.collect()
        gc.freeze()
        told = False
        try:
            with _signals() as signals:
                while self._stop_until is None or self._living():
                    self._fill()
                    self._wait(signals)
                    self._kill_the_late()
                    if not told and self._stop_until is None and all(each.answered for each in self._places):
                        told = True
                        self._task.all_answer()
        finally:
            self._kill()
        if self._unstartable is not None:
            raise ProblemFailure(f"worker {self._unstartable} could not start; the log says why")

    def _fill(self) -> None:
        """Start a worker in every place where one is due."""
        now = time.monotonic()
        for place in self._places:
            if self._stop_until is None and place.process is None and place.due <= now:
                self._start(place)

    def _start(self, place: _Place) -> None:
        place.ready, ready = self._context.Pipe(duplex=False)
        link = Link(place.number, ready, self._lifeline)
        place.process = self._context.Process(target=self._become_worker, args=(link,))
        place.started = time.monotonic()
        # A signal that came between the fork and the worker's own handlers would be told to the supervisor.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        try:
            place.process.start()
        except OSError as error:
            place.process = None
            pause = place.pause(place.started)
            self._log.error(
                "worker cannot be started", worker=place.number, reason=str(error), again_in_seconds=pause
            )
            return
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
            ready.close()
        self._log.info("worker started", worker=place.number, process=place.process.pid)

    def _become_worker(self, link: Link) -> None:
        signal.set_wakeup_fd(-1)
        # A terminal's Ctrl-C reaches everybody; it is the supervisor who acts on it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        self._held.close()
        self._task.work(link)

    def _wait(self, signals: socket.socket) -> None:
        """Wait until something happens, and see to it."""
        watched = [each.ready for each in self._places if each.ready is not None]
        ends = [each.process.sentinel for each in self._places if each.process is not None]
        happened = wait([signals, *watched, *ends], self._seconds_to_wait())
        for place in self._places:
            if place.ready in happened:
                _hear(place)
            if place.process is not None and place.process.sentinel in happened:
                self._bury(place, place.process)
        if signals in happened:
            for _ in signals.recv(64):
                self._told_to_stop()

    def _seconds_to_wait(self) -> float | None:
        if self._stop_until is None:
            moments = [place.due for place in self._places if place.process is None]
        else:
            moments = [self._stop_until]
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _bury(self, place: _Place, process: BaseProcess) -> None:
        """Note that a worker has ended."""
        process.join()
        code = process.exitcode
        process.close()
        place.process = None
        if self._stop_until is not None:
            return
        if not place.answered:
            self._unstartable = place.number
            self._stop()
            return
        pause = place.pause(time.monotonic())
        self._log.error("worker died", worker=place.number, exit_code=code, replaced_in_seconds=pause)

    def _told_to_stop(self) -> None:
        if self._stop_until is None:
            self._stop()
        else:
            self._kill()

    def _stop(self) -> None:
        """Have every worker end what is under way."""
        self._task.stopping()
        self._stop_until = time.monotonic() + self._graceful_seconds
        for process in self._living():
            process.terminate()

    def _kill_the_late(self) -> None:
        if self._stop_until is None or time.monotonic() < self._stop_until:
            return
        late = [place.number for place in self._places if place.process is not None]
        self._log.warning("workers killed that did not end in time", workers=late)
        self._kill()
        self._stop_until = time.monotonic() + self._graceful_seconds

    def _kill(self) -> None:
        for process in self._living():
            process.kill()

    def _living(self) -> list[BaseProcess]:
        return [place.process for place in self._places if place.process is not None]


def _hear(place: _Place) -> None:
    """Take note of a worker that answers; one that died before says nothing more."""
    if place.ready is None:
        return
    with contextlib.suppress(EOFError, OSError):
        place.ready.recv()
        place.answered = True
    place.ready.close()
    place.ready = None


@contextlib.contextmanager
def _signals() -> Iterator[socket.socket]:
    """Give a socket that holds a byte for every signal to stop, while they do nothing else."""
    heard, told = socket.socketpair()
    for end in (heard, told):
        end.settimeout(0)
    before = {number: signal.signal(number, lambda *_: None) for number in STOP_SIGNALS}
    descriptor = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    try:
        yield heard
    finally:
        signal.set_wakeup_fd(descriptor)
        for number, handler in before.items():
            signal.signal(number, handler)
        heard.close()
        told.close()
