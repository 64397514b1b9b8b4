"""The ways out of n8n-like nodes that decide: IF, Filter, Switch, Split In Batches."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

from adapters.aitronos.n8n_conditions import (
    DEFAULT_OPERATIONS,
    comparison,
    read_condition,
    single_condition,
    unknown_condition,
)
from adapters.evidence import Evidence
from schemas.base import JsonValue
from schemas.drafts import BranchDraft, ConditionDraft

BranchReader: TypeAlias = Callable[[Evidence, JsonValue], Sequence[BranchDraft]]
"""Reads the branches of a node from its parameters and the version of its type."""

MAIN: Final = "main"
"""The kind of connection that items travel on."""

MAX_OUTPUTS: Final = 100
"""More outputs than any editor draws; a larger number in a document is not believed."""


def _way(index: int, label: str | None, condition: ConditionDraft | None) -> BranchDraft:
    branch: BranchDraft = {"port": MAIN, "index": index}
    if label is not None:
        branch["label"] = label
    if condition is not None:
        branch["condition"] = condition
    return branch


def _if(parameters: Evidence, _: JsonValue) -> Sequence[BranchDraft]:
    return (_way(0, "true", read_condition(parameters)), _way(1, "false", None))


def _filter(parameters: Evidence, _: JsonValue) -> Sequence[BranchDraft]:
    return (_way(0, "kept", read_condition(parameters)),)


def _split_in_batches(_: Evidence, type_version: JsonValue) -> Sequence[BranchDraft]:
    version = type_version if isinstance(type_version, int | float) else 1
    if version < 2:
        return ()
    done, loop = (0, 1) if version >= 3 else (1, 0)
    branches = (_way(done, "done", None), _way(loop, "loop", unknown_condition()))
    return branches if done == 0 else branches[::-1]


def _switch(parameters: Evidence, _: JsonValue) -> Sequence[BranchDraft]:
    if parameters.fields.get("mode") == "expression":
        return _by_expression(parameters)
    rules = parameters.object("rules")
    if rules is None:
        return ()
    if "values" in rules.fields:
        return _newer_rules(parameters, rules)
    return _older_rules(parameters, rules)


def _by_expression(parameters: Evidence) -> Sequence[BranchDraft]:
    count = parameters.integer("numberOutputs") or parameters.integer("outputsAmount") or 4
    if not 0 < count <= MAX_OUTPUTS:
        return ()
    output = parameters.fields.get("output")
    return [
        _way(index, None, single_condition(comparison(output, "equals", index))) for index in range(count)
    ]


def _newer_rules(parameters: Evidence, rules: Evidence) -> Sequence[BranchDraft]:
    branches = [
        _way(index, rule.text("outputKey"), read_condition(rule)) for index, rule in rules.objects("values")
    ]
    options = parameters.object("options")
    fallback = options.fields.get("fallbackOutput") if options is not None else None
    if options is None or fallback in (None, "none"):
        return branches
    label = options.text("renameFallbackOutput") or "fallback"
    index = len(rules.array("values")) if fallback == "extra" else options.integer("fallbackOutput")
    return (*branches, *_fallback(index, label))


def _older_rules(parameters: Evidence, rules: Evidence) -> Sequence[BranchDraft]:
    left = parameters.fields.get("value1")
    default = DEFAULT_OPERATIONS.get(parameters.text("dataType") or "number", "equal")
    branches = []
    for position, rule in rules.objects("rules"):
        index = rule.integer("output")
        compared = comparison(left, rule.text("operation") or default, rule.fields.get("value2"))
        place = position if index is None else index
        branches.append(_way(place, rule.text("outputKey"), single_condition(compared)))
    return (*branches, *_fallback(parameters.integer("fallbackOutput"), "fallback"))


def _fallback(index: int | None, label: str) -> Sequence[BranchDraft]:
    return (_way(index, label, None),) if index is not None and index >= 0 else ()


READERS: Final[Mapping[str, BranchReader]] = MappingProxyType(
    {"if": _if, "filter": _filter, "switch": _switch, "splitinbatches": _split_in_batches}
)
"""By plain type."""
