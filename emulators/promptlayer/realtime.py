"""The websocket leg: tokens, and a Centrifugo server that speaks its JSON protocol.

A frame holds one or more commands, one per line; an empty object is a ping from the server or the client's
answer to it. Codes are Centrifugo's own.
"""

import asyncio
import contextlib
import json
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from emulators.promptlayer.calls import Call
from emulators.promptlayer.records import Document
from emulators.promptlayer.shared import Shared
from emulators.promptlayer.validation import Complaints, Query

PATH = "/connection/websocket"
PING_SECONDS = 25
LIFETIME = timedelta(hours=1)
INVALID_TOKEN, BAD_REQUEST = 3500, 3501
PERMISSION_DENIED, METHOD_NOT_FOUND, ALREADY_SUBSCRIBED, TOKEN_EXPIRED = 103, 104, 105, 109


class Session:
    """One connected client."""

    def __init__(self, socket: WebSocket, hub: "Hub") -> None:
        self.socket = socket
        self.hub = hub
        self.channel: str | None = None
        self.connected = False
        self.subscriptions: set[str] = set()

    async def serve(self) -> None:
        """Answer commands until either side leaves."""
        await self.socket.accept()
        pinging = asyncio.create_task(self._ping())
        try:
            while await self._frame(await self.socket.receive_text()):
                pass
        except (WebSocketDisconnect, KeyError):
            # KeyError: a binary frame, which this protocol does not have.
            pass
        finally:
            pinging.cancel()

    async def _ping(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                await asyncio.sleep(PING_SECONDS)
                await self.socket.send_text("{}")

    async def _frame(self, text: str) -> bool:
        for line in text.split("\n"):
            try:
                command = json.loads(line) if line.strip() else {}
            except ValueError:
                command = None
            if not isinstance(command, dict):
                await self.socket.close(BAD_REQUEST, "bad request")
                return False
            if command and not await self._command(command):
                return False
        return True

    async def _command(self, command: Document) -> bool:
        """Answer one command; returns False once the connection is closed."""
        if not self.connected and "connect" not in command:
            await self.socket.close(BAD_REQUEST, "bad request")
            return False
        if "connect" in command:
            return await self._connect(command)
        method = next((key for key in ("subscribe", "unsubscribe") if key in command), None)
        if method is None:
            await self._refuse(command, METHOD_NOT_FOUND, "method not found")
            return True
        channel = str((command[method] or {}).get("channel"))
        if method == "unsubscribe":
            self.subscriptions.discard(channel)
        elif channel != self.channel:
            await self._refuse(command, PERMISSION_DENIED, "permission denied")
            return True
        elif channel in self.subscriptions:
            await self._refuse(command, ALREADY_SUBSCRIBED, "already subscribed")
            return True
        else:
            self.subscriptions.add(channel)
        await self.send({"id": command.get("id"), method: {}})
        return True

    async def _connect(self, command: Document) -> bool:
        token = (command["connect"] or {}).get("token")
        grant = self.hub.grants.get(token) if isinstance(token, str) else None
        if grant is None or self.connected:
            code, reason = (
                (BAD_REQUEST, "bad request") if self.connected else (INVALID_TOKEN, "invalid token")
            )
            await self.socket.close(code, reason)
            return False
        self.channel, expires = grant
        if self.hub.shared.state.clock() >= expires:
            await self._refuse(command, TOKEN_EXPIRED, "token expired")
            return True
        self.connected = True
        reply = {"client": self.hub.client_id(), "version": "6.0.0", "ping": PING_SECONDS, "pong": True}
        await self.send({"id": command.get("id"), "connect": reply})
        return True

    async def _refuse(self, command: Document, code: int, message: str) -> None:
        await self.send({"id": command.get("id"), "error": {"code": code, "message": message}})

    async def send(self, reply: Document) -> None:
        """Send one reply or push."""
        await self.socket.send_text(json.dumps(reply))


class Hub:
    """Hands out tokens and brings publications to whoever is subscribed."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.grants: dict[str, tuple[str, datetime]] = {}
        self.sessions: set[Session] = set()

    def clear(self) -> None:
        """Forget every token and every subscription."""
        self.grants.clear()
        for session in self.sessions:
            session.subscriptions.clear()

    def client_id(self) -> str:
        """Return an id for a client that connects."""
        return self.shared.state.uuid()

    async def token(self, call: Call) -> Response:
        """POST /ws-token-request-library?capability=<channel>."""
        complaints = Complaints()
        channel = Query(call.query, complaints).text("capability", required=True) or ""
        complaints.settle()
        token, issued = self.shared.state.hexadecimal(48), self.shared.state.clock()
        self.grants[token] = (channel, issued + LIFETIME)
        details = {
            "token": token,
            "issued": _milliseconds(issued),
            "expires": _milliseconds(issued + LIFETIME),
            "capability": {channel: ["presence", "subscribe"]},
        }
        document = {"success": True, "messaging_backend": "centrifugo", "token_details": details}
        return JSONResponse(document, status_code=201)

    async def serve(self, socket: WebSocket) -> None:
        """Serve one websocket; any other path than Centrifugo's is refused."""
        if socket.url.path != PATH:
            await socket.close()
            return
        session = Session(socket, self)
        self.sessions.add(session)
        try:
            await session.serve()
        finally:
            self.sessions.discard(session)

    async def publish(self, channel: str, data: Any) -> None:
        """Push data to every subscriber of a channel; nothing is kept for those who come later."""
        push = {"push": {"channel": channel, "pub": {"data": data}}}
        for session in list(self.sessions):
            if channel in session.subscriptions:
                with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                    await session.send(push)


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)
