"""Handlers of the link between an assistant and its workflow."""

from collections.abc import Callable

from emulators.aitronos.calls import Answer, Call
from emulators.aitronos.definitions import definition_of
from emulators.aitronos.errors import Document, Refusal
from emulators.aitronos.records import Workflow
from emulators.aitronos.settings import CONVERT
from emulators.aitronos.state import State
from emulators.aitronos.validation import read_body
from emulators.aitronos.variants import CONVERT_200, STRICT_BODIES
from emulators.aitronos.workflows import Workflows


class Links:
    """The link endpoints over one state. `on` says whether a variant is switched on."""

    def __init__(self, state: State, workflows: Workflows, on: Callable[[str], bool]) -> None:
        self._state = state
        self._workflows = workflows
        self._on = on

    def get(self, call: Call) -> Answer:
        """GET the linked workflow."""
        return Answer(body=self._workflows.show(self._linked(call)))

    def update(self, call: Call) -> Answer:
        """PATCH the linked workflow. The assistant keeps the version it was linked at."""
        return self._workflows.update_record(self._linked(call), call)

    def detach(self, call: Call) -> Answer:
        """DELETE the link; answers 200 with a null workflow when there is none."""
        assistant = self._state.assistant(call.path["assistant_id"])
        workflow_id = self._state.unlink(assistant)
        message = "There was no workflow to detach." if workflow_id is None else "The workflow is detached."
        return Answer(body={"assistant_id": assistant.id, "workflow_id": workflow_id, "message": message})

    def convert(self, call: Call) -> Answer:
        """POST: create a workflow from the assistant and link it; 409 (a guess) if it has one already."""
        assistant = self._state.assistant(call.path["assistant_id"])
        given = read_body(call, CONVERT, strict=self._on(STRICT_BODIES))
        if assistant.workflow_id is not None:
            raise Refusal(409, details={"workflow_id": assistant.workflow_id})
        name = given.get("workflow_name") or f"{assistant.name} Workflow"
        fields: Document = {"name": name, "description": given.get("description"), "definition": {}}
        workflow = self._state.add_workflow(fields)
        workflow.definition = definition_of(assistant.settings, name, workflow.id)
        self._state.link(assistant, workflow)
        return Answer(
            200 if self._on(CONVERT_200) else 201,
            {
                "assistant_id": assistant.id,
                "workflow_id": workflow.id,
                "workflow": self._workflows.show(workflow),
            },
        )

    def _linked(self, call: Call) -> Workflow:
        assistant = self._state.assistant(call.path["assistant_id"])
        if assistant.workflow_id is None:
            raise Refusal(404, message="No workflow is linked.", details={"resource_id": assistant.id})
        return self._state.workflows[assistant.workflow_id]
