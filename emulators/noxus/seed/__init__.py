"""The believable workspace an emulator starts with: a furniture retailer's workflows and their past."""

import pickle
from functools import cache

from emulators.contract import utc_now
from emulators.noxus.seed.business import add_business
from emulators.noxus.seed.history import add_history
from emulators.noxus.seed.oddities import add_oddities
from emulators.noxus.seed.operations import add_operations
from emulators.noxus.seed.people import add_people
from emulators.noxus.seed.support import add_support
from emulators.noxus.state import State


def fill(state: State) -> None:
    """Put the whole seed into an empty state; the same every time."""
    vars(state).update(pickle.loads(_packed()))  # noqa: S301 - our own bytes, made below


@cache
def _packed() -> bytes:
    """Return the seed as bytes: it takes five times as long to build as to unpack, and tests begin with it often."""
    state = State(utc_now)
    add_support(state)
    add_business(state)
    add_operations(state)
    add_oddities(state)
    add_people(state)
    add_history(state)
    return pickle.dumps({name: value for name, value in vars(state).items() if name != "clock"})
