"""`doctor`: what it finds in a house in order, and in every kind of disorder."""

import asyncio
import contextlib
import json
import os
import resource
import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from adapters.addresses import AddressRefused
from adapters.dialling import Names
from gateway.doctor import examination, machine
from gateway.doctor.examination import examine
from gateway.doctor.findings import Finding, Level, fail, without
from gateway.names import NameCollision
from tests.cache.certificates import certificate_for
from tests.cache.redis_server import RedisServer
from tests.cli.conftest import Command
from tests.cli.processes import free_port
from tests.house import House

SECRET = "canary-secret-0c4e7d"
HASH = "sha256:" + "ab" * 32


@pytest.fixture
def orderly(config_file: Path) -> Path:
    """A configuration in which everything is well."""
    change(config_file, server={"port": 0})
    for key in config_file.parent.glob("*.key"):
        key.chmod(0o600)
    return config_file


def change(path: Path, **parts: Any) -> None:
    """Change parts of a configuration; None takes one away."""
    content = {**yaml.safe_load(path.read_text("utf-8")), **parts}
    kept = {name: part for name, part in content.items() if part is not None}
    path.write_text(yaml.safe_dump(kept), encoding="utf-8")


def connect(path: Path, name: str = "noxus-test", **keys: Any) -> None:
    """Change keys of a connection."""
    connections = yaml.safe_load(path.read_text("utf-8"))["connections"]
    connections[name] = {**connections[name], **keys}
    change(path, connections=connections)


def only(path: Path, name: str, **keys: Any) -> None:
    """Leave one connection."""
    connections = yaml.safe_load(path.read_text("utf-8"))["connections"]
    change(path, connections={name: {**connections[name], **keys}})


async def bad(path: Path, **options: Any) -> list[Finding]:
    """Return what is not well."""
    return [found for found in await examine(path, **options) if found.level is not Level.OK]


def test_in_order_everything_is_fine(run: Command, orderly: Path) -> None:
    result = run("doctor", "--config", str(orderly))
    assert result.exit_code == 0, result.output
    *lines, blank, summary = result.stdout.splitlines()
    assert {line.split()[0] for line in lines} == {"ok"}
    assert (blank, summary.partition(",")[2]) == ("", " 0 to look at, 0 failed")
    for name in ("aitronos", "noxus", "promptlayer"):
        assert f"{name}-test: 127.0.0.1:" in result.stdout
    assert result.stdout.count("answers and takes the credential") == 3
    assert result.stdout.count("clock  ") == 3


def test_json_says_the_same(run: Command, orderly: Path) -> None:
    connect(orderly, credential="env:NOBODY_SETS_THIS")
    result = run("doctor", "--json", "--offline", WORKFLOW_GATEWAY_CONFIG=str(orderly))
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["ok"] is False
    assert [found for found in told["findings"] if found["level"] == "fail"] == [
        {
            "level": "fail",
            "check": "credentials",
            "about": "noxus-test",
            "message": "env:NOBODY_SETS_THIS: the environment variable is not set",
            "advice": "set it before the gateway starts",
        }
    ]
    assert not [found for found in told["findings"] if found["check"] in ("vendor", "clock", "redis")]


def test_every_fault_of_the_configuration_is_a_line(run: Command, orderly: Path) -> None:
    change(orderly, server={"port": "x"}, nonsense=1)
    result = run("doctor", "--config", str(orderly))
    assert result.exit_code == 1
    lines = [line for line in result.stdout.splitlines() if line.startswith("fail")]
    assert len(lines) == 2
    assert "server.port" in result.stdout
    assert "nonsense: is not a known key" in result.stdout


