"""Assistants and the workflows they run through."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from gateway.api.bodies import JSON, MERGE_PATCH
from gateway.api.parameters import AssistantId, WorkflowId
from gateway.api.responses import CONDITIONAL_STATUSES, WRITE_STATUSES, documented
from gateway.api.results import done_response, patch_body, place, request_body, result_response
from gateway.api.writing import IfMatch, Strict, Writes, Writing
from schemas.support import Ability
from schemas.writes import AssistantResult, Conversion, Promotion, WriteResult

router = APIRouter(tags=["assistants"])
ASSISTANT = "/v1/connections/{connection}/assistants/{assistant}"


@router.patch(
    ASSISTANT + "/workflow",
    operation_id="update_assistant_workflow",
    summary="Change an assistant's workflow",
    responses=documented(*WRITE_STATUSES, *CONDITIONAL_STATUSES, model=WriteResult),
    openapi_extra=patch_body(),
)
async def update_assistant_workflow(
    writing: Annotated[
        Writing,
        Depends(Writes(Ability.UPDATE_ASSISTANT_WORKFLOW, conditional=True, taken=(MERGE_PATCH, JSON))),
    ],
    assistant: AssistantId,
    strict: Strict = None,
    _: IfMatch = None,
) -> Response:
    """Apply a JSON merge patch to the workflow that an assistant runs through, as for any workflow."""

    async def work() -> Response:
        ask, workflows = writing.strictly(strict), writing.tools.workflows
        done = await workflows.update_of_assistant(writing.connection, assistant, writing.patch(), ask)
        return done_response(writing.connection, done, ask.attempt)

    return await writing.once(work)


@router.delete(
    ASSISTANT + "/workflow",
    operation_id="detach_assistant_workflow",
    summary="Take an assistant's workflow from it",
    responses=documented(*WRITE_STATUSES, *CONDITIONAL_STATUSES, model=AssistantResult),
)
async def detach_assistant_workflow(
    writing: Annotated[Writing, Depends(Writes(Ability.DETACH_ASSISTANT_WORKFLOW, conditional=True))],
    assistant: AssistantId,
    _: IfMatch = None,
) -> Response:
    """End the link between the two; the workflow and the assistant stay."""

    async def work() -> Response:
        return result_response(
            await writing.tools.assistants.detach(writing.connection, assistant, writing.ask)
        )

    return await writing.once(work)


@router.post(
    "/v1/connections/{connection}/workflows/{workflow}/promote-to-assistant",
    operation_id="promote_to_assistant",
    summary="Make an assistant of a workflow",
    status_code=201,
    responses=documented(*WRITE_STATUSES, model=AssistantResult, success=(200, 201)),
    openapi_extra=request_body(Promotion, required=False),
)
async def promote_to_assistant(
    writing: Annotated[Writing, Depends(Writes(Ability.PROMOTE_TO_ASSISTANT))], workflow: WorkflowId
) -> Response:
    """Make an assistant that runs through the workflow."""

    async def work() -> Response:
        connection, promotion = writing.connection, writing.model(Promotion)
        result = await writing.tools.assistants.promote(connection, workflow, promotion, writing.ask)
        if result.assistant_id is None:
            return result_response(result)
        where = place(connection, "assistants", result.assistant_id, "workflow")
        return result_response(result, 201, where)

    return await writing.once(work)


@router.post(
    ASSISTANT + "/convert-to-workflow",
    operation_id="convert_assistant",
    summary="Make a workflow of an assistant",
    status_code=201,
    responses=documented(*WRITE_STATUSES, model=AssistantResult, success=(200, 201)),
    openapi_extra=request_body(Conversion, required=False),
)
async def convert_assistant(
    writing: Annotated[Writing, Depends(Writes(Ability.CONVERT_ASSISTANT))], assistant: AssistantId
) -> Response:
    """Make a workflow of the assistant and link the two."""

    async def work() -> Response:
        connection, conversion = writing.connection, writing.model(Conversion)
        result = await writing.tools.assistants.convert(connection, assistant, conversion, writing.ask)
        if result.dry_run or result.workflow_id is None:
            return result_response(result)
        return result_response(result, 201, place(connection, "workflows", result.workflow_id))

    return await writing.once(work)
