"""One workflow: canonical, native, as a diagram, its versions and its labels."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from adapters.errors import VendorNotFound
from gateway.api.negotiation import GraphFormat, graph_format
from gateway.api.parameters import (
    AssistantId,
    AtNeeded,
    ConnectionNeeded,
    LabelName,
    PagingNeeded,
    ServiceNeeded,
    VersionName,
    WorkflowId,
)
from gateway.api.responses import READ_STATUSES, documented, model_response, reading_response
from gateway.documents import CANONICAL, NATIVE, read_workflow, with_native
from gateway.graph_export import dot, mermaid
from gateway.paging import paged
from gateway.service import At, Reading, Service
from schemas.graph import Graph
from schemas.listing import LabelPage, VersionPage
from schemas.serialising import to_json
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
    include: Include = None,
) -> Response:
    """The workflow, whatever the vendor, in the one canonical shape; `diagnostics` tells what was odd."""
    return _canonical(service, await service.workflow(connection, workflow, at), include)


@router.get(
    "/v1/connections/{connection}/workflows/{workflow}/native",
    operation_id="get_native_workflow",
    summary="The vendor's own document",
    responses=documented(*READ_STATUSES),
)
async def get_native_workflow(
    service: ServiceNeeded, connection: ConnectionNeeded, workflow: WorkflowId, at: AtNeeded
) -> Response:
    """The vendor's answer as it came, byte for byte where it was one document."""
    reading = await service.workflow(connection, workflow, at)
    return reading_response(reading, reading.entry.parts[NATIVE], age_seconds=service.age(reading))


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
    request: Request,
    service: ServiceNeeded,
    connection: ConnectionNeeded,
    workflow: WorkflowId,
    at: AtNeeded,
    given: Annotated[
        GraphFormat | None, Query(alias="format", description="Wins over the `Accept` header.")
    ] = None,
) -> Response:
    """The graph alone: JSON unless `format` or `Accept` asks for a diagram."""
    wanted = given or graph_format(request.headers.get("accept"))
    reading = await service.workflow(connection, workflow, at)
    graph = read_workflow(reading.entry).graph
    body = _drawn(graph, wanted)
    return reading_response(reading, body, media_type=wanted.media_type, age_seconds=service.age(reading))


@router.get(
    "/v1/connections/{connection}/workflows/{workflow}/versions",
    operation_id="list_versions",
    summary="The versions of a workflow",
    responses=documented(*READ_STATUSES, model=VersionPage),
)
async def list_versions(
    service: ServiceNeeded, connection: ConnectionNeeded, workflow: WorkflowId, paging: PagingNeeded
) -> Response:
    """The versions, newest first where the vendor tells; read one's content with `?version=`."""
    versions, _ = await service.versions(connection, workflow)
    items, following = paged(versions, paging.limit, paging.cursor)
    return model_response(VersionPage(items=items, next_cursor=following))


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
    include: Include = None,
) -> Response:
    """The same as the workflow with `?version=`."""
    return _canonical(service, await service.workflow(connection, workflow, At(version=version)), include)


@router.get(
    "/v1/connections/{connection}/workflows/{workflow}/labels",
    operation_id="list_labels",
    summary="The release labels of a workflow",
    responses=documented(*READ_STATUSES, model=LabelPage),
)
async def list_labels(
    service: ServiceNeeded, connection: ConnectionNeeded, workflow: WorkflowId, paging: PagingNeeded
) -> Response:
    """The labels, each with the version it points at."""
    labels, _ = await service.labels(connection, workflow)
    items, following = paged(labels, paging.limit, paging.cursor)
    return model_response(LabelPage(items=items, next_cursor=following))


@router.get(
    "/v1/connections/{connection}/workflows/{workflow}/labels/{label}",
    operation_id="get_label",
    summary="One release label",
    responses=documented(*READ_STATUSES, model=Label),
)
async def get_label(
    service: ServiceNeeded, connection: ConnectionNeeded, workflow: WorkflowId, label: LabelName
) -> Response:
    """Which version a label points at."""
    labels, _ = await service.labels(connection, workflow)
    for found in labels:
        if found.name == label:
            return model_response(found)
    raise VendorNotFound(f"the workflow has no label {label[:100]!r}", status=404)


@router.get(
    "/v1/connections/{connection}/assistants/{assistant}/workflow",
    operation_id="get_assistant_workflow",
    summary="The workflow of an assistant",
    tags=["assistants"],
    responses=documented(*READ_STATUSES, model=Workflow),
)
async def get_assistant_workflow(
    service: ServiceNeeded, connection: ConnectionNeeded, assistant: AssistantId, include: Include = None
) -> Response:
    """The workflow that an assistant runs through."""
    return _canonical(service, await service.assistant_workflow(connection, assistant), include)


def _canonical(service: Service, reading: Reading, include: str | None) -> Response:
    body = reading.entry.parts[CANONICAL]
    if include == "native":
        body = with_native(body, reading.entry.parts[NATIVE])
    return reading_response(reading, body, age_seconds=service.age(reading))


def _drawn(graph: Graph, wanted: GraphFormat) -> bytes:
    if wanted is GraphFormat.MERMAID:
        return mermaid(graph).encode()
    return dot(graph).encode() if wanted is GraphFormat.DOT else to_json(graph)
