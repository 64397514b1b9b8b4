"""What the application holds while it runs, and how a route gets at it."""

from dataclasses import dataclass

from fastapi import Request

from gateway.listing import Listing
from gateway.service import Service


@dataclass(slots=True)
class AppState:
    """Filled when the application starts; `service` is None before and after."""

    service: Service | None = None
    listing: Listing | None = None

    @property
    def ready(self) -> bool:
        """Say whether requests can be served."""
        return self.service is not None


def state_of(request: Request) -> AppState:
    """Return the application's state."""
    state: AppState = request.app.state.gateway
    return state


async def service_of(request: Request) -> Service:
    """Return the running service."""
    service = state_of(request).service
    if service is None:
        raise RuntimeError("the application is not started: its lifespan has to run first")
    return service


def listing_of(request: Request) -> Listing:
    """Return the running listing."""
    listing = state_of(request).listing
    if listing is None:
        raise RuntimeError("the application is not started: its lifespan has to run first")
    return listing
