"""One application after the other behind the same sockets: a reload puts the next in the place of the last.

Whatever is under way ends with the generation it began with. What did not change goes on in the next one: the cache,
the memory of idempotency keys, the figures, and each connection whose configuration and credential are the same.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from typing_extensions import override

from gateway.api.state import AppState
from gateway.app import board, create_app
from gateway.callers import Callers
from gateway.control import Control, Failure, InForce
from gateway.edge.asgi import Receive, Scope, Send
from gateway.edge.clients import Clients
from gateway.edge.hits import HitLayer
from gateway.edge.lifespan import Lifespan
from gateway.errors import ConfigurationInvalid, ReloadImpossible
from gateway.limits import limiters
from gateway.plan import Plan
from gateway.runtime import Runtime, utc
from gateway.settings import CallerSettings, ConfigInvalid, held_back
from gateway.telemetry import logs
from gateway.telemetry.counting import Counting
from gateway.telemetry.metrics import Metrics

_RESTARTING: Final = 1012
"""What a websocket is closed with (RFC 6455's registry): come back, and be served anew."""


@dataclass(eq=False, slots=True)
class _Generation:
    """An application, and what is under way in it.

    Attributes:
        plan: what it was made from.
        state: what it fills.
        application: answers.
        lifespan: starts and stops it.
        under_way: the tasks of its requests.
        left: set when the last of them has ended; None while more may come.
        over: its requests were told to end.
    """

    plan: Plan
    state: AppState
    application: HitLayer
    lifespan: Lifespan
    under_way: set[asyncio.Task[object]] = field(default_factory=set)
    left: asyncio.Event | None = None
    over: bool = False

    def ended(self, task: "asyncio.Task[object]") -> None:
        self.under_way.discard(task)
        if self.left is not None and not self.under_way:
            self.left.set()

    async def wait(self, seconds: float) -> None:
        """Wait until nothing is under way any more, at most for so long."""
        self.left = asyncio.Event()
        if self.under_way:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.left.wait(), seconds)

    async def end(self) -> None:
        """End what is still under way."""
        self.over = True
        for task in tuple(self.under_way):
            task.cancel()
        await self.wait(1.0)


