"""A host of several addresses is reached as long as one of them answers."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from adapters import dialling
from adapters.dialling import first, interleaved


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialling, "NEXT_ADDRESS_SECONDS", 0.01)


async def works() -> str:
    return "works"


async def fails() -> str:
    raise ConnectionRefusedError("refused")


async def hangs() -> str:
    await asyncio.sleep(60)
    return "hangs"


async def works_late() -> str:
    await asyncio.sleep(0.1)
    return "late"


@pytest.mark.parametrize(
    ("attempts", "result"),
    [
        ([works], "works"),
        ([works, hangs], "works"),
        ([fails, works], "works"),
        ([hangs, works], "works"),
        ([hangs, fails, works], "works"),
        ([works_late, hangs, hangs], "late"),
        ([works_late, fails], "late"),
        ([fails, works_late], "late"),
    ],
)
async def test_the_first_address_that_answers_is_taken(
    attempts: list[Callable[[], Awaitable[str]]], result: str
) -> None:
    before = asyncio.all_tasks()
    assert await first(attempts) == result
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_when_none_answers_the_first_failure_is_told(count: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        await first([fails] * count)


async def test_a_host_without_address_is_an_error() -> None:
    with pytest.raises(OSError, match="no address"):
        await first([])


async def test_whoever_leaves_leaves_no_attempt_behind() -> None:
    before = asyncio.all_tasks()
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await first([hangs, hangs, hangs])
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], []),
        (["10.0.0.1", "10.0.0.2"], ["10.0.0.1", "10.0.0.2"]),
        (["::1", "::2", "::3", "10.0.0.1"], ["::1", "10.0.0.1", "::2", "::3"]),
        (["10.0.0.1", "::1", "10.0.0.1"], ["10.0.0.1", "::1"]),
    ],
)
def test_the_families_take_turns(given: list[str], expected: list[str]) -> None:
    assert interleaved(given) == expected
