"""Writes a canonical workflow as a Noxus record: over a base, or from nothing.

The document has the shape that a GET answers. Which of its fields the vendor takes in a POST or PATCH is another
matter: its SDK sends `name`, `type`, `definition` and `error_handler` only.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from adapters.contract import Rendered
from adapters.evidence import pointer
from adapters.noxus.graph import FLOW_VERSION, FORMAT_PREFIX, V1, V2
from adapters.noxus.render_graph import write_graph
from adapters.noxus.render_variables import write_variables
from adapters.noxus.rewriting import overlay, owned
from adapters.noxus.settings import write_settings
from adapters.noxus.summary import KINDS, VENDOR_NAME
from adapters.rendering import Writer, lost, set_field, write_changes
from schemas.base import JsonObject
from schemas.diagnostics import Loss, Severity
from schemas.graph import Graph, GraphForm, WorkflowReference
from schemas.workflow import Workflow, WorkflowKind, WorkflowStatus

NATIVE_KINDS: Final[Mapping[WorkflowKind, str]] = MappingProxyType(
    {
        WorkflowKind.FLOW: "flow",
        WorkflowKind.AGENT_FLOW: "agent_flow",
        WorkflowKind.ERROR_HANDLER: "handler",
        WorkflowKind.INGESTION: "ingestion",
        WorkflowKind.AUTOMATION: "task_automation",
    }
)
"""The type to write for a kind; of the automations the general one."""

KEPT_BY_VENDOR: Final = ("id", "created_at", "updated_at", "deleted_at", "author", "workspace", "statistics")
"""What the vendor fills in by itself."""

NESTED_EXTENSIONS: Final = ("meta", "settings", "definition")


def render(workflow: Workflow, before: Workflow | None, base: JsonObject | None) -> Rendered:
    """Return the native document and what it could not carry.

    `before` is what `base` reads as; both are None when the document is made from nothing.
    """
    foreign = workflow.vendor != VENDOR_NAME
    if before is None or base is None:
        before, document = _blank(workflow), _blank_document(workflow)
        losses = [lost("/id", "the vendor gives a new workflow its own id", Severity.INFO)]
        losses.extend(_write_name({}, workflow.name))
    else:
        document, losses = dict(base), []
    losses.extend(write_changes(before, workflow, document, _writers(before, foreign=foreign)))
    losses.extend(_kind_losses(before, workflow, document))
    losses.extend(write_variables(before, workflow, document))
    return Rendered(document, tuple(losses))


def _blank(workflow: Workflow) -> Workflow:
    """Return what the document that is made from nothing reads as."""
    return Workflow(
        connection=workflow.connection,
        vendor=VENDOR_NAME,
        id=workflow.id,
        name=workflow.name,
        kind=WorkflowKind.FLOW,
        native_kind="flow",
        graph=Graph(form=GraphForm.EMPTY, format=FORMAT_PREFIX + _flow_version(workflow)),
    )


def _blank_document(workflow: Workflow) -> JsonObject:
    definition = {FLOW_VERSION: _flow_version(workflow), "nodes": [], "edges": []}
    return {"id": workflow.id, "name": workflow.name, "type": "flow", "definition": definition}


def _flow_version(workflow: Workflow) -> str:
    return V2 if workflow.graph.format == FORMAT_PREFIX + V2 else V1


def _writers(before: Workflow, *, foreign: bool) -> dict[str, Writer]:
    vendor_keeps = "the vendor keeps this by itself"
    return {
        **{name: _refuse(name, vendor_keeps, Severity.INFO) for name in KEPT_BY_VENDOR},
        "version": _refuse("version", "a version is saved by a call of its own", Severity.INFO),
        "name": _write_name,
        "description": set_field("description"),
        "kind": _write_kind,
        "native_kind": _refuse_word if foreign else _write_type,
        "status": _write_status,
        "published": _refuse_published(before),
        "labels": _refuse("labels", "Noxus has no labels that point at versions"),
        "tags": _write_tags,
        "external_ids": _refuse("external_ids", "Noxus keeps no ids of other systems"),
        "folder": _refuse("folder", "Noxus has no folders"),
        "assistant": _refuse("assistant", "the link between an agent and a workflow is kept by the agent"),
        "inputs": _leave,
        "outputs": _leave,
        "graph": partial(write_graph, foreign=foreign),
        "settings": lambda document, value: write_settings(document, before.settings, value),
        "error_handler": partial(_write_error_handler, foreign=foreign),
        "extensions": lambda document, value: _write_extensions(document, before.extensions, value),
    }


def _refuse(name: str, reason: str, severity: Severity = Severity.WARNING) -> Writer:
    def refuse(_document: JsonObject, _value: Any) -> Iterable[Loss]:
        return (lost(pointer(name), reason, severity),)

    return refuse


def _refuse_word(_document: JsonObject, value: Any) -> Iterable[Loss]:
    """Leave out what another vendor calls the kind."""
    if value is not None:
        yield lost("/native_kind", "another vendor's word", Severity.INFO)


def _refuse_published(before: Workflow) -> Writer:
    """Leave out whether it is deployed as an app; where neither says that it is, nothing is lost."""

    def refuse(_document: JsonObject, value: Any) -> Iterable[Loss]:
        severity = Severity.WARNING if before.published or value else Severity.INFO
        yield lost("/published", "Noxus deploys apps in its interface; no call of its API does it", severity)

    return refuse


def _leave(_document: JsonObject, _value: Any) -> Iterable[Loss]:
    """Leave inputs and outputs until the nodes that they are read from are written."""
    return ()


def _write_name(document: JsonObject, value: Any) -> Iterable[Loss]:
    if value is None:
        return (lost("/name", "Noxus needs a name", Severity.ERROR),)
    document["name"] = value
    return ()


def _write_kind(document: JsonObject, value: Any) -> Iterable[Loss]:
    if value in NATIVE_KINDS:
        document["type"] = NATIVE_KINDS[value]
    return ()


def _write_type(document: JsonObject, value: Any) -> Iterable[Loss]:
    if value is None:
        return (lost("/native_kind", "Noxus needs a type"),)
    document["type"] = value
    return ()


def _kind_losses(before: Workflow, workflow: Workflow, document: JsonObject) -> Iterable[Loss]:
    """Yield a loss when the type that was written does not read as the kind that was wanted."""
    written = KINDS.get(str(document.get("type")), WorkflowKind.UNKNOWN)
    if workflow.kind not in (before.kind, written):
        yield lost("/kind", f"the workflow was written with the type {document.get('type')!r}")


def _write_status(_document: JsonObject, value: Any) -> Iterable[Loss]:
    if value is WorkflowStatus.DELETED:
        yield lost("/status", "a workflow is deleted by a call of its own")
    elif value is WorkflowStatus.INACTIVE:
        yield lost("/status", "Noxus cannot switch a workflow off: what exists can be run")
    else:
        yield lost("/status", "Noxus does not tell active from inactive", Severity.INFO)


def _write_tags(document: JsonObject, value: Any) -> Iterable[Loss]:
    meta = owned(document, "meta")
    old = meta.get("tags")
    unread = [tag for tag in old if not isinstance(tag, str)] if isinstance(old, list) else []
    meta["tags"] = [*value, *unread]
    return ()


def _write_error_handler(
    document: JsonObject, value: WorkflowReference | None, *, foreign: bool
) -> Iterable[Loss]:
    if value is None:
        document["error_handler"] = None
    elif foreign:
        yield lost("/error_handler", "it names a workflow of another vendor")
    elif value.id is None:
        yield lost("/error_handler", "Noxus names the error handler by its id, which is not given")
    else:
        document["error_handler"] = value.id
        if (value.version, value.label) != (None, None):
            yield lost("/error_handler", "Noxus names a workflow, not a version of it")


def _write_extensions(
    document: JsonObject, before: Mapping[str, JsonObject], wanted: Mapping[str, JsonObject]
) -> Iterable[Loss]:
    overlay(document, before.get(VENDOR_NAME, {}), wanted.get(VENDOR_NAME, {}), NESTED_EXTENSIONS)
    for vendor in wanted:
        if vendor != VENDOR_NAME:
            yield lost(pointer("extensions", vendor), f"fields of {vendor} mean nothing to Noxus")
