"""What a worker and its supervisor do when a reload comes at a bad moment."""

import asyncio
import multiprocessing
import socket
from collections.abc import Callable
from dataclasses import replace

import pytest

from adapters.registry import VendorInvalid
from gateway.app import board
from gateway.callers import hash_key
from gateway.cli import crew
from gateway.cli.crew import Crew
from gateway.cli.serving import Serving
from gateway.cli.teams import Link, NotFollowed, Retire
from gateway.control import Failure
from gateway.environment import Secret
from gateway.plan import Plan
from gateway.settings import CallerSettings, Settings
from gateway.telemetry.metrics import Metrics
from tests.adapters.loopback import made_up_vendor


def plan() -> Plan:
    own = {"vendor": "acme", "base_url": "http://127.0.0.1:1", "credential": "env:UNUSED"}
    settings = Settings.model_validate({"source": __file__, "connections": {"main": own}}, strict=False)
    return Plan(settings, {"acme": made_up_vendor()}, {"main": Secret("a-secret-of-some-length")})


def serving(read: Callable[[], Plan], listening: socket.socket) -> Serving:
    return Serving(read, plan(), listening, {})


@pytest.mark.parametrize("fault", [VendorInvalid("the vendor plug-in is broken"), OSError(12, "no memory")])
def test_whatever_a_reload_fails_with_the_workers_there_are_go_on(fault: Exception) -> None:
    def read() -> Plan:
        raise fault

    with socket.socket() as listening:
        task = Crew(serving(read, listening), board(plan().settings, 2))
        with pytest.raises(NotFollowed) as refused:
            task.following()
    assert isinstance(refused.value.news, Failure)
    [issue] = refused.value.news.issues
    assert type(fault).__name__ in issue.message


class Starting:
    """A server that takes its time to start, and leaves when it is told to."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._over = asyncio.Event()

    async def start(self) -> asyncio.Task[bool]:
        await asyncio.sleep(0.05)
        self.done.append("started")
        return asyncio.create_task(self._over.wait())

    def retire(self, callers: object) -> None:
        self.done.append(f"left to {callers}")
        self._over.set()

    def drain(self) -> None:
        self._over.set()


async def test_a_worker_told_to_leave_while_it_starts_leaves_once_it_answers() -> None:
    running, metrics = Starting(), Metrics(board(plan().settings))
    line, own = multiprocessing.Pipe()
    lifeline, held = multiprocessing.Pipe(duplex=False)
    with socket.socket() as listening, line, own, lifeline, held:
        link = Link(1, own, lifeline)
        control = crew._Asking(serving(plan, listening), link)
        line.send(Retire(()))
        async with asyncio.timeout(5):
            await crew._run(running, link, metrics, control)  # type: ignore[arg-type] # all that it asks of one
    assert running.done == ["started", "left to ()"]


def test_workers_that_leave_are_told_who_may_call_from_now_on() -> None:
    caller = CallerSettings(name="new", key_hashes=(hash_key("k" * 20),))

    def read() -> Plan:
        found = plan()
        return replace(found, settings=found.settings.model_copy(update={"callers": (caller,)}))

    line, own = multiprocessing.Pipe()
    with socket.socket() as listening, line, own:
        following = Crew(serving(read, listening), board(plan().settings, 2)).following()
        line.send(following.farewell)
        assert own.recv() == Retire((caller,))
