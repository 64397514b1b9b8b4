"""The sentences under the fields of a model, read from the source when somebody wants them.

pydantic can do the same for every model at import; that costs each start a tenth of a second. The text is read line
by line: Python 3.11's parser fails at times when two threads use it at once.
"""

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

_FIELD: Final = re.compile(r"    (\w+):.*")
_SENTENCE: Final = re.compile(r'    """(.*?)"""', re.DOTALL)


@cache
def sentences(model: type) -> Mapping[str, str]:
    """Return the text under each field of a top-level class by the field's name, inherited fields included.

    Empty where the source is not at hand.
    """
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if "__annotations__" in vars(base):
            found.update(_own(base))
    return MappingProxyType(found)


def _own(model: type) -> Iterator[tuple[str, str]]:
    field: str | None = None
    body = _body(model)
    for place, line in enumerate(body):
        sentence = _SENTENCE.match("\n".join(body[place:])) if line.startswith('    """') else None
        if sentence and field:
            yield field, inspect.cleandoc(sentence[1])
        if line.startswith("    ") and line[4:5].strip() not in ("", ")", "]", "}"):
            named = _FIELD.fullmatch(line)
            field = named[1] if named else None


def _body(model: type) -> list[str]:
    """Return the lines of a class below its head."""
    try:
        lines = inspect.getsource(sys.modules[model.__module__]).splitlines()
    except (OSError, KeyError):
        return []
    heads = [place for place, line in enumerate(lines) if re.match(rf"class {model.__name__}\b", line)]
    rest = lines[heads[0] + 1 :] if heads else []
    length = next((place for place, line in enumerate(rest) if line[:1].strip()), len(rest))
    return rest[:length]
