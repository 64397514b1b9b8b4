"""Websockets whose clients take nothing of what is there for them, as they are looked at now and then."""

from collections.abc import Callable

import pytest

from gateway.edge.clients import Clients
from gateway.settings import ServerSettings


class Sending:
    """The transport of a websocket, with something left to send."""

    def __init__(self) -> None:
        self.unsent = 0
        self.closing = self.aborted = False

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def is_closing(self) -> bool:
        return self.closing

    def abort(self) -> None:
        self.closing = self.aborted = True
        self.unsent = 0


class Quiet:
    """A client that is only counted."""

    left = False

    def look(self, now: float, limits: ServerSettings) -> None:
        pass


class FakeLoop:
    """A loop whose time passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waiting: list[tuple[float, Callable[..., None], tuple[object, ...]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, act: Callable[..., None], *given: object) -> object:
        self.waiting.append((self.now + delay, act, given))
        return self

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        due = [each for each in self.waiting if each[0] <= self.now]
        self.waiting = [each for each in self.waiting if each[0] > self.now]
        for _, act, given in due:
            act(*given)


def upgraded(loop: FakeLoop, transport: Sending) -> Clients:
    """Return the clients of a process of which the only one has become a websocket."""
    clients, client = Clients(ServerSettings(write_seconds=3.0)), Quiet()
    assert clients.enter(client, loop)  # type: ignore[arg-type] # all that is asked of one
    clients.upgrade(client, transport)  # type: ignore[arg-type] # likewise
    return clients


LOOKS: dict[str, tuple[list[int], bool]] = {
    "nothing is there for it": ([0] * 9, False),
    "it reads, however slowly": ([900, 800, 700, 600, 500, 400, 300, 200, 100], False),
    "as much is added as it reads": ([100, 900, 100, 900, 100, 900, 100, 900, 100], False),
    "it rests for a while": ([900, 900, 900, 800, 800, 800, 700, 700, 700], False),
    "it reads nothing": ([900] * 9, True),
    "it reads nothing any more": ([900, 100, 0, 0, 7, 7, 7, 7, 7], True),
}


@pytest.mark.parametrize(("unsent", "cut_off"), LOOKS.values(), ids=LOOKS.keys())
def test_the_client_of_a_websocket_is_cut_off_when_it_takes_nothing(unsent: list[int], cut_off: bool) -> None:
    loop, transport = FakeLoop(), Sending()
    clients = upgraded(loop, transport)
    assert clients.count == 0
    for size in unsent:
        transport.unsent = size if not transport.aborted else 0
        loop.pass_time(1.0)
    assert transport.aborted is cut_off
    assert bool(loop.waiting) is not cut_off


@pytest.mark.parametrize("unsent", [0, 7])
def test_a_websocket_that_is_closed_is_looked_at_until_it_is_gone(unsent: int) -> None:
    loop, transport = FakeLoop(), Sending()
    upgraded(loop, transport)
    transport.closing, transport.unsent = True, unsent
    for _ in range(9):
        loop.pass_time(1.0)
    assert transport.aborted is bool(unsent)
    assert not loop.waiting
