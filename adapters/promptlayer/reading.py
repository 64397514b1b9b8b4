"""From PromptLayer's documents to the canonical workflow and its short form."""

from dataclasses import dataclass
from typing import Final

from adapters.errors import VendorSurprise
from adapters.evidence import Evidence, Findings
from adapters.promptlayer.errors import expect_object
from adapters.promptlayer.graph import GraphRead, read_graph
from adapters.promptlayer.history import LABELS, NOTE, read_version
from adapters.promptlayer.identity import (
    ID_PLACES,
    ITEM_ID_PLACES,
    ITEM_NAME_PLACES,
    NAME_PLACES,
    WRAPPED_FIELDS,
    WRAPPER,
    Source,
    read_id,
    read_text,
)
from adapters.promptlayer.nodes import VENDOR
from adapters.promptlayer.variables import INPUTS, read_external_ids, read_inputs
from schemas.base import JsonObject, JsonValue
from schemas.workflow import (
    Author,
    Place,
    Version,
    Workflow,
    WorkflowKind,
    WorkflowStatus,
    WorkflowSummary,
)

KNOWN_FIELDS: Final = frozenset(
    {
        "success",
        "workflow_id",
        "workflow_name",
        "id",
        "name",
        "version",
        "version_number",
        "workflow_version_id",
        "created_at",
        "workspace_id",
        "user_id",
        "is_deleted",
        "nodes",
        "edges",
        "external_ids",
        NOTE,
        LABELS,
        INPUTS,
        WRAPPER,
    }
)
"""The fields of a workflow document with a canonical place."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A canonical workflow, and where its nodes and edges stand in the native document."""

    workflow: Workflow
    graph: GraphRead


def read_workflow(native: JsonValue, connection: str) -> Reading:
    """Return the canonical workflow of a detail answer.

    Raises:
        VendorSurprise: the document is no object, has no id, or says that it failed.
    """
    findings = Findings()
    document = Evidence(expect_object(native), findings)
    source = Source.of(document)
    workflow_id = _required_id(source.first(ID_PLACES, read_id))
    version = read_version(source)
    inputs = read_inputs(document)
    graph = read_graph(document, inputs, None if version is None else version.id)
    workflow = Workflow(
        connection=connection,
        vendor=VENDOR,
        id=workflow_id,
        name=source.first(NAME_PLACES, read_text),
        kind=WorkflowKind.FLOW,
        status=_status(source),
        version=version,
        labels=_labels(document, version),
        external_ids=read_external_ids(document),
        author=_author(document),
        workspace=_workspace(source),
        inputs=inputs,
        outputs=graph.outputs,
        graph=graph.graph,
        extensions=_extensions(source),
        diagnostics=findings.all(),
    )
    return Reading(workflow, graph)


def read_summary(item: JsonValue, connection: str) -> WorkflowSummary:
    """Return the canonical short form of one item of the listing.

    Raises:
        VendorSurprise: the item is no object, or has no id.
    """
    document = Evidence(expect_object(item), Findings())
    source = Source(document)
    number = document.integer("latest_version_number")
    return WorkflowSummary(
        connection=connection,
        vendor=VENDOR,
        id=_required_id(source.first(ITEM_ID_PLACES, read_id)),
        name=source.first(ITEM_NAME_PLACES, read_text),
        kind=WorkflowKind.FLOW,
        status=_status(source),
        version=None if number is None else Version(number=number, mutable=False, current=True),
        labels=document.texts(LABELS),
        external_ids=read_external_ids(document),
        author=_author(document),
        workspace=_workspace(source),
    )


def _required_id(workflow_id: str | None) -> str:
    if workflow_id is None:
        raise VendorSurprise("the document is not a workflow: it has no id")
    return workflow_id


def _labels(document: Evidence, version: Version | None) -> tuple[str, ...]:
    return document.texts(LABELS) if version is None else version.labels


def _status(source: Source) -> WorkflowStatus:
    """Return whether it is deleted; nothing else about being in use is told."""
    deleted = source.either("is_deleted").boolean("is_deleted")
    return WorkflowStatus.DELETED if deleted else WorkflowStatus.UNKNOWN


def _author(document: Evidence) -> Author | None:
    user = document.identifier("user_id")
    return None if user is None else Author(id=user)


def _workspace(source: Source) -> Place | None:
    workspace = source.either("workspace_id").identifier("workspace_id")
    return None if workspace is None else Place(id=workspace)


def _extensions(source: Source) -> dict[str, JsonObject]:
    rest = {name: value for name, value in source.document.fields.items() if name not in KNOWN_FIELDS}
    wrapped = {} if source.wrapper is None else source.wrapper.rest(*WRAPPED_FIELDS)
    if wrapped:
        rest[WRAPPER] = wrapped
    return {VENDOR: rest} if rest else {}
