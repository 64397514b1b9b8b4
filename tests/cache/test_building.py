"""The store that a configuration asks for, up to a real Redis behind a password and TLS."""

import asyncio
import logging
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from gateway.cache.building import build_store
from gateway.cache.front import FrontStore, Tier
from gateway.cache.memory import MemoryStore, NoStore
from gateway.cache.tiers import TieredStore
from gateway.settings import read_credentials
from gateway.telemetry import logs
from schemas.catalogue import BreakerState
from tests.cache.certificates import certificate_for
from tests.cache.proxy import Proxy
from tests.cache.redis_server import HOST, RedisServer
from tests.cache.stores import PATIENT, entry
from tests.gateway.settings_helpers import MINIMAL, load_text

KEY = "1:c:f:workflow:0"
PASSWORD = "p4ss/w#rd"
IN_A_URL = "p4ss%2Fw%23rd"


@pytest.fixture
def own_logs() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def store_of(folder: Path, cache: str, url: str = "") -> FrontStore:
    settings = load_text(folder, f"cache: {{{cache}}}\n{MINIMAL}")
    return build_store(settings, read_credentials(settings, {"ACME_KEY": "k", "REDIS_URL": url}))


async def shared_by_two(folder: Path, cache: str, url: str) -> None:
    """See that one store finds what another wrote."""
    patient = f"patience_seconds: 1, call_seconds: {PATIENT}, connect_seconds: {PATIENT}, "
    cache = cache.replace("shared: {", f"shared: {{{patient}")
    first, second = store_of(folder, cache, url), store_of(folder, cache, url)
    assert isinstance(first, TieredStore)
    await asyncio.gather(first.start(), second.start())
    assert first.shared_figures.state is BreakerState.CLOSED
    made = entry("x", "connection:c")
    await first.put(KEY, made)
    await first.flush()
    assert await second.get_with_tier(KEY) == (made, Tier.SHARED)
    assert second.is_shared
    await asyncio.gather(first.close(), second.close())


async def test_without_more_it_is_memory_bounded_as_configured(tmp_path: Path) -> None:
    store = store_of(tmp_path, "max_bytes: 64KiB")
    assert isinstance(store, MemoryStore)
    assert store.stats.max_bytes == 65_536
    assert not store.is_shared


@pytest.mark.parametrize("shared", ["", ", shared: {url: 'env:REDIS_URL'}"])
async def test_switched_off_it_keeps_nothing_and_asks_nobody(tmp_path: Path, shared: str) -> None:
    store = store_of(tmp_path, f"enabled: false{shared}", "redis://localhost:1")
    assert isinstance(store, NoStore)
    await store.start()
    await store.put(KEY, entry())
    assert await store.get(KEY) is None
    await store.close()


async def test_every_key_of_the_section_arrives(tmp_path: Path) -> None:
    section = (
        "url: 'rediss://h', prefix: other, call_seconds: 0.02, connect_seconds: 0.5, connections: 3, "
        "longest_seconds: 60, largest_bytes: 2KiB, breaker: {failures: 7, rest_seconds: 9}, patience_seconds: 0.01"
    )
    store = store_of(tmp_path, f"shared: {{{section}}}")
    assert isinstance(store, TieredStore)
    options, limits = store._shared._store._options, store._shared._breaker._limits
    assert (options.prefix, options.call_seconds, options.connect_seconds) == ("other", 0.02, 0.5)
    assert (options.connections, options.longest_seconds, options.largest_bytes) == (3, 60, 2048)
    assert (limits.failures, limits.rest_seconds) == (7, 9)
    patience = store._shared._patience
    assert (patience._slice_seconds * 4, patience._queue_seconds, patience._free) == (0.01, 0.05, 1)
    await store.close()


@pytest.mark.parametrize("form", ["redis", "unix"])
async def test_a_user_with_a_password(tmp_path: Path, own_redis: RedisServer, form: str) -> None:
    own_redis.run(
        "ACL", "SETUSER", "gateway", "on", f">{PASSWORD}", "~wg:*", "resetchannels", "&wg:*", "+@all"
    )
    address = f"{HOST}:{own_redis.port}/0" if form == "redis" else f"{own_redis.socket_path}?db=0"
    await shared_by_two(tmp_path, "shared: {url: 'env:REDIS_URL'}", f"{form}://gateway:{IN_A_URL}@{address}")


async def test_over_tls_whoever_the_certificate_is_from(tmp_path: Path, own_redis: RedisServer) -> None:
    key, certificate = certificate_for("localhost", tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificate))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(certificate, key)
    async with Proxy(own_redis.port, context) as proxy:
        url = f"rediss://localhost:{proxy.port}/0"
        tls = "certificate_file: cert.pem, key_file: key.pem"
        await shared_by_two(tmp_path, f"shared: {{url: '{url}', tls: {{ca_file: cert.pem, {tls}}}}}", "")
        stranger = store_of(tmp_path, f"shared: {{url: '{url}', tls: {{{tls}}}}}")
        assert isinstance(stranger, TieredStore)
        await stranger.start()
        assert stranger.shared_figures.state is BreakerState.OPEN
        assert await stranger.get(KEY) is None
        await stranger.close()


@pytest.mark.usefixtures("own_logs")
@pytest.mark.parametrize("trouble", ["refused login", "nobody there"])
async def test_no_log_line_shows_the_url(
    tmp_path: Path, own_redis: RedisServer, trouble: str, capsys: pytest.CaptureFixture[str]
) -> None:
    own_redis.run("CONFIG", "SET", "requirepass", "another")
    if trouble == "nobody there":
        own_redis.kill()
    url = f"redis://gateway:{IN_A_URL}@{HOST}:{own_redis.port}/0"
    settings = load_text(tmp_path, f"cache: {{shared: {{url: 'env:REDIS_URL'}}}}\n{MINIMAL}")
    secrets = read_credentials(settings, {"ACME_KEY": "k", "REDIS_URL": url})
    logs.configure("debug", "json", [secret.reveal() for secret in secrets.values()])
    store = build_store(settings, secrets)
    await store.start()
    assert await store.get(KEY) is None
    await store.close()
    told = capsys.readouterr()
    assert "shared cache tier is left alone" in told.err
    for secret in (PASSWORD, IN_A_URL, url):
        assert secret not in told.err + told.out
