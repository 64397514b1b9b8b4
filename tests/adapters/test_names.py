"""A name that nobody answers for holds up nobody but those who ask for it."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from adapters.breaker import BreakerLimits
from adapters.dialling import Names
from adapters.errors import VendorTimeout
from adapters.limits import Limits
from adapters.transport import Transport
from tests.adapters.loopback import Loopback, made_up_vendor

SILENT = "silent.example"
ASKING = 24
"""More than the threads that a loop has for everybody."""


class System:
    """Looks names up as the machine does, but for one that nobody answers for until it is told to."""

    def __init__(self, look_up: Callable[..., Any]) -> None:
        self._look_up = look_up
        self.asked: list[str] = []
        self.answering = threading.Event()

    def __call__(self, host: str, *given: Any, **more: Any) -> Any:
        self.asked.append(host)
        if host == SILENT:
            self.answering.wait(30)
            host = "127.0.0.1"
        return self._look_up(host, *given, **more)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    found = System(socket.getaddrinfo)
    monkeypatch.setattr(socket, "getaddrinfo", found)
    yield found
    found.answering.set()


async def test_a_name_that_nobody_answers_for_holds_up_no_other_vendor(
    system: System, loopback: Loopback
) -> None:
    port = loopback.url.rpartition(":")[2]
    hurried = Limits(connect_seconds=0.2, breaker=BreakerLimits(0), private_addresses=True)
    async with (
        Transport(made_up_vendor(), f"http://{SILENT}:{port}", "secret-key", hurried) as silent,
        Transport(made_up_vendor(), loopback.url, "secret-key") as other,
    ):
        calls = [asyncio.create_task(silent.send("POST", "x")) for _ in range(ASKING)]
        async with asyncio.timeout(10):
            failures = await asyncio.gather(*calls, return_exceptions=True)
            assert all(isinstance(failure, VendorTimeout) for failure in failures)
            assert (await other.get("x")).status == 200
            assert await asyncio.to_thread(lambda: "done") == "done"
        assert system.asked.count(SILENT) == 1
        system.answering.set()
        async with asyncio.timeout(10):
            assert (await silent.get("x")).status == 200


async def test_those_who_ask_at_the_same_time_are_told_the_same(system: System) -> None:
    names = Names(SILENT, 80, private=True)
    asking = [asyncio.create_task(names.addresses()) for _ in range(5)]
    await asyncio.sleep(0.01)
    asking[0].cancel()
    system.answering.set()
    told = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(told[0], asyncio.CancelledError)
    assert told[1:] == [["127.0.0.1"]] * 4
    assert system.asked == [SILENT]
    await names.addresses()
    assert system.asked == [SILENT] * 2


async def test_what_the_system_says_instead_of_an_address_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    names = Names("nowhere.example", 80)
    for _ in range(2):
        with pytest.raises(socket.gaierror, match="no such name"):
            await names.addresses()


async def test_nobody_has_to_wait_for_a_look_up_to_its_end(system: System) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await Names(SILENT, 80, private=True).addresses()