async def test_a_taken_import_name_is_told(orderly: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def collide() -> None:
        raise NameCollision("the import name 'schemas' is taken")

    monkeypatch.setattr(examination, "check_names", collide)
    [found] = await bad(orderly, offline=True)
    assert (found.level, found.check) == (Level.FAIL, "names")
    assert "'schemas' is taken" in found.message


async def test_a_credential_that_everybody_can_read_is_a_warning(orderly: Path) -> None:
    key = orderly.parent / "noxus.key"
    key.chmod(0o644)
    [found] = await bad(orderly, offline=True)
    assert (found.level, found.check, found.about) == (Level.WARN, "credentials", "noxus-test")
    assert found.advice == "chmod o-rwx noxus.key"
    key.chmod(stat.S_IRUSR | stat.S_IRGRP)
    assert not await bad(orderly, offline=True)


@pytest.mark.parametrize(
    ("days", "level", "message"),
    [
        (-1, Level.WARN, "its keys expired on"),
        (0.5, Level.WARN, "its keys expire within a day"),
        (1.5, Level.WARN, "its keys expire in a day"),
        (13, Level.WARN, "its keys expire in 12 days"),
        (20, None, ""),
        (None, None, ""),
    ],
)
async def test_keys_that_end_soon_are_told(
    days: float | None, level: Level | None, message: str, orderly: Path
) -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    expires = None if days is None else (now + timedelta(days=days) - timedelta(minutes=1)).isoformat()
    caller = {"name": "dashboard", "key_hashes": [HASH], "expires": expires}
    change(orderly, callers=[caller, {"name": "other", "key_hashes": [HASH[:-1] + "c"]}])
    found = await bad(orderly, offline=True, clock=now.timestamp)
    assert [each.level for each in found] == ([level] if level else [])
    assert all(each.message.startswith(message) for each in found)


async def test_keys_that_are_being_replaced_are_told(orderly: Path) -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    retiring = [
        {"hash": HASH[:-1] + digit, "expires": day}
        for digit, day in (("c", "2026-11-20"), ("d", "2026-11-27"))
    ]
    change(orderly, callers=[{"name": "dashboard", "key_hashes": [HASH], "retiring_keys": retiring}])
    every = await examine(orderly, offline=True, clock=now.timestamp)
    told = [(each.level, each.message) for each in every if each.check == "callers"]
    assert told == [
        (Level.OK, "its keys do not expire"),
        (Level.WARN, "1 of its retiring_keys ended, the last on 2026-11-20"),
        (Level.OK, "old keys still work until 2026-11-27"),
    ]


async def test_an_audit_log_that_cannot_be_written_is_a_failure_and_none_is_made(orderly: Path) -> None:
    change(orderly, server={"port": 0, "audit": {"file": "audit.log"}})
    assert not await bad(orderly, offline=True)
    assert not (orderly.parent / "audit.log").exists()
    change(orderly, server={"port": 0, "audit": {"file": "nowhere/audit.log"}})
    [found] = await bad(orderly, offline=True)
    assert (found.level, found.check) == (Level.FAIL, "audit")


async def test_when_nobody_may_call_any_more_that_is_a_failure(orderly: Path) -> None:
    change(orderly, callers=[{"name": "gone", "key_hashes": [HASH], "expires": "2020-01-01"}])
    found = await bad(orderly, offline=True)
    assert [each.level for each in found] == [Level.FAIL, Level.WARN]
    assert "nobody may call" in found[0].message


def test_a_port_is_free_or_taken_and_by_whom(run: Command, orderly: Path, house: House) -> None:
    port = free_port()
    change(orderly, server={"port": port})
    assert f"port {port} on 127.0.0.1 is free" in run("doctor", "--offline", "--config", str(orderly)).stdout
    with socket.create_server(("127.0.0.1", port)):
        result = run("doctor", "--offline", "--config", str(orderly))
        assert result.exit_code == 1
        assert f"port {port} on 127.0.0.1 is taken by" in result.stdout
        assert f"(process {os.getpid()})" in result.stdout
    change(orderly, server={"port": int(house.gateway.rpartition(":")[2])})
    result = run("doctor", "--offline", "--config", str(orderly))
    assert result.exit_code == 0
    assert "a gateway answers on 127.0.0.1" in result.stdout


async def test_the_pass_through_s_ports_are_looked_at_too(orderly: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        connect(orderly, passthrough={"enabled": True, "port": port})
        [found] = await bad(orderly, offline=True)
    assert (found.check, found.about) == ("port", "connections.noxus-test.passthrough.port")


async def test_too_few_open_files_are_a_warning(orderly: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As many as many systems give, and fewer than the callers alone may come to.
    monkeypatch.setattr(machine.resource, "getrlimit", lambda _: (1024, 4096))
    [found] = await bad(orderly, offline=True)
    assert (found.level, found.check) == (Level.WARN, "files")
    change(orderly, server={"port": 0, "connections": 400})
    assert not await bad(orderly, offline=True)
    monkeypatch.setattr(machine.resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, 4096))
    assert not await bad(orderly, offline=True)


async def test_a_refused_credential_is_to_be_renewed(orderly: Path) -> None:
    (orderly.parent / "noxus.key").write_text(SECRET + "\n")
    [found] = await bad(orderly)
    assert (found.level, found.check, found.about) == (Level.FAIL, "vendor", "noxus-test")
    assert "the credential is refused" in found.message
    assert found.advice == "renew the credential in file:noxus.key"


@pytest.mark.parametrize(
    ("fault", "level", "said"),
    [
        ({"fault": "status", "status": 503}, Level.FAIL, "503"),
        ({"fault": "status", "status": 403}, Level.FAIL, "may not read"),
        ({"fault": "status", "status": 429, "retry_after": "60"}, Level.WARN, "quota"),
        ({"fault": "html", "status": 200}, Level.FAIL, "HTML"),
        ({"fault": "reset"}, Level.FAIL, "cannot be reached"),
        ({"fault": "latency", "seconds": 4}, Level.FAIL, "did not answer within 1.5 seconds"),
    ],
)
async def test_a_vendor_in_trouble_is_told(
    fault: dict[str, Any], level: Level, said: str, orderly: Path, spoilt_house: House
) -> None:
    only(orderly, "noxus-test")
    spoilt_house.control("noxus", "PUT", "faults", [fault])
    [found] = await bad(orderly)
    assert (found.level, found.check) == (level, "vendor")
    assert said in found.message
    assert found.advice


async def test_a_dead_port_a_lost_name_and_plain_http_where_tls_was_due(orderly: Path, house: House) -> None:
    only(orderly, "noxus-test", base_url=f"http://127.0.0.1:{free_port()}")
    [dead] = await bad(orderly)
    assert "accepts no connection (Connection refused)" in dead.message
    only(orderly, "noxus-test", base_url=house.emulators["noxus"].replace("http:", "https:"))
    [plain] = await bad(orderly)
    assert "does not speak TLS" in plain.message


async def test_a_name_that_leads_nowhere_is_told(orderly: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("gateway.doctor.vendors.dial", nowhere)
    only(orderly, "noxus-test")
    [found] = await bad(orderly)
    assert "the name 127.0.0.1 leads nowhere" in found.message


async def test_a_name_that_leads_into_a_private_network_is_told(
    orderly: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(names: Names, *_: object) -> None:
        assert not names.private
        raise AddressRefused

    monkeypatch.setattr("gateway.doctor.vendors.dial", refuse)
    only(orderly, "noxus-test")
    [found] = await bad(orderly)
    assert found.advice.startswith("set allow_private_addresses: true")


async def test_a_certificate_that_nobody_vouches_for_is_told(orderly: Path, tmp_path: Path) -> None:
    key, certificate = certificate_for("localhost", tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_shake_hands, args=(listening, context), daemon=True)
        thread.start()
        only(orderly, "noxus-test", base_url=f"https://127.0.0.1:{listening.getsockname()[1]}")
        [found] = await bad(orderly)
        thread.join(10)
    assert "is not to be trusted" in found.message


def _shake_hands(listening: socket.socket, context: ssl.SSLContext) -> None:
    line, _ = listening.accept()
    with contextlib.suppress(OSError), context.wrap_socket(line, server_side=True):
        pass


async def test_a_vendor_that_says_nothing_is_given_up(orderly: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        only(orderly, "noxus-test", base_url=url)
        [found] = await bad(orderly, most_seconds=0.3)
    assert found.message == "nothing came back within 0.3 seconds"


@pytest.mark.parametrize(("ahead", "side"), [(31.5, "ahead of"), (-90, "behind")])
async def test_a_clock_that_is_off_is_a_warning(ahead: float, side: str, orderly: Path) -> None:
    only(orderly, "noxus-test")
    [found] = await bad(orderly, clock=lambda: datetime.now(UTC).timestamp() + ahead)
    assert (found.level, found.check) == (Level.WARN, "clock")
    assert f"s {side} the vendor's" in found.message


def with_redis(path: Path, url: str, **keys: Any) -> None:
    only(path, "noxus-test")
    change(path, cache={"shared": {"url": url, "patience_seconds": 1, **keys}})


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path, ("--maxmemory", "50mb", "--maxmemory-policy", "volatile-ttl")) as server:
        yield server


async def test_a_redis_in_order_is_fine(orderly: Path, redis: RedisServer) -> None:
    with_redis(orderly, redis.url)
    found = {each.message.split(",")[0] for each in await examine(orderly) if each.check == "redis"}
    assert "it answers" in found
    assert "when full it forgets what expires (volatile-ttl)" in found
    assert not await bad(orderly)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (("maxmemory", "0"), "may take all of its machine's memory"),
        (("maxmemory-policy", "allkeys-lru"), "it forgets anything (allkeys-lru), idempotency keys too"),
    ],
)
async def test_what_redis_does_when_it_is_full_is_looked_at(
    setting: tuple[str, str], said: str, orderly: Path, redis: RedisServer
) -> None:
    with_redis(orderly, redis.url)
    redis.run("CONFIG", "SET", *setting)
    [found] = await bad(orderly)
    assert (found.level, found.check) == (Level.WARN, "redis")
    assert said in found.message


class SomeRedis:
    """A client whose server takes its time, or is old."""

    def __init__(self, seconds: float, version: str) -> None:
        self._seconds = seconds
        self._version = version

    async def ping(self) -> None:
        await asyncio.sleep(self._seconds)

    async def info(self) -> dict[str, Any]:
        return {"redis_version": self._version, "maxmemory": 1, "maxmemory_policy": "noeviction"}

    async def aclose(self) -> None:
        pass


@pytest.mark.parametrize(
    ("seconds", "version", "said"),
    [
        (0.01, "7.2.0", ["it answers, in"]),
        (0.0, "5.0.9", ["it is version 5.0.9"]),
        (0.0, "", ["it is version unknown"]),
        (0.0, "6.2.0", []),
    ],
)
async def test_a_redis_that_is_slow_or_old_is_a_warning(
    seconds: float, version: str, said: list[str], orderly: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_redis(orderly, "redis://127.0.0.1:1/0", patience_seconds=0.005 if seconds else 1)
    monkeypatch.setattr("gateway.cache.redis_store.redis_client", lambda *_: SomeRedis(seconds, version))
    found = await bad(orderly)
    assert [each.level for each in found] == [Level.WARN] * len(said)
    assert all(each.message.startswith(start) for each, start in zip(found, said, strict=True))


async def test_a_redis_that_is_gone_is_a_failure_without_its_password(orderly: Path) -> None:
    port = free_port()
    url = f"redis://:{SECRET}@127.0.0.1:{port}/0"
    (orderly.parent / "redis.url").write_text(url)
    (orderly.parent / "redis.url").chmod(0o600)
    with_redis(orderly, "file:redis.url")
    [found] = await bad(orderly)
    assert (found.level, found.check) == (Level.FAIL, "redis")
    assert found.message == f"127.0.0.1:{port} cannot be used (Connection refused)"
    assert SECRET not in str(found)


async def test_a_redis_whose_user_may_not_look_is_a_warning(orderly: Path, redis: RedisServer) -> None:
    redis.run("ACL", "SETUSER", "gateway", "on", f">{SECRET}", "~*", "&*", "+@all", "-info")
    (orderly.parent / "redis.url").write_text(f"redis://gateway:{SECRET}@127.0.0.1:{redis.port}/0")
    (orderly.parent / "redis.url").chmod(0o600)
    with_redis(orderly, "file:redis.url")
    [found] = await bad(orderly)
    assert (found.level, found.message) == (Level.WARN, "it may not be asked what it is set up to do")


@given(secret=st.text("abc", min_size=6), before=st.text("xyz*"), after=st.text("xyz*"))
def test_no_finding_holds_a_secret(secret: str, before: str, after: str) -> None:
    [found] = without([fail("x", "", before + secret + after, before + secret)], [secret, "x"])
    assert found.message == f"{before}********{after}"
    assert found.advice == f"{before}********"
