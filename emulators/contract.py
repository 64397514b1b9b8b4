"""What every emulator offers: its facts and a function that builds its application."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]
Clock: TypeAlias = Callable[[], datetime]

VALIDATORS = "validators"
COMMON_VARIANTS: Mapping[str, str] = MappingProxyType(
    {VALIDATORS: "GET answers carry an `ETag` and honour `If-None-Match` with 304, which no vendor documents"}
)
"""What every emulator can switch on besides its vendor's own contradictions; the plumbing does it."""


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class EmulatorOptions:
    """How one emulator instance behaves.

    Attributes:
        api_key: the only key it accepts.
        variants: documented contradictions of the vendor that are switched on, by name.
        clock: where new records take their times from.
        seeded: start with the believable workflows, or empty.
    """

    api_key: str
    variants: frozenset[str] = frozenset()
    clock: Clock = utc_now
    seeded: bool = True


class Backend:
    """A vendor's server as the plumbing sees it: an application that can be rebuilt from its seed.

    A vendor subclasses it, keeps its state in `self`, and never at module level.
    """

    def __init__(self, options: EmulatorOptions) -> None:
        self.options = options
        self.variants: set[str] = set(options.variants)

    def application(self) -> Application:
        """Return the ASGI application that answers as the vendor does, with authentication."""
        raise NotImplementedError

    def reset(self) -> None:
        """Put the state back to the seed (or to nothing when not seeded)."""
        raise NotImplementedError

    def error_body(self, status: int) -> object:
        """Return the JSON body the vendor sends with this error status, for injected faults."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Emulator:
    """The facts of one emulated vendor.

    Attributes:
        name: the vendor's name, equal to the subpackage's name.
        title: the vendor's name as people write it.
        default_port: where `workflow-gateway emulate` listens unless told otherwise.
        default_key: the key it accepts unless told otherwise.
        backend: builds a fresh server state.
        variants: switchable documented contradictions, each with its sentence.
    """

    name: str
    title: str
    default_port: int
    default_key: str
    backend: Callable[[EmulatorOptions], Backend]
    variants: dict[str, str] = field(default_factory=dict)

    @property
    def every_variant(self) -> dict[str, str]:
        """The vendor's variants and those that every emulator has."""
        return {**self.variants, **COMMON_VARIANTS}
