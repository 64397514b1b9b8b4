"""What a node of each type comes to."""

import json
import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from emulators.promptlayer.records import Document

Values: TypeAlias = Mapping[str, Any]
Evaluator: TypeAlias = Callable[[Document, Values], Any]

MOST_ROUNDS = 3
"""How often a made-up loop goes round when nothing else limits it."""


_MISFITS = (
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    re.error,
)
"""What a configuration that does not fit its input raises somewhere below."""


class NodeFailure(Exception):
    """A node came to no value; `raw` is what the machinery below would have said."""

    def __init__(self, message: str, raw: str) -> None:
        super().__init__(message)
        self.raw = raw


def node_value(node: Document, values: Values) -> Any:
    """Return the value of one node.

    Raises:
        NodeFailure: the type is not known, or the configuration does not fit the values.
    """
    kind, configuration = node.get("node_type"), node.get("configuration")
    if not isinstance(kind, str) or kind not in _EVALUATORS:
        raise NodeFailure(f"Unsupported node type: {kind}", "KeyError")
    if not isinstance(configuration, dict):
        raise NodeFailure("The node has no configuration", "TypeError")
    try:
        return _EVALUATORS[kind]({"name": node["name"], **configuration}, values)
    except _MISFITS as error:
        raise NodeFailure("The node's configuration does not fit its input", repr(error)) from error


def _source(configuration: Document, values: Values) -> Any:
    return values.get(configuration["source"])


def _sources(configuration: Document, values: Values) -> list[Any]:
    return [values.get(name) for name in configuration["sources"]]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _made_up(what: str) -> Evaluator:
    """Return an evaluator that says which node of which kind answered."""
    return lambda configuration, values: f"{what} {configuration['name']}"


def _prompt(configuration: Document, values: Values) -> str:
    mappings = configuration.get("prompt_template_variable_mappings") or {}
    heard = [_text(values[name]) for name in mappings.values() if values.get(name) is not None]
    template = configuration.get("template") or {}
    speaker = template.get("name") or template.get("prompt_name") or configuration["name"]
    return f"[{speaker}] " + (" | ".join(heard) or "no input")


def _variable(configuration: Document, values: Values) -> Any:
    return configuration["value"]["value"]


def _endpoint(configuration: Document, values: Values) -> Document:
    host = urlsplit(configuration["url"]).hostname or ""
    if host.endswith(".invalid"):
        raise NodeFailure(f"Could not reach {host}", f"[Errno -2] Name or service not known: {host}")
    return {"status": 200, "url": configuration["url"]}


def _compare(configuration: Document, values: Values) -> bool:
    left, right = _sources(configuration, values)
    return bool(left == right)


def _contains(configuration: Document, values: Values) -> bool:
    sought = configuration.get("value", values.get(configuration.get("value_source", "")))
    return _text(sought).casefold() in _text(_source(configuration, values)).casefold()


def _regex(configuration: Document, values: Values) -> bool:
    return re.search(configuration["regex_pattern"], _text(_source(configuration, values))) is not None


def _regex_extraction(configuration: Document, values: Values) -> list[Any]:
    return re.findall(configuration["regex_pattern"], _text(_source(configuration, values)))


def _json_path(configuration: Document, values: Values) -> Any:
    value = _source(configuration, values)
    value = json.loads(value) if isinstance(value, str) else value
    for key, index in re.findall(r"\.([\w-]+)|\[(\d+)\]", configuration["json_path"]):
        value = value[key] if key else value[int(index)]
    return value


def _parse(configuration: Document, values: Values) -> Any:
    value = _text(_source(configuration, values))
    match configuration["type"]:
        case "number":
            found = re.search(r"-?\d+(\.\d+)?", value)
            return float(found.group()) if found else float(len(value))
        case "boolean":
            return value.strip().lower() in {"true", "yes", "1"}
        case "object":
            return {"text": value}
        case _:
            return value


def _coalesce(configuration: Document, values: Values) -> Any:
    return next((value for value in _sources(configuration, values) if value is not None), None)


def _combine(configuration: Document, values: Values) -> Document:
    return {name: values.get(name) for name in configuration["sources"]}


def _count(configuration: Document, values: Values) -> int:
    text = _text(_source(configuration, values))
    match configuration["type"]:
        case "chars":
            return len(text)
        case "words":
            return len(text.split())
        case "sentences":
            return len(re.findall(r"[.!?]+", text)) or 1
        case _:
            return len([part for part in text.split("\n\n") if part.strip()])


def _math(configuration: Document, values: Values) -> bool:
    left, *others = _sources(configuration, values)
    right = others[0] if others else configuration["value"]
    comparisons = {
        "lt": left < right,
        "le": left <= right,
        "gt": left > right,
        "ge": left >= right,
    }
    return bool(comparisons[configuration["operator"]])


def _min_max(configuration: Document, values: Values) -> Any:
    value = _source(configuration, values)
    numbers = [entry for entry in value if isinstance(entry, int | float)]
    return min(numbers) if configuration["type"] == "min" else max(numbers)


def _distance(configuration: Document, values: Values) -> float:
    left, right = (float(value) for value in _sources(configuration, values))
    if not (math.isfinite(left) and math.isfinite(right)):
        raise ValueError("not a finite number")
    return abs(left - right)


def _similarity(configuration: Document, values: Values) -> float:
    left, right = (set(_text(value).casefold().split()) for value in _sources(configuration, values))
    return round(len(left & right) / max(1, len(left | right)), 4)


def _loop(configuration: Document, values: Values) -> Document:
    over = values.get(configuration.get("iterator_source", ""))
    rounds = len(over) if isinstance(over, list) else configuration.get("max_iterations") or MOST_ROUNDS
    outputs = [f"round {number + 1} of {configuration['name']}" for number in range(min(rounds, 50))]
    final = outputs[-1] if outputs else None
    return {"iterations": len(outputs), "outputs": outputs, "final_output": final}


_EVALUATORS: Mapping[str, Evaluator] = MappingProxyType(
    {
        "ABSOLUTE_NUMERIC_DISTANCE": _distance,
        "AI_DATA_EXTRACTION": _made_up("extracted by"),
        "ASSERT_VALID": lambda configuration, values: _source(configuration, values) is not None,
        "CODE_EXECUTION": _made_up("computed by"),
        "CODING_AGENT": _made_up("changed by"),
        "COALESCE": _coalesce,
        "COMBINE_COLUMNS": _combine,
        "COMPARE": _compare,
        "CONTAINS": _contains,
        "CONVERSATION_SIMULATOR": _made_up("transcript of"),
        "COSINE_SIMILARITY": _similarity,
        "COUNT": _count,
        "ENDPOINT": _endpoint,
        "FOR_LOOP": _loop,
        "HUMAN": _made_up("entered at"),
        "JSON_PATH": _json_path,
        "LLM_ASSERTION": lambda configuration, values: bool(_source(configuration, values)),
        "MATH_OPERATOR": _math,
        "MCP": _made_up("answered by"),
        "MIN_MAX": _min_max,
        "PARSE_VALUE": _parse,
        "PROMPT_TEMPLATE": _prompt,
        "REGEX": _regex,
        "REGEX_EXTRACTION": _regex_extraction,
        "VARIABLE": _variable,
        "WHILE_LOOP": _loop,
        "WORKFLOW": _made_up("returned by"),
        "XML_PATH": _made_up("found by"),
    }
)
