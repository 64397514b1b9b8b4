"""The emulated server: its front door, its routes and its reset."""

import hmac

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from typing_extensions import override

from emulators.contract import Application, Backend, EmulatorOptions, Message, Receive, Send
from emulators.promptlayer import errors, routes
from emulators.promptlayer.calls import Call
from emulators.promptlayer.entities import EntityHandlers
from emulators.promptlayer.external_ids import ExternalIdHandlers
from emulators.promptlayer.folders import FolderHandlers
from emulators.promptlayer.realtime import Hub
from emulators.promptlayer.runs import RunHandlers
from emulators.promptlayer.seed import plant
from emulators.promptlayer.shared import Shared
from emulators.promptlayer.state import State
from emulators.promptlayer.workflows import WorkflowHandlers


class PromptLayerBackend(Backend):
    """PromptLayer's API as its documents describe it, for one workspace and one key."""

    def __init__(self, options: EmulatorOptions) -> None:
        super().__init__(options)
        self.shared = Shared(self._fresh(), lambda: self.variants)
        self.hub = Hub(self.shared)
        self.runs = RunHandlers(self.shared, self.hub)
        self.routes = self._routes()

    def _fresh(self) -> State:
        state = State(self.options.clock)
        if self.options.seeded:
            plant(state)
        return state

    def _routes(self) -> list[routes.Route]:
        workflows, external = WorkflowHandlers(self.shared), ExternalIdHandlers(self.shared)
        folders, entities = FolderHandlers(self.shared), EntityHandlers(self.shared)
        below = "/api/public/v2/folders"
        return [
            ("GET", "/workflows", workflows.list_all),
            ("GET", "/workflows/*", workflows.read),
            ("GET", "/workflows/*/labels", workflows.labels),
            ("POST", "/rest/workflows", workflows.create),
            ("PATCH", "/rest/workflows/*", workflows.patch),
            ("POST", "/workflows/*/run", self.runs.start),
            ("GET", "/workflow-version-execution-results", self.runs.results),
            ("POST", "/workflows/*/external-ids", external.attach),
            ("GET", "/workflows/*/external-ids", external.list_all),
            ("DELETE", "/workflows/*/external-ids/*/*", external.detach),
            ("POST", "/ws-token-request-library", self.hub.token),
            ("POST", below, folders.create),
            ("GET", f"{below}/entities", entities.browse),
            ("POST", f"{below}/entities", entities.move),
            ("DELETE", f"{below}/entities", entities.delete),
            ("GET", f"{below}/resolve-id", folders.resolve),
            ("PATCH", f"{below}/*", folders.rename),
        ]

    @override
    def application(self) -> Application:
        return self._serve

    @override
    def reset(self) -> None:
        self.runs.clear()
        self.shared.state = self._fresh()
        self.hub.clear()

    @override
    def error_body(self, status: int) -> object:
        return errors.sample(status)

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.hub.serve(WebSocket(scope, receive, send))
        elif scope["type"] == "http":
            response = await self._answer(Request(scope, receive))
            await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            handler, captured = routes.find(self.routes, request.method, request.scope["raw_path"])
            self._check_key(request)
            return await handler(Call(request, captured))
        except errors.ApiError as error:
            return errors.response_of(error, self.variants)

    def _check_key(self, request: Request) -> None:
        """Refuse a request without the workspace's key; an unknown path is refused before that."""
        given = request.headers.get("x-api-key")
        if given is None:
            raise errors.refusal(401, "Missing or invalid API key")
        if not hmac.compare_digest(given.encode(), self.options.api_key.encode()):
            raise errors.refusal(401, "Invalid API key")
