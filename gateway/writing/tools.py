"""Everything that changes something, built once and held while the gateway runs."""

from dataclasses import dataclass
from typing import Self

from gateway.idempotency.guard import Guard
from gateway.service import Service
from gateway.writing.assistants import AssistantWriter
from gateway.writing.changes import Changes
from gateway.writing.runs import Runs
from gateway.writing.versions import VersionWriter
from gateway.writing.workflows import WorkflowWriter


@dataclass(frozen=True, slots=True)
class WriteTools:
    """What routes that change something work with.

    Attributes:
        workflows: makes, changes and deletes them.
        versions: makes and rewrites them, and sets labels.
        assistants: hangs them and workflows together.
        runs: starts, follows and cancels them.
        guard: carries requests with a key out once.
        request_bytes: the largest body that is read.
        request_objects: the most JSON objects and arrays in it.
    """

    workflows: WorkflowWriter
    versions: VersionWriter
    assistants: AssistantWriter
    runs: Runs
    guard: Guard
    request_bytes: int
    request_objects: int

    @classmethod
    def over(cls, service: Service, guard: Guard, request_bytes: int, request_objects: int) -> Self:
        """Return tools over the running service."""
        changes = Changes(service)
        return cls(
            WorkflowWriter(changes),
            VersionWriter(changes),
            AssistantWriter(changes),
            Runs(),
            guard,
            request_bytes,
            request_objects,
        )
