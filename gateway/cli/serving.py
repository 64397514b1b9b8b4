"""What a process that serves is made of, be it the only one or one of several."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import structlog

from gateway import main
from gateway.cli.servers import Together, address
from gateway.generations import Generations
from gateway.plan import Plan
from gateway.process_memory import calm_collector, give_back_large_blocks

_MARGIN_SECONDS: Final = 2.0
"""How much longer than its requests a worker may take to end."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A configuration at work.

    Attributes:
        read: reads it anew, and raises `ConfigInvalid`.
        plan: what it says.
        listening: the gateway's socket.
        ports: the sockets of connections that have one of their own.
        since: when it was taken over.
        restart_needed: keys whose change waits for a restart.
    """

    read: Callable[[], Plan]
    plan: Plan
    listening: socket.socket
    ports: Mapping[str, socket.socket]
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    restart_needed: tuple[str, ...] = ()

    @property
    def stop_seconds(self) -> float:
        """Return how long a worker may take to end once it is told to."""
        own = self.plan.settings.server
        return own.drain_seconds + own.graceful_seconds + _MARGIN_SECONDS

    @property
    def retire_seconds(self) -> float:
        """Return how long a worker may take to end once others have its place."""
        return self.plan.settings.server.retire_seconds + self.stop_seconds

    def servers(self, application: Generations) -> Together:
        """Return servers for the application, not started yet."""
        calm_collector()
        give_back_large_blocks()
        own, clients = self.plan.settings.server, application.clients
        pairs = [(main.server(application, own.host, own.port, clients), self.listening)]
        for name, listening in self.ports.items():
            place = (own.host, listening.getsockname()[1])
            pairs.append((main.port_server(application, name, place, clients), listening))
        return Together(application, pairs)

    def tell_ports(self) -> None:
        """Log where connections have a port of their own."""
        log = structlog.get_logger("gateway.server")
        for name, listening in self.ports.items():
            log.info("listening", url=address(listening), connection=name)

    def close(self) -> None:
        """Listen no more: whoever comes now is refused, instead of waiting for a worker that will not come."""
        for listening in (self.listening, *self.ports.values()):
            listening.close()
