"""The lifespan of an application that no server starts: another one takes its place while the server runs."""

import asyncio

from gateway.edge.asgi import Application, Message, Receive, Send


class Lifespan:
    """Starts and stops an application by the events of ASGI's lifespan protocol, that every layer may listen to."""

    def __init__(self, application: Application) -> None:
        self._inward: asyncio.Queue[Message] = asyncio.Queue()
        self._outward: asyncio.Queue[Message] = asyncio.Queue()
        self._application = application
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it; whatever it fails with is raised."""
        receive: Receive = self._inward.get
        send: Send = self._outward.put
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}
        self._task = asyncio.ensure_future(self._application(scope, receive, send))
        await self._tell("lifespan.startup")

    async def stop(self) -> None:
        """Stop it, if it was started."""
        if self._task is not None and not self._task.done():
            await self._tell("lifespan.shutdown")
            await asyncio.wait({self._task})
            if not self._task.cancelled():
                self._task.result()

    async def _tell(self, event: str) -> None:
        """Send an event, and return when it is answered."""
        assert self._task is not None  # noqa: S101 - made by `start`
        await self._inward.put({"type": event})
        answer = asyncio.ensure_future(self._outward.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if answer.done() and answer.result()["type"].endswith(".complete"):
            return
        answer.cancel()
        if self._task.cancelled():
            return  # whoever ends every task of the loop has ended it
        await self._task
        raise RuntimeError(f"the application ended at {event}")
