"""What no key of a description can tell alone."""

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias, get_args

from pydantic import BaseModel

from adapters.generic.description import Call, Description, Paging
from adapters.generic.expressions import Expression
from schemas.settings import Settings
from schemas.support import SupportLevel

Fault: TypeAlias = tuple[tuple[str | int, ...], str]
"""The way to a key, and what is wrong with it."""

PLACEHOLDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "list_workflows": (),
    "get_workflow": ("id",),
    "get_version": ("id", "version"),
    "get_label": ("id", "label"),
    "list_versions": ("id",),
    "list_labels": ("id",),
}
"""The calls and what each is asked with."""

MUST_BE_PLAIN: Final[tuple[tuple[str, ...], ...]] = (
    ("graph", "at"),
    ("graph", "nodes"),
    ("graph", "node", "config"),
    ("graph", "edges", "at"),
)

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "none": (),
    "offset": ("size_parameter", "position_parameter"),
    "page": ("size_parameter", "position_parameter"),
    "cursor": ("size_parameter", "position_parameter", "next"),
}


def check(description: Description) -> Iterator[Fault]:
    """Yield what is wrong between the keys of a description."""
    for name, placeholders in PLACEHOLDERS.items():
        call = getattr(description, name)
        if call is not None:
            yield from _placeholders(name, call, placeholders)
    yield from _paging(description.list_workflows.paging)
    yield from _versions(description)
    yield from _abilities(description)
    yield from _settings(description)
    yield from _plain(description)


def groups() -> dict[str, type[BaseModel]]:
    """Return the groups of our settings by name."""
    return {
        name: next(kind for kind in get_args(field.annotation) if kind is not type(None))
        for name, field in Settings.model_fields.items()
    }


def _placeholders(name: str, call: Call, placeholders: tuple[str, ...]) -> Iterator[Fault]:
    texts = [*call.path, *(value for value in call.parameters.values() if isinstance(value, str))]
    for placeholder in placeholders:
        if "{" + placeholder + "}" not in texts:
            yield (name, "path"), f"needs a segment, or a parameter, that is {{{placeholder}}}"
    known = {"{" + placeholder + "}" for placeholder in placeholders}
    for index, segment in enumerate(call.path):
        if ("{" in segment or "}" in segment) and segment not in known:
            yield (name, "path", index), f"{segment} stands for nothing here; {_listed(known)}"
    for parameter, value in call.parameters.items():
        if isinstance(value, str) and value[:1] == "{" and value not in known:
            yield (name, "parameters", parameter), f"{value} stands for nothing here; {_listed(known)}"


def _listed(known: set[str]) -> str:
    return f"known here: {', '.join(sorted(known)) or 'nothing'}"


def _paging(paging: Paging) -> Iterator[Fault]:
    needed = NEEDS[paging.style]
    for key in needed:
        if getattr(paging, key) is None:
            yield ("list_workflows", "paging", key), f"is required when style is {paging.style}"
    for key in ("size_parameter", "position_parameter", "next"):
        if key not in needed and getattr(paging, key) is not None:
            yield ("list_workflows", "paging", key), f"means nothing when style is {paging.style}"


def _versions(description: Description) -> Iterator[Fault]:
    listed = description.list_versions
    if listed is None or not listed.whole:
        return
    if description.get_version is not None:
        yield ("list_versions", "whole"), "get_version says already how a version is read; keep one"
    if listed.version.id is None:
        yield ("list_versions", "version", "id"), "is required when versions are read out of the list"


def _abilities(description: Description) -> Iterator[Fault]:
    from_list = description.list_versions is not None and description.list_versions.whole
    described = {name for name in PLACEHOLDERS if getattr(description, name) is not None}
    described |= {"probe", *(["get_version"] if from_list else [])}
    for ability, note in description.abilities.items():
        if ability in described:
            yield ("abilities", ability), "is described above, so it needs no reason"
        elif note.level in (SupportLevel.NATIVE, SupportLevel.EMULATED):
            message = f"nothing describes how, so it cannot be {note.level}"
            yield ("abilities", ability, "level"), message


def _settings(description: Description) -> Iterator[Fault]:
    known = groups()
    for group, places in description.workflow.settings.items():
        path = ("workflow", "settings", group)
        if group not in known:
            yield path, f"is no group of settings; known here: {', '.join(known)}"
            continue
        names = tuple(known[group].model_fields)
        for name in places:
            if name not in names:
                yield (*path, name), f"is no setting of this group; known here: {', '.join(names)}"


def _plain(description: Description) -> Iterator[Fault]:
    for path in MUST_BE_PLAIN:
        found: object = description
        for name in path:
            found = getattr(found, name)
        if isinstance(found, Expression) and found.names is None:
            yield path, "must be a plain path: names joined by dots"
    lists: tuple[tuple[tuple[str, ...], tuple[Expression, ...]], ...] = (
        (("workflow", "left_out"), description.workflow.left_out),
        (("graph", "node", "left_out"), description.graph.node.left_out),
        (("graph", "edges", "left_out"), description.graph.edges.left_out),
    )
    for path, expressions in lists:
        for index, expression in enumerate(expressions):
            if not expression.names:
                yield (*path, index), "must be a plain path: names joined by dots"
