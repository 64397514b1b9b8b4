"""What is posted to make a workflow or a version: a detail document without what the vendor gives itself.

Reading and writing have other names for some fields, and only writing insists on `=`, where reading may say `==`.
"""

from typing import Final

from adapters.errors import InvalidRequest
from adapters.promptlayer import edges as links
from adapters.promptlayer.conditions import OPERATORS, RULES, WORDS
from adapters.promptlayer.edges import EDGES
from adapters.promptlayer.history import LABELS, NOTE
from adapters.promptlayer.identity import WRAPPER
from adapters.promptlayer.nodes import NODES
from adapters.promptlayer.reading import KNOWN_FIELDS
from adapters.promptlayer.variables import EXTERNAL_IDS, INPUTS
from schemas.base import JsonObject, JsonValue

CONTENT: Final = (NODES, EDGES, INPUTS)
"""The fields of a version's content."""

WRITABLE: Final = frozenset({*CONTENT, NOTE, LABELS, EXTERNAL_IDS})
"""The fields of a detail document that can be sent in some way."""

ONLY_ANSWERED: Final = frozenset({*(KNOWN_FIELDS - WRITABLE), "message", "base_version"})
"""Fields of the vendor's answers that are not sent. Among them are the ids, by which a creation would be taken for a
new version of the workflow that they name."""

NODE_IDENTITY: Final = frozenset({"id", "workflow_version_id"})
"""What every node of every version gets anew."""


def creation(document: JsonObject) -> JsonObject:
    """Return the body that makes a workflow of a detail document, or of the body of a creation itself.

    Nulls are not sent; fields that we do not know are, as they are. Without a name the vendor makes one up.

    Raises:
        InvalidRequest: the name is no text.
    """
    body: JsonObject = {}
    name = _name(document)
    if name is not None:
        body["name"] = name
    body.update({field: value for field, value in document.items() if field not in ONLY_ANSWERED})
    body = {field: value for field, value in body.items() if value is not None}
    return {**body, **content(document)}


def content(document: JsonObject) -> JsonObject:
    """Return the content of a version as it is posted, as far as the document has it."""
    found = {
        NODES: sent_nodes(document.get(NODES)),
        EDGES: sent_edges(document.get(EDGES)),
        INPUTS: document.get(INPUTS),
    }
    return {field: value for field, value in found.items() if value is not None}


def sent_nodes(nodes: JsonValue) -> JsonValue:
    """Return nodes without what the vendor gives them."""
    return [_without(node, NODE_IDENTITY) for node in nodes] if isinstance(nodes, list) else nodes


def sent_edges(edges: JsonValue) -> JsonValue:
    """Return edges without their ids, their operators spelled as writing wants them."""
    return [_sent_edge(edge) for edge in edges] if isinstance(edges, list) else edges


def unknown_field(document: JsonObject, known: frozenset[str]) -> str | None:
    """Return the first field that is not among the known ones."""
    return next((field for field in document if field not in known), None)


def _name(document: JsonObject) -> JsonValue:
    wrapper = document.get(WRAPPER)
    wrapped = wrapper.get("name") if isinstance(wrapper, dict) else None
    named = (document.get("name"), document.get("workflow_name"), wrapped)
    name = next((value for value in named if value is not None), None)
    if name is not None and not isinstance(name, str):
        raise InvalidRequest("the name of a workflow is a text", "name")
    return name


def _without(item: JsonValue, fields: frozenset[str]) -> JsonValue:
    if not isinstance(item, dict):
        return item
    return {field: value for field, value in item.items() if field not in fields}


def _sent_edge(edge: JsonValue) -> JsonValue:
    sent = _without(edge, links.GIVEN_BY_VENDOR)
    if isinstance(sent, dict) and isinstance(rules := sent.get(RULES), list):
        sent[RULES] = [_sent_rule(rule) for rule in rules]
    return sent


def _sent_rule(rule: JsonValue) -> JsonValue:
    word = rule.get("operator") if isinstance(rule, dict) else None
    if not isinstance(word, str) or word not in OPERATORS:
        return rule
    return {**rule, "operator": WORDS[OPERATORS[word]]}
