"""From PromptLayer's documents to the canonical workflow and its short form."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from adapters.errors import VendorSurprise
from adapters.evidence import Evidence, Findings
from adapters.promptlayer.errors import expect_object
from adapters.promptlayer.graph import read_graph
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
from schemas.drafts import VersionDraft, WorkflowDraft, WorkflowSummaryDraft
from schemas.workflow import Workflow, WorkflowKind, WorkflowStatus

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


class DraftRead(NamedTuple):
    """A draft, and where its nodes and edges stand in the native document."""

    workflow: WorkflowDraft
    node_places: Sequence[int]
    edge_places: Mapping[int, int]


class Reading(NamedTuple):
    """The same of the model, which is what writing begins with."""

    workflow: Workflow
    node_places: Sequence[int]
    edge_places: Mapping[int, int]

    @classmethod
    def of(cls, native: JsonValue, connection: str) -> "Reading":
        """Return the reading of a detail answer; raises what `read_workflow` raises."""
        draft, node_places, edge_places = read_workflow(native, connection)
        return cls(Workflow.model_validate(draft), node_places, edge_places)


def read_workflow(native: JsonValue, connection: str) -> DraftRead:
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
    graph = read_graph(document, inputs, None if version is None else version.get("id"))
    name = source.first(NAME_PLACES, read_text)
    draft: WorkflowDraft = {
        "connection": connection,
        "vendor": VENDOR,
        "id": workflow_id,
        "graph": graph.graph,
        "inputs": inputs,
        "outputs": graph.outputs,
    }
    _add_summary(draft, source, name, version, None if version is None else version["labels"])
    draft["extensions"] = _extensions(source)
    draft["digest"] = ""
    draft["diagnostics"] = findings.all()
    return DraftRead(draft, graph.node_places, graph.edge_places)


def read_summary(item: JsonValue, connection: str) -> WorkflowSummaryDraft:
    """Return the canonical short form of one item of the listing.

    Raises:
        VendorSurprise: the item is no object, or has no id.
    """
    document = Evidence(expect_object(item), Findings())
    source = Source(document)
    number = document.integer("latest_version_number")
    draft: WorkflowSummaryDraft = {
        "connection": connection,
        "vendor": VENDOR,
        "id": _required_id(source.first(ITEM_ID_PLACES, read_id)),
    }
    version: VersionDraft | None = None
    if number is not None:
        version = {"number": number, "labels": (), "mutable": False, "current": True}
    name = source.first(ITEM_NAME_PLACES, read_text)
    _add_summary(draft, source, name, version, None)
    return draft


def _required_id(workflow_id: str | None) -> str:
    if workflow_id is None:
        raise VendorSurprise("the document is not a workflow: it has no id")
    return workflow_id


def _add_summary(
    draft: WorkflowDraft | WorkflowSummaryDraft,
    source: Source,
    name: str | None,
    version: VersionDraft | None,
    labels: Sequence[str] | None,
) -> None:
    """Add what both forms of a workflow have; labels that are None are read."""
    document = source.document
    if name is not None:
        draft["name"] = name
    draft["kind"] = WorkflowKind.FLOW
    draft["status"] = _status(source)
    if version is not None:
        draft["version"] = version
    draft["labels"] = document.texts(LABELS) if labels is None else labels
    draft["tags"] = ()
    draft["external_ids"] = read_external_ids(document)
    author = document.identifier("user_id")
    if author is not None:
        draft["author"] = {"id": author}
    workspace = source.either("workspace_id").identifier("workspace_id")
    if workspace is not None:
        draft["workspace"] = {"id": workspace}


def _status(source: Source) -> WorkflowStatus:
    """Return whether it is deleted; nothing else about being in use is told."""
    deleted = source.either("is_deleted").boolean("is_deleted")
    return WorkflowStatus.DELETED if deleted else WorkflowStatus.UNKNOWN


def _extensions(source: Source) -> dict[str, JsonObject]:
    rest = {name: value for name, value in source.document.fields.items() if name not in KNOWN_FIELDS}
    wrapped = {} if source.wrapper is None else source.wrapper.rest(*WRAPPED_FIELDS)
    if wrapped:
        rest[WRAPPER] = wrapped
    return {VENDOR: rest} if rest else {}
