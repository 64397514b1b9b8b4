"""Reads YAML into plain values and remembers the line of every key.

Plain texts are read by the core schema of YAML 1.2, so `no`, `on` and `12:30` are texts and only `true` and `false`
are booleans. Tags are refused, repeated keys are reported, and aliases cannot grow a small file into a large one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NoReturn, TypeAlias

import yaml

from gateway.settings.issues import Fault, KeyPath, shown

MAX_NODES: Final = 20_000
MAX_DEPTH: Final = 20

PlainValue: TypeAlias = "bool | int | float | str | list[PlainValue] | dict[str, PlainValue] | None"
"""What a configuration may hold: JSON's values, without infinities."""

_IMPLICIT_TAGS: Final = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))
_NULL: Final = re.compile(r"~|null|Null|NULL|")
_TRUE: Final = re.compile(r"true|True|TRUE")
_FALSE: Final = re.compile(r"false|False|FALSE")
_HALVES: Final = re.compile(r"[\ud800-\udfff]")
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER: Final = re.compile(
    r"[-+]?(?=.*[.eE])(\.[0-9]{1,18}|[0-9]{1,18}\.?[0-9]{0,18})([eE][-+]?[0-9]{1,2})?"
)
_QUOTED: Final = re.compile(r"'(?!<[a-z ]+>')[^']{4,}'")


class YamlUnreadable(Exception):
    """The text is no YAML document that a configuration can be; `line` says where, if a line is to blame."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A document's value, the line of every key and list item (from 1), and what is wrong with it."""

    value: PlainValue
    lines: Mapping[KeyPath, int]
    faults: tuple[Fault, ...]


def read_yaml(text: str) -> YamlDocument:
    """Return the text's one document; an empty text has the value None.

    Raises:
        YamlUnreadable: the syntax is wrong, or the document is too large or too deep.
    """
    root = _compose(text)
    walk = _Walk()
    value = None if root is None else walk.value(root, ())
    return YamlDocument(value, walk.lines, tuple(walk.faults))


def _compose(text: str) -> yaml.Node | None:
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        _refuse(error)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlUnreadable("it holds a control character, which YAML does not allow", line) from error
    except RecursionError as error:
        raise YamlUnreadable("it is nested too deeply") from error
    return root


def _refuse(error: yaml.MarkedYAMLError) -> NoReturn:
    """Raise what PyYAML found wrong, without the excerpt it would show: that may hold a secret."""
    mark = error.problem_mark or error.context_mark
    problem = _QUOTED.sub("a text", error.problem or error.context or "the syntax is wrong")
    if "'\\t'" in problem:
        problem = "found a tab; indent with blanks"
    elif "undefined alias" in problem:
        problem = "found an alias without its anchor; put a text that begins with * in quotes"
    elif "another document" in problem:
        problem = "found a second document; a configuration is one"
    raise YamlUnreadable(f"not valid YAML: {problem}", mark.line + 1 if mark else None) from error


class _Walk:
    """One walk over a document's nodes."""

    def __init__(self) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.faults: list[Fault] = []
        self._nodes = 0

    def value(self, node: yaml.Node, path: KeyPath) -> PlainValue:
        line = node.start_mark.line + 1
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise YamlUnreadable(f"it holds more than {MAX_NODES} values once its aliases are followed", line)
        if len(path) > MAX_DEPTH:
            raise YamlUnreadable(f"{shown(path[:3])} is nested too deeply", line)
        if node.tag not in _IMPLICIT_TAGS:
            self.faults.append(Fault(path, "tags (!name) are not understood; write the value alone", line))
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return self._list(node, path)
        if not _is_text(node.value):
            self.faults.append(Fault(path, "is no text that can be written (half of a character)", line))
            return None
        quoted = isinstance(node, yaml.ScalarNode) and node.style is not None
        return str(node.value) if quoted else plain(node.value)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> PlainValue:
        content: dict[str, PlainValue] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value
            if not isinstance(key, str) or not _is_text(key):
                self.faults.append(Fault(path, "a key must be a text", line))
                continue
            inner = (*path, key)
            if key in content:
                first = self.lines[inner]
                self.faults.append(Fault(inner, f"is given twice, first in line {first}; keep one", line))
                continue
            self.lines[inner] = line
            content[key] = self.value(value_node, inner)
        return content

    def _list(self, node: yaml.SequenceNode, path: KeyPath) -> PlainValue:
        content = []
        for index, item in enumerate(node.value):
            self.lines[(*path, index)] = item.start_mark.line + 1
            content.append(self.value(item, (*path, index)))
        return content


def _is_text(value: str) -> bool:
    """Say whether a text holds whole characters only: an escape in a quoted text can give half of one."""
    return not _HALVES.search(value)


def plain(text: str) -> PlainValue:
    """Return the value of a text without quotes, by YAML 1.2's core schema without octals, hex and infinities."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
