"""Handlers of `/v1/workflows`."""

from collections.abc import Callable

from emulators.aitronos.calls import Answer, Call
from emulators.aitronos.definitions import llm_nodes, llm_settings
from emulators.aitronos.errors import Document, Issue, Refusal
from emulators.aitronos.records import REQUIRED_OF_WORKFLOW, Workflow
from emulators.aitronos.settings import CREATE_WORKFLOW, PROMOTE, UPDATE_WORKFLOW, usable
from emulators.aitronos.state import State
from emulators.aitronos.validation import QueryReader, read_body
from emulators.aitronos.variants import DELETE_200, OMIT_NULLS, PROMOTE_400, STRICT_BODIES, UPSERT_200


class Workflows:
    """The workflow endpoints over one state. `on` says whether a variant is switched on."""

    def __init__(self, state: State, on: Callable[[str], bool]) -> None:
        self._state = state
        self._on = on

    def page(self, call: Call) -> Answer:
        """GET: page by offset. The limit's default (50) and greatest value (100) are undocumented."""
        query = QueryReader(call.query)
        limit, offset = query.integer("limit", 50, 1, 100), query.integer("offset", 0, 0)
        external_id, active_only = query.text("external_id"), query.boolean("active_only")
        query.check()
        found = [
            workflow
            for workflow in self._state.live_workflows()
            if (external_id is None or workflow.external_id == external_id)
            and (workflow.is_active or not active_only)
        ]
        page = [self.show(workflow) for workflow in found[offset : offset + limit]]
        return Answer(body={"workflows": page, "total": len(found), "limit": limit, "offset": offset})

    def create(self, call: Call) -> Answer:
        """POST: create, or update the workflow that has the same external id."""
        fields = read_body(call, CREATE_WORKFLOW, strict=self._on(STRICT_BODIES))
        external_id = fields.get("external_id")
        existing = None if external_id is None else self._state.by_external_id(external_id)
        if existing is None:
            return Answer(201, self.show(self._state.add_workflow(fields)))
        self._state.change_workflow(existing, fields)
        return Answer(200 if self._on(UPSERT_200) else 201, self.show(existing))

    def get(self, call: Call) -> Answer:
        """GET one."""
        return Answer(body=self.show(self._state.workflow(call.path["workflow_id"])))

    def update(self, call: Call) -> Answer:
        """PATCH one."""
        return self.update_record(self._state.workflow(call.path["workflow_id"]), call)

    def update_record(self, workflow: Workflow, call: Call) -> Answer:
        """Apply a PATCH body to a workflow, however it was found."""
        fields = read_body(call, UPDATE_WORKFLOW, strict=self._on(STRICT_BODIES))
        self._state.change_workflow(workflow, fields)
        return Answer(body=self.show(workflow))

    def delete(self, call: Call) -> Answer:
        """DELETE one: it disappears and its assistant stands alone."""
        self._state.remove_workflow(self._state.workflow(call.path["workflow_id"]))
        return Answer(body={"message": "Workflow deleted."}) if self._on(DELETE_200) else Answer(204)

    def promote(self, call: Call) -> Answer:
        """POST: create an assistant from the settings of the primary FreddyLLM node and link it.

        Refusing a workflow that has an assistant already (409) and one without FreddyLLM nodes is a guess.
        """
        workflow = self._state.workflow(call.path["workflow_id"])
        given = read_body(call, PROMOTE, strict=self._on(STRICT_BODIES))
        if workflow.assistant_id is not None:
            raise Refusal(409, details={"assistant_id": workflow.assistant_id})
        node = self._primary(workflow, given.get("primary_node_id"))
        fields = usable(llm_settings(node)) | {
            "name": given.get("name") or workflow.name,
            "description": given.get("description") or workflow.description,
        }
        assistant = self._state.add_assistant(fields)
        self._state.link(assistant, workflow)
        return Answer(
            201,
            {
                "assistant_id": assistant.id,
                "workflow_id": workflow.id,
                "message": "The workflow now answers as an assistant.",
            },
        )

    def show(self, workflow: Workflow) -> Document:
        """Return a workflow as the API shows it under the present variants."""
        document = workflow.document()
        if not self._on(OMIT_NULLS):
            return document
        return {k: v for k, v in document.items() if v is not None or k in REQUIRED_OF_WORKFLOW}

    def _primary(self, workflow: Workflow, primary_node_id: str | None) -> Document:
        nodes = llm_nodes(workflow.definition)
        if primary_node_id is not None:
            nodes = [node for node in nodes if node.get("id") == primary_node_id]
        if len(nodes) == 1:
            return nodes[0]
        if primary_node_id is None and nodes:
            raise self._unclear("primary_node_id", "Field required with several FreddyLLM nodes", "missing")
        if primary_node_id is not None:
            raise self._unclear("primary_node_id", "No single FreddyLLM node has this id", "value_error")
        raise self._unclear("definition", "There is no FreddyLLM node to take settings from", "value_error")

    def _unclear(self, field: str, message: str, kind: str) -> Refusal:
        status = 400 if self._on(PROMOTE_400) else 422
        return Refusal(
            status, message=message, details={"field": field}, issues=(Issue(("body", field), message, kind),)
        )
