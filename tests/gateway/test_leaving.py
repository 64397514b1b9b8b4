"""The caller leaves: what is read for nobody is given up at the vendor too, and a write goes on to its end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import structlog

from gateway.app import create_app
from gateway.callers import hash_key
from gateway.environment import Secret
from gateway.settings import CallerSettings, Settings
from tests.cache.reading import Clock
from tests.gateway.fake_vendor import fake_vendor
from tests.gateway.lines import SOON, Line, Served, served, until
from tests.house import HOST, KEY


class Vendor:
    """A vendor that does not answer until it is told to, and sees who leaves."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.left = 0
        self.answering = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.decode().split("\r\n")[0])
        leaving = asyncio.create_task(reader.read())
        answering = asyncio.create_task(self.answering.wait())
        await asyncio.wait({leaving, answering}, return_when=asyncio.FIRST_COMPLETED)
        if answering.done():
            body = b'{"id": "w1", "name": "first flow", "steps": [], "revision": 1}'
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
            writer.write(b"connection: close\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
            with contextlib.suppress(ConnectionError):
                await writer.drain()
        else:
            self.left += 1
        for task in (leaving, answering):
            task.cancel()
        await asyncio.gather(leaving, answering, return_exceptions=True)
        writer.close()


class House:
    """A gateway on a socket, in front of one vendor."""

    def __init__(self, vendor: Vendor, serving: Served) -> None:
        self.vendor = vendor
        self.serving = serving
        self.tasks = asyncio.all_tasks()

    async def ask(self, path: str, method: str = "GET", more: str = "", body: bytes = b"") -> Line:
        line = await self.serving.line()
        head = f"{method} {path} HTTP/1.1\r\nhost: {HOST}\r\nx-api-key: {KEY}\r\n{more}"
        if body:
            head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        return await line.send(head.encode() + b"\r\n" + body)

    async def asked(self, calls: int = 1) -> None:
        await until(lambda: len(self.vendor.asked) == calls)

    def leaked(self) -> set[Any]:
        """Return the gateway's tasks that were not there at the beginning."""
        new = asyncio.all_tasks() - self.tasks - {asyncio.current_task()}
        return {task for task in new if "Vendor.serve" not in repr(task.get_coro())}


@pytest.fixture(autouse=True)
def _everything_is_logged() -> Iterator[None]:
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    vendor = Vendor()
    server = await asyncio.start_server(vendor.serve, HOST, 0)
    vendor.url = f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
    settings = Settings.model_validate(
        {
            "source": __file__,
            "callers": (
                CallerSettings(
                    name="all", key_hashes=(hash_key(KEY),), rights=("read", "write", "run", "passthrough")
                ),
            ),
            "connections": {
                "acc": {
                    "vendor": "fake",
                    "base_url": vendor.url,
                    "credential": "env:UNUSED",
                    "passthrough": {"enabled": True},
                    "limits": {"concurrency": 2, "queue": 0},
                }
            },
        },
        strict=False,
    )
    app = create_app(settings, {"fake": fake_vendor()}, {"acc": Secret("a-secret")}, Clock(1_800_000_000.0))
    async with served(app) as serving:
        yield House(vendor, serving)
    server.close()
    await server.wait_closed()


ONE = "/v1/connections/acc/workflows/w1"
READS = [ONE, f"{ONE}?version=2", "/v1/connections/acc/workflows", "/v1/workflows", f"{ONE}/runs/r1"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", [*READS, "/passthrough/acc/workflows", f"{ONE}/runs/r1/events"])
async def test_the_vendor_is_not_asked_on_for_a_caller_who_left(house: House, path: str, method: str) -> None:
    with structlog.testing.capture_logs() as logs:
        line = await house.ask(path, method)
        await house.asked()
        line.leave()
        await until(lambda: house.vendor.left == 1)
        await until(lambda: not house.leaked())
    [said] = [log for log in logs if log["event"] == "request"]
    assert (said["status"], said["note"]) == (499, "caller left")
    assert not [log for log in logs if log["log_level"] == "error"]
    house.vendor.answering.set()
    again = [await house.ask(ONE) for _ in range(2)]
    assert [(await each.answer())[0] for each in again] == [200, 200]


async def test_one_of_two_who_leaves_does_not_take_the_answer_from_the_other(house: House) -> None:
    first, second = await house.ask(ONE), await house.ask(ONE)
    await house.asked()
    await until(lambda: len(house.serving.server.server_state.tasks) == 2)
    first.leave()
    await until(lambda: len(house.serving.server.server_state.tasks) == 1)
    house.vendor.answering.set()
    assert (await second.answer())[0] == 200
    assert house.vendor.left == 0
    assert len(house.vendor.asked) == 1


async def test_a_write_goes_on_and_its_answer_is_kept_for_whoever_asks_again(house: House) -> None:
    body, key = b'{"native": {"name": "new", "steps": []}}', "Idempotency-Key: one-1\r\n"
    with structlog.testing.capture_logs() as logs:
        line = await house.ask("/v1/connections/acc/workflows", "POST", key, body)
        await house.asked()
        line.leave()
        await until(lambda: house.serving.clients.count == 0)
        house.vendor.answering.set()
        await until(lambda: any(log.get("outcome") == "done" for log in logs))
        await until(lambda: not house.leaked())
    calls = len(house.vendor.asked)
    assert house.vendor.left == 0
    again = await house.ask("/v1/connections/acc/workflows", "POST", key, body)
    status, head, _ = await again.answer()
    assert status == 201
    assert b"idempotency-replayed: true" in head
    assert len(house.vendor.asked) == calls
    assert not [log for log in logs if log["log_level"] == "error"]


async def test_a_write_goes_on_though_a_read_was_sent_after_it(house: House) -> None:
    write = b'{"native": {"name": "new", "steps": []}}'
    head = f"POST /v1/connections/acc/workflows HTTP/1.1\r\nhost: {HOST}\r\nx-api-key: {KEY}\r\n"
    head += f"content-type: application/json\r\ncontent-length: {len(write)}\r\n\r\n"
    read = f"GET {ONE} HTTP/1.1\r\nhost: {HOST}\r\nx-api-key: {KEY}\r\n\r\n"
    with structlog.testing.capture_logs() as logs:
        line = await (await house.serving.line()).send(head.encode() + write + read.encode())
        await house.asked()
        line.leave()
        await until(lambda: house.serving.clients.count == 0)
        house.vendor.answering.set()
        await until(lambda: any(log.get("outcome") == "done" for log in logs))
        await until(lambda: not house.leaked())
    assert house.vendor.left == 0
    assert all("POST" in call for call in house.vendor.asked[:1])
    assert not [log for log in logs if log["log_level"] == "error"]


async def test_a_caller_who_leaves_in_the_middle_of_a_body_is_no_error(house: House) -> None:
    with structlog.testing.capture_logs() as logs:
        line = await house.serving.line()
        head = f"POST {ONE}/runs HTTP/1.1\r\nhost: {HOST}\r\nx-api-key: {KEY}\r\ncontent-length: 9\r\n\r\n{{"
        await line.send(head.encode())
        await until(lambda: len(house.serving.server.server_state.tasks) == 1)
        line.leave()
        await until(lambda: any(log["event"] == "request" for log in logs))
    assert not [log for log in logs if log["log_level"] == "error"]
    assert house.vendor.asked == []


async def test_figures_count_who_left_apart_from_what_went_wrong(house: House) -> None:
    line = await house.ask(ONE)
    await house.asked()
    line.leave()
    await until(lambda: house.vendor.left == 1)
    house.vendor.answering.set()

    async def figures() -> bytes:
        asking = await house.ask("/metrics", more="connection: close\r\n")
        return await asyncio.wait_for(asking.rest(), SOON)

    assert b'workflow_gateway_requests_total{route="get_workflow",status="other"} 1.0' in await figures()
