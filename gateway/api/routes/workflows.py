"""One workflow: canonical, native, as a diagram, its versions and its labels."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from gateway.api.negotiation import GraphFormat, graph_format
from gateway.api.parameters import (
    AskingNeeded,
    AssistantId,
    AtNeeded,
    ConnectionNeeded,
    LabelName,
    PagingNeeded,
    ServiceNeeded,
    VersionName,
    WorkflowId,
)
from gateway.api.responses import READ_STATUSES, documented, reading_response
from gateway.forms import (
    CANONICAL_FORM,
    NATIVE_FORM,
    WITH_NATIVE_FORM,
    Form,
    graph_form,
    named_form,
    page_form,
)
from gateway.service import At
from schemas.listing import LabelPage, VersionPage
from schemas.workflow import Label, Workflow

router = APIRouter(tags=["workflows"])
Include = Annotated[Literal["native"] | None, Query(description="`native` adds the vendor's own document.")]


@router.get(
    "/v1/connections/{connection}/workflows/{workflow}",
    operation_id="get_workflow",
    summary="One workflow in canonical form",
    responses=documented(*READ_STATUSES, model=Workflow),
)
async def get_workflow(
    service: ServiceNeeded,
    connection: ConnectionNeeded,
    workflow: WorkflowId,
    at: AtNeeded,
    asking: AskingNeeded,
    include: Include = None,
) -> Response:
    """The workflow, whatever the vendor, in the one canonical shape; `diagnostics` tells what was odd."""
    reading = await service.workflow(connection, workflow, at, asking.ask)
    return await reading_response(asking.request, reading, _whole(include))


@router.get(
    "/v1/connections/{connection}/workflows/{workflow}/native",
    operation_id="get_native_workflow",
    summary="The vendor's own document",
    responses=documented(*READ_STATUSES),
)
async def get_native_workflow(
    service: ServiceNeeded,
    connection: ConnectionNeeded,
    workflow: WorkflowId,
    at: AtNeeded,
    asking: AskingNeeded,
) -> Response:
    """The vendor's answer as it came, byte for byte where it was one document."""
    reading = await service.workflow(connection, workflow, at, asking.ask)
    return await reading_response(asking.request, reading, NATIVE_FORM)


@router.get(
    "/v1/connections/{connection}/workflows/{workflow}/graph",
    operation_id="get_workflow_graph",
    summary="The graph as JSON, Mermaid or DOT",
    responses=documented(*READ_STATUSES, 406)
    | {
        200: {
            "description": "The graph.",
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Graph"}},
                GraphFormat.MERMAID.media_type: {"schema": {"type": "string"}},
                GraphFormat.DOT.media_type: {"schema": {"type": "string"}},
            },
        }
    },
)
async def get_workflow_graph(
    service: ServiceNeeded,
    connection: ConnectionNeeded,
    workflow: WorkflowId,
    at: AtNeeded,
    asking: AskingNeeded,
    given: Annotated[
        GraphFormat | None, Query(alias="format", description="Wins over the `Accept` header.")
    ] = None,
) -> Response:
    """The graph alone: JSON unless `format` or `Accept` asks for a diagram."""
    wanted = given or graph_format(asking.request.headers.get("accept"))
    reading = await service.workflow(connection, workflow, at, asking.ask)
    form = graph_form(wanted, by_accept=given is None)
    return await reading_response(asking.request, reading, form)


@router.get(
    "/v1/connections/{connection}/workflows/{workflow}/versions",
    operation_id="list_versions",
    summary="The versions of a workflow",
    responses=documented(*READ_STATUSES, model=VersionPage),
)
async def list_versions(
    service: ServiceNeeded,
    connection: ConnectionNeeded,
    workflow: WorkflowId,
    paging: PagingNeeded,
    asking: AskingNeeded,
) -> Response:
    """The versions, newest first where the vendor tells; read one's content with `?version=`."""
    reading = await service.versions(connection, workflow, asking.ask)
    return await reading_response(asking.request, reading, page_form(paging.limit, paging.cursor))


@router.get(
    "/v1/connections/{connection}/workflows/{workflow}/versions/{version}",
    operation_id="get_workflow_version",
    summary="A workflow at one version",
    responses=documented(*READ_STATUSES, model=Workflow),
)
async def get_workflow_version(
    service: ServiceNeeded,
    connection: ConnectionNeeded,
    workflow: WorkflowId,
    version: VersionName,
    asking: AskingNeeded,
    include: Include = None,
) -> Response:
    """The same as the workflow with `?version=`."""
    reading = await service.workflow(connection, workflow, At(version=version), asking.ask)
    return await reading_response(asking.request, reading, _whole(include))


@router.get(
    "/v1/connections/{connection}/workflows/{workflow}/labels",
    operation_id="list_labels",
    summary="The release labels of a workflow",
    responses=documented(*READ_STATUSES, model=LabelPage),
)
async def list_labels(
    service: ServiceNeeded,
    connection: ConnectionNeeded,
    workflow: WorkflowId,
    paging: PagingNeeded,
    asking: AskingNeeded,
) -> Response:
    """The labels, each with the version it points at."""
    reading = await service.labels(connection, workflow, asking.ask)
    return await reading_response(asking.request, reading, page_form(paging.limit, paging.cursor))


@router.get(
    "/v1/connections/{connection}/workflows/{workflow}/labels/{label}",
    operation_id="get_label",
    summary="One release label",
    responses=documented(*READ_STATUSES, model=Label),
)
async def get_label(
    service: ServiceNeeded,
    connection: ConnectionNeeded,
    workflow: WorkflowId,
    label: LabelName,
    asking: AskingNeeded,
) -> Response:
    """Which version a label points at."""
    reading = await service.labels(connection, workflow, asking.ask)
    form = named_form(label, f"the workflow has no label {label[:100]!r}")
    return await reading_response(asking.request, reading, form)


@router.get(
    "/v1/connections/{connection}/assistants/{assistant}/workflow",
    operation_id="get_assistant_workflow",
    summary="The workflow of an assistant",
    tags=["assistants"],
    responses=documented(*READ_STATUSES, model=Workflow),
)
async def get_assistant_workflow(
    service: ServiceNeeded,
    connection: ConnectionNeeded,
    assistant: AssistantId,
    asking: AskingNeeded,
    include: Include = None,
) -> Response:
    """The workflow that an assistant runs through."""
    reading = await service.assistant_workflow(connection, assistant, asking.ask)
    return await reading_response(asking.request, reading, _whole(include))


def _whole(include: str | None) -> Form:
    return WITH_NATIVE_FORM if include == "native" else CANONICAL_FORM
