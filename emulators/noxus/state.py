"""The records of one emulated workspace, and how ids and times are made."""

import hashlib
import json
import random
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from emulators.noxus.errors import not_found

if TYPE_CHECKING:
    from emulators.noxus.runs import Run

Record: TypeAlias = dict[str, Any]

NAMESPACE = uuid.UUID("6f0d6c1e-54b2-5c0f-9b7e-3d0f8f2f6a11")
"""Seeded ids are UUIDs of version 5 under this one."""
GROUP_ID = str(uuid.uuid5(NAMESPACE, "workspace: Halden Home, operations"))
KEY_ID = str(uuid.uuid5(NAMESPACE, "api key: gateway"))
KEY_NAME = "Gateway demo key"
OWNER_ID = str(uuid.uuid5(NAMESPACE, "user: Ingrid Solheim"))


def seeded_id(name: str) -> str:
    """Return the fixed id of something in the seed."""
    return str(uuid.uuid5(NAMESPACE, name))


def stamp(moment: datetime) -> str:
    """Return a time in the vendor's form: UTC with `Z`, microseconds only when there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parsed(text: str) -> datetime:
    """Return the time a record's text names."""
    return datetime.fromisoformat(text)


def content_hash(definition: Record) -> str:
    """Return a `workflow_hash`: 32 hex digits over the definition; the vendor's algorithm is unknown."""
    text = json.dumps(definition, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def newest_first(records: Iterable[Record]) -> list[Record]:
    """Return records by creation, the latest first; of those of one moment, the one added last."""

    def created(record: Record) -> datetime:
        text = record.get("created_at")
        return parsed(text) if text else datetime.min.replace(tzinfo=UTC)

    return sorted(records, key=created)[::-1]


@dataclass
class State:
    """Everything one workspace holds. Ids of new records repeat after a reset."""

    clock: Callable[[], datetime]
    workflows: dict[str, Record] = field(default_factory=dict)
    versions: dict[str, dict[str, Record]] = field(default_factory=dict)
    runs: "dict[str, Run]" = field(default_factory=dict)
    triggers: dict[str, Record] = field(default_factory=dict)
    trigger_events: list[Record] = field(default_factory=list)
    agents: dict[str, Record] = field(default_factory=dict)
    agent_versions: dict[str, list[Record]] = field(default_factory=dict)
    deployments: dict[str, Record] = field(default_factory=dict)
    deployment_events: list[Record] = field(default_factory=list)
    conversations: dict[str, Record] = field(default_factory=dict)
    _random: random.Random = field(default_factory=lambda: random.Random(20261101))

    def new_id(self) -> str:
        """Return the id of a new record, a UUID of version 4 in form."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def moment(self) -> datetime:
        """Return the clock's time."""
        return self.clock()

    def now(self) -> str:
        """Return the clock's time in the vendor's form."""
        return stamp(self.clock())

    def workflow(self, workflow_id: str, *, deleted: bool = False) -> Record:
        """Return a workflow; a deleted one only when asked for.

        Raises:
            ApiError: 404.
        """
        record = self.workflows.get(workflow_id)
        if record is None or (record.get("deleted_at") and not deleted):
            raise not_found("Workflow")
        return record

    def version(self, workflow_id: str, version_id: str) -> Record:
        """Return a version of this workflow.

        Raises:
            ApiError: 404, also for a version of another workflow.
        """
        record = self.versions.get(workflow_id, {}).get(version_id)
        if record is None:
            raise not_found("Workflow version")
        return record

    def run(self, run_id: str) -> "Run":
        """Return a run.

        Raises:
            ApiError: 404.
        """
        if run_id not in self.runs:
            raise not_found("Run")
        return self.runs[run_id]

    def agent(self, agent_id: str) -> Record:
        """Return an agent.

        Raises:
            ApiError: 404; the vendor calls agents assistants in places.
        """
        if agent_id not in self.agents:
            raise not_found("Agent")
        return self.agents[agent_id]
