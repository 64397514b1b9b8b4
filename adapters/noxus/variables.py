"""A workflow's inputs and outputs, read from the nodes that take and give them."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from adapters.noxus.ports import LIST_SUFFIX
from schemas.graph import Node, NodeRole
from schemas.workflow import DataType, Variable

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


def read_inputs(nodes: Iterable[Node]) -> tuple[Variable, ...]:
    """Return what the workflow takes, in the order of its input nodes."""
    return tuple(variable_of(node) for node in nodes if node.role is NodeRole.INPUT)


def read_outputs(nodes: Iterable[Node]) -> tuple[Variable, ...]:
    """Return what the workflow gives, in the order of its output nodes."""
    return tuple(variable_of(node) for node in nodes if node.role is NodeRole.OUTPUT)


def variable_of(node: Node) -> Variable:
    """Return the variable of an input or output node.

    Its name is the node's label, else its key: a run takes both. A fixed value makes it optional.
    """
    label, fixed = node.config.get("label"), node.config.get("fixed_value") is True
    native_type = _native_type(node)
    return Variable(
        name=label if isinstance(label, str) and label else node.key,
        type=data_type_of(native_type),
        native_type=native_type,
        node=node.key,
        required=False if fixed else None,
        default=node.config.get("value") if fixed else None,
    )


def data_type_of(word: str | None) -> DataType:
    """Return the canonical word for one of the vendor's data types."""
    if word is None:
        return DataType.UNKNOWN
    return DataType.ARRAY if word.endswith(LIST_SUFFIX) else TYPES.get(word, DataType.UNKNOWN)


def _native_type(node: Node) -> str | None:
    configured = node.config.get("type")
    if isinstance(configured, str):
        return configured
    return next((port.data_type for port in node.ports if port.data_type), None)
