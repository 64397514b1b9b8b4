"""The Aitronos server: routes, authentication, headers and error bodies."""

import hmac
from datetime import UTC

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from typing_extensions import override

from emulators.aitronos.assistants import Assistants
from emulators.aitronos.calls import Call, Handler
from emulators.aitronos.errors import Document, Refusal, Trace, body
from emulators.aitronos.front import REQUEST_ID, Front
from emulators.aitronos.links import Links
from emulators.aitronos.state import State
from emulators.aitronos.variants import FASTAPI_VALIDATION, LEGACY_HEADER, NO_DETAILS, UUID_TRACE_IDS
from emulators.aitronos.workflows import Workflows
from emulators.contract import Application, Backend, EmulatorOptions


class AitronosBackend(Backend):
    """The vendor's server. Unknown paths and methods are told before the key is looked at, as FastAPI does."""

    def __init__(self, options: EmulatorOptions) -> None:
        super().__init__(options)
        self.state = State(options.clock, seeded=options.seeded)

    @override
    def application(self) -> Application:
        api = Starlette(
            routes=self._routes(), exception_handlers={Refusal: self._refused, HTTPException: self._no_route}
        )
        return Front(api, self)

    @override
    def reset(self) -> None:
        self.state.reset()

    @override
    def error_body(self, status: int) -> object:
        return self.refusal_body(Refusal(status), self.new_request_id())

    def on(self, variant: str) -> bool:
        """Say whether a variant is switched on at this moment."""
        return variant in self.variants

    def new_request_id(self) -> str:
        """Return the id that the answer's header and an error's `trace_id` carry."""
        return self.state.trace_id(as_uuid=self.on(UUID_TRACE_IDS))

    def refusal_body(self, refusal: Refusal, request_id: str) -> Document:
        """Return the error body of a refusal under the present variants."""
        now = self.state.now().astimezone(UTC)
        trace = Trace(
            trace_id=request_id,
            timestamp=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            with_details=not self.on(NO_DETAILS),
            fastapi_validation=self.on(FASTAPI_VALIDATION),
        )
        return body(refusal, trace)

    def _routes(self) -> list[Route]:
        workflows = Workflows(self.state, self.on)
        assistants = Assistants(self.state, self.on)
        links = Links(self.state, workflows, self.on)
        flow, assistant = "/v1/workflows/{workflow_id}", "/v1/assistants/{assistant_id}"
        return [
            self._route("/v1/workflows", GET=workflows.page, POST=workflows.create),
            self._route(flow, GET=workflows.get, PATCH=workflows.update, DELETE=workflows.delete),
            self._route(flow + "/promote-to-assistant", POST=workflows.promote),
            self._route("/v1/assistants", GET=assistants.page, POST=assistants.create),
            self._route(assistant, GET=assistants.get, PUT=assistants.update, DELETE=assistants.delete),
            self._route(assistant + "/history", GET=assistants.history),
            self._route(assistant + "/warm", POST=assistants.warm),
            self._route(assistant + "/workflow", GET=links.get, PATCH=links.update, DELETE=links.detach),
            self._route(assistant + "/convert-to-workflow", POST=links.convert),
        ]

    def _route(self, path: str, **handlers: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            handler = handlers.get(request.method)
            if handler is None:
                raise HTTPException(405, headers={"allow": ", ".join(sorted(handlers))})
            self._authenticate(request)
            call = Call(
                path=request.path_params,
                query=dict(request.query_params),
                body=await request.body(),
                content_type=request.headers.get("content-type", ""),
            )
            answer = handler(call)
            if answer.body is None:
                return Response(status_code=answer.status)
            return JSONResponse(answer.body, answer.status)

        route = Route(path, endpoint)
        route.methods = None  # all of them: the endpoint itself refuses, naming every method there is
        return route

    def _authenticate(self, request: Request) -> None:
        """Accept the key in its header, or, standing for a session's JWT, as a bearer token.

        Raises:
            Refusal: 401.
        """
        key = request.headers.get("api-key" if self.on(LEGACY_HEADER) else "x-api-key")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if key is not None:
            if not self._is_key(key):
                raise Refusal(401, "INVALID_API_KEY", "This API key is not known.")
        elif scheme.lower() != "bearer":
            raise Refusal(401)
        elif not self._is_key(token.strip()):
            raise Refusal(401, "TOKEN_INVALID", "This token is not valid.")

    def _is_key(self, presented: str) -> bool:
        return hmac.compare_digest(presented.encode(), self.options.api_key.encode())

    async def _refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)  # noqa: S101 - registered for nothing else
        return JSONResponse(
            self.refusal_body(error, request.scope[REQUEST_ID]), error.status, headers=error.headers
        )

    async def _no_route(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
        return await self._refused(request, Refusal(error.status_code, headers=error.headers))
