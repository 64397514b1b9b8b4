"""The emulator's records and the rules by which they change.

Undocumented and chosen here: a change of the definition raises the version by one, anything else does not; a null
clears a nullable field and leaves any other as it is; a key sees one organization only.
"""

import json
import random
import string
from collections.abc import Callable
from datetime import datetime

from emulators.aitronos.errors import Document, Refusal, not_found
from emulators.aitronos.limits import Bucket
from emulators.aitronos.records import Assistant, Entry, User, Workflow
from emulators.aitronos.seed import Seed, company, plant
from emulators.aitronos.settings import SETTINGS, defaults

_ALPHABET = string.ascii_lowercase + string.digits


class State:
    """Everything one emulator instance knows."""

    def __init__(self, clock: Callable[[], datetime], *, seeded: bool) -> None:
        self._clock = clock
        self._seeded = seeded
        self.organization_id = company().organization_id
        self.user: User = company().key_owner
        self.reset()

    def reset(self) -> None:
        """Put the records and the id makers back to the start."""
        seed = plant() if self._seeded else Seed()
        self.workflows = {workflow.id: workflow for workflow in seed.workflows}
        self.assistants = {assistant.id: assistant for assistant in seed.assistants}
        self.history = list(seed.history)
        self.bucket = Bucket()
        self._records = random.Random("records")
        self._requests = random.Random("requests")

    def now(self) -> datetime:
        """Return the emulator's time."""
        return self._clock()

    def trace_id(self, *, as_uuid: bool) -> str:
        """Return a new request id."""
        if as_uuid:
            digits = f"{self._requests.getrandbits(128):032x}"
            return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
        return _make_id("req_", self._requests)

    def live_workflows(self) -> list[Workflow]:
        """Return the organization's workflows, newest first (the order is undocumented)."""
        live = [w for w in self.workflows.values() if self._ours(w.organization_id) and not w.deleted]
        return sorted(live, key=lambda workflow: (-workflow.created_at, workflow.id))

    def live_assistants(self) -> list[Assistant]:
        """Return the organization's assistants in no particular order."""
        return [
            assistant
            for assistant in self.assistants.values()
            if self._ours(assistant.organization_id) and assistant.deleted_at is None
        ]

    def workflow(self, identifier: str) -> Workflow:
        """Return one workflow.

        Raises:
            Refusal: 404 when absent or deleted, 403 when another organization's.
        """
        found = self.workflows.get(identifier)
        if found is None or found.deleted:
            raise not_found("Workflow", identifier)
        self._check_ours(found.organization_id)
        return found

    def assistant(self, identifier: str) -> Assistant:
        """Return one assistant.

        Raises:
            Refusal: 404 when absent or deleted, 403 when another organization's.
        """
        found = self.assistants.get(identifier)
        if found is None or found.deleted_at is not None:
            raise not_found("Assistant", identifier)
        self._check_ours(found.organization_id)
        return found

    def add_workflow(self, fields: Document) -> Workflow:
        """Create a workflow from checked fields."""
        now = self._seconds()
        workflow = Workflow(
            id=_make_id("flow_", self._records),
            organization_id=self.organization_id,
            created_at=now,
            updated_at=now,
            created_by=self.user.id,
            **fields,
        )
        self.workflows[workflow.id] = workflow
        return workflow

    def change_workflow(self, workflow: Workflow, fields: Document) -> None:
        """Apply checked fields.

        Raises:
            Refusal: 409, another live workflow has that external id.
        """
        external_id = fields.get("external_id")
        if external_id is not None and self.by_external_id(external_id) not in (None, workflow):
            raise Refusal(409, details={"field": "external_id"})
        nullable = {"description", "external_id"}
        changes = {
            name: value
            for name, value in fields.items()
            if (value is not None or name in nullable) and _differ(getattr(workflow, name), value)
        }
        for name, value in changes.items():
            setattr(workflow, name, value)
        if changes:
            workflow.updated_at = self._seconds()
        if "definition" in changes:
            workflow.version += 1

    def remove_workflow(self, workflow: Workflow) -> None:
        """Delete softly and unlink the assistant."""
        if workflow.assistant_id is not None:
            self.unlink(self.assistants[workflow.assistant_id])
        workflow.deleted = True
        workflow.updated_at = self._seconds()

    def by_external_id(self, external_id: str) -> Workflow | None:
        """Return the live workflow with that external id."""
        return next((w for w in self.live_workflows() if w.external_id == external_id), None)

    def add_assistant(self, fields: Document) -> Assistant:
        """Create an assistant from checked settings; what is absent or null takes its default."""
        now = self._seconds()
        given = {name: value for name, value in fields.items() if value is not None}
        assistant = Assistant(
            id=_make_id("asst_", self._records),
            organization_id=self.organization_id,
            settings={"name": given.pop("name")} | defaults() | given,
            created_at=now,
            updated_at=now,
            created_by=self.user.id,
        )
        self.assistants[assistant.id] = assistant
        self.note(assistant, "created")
        return assistant

    def change_assistant(self, assistant: Assistant, fields: Document) -> None:
        """Apply checked settings and note what changed."""
        changes = tuple(
            (name, assistant.settings[name], value)
            for name, value in fields.items()
            if (value is not None or _nullable(name)) and _differ(assistant.settings[name], value)
        )
        for name, _, value in changes:
            assistant.settings[name] = value
        if changes:
            assistant.updated_at = self._seconds()
            self.note(assistant, "updated", changes)

    def remove_assistant(self, assistant: Assistant) -> None:
        """Delete softly; its workflow survives without it."""
        self.unlink(assistant)
        assistant.deleted_at = assistant.updated_at = self._seconds()
        self.note(assistant, "deleted")

    def link(self, assistant: Assistant, workflow: Workflow) -> None:
        """Let an assistant run through a workflow, at the workflow's present version."""
        workflow.assistant_id = assistant.id
        assistant.workflow_id, assistant.workflow_version = workflow.id, workflow.version
        self.note(assistant, "workflow_linked", (("workflow_id", None, workflow.id),))

    def unlink(self, assistant: Assistant) -> str | None:
        """Part an assistant from its workflow; returns the workflow's id, or None if there was none."""
        workflow_id = assistant.workflow_id
        if workflow_id is None:
            return None
        self.workflows[workflow_id].assistant_id = None
        assistant.workflow_id = assistant.workflow_version = None
        self.note(assistant, "workflow_detached", (("workflow_id", workflow_id, None),))
        return workflow_id

    def note(
        self, assistant: Assistant, action: str, changes: tuple[tuple[str, object, object], ...] = ()
    ) -> None:
        """Add a line to an assistant's history."""
        self.history.append(
            Entry(
                id=_make_id("audit_", self._records),
                timestamp=self._seconds(),
                assistant_id=assistant.id,
                assistant_name=assistant.name,
                action=action,
                user=self.user,
                changes=changes,
            )
        )

    def _ours(self, organization_id: str) -> bool:
        return organization_id == self.organization_id

    def _check_ours(self, organization_id: str) -> None:
        if not self._ours(organization_id):
            raise Refusal(403)

    def _seconds(self) -> int:
        return int(self._clock().timestamp())


def _make_id(prefix: str, source: random.Random) -> str:
    return prefix + "".join(source.choices(_ALPHABET, k=12))


def _differ(old: object, new: object) -> bool:
    """Compare as JSON: to Python 1, 1.0 and True are the same."""
    return json.dumps(old) != json.dumps(new)


def _nullable(name: str) -> bool:
    return name != "name" and SETTINGS[name][1] is None
