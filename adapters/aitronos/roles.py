"""What a node does, told from its type. Flow-plate's types are published nowhere: the tables hold likely words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from schemas.graph import NodeRole

_SEPARATORS: Final = str.maketrans("", "", "-_ ")

_WORDS: Final[Mapping[NodeRole, str]] = {
    NodeRole.TRIGGER: "trigger start webhook",
    NodeRole.INPUT: "input chatinput",
    NodeRole.OUTPUT: "output end respond respondtowebhook respondtochat chatoutput",
    NodeRole.LLM: "llm freddyllm chainllm openai anthropic googlegemini mistralcloud",
    NodeRole.AGENT: "agent freddyagent",
    NodeRole.ASSISTANT: "assistant freddyassistant",
    NodeRole.TOOL: "tool mcp mcpclient",
    NodeRole.MEMORY: "memory",
    NodeRole.CODE: "code function functionitem executecommand",
    NodeRole.HTTP: "http httprequest graphql",
    NodeRole.CONDITION: "condition if switch filter router branch textclassifier",
    NodeRole.LOOP: "loop splitinbatches iteration foreach while",
    NodeRole.MERGE: "merge join",
    NodeRole.TRANSFORM: (
        "transform set editfields aggregate splitout sort limit summarize removeduplicates itemlists renamekeys "
        "datetime crypto html markdown xml converttofile extractfromfile comparedatasets informationextractor"
    ),
    NodeRole.VALUE: "value constant",
    NodeRole.EVALUATION: "evaluation",
    NodeRole.SUBWORKFLOW: "executeworkflow subworkflow workflow",
    NodeRole.HUMAN: "human form approval humanapproval",
    NodeRole.ERROR_HANDLER: "errortrigger errorhandler",
    NodeRole.GROUP: "group",
    NodeRole.NOTE: "stickynote note comment customnote",
}

ROLES: Final = MappingProxyType({word: role for role, words in _WORDS.items() for word in words.split()})
"""From a plain type to a role."""

_ENDINGS: Final = (("trigger", NodeRole.TRIGGER), ("tool", NodeRole.TOOL), ("llm", NodeRole.LLM))
_BEGINNINGS: Final = (
    ("lm", NodeRole.LLM),
    ("memory", NodeRole.MEMORY),
    ("tool", NodeRole.TOOL),
    ("outputparser", NodeRole.TRANSFORM),
)

MODEL_ROLES: Final = frozenset({NodeRole.LLM, NodeRole.AGENT, NodeRole.ASSISTANT})
REFERENCE_ROLES: Final = frozenset({NodeRole.SUBWORKFLOW, NodeRole.TOOL})
DECIDING: Final = frozenset({"if", "filter", "switch", "splitinbatches"})
"""The plain types of n8n's nodes that decide; `n8n_branches` reads each."""


class NodeType(NamedTuple):
    """What a type tells of its nodes."""

    plain: str
    role: NodeRole
    names_models: bool
    """Its configuration may name language models."""
    names_workflow: bool
    """Its configuration may name another workflow."""
    decides: bool
    """Its configuration says which way things go, in a form that we know."""


class NodeTypes(dict[str | None, NodeType]):
    """The types of one document's nodes by the vendor's word, each looked up once."""

    def __missing__(self, node_type: str | None) -> NodeType:
        """Look up a type that no node before had."""
        plain = plain_type(node_type)
        found = self[node_type] = KNOWN_TYPES.get(plain) or node_type_of(plain)
        return found


def node_type_of(plain: str) -> NodeType:
    """Return what a plain type tells of its nodes."""
    role = role_of(plain)
    return NodeType(plain, role, role in MODEL_ROLES, role in REFERENCE_ROLES, plain in DECIDING)


def plain_type(node_type: str | None) -> str:
    """Return the type without its package, case and separators: `n8n-nodes-base.httpRequest` -> `httprequest`."""
    return (node_type or "").rpartition(".")[2].lower().translate(_SEPARATORS)


def role_of(plain: str) -> NodeRole:
    """Return the role of a plain type; `other` for a word that is in no table."""
    if plain in ROLES:
        return ROLES[plain]
    for ending, role in _ENDINGS:
        if plain.endswith(ending):
            return role
    for beginning, role in _BEGINNINGS:
        if plain.startswith(beginning):
            return role
    return NodeRole.OTHER


KNOWN_TYPES: Final = MappingProxyType({plain: node_type_of(plain) for plain in ROLES})
"""By plain type, since most nodes have one that is in the table."""
