"""How late the event loop is, and what the process holds."""

import asyncio
import sys
import time

import pytest

from gateway.telemetry import pulse as pulses
from gateway.telemetry.pulse import WINDOW_SECONDS, Pulse, open_files, resident_bytes


def test_the_worst_is_remembered_for_a_window_and_the_one_before() -> None:
    pulse = Pulse()
    pulse.noted(0.1, 0.0)
    pulse.noted(0.5, 1.0)
    pulse.noted(0.2, 2.0)
    assert pulse.worst_lag == 0.5
    pulse.noted(0.1, 3.0 + WINDOW_SECONDS)
    assert pulse.worst_lag == 0.5
    pulse.noted(0.1, 6.0 + 2 * WINDOW_SECONDS)
    assert pulse.worst_lag == 0.1


async def test_a_loop_that_is_held_up_beats_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulses, "BEAT_SECONDS", 0.01)
    pulse = Pulse()
    pulse.start()
    try:
        time.sleep(0.2)  # noqa: ASYNC251 - that is what holds it up
        async with asyncio.timeout(5):
            while pulse.worst_lag < 0.1:  # noqa: ASYNC110 - a figure, no event
                await asyncio.sleep(0.01)
    finally:
        pulse.stop()
    assert pulse.worst_lag < 5


def test_files_and_memory_are_told_where_there_is_proc() -> None:
    told = (open_files(), resident_bytes())
    if sys.platform == "linux":
        assert told > (2, 1_000_000)
    else:
        assert told == (None, None)


def test_where_nobody_tells_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulses, "_OPEN_FILES", pulses.Path("/nowhere/fd"))
    monkeypatch.setattr(pulses, "_MEMORY", pulses.Path("/nowhere/statm"))
    assert open_files() is None
    assert resident_bytes() is None
