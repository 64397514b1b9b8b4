"""What a process that serves alone does when it is told to reload at a bad moment."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from gateway.cli import running
from gateway.cli.servers import listen
from tests.cli.test_crew import plan, serving
from tests.house import HOST


@pytest.fixture(autouse=True)
def _nobody_dies() -> Iterator[None]:
    before = signal.signal(signal.SIGHUP, lambda *_: None)
    yield
    signal.signal(signal.SIGHUP, before)


class Starting:
    """A server that is told to reload while it starts."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.application = self
        self._over = asyncio.Event()

    async def start(self) -> asyncio.Task[bool]:
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0.05)
        self.done.append("started")
        return asyncio.create_task(asyncio.wait_for(self._over.wait(), 1))

    async def reload(self) -> None:
        self.done.append("reloaded")
        self._over.set()

    def stop(self) -> None:
        self._over.set()


async def test_a_reload_while_it_starts_is_carried_out_once_it_answers() -> None:
    own = Starting()
    with listen(HOST, 0, "") as listening:
        await running._run(own, serving(plan, listening))  # type: ignore[arg-type] # all that it asks of one
    assert own.done == ["started", "reloaded"]
