"""PromptLayer's node types: an open list; the tables hold the documented ones."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.graph import NodeRole
from schemas.workflow import DataType

PROMPT_TEMPLATE: Final = "PROMPT_TEMPLATE"
WORKFLOW: Final = "WORKFLOW"
VARIABLE: Final = "VARIABLE"
LOOPS: Final = frozenset({"FOR_LOOP", "WHILE_LOOP"})
REFERRING: Final = LOOPS.union((PROMPT_TEMPLATE, WORKFLOW))
"""The types whose configuration refers to a prompt or a workflow outside."""

ROLES: Final[Mapping[str, NodeRole]] = MappingProxyType(
    {
        "ABSOLUTE_NUMERIC_DISTANCE": NodeRole.EVALUATION,
        "AI_DATA_EXTRACTION": NodeRole.LLM,
        "APPLY_DIFF": NodeRole.TRANSFORM,
        "ASSERT_VALID": NodeRole.EVALUATION,
        "COALESCE": NodeRole.MERGE,
        "CODE_EXECUTION": NodeRole.CODE,
        "CODING_AGENT": NodeRole.AGENT,
        "COMBINE_COLUMNS": NodeRole.MERGE,
        "COMPARE": NodeRole.EVALUATION,
        "CONDITION": NodeRole.CONDITION,
        "CONTAINS": NodeRole.EVALUATION,
        "CONVERSATION_SIMULATOR": NodeRole.EVALUATION,
        "COSINE_SIMILARITY": NodeRole.EVALUATION,
        "COUNT": NodeRole.TRANSFORM,
        "ENDPOINT": NodeRole.HTTP,
        "FOR_LOOP": NodeRole.LOOP,
        "HUMAN": NodeRole.HUMAN,
        "JSON_PATH": NodeRole.TRANSFORM,
        "LLM_ASSERTION": NodeRole.EVALUATION,
        "MATH_OPERATOR": NodeRole.EVALUATION,
        "MCP": NodeRole.TOOL,
        "MIN_MAX": NodeRole.TRANSFORM,
        "PARSE_VALUE": NodeRole.TRANSFORM,
        PROMPT_TEMPLATE: NodeRole.LLM,
        "REGEX": NodeRole.EVALUATION,
        "REGEX_EXTRACTION": NodeRole.TRANSFORM,
        VARIABLE: NodeRole.VALUE,
        "WHILE_LOOP": NodeRole.LOOP,
        WORKFLOW: NodeRole.SUBWORKFLOW,
        "XML_PATH": NodeRole.TRANSFORM,
    }
)
"""What a node of each documented type does."""

RESULTS: Final[Mapping[str, DataType]] = MappingProxyType(
    {
        "ABSOLUTE_NUMERIC_DISTANCE": DataType.NUMBER,
        "AI_DATA_EXTRACTION": DataType.STRING,
        "ASSERT_VALID": DataType.BOOLEAN,
        "COMBINE_COLUMNS": DataType.OBJECT,
        "COMPARE": DataType.BOOLEAN,
        "CONTAINS": DataType.BOOLEAN,
        "COSINE_SIMILARITY": DataType.NUMBER,
        "COUNT": DataType.INTEGER,
        "FOR_LOOP": DataType.OBJECT,
        "MATH_OPERATOR": DataType.BOOLEAN,
        PROMPT_TEMPLATE: DataType.STRING,
        "REGEX": DataType.BOOLEAN,
        "REGEX_EXTRACTION": DataType.ARRAY,
        "WHILE_LOOP": DataType.OBJECT,
    }
)
"""What a node of a type gives, where the documents name one kind of value."""

CREATED_FOR: Final[Mapping[NodeRole, str]] = MappingProxyType(
    {
        NodeRole.AGENT: "CODING_AGENT",
        NodeRole.CODE: "CODE_EXECUTION",
        NodeRole.HTTP: "ENDPOINT",
        NodeRole.HUMAN: "HUMAN",
        NodeRole.LLM: PROMPT_TEMPLATE,
        NodeRole.MERGE: "COALESCE",
        NodeRole.SUBWORKFLOW: WORKFLOW,
        NodeRole.TOOL: "MCP",
        NodeRole.VALUE: VARIABLE,
    }
)
"""The nearest type for a node that comes from another vendor."""


def role_of(node_type: str | None) -> NodeRole:
    """Return what a node of the type does."""
    return NodeRole.OTHER if node_type is None else ROLES.get(node_type, NodeRole.OTHER)


def result_of(node_type: str | None) -> DataType:
    """Return what a node of the type gives."""
    return DataType.UNKNOWN if node_type is None else RESULTS.get(node_type, DataType.UNKNOWN)
