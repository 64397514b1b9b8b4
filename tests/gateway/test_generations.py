"""What goes on over a reload and what does not: requests, sockets, keys, figures and health, seen from outside."""

import asyncio
import contextlib
import copy
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import structlog
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from adapters.contract import Vendor
from gateway.callers import hash_key
from gateway.environment import Secret
from gateway.errors import ConfigurationInvalid, ReloadImpossible
from gateway.generations import Generations
from gateway.plan import Plan
from gateway.settings import CallerSettings, ConfigInvalid, Issue, Settings
from tests.adapters.loopback import made_up_vendor
from tests.cache.reading import Clock
from tests.gateway.fake_server import FakeServer
from tests.gateway.fake_vendor import fake_vendor
from tests.gateway.lines import SOON, Line, Served, served, until
from tests.house import HOST, KEY

ONE = "/v1/connections/acc/workflows/w1"
FLOWS = "/v1/connections/acc/workflows"
CREATE = b'{"native": {"name": "new", "steps": []}}'


@dataclass
class File:
    """A configuration that changes.

    Attributes:
        url: where the vendor is.
        connections: what differs from the plainest.
        server: likewise.
        more: other parts of the file.
        secret: of every connection.
        fault: what reading it fails with.
    """

    url: str
    connections: dict[str, dict[str, Any]] = field(default_factory=lambda: {"acc": {}})
    server: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    secret: str = "a-secret-of-some-length"
    fault: ConfigInvalid | None = None
    vendors: dict[str, Vendor] = field(
        default_factory=lambda: {"fake": fake_vendor(), "acme": made_up_vendor()}
    )

    def read(self) -> Plan:
        if self.fault is not None:
            raise self.fault
        own = {"vendor": "fake", "base_url": self.url, "credential": "env:UNUSED"}
        rights = ("read", "write", "run", "passthrough", "admin")
        settings = Settings.model_validate(
            {
                "source": __file__,
                "server": {"log_level": "warning", "keep_alive_seconds": 60.0, **self.server},
                "callers": (CallerSettings(name="all", key_hashes=(hash_key(KEY),), rights=rights),),
                "connections": {name: {**own, **each} for name, each in self.connections.items()},
                **self.more,
            },
            strict=False,
        )
        return Plan(settings, self.vendors, {name: Secret(self.secret) for name in self.connections})


class Living:
    """A gateway that reloads, on a socket."""

    def __init__(self, file: File, generations: Generations, serving: Served) -> None:
        self.file = file
        self.generations = generations
        self.serving = serving

    async def ask(self, path: str, method: str = "GET", more: str = "", body: bytes = b"") -> Line:
        line = await self.serving.line()
        head = f"{method} {path} HTTP/1.1\r\nhost: {HOST}\r\nx-api-key: {KEY}\r\n{more}"
        if body:
            head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        return await line.send(head.encode() + b"\r\n" + body)

    async def status(self, path: str) -> int:
        return (await (await self.ask(path)).answer())[0]


@pytest.fixture(autouse=True)
def _logs_as_before() -> Any:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@contextlib.asynccontextmanager
async def living(file: File) -> AsyncIterator[Living]:
    generations = Generations(file.read(), file.read, clock=Clock(1_800_000_000.0))
    async with served(generations, generations.clients) as serving:
        yield Living(file, generations, serving)


@pytest.fixture
async def gateway(fake: FakeServer) -> AsyncIterator[Living]:
    async with living(File(fake.url)) as running:
        yield running


async def test_a_request_under_way_ends_with_the_connection_it_began_with(
    gateway: Living, fake: FakeServer
) -> None:
    fake.gate = asyncio.Event()
    line = await gateway.ask(FLOWS, "POST", body=CREATE)
    await until(lambda: fake.calls)
    gateway.file.connections = {"other": {}}
    await gateway.generations.reload()
    assert await gateway.status(FLOWS) == 404
    fake.gate.set()
    assert (await line.answer())[0] == 201
    await until(lambda: len(gateway.generations._living) == 1)


