"""A collector of traces that keeps what it is sent, and refuses some of it with the words it was sent."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.canary.planted import Place


class Collector:
    """What was sent, without the headers: the key for the collector is in them."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        taking = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                taking.places.append(Place("traces", body))
                refused = len(taking.places) % 2 == 0
                said = f"refused: {self.headers['authorization']}" if refused else ""
                # What is repeated once more as the phrase is what the exporter logs.
                self.send_response(400 if refused else 200, said or "OK")
                self.send_header("content-length", str(len(said)))
                self.end_headers()
                self.wfile.write(said.encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def collecting() -> Iterator[Collector]:
    """Run one."""
    found = Collector()
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.server.shutdown()
        found.server.server_close()
        thread.join(20)
