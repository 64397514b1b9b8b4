"""What the emulated workspace holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]
ExternalId: TypeAlias = tuple[str, str]
"""A mapping from outside: `(source, external_id)`."""


@dataclass(slots=True)
class Version:
    """One immutable version of a workflow.

    Attributes:
        number: counts from 1 within the workflow.
        version_id: unique over the workspace.
        nodes: node documents with their `id`, as they are read back.
        edges: edge documents with their `id`.
        variables: input variable names and their type words; None is read back as null.
        created_at: None is read back as null.
        extra: fields nobody documented, read back beside the others.
    """

    number: int
    version_id: int
    nodes: list[Document]
    edges: list[Document]
    variables: dict[str, str] | None
    commit_message: str | None
    created_at: datetime | None
    extra: Document = field(default_factory=dict)


@dataclass(slots=True)
class Label:
    """A release label: a name that points to one version of its workflow and moves."""

    label_id: int
    version_number: int


@dataclass(slots=True)
class Workflow:
    """A workflow: a name, its versions, its labels."""

    workflow_id: int
    name: str
    user_id: int | None
    folder_id: int | None
    created_at: datetime
    updated_at: datetime
    is_deleted: bool = False
    versions: list[Version] = field(default_factory=list)
    labels: dict[str, Label] = field(default_factory=dict)
    external_ids: list[ExternalId] = field(default_factory=list)

    @property
    def entity_id(self) -> int:
        """The id, under the name that folders have too."""
        return self.workflow_id

    def version(self, number: int | None = None) -> Version | None:
        """Return a version by its number, or the latest; None when there is none."""
        if number is None:
            return self.versions[-1] if self.versions else None
        return next((version for version in self.versions if version.number == number), None)

    def labels_of(self, version: Version) -> list[str]:
        """Return the names of the labels that point to a version."""
        return [name for name, label in self.labels.items() if label.version_number == version.number]


@dataclass(slots=True)
class Folder:
    """A folder; its name is unique beside its siblings."""

    folder_id: int
    name: str
    parent_id: int | None
    user_id: int | None
    created_at: datetime
    updated_at: datetime
    external_ids: list[ExternalId] = field(default_factory=list)

    @property
    def entity_id(self) -> int:
        """The id, under the name that workflows have too."""
        return self.folder_id


QUEUED, RUNNING = "QUEUED", "RUNNING"


@dataclass(frozen=True, slots=True)
class Execution:
    """One run. What its nodes come to is known at once and becomes visible node by node.

    Attributes:
        execution_id: what the vendor calls `workflow_version_execution_id`.
        results: the final result per node name, in the order the nodes run.
        started_at: when the first node began.
        duration: from the first node's begin to the last one's end.
        return_all_outputs: what the run asked for.
    """

    execution_id: int
    results: Mapping[str, Document]
    started_at: datetime
    duration: timedelta
    return_all_outputs: bool

    def finished(self, now: datetime) -> bool:
        """Say whether every node has come to an end."""
        return not self.results or now >= self.started_at + self.duration

    def seen_at(self, now: datetime) -> dict[str, Document]:
        """Return the results as far as they are known at that time."""
        if self.finished(now):
            return dict(self.results)
        done = int((now - self.started_at) / self.duration * len(self.results))
        return {
            name: result if index < done else _pending(result, RUNNING if index == done else QUEUED)
            for index, (name, result) in enumerate(self.results.items())
        }


def _pending(result: Document, status: str) -> Document:
    empty = {"status": status, "value": None, "error_message": None, "raw_error_message": None}
    return {**empty, "is_output_node": result["is_output_node"]}
