"""Python types in words."""

import ast
import inspect
import itertools
import sys
import types
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel

Linked = Callable[[type], str]
"""Writes the name of a model or an enumeration, with a link where there is something to link to."""

_PLAIN: Mapping[object, str] = types.MappingProxyType(
    {
        str: "text",
        int: "whole number",
        float: "number",
        bool: "true or false",
        datetime: "time",
        Any: "any JSON value",
    }
)


def in_words(annotation: Any, linked: Linked) -> str:
    """Return a type as people say it; None as one of several is left out.

    Raises:
        TypeError: there are no words for the type yet.
    """
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if isinstance(annotation, type) and issubclass(annotation, (BaseModel, Enum)):
        return linked(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return in_words(arguments[0], linked)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(in_words(kind, linked) for kind in arguments if kind is not types.NoneType)
    if origin is tuple:
        return f"list of {in_words(arguments[0], linked)}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(arguments, linked)
    raise TypeError(f"no words for the type {annotation!r}")


def referred(annotation: Any) -> list[type]:
    """Return the models and enumerations that a type names, in its order."""
    if isinstance(annotation, type) and issubclass(annotation, (BaseModel, Enum)):
        return [annotation]
    return [found for argument in get_args(annotation) for found in referred(argument)]


def is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    """Say whether a type is a model."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def member_sentences(enumeration: type[Enum]) -> dict[str, str]:
    """Return the sentence under each member of an enumeration, by the member's name."""
    module = ast.parse(inspect.getsource(sys.modules[enumeration.__module__]))
    for statement in module.body:
        if isinstance(statement, ast.ClassDef) and statement.name == enumeration.__name__:
            return _sentences(statement.body)
    return {}


def _sentences(body: list[ast.stmt]) -> dict[str, str]:
    found: dict[str, str] = {}
    for assignment, following in itertools.pairwise(body):
        if not isinstance(assignment, ast.Assign) or not isinstance(following, ast.Expr):
            continue
        target, value = assignment.targets[0], following.value
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
            found[target.id] = str(value.value)
    return found


def _mapping(arguments: tuple[Any, ...], linked: Linked) -> str:
    key, value = arguments
    if value is Any:
        return "JSON object"
    if get_origin(value) is dict:
        return "map of JSON objects"
    by = f" by {linked(key)}" if isinstance(key, type) and issubclass(key, Enum) else ""
    return f"map of {in_words(value, linked)}{by}"
