"""Writes changed inputs and outputs into the nodes that they are read from."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from adapters.evidence import pointer
from adapters.noxus.entries import CONFIG
from adapters.noxus.graph import Reading, reading_of
from adapters.noxus.rewriting import owned
from adapters.noxus.variables import TYPES, data_type_of, read_inputs, read_outputs
from adapters.rendering import lost, same
from schemas.base import JsonObject
from schemas.diagnostics import Loss
from schemas.drafts import NodeDraft, VariableDraft
from schemas.workflow import DataType, Variable, Workflow

Reader = Callable[[Iterable[NodeDraft]], Iterable[VariableDraft]]

READERS: Final[Sequence[tuple[str, Reader]]] = (("inputs", read_inputs), ("outputs", read_outputs))


def write_variables(before: Workflow, wanted: Workflow, document: JsonObject) -> Iterator[Loss]:
    """Write the inputs and outputs that the caller changed and that the nodes do not give already."""
    for name, read in READERS:
        old, new = getattr(before, name), getattr(wanted, name)
        if new == old:
            continue
        reading = reading_of(document)
        given = {variable.node: variable for variable in _read(read, reading)}
        for variable in new:
            if given.get(variable.node) != variable:
                _write(document, reading, given.get(variable.node), variable)
        yield from _losses(name, new, _read(read, reading_of(document)))


def _read(read: Reader, reading: Reading) -> tuple[Variable, ...]:
    return tuple(Variable.model_validate(draft) for draft in read(reading.graph["nodes"]))


def _write(document: JsonObject, reading: Reading, given: Variable | None, wanted: Variable) -> None:
    """Write one variable into its node, if it has one that is read as such a variable."""
    keys = [node["key"] for node in reading.graph["nodes"]]
    if given is None or wanted.node is None:
        return
    definition = owned(document, "definition")
    place = reading.node_places[keys.index(wanted.node)]
    nodes = list(definition["nodes"])
    nodes[place] = dict(nodes[place])
    definition["nodes"] = nodes
    config = owned(nodes[place], CONFIG)
    if wanted.name != given.name:
        config["label"] = wanted.name
    _write_type(config, given, wanted)
    if not same(wanted.default, given.default):
        config.update(fixed_value=wanted.default is not None, value=wanted.default)


def _write_type(config: JsonObject, given: Variable, wanted: Variable) -> None:
    if wanted.native_type != given.native_type and wanted.native_type is not None:
        config["type"] = wanted.native_type
    elif wanted.type != given.type and (word := _word(wanted.type)) is not None:
        config["type"] = word


def _word(kind: DataType) -> str | None:
    return next((word for word, known in TYPES.items() if known is kind), None)


def _losses(name: str, wanted: tuple[Variable, ...], written: tuple[Variable, ...]) -> Iterator[Loss]:
    found = {variable.node: variable for variable in written}
    for index, variable in enumerate(wanted):
        path, read = pointer(name, index), found.pop(variable.node, None)
        if read is None:
            yield lost(path, f"no node of the graph is one of its {name}: add the node")
        elif not _carried(variable, read):
            yield lost(path, "only name, type and a fixed value can be written into the node")
    for node in found:
        yield lost(pointer(name), f"node {node!r} still stands for one of the {name}: remove the node")


def _carried(wanted: Variable, read: Variable) -> bool:
    checks: tuple[tuple[Any, Any], ...] = (
        (wanted.name, read.name),
        (wanted.default, read.default),
        (wanted.type, data_type_of(read.native_type)),
    )
    return all(one == other for one, other in checks) and wanted.required in (None, read.required)
