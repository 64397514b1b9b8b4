"""A vendor's stand-in that costs next to nothing: ready bytes over a raw protocol, in a process of its own.

The first segment of a path says how it answers, the second which document: `steady/NAME/...` the same bytes for an id
every time, `fresh/NAME/...` other content with every answer, `hang/NAME/...` never. Behind them are the vendor's own
paths: one that ends in `workflows` is answered with a listing, every other with the document, under the id of its last
segment. `/count` tells how many requests there were.
"""

import argparse
import asyncio
import json
from pathlib import Path
from typing import Final, cast

import uvloop
from typing_extensions import override

ID: Final = b"@ID@"
SERIAL: Final = b"@SERIAL@"
HEAD: Final = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"


class Shelf:
    """The documents by name, and how many requests there were.

    Args:
        documents: JSON texts in which `@ID@` and `@SERIAL@` are filled in.
        listings: JSON texts of listings, sent as they are.
    """

    def __init__(self, documents: dict[str, str], listings: dict[str, str]) -> None:
        """Make a shelf."""
        self._documents = {name: text.encode() for name, text in documents.items()}
        self._listings = {name: text.encode() for name, text in listings.items()}
        self.requests = 0

    def answer(self, path: bytes) -> bytes | None:
        """Return the whole answer to a request; None for one that is never answered."""
        mode, name, last = _parts(path)
        if mode == "count":
            return _whole(b"200 OK", b'{"requests":%d}' % self.requests)
        self.requests += 1
        if mode == "hang":
            return None
        body = (self._listings if last == b"workflows" else self._documents).get(name)
        if body is None:
            return _whole(b"404 Not Found", b"{}")
        serial = self.requests if mode == "fresh" else 0
        return _whole(b"200 OK", body.replace(ID, last).replace(SERIAL, b"%012d" % serial))


class Speaker(asyncio.Protocol):
    """One connection; requests have no bodies."""

    def __init__(self, shelf: Shelf) -> None:
        """Make the speaker of a connection that is about to open."""
        self._shelf = shelf
        self._pending = b""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        self._pending += data
        while b"\r\n\r\n" in self._pending:
            head, _, self._pending = self._pending.partition(b"\r\n\r\n")
            answer = self._shelf.answer(head.split(b" ", 2)[1])
            if answer is not None:
                self._transport.write(answer)


def _parts(path: bytes) -> tuple[str, str, bytes]:
    segments = path.partition(b"?")[0].split(b"/")
    mode, name = (*segments[1:3], b"")[:2]
    return mode.decode("latin-1"), name.decode("latin-1"), segments[-1]


def _whole(status: bytes, body: bytes) -> bytes:
    return HEAD % (status, len(body)) + body


async def _serve(port: int, shelf: Shelf) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Speaker(shelf), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


def main() -> None:
    """Serve the documents of a file until somebody ends the process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--shelf", type=Path, required=True, help="a JSON file of documents and listings")
    given = parser.parse_args()
    content = json.loads(given.shelf.read_bytes())
    uvloop.run(_serve(given.port, Shelf(content["documents"], content["listings"])))


if __name__ == "__main__":
    main()
