"""A hash of what a workflow means.

Equal content gives an equal digest: the order of JSON keys, the layout, notes, times, counters, labels and
the account it was read through are left out. Node keys stay in, since edges and variables refer to them.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from schemas.json_codec import dumps
from schemas.workflow import Workflow

ALGORITHM: Final = "sha256"

CONTENT_FIELDS: Final = frozenset(
    {
        "name",
        "description",
        "kind",
        "native_kind",
        "status",
        "published",
        "tags",
        "external_ids",
        "assistant",
        "inputs",
        "outputs",
        "graph",
        "settings",
        "error_handler",
        "extensions",
    }
)
"""The fields of a workflow that carry meaning."""

COSMETIC_NODE_FIELDS: Final = ("id", "position", "notes")
"""The fields of a node that do not: vendors give nodes new ids on every write, `key` is what counts."""

COSMETIC_EDGE_FIELD: Final = "id"


def digest(workflow: Workflow) -> str:
    """Return `sha256:` and the hash, in hexadecimal, of the workflow's content."""
    # Not in JSON mode, which cannot write a lone surrogate in a key.
    return digest_of(workflow.model_dump(include=set(CONTENT_FIELDS), exclude_none=True))


def digest_of(draft: Mapping[str, Any]) -> str:
    """Return the same of a draft, or of anything else that a `Workflow` dumps without fields that are None."""
    content = {name: value for name, value in draft.items() if name in CONTENT_FIELDS}
    graph = content["graph"]
    nodes = [{**node} for node in graph["nodes"]]
    for node in nodes:
        for name in COSMETIC_NODE_FIELDS:
            if name in node:
                del node[name]
    edges = [{**edge} if COSMETIC_EDGE_FIELD in edge else edge for edge in graph["edges"]]
    for edge in edges:
        edge.pop(COSMETIC_EDGE_FIELD, None)
    content["graph"] = {**graph, "nodes": nodes, "edges": edges}
    return f"{ALGORITHM}:{hashlib.sha256(dumps(content, sort_keys=True)).hexdigest()}"


def stamped(workflow: Workflow) -> Workflow:
    """Return the same workflow with its digest filled in."""
    return workflow.model_copy(update={"digest": digest(workflow)})
