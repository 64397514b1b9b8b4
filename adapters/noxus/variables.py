"""A workflow's inputs and outputs, read from the nodes that take and give them."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from adapters.noxus.ports import LIST_SUFFIX
from schemas.drafts import NodeDraft, VariableDraft
from schemas.graph import NodeRole
from schemas.workflow import DataType

TYPES: Final[Mapping[str, DataType]] = MappingProxyType(
    {
        "Any": DataType.ANY,
        "Audio": DataType.AUDIO,
        "File": DataType.FILE,
        "Image": DataType.IMAGE,
        "bool": DataType.BOOLEAN,
        "datetime": DataType.TIME,
        "dict": DataType.OBJECT,
        "float": DataType.NUMBER,
        "int": DataType.INTEGER,
        "list": DataType.ARRAY,
        "number": DataType.NUMBER,
        "str": DataType.STRING,
    }
)
"""The vendor's data types that have a canonical word; `Chat`, `Quote`, `GoogleSheet` and such have none."""


def read_inputs(nodes: Iterable[NodeDraft]) -> Sequence[VariableDraft]:
    """Return what the workflow takes, in the order of its input nodes."""
    return _variables(nodes, NodeRole.INPUT)


def read_outputs(nodes: Iterable[NodeDraft]) -> Sequence[VariableDraft]:
    """Return what the workflow gives, in the order of its output nodes."""
    return _variables(nodes, NodeRole.OUTPUT)


def _variables(nodes: Iterable[NodeDraft], role: NodeRole) -> Sequence[VariableDraft]:
    return [_variable(node) for node in nodes if node["role"] is role]


def _variable(node: NodeDraft) -> VariableDraft:
    """Return the variable of an input or output node.

    Its name is the node's label, else its key: a run takes both. A fixed value makes it optional.
    """
    key, config = node["key"], node["config"]
    label, native_type = config.get("label"), _native_type(node)
    variable: VariableDraft = {
        "name": label if isinstance(label, str) and label else key,
        "type": data_type_of(native_type),
        "node": key,
    }
    if native_type is not None:
        variable["native_type"] = native_type
    if config.get("fixed_value") is True:
        variable["required"] = False
        if config.get("value") is not None:
            variable["default"] = config["value"]
    return variable


def data_type_of(word: str | None) -> DataType:
    """Return the canonical word for one of the vendor's data types."""
    if word is None:
        return DataType.UNKNOWN
    return DataType.ARRAY if word.endswith(LIST_SUFFIX) else TYPES.get(word, DataType.UNKNOWN)


def _native_type(node: NodeDraft) -> str | None:
    configured = node["config"].get("type")
    if isinstance(configured, str):
        return configured
    for port in node["ports"]:
        if word := port.get("data_type"):
            return word
    return None