async def test_a_key_is_remembered_over_a_reload(gateway: Living, fake: FakeServer) -> None:
    key = "Idempotency-Key: one-1\r\n"
    assert (await (await gateway.ask(FLOWS, "POST", key, CREATE)).answer())[0] == 201
    gateway.file.connections = {"acc": {"title": "changed", "limits": {"queue": 1}}}
    gateway.file.more = {"cache": {"max_bytes": 1 << 20}}
    await gateway.generations.reload()
    status, head, _ = await (await gateway.ask(FLOWS, "POST", key, CREATE)).answer()
    assert status == 201
    assert b"idempotency-replayed: true" in head
    assert len(fake.bodies) == 1


async def test_a_key_whose_request_is_under_way_is_not_carried_out_again(
    gateway: Living, fake: FakeServer
) -> None:
    fake.gate = asyncio.Event()
    key = "Idempotency-Key: one-1\r\n"
    line = await gateway.ask(FLOWS, "POST", key, CREATE)
    await until(lambda: fake.calls)
    gateway.file.secret = "another-secret-of-some-length"
    await gateway.generations.reload()
    assert (await (await gateway.ask(FLOWS, "POST", key, CREATE)).answer())[0] == 409
    fake.gate.set()
    assert (await line.answer())[0] == 201
    assert len(fake.bodies) == 1


