"""Where something lies in a document: a JMESPath expression, compiled once when the description is read.

The language has one function more than JMESPath: `lower`, since vendors write their words as they like.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions, signature
from pydantic import BeforeValidator

from schemas.base import JsonValue

MOST_CHARACTERS: Final = 1000

_UNFIT: Final = (JMESPathError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError)
"""What a function of the language, such as `to_number` or `sort_by`, may meet in a document that it does not expect."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A place in a document.

    Attributes:
        text: as it is written in the description.
        names: the fields on the way when it is nothing but names joined by dots, none for `@`; None for all else.
        search: finds the value in a document.
    """

    text: str
    names: tuple[str, ...] | None
    search: Callable[[JsonValue], JsonValue]

    def find(self, document: JsonValue) -> JsonValue:
        """Return what lies there; None when nothing does, or when the expression does not fit the document."""
        if self.names is None:
            try:
                return self.search(document)
            except _UNFIT:
                return None
        value = document
        for name in self.names:
            value = value.get(name) if isinstance(value, dict) else None
        return value


class _Functions(Functions):
    """The language's own functions, and one more."""

    @signature({"types": ["string", "null"]})
    def _func_lower(self, text: str | None) -> str | None:
        """`lower(text)`: the text in lower case, null for null."""
        return None if text is None else text.lower()


def parse(value: object) -> object:
    """Return the compiled expression of a text; what is no text is left to the type's own check.

    Raises:
        ValueError: it is no JMESPath expression.
    """
    if not isinstance(value, str):
        return value
    if len(value) > MOST_CHARACTERS:
        raise ValueError(f"a path holds at most {MOST_CHARACTERS} characters")
    try:
        compiled = jmespath.compile(value)
    except (JMESPathError, RecursionError) as error:
        reason = str(error).partition("\n")[0].rstrip(":") or "it is empty"
        raise ValueError(f"is no JMESPath expression: {reason}") from error
    return _expression(value, compiled)


def plain(text: str) -> Expression:
    """Return the expression of a field's name that needs no quotes, for defaults."""
    return _expression(text, jmespath.compile(text))


def _expression(text: str, compiled: Any) -> Expression:
    options = jmespath.Options(custom_functions=_Functions())
    return Expression(text, _names(compiled.parsed), lambda document: compiled.search(document, options))


def _names(tree: Any) -> tuple[str, ...] | None:
    """Return the names of a syntax tree that consists of fields only."""
    if tree["type"] == "current":
        return ()
    if tree["type"] == "field":
        return (tree["value"],)
    if tree["type"] != "subexpression":
        return None
    parts = [_names(child) for child in tree["children"]]
    return None if None in parts else tuple(name for part in parts if part for name in part)


Where = Annotated[Expression, BeforeValidator(parse)]
"""A JMESPath expression in a description."""
