"""A hash of what a workflow means.

Equal content gives an equal digest: the order of JSON keys, the layout, notes, times, counters, labels and
the account it was read through are left out. Node keys stay in, since edges and variables refer to them.
"""

import hashlib
from collections.abc import Iterable, Mapping
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
    return digest_of(workflow.model_dump(include=set(CONTENT_FIELDS), exclude_none=True))


def digest_of(draft: Mapping[str, Any]) -> str:
    """Return the same of a draft, or of anything else that a `Workflow` dumps without fields that are None."""
    content = {name: value for name, value in draft.items() if name in CONTENT_FIELDS}
    graph = {**content["graph"]}
    graph["nodes"] = [_without(node, COSMETIC_NODE_FIELDS) for node in graph["nodes"]]
    graph["edges"] = [_without(edge, COSMETIC_EDGE_FIELDS) for edge in graph["edges"]]
    content["graph"] = graph
    return f"{ALGORITHM}:{hashlib.sha256(dumps(content, sort_keys=True)).hexdigest()}"


def stamped(workflow: Workflow) -> Workflow:
    """Return the same workflow with its digest filled in."""
    return workflow.model_copy(update={"digest": digest(workflow)})


def _without(fields: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    left = {**fields}
    for name in names:
        left.pop(name, None)
    return left
