"""Ways to the vendor that are a little different from the usual one."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.contract import Answer, Http, Parameters
from schemas.base import JsonValue

if TYPE_CHECKING:
    from adapters.transport import Transport


class Way(Http):
    """A way to the vendor with a bound of its own, that may ask conditionally once, with the first GET."""

    def __init__(
        self,
        transport: "Transport",
        conditions: list[tuple[bytes, bytes]] | None = None,
        known: bytes | None = None,
        until: float | None = None,
    ) -> None:
        """Make a way.

        Args:
            transport: makes the calls.
            conditions: headers of the first GET, which asks only for something newer.
            known: the body that is known; the first GET may bring it again.
            until: when nothing is waited for any longer, in the running loop's time; None for never.
        """
        self._transport = transport
        self._conditions = conditions or []
        self._known = known
        self._until = until

    @override
    async def get(self, *segments: str, parameters: Parameters | None = None) -> Answer:
        asked, self._conditions = self._conditions, []
        known, self._known = self._known, None
        transport = self._transport
        request = transport.composer.request("GET", segments, parameters, conditions=asked)
        return await transport.call(request, conditional=bool(asked), known=known, until=self._until)

    @override
    async def send(
        self,
        method: str,
        *segments: str,
        parameters: Parameters | None = None,
        body: JsonValue = None,
    ) -> Answer:
        request = self._transport.composer.request(method, segments, parameters, body)
        return await self._transport.call(request, until=self._until)

    @override
    def stream(
        self,
        method: str,
        *segments: str,
        parameters: Parameters | None = None,
        body: JsonValue = None,
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        request = self._transport.composer.request(method, segments, parameters, body)
        return self._transport.streamed(request, self._until)
