"""The middle way: the plainest reads of one workflow, answered without the framework, which costs more than the vendor.

Only addresses without a query and without percent-encoding are taken; everything else goes on to the framework. Both
ways call the same service and answer the same, see tests/gateway/test_ways.py.
"""

import re
from typing import Final

from fastapi import Request

from adapters.errors import AdapterError
from gateway.api.errors import known
from gateway.api.parameters import asking, connection_for
from gateway.api.responses import give
from gateway.api.state import AppState
from gateway.edge.asgi import Application, Receive, Scope, Send
from gateway.edge.authentication import CALLER
from gateway.edge.context import ROUTE
from gateway.errors import GatewayError
from gateway.forms import CANONICAL_FORM, NATIVE_FORM
from gateway.service import At, Service

_PLAIN: Final = re.compile(r"/v1/connections/([a-z0-9-]{1,63})/workflows/([A-Za-z0-9_~.-]{1,200})(/native)?")
_AS_IT_IS: Final = At()


class ReadLayer:
    """Answers plain reads, or hands the request on."""

    def __init__(self, inner: Application, state: AppState) -> None:
        """Make a layer.

        Args:
            inner: the framework.
            state: holds the service while the application runs.
        """
        self._inner = inner
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        service = self._state.service
        plain = None
        if scope["type"] == "http" and scope["method"] == "GET" and not scope["query_string"]:
            plain = _PLAIN.fullmatch(scope["path"])
        if plain is None or service is None:
            await self._inner(scope, receive, send)
            return
        await self._read(service, plain, scope, receive, send)

    async def _read(
        self, service: Service, plain: re.Match[str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        request = Request(scope)
        wishes = asking(request, self._state.deadline_seconds)
        scope[ROUTE] = "get_native_workflow" if plain[3] else "get_workflow"
        try:
            connection = connection_for(request, service, scope[CALLER], plain[1])
            reading = await service.workflow(connection, plain[2], _AS_IT_IS, wishes.ask)
            form = NATIVE_FORM if plain[3] else CANONICAL_FORM
            response = await give(self._state, scope, reading, form, scope[ROUTE])
        except (GatewayError, AdapterError) as error:
            response = await known(request, error)
        await response(scope, receive, send)
