"""What is sent to make and change workflows."""

from types import MappingProxyType
from typing import Final

from adapters.aitronos.definition import FIELD
from adapters.errors import InvalidRequest
from adapters.rendering import same
from schemas.base import JsonObject
from schemas.writes import Conversion, Promotion

LEFT_OUT: Final = frozenset(
    {
        "id",
        "organization_id",
        "version",
        "is_active",
        "created_at",
        "updated_at",
        "created_by",
        "assistant_id",
        "has_assistant",
    }
)
"""What a new workflow does not bring with it: the vendor sets it, or takes it only afterwards."""

CHANGEABLE: Final = MappingProxyType(
    {"name": False, "description": True, FIELD: False, "is_active": False, "external_id": True}
)
"""The fields that a PATCH takes, and whether each can be cleared."""


def new_workflow(document: JsonObject) -> JsonObject:
    """Return the body of `POST /v1/workflows`: the record without what the vendor sets, and without `is_active`.

    Raises:
        InvalidRequest: it has no name, or its definition is no object.
    """
    name = document.get("name")
    if not isinstance(name, str) or not name:
        raise InvalidRequest("Aitronos makes no workflow without a name", "name")
    if not isinstance(document.get(FIELD), dict):
        raise InvalidRequest("Aitronos makes no workflow without a definition, a JSON object", FIELD)
    return {field: value for field, value in document.items() if field not in LEFT_OUT}


def changed_fields(base: JsonObject, document: JsonObject) -> JsonObject:
    """Return the body of a PATCH: what differs between two records, where an absent field is as good as null.

    Raises:
        InvalidRequest: a field differs that cannot be changed, or cannot be cleared.
    """
    names = [*document, *(name for name in base if name not in document)]
    changes = {name: document.get(name) for name in names if not same(base.get(name), document.get(name))}
    for name, value in changes.items():
        if name not in CHANGEABLE:
            message = f"{name[:100]} cannot be changed: Aitronos takes only {', '.join(CHANGEABLE)}"
            raise InvalidRequest(message, name)
        if value is None and not CHANGEABLE[name]:
            raise InvalidRequest(f"{name} of an Aitronos workflow cannot be cleared", name)
    return changes


def promotion_body(promotion: Promotion) -> JsonObject:
    """Return the body of `promote-to-assistant`: what is given."""
    return _given(
        {
            "name": promotion.name,
            "description": promotion.description,
            "primary_node_id": promotion.primary_node_id,
        }
    )


def conversion_body(conversion: Conversion) -> JsonObject:
    """Return the body of `convert-to-workflow`: what is given."""
    return _given({"workflow_name": conversion.name, "description": conversion.description})


def _given(fields: JsonObject) -> JsonObject:
    return {name: value for name, value in fields.items() if value is not None}
