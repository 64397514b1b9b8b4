"""What an operator can do to a running gateway: see its configuration, and have it read anew."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.settings import Issue, Settings


@dataclass(frozen=True, slots=True)
class Failure:
    """A configuration that could not be taken over."""

    at: datetime
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class InForce:
    """The configuration in force.

    Attributes:
        settings: what it says; where a change waits for a restart, as it was before.
        since: when it was taken over.
        restart_needed: keys whose change in the file waits for a restart.
        failure: why the file was not taken over the last time; None when it was.
        waiting: it is being taken over: the other workers, or this one's successor, are not there yet.
    """

    settings: Settings
    since: datetime
    restart_needed: tuple[str, ...] = ()
    failure: Failure | None = None
    waiting: bool = field(default=False)


class Control(Protocol):
    """Takes over another configuration while the gateway runs."""

    def in_force(self) -> InForce:
        """Return what is in force."""
        ...

    async def reload(self) -> InForce:
        """Read the configuration and the credentials anew, and go on with them.

        Raises:
            ConfigurationInvalid: they cannot be used; everything stays as it was.
            ReloadImpossible: the gateway is being stopped.
        """
        ...
