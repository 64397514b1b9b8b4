"""A hash of what a workflow means.

Equal content gives an equal digest: the order of JSON keys, the layout, notes, times, counters, labels and
the account it was read through are left out. Node keys stay in, since edges and variables refer to them.
"""

import hashlib
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

COSMETIC_NODE_FIELDS: Final = frozenset({"id", "position", "notes"})
"""The fields of a node that do not: vendors give nodes new ids on every write, `key` is what counts."""

COSMETIC_EDGE_FIELDS: Final = frozenset({"id"})


def digest(workflow: Workflow) -> str:
    """Return `sha256:` and the hash, in hexadecimal, of the workflow's content."""
    # Not in JSON mode, which cannot write a lone surrogate in a key.
    content = workflow.model_dump(include=set(CONTENT_FIELDS), exclude_defaults=True)
    graph: dict[str, Any] = content.get("graph", {})
    graph["nodes"] = [_without(node, COSMETIC_NODE_FIELDS) for node in graph.get("nodes", ())]
    graph["edges"] = [_without(edge, COSMETIC_EDGE_FIELDS) for edge in graph.get("edges", ())]
    return f"{ALGORITHM}:{hashlib.sha256(dumps(content, sort_keys=True)).hexdigest()}"


def stamped(workflow: Workflow) -> Workflow:
    """Return the same workflow with its digest filled in."""
    return workflow.model_copy(update={"digest": digest(workflow)})


def _without(fields: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}
