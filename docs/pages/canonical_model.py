"""Every model that the gateway publishes, field by field."""

from collections.abc import Iterable
from enum import Enum
from typing import Any, Final

from pydantic import BaseModel

from docs.pages.markdown import anchor, code, one_line, page, table
from docs.pages.types import in_words, is_model, member_sentences, referred
from schemas.catalogue import ConnectionList, VendorList
from schemas.docstrings import sentences
from schemas.publish import MODELS

TITLE: Final = "Canonical model"
BESIDE: Final = (VendorList, ConnectionList)
"""What the API answers beside the published schemas."""


def text() -> str:
    """Return the page."""
    kinds = reachable((*MODELS.values(), *BESIDE))
    models = [_model(kind) for kind in kinds if is_model(kind)]
    enumerations = [_enumeration(kind) for kind in kinds if issubclass(kind, Enum)]
    return page(
        TITLE,
        "the models in `schemas`",
        _introduction(),
        _published(),
        *models,
        *enumerations,
    )


def reachable(roots: Iterable[type]) -> list[type]:
    """Return the models and what their fields refer to, each once, in the order they are met."""
    found: dict[type, None] = {}
    waiting = list(roots)
    while waiting:
        kind = waiting.pop(0)
        if kind in found:
            continue
        found[kind] = None
        if is_model(kind):
            waiting[:0] = [
                inner for field in kind.model_fields.values() for inner in referred(field.annotation)
            ]
    return list(found)


def linked(kind: type) -> str:
    """Return a model's or an enumeration's name, linked to its part of the page."""
    return f"[{kind.__name__}](#{anchor(kind.__name__)})"


def _introduction() -> str:
    return (
        "One shape for every vendor's workflows. A field that is marked *if told* is absent when the vendor does not "
        "tell; it is never null. Times are RFC 3339 in UTC."
    )


def _published() -> str:
    rows = [(code(f"/schemas/{name}.json"), linked(model)) for name, model in MODELS.items()]
    return "## JSON Schemas\n\nServed without a key.\n\n" + table(("document", "model"), rows)


def _model(model: type[BaseModel]) -> str:
    rows = [
        (code(name), _type(field.annotation), _presence(field.default), one_line(sentences(model).get(name)))
        for name, field in model.model_fields.items()
    ]
    fields = table(("field", "type", "there", "meaning"), rows)
    return f"## {model.__name__}\n\n{one_line(model.__doc__)}\n\n{fields}"


def _type(annotation: Any) -> str:
    return in_words(annotation, linked)


def _presence(default: object) -> str:
    return "if told" if default is None else "always"


def _enumeration(enumeration: type[Enum]) -> str:
    heading = f"## {enumeration.__name__}\n\n{one_line(enumeration.__doc__)}\n\n"
    sentences = member_sentences(enumeration)
    if not sentences:
        return heading + "One of " + ", ".join(code(member.value) for member in enumeration) + "."
    rows = [(code(member.value), sentences.get(member.name, "")) for member in enumeration]
    return heading + table(("value", "meaning"), rows)
