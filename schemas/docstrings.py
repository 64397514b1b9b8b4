"""The sentences under the fields of a model, read from the source when somebody wants them.

pydantic can do the same for every model at import; that costs each start a tenth of a second.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from types import MappingProxyType


@cache
def sentences(model: type) -> Mapping[str, str]:
    """Return the text under each field of a class by the field's name, inherited fields included.

    Empty where the source is not at hand.
    """
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if "__annotations__" in vars(base):
            found.update(_own(base))
    return MappingProxyType(found)


def _own(model: type) -> Iterator[tuple[str, str]]:
    try:
        source = inspect.getsource(model)
    except OSError:
        return
    (definition,) = ast.parse(textwrap.dedent(source)).body
    body = definition.body if isinstance(definition, ast.ClassDef) else ()
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
