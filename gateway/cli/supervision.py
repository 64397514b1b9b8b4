"""Several workers behind one socket: a supervisor forks them, replaces those that die, and stops them all.

To have another configuration taken over it forks as many workers again, and has those there are leave once the new ones
answer. Where the new ones cannot start, nothing changes.

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
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Final

import structlog

from gateway.cli.failures import ProblemFailure
from gateway.cli.servers import STOP_SIGNALS, stopping
from gateway.cli.teams import Link, NotFollowed, Place, Retire, Task, Team, Told

_SIGNALS: Final = (*STOP_SIGNALS, signal.SIGHUP)


class Supervisor:
    """Keeps workers at work until it is told to stop."""

    def __init__(self, task: Task, workers: int) -> None:
        """Make a supervisor of workers that are not there yet.

        Args:
            task: what they do.
            workers: how many there shall be.
        """
        self._workers = workers
        self._current = self._team(task)
        self._coming: Team | None = None
        self._leaving: list[Team] = []
        self._context = multiprocessing.get_context("fork")
        self._lifeline, self._held = self._context.Pipe(duplex=False)
        self._log = structlog.get_logger("gateway.supervisor")
        self._stopping = False
        self._reload = False
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
                while not self._stopping or self._living():
                    self._fill()
                    self._wait(signals)
                    self._kill_the_late()
                    if not told and not self._stopping and self._current.all_answer:
                        told = True
                        self._current.task.all_answer()
                    self._change()
        finally:
            self._kill()
        if self._unstartable is not None:
            raise ProblemFailure(f"worker {self._unstartable} could not start; the log says why")

    def _team(self, task: Task) -> Team:
        return Team(task, [Place(number) for number in range(1, self._workers + 1)])

    def _teams(self) -> list[Team]:
        return [*self._leaving, self._current, *([] if self._coming is None else [self._coming])]

    def _fill(self) -> None:
        """Start a worker in every place where one is due."""
        now = time.monotonic()
        for team in self._teams():
            for place in team.places:
                if team.until is None and place.process is None and place.due <= now:
                    self._start(team, place)

    def _start(self, team: Team, place: Place) -> None:
        place.line, line = self._context.Pipe()
        link = Link(place.number, line, self._lifeline)
        place.process = self._context.Process(target=self._become_worker, args=(team.task, link))
        place.started = time.monotonic()
        # A signal that came between the fork and the worker's own handlers would be told to the supervisor.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
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
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            line.close()
        self._log.info("worker started", worker=place.number, process=place.process.pid)

    def _become_worker(self, task: Task, link: Link) -> None:
        signal.set_wakeup_fd(-1)
        # A terminal's Ctrl-C reaches everybody, and so may a hang-up; it is the supervisor who acts on it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        self._held.close()
        try:
            task.work(link)
        except Exception:  # noqa: BLE001 - the end of a process
            # Left to itself the process would print it as it is, and the log hides secrets.
            self._log.exception("worker failed", worker=link.number)
            raise SystemExit(1) from None

    def _wait(self, signals: socket.socket) -> None:
        """Wait until something happens, and see to it."""
        pairs = [(team, place) for team in self._teams() for place in team.places]
        watched = [place.line for _, place in pairs if place.line is not None]
        ends = [place.process.sentinel for _, place in pairs if place.process is not None]
        happened = wait([signals, *watched, *ends], self._seconds_to_wait())
        for team, place in pairs:
            if place.line in happened:
                self._hear(place)
            if place.process is not None and place.process.sentinel in happened:
                self._bury(team, place, place.process)
        if signals in happened:
            for number in signals.recv(64):
                if number == signal.SIGHUP:
                    self._reload = True
                else:
                    self._told_to_stop()

    def _seconds_to_wait(self) -> float | None:
        moments = [team.until for team in self._teams() if team.until is not None]
        moments += [
            place.due
            for team in self._teams()
            for place in team.places
            if team.until is None and place.process is None
        ]
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _hear(self, place: Place) -> None:
        """Take note of what a worker tells; one that died says nothing more."""
        if place.line is None:
            return
        try:
            told = place.line.recv()
        except (EOFError, OSError):
            place.line.close()
            place.line = None
            return
        if told is Told.READY:
            place.answered = True
        elif told is Told.RELOAD:
            self._reload = True

    def _bury(self, team: Team, place: Place, process: BaseProcess) -> None:
        """Note that a worker has ended."""
        process.join()
        code = process.exitcode
        process.close()
        place.process = None
        if team.until is not None:
            return
        if not place.answered and team is self._coming:
            self._log.error("worker of the new configuration could not start", worker=place.number)
            self._give_up(team)
        elif not place.answered:
            self._unstartable = place.number
            self._stop()
        else:
            pause = place.pause(time.monotonic())
            self._log.error("worker died", worker=place.number, exit_code=code, replaced_in_seconds=pause)

    def _change(self) -> None:
        """Begin, go on with, or end having another task taken over."""
        if self._stopping:
            return
        if self._coming is not None and self._coming.all_answer:
            self._hand_over(self._coming)
        for team in [team for team in self._leaving if not team.living]:
            self._leaving.remove(team)
            team.task.ended()
            self._current.task.predecessor_ended()
        # One after the other: what is asked for meanwhile is done when this is over.
        if self._reload and self._coming is None and self._current.all_answer:
            self._reload = False
            try:
                self._coming = self._team(self._current.task.following())
            except NotFollowed as error:
                self._current.tell(error.news)

    def _hand_over(self, coming: Team) -> None:
        """Have the workers leave, once those answer that take their places."""
        self._leave(self._current, coming.task.farewell)
        self._current, self._coming = coming, None
        coming.task.taken_over()

    def _leave(self, team: Team, farewell: Retire) -> None:
        team.until = time.monotonic() + team.task.retire_seconds
        team.tell(farewell)
        self._leaving.append(team)

    def _give_up(self, coming: Team) -> None:
        """Go on with the workers there are."""
        self._coming = None
        coming.until = time.monotonic() + coming.task.stop_seconds
        for process in coming.living:
            process.terminate()
        self._leaving.append(coming)

    def _told_to_stop(self) -> None:
        self._log.info(stopping(again=self._stopping))
        if self._stopping:
            self._kill()
        else:
            self._stop()

    def _stop(self) -> None:
        """Have every worker end what is under way."""
        self._current.task.stopping()
        self._stopping = True
        for team in self._teams():
            team.until = time.monotonic() + self._current.task.stop_seconds
        for process in self._living():
            process.terminate()

    def _kill_the_late(self) -> None:
        now = time.monotonic()
        for team in self._teams():
            if team.until is None or now < team.until:
                continue
            late = [place.number for place in team.places if place.process is not None]
            if late:
                self._log.warning("workers killed that did not end in time", workers=late)
            for process in team.living:
                process.kill()
            team.until = now + team.task.stop_seconds

    def _kill(self) -> None:
        for process in self._living():
            process.kill()

    def _living(self) -> list[BaseProcess]:
        return [process for team in self._teams() for process in team.living]


@contextlib.contextmanager
def _signals() -> Iterator[socket.socket]:
    """Give a socket that holds a byte for every signal, its number, while they do nothing else."""
    heard, told = socket.socketpair()
    for end in (heard, told):
        end.settimeout(0)
    before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
    descriptor = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    try:
        yield heard
    finally:
        signal.set_wakeup_fd(descriptor)
        for number, handler in before.items():
            signal.signal(number, handler)
        heard.close()
        told.close()
