"""Our own load generator: what it asks for, and that it counts what really came."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import load
from bench.load import Plan, numbers, percentile, read_plan, run, written

Talk = Callable[[bytes], list[bytes] | None]
"""Returns the pieces of the answer to a request; None closes the connection."""
Serve = Callable[[Talk], Awaitable[int]]

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    servers = []

    async def started(talk: Talk) -> int:
        async def spoken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while True:
                    pieces = talk(await reader.readuntil(b"\r\n\r\n"))
                    if pieces is None:
                        break
                    for piece in pieces:
                        writer.write(piece)
                        await writer.drain()
                        await asyncio.sleep(0)
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            writer.close()

        server = await asyncio.start_server(spoken, "127.0.0.1", 0)
        servers.append(server)
        return server.sockets[0].getsockname()[1]

    yield started
    for server in servers:
        server.close()
        await server.wait_closed()


async def test_it_sends_as_many_requests_as_the_plan_says_and_counts_every_byte(serve: Serve) -> None:
    told = await run(Plan(await serve(lambda _: [OK]), ("/a",), connections=3, count=20, seconds=10))
    assert told["statuses"] == {"200": 20}
    assert told["requests"] == 20
    assert told["bytes"] == 20 * len(OK)
    assert told["errors"] == {}


async def test_it_ends_when_the_time_is_up(serve: Serve) -> None:
    told = await run(Plan(await serve(lambda _: [OK]), ("/a",), connections=2, seconds=0.05))
    assert told["requests"] > 0
    assert told["errors"] == {}


async def test_it_sends_the_headers_and_the_paths_in_order(serve: Serve) -> None:
    seen: list[bytes] = []

    def talk(request: bytes) -> list[bytes]:
        seen.append(request)
        return [OK]

    port = await serve(talk)
    patterns = ("/even/{:08d}", "/odd/{:08d}")
    plan = Plan(port, patterns, order="rising", first=7, headers={"x-api-key": "k"}, connections=1, count=2)
    await run(plan)
    assert [request.split(b" ")[1] for request in seen] == [b"/odd/00000007", b"/even/00000008"]
    assert all(f"host: 127.0.0.1:{port}\r\nx-api-key: k\r\n\r\n".encode() in request for request in seen)


async def test_answers_in_pieces_are_put_together(serve: Serve) -> None:
    pieces = [OK[place : place + 1] for place in range(len(OK))]
    told = await run(Plan(await serve(lambda _: pieces), ("/a",), connections=1, count=3))
    assert told["statuses"] == {"200": 3}
    assert told["bytes"] == 3 * len(OK)


async def test_statuses_without_a_body_need_no_length(serve: Serve) -> None:
    answer = b"HTTP/1.1 304 Not Modified\r\netag: x\r\ncontent-length: 500\r\n\r\n"
    told = await run(Plan(await serve(lambda _: [answer]), ("/a",), connections=1, count=4))
    assert told["statuses"] == {"304": 4}


async def test_hits_are_told_apart_by_cache_status(serve: Serve) -> None:
    said = itertools.cycle((b"workflow-gateway; hit; ttl=3", b"workflow-gateway; fwd=uri-miss; stored"))

    def talk(_: bytes) -> list[bytes]:
        return [OK.replace(b"\r\n\r\n", b"\r\nCache-Status: " + next(said) + b"\r\n\r\n")]

    told = await run(Plan(await serve(talk), ("/a",), connections=1, count=10))
    assert (told["requests"], told["hits"]) == (10, 5)
    assert told["hit_p50_ms"] > 0
    assert told["other_p50_ms"] > 0


async def test_a_connection_that_is_closed_is_an_error_and_no_answer(serve: Serve) -> None:
    told = await run(Plan(await serve(lambda _: None), ("/a",), connections=2, count=10))
    assert told["requests"] == 0
    assert told["errors"] == {"closed": 2}
    assert told["p99_ms"] is None


async def test_an_answer_of_unknown_length_is_an_error(serve: Serve) -> None:
    answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    told = await run(Plan(await serve(lambda _: [answer]), ("/a",), connections=1, count=10))
    assert told["errors"] == {"no length": 1}


async def test_what_never_answers_is_given_up(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "GRACE_SECONDS", 0.05)
    told = await run(Plan(await serve(lambda _: []), ("/a",), connections=2, seconds=0.01))
    assert told["errors"] == {"unanswered": 2}


async def test_a_connection_can_rest_between_requests(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    port, loop, rests = await serve(lambda _: [OK]), asyncio.get_running_loop(), []
    later = loop.call_later

    def noted(delay: float, act: Callable[[], object], *rest: object, **named: object) -> asyncio.TimerHandle:
        rests.append(delay)
        return later(delay, act, *rest, **named)

    monkeypatch.setattr(loop, "call_later", noted)
    told = await run(Plan(port, ("/a",), connections=1, count=3, pause_seconds=0.01))
    assert told["requests"] == 3
    assert rests.count(0.01) == 3


@given(st.integers(1, 50), st.integers(0, 1000))
def test_a_cycle_asks_for_every_number_equally_often(among: int, first: int) -> None:
    plan = Plan(1, ("/{:08d}",), order="cycle", first=first, among=among)
    assert set(Counter(itertools.islice(numbers(plan), among * 3)).values()) == {3}


@given(st.integers(1, 200), st.integers())
def test_a_zipf_mix_stays_within_its_bounds_and_repeats_by_its_seed(among: int, seed: int) -> None:
    plan = Plan(1, ("/{:08d}",), order="zipf", among=among, seed=seed)
    drawn = list(itertools.islice(numbers(plan), 100))
    assert all(0 <= number < among for number in drawn)
    assert drawn == list(itertools.islice(numbers(plan), 100))


def test_a_zipf_mix_wants_the_same_workflows_whatever_its_seed() -> None:
    favourites = set()
    for seed in range(3):
        plan = Plan(1, ("/",), order="zipf", among=1000, seed=seed)
        [(favourite, times)] = Counter(itertools.islice(numbers(plan), 20_000)).most_common(1)
        favourites.add(favourite)
        # The first of 1000 is wanted by 1 in 7.49: their harmonic number.
        assert 0.11 < times / 20_000 < 0.16
    assert len(favourites) == 1


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no order 'backwards'"):
        numbers(Plan(1, ("/",), order="backwards"))


@given(st.lists(st.floats(0, 10), min_size=1), st.floats(0, 1))
def test_a_percentile_is_one_of_the_times(times: list[float], part: float) -> None:
    found = percentile(sorted(times), part)
    assert found in [time * 1000 for time in times]


def test_percentiles_are_in_milliseconds() -> None:
    times = [number / 1000 for number in range(100)]
    assert percentile(times, 0.5) == pytest.approx(50)
    assert percentile(times, 0.99) == pytest.approx(99)
    assert percentile([], 0.5) is None


def test_a_plan_survives_its_text() -> None:
    plan = Plan(
        80, ("/a", "/b"), order="zipf", among=7, headers={"a": "b"}, connections=3, seconds=0.5, seed=9
    )
    assert read_plan(written(plan)) == plan
