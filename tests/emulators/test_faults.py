"""Every fault over a real socket, as a client meets it."""

import asyncio
import gzip
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from emulators.faults import FAULTS, FaultLayer, Rule
from emulators.registry import load

Connect = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
PATH = "/v1/workflows"
LATE = 0.2


@pytest.fixture
async def api(over_socket: Connect, caplog: pytest.LogCaptureFixture) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the Aitronos emulator; an injected fault must not look like a mistake in its log."""
    emulator = load("aitronos")
    log = logging.getLogger("uvicorn.error")
    async with over_socket(emulator) as client:
        log.addHandler(caplog.handler)
        client.headers["x-api-key"] = emulator.default_key
        yield client
    log.removeHandler(caplog.handler)
    assert [record.getMessage() for record in caplog.get_records("call")] == []


async def spoil(api: httpx.AsyncClient, fault: str, **rule: Any) -> None:
    response = await api.put("/__emulator__/faults", json=[{"fault": fault, "path": "/v1/*"} | rule])
    assert response.status_code == 200


async def raw_answer(api: httpx.AsyncClient) -> tuple[bytes, type[Exception] | None]:
    """Read one answer without an HTTP library; returns the bytes and what ended them."""
    reader, writer = await asyncio.open_connection(api.base_url.host, api.base_url.port)
    key = api.headers["x-api-key"]
    writer.write(f"GET {PATH} HTTP/1.1\r\nhost: emulator\r\nx-api-key: {key}\r\n\r\n".encode())
    received, ended = b"", None
    try:
        while piece := await asyncio.wait_for(reader.read(65536), 3):
            received += piece
    except ConnectionResetError as error:
        ended = type(error)
    writer.close()
    return received, ended


async def test_without_a_rule_answers_are_whole(api: httpx.AsyncClient) -> None:
    assert (await api.get(PATH)).json()["total"] > 0


async def test_latency_delays_the_usual_answer(api: httpx.AsyncClient) -> None:
    await spoil(api, "latency", seconds=LATE)
    started = time.perf_counter()
    response = await api.get(PATH)
    assert time.perf_counter() - started >= LATE
    assert response.json()["total"] > 0


@pytest.mark.parametrize("retry_after", [None, "7", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_status_has_the_vendors_body_and_its_retry_after(
    api: httpx.AsyncClient, retry_after: str | None
) -> None:
    await spoil(api, "status", status=429, retry_after=retry_after)
    response = await api.get(PATH)
    assert response.status_code == 429
    assert response.headers.get("retry-after") == retry_after
    assert response.headers["content-type"] == "application/json"
    assert response.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"


async def test_status_is_500_unless_told(api: httpx.AsyncClient) -> None:
    await spoil(api, "status")
    response = await api.get(PATH)
    assert (response.status_code, response.json()["error"]["status"]) == (500, 500)


@pytest.mark.parametrize(("given", "status"), [({}, 502), ({"status": 200}, 200), ({"status": 503}, 503)])
async def test_html_instead_of_json(api: httpx.AsyncClient, given: dict[str, int], status: int) -> None:
    await spoil(api, "html", **given)
    response = await api.get(PATH)
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/html")
    assert response.text.startswith("<!doctype html>")


@pytest.mark.parametrize("status", [200, 204, 500])
async def test_an_empty_answer(api: httpx.AsyncClient, status: int) -> None:
    await spoil(api, "empty", status=status)
    response = await api.get(PATH)
    assert (response.status_code, response.content) == (status, b"")


async def test_wrong_shape_is_valid_json_of_another_kind(api: httpx.AsyncClient) -> None:
    await spoil(api, "wrong_shape")
    response = await api.get(PATH)
    assert response.status_code == 200
    assert isinstance(response.json(), list)


async def test_invalid_json_is_complete_http(api: httpx.AsyncClient) -> None:
    whole = (await api.get(PATH)).content
    await spoil(api, "invalid_json")
    response = await api.get(PATH)
    assert response.status_code == 200
    assert response.content == whole[: len(whole) // 2]
    with pytest.raises(json.JSONDecodeError):
        response.json()


async def test_redirect_leads_elsewhere(api: httpx.AsyncClient) -> None:
    await spoil(api, "redirect", location="http://127.0.0.1:9/trap")
    response = await api.get(PATH)
    assert (response.status_code, response.headers["location"]) == (307, "http://127.0.0.1:9/trap")


async def test_truncated_promises_more_than_it_sends_and_ends_quietly(api: httpx.AsyncClient) -> None:
    await spoil(api, "truncated")
    received, ended = await raw_answer(api)
    head, _, body = received.partition(b"\r\n\r\n")
    announced = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    assert len(body) == announced // 2
    assert ended is None
    with pytest.raises(httpx.RemoteProtocolError):
        await api.get(PATH)


async def test_reset_comes_before_any_answer(api: httpx.AsyncClient) -> None:
    await spoil(api, "reset")
    assert await raw_answer(api) == (b"", ConnectionResetError)
    with pytest.raises(httpx.ReadError):
        await api.get(PATH)
    with pytest.raises(httpx.ReadError):
        await api.post(PATH, json={"name": "sent before the reset"})


async def test_reset_header_leaves_half_a_header(api: httpx.AsyncClient) -> None:
    await spoil(api, "reset_header")
    received, ended = await raw_answer(api)
    assert received in (b"", b"HTTP/1.1 200 OK\r\ncontent-type: applic")
    assert ended is ConnectionResetError
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await api.get(PATH)


async def test_reset_body_leaves_half_a_body(api: httpx.AsyncClient) -> None:
    await spoil(api, "reset_body")
    received, ended = await raw_answer(api)
    assert received.startswith(b"HTTP/1.1 200 OK")
    assert ended is ConnectionResetError
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await api.get(PATH)


async def test_drip_sends_the_whole_answer_in_pieces(api: httpx.AsyncClient) -> None:
    whole = (await api.get(f"{PATH}/absent")).json()
    await spoil(api, "drip", chunk=64, seconds=0.02)
    started = time.perf_counter()
    async with api.stream("GET", f"{PATH}/absent") as response:
        pieces = [piece async for piece in response.aiter_raw()]
    answer = json.loads(b"".join(pieces))
    assert len(pieces) > 2
    assert time.perf_counter() - started >= 0.02 * (len(pieces) - 1)
    assert answer["error"]["code"] == whole["error"]["code"]


async def test_huge_has_the_asked_size(api: httpx.AsyncClient) -> None:
    await spoil(api, "huge", size=2_000_000)
    response = await api.get(PATH)
    assert len(response.content) == 2_000_000
    assert len(response.json()) == 2_000_000 - 2


async def test_bomb_is_small_on_the_wire_and_large_unpacked(api: httpx.AsyncClient) -> None:
    await spoil(api, "bomb", size=5_000_000)
    async with api.stream("GET", PATH) as response:
        packed = b"".join([piece async for piece in response.aiter_raw()])
    assert response.headers["content-encoding"] == "gzip"
    assert len(packed) < 20_000
    assert len(gzip.decompress(packed)) == 5_000_000


async def test_hang_never_answers_and_lets_go_of_a_client_that_leaves(api: httpx.AsyncClient) -> None:
    await spoil(api, "hang", times=1)
    with pytest.raises(httpx.ReadTimeout):
        await api.get(PATH, timeout=LATE)
    assert (await api.get(PATH)).status_code == 200


def test_there_is_a_test_for_every_fault() -> None:
    tests = " ".join(name for name in globals() if name.startswith("test_"))
    assert [fault for fault in FAULTS if fault.replace("_", " ") not in tests.replace("_", " ")] == []


async def test_a_rule_is_used_up(api: httpx.AsyncClient) -> None:
    await spoil(api, "status", status=503, times=2)
    assert [(await api.get(PATH)).status_code for _ in range(4)] == [503, 503, 200, 200]


async def test_a_rule_matches_by_method_and_decoded_path(api: httpx.AsyncClient) -> None:
    await spoil(api, "status", status=503, method="GET", path="/v1/workflows/*flow a*")
    seen = [
        (await api.request(method, path, json={})).status_code
        for method, path in (
            ("GET", PATH),
            ("GET", f"{PATH}/flow%20a"),
            ("PATCH", f"{PATH}/flow%20a"),
            ("GET", f"{PATH}/x%2Fflow%20a"),
        )
    ]
    assert seen == [200, 503, 404, 503]


async def test_the_first_matching_rule_wins_and_the_next_takes_over(api: httpx.AsyncClient) -> None:
    rules = [{"fault": "status", "status": s, "times": 1} for s in (500, 429)]
    await api.put("/__emulator__/faults", json=rules)
    assert [(await api.get(PATH)).status_code for _ in range(3)] == [500, 429, 200]


async def test_a_rate_spoils_a_share_and_the_same_one_after_a_reset(api: httpx.AsyncClient) -> None:
    async def sample() -> list[int]:
        await spoil(api, "status", rate=0.3)
        return [(await api.get(f"{PATH}/absent")).status_code for _ in range(60)]

    first = await sample()
    assert 5 < first.count(500) < 35
    await api.post("/__emulator__/reset")
    assert await sample() == first


async def test_a_fault_strikes_before_the_key_is_looked_at(api: httpx.AsyncClient) -> None:
    await spoil(api, "status", status=503)
    assert (await api.get(PATH, headers={"x-api-key": "wrong"})).status_code == 503


async def test_a_spoiled_answer_to_a_write_still_writes(api: httpx.AsyncClient) -> None:
    before = (await api.get(PATH)).json()["total"]
    await spoil(api, "reset_body", times=1)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await api.post(PATH, json={"name": "Written", "definition": {}})
    assert (await api.get(PATH)).json()["total"] == before + 1


@pytest.mark.parametrize("fault", ["reset", "reset_header", "reset_body", "truncated"])
async def test_in_process_a_cut_connection_is_an_exception(in_process: Connect, fault: str) -> None:
    emulator = load("aitronos")
    async with in_process(emulator) as client:
        await spoil(client, fault)
        with pytest.raises(ConnectionResetError, match="injected fault"):
            await client.get(PATH, headers={"x-api-key": emulator.default_key})


async def test_anything_but_http_passes_untouched() -> None:
    passed = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        passed.append(scope["type"])

    async def unused(*_: Any) -> Any:
        raise AssertionError("neither side speaks")

    layer = FaultLayer(inner, lambda status: {"status": status})
    layer.rules = [Rule("reset")]
    await layer({"type": "websocket"}, unused, unused)
    assert passed == ["websocket"]


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "nonsense"},
        {"fault": "status", "status": "500"},
        {"fault": "status", "status": 42},
        {"fault": "hang", "times": -1},
        {"fault": "hang", "times": True},
        {"fault": "drip", "chunk": 0},
        {"fault": "huge", "size": 1.5},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Rule(**rule)