CHANGES: dict[str, Callable[[File], None]] = {
    "the credential": lambda file: setattr(file, "secret", "another-secret-of-some-length"),
    "where the vendor is": lambda file: file.connections["acc"].update(
        base_url=file.url.replace(HOST, "localhost")
    ),
    "how long answers are fresh": lambda file: file.connections["acc"].update(cache={"workflow": 1.0}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
async def test_what_was_kept_for_another_connection_is_not_given_out(
    gateway: Living, fake: FakeServer, change: Callable[[File], None]
) -> None:
    for _ in range(2):
        assert await gateway.status(ONE) == 200
    calls = len(fake.calls)
    await gateway.generations.reload()
    assert await gateway.status(ONE) == 200
    assert len(fake.calls) == calls
    change(gateway.file)
    await gateway.generations.reload()
    await gateway.status(ONE)
    assert len(fake.calls) == calls + 1


async def test_health_is_known_of_connections_that_stay_as_they_are(gateway: Living) -> None:
    assert await gateway.status(ONE) == 200
    gateway.file.connections["new"] = {}
    await gateway.generations.reload()
    _, _, body = await (await gateway.ask("/v1/connections")).answer()
    assert body.count(b'"healthy"') == 1
    assert body.count(b'"unknown"') == 1
    gateway.file.connections["acc"]["title"] = "changed"
    await gateway.generations.reload()
    _, _, body = await (await gateway.ask("/v1/connections")).answer()
    assert b'"healthy"' not in body


async def test_a_websocket_goes_on_and_is_told_to_come_back_when_its_time_is_over(fake: FakeServer) -> None:
    async def echo(connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in connection:
                await connection.send(message)

    async with serve(echo, HOST, 0) as vendor:
        url = f"http://{HOST}:{next(iter(vendor.sockets)).getsockname()[1]}"
        talking = {"vendor": "acme", "base_url": url, "passthrough": {"enabled": True}}
        file = File(fake.url, {"acc": {}, "talk": talking}, {"retire_seconds": 1.0})
        async with living(file) as gateway:
            address = f"ws://{HOST}:{gateway.serving.port}/passthrough/talk/x"
            async with connect(address, additional_headers={"x-api-key": KEY}) as socket:
                del file.connections["talk"]
                await gateway.generations.reload()
                assert await gateway.status("/v1/connections/talk") == 404
                await socket.send("still there")
                assert await socket.recv() == "still there"
                with pytest.raises(ConnectionClosed) as closed:
                    await asyncio.wait_for(socket.recv(), SOON)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012
            await until(lambda: len(gateway.generations._living) == 1)


async def test_a_vendor_described_anew_in_the_same_words_is_the_same(gateway: Living) -> None:
    vendor = gateway.file.vendors["fake"]
    for words, health in (("one", b"unknown"), ("one", b"healthy"), ("two", b"unknown")):
        gateway.file.vendors = {"fake": replace(vendor, made_from=words, api=copy.copy(vendor.api))}
        await gateway.generations.reload()
        assert health in (await (await gateway.ask("/v1/connections/acc")).answer())[2]
        assert await gateway.status(ONE) == 200


async def test_reloads_at_once_are_carried_out_one_after_the_other(gateway: Living) -> None:
    gateway.file.connections["new"] = {}
    await asyncio.gather(*(gateway.generations.reload() for _ in range(5)))
    assert await gateway.status("/v1/connections/new") == 200
    await until(lambda: len(gateway.generations._living) == 1)


async def test_a_fault_changes_nothing_until_it_is_mended(gateway: Living) -> None:
    gateway.file.fault = ConfigInvalid([Issue("file.yaml", 3, "connections", "is required")])
    with pytest.raises(ConfigurationInvalid) as refused:
        await gateway.generations.reload()
    assert [(each.name, each.detail) for each in refused.value.faults] == [
        ("connections", "line 3: is required")
    ]
    assert gateway.generations.in_force().failure is not None
    assert await gateway.status(ONE) == 200
    gateway.file.fault = None
    assert (await gateway.generations.reload()).failure is None


async def test_taking_the_callers_away_does_not_let_everybody_in(fake: FakeServer) -> None:
    file = File(fake.url, server={"host": "0.0.0.0"})
    async with living(file) as gateway:
        file.server, file.more = {"host": "127.0.0.1"}, {"callers": ()}
        with pytest.raises(ConfigurationInvalid, match="at least one caller"):
            await gateway.generations.reload()
        file.more = {}
        assert (await gateway.generations.reload()).restart_needed == ("server.host",)


async def test_what_remembers_keys_is_not_changed_without_a_restart(
    gateway: Living, fake: FakeServer
) -> None:
    gateway.file.more = {"cache": {"shared": {"url": "redis://127.0.0.1:1"}}}
    gateway.file.server = {**gateway.file.server, "idempotency_bytes": "1 MiB"}
    needed = ("server.idempotency_bytes", "cache.shared")
    assert (await gateway.generations.reload()).restart_needed == needed
    assert await gateway.status(ONE) == 200


async def test_while_it_stops_nothing_is_taken_over(gateway: Living) -> None:
    gateway.generations.stop()
    with pytest.raises(ReloadImpossible):
        await gateway.generations.reload()
    assert await gateway.status("/readyz") == 503
    assert await gateway.status("/healthz") == 200


async def test_only_an_administrator_reloads_and_no_page_elsewhere_does(gateway: Living) -> None:
    reading = CallerSettings(name="reader", key_hashes=(hash_key("r" * 20),))
    everything = gateway.file.read().settings.callers
    gateway.file.more = {"callers": (*everything, reading)}
    await gateway.generations.reload()
    for path, method in (("/v1/admin/reload", "POST"), ("/v1/admin/configuration", "GET")):
        line = await gateway.serving.line()
        await line.send(f"{method} {path} HTTP/1.1\r\nhost: {HOST}\r\nx-api-key: {'r' * 20}\r\n\r\n".encode())
        assert (await line.answer())[0] == 403
    assert (await (await gateway.ask("/v1/admin/reload", "POST")).answer())[0] == 200
    _, _, body = await (await gateway.ask("/v1/admin/configuration")).answer()
    assert gateway.file.secret.encode() not in body
    assert hash_key(KEY).encode() not in body


async def test_whoever_reads_nothing_costs_little_and_is_cut_off_without_an_error(
    fake: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    fake.documents["w1"]["description"] = "x" * 200_000
    async with living(File(fake.url, server={"write_seconds": 0.3})) as gateway:
        assert await gateway.status(ONE) == 200
        line = await gateway.serving.line()
        line.writer.transport.pause_reading()  # type: ignore[attr-defined]
        ask = f"GET {ONE} HTTP/1.1\r\nhost: {HOST}\r\nx-api-key: {KEY}\r\n\r\n".encode()
        line.writer.write(ask * 100)
        waiting = set()

        def cut_off() -> bool:
            waiting.update(each.transport.get_write_buffer_size() for each in gateway.serving.clients._open)  # type: ignore[attr-defined]
            return max(waiting, default=0) > 0 and gateway.serving.clients.count == 1

        await until(cut_off)
        # Out of a hundred answers of 200 KB two at most wait here; the rest is not made.
        assert max(waiting) < 1_000_000
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
