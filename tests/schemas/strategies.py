"""Hypothesis strategies for every canonical model, read off the models' own annotations."""

import types
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from types import MappingProxyType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from hypothesis import strategies as st

from schemas.base import CanonicalModel
from schemas.graph import Graph
from schemas.workflow import Workflow

TEXTS: Final = st.text(max_size=12)
NUMBERS: Final = st.floats(allow_nan=False, allow_infinity=False)

JSON_VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)

_PLAIN: Final[Mapping[Any, st.SearchStrategy[Any]]] = MappingProxyType(
    {
        Any: JSON_VALUES,
        str: TEXTS,
        bool: st.booleans(),
        int: st.integers(-(2**53), 2**53),
        float: NUMBERS,
        type(None): st.none(),
        datetime: st.datetimes(timezones=st.just(UTC)),
    }
)


def models(model: type[CanonicalModel]) -> st.SearchStrategy[Any]:
    """Return a strategy for instances of the model, any of its optional fields left out."""
    fields = {name: _values(field.annotation) for name, field in model.model_fields.items()}
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    return st.fixed_dictionaries(
        {name: fields[name] for name in fields if name in required},
        optional={name: fields[name] for name in fields if name not in required},
    ).map(model.model_validate)


def _values(annotation: Any) -> st.SearchStrategy[Any]:
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _values(inner[0])
    if origin in (Union, types.UnionType):
        return st.one_of([_values(part) for part in inner])
    if origin is tuple:
        return st.lists(_values(inner[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(TEXTS, _values(inner[1]), max_size=2)
    if issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    return st.deferred(lambda: models(annotation))


WORKFLOWS: Final[st.SearchStrategy[Workflow]] = models(Workflow)
GRAPHS: Final[st.SearchStrategy[Graph]] = models(Graph)
