"""Inputs (`required_input_variables`) and their type words, outputs (`is_output_node`) and external ids."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from adapters.evidence import Evidence, pointer
from adapters.promptlayer import node_types
from adapters.rendering import lost, same
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode, Loss, Severity
from schemas.drafts import ExternalIdDraft, VariableDraft
from schemas.workflow import DataType, ExternalId, Variable

INPUTS: Final = "required_input_variables"
EXTERNAL_IDS: Final = "external_ids"

DATA_TYPES: Final[Mapping[str, DataType]] = MappingProxyType(
    {
        "string": DataType.STRING,
        "str": DataType.STRING,
        "text": DataType.STRING,
        "integer": DataType.INTEGER,
        "int": DataType.INTEGER,
        "number": DataType.NUMBER,
        "float": DataType.NUMBER,
        "boolean": DataType.BOOLEAN,
        "bool": DataType.BOOLEAN,
        "object": DataType.OBJECT,
        "json": DataType.OBJECT,
        "dict": DataType.OBJECT,
        "array": DataType.ARRAY,
        "list": DataType.ARRAY,
        "file": DataType.FILE,
        "image": DataType.IMAGE,
        "audio": DataType.AUDIO,
        "datetime": DataType.TIME,
        "any": DataType.ANY,
    }
)
"""The vendor lists no type words; these are the ones in its examples and their usual spellings."""

WORDS: Final[Mapping[DataType, str]] = MappingProxyType(
    {
        DataType.STRING: "string",
        DataType.INTEGER: "integer",
        DataType.NUMBER: "number",
        DataType.BOOLEAN: "boolean",
        DataType.OBJECT: "object",
        DataType.ARRAY: "array",
    }
)
"""The word written for a type; the others are written as a string, which is a loss."""


def data_type(word: str | None) -> DataType:
    """Return what a type word means."""
    return DataType.UNKNOWN if word is None else DATA_TYPES.get(word.lower(), DataType.UNKNOWN)


def read_inputs(document: Evidence) -> tuple[VariableDraft, ...]:
    """Return the workflow's inputs, all of them required."""
    declared = document.object(INPUTS)
    return () if declared is None else tuple([_input(declared, name) for name in declared.fields])


def _input(declared: Evidence, name: str) -> VariableDraft:
    word = declared.text(name)
    kind = data_type(word)
    if word is not None and kind is DataType.UNKNOWN:
        message = f"{word!r:.80} is no type word we know"
        declared.note(DiagnosticCode.UNKNOWN_VALUE, message, name, severity=Severity.INFO)
    variable: VariableDraft = {"name": name, "type": kind, "required": True}
    if word is not None:
        variable["native_type"] = word
    return variable


def write_inputs(
    document: JsonObject, before: tuple[Variable, ...], after: tuple[Variable, ...]
) -> Iterator[Loss]:
    """Write the inputs; one that did not change keeps what the document says about it."""
    native = document.get(INPUTS)
    old: JsonObject = native if isinstance(native, dict) else {}
    unchanged = {variable.name: variable for variable in before if variable.name in old}
    new: JsonObject = {}
    for index, variable in enumerate(after):
        path = pointer("inputs", index)
        if variable.name in new:
            yield lost(path, "an input of this name is already there")
        elif same(unchanged.get(variable.name), variable):
            new[variable.name] = old[variable.name]
        else:
            new[variable.name] = _type_word(variable)
            yield from _input_losses(variable, path)
    document[INPUTS] = new


def _type_word(variable: Variable) -> str:
    if variable.native_type is not None and data_type(variable.native_type) is variable.type:
        return variable.native_type
    return WORDS.get(variable.type, WORDS[DataType.STRING])


def _input_losses(variable: Variable, path: str) -> Iterator[Loss]:
    if data_type(_type_word(variable)) is not variable.type:
        yield lost(f"{path}/type", f"PromptLayer has no word for {variable.type}; written as a string")
    if variable.required is False:
        yield lost(f"{path}/required", "every input of PromptLayer is required")
    if variable.default is not None:
        yield lost(f"{path}/default", "an input of PromptLayer has no default")
    if variable.node is not None:
        yield lost(f"{path}/node", "an input of PromptLayer belongs to the workflow", Severity.INFO)


def output_of(key: str, name: str | None, node_type: str | None, configuration: JsonObject) -> VariableDraft:
    """Return the output that an output node gives."""
    kind = node_types.result_of(node_type)
    if node_type == node_types.VARIABLE:
        value = configuration.get("value")
        word = value.get("type") if isinstance(value, dict) else None
        kind = DataType.STRING if word == "string" else kind
    return {"name": name or key, "type": kind, "node": key}


def read_external_ids(document: Evidence) -> tuple[ExternalIdDraft, ...]:
    """Return the external ids; an entry without an id is left out and noted."""
    found: list[ExternalIdDraft] = []
    for _, entry in document.objects(EXTERNAL_IDS):
        identifier = entry.text("external_id", required=True)
        if identifier is None:
            continue
        external: ExternalIdDraft = {"id": identifier}
        source = entry.text("source", required=True)
        if source is not None:
            external["source"] = source
        found.append(external)
    return tuple(found)


def write_external_ids(document: JsonObject, wanted: tuple[ExternalId, ...]) -> Iterable[Loss]:
    """Write the external ids; those that the document has stay as they are."""
    native = document.get(EXTERNAL_IDS)
    entries_there = native if isinstance(native, list) else []
    known = {_external_key(entry): entry for entry in entries_there if isinstance(entry, dict)}
    losses = []
    entries = []
    for index, external in enumerate(wanted):
        entry = known.get((external.source, external.id))
        if entry is None and external.source is None:
            losses.append(
                lost(pointer("external_ids", index), "PromptLayer needs the source of an external id")
            )
            continue
        entries.append(entry or {"source": external.source, "external_id": external.id})
    document[EXTERNAL_IDS] = entries
    return losses


def _external_key(entry: JsonObject) -> tuple[str | None, JsonValue]:
    source, identifier = entry.get("source"), entry.get("external_id")
    return (source if isinstance(source, str) else None, identifier if isinstance(identifier, str) else None)
