"""Workflows, versions and labels made, changed and deleted."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from gateway.api.bodies import JSON, MERGE_PATCH
from gateway.api.parameters import LabelName, VersionName, WorkflowId
from gateway.api.responses import CONDITIONAL_STATUSES, WRITE_STATUSES, documented
from gateway.api.results import (
    done_response,
    patch_body,
    place,
    planned_response,
    request_body,
    result_response,
)
from gateway.api.writing import IfMatch, Strict, Writes, Writing
from schemas.support import Ability
from schemas.writes import LabelResult, LabelTarget, NewVersion, NewWorkflow, VersionResult, WriteResult

router = APIRouter(tags=["writing"])
WORKFLOW = "/v1/connections/{connection}/workflows/{workflow}"


@router.post(
    "/v1/connections/{connection}/workflows",
    operation_id="create_workflow",
    summary="Make a workflow",
    status_code=201,
    responses=documented(*WRITE_STATUSES, model=WriteResult, success=(200, 201)),
    openapi_extra=request_body(NewWorkflow),
)
async def create_workflow(
    writing: Annotated[Writing, Depends(Writes(Ability.CREATE_WORKFLOW))], strict: Strict = None
) -> Response:
    """Make a workflow of a canonical document, or of the vendor's own where exactness is wanted.

    The answer is the workflow as it now is, and what the vendor could not hold. It is 200 where the vendor had it
    already and wrote over it.
    """

    async def work() -> Response:
        new = writing.model(NewWorkflow)
        done = await writing.tools.workflows.create(writing.connection, new, writing.strictly(strict))
        return done_response(writing.connection, done, writing.ask.attempt)

    return await writing.once(work)


@router.patch(
    WORKFLOW,
    operation_id="update_workflow",
    summary="Change a workflow",
    responses=documented(*WRITE_STATUSES, *CONDITIONAL_STATUSES, model=WriteResult),
    openapi_extra=patch_body(),
)
async def update_workflow(
    writing: Annotated[
        Writing, Depends(Writes(Ability.UPDATE_WORKFLOW, conditional=True, taken=(MERGE_PATCH, JSON)))
    ],
    workflow: WorkflowId,
    strict: Strict = None,
    _: IfMatch = None,
) -> Response:
    """Apply a JSON merge patch to the canonical form, and write what changed over the vendor's current document.

    Whatever the patch does not name stays as it is, also what the canonical form does not know.
    """

    async def work() -> Response:
        ask = writing.strictly(strict)
        done = await writing.tools.workflows.update(writing.connection, workflow, writing.patch(), ask)
        return done_response(writing.connection, done, ask.attempt)

    return await writing.once(work)


@router.delete(
    WORKFLOW,
    operation_id="delete_workflow",
    summary="Delete a workflow",
    status_code=204,
    responses=documented(*WRITE_STATUSES, *CONDITIONAL_STATUSES, model=WriteResult)
    | {204: {"description": "Deleted."}},
)
async def delete_workflow(
    writing: Annotated[Writing, Depends(Writes(Ability.DELETE_WORKFLOW, conditional=True))],
    workflow: WorkflowId,
    _: IfMatch = None,
) -> Response:
    """Delete a workflow; the answer is empty, and 200 for a dry run."""

    async def work() -> Response:
        await writing.tools.workflows.delete(writing.connection, workflow, writing.ask)
        return planned_response(writing.ask.attempt) if writing.dry_run else Response(status_code=204)

    return await writing.once(work)


@router.post(
    WORKFLOW + "/versions",
    operation_id="create_version",
    summary="Make a version",
    status_code=201,
    responses=documented(*WRITE_STATUSES, *CONDITIONAL_STATUSES, model=VersionResult, success=(200, 201)),
    openapi_extra=request_body(NewVersion, required=False),
)
async def create_version(
    writing: Annotated[Writing, Depends(Writes(Ability.CREATE_VERSION, conditional=True))],
    workflow: WorkflowId,
    strict: Strict = None,
    _: IfMatch = None,
) -> Response:
    """Make a version of the workflow as it is, or as a merge patch on the canonical form makes it."""

    async def work() -> Response:
        ask, connection = writing.strictly(strict), writing.connection
        result = await writing.tools.versions.create(connection, workflow, writing.model(NewVersion), ask)
        if result.version is None:
            return result_response(result)
        version = result.version.reference
        segments = ("versions",) if version is None else ("versions", version)
        return result_response(result, 201, place(connection, "workflows", workflow, *segments))

    return await writing.once(work)


@router.patch(
    WORKFLOW + "/versions/{version}",
    operation_id="update_version",
    summary="Rewrite a version",
    responses=documented(*WRITE_STATUSES, *CONDITIONAL_STATUSES, model=VersionResult),
    openapi_extra=request_body(NewVersion),
)
async def update_version(
    writing: Annotated[Writing, Depends(Writes(Ability.UPDATE_VERSION, conditional=True))],
    workflow: WorkflowId,
    version: VersionName,
    strict: Strict = None,
    _: IfMatch = None,
) -> Response:
    """Rename a version or rewrite its content, where the vendor's versions can be rewritten."""

    async def work() -> Response:
        new, ask = writing.model(NewVersion), writing.strictly(strict)
        result = await writing.tools.versions.update(writing.connection, (workflow, version), new, ask)
        return result_response(result)

    return await writing.once(work)


@router.put(
    WORKFLOW + "/labels/{label}",
    operation_id="set_label",
    summary="Set a release label",
    responses=documented(*WRITE_STATUSES, model=LabelResult),
    openapi_extra=request_body(LabelTarget),
)
async def set_label(
    writing: Annotated[Writing, Depends(Writes(Ability.SET_LABEL))], workflow: WorkflowId, label: LabelName
) -> Response:
    """Make a label point at a version; it is moved if it is there already."""

    async def work() -> Response:
        target = (label, writing.model(LabelTarget).version)
        result = await writing.tools.versions.set_label(writing.connection, workflow, target, writing.ask)
        return result_response(result)

    return await writing.once(work)
