"""Reads a document by the places of a description, through `Evidence`, so that oddities become diagnostics."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from typing_extensions import override

from adapters.evidence import Evidence
from adapters.generic.expressions import Expression
from schemas.base import JsonObject, JsonValue

Tree: TypeAlias = Mapping[str, "Tree"]
"""The fields that are read: an empty tree for one that is read whole."""


class Searched(Evidence):
    """What an expression found: the findings about it point to the object that was searched."""

    __slots__ = ()

    @override
    def at(self, *parts: str | int) -> str:
        return self.path


class Reader:
    """One object of a document; every method gives None for a place that the description does not have."""

    __slots__ = ("_holders", "evidence")

    def __init__(self, evidence: Evidence) -> None:
        """Wrap an object."""
        self.evidence = evidence
        self._holders: dict[tuple[str, ...], Evidence] = {(): evidence}

    def value(self, where: Expression | None) -> JsonValue:
        """Return the value as it is."""
        return None if where is None else where.find(self.evidence.fields)

    def text(self, where: Expression | None, *, required: bool = False) -> str | None:
        """Return a text."""
        if where is None:
            return None
        holder, name = self.place(where)
        return holder.text(name, required=required)

    def identifier(self, where: Expression | None, *, required: bool = False) -> str | None:
        """Return an id as text."""
        if where is None:
            return None
        holder, name = self.place(where)
        return holder.identifier(name, required=required)

    def integer(self, where: Expression | None) -> int | None:
        """Return an integer."""
        if where is None:
            return None
        holder, name = self.place(where)
        return holder.integer(name)

    def number(self, where: Expression | None) -> float | None:
        """Return a number."""
        if where is None:
            return None
        holder, name = self.place(where)
        return holder.number(name)

    def boolean(self, where: Expression | None) -> bool | None:
        """Return a boolean."""
        if where is None:
            return None
        holder, name = self.place(where)
        return holder.boolean(name)

    def texts(self, where: Expression | None) -> tuple[str, ...]:
        """Return the texts of an array."""
        if where is None:
            return ()
        holder, name = self.place(where)
        return holder.texts(name)

    def time(self, where: Expression | None, form: str) -> datetime | None:
        """Return a time that is documented in a form: `iso` or `unix`."""
        if where is None:
            return None
        holder, name = self.place(where)
        return holder.unix_time(name) if form == "unix" else holder.iso_time(name)

    def place(self, where: Expression) -> tuple[Evidence, str]:
        """Return the object that holds the value, and the value's name in it."""
        if not where.names:
            found = where.find(self.evidence.fields)
            return Searched({where.text: found}, self.evidence.findings, self.evidence), where.text
        return self._holder(where.names[:-1]), where.names[-1]

    def _holder(self, names: tuple[str, ...]) -> Evidence:
        known = self._holders.get(names)
        if known is None:
            outer, name = self._holder(names[:-1]), names[-1]
            known = outer.object(name) or Evidence({}, outer.findings, outer, name)
            self._holders[names] = known
        return known


def tree_of(places: Iterable[Expression | None]) -> Tree:
    """Return the fields that plain paths read; other expressions leave their fields to the rest."""
    tree: dict[str, Any] = {}
    for place in places:
        names = place.names if place is not None and place.names else ()
        branch = tree
        for name in names:
            branch = branch.setdefault(name, {})
        if names:
            branch.setdefault(_WHOLE, {})
    return _pruned(tree)


_WHOLE: Final = ""
"""Marks, while a tree grows, a field that is read whole."""


def _pruned(tree: Mapping[str, Any]) -> Tree:
    if _WHOLE in tree:
        return {}
    return {name: _pruned(branch) for name, branch in tree.items()}


def rest(fields: JsonObject, tree: Tree, *, exact: bool = False) -> JsonObject:
    """Return what is not read, verbatim; without the nulls, which say nothing, unless it has to be `exact`."""
    left: JsonObject = {}
    for name, value in fields.items():
        branch = tree.get(name)
        if branch is None:
            if exact or value is not None:
                left[name] = value
        elif branch and isinstance(value, dict):
            inner = rest(value, branch, exact=exact)
            if inner:
                left[name] = inner
        elif branch and value is not None:
            left[name] = value
    return left


def word(value: JsonValue) -> str | None:
    """Return a JSON value as the word that a description's list of words would have; None for what is none."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def told(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
