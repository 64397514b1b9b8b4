"""What the application holds while it runs, and how a route gets at it."""

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field

from fastapi import Request

from gateway.callers import Caller
from gateway.control import Control
from gateway.desk import Desk
from gateway.edge.lasting import Lasting
from gateway.errors import ReloadImpossible
from gateway.pages import Pages
from gateway.runtime import Part, Runtime
from gateway.service import Service
from gateway.settings.values import Right
from gateway.telemetry.counting import Counting
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.spans import Tracer, Untraced
from gateway.writing.tools import WriteTools


@dataclass(slots=True)
class AppState:
    """Filled when the application starts; most of it is None before and after.

    Attributes:
        metrics: this worker's; never None where there are any.
        counting: likewise.
        control: reloads the configuration; None where nothing can.
        runtime: what is alive, for the one that takes its place.
        before: the one whose place this one takes; None for the first.
        spared: what somebody else goes on with when this one ends.
        lasting: what is open for long; None where nobody is authenticated.
        stopping: requests are still answered, but no new ones shall be sent.
    """

    service: Service | None = None
    pages: Pages | None = None
    desk: Desk | None = None
    writes: WriteTools | None = None
    metrics: Metrics | None = None
    counting: Counting | None = None
    control: Control | None = None
    runtime: Runtime | None = None
    before: Runtime | None = None
    spared: tuple[Part, ...] = ()
    lasting: Lasting | None = None
    stopping: bool = False
    tracer: Tracer = field(default_factory=Untraced)
    deadline_seconds: float = 30.0
    """The longest that a request may take."""

    @property
    def ready(self) -> bool:
        """Say whether requests shall be sent here."""
        return self.service is not None and not self.stopping

    def held(self, caller: Caller, right: Right, connection: str) -> AbstractAsyncContextManager[None]:
        """Return what ends something long when its caller may no longer have it; see `Lasting.held`."""
        return nullcontext() if self.lasting is None else self.lasting.held(caller, right, connection)


def state_of(request: Request) -> AppState:
    """Return the application's state."""
    state: AppState = request.app.state.gateway
    return state


async def service_of(request: Request) -> Service:
    """Return the running service."""
    service = state_of(request).service
    if service is None:
        raise RuntimeError("the application is not started: its lifespan has to run first")
    return service


def pages_of(request: Request) -> Pages:
    """Return what gives out pages."""
    pages = state_of(request).pages
    if pages is None:
        raise RuntimeError("the application is not started: its lifespan has to run first")
    return pages


def writes_of(request: Request) -> WriteTools:
    """Return what changes something."""
    writes = state_of(request).writes
    if writes is None:
        raise RuntimeError("the application is not started: its lifespan has to run first")
    return writes


def metrics_of(request: Request) -> Metrics:
    """Return what this worker counts."""
    metrics = state_of(request).metrics
    if metrics is None:
        raise RuntimeError("this application counts nothing: only `create_app` makes one that does")
    return metrics


def control_of(request: Request) -> Control:
    """Return what reloads the configuration.

    Raises:
        ReloadImpossible: this gateway was made of no file.
    """
    control = state_of(request).control
    if control is None:
        raise ReloadImpossible
    return control
