"""Every route of the API, before there is an application."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fastapi.routing import APIRoute

from gateway.api.routes import (
    administration,
    assistants,
    catalogue,
    listings,
    metrics,
    operations,
    runs,
    workflows,
    writes,
)

GUARDED: Final = (
    listings.router,
    workflows.router,
    writes.router,
    assistants.router,
    runs.router,
    catalogue.router,
    administration.router,
    metrics.router,
)
"""They need a key, and refuse parameters that they do not know."""

OPEN: Final = (operations.router,)
"""Everybody may ask them."""


def operation_ids() -> tuple[str, ...]:
    """Return the id of every operation."""
    return tuple(sorted(paths()))


def paths() -> Mapping[str, str]:
    """Return the path of every operation by its id, such as `/v1/vendors/{vendor}`."""
    routes = (route for router in (*GUARDED, *OPEN) for route in router.routes)
    return MappingProxyType(
        {str(route.operation_id): route.path for route in routes if isinstance(route, APIRoute)}
    )