class Generations(Control):
    """The application of the configuration in force."""

    def __init__(
        self,
        first: Plan,
        read: Callable[[], Plan] | None,
        metrics: Metrics | None = None,
        clock: Callable[[], float] = time.time,
        control: Control | None = None,
    ) -> None:
        """Make it of its first configuration; connections open and close with its lifespan.

        Args:
            first: what the first generation is made from.
            read: reads configuration and credentials anew, and raises `ConfigInvalid`; None where there is no file.
            metrics: this worker's; when None there is no other worker.
            clock: seconds of the wall clock.
            control: what the API asks in place of this, where another process decides.
        """
        self._read = read
        self._clock = clock
        self._metrics = metrics or Metrics(board(first.settings))
        self._counting = Counting(self._metrics)
        self._control = control or (None if read is None else self)
        self._lock = asyncio.Lock()
        self._retiring: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("gateway.reload")
        self._now = utc(clock)
        self._current = self._made(first, None)
        self._living = [self._current]
        self._in_force = InForce(first.settings, self._now())
        self._opened = False
        self.stopping = False
        """No request shall be sent here any more."""
        self.clients = Clients(first.settings.server)
        """The connections of all who ask."""
        self.short_way = self._current.application.short_way
        """The one of the configuration in force."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live as long as the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        generation, task = self._current, asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        generation.under_way.add(task)
        try:
            await generation.application(scope, receive, send)
        except asyncio.CancelledError:
            if not (generation.over or self.stopping):
                raise
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": _RESTARTING, "reason": ""})
        finally:
            generation.ended(task)

    async def open(self) -> None:
        """Open what the first generation needs, unless it is open; whatever it fails with is raised."""
        if not self._opened:
            self._opened = True
            await self._current.lifespan.start()

    @override
    def in_force(self) -> InForce:
        """Return what is in force."""
        return self._in_force

    def stop(self) -> None:
        """Tell whoever asks whether this is ready that it is not, and have connections end with their answers."""
        self.stopping = self._current.state.stopping = self.clients.ending = True

    def follow(self, callers: Sequence[CallerSettings]) -> None:
        """Have all that began before go by who may call from now on: streams and websockets of others end at once."""
        found = Callers.from_settings(callers, limiters(callers, self._metrics.board.marks))
        for generation in self._living:
            if generation.state.lasting is not None:
                generation.state.lasting.follow(found)

    def abandon(self) -> None:
        """End whatever is under way."""
        for generation in self._living:
            for task in tuple(generation.under_way):
                task.cancel()

    @override
    async def reload(self) -> InForce:
        """Read the configuration and the credentials anew, and go on with them.

        Raises:
            ConfigurationInvalid: they cannot be used; everything stays as it was.
            ReloadImpossible: there is no file, or the gateway is being stopped.
        """
        async with self._lock:
            if self._read is None or self.stopping:
                raise ReloadImpossible
            try:
                wanted = await asyncio.to_thread(self._read)
                settings, needed = held_back(self._current.plan.settings, wanted.settings)
            except ConfigInvalid as error:
                self._failed(error)
                raise ConfigurationInvalid(error.issues) from error
            secrets = {**self._current.plan.shared_secrets, **wanted.secrets}
            await self._follow(Plan(settings, wanted.vendors, secrets), needed)
            return self._in_force

    async def _follow(self, plan: Plan, needed: tuple[str, ...]) -> None:
        """Put another generation in the place of the current one."""
        before = self._current
        following = self._made(plan, before.state.runtime)
        self._set_up_logs([following, *self._living])
        await following.lifespan.start()
        was = before.state.runtime
        self._swap(following)
        self.follow(plan.settings.callers)
        self._in_force = InForce(plan.settings, self._now(), needed)
        if following.state.runtime is not None and was is not None:
            await following.state.runtime.forget_what_changed(was)
        task = asyncio.create_task(self._retire(before))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)
        self._tell(before.plan, following.plan, needed)

    def _swap(self, following: _Generation) -> None:
        """Send whoever comes from now on to another generation; nothing happens in between."""
        following.state.stopping = self.stopping
        self._living.append(following)
        self._current = following
        self.clients.limits = following.plan.settings.server
        self.short_way = following.application.short_way

    async def _retire(self, before: _Generation) -> None:
        """Close a generation once nothing of it is under way any more."""
        await before.wait(self._current.plan.settings.server.retire_seconds)
        if before.under_way:
            self._log.warning("requests ended that were older than a reload", requests=len(before.under_way))
            await before.end()
        await self._close(before)
        self._metrics.read_no_more({name for each in self._living for name in each.plan.settings.connections})
        self._set_up_logs(self._living)

    async def _close(self, generation: _Generation) -> None:
        self._living.remove(generation)
        runtimes = [each.state.runtime for each in self._living if each.state.runtime is not None]
        generation.state.spared = tuple(part for runtime in runtimes for part in runtime.parts)
        await generation.lifespan.stop()

    def _made(self, plan: Plan, before: Runtime | None) -> _Generation:
        known = self._metrics.board.layout.connections
        if not plan.settings.connections.keys() <= set(known):
            # Those that are gone keep their figures: somebody may still be waiting for one of their answers.
            self._metrics.move_to(board(plan.settings, also=known))
            self._counting.look_up_anew()
        state = AppState(metrics=self._metrics, counting=self._counting, control=self._control, before=before)
        application = create_app(plan.settings, plan.vendors, plan.secrets, self._clock, self._metrics, state)
        return _Generation(plan, state, application, Lifespan(application))

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await self.open()
        await send({"type": "lifespan.startup.complete"})
        try:
            await receive()
        except asyncio.CancelledError:
            # A server that is to stop at once says no more, and its loop ends every task.
            if not self.stopping:
                raise
        self.stopping = True
        await self._close_all()
        await send({"type": "lifespan.shutdown.complete"})

    async def _close_all(self) -> None:
        async with self._lock:
            for task in tuple(self._retiring):
                task.cancel()
            await asyncio.gather(*self._retiring, return_exceptions=True)
            for generation in tuple(self._living):
                await self._close(generation)

    def _set_up_logs(self, generations: Iterable[_Generation]) -> None:
        """Have no secret shown of any generation that may still say something."""
        server = next(iter(generations)).plan.settings.server
        hidden = [secret.reveal() for each in generations for secret in each.plan.secrets.values()]
        logs.configure(server.log_level, server.log_format, hidden)

    def _failed(self, error: ConfigInvalid) -> None:
        self._in_force = InForce(
            self._in_force.settings,
            self._in_force.since,
            self._in_force.restart_needed,
            Failure(self._now(), error.issues),
        )
        reasons = [str(issue) for issue in error.issues]
        self._log.error("configuration not taken over, the last one stays", reasons=reasons)

    def _tell(self, before: Plan, after: Plan, needed: tuple[str, ...]) -> None:
        old, new = before.settings.connections, after.settings.connections
        both = old.keys() & new.keys()
        self._log.info(
            "configuration taken over",
            connections_added=sorted(new.keys() - old.keys()),
            connections_removed=sorted(old.keys() - new.keys()),
            connections_changed=sorted(
                name for name in both if before.of_connection(name) != after.of_connection(name)
            ),
            restart_needed=list(needed),
        )
