"""How a connection's calls go: for whoever operates it."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.onlooking import NOBODY, Onlooker
from adapters.quota import Quota
from adapters.watching import Unwatched, Watcher
from schemas.catalogue import BreakerState


@dataclass(frozen=True, slots=True)
class Instruments:
    """What a transport tells the time and draws lots by, and whom it tells.

    Attributes:
        clock: Unix seconds.
        draw: gives random numbers from 0 to 1.
        watcher: is told what happens to calls.
        onlooker: looks on while requests are made.
    """

    clock: Callable[[], float] = time.time
    draw: Callable[[], float] = random.random
    watcher: Watcher = field(default_factory=Unwatched)
    onlooker: Onlooker = NOBODY


@dataclass(frozen=True, slots=True)
class Condition:
    """How it is now.

    Attributes:
        breaker: whether calls are made.
        failures: so many attempts in a row were not answered.
        rest_seconds: until a call may be made; 0 when one may be made now.
        under_way: calls that have a place.
        waiting: calls that wait for one.
        quotas: what the vendor said of what is left.
    """

    breaker: BreakerState = BreakerState.CLOSED
    failures: int = 0
    rest_seconds: float = 0.0
    under_way: int = 0
    waiting: int = 0
    quotas: tuple[Quota, ...] = ()
