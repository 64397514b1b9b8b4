"""Refuses query parameters that a route does not have: a mistyped one would silently answer another question."""

from collections import Counter
from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from gateway.errors import InvalidParameter


async def refuse_unknown_parameters(request: Request) -> None:
    """Check the query of a request against the parameters of its route.

    Raises:
        InvalidParameter: one is unknown, or given twice where one is taken.
    """
    if not request.url.query:
        return
    route = request.scope["route"]
    if not isinstance(route, APIRoute):
        return
    repeatable = dict(_parameters(route.dependant))
    for name, count in Counter(name for name, _ in request.query_params.multi_items()).items():
        if name not in repeatable:
            known = ", ".join(sorted(repeatable)) or "none"
            raise InvalidParameter(name[:100], f"no such parameter here; there are: {known}")
        if count > 1 and not repeatable[name]:
            raise InvalidParameter(name, "given more than once")


def _parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Yield the name of every query parameter of a route, and whether it may be repeated."""
    for field in dependant.query_params:
        yield field.alias, "list" in str(field.field_info.annotation)
    for inner in dependant.dependencies:
        yield from _parameters(inner)
