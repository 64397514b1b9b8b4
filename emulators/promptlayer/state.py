"""The emulated workspace: records by id, number making, look-ups and the rules of changing them."""

import random
import uuid
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from emulators.contract import Clock
from emulators.promptlayer.records import (
    Document,
    Execution,
    ExternalId,
    Folder,
    Label,
    Version,
    Workflow,
)
from emulators.promptlayer.validation import integer_of

WORKSPACE = 417
"""The one workspace the key belongs to."""
KEY_OWNER = 9
"""The user the key belongs to: the author of everything written over the API."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a new version shall hold; nodes and edges without ids."""

    nodes: list[Document]
    edges: list[Document] = field(default_factory=list)
    variables: dict[str, str] | None = None
    commit_message: str | None = None
    extra: Document = field(default_factory=dict)


class State:
    """Everything in the workspace. A new one is empty; the seed fills it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.users: dict[int, str] = {KEY_OWNER: "api@fernweh.example"}
        self.workflows: dict[int, Workflow] = {}
        self.folders: dict[int, Folder] = {}
        self.executions: dict[int, Execution] = {}
        self.foreign_executions: frozenset[int] = frozenset()
        self._random = random.Random("promptlayer")
        self._last = {"workflow": 4100, "version": 20500, "label": 880, "folder": 60, "execution": 98000}

    def number(self, kind: str) -> int:
        """Return the next free number of a kind: workflow, version, label, folder or execution."""
        self._last[kind] += 1
        return self._last[kind]

    def reserve(self, kind: str, number: int) -> None:
        """Make the next number of a kind higher than one that is taken."""
        self._last[kind] = max(self._last[kind], number)

    def uuid(self) -> str:
        """Return a fresh id for a node or an edge."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def hexadecimal(self, digits: int) -> str:
        """Return fresh random digits, for tokens and client ids."""
        return f"{self._random.getrandbits(4 * digits):0{digits}x}"

    def living(self) -> Iterator[Workflow]:
        """Iterate over the workflows that are not deleted."""
        return (workflow for workflow in self.workflows.values() if not workflow.is_deleted)

    def find(self, reference: str, *, names_first: bool = False) -> Workflow | None:
        """Return the workflow a path segment means, by id or by name; None when there is none.

        Which one wins for a name of digits is not documented; ids win here unless told otherwise.
        """
        named = next((workflow for workflow in self.living() if workflow.name == reference), None)
        number = integer_of(reference) if reference.isdigit() else None
        numbered = None if number is None else self.by_id(number)
        return (named or numbered) if names_first else (numbered or named)

    def by_id(self, workflow_id: int) -> Workflow | None:
        """Return a workflow that is not deleted by its id."""
        workflow = self.workflows.get(workflow_id)
        return None if workflow is None or workflow.is_deleted else workflow

    def owner_of(self, mapping: ExternalId) -> Workflow | Folder | None:
        """Return what an external id is attached to."""
        holders: list[Workflow | Folder] = [*self.living(), *self.folders.values()]
        return next((holder for holder in holders if mapping in holder.external_ids), None)

    def add_workflow(self, name: str | None, folder_id: int | None) -> Workflow:
        """Add a workflow without a version; without a name it gets one made up."""
        now, workflow_id = self.clock(), self.number("workflow")
        name = name or f"Untitled workflow {workflow_id}"
        workflow = Workflow(workflow_id, name, KEY_OWNER, folder_id, created_at=now, updated_at=now)
        self.workflows[workflow_id] = workflow
        return workflow

    def add_version(self, workflow: Workflow, content: Content) -> Version:
        """Add a version with fresh ids; ids of nodes differ from version to version, names stay."""
        latest = workflow.version()
        now = self.clock()
        version = Version(
            number=latest.number + 1 if latest else 1,
            version_id=self.number("version"),
            nodes=[{"id": self.uuid(), **deepcopy(node)} for node in content.nodes],
            edges=[{"id": self.uuid(), **deepcopy(edge)} for edge in content.edges],
            variables=content.variables,
            commit_message=content.commit_message,
            created_at=now,
            extra=content.extra,
        )
        workflow.versions.append(version)
        workflow.updated_at = now
        return version

    def set_labels(self, workflow: Workflow, names: Sequence[str], version: Version) -> None:
        """Give labels to a version; one that points elsewhere moves and keeps its id."""
        for name in names:
            if name in workflow.labels:
                workflow.labels[name].version_number = version.number
            else:
                workflow.labels[name] = Label(self.number("label"), version.number)

    def add_folder(self, name: str, parent_id: int | None) -> Folder:
        """Add a folder."""
        now = self.clock()
        folder = Folder(self.number("folder"), name, parent_id, KEY_OWNER, created_at=now, updated_at=now)
        self.folders[folder.folder_id] = folder
        return folder

    def folder_path(self, folder_id: int | None) -> list[Folder]:
        """Return the folders from the root down to the given one."""
        path: list[Folder] = []
        while folder_id is not None:
            folder = self.folders[folder_id]
            path.insert(0, folder)
            folder_id = folder.parent_id
        return path

    def inside(self, folder_id: int | None) -> tuple[list[Folder], list[Workflow]]:
        """Return the folders and the workflows directly inside a folder, or at the root."""
        folders = [folder for folder in self.folders.values() if folder.parent_id == folder_id]
        return folders, [workflow for workflow in self.living() if workflow.folder_id == folder_id]
