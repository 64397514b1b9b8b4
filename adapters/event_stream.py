"""Reads server-sent events as the HTML standard says (section 9.2.6, "Interpreting an event stream"). Pure: no I/O.

The libraries there are for this read the answers of one HTTP client, which only the transport may know.
"""

import codecs
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Final

from adapters.errors import VendorSurprise

LARGEST_EVENT: Final = 16 * 1024 * 1024
"""Characters that one event may hold before its end."""

_LINE_END: Final = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event.

    Attributes:
        data: its lines, joined by line feeds.
        event: its type; `message` when it names none.
        id: the last id that the stream gave, with this event or before; empty when there was none.
    """

    data: str
    event: str = "message"
    id: str = ""


class EventReader:
    """Turns the bytes of a stream into events, wherever the bytes were cut."""

    def __init__(self, largest: int = LARGEST_EVENT) -> None:
        """Begin a stream.

        Args:
            largest: characters that one event may hold.
        """
        self._largest = largest
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._pieces: list[str] = []
        self._after_return = False
        self._data: list[str] = []
        self._event = ""
        self._id = ""
        self._size = 0
        self._begun = 0

    def feed(self, chunk: bytes) -> Iterator[ServerEvent]:
        """Yield the events that end in this chunk; what is left at the end of a stream is no event.

        Raises:
            VendorSurprise: an event is too large.
        """
        for line in self._lines(self._decoder.decode(chunk)):
            if line:
                self._field(line)
            elif (event := self._ended()) is not None:
                yield event

    def _lines(self, text: str) -> Iterator[str]:
        if self._after_return and text:
            # The line ended with the return already, wherever the line feed behind it arrives.
            text = text.removeprefix("\n")
            self._after_return = False
        start = 0
        for end in _LINE_END.finditer(text):
            self._pieces.append(text[start : end.start()])
            line, self._pieces, self._begun = "".join(self._pieces), [], 0
            start = end.end()
            self._after_return = end[0] == "\r" and start == len(text)
            yield line
        if start < len(text):
            self._pieces.append(text[start:])
            self._begun += len(text) - start
            self._check_size()

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
            self._size += len(value) + 1
            self._check_size()
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value

    def _ended(self) -> ServerEvent | None:
        data, event = self._data, self._event or "message"
        self._data, self._event, self._size = [], "", 0
        return ServerEvent("\n".join(data), event, self._id) if data else None

    def _check_size(self) -> None:
        if self._size + self._begun > self._largest:
            raise VendorSurprise(f"the vendor sent an event of more than {self._largest} characters")


async def server_events(chunks: AsyncIterator[bytes]) -> AsyncGenerator[ServerEvent, None]:
    """Yield the events of a stream of bytes as they end.

    Raises:
        VendorSurprise: an event is too large.
    """
    reader = EventReader()
    async for chunk in chunks:
        for event in reader.feed(chunk):
            yield event
