"""What several workers do: each serves, and asks its supervisor to have the configuration taken over by all."""

import asyncio
import contextlib
import signal
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import structlog
from typing_extensions import override

from gateway import main
from gateway.app import board
from gateway.cli.servers import NotStarted, Together, address
from gateway.cli.serving import Serving
from gateway.cli.teams import Link, NotFollowed, Retire, Task, Told
from gateway.control import Control, Failure, InForce
from gateway.errors import ConfigurationInvalid, ReloadImpossible
from gateway.generations import Generations
from gateway.plan import Plan
from gateway.settings import ConfigInvalid, Issue, held_back
from gateway.telemetry.metrics import Board, Metrics

_PUBLISH_SECONDS: Final = 1.0
"""How old what a worker tells of itself may be when another worker is asked for it."""


class Crew(Task):
    """What the workers do, and the supervisor for them."""

    def __init__(self, serving: Serving, cells: Board) -> None:
        """Make it.

        Args:
            serving: the configuration.
            cells: what the workers count in.
        """
        self._serving = serving
        self._cells = cells
        self._log = structlog.get_logger("gateway.reload")

    @property
    @override
    def stop_seconds(self) -> float:
        return self._serving.stop_seconds

    @property
    @override
    def retire_seconds(self) -> float:
        return self._serving.retire_seconds

    @override
    def work(self, link: Link) -> None:
        metrics = Metrics(self._cells, link.number)
        control = _Asking(self._serving, link)
        application = Generations(self._serving.plan, None, metrics, control=control)
        running = self._serving.servers(application)
        try:
            with asyncio.Runner(loop_factory=running.loop_factory) as runner:
                runner.run(_run(running, link, metrics, control))
        except NotStarted:
            raise SystemExit(1) from None

    @override
    def all_answer(self) -> None:
        log = structlog.get_logger("gateway.server")
        log.info("listening", url=address(self._serving.listening), workers=self._cells.workers)
        self._serving.tell_ports()

    @override
    def following(self) -> "Crew":
        try:
            return self._following()
        except ConfigInvalid as error:
            reasons = [str(issue) for issue in error.issues]
            self._log.error("configuration not taken over, the last one stays", reasons=reasons)
            raise NotFollowed(Failure(datetime.now(UTC), error.issues)) from error
        except Exception as error:
            # Whatever it is: the workers end with their supervisor.
            self._log.exception("the gateway failed to reload, and goes on as before")
            message = f"it could not be taken over ({type(error).__name__}); the log says why"
            issue = Issue(str(self._serving.plan.settings.source), None, "", message)
            raise NotFollowed(Failure(datetime.now(UTC), (issue,))) from error

    def _following(self) -> "Crew":
        plan, needed = _read(self._serving)
        main.set_up_logs(plan.settings, plan.secrets, self._serving.plan.secrets)
        serving = replace(self._serving, plan=plan, since=datetime.now(UTC), restart_needed=needed)
        cells = board(plan.settings, self._cells.workers)
        cells.before = self._cells
        return Crew(serving, cells)

    @property
    @override
    def farewell(self) -> Retire:
        return Retire(tuple(self._serving.plan.settings.callers))

    @override
    def taken_over(self) -> None:
        self._cells.gather()
        self._log.info(
            "configuration taken over",
            connections=sorted(self._serving.plan.settings.connections),
            restart_needed=list(self._serving.restart_needed),
        )

    @override
    def ended(self) -> None:
        self._cells.over = True

    @override
    def predecessor_ended(self) -> None:
        self._cells.gather()
        self._cells.let_go()
        main.set_up_logs(self._serving.plan.settings, self._serving.plan.secrets)

    @override
    def stopping(self) -> None:
        self._serving.close()


class _Asking(Control):
    """Has the supervisor take another configuration over; this process goes on with its own until it ends."""

    def __init__(self, serving: Serving, link: Link) -> None:
        self._serving = serving
        self._link = link
        self._in_force = InForce(serving.plan.settings, serving.since, serving.restart_needed)
        self.leaving = False

    @override
    def in_force(self) -> InForce:
        return self._in_force

    @override
    async def reload(self) -> InForce:
        if self.leaving:
            raise ReloadImpossible
        try:
            _, needed = await asyncio.to_thread(_read, self._serving)
        except ConfigInvalid as error:
            self.failed(Failure(datetime.now(UTC), error.issues))
            raise ConfigurationInvalid(error.issues) from error
        self._link.line.send(Told.RELOAD)
        return replace(self._in_force, waiting=True, restart_needed=needed)

    def failed(self, failure: Failure) -> None:
        """Take note that the configuration was not taken over."""
        self._in_force = replace(self._in_force, failure=failure)


def _read(serving: Serving) -> tuple[Plan, tuple[str, ...]]:
    """Return what can be taken over, and the keys whose change waits for a restart.

    Raises:
        ConfigInvalid: nothing can.
    """
    plan = serving.read()
    settings, needed = held_back(serving.plan.settings, plan.settings)
    return Plan(settings, plan.vendors, {**serving.plan.shared_secrets, **plan.secrets}), needed


async def _run(running: Together, link: Link, metrics: Metrics, control: _Asking) -> None:
    """Run as one of several workers."""
    loop = asyncio.get_running_loop()

    def hear() -> None:
        try:
            told = link.line.recv()
        except (EOFError, OSError):
            loop.remove_reader(link.line.fileno())
            return
        if isinstance(told, Retire):
            control.leaving = True
            running.retire(told.callers)
        else:
            control.failed(told)

    def drain() -> None:
        control.leaving = True
        running.drain()

    def orphaned() -> None:
        loop.remove_reader(link.lifeline.fileno())
        drain()

    loop.add_reader(link.lifeline.fileno(), orphaned)
    loop.add_signal_handler(signal.SIGTERM, drain)
    task = await running.start()
    # Not before: one that replaces a worker may be told to leave while it starts, and has nothing to leave by then.
    loop.add_reader(link.line.fileno(), hear)
    link.line.send(Told.READY)
    publishing = asyncio.create_task(_publish(metrics))
    await task
    publishing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await publishing


async def _publish(metrics: Metrics) -> None:
    while True:
        metrics.publish()
        await asyncio.sleep(_PUBLISH_SECONDS)
