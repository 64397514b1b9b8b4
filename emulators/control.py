"""The emulator's own routes under `/__emulator__`: faults, variants, reset, and a journal of requests.

They need no key: an emulator listens on loopback and holds nothing real.
"""

from collections import deque
from dataclasses import asdict, dataclass, fields

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from emulators.contract import Application, Backend, Emulator, EmulatorOptions, Message, Receive, Send
from emulators.faults import FAULTS, FaultLayer, Rule
from emulators.validators import ValidatorLayer

PREFIX = "/__emulator__"


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as the emulator saw it, and the status it answered (0 when it gave none)."""

    method: str
    path: str
    query: str
    status: int


class Journal:
    """An ASGI layer that remembers the latest requests, the raw path included."""

    def __init__(self, inner: Application, size: int = 10_000) -> None:
        self.inner = inner
        self.seen: deque[Seen] = deque(maxlen=size)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request on and note it."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        status = 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.inner(scope, receive, watch)
        finally:
            path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0]
            self.seen.append(Seen(scope["method"], path, scope["query_string"].decode("latin-1"), status))


class ControlRoutes:
    """Handlers over one backend, its faults and its journal."""

    def __init__(self, emulator: Emulator, backend: Backend, faults: FaultLayer, journal: Journal) -> None:
        self.emulator = emulator
        self.backend = backend
        self.faults = faults
        self.journal = journal

    async def about(self, request: Request) -> JSONResponse:
        """Name the vendor, its variants and the faults there are."""
        return JSONResponse(
            {
                "vendor": self.emulator.name,
                "title": self.emulator.title,
                "variants": self.emulator.every_variant,
                "variants_on": sorted(self.backend.variants),
                "faults": dict(FAULTS),
                "rules": [asdict(rule) for rule in self.faults.rules],
            }
        )

    async def set_faults(self, request: Request) -> JSONResponse:
        """Replace the rules by the JSON array in the body."""
        try:
            rules = [Rule(**rule) for rule in await request.json()]
        except (TypeError, ValueError) as error:
            names = [f.name for f in fields(Rule)]
            return JSONResponse({"error": str(error), "rule_keys": names}, status_code=400)
        self.faults.rules = rules
        return JSONResponse([asdict(rule) for rule in rules])

    async def clear_faults(self, request: Request) -> JSONResponse:
        """Remove every rule."""
        self.faults.rules = []
        return JSONResponse([])

    async def set_variants(self, request: Request) -> JSONResponse:
        """Switch on exactly the variants named in the body's JSON array."""
        try:
            names = set(await request.json())
            unknown = sorted(names - set(self.emulator.every_variant))
        except (TypeError, ValueError) as error:
            return JSONResponse({"error": f"not a JSON array of names: {error}"}, status_code=400)
        if unknown:
            message = f"unknown variants {unknown}; there are {sorted(self.emulator.every_variant)}"
            return JSONResponse({"error": message}, status_code=400)
        self.backend.variants = names
        return JSONResponse(sorted(names))

    async def reset(self, request: Request) -> JSONResponse:
        """Put everything back: the seed, no faults, the variants of the start, an empty journal."""
        self.backend.reset()
        self.backend.variants = set(self.backend.options.variants)
        self.faults.reset()
        self.journal.seen.clear()
        return JSONResponse({"reset": True})

    async def requests(self, request: Request) -> JSONResponse:
        """List the latest requests, oldest first."""
        return JSONResponse([asdict(seen) for seen in self.journal.seen])

    async def forget_requests(self, request: Request) -> JSONResponse:
        """Empty the journal."""
        self.journal.seen.clear()
        return JSONResponse([])


def build(emulator: Emulator, options: EmulatorOptions | None = None) -> Starlette:
    """Return the whole emulator: control routes in front, then journal, faults and the vendor's own API."""
    backend = emulator.backend(options or EmulatorOptions(api_key=emulator.default_key))
    faults = FaultLayer(ValidatorLayer(backend.application(), backend), backend.error_body)
    journal = Journal(faults)
    control = ControlRoutes(emulator, backend, faults, journal)
    own = [
        Route("/", control.about, methods=["GET"]),
        Route("/faults", control.set_faults, methods=["PUT"]),
        Route("/faults", control.clear_faults, methods=["DELETE"]),
        Route("/variants", control.set_variants, methods=["PUT"]),
        Route("/reset", control.reset, methods=["POST"]),
        Route("/requests", control.requests, methods=["GET"]),
        Route("/requests", control.forget_requests, methods=["DELETE"]),
    ]
    application = Starlette(routes=[Mount(PREFIX, routes=own)])
    # The default and no catch-all route: a route's pattern does not match a path that holds a line break.
    application.router.default = journal
    application.state.backend = backend
    return application
