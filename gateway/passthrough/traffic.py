"""What goes through a websocket, counted."""

from dataclasses import dataclass


@dataclass(slots=True)
class Traffic:
    """What went through one websocket.

    Attributes:
        messages_in: from the caller.
        messages_out: to the caller.
        bytes_in: of those from the caller; texts count as they travel.
        bytes_out: of those to the caller.
        closed_by: who closed it first: `caller`, `vendor` or, when the gateway stops, `gateway`.
        code: with which it was closed; None for none.
    """

    messages_in: int = 0
    messages_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    closed_by: str = "gateway"
    code: int | None = None

    def came(self, message: str | bytes) -> None:
        """Count a message of the caller's."""
        self.messages_in += 1
        self.bytes_in += _size(message)

    def went(self, message: str | bytes) -> None:
        """Count a message to the caller."""
        self.messages_out += 1
        self.bytes_out += _size(message)

    def closed(self, by: str, code: int | None) -> None:
        """Note who closed it; only the first counts."""
        if self.closed_by == "gateway":
            self.closed_by, self.code = by, code

    @property
    def notes(self) -> dict[str, object]:
        """Return what the log line tells."""
        code = {} if self.code is None else {"code": self.code}
        return {
            "messages_in": self.messages_in,
            "messages_out": self.messages_out,
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "closed_by": self.closed_by,
            **code,
        }


def _size(message: str | bytes) -> int:
    return len(message.encode("utf-8", "surrogatepass")) if isinstance(message, str) else len(message)
