"""The seeded workspace: an outdoor-gear retailer, its folders and its workflows, by theme."""

from emulators.promptlayer.seed.building import Draft, release_all
from emulators.promptlayer.seed.content import CONTENT
from emulators.promptlayer.seed.control_tower import CONTROL_TOWER
from emulators.promptlayer.seed.finance import FINANCE
from emulators.promptlayer.seed.odd import ODD
from emulators.promptlayer.seed.people import FOLDERS, USERS
from emulators.promptlayer.seed.support import SUPPORT
from emulators.promptlayer.seed.workplace import WORKPLACE
from emulators.promptlayer.state import State

FOREIGN_EXECUTION = 97_311
"""A run of another workspace, to which the key has no access."""


def drafts() -> list[Draft]:
    """Return every seeded workflow."""
    return [*SUPPORT, *FINANCE, *CONTENT, *WORKPLACE, CONTROL_TOWER, *ODD]


def plant(state: State) -> None:
    """Fill an empty workspace; the same every time."""
    state.users.update(USERS)
    for folder in FOLDERS:
        state.folders[folder.folder_id] = folder.copy()
        state.reserve("folder", folder.folder_id)
    release_all(state, drafts())
    state.foreign_executions = frozenset({FOREIGN_EXECUTION})
