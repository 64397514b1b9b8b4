"""External ids: identifiers of other systems attached to workflows and folders."""

from collections.abc import Sequence

from starlette.responses import JSONResponse, Response

from emulators.promptlayer import views
from emulators.promptlayer.calls import Call
from emulators.promptlayer.errors import refusal
from emulators.promptlayer.records import ExternalId, Folder, Workflow
from emulators.promptlayer.shared import Shared
from emulators.promptlayer.state import State
from emulators.promptlayer.validation import Body, Complaints, integer_of

LONGEST_SOURCE, LONGEST_ID = 128, 512


def read_external_id(body: Body) -> ExternalId:
    """Read one mapping; fields beside the two are refused."""
    source = body.text("source", required=True, longest=LONGEST_SOURCE)
    external_id = body.text("external_id", required=True, longest=LONGEST_ID)
    body.forbid_others(("source", "external_id"))
    return source or "", external_id or ""


def read_external_ids(body: Body) -> list[ExternalId]:
    """Read the `external_ids` of a creation."""
    return [read_external_id(entry) for entry in body.objects("external_ids")]


def check_free(state: State, mappings: Sequence[ExternalId], holder: Workflow | Folder | None) -> None:
    """Refuse mappings that another entity than `holder` has.

    Raises:
        ApiError: 409.
    """
    for mapping in mappings:
        owner = state.owner_of(mapping)
        if owner is not None and owner is not holder:
            raise refusal(409, "External ID is already attached to another entity")


class ExternalIdHandlers:
    """The external ids of one workflow, which is named by its integer id only."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared

    async def attach(self, call: Call) -> Response:
        """POST /workflows/{workflow_id}/external-ids; the same mapping again changes nothing."""
        complaints = Complaints()
        number = _path_id(call, complaints)
        mapping = read_external_id(Body(await call.body(), complaints))
        complaints.settle()
        workflow = self._workflow(number)
        check_free(self.shared.state, [mapping], workflow)
        if mapping not in workflow.external_ids:
            workflow.external_ids.append(mapping)
        document = {"success": True, "external_id": views.external_ids([mapping])[0]}
        return JSONResponse(document, status_code=201)

    async def list_all(self, call: Call) -> Response:
        """GET /workflows/{workflow_id}/external-ids."""
        workflow = self._from_path(call)
        return JSONResponse({"success": True, "external_ids": views.external_ids(workflow.external_ids)})

    async def detach(self, call: Call) -> Response:
        """DELETE /workflows/{workflow_id}/external-ids/{source}/{external_id}."""
        complaints = Complaints()
        number = _path_id(call, complaints)
        _, source, external_id = call.captured
        given = Body({"source": source, "external_id": external_id}, complaints, ("path",))
        mapping = read_external_id(given)
        complaints.settle()
        workflow = self._workflow(number)
        if mapping not in workflow.external_ids:
            raise refusal(404, "External ID not found")
        workflow.external_ids.remove(mapping)
        return JSONResponse({"success": True})

    def _from_path(self, call: Call) -> Workflow:
        complaints = Complaints()
        number = _path_id(call, complaints)
        complaints.settle()
        return self._workflow(number)

    def _workflow(self, workflow_id: int) -> Workflow:
        workflow = self.shared.state.by_id(workflow_id)
        if workflow is None:
            raise refusal(404, "Workflow not found")
        return workflow


def _path_id(call: Call, complaints: Complaints) -> int:
    number = integer_of(call.captured[0])
    if number is None:
        message = "Input should be a valid integer, unable to parse string as an integer"
        complaints.add(("path", "workflow_id"), message, "int_parsing")
    return number or 0
