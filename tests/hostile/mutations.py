"""Documents and texts that are almost what they were."""

import copy
from typing import Any, Final

from hypothesis import strategies as st

ODD: Final[list[Any]] = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    -0.0,
    1e308,
    10**30,
    2**63,
    "",
    " ",
    "0",
    "-1",
    "\x00",
    "\ud800",
    "\u202e",
    "a\r\nb",
    "../..",
    "#1",
    "constructor",
    "x" * 5000,
    "NaN",
    "2026-13-45T99:99:99Z",
    "9999-12-31T23:59:59+14:00",
    "0001-01-01T00:00:00-14:00",
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"id": None},
    {"id": {"id": "a"}},
    [{"id": "a"}, {"id": "a"}],
]
"""What stands in for anything."""

Way = tuple[str | int, ...]


def ways(value: Any, so_far: Way = ()) -> list[Way]:
    """Return the way to every value in a JSON value, its own included."""
    found = [so_far]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in inner:
        found += ways(child, (*so_far, name))
    return found


def at(value: Any, way: Way) -> Any:
    for part in way:
        value = value[part]
    return value


def mutated(document: Any, draw: st.DrawFn) -> Any:
    """Return a document with one value deleted, doubled, or replaced by an odd one or by another of its own."""
    places = ways(document)
    way = draw(st.sampled_from(places))
    kind = draw(st.sampled_from(["delete", "replace", "double", "borrow", "rename"]))
    if not way:
        return draw(st.sampled_from(ODD))
    changed = copy.deepcopy(document)
    parent, last = at(changed, way[:-1]), way[-1]
    if kind == "delete":
        del parent[last]
    elif kind == "double" and isinstance(parent, list) and isinstance(last, int):
        parent.insert(last, copy.deepcopy(parent[last]))
    elif kind == "borrow":
        parent[last] = copy.deepcopy(at(document, draw(st.sampled_from(places))))
    elif kind == "rename" and isinstance(parent, dict):
        parent[draw(st.sampled_from(["id", "name", "type", "nodes", "edges", "\ud800", ""]))] = parent.pop(
            last
        )
    else:
        parent[last] = copy.deepcopy(draw(st.sampled_from(ODD)))
    return changed


@st.composite
def documents(draw: st.DrawFn, originals: list[Any]) -> Any:
    """Yield one of several documents, changed in one to four places."""
    document = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 4))):
        document = mutated(document, draw)
    return document


@st.composite
def texts(draw: st.DrawFn, original: str, words: list[str]) -> str:
    """Yield a text of lines with some of them deleted, doubled, moved, indented otherwise, or with another value."""
    lines = original.splitlines()
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(lines) - 1))
        line = lines[place]
        kind = draw(st.sampled_from(["delete", "double", "move", "indent", "value", "word", "cut"]))
        if kind == "delete":
            del lines[place]
        elif kind == "double":
            lines.insert(place, line)
        elif kind == "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(place))
        elif kind == "indent":
            lines[place] = draw(st.sampled_from(["  ", "\t", "- ", "    "])) + line
        elif kind == "cut":
            lines[place] = line[: draw(st.integers(0, len(line)))]
        elif kind == "value":
            lines[place] = line.partition(":")[0] + ": " + draw(st.sampled_from(words))
        else:
            lines.insert(place, draw(st.sampled_from(words)))
        lines = lines or [""]
    return "\n".join(lines)
