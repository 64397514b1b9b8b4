"""Serves an emulator over a real socket with uvicorn, and lets faults reach the connection itself."""

import uvicorn
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from emulators.contract import Application
from emulators.faults import TRANSPORT


class FaultyProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with the connection in the scope so that a fault can cut it."""

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: {"connection": self.transport}}

    @override
    def handle_websocket_upgrade(self) -> None:
        # A Centrifugo client offers an empty list of subprotocols, which the handshake parser refuses with 400.
        self.headers[:] = [
            (name, value)
            for name, value in self.headers
            if name != b"sec-websocket-protocol" or value.strip()
        ]
        super().handle_websocket_upgrade()


def server(application: Application, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Server:
    """Return a server that is not started yet; `await server.serve()` runs it until `should_exit` is set.

    Port 0 takes a free one; read it from `server.servers[0].sockets[0]` once `server.started` is true.
    """
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        http=FaultyProtocol,
        log_config=None,  # whoever runs us has set up the logs; uvicorn's set-up is for the whole process
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        server_header=False,
    )
    return uvicorn.Server(config)
