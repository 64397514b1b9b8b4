"""Who works in the seeded workspace, and its folders. Their ids are what the drafts refer to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from emulators.promptlayer.records import ExternalId, Folder
from emulators.promptlayer.seed.building import at

MARA, TOMAS, AIKO, YUSUF = 12, 15, 21, 34

USERS: Mapping[int, str] = MappingProxyType(
    {
        MARA: "mara.lind@fernweh.example",
        TOMAS: "tomas.beck@fernweh.example",
        AIKO: "aiko.sato@fernweh.example",
        YUSUF: "yusuf.haddad@fernweh.example",
    }
)
"""Addresses by user id."""

SUPPORT_FOLDER, ESCALATIONS_FOLDER, FINANCE_FOLDER, GROWTH_FOLDER, EMPTY_FOLDER = 41, 42, 43, 44, 45


@dataclass(frozen=True, slots=True)
class SeedFolder:
    """A folder of the seed."""

    folder_id: int
    name: str
    parent_id: int | None
    author: int | None
    day: str
    external_ids: Sequence[ExternalId] = ()

    def copy(self) -> Folder:
        """Return a record that may change."""
        time = at(f"{self.day}T08:30")
        record = Folder(self.folder_id, self.name, self.parent_id, self.author, time, time)
        record.external_ids += self.external_ids
        return record


FOLDERS: Sequence[SeedFolder] = (
    SeedFolder(SUPPORT_FOLDER, "Support", None, MARA, "2026-02-02", (("acme_cms", "folder-support"),)),
    SeedFolder(ESCALATIONS_FOLDER, "Escalations", SUPPORT_FOLDER, MARA, "2026-03-16"),
    SeedFolder(FINANCE_FOLDER, "Finance", None, TOMAS, "2026-02-09"),
    SeedFolder(GROWTH_FOLDER, "Growth & Content", None, AIKO, "2026-04-01"),
    # Folders from before authors were recorded have none.
    SeedFolder(EMPTY_FOLDER, "Archive", None, None, "2026-01-05"),
)
