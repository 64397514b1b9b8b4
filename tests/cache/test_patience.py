"""Nobody waits for what is late, and nothing that was begun is lost sight of."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from gateway.cache.patience import Patience
from tests.cache.stores import PATIENT


class Late:
    """Counts the calls that were late."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def late() -> Late:
    return Late()


def answer(text: str, gate: asyncio.Event | None = None) -> Callable[[], Coroutine[None, None, str]]:
    async def call() -> str:
        if gate is not None:
            await gate.wait()
        return text

    return call


async def turns(number: int = 20) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_an_answer_in_time_is_returned(late: Late) -> None:
    patience = Patience(PATIENT, PATIENT, 2, late)
    assert await asyncio.gather(*(patience.wait(answer(str(n))) for n in range(10))) == [*"0123456789"]
    assert (late.count, patience.late, patience._free, patience._running) == (0, False, 2, set())


async def test_a_late_call_goes_on_without_its_caller_and_nobody_else_waits_meanwhile(late: Late) -> None:
    patience = Patience(0.002, PATIENT, 2, late)
    gate, answered = asyncio.Event(), []

    async def call() -> None:
        await gate.wait()
        answered.append("late")

    assert await patience.wait(call) is None
    assert (late.count, patience.late) == (1, True)
    begun = len(patience._running)
    assert await patience.wait(answer("x")) is None
    assert len(patience._running) == begun == 1
    gate.set()
    await turns()
    assert answered == ["late"]
    assert (patience.late, patience._free) == (False, 2)
    assert await patience.wait(answer("x")) == "x"


async def test_whoever_queues_is_let_go_when_a_call_is_late(late: Late) -> None:
    patience = Patience(0.002, PATIENT, 1, late)
    gate, begun = asyncio.Event(), []

    async def call() -> str:
        begun.append(1)
        await gate.wait()
        return "x"

    assert await asyncio.gather(*(patience.wait(call) for _ in range(5))) == [None] * 5
    assert (len(begun), late.count) == (1, 1)
    gate.set()
    await turns()
    assert patience._free == 1


async def test_whose_turn_does_not_come_goes_on_without(late: Late) -> None:
    patience = Patience(PATIENT, 0.01, 1, late)
    gate = asyncio.Event()
    first = asyncio.create_task(patience.wait(answer("first", gate)))
    await turns()
    assert await asyncio.gather(*(patience.wait(answer("x")) for _ in range(5))) == [None] * 5
    gate.set()
    assert await first == "first"
    assert (await patience.wait(answer("x")), patience._free, late.count) == ("x", 1, 0)


async def test_those_who_leave_give_their_place_to_others(late: Late) -> None:
    patience = Patience(PATIENT, PATIENT, 1, late)
    gate = asyncio.Event()
    first = asyncio.create_task(patience.wait(answer("first", gate)))
    await turns()
    queueing = [asyncio.create_task(patience.wait(answer(str(n)))) for n in range(3)]
    await turns()
    queueing[0].cancel()
    gate.set()
    await turns(1)
    queueing[1].cancel()  # it may have its place already
    assert await first == "first"
    assert await queueing[2] == "2"
    await asyncio.gather(*queueing, return_exceptions=True)
    assert await patience.wait(answer("x")) == "x"
    assert patience._free == 1


async def test_a_caller_who_leaves_does_not_end_the_call(late: Late) -> None:
    patience = Patience(PATIENT, PATIENT, 1, late)
    gate, answered = asyncio.Event(), []

    async def call() -> None:
        await gate.wait()
        answered.append(1)

    caller = asyncio.create_task(patience.wait(call))
    await turns()
    caller.cancel()
    await turns()
    gate.set()
    await turns()
    assert (answered, patience._free, late.count) == ([1], 1, 0)


async def test_a_failure_reaches_who_waits_and_nobody_else(late: Late) -> None:
    patience = Patience(0.002, PATIENT, 1, late)
    gate = asyncio.Event()

    async def call() -> None:
        await gate.wait()
        raise LookupError

    assert await patience.wait(call) is None
    gate.set()
    await turns()
    with pytest.raises(LookupError):
        await patience.wait(call)


async def test_a_loop_that_was_busy_does_not_make_an_answer_late(late: Late) -> None:
    patience = Patience(0.004, PATIENT, 1, late)

    async def call() -> str:
        until = asyncio.get_running_loop().time() + 0.02
        while asyncio.get_running_loop().time() < until:
            pass  # as a large document being parsed
        await asyncio.sleep(0)
        return "x"

    assert await patience.wait(call) == "x"
    assert late.count == 0


async def test_closing_ends_what_is_under_way(late: Late) -> None:
    patience = Patience(0.002, PATIENT, 1, late)
    assert await patience.wait(answer("never", asyncio.Event())) is None
    await patience.close()
    await turns()
    assert (patience.late, patience._running, patience._free) == (False, set(), 1)
