"""Lets respx stand in for what lies beneath the transport: `respx.mock(using="pool")`."""

from typing import Any

import httpx
from respx.mocks import AbstractRequestMocker


class PoolMocker(AbstractRequestMocker):
    """Patches the pool; everything above it, the building of the request included, is the real thing."""

    name = "pool"
    targets = ["adapters.pool.Pool"]  # noqa: RUF012 - respx adds to the list
    target_methods = ["handle_async_request"]  # noqa: RUF012

    @classmethod
    def to_httpx_request(cls, **kwargs: Any) -> httpx.Request:
        request: httpx.Request = kwargs["request"]
        return request

    @classmethod
    async def from_async_httpx_response(
        cls, httpx_response: httpx.Response, target: object, **kwargs: Any
    ) -> httpx.Response:
        return httpx_response
