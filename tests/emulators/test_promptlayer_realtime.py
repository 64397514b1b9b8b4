"""PromptLayer emulator: the token and the websocket that tells when a run is done."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from emulators.contract import EmulatorOptions
from emulators.registry import load

KEY = "pl_demo_promptlayer"
SUFFIX = "0123456789abcdef0123456789abcdef"
CHANNEL = f"workflows:4118:run:{SUFFIX}"
START = datetime(2026, 11, 2, tzinfo=UTC)
Time: TypeAlias = list[datetime]


@pytest.fixture
def time() -> Time:
    """One entry: what the emulator takes for now."""
    return [START]


@pytest.fixture
async def client(over_socket: Callable[..., Any], time: Time) -> AsyncIterator[httpx.AsyncClient]:
    options = EmulatorOptions(api_key=KEY, clock=lambda: time[0])
    async with over_socket(load("promptlayer"), options) as connected:
        connected.headers["X-API-KEY"] = KEY
        yield connected


@contextlib.asynccontextmanager
async def opened(
    client: httpx.AsyncClient, path: str = "/connection/websocket"
) -> AsyncIterator[ClientConnection]:
    # An empty list of subprotocols makes the empty header that Centrifugo's Python client sends.
    async with connect(f"ws://127.0.0.1:{client.base_url.port}{path}", subprotocols=[]) as socket:
        yield socket


async def ask(socket: ClientConnection, *commands: dict[str, Any]) -> dict[str, Any]:
    await socket.send("\n".join(json.dumps(command) for command in commands))
    reply: dict[str, Any] = json.loads(await socket.recv())
    return reply


async def token(client: httpx.AsyncClient, channel: str = CHANNEL) -> str:
    answer = await client.post("/ws-token-request-library", params={"capability": channel})
    assert answer.status_code == 201, answer.text
    given: str = answer.json()["token_details"]["token"]
    return given


async def join(client: httpx.AsyncClient, socket: ClientConnection, channel: str = CHANNEL) -> None:
    credentials = {"token": await token(client, channel), "name": "python"}
    assert "connect" in await ask(socket, {"id": 1, "connect": credentials})
    assert await ask(socket, {"id": 2, "subscribe": {"channel": channel}}) == {"id": 2, "subscribe": {}}


async def test_the_token(client: httpx.AsyncClient) -> None:
    answer = await client.post("/ws-token-request-library", params={"capability": CHANNEL})
    document = answer.json()
    assert (answer.status_code, document["success"], document["messaging_backend"]) == (
        201,
        True,
        "centrifugo",
    )
    details = document["token_details"]
    assert details["expires"] - details["issued"] == 3_600_000
    assert details["issued"] == int(START.timestamp() * 1000)
    assert details["capability"] == {CHANNEL: ["presence", "subscribe"]}
    assert await token(client) != details["token"]


async def test_a_token_needs_a_channel(client: httpx.AsyncClient) -> None:
    answer = await client.post("/ws-token-request-library")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "capability"]


async def test_the_end_of_a_run_is_pushed(client: httpx.AsyncClient) -> None:
    async with opened(client) as socket:
        await join(client, socket)
        started = await client.post("/workflows/4118/run", json={"channel_name_suffix": SUFFIX})
        push = json.loads(await socket.recv())["push"]
    assert push["channel"] == CHANNEL
    assert push["pub"]["data"]["message_name"] == "SET_WORKFLOW_COMPLETE"
    assert json.loads(push["pub"]["data"]["data"]) == {
        "workflow_version_execution_id": started.json()["workflow_version_execution_id"],
        "result_code": "OK",
        "final_output": "[echo] see ticket 4101",
    }


async def pushed(client: httpx.AsyncClient, reference: str, **body: Any) -> dict[str, Any]:
    """What the push for a run of another workflow says; its channel is named by id, so ask for that first."""
    number = (await client.get(f"/workflows/{reference}")).json()["workflow_id"]
    channel = f"workflows:{number}:run:{SUFFIX}"
    async with opened(client) as socket:
        await join(client, socket, channel)
        await client.post(f"/workflows/{reference}/run", json={"channel_name_suffix": SUFFIX, **body})
        text = json.loads(await socket.recv())["push"]["pub"]["data"]["data"]
    document: dict[str, Any] = json.loads(text)
    return document


async def test_every_output_is_pushed_when_asked_for(client: httpx.AsyncClient) -> None:
    output = (await pushed(client, "meeting-notes", return_all_outputs=True))["final_output"]
    assert list(output) == ["length", "short_notes", "long_notes"]
    assert output["long_notes"]["status"] == "SKIPPED"


async def test_a_failed_run_is_pushed_with_its_results(client: httpx.AsyncClient) -> None:
    output = (await pushed(client, "status-page-update"))["final_output"]
    assert output["probe"]["status"] == "FAILED"


async def test_a_large_result_has_to_be_fetched(client: httpx.AsyncClient, time: Time) -> None:
    inputs = {"user_message": "x" * 40_000, "customer_tier": "gold"}
    document = await pushed(client, "support-triage", input_variables=inputs)
    assert document["result_code"] == "EXCEEDS_SIZE_LIMIT"
    time[0] += timedelta(seconds=5)
    query = {"workflow_version_execution_id": document["workflow_version_execution_id"]}
    answer = await client.get("/workflow-version-execution-results", params=query)
    assert (answer.status_code, len(answer.json()) > 40_000) == (200, True)


async def test_the_channel_of_an_execution_works_too(client: httpx.AsyncClient) -> None:
    channel = "workflow_updates:98001"
    async with opened(client) as socket:
        await join(client, socket, channel)
        await client.post("/workflows/4118/run", json={})
        assert json.loads(await socket.recv())["push"]["channel"] == channel


async def test_other_subscribers_hear_nothing(client: httpx.AsyncClient) -> None:
    async with opened(client) as right, opened(client) as wrong:
        await join(client, right)
        await join(client, wrong, "workflows:4118:run:other")
        await client.post("/workflows/4118/run", json={"channel_name_suffix": SUFFIX})
        assert "push" in json.loads(await right.recv())
        with pytest.raises(TimeoutError):
            await _within(wrong, 0.2)


async def _within(socket: ClientConnection, seconds: float) -> str | bytes:
    return await asyncio.wait_for(socket.recv(), seconds)


async def test_commands_may_share_a_frame(client: httpx.AsyncClient) -> None:
    async with opened(client) as socket:
        connecting = {"id": 1, "connect": {"token": await token(client)}}
        reply = await ask(socket, connecting, {}, {"id": 2, "subscribe": {"channel": CHANNEL}})
        assert reply["connect"].items() >= {"ping": 25, "pong": True}.items()
        assert json.loads(await socket.recv()) == {"id": 2, "subscribe": {}}


async def test_refused_commands(client: httpx.AsyncClient) -> None:
    async with opened(client) as socket:
        await join(client, socket)
        codes = [
            (await ask(socket, {"id": 3, "subscribe": {"channel": "workflows:1:run:x"}}))["error"]["code"],
            (await ask(socket, {"id": 4, "subscribe": {"channel": CHANNEL}}))["error"]["code"],
            (await ask(socket, {"id": 5, "publish": {"channel": CHANNEL}}))["error"]["code"],
        ]
        assert codes == [103, 105, 104]
        assert await ask(socket, {"id": 6, "unsubscribe": {"channel": CHANNEL}}) == {
            "id": 6,
            "unsubscribe": {},
        }
        assert await ask(socket, {"id": 7, "subscribe": {"channel": CHANNEL}}) == {"id": 7, "subscribe": {}}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('{"id": 1, "connect": {"token": "forged"}}', 3500),
        ('{"id": 1, "connect": {}}', 3500),
        ('{"id": 1, "connect": {"token": 7}}', 3500),
        ('{"id": 1, "subscribe": {"channel": "x"}}', 3501),
        ("not json", 3501),
        ("[]", 3501),
    ],
)
async def test_connections_that_are_closed(client: httpx.AsyncClient, frame: str, code: int) -> None:
    async with opened(client) as socket:
        await socket.send(frame)
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == code


async def test_a_second_connect_closes(client: httpx.AsyncClient) -> None:
    async with opened(client) as socket:
        await join(client, socket)
        await socket.send(json.dumps({"id": 3, "connect": {"token": await token(client)}}))
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 3501


async def test_a_binary_frame_ends_the_connection(client: httpx.AsyncClient) -> None:
    async with opened(client) as socket:
        await socket.send(b"\x00")
        with pytest.raises(ConnectionClosed):
            await socket.recv()


async def test_an_expired_token(client: httpx.AsyncClient, time: Time) -> None:
    given = await token(client)
    time[0] += timedelta(hours=1)
    async with opened(client) as socket:
        assert (await ask(socket, {"id": 1, "connect": {"token": given}}))["error"]["code"] == 109


async def test_reset_forgets_tokens_and_announcements(client: httpx.AsyncClient) -> None:
    given = await token(client)
    async with opened(client) as socket:
        await join(client, socket)
        await client.post("/workflows/4118/run", json={"channel_name_suffix": SUFFIX})
        await client.post("/__emulator__/reset")
        with pytest.raises(TimeoutError):
            await _within(socket, 0.4)
    async with opened(client) as socket:
        await socket.send(json.dumps({"id": 1, "connect": {"token": given}}))
        with pytest.raises(ConnectionClosed):
            await socket.recv()


@pytest.mark.parametrize("path", ["/", "/connection", "/workflows", "/promptlayer/connection/websocket"])
async def test_other_paths_take_no_websocket(client: httpx.AsyncClient, path: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        async with opened(client, path):
            pass


async def test_the_server_pings(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulators.promptlayer.realtime.PING_SECONDS", 0.05)
    async with opened(client) as socket:
        assert [await _within(socket, 5), await _within(socket, 5)] == ["{}", "{}"]
        await socket.send("{}")
        await join(client, socket)


async def test_a_client_that_leaves_does_not_disturb_a_run(client: httpx.AsyncClient) -> None:
    async with opened(client) as staying:
        await join(client, staying)
        async with opened(client) as leaving:
            await join(client, leaving)
            await client.post("/workflows/4118/run", json={"channel_name_suffix": SUFFIX})
        assert "push" in json.loads(await _within(staying, 5))
