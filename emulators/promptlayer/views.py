"""Records as PromptLayer's documents, with the variants of reading applied."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from emulators.promptlayer import variants as v
from emulators.promptlayer.records import Document, ExternalId, Folder, Version, Workflow
from emulators.promptlayer.state import WORKSPACE


def external_ids(mappings: Sequence[ExternalId]) -> list[Document]:
    """Return external ids as they are listed."""
    return [{"source": source, "external_id": external_id} for source, external_id in mappings]


def workflow(record: Workflow, version: Version, variants: Collection[str]) -> Document:
    """Return what GET /workflows/{id} answers."""
    document: Document = {
        "success": True,
        "workflow_id": record.workflow_id,
        "workflow_name": record.name,
        "version": version.number,
        "workflow_version_id": version.version_id,
        "commit_message": version.commit_message,
        "required_input_variables": version.variables,
        "release_labels": record.labels_of(version),
        "created_at": None if version.created_at is None else version.created_at.isoformat(),
        "nodes": [_node(node, version, variants) for node in version.nodes],
        "edges": [_edge(edge, variants) for edge in version.edges],
        # Shown by the example and the other answers, absent from the schema.
        "external_ids": external_ids(record.external_ids),
        **version.extra,
    }
    if v.EXAMPLE_SHAPE in variants:
        document = _as_in_the_example(document)
    if v.SDK_WRAPPER in variants:
        document["workflow"] = {"id": record.workflow_id, "name": record.name}
    return document


def _node(node: Document, version: Version, variants: Collection[str]) -> Document:
    document = {"workflow_version_id": version.version_id, **node}
    template = _template(node)
    if v.PROMPT_NAME in variants and "name" in template:
        renamed = {("prompt_name" if key == "name" else key): value for key, value in template.items()}
        document["configuration"] = {**node["configuration"], "template": renamed}
    return document


def _template(node: Document) -> Document:
    configuration = node.get("configuration")
    template = configuration.get("template") if isinstance(configuration, dict) else None
    return template if node.get("node_type") == "PROMPT_TEMPLATE" and isinstance(template, dict) else {}


def _edge(edge: Document, variants: Collection[str]) -> Document:
    if v.NO_CONDITIONALS in variants:
        return {key: value for key, value in edge.items() if key != "conditionals"}
    if v.DOUBLE_EQUALS in variants and edge.get("conditionals"):
        return {**edge, "conditionals": [_double_equals(rule) for rule in edge["conditionals"]]}
    return edge


def _double_equals(conditional: Document) -> Document:
    return {**conditional, "operator": "=="} if conditional["operator"] == "=" else conditional


def _as_in_the_example(document: Document) -> Document:
    absent = {"version", "workflow_version_id", "commit_message", "created_at"}
    kept = {key: value for key, value in document.items() if key not in absent}
    nodes = [
        {key: value for key, value in node.items() if key not in {"id", "workflow_version_id"}}
        for node in document["nodes"]
    ]
    return {**kept, "version_number": document["version"], "nodes": nodes}


def list_item(record: Workflow) -> Document:
    """Return a workflow as the list shows it."""
    latest = record.version()
    return {
        "id": record.workflow_id,
        "workspace_id": WORKSPACE,
        "user_id": record.user_id,
        "name": record.name,
        "is_deleted": record.is_deleted,
        "latest_version_number": latest.number if latest else None,
        "release_labels": list(record.labels),
        "external_ids": external_ids(record.external_ids),
    }


def labels(record: Workflow) -> Document:
    """Return what GET /workflows/{id}/labels answers."""
    entries = []
    for name, label in record.labels.items():
        version = record.version(label.version_number)
        if version is not None:
            entries.append(
                {
                    "release_label": name,
                    "release_label_id": label.label_id,
                    "workflow_version_id": version.version_id,
                    "workflow_version_number": version.number,
                }
            )
    return {"success": True, "release_labels": entries}


def written(
    record: Workflow, version: Version, base: int | None, given: list[str] | None, variants: Collection[str]
) -> Document:
    """Return what creating and patching answer; `base` is None for a creation."""
    summary = ("id", "name", "node_type", "is_output_node")
    document: dict[str, Any] = {
        "success": True,
        "workflow_id": record.workflow_id,
        "workflow_name": record.name,
        "workflow_version_id": version.version_id,
        "version_number": version.number,
        "base_version": base,
        "release_labels": given,
        "nodes": [{key: node.get(key) for key in summary} for node in version.nodes],
        "required_input_variables": version.variables or {},
        "external_ids": external_ids(record.external_ids),
    }
    if v.OLD_WRITE_ANSWERS in variants:
        del document["external_ids"]
        document["message"] = "Workflow version created successfully"
    return document


def moment(time: datetime, variants: Collection[str]) -> str:
    """Return a folder's or entity's time."""
    return time.replace(tzinfo=None).isoformat() if v.TIMES_WITHOUT_ZONE in variants else time.isoformat()


def folder(record: Folder, above: Sequence[Folder], variants: Collection[str]) -> Document:
    """Return a folder as creating and renaming answer it; `above` are its parents from the root down."""
    return {
        "id": record.folder_id,
        "name": record.name,
        "created_at": moment(record.created_at, variants),
        "updated_at": moment(record.updated_at, variants),
        "path": [{"id": parent.folder_id, "name": parent.name} for parent in above] or None,
        "workspace_id": WORKSPACE,
        "parent_id": record.parent_id,
        "external_ids": external_ids(record.external_ids),
    }
