"""Every write and every denied attempt leaves a line: who, what, when, with which outcome; never a secret."""

import asyncio
import json
import os
import re
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from adapters.registry import load_all
from gateway.app import create_app
from gateway.audit.building import try_audit_file
from gateway.audit.denials import MOST_KINDS, SECONDS, Denials
from gateway.audit.log import AuditFile, AuditLog
from gateway.audit.records import record
from gateway.callers import hash_key
from gateway.settings import (
    AuditSettings,
    CallerSettings,
    ConfigInvalid,
    PassthroughSettings,
    ServerSettings,
    Settings,
)
from gateway.settings.values import Right
from tests.cache.reading import Clock
from tests.gateway.in_process import InProcess, started
from tests.gateway.test_ways import LASTING
from tests.house import KEY, House, settings_for
from tests.listening import heard

EXPIRED = "key-that-has-expired-long-ago"
READER = "key-for-reading-alone"
WORKFLOWS = "/v1/connections/noxus-test/workflows"
NEW = {"native": {"type": "flow", "name": "Told", "definition": {"nodes": [], "edges": []}}}


def settings_with(house: House, folder: Path, **audit: Any) -> tuple[Settings, Any]:
    settings, secrets = settings_for(house.emulators, LASTING, hasty=False)
    callers = (
        CallerSettings(name="writer", key_hashes=(hash_key(KEY),), rights=tuple(Right)),
        CallerSettings(name="reader", key_hashes=(hash_key(READER),)),
        CallerSettings.model_validate(
            {"name": "gone", "key_hashes": [hash_key(EXPIRED)], "expires": "2020-01-01"}
        ),
    )
    connections = {
        name: each.model_copy(update={"passthrough": PassthroughSettings(enabled=True)})
        for name, each in settings.connections.items()
    }
    server = ServerSettings(log_level="error", audit=AuditSettings(file="audit.log", **audit))
    changes = {
        "source": folder / "test.yaml",
        "callers": callers,
        "connections": connections,
        "server": server,
    }
    return settings.model_copy(update=changes), secrets


@pytest.fixture
async def gateway(house: House, tmp_path: Path) -> AsyncIterator[InProcess]:
    house.touched.add("noxus")  # put back in order after the writes, before the next test
    settings, secrets = settings_with(house, tmp_path)
    clock = Clock(1_800_000_000.0)
    async with started(create_app(settings, load_all(), secrets, clock), clock) as running:
        yield running


@pytest.fixture
def told(tmp_path: Path) -> Callable[[], list[dict[str, Any]]]:
    """Return the lines that are there by now."""
    return lambda: [json.loads(line) for line in (tmp_path / "audit.log").read_bytes().splitlines()]


Told = Callable[[], list[dict[str, Any]]]


async def test_a_write_says_who_what_and_what_came_of_it(gateway: InProcess, told: Told) -> None:
    reply = await gateway.ask(WORKFLOWS, method="POST", body=NEW)
    assert reply.status == 201, reply.body
    (line,) = told()
    assert re.fullmatch("[0-9a-f]{32}", line.pop("trace_id"))
    assert line == {
        "time": "2027-01-15T08:00:00.000Z",
        "outcome": "done",
        "caller": "writer",
        "key": hash_key(KEY).removeprefix("sha256:")[:8],
        "address": "127.0.0.1",
        "method": "POST",
        "path": WORKFLOWS,
        "route": "create_workflow",
        "connection": "noxus-test",
        "status": 201,
        "request_id": "fixed",
        "made": reply.header("location"),
    }


async def test_reads_leave_no_line(gateway: InProcess, told: Told) -> None:
    for target in (
        WORKFLOWS,
        "/v1/vendors",
        "/v1/nothing",
        "/passthrough/noxus-test/v1/workflows",
        "/healthz",
    ):
        await gateway.ask(target)
        await gateway.ask(target, method="HEAD")
    assert told() == []


@pytest.mark.parametrize(
    ("asked", "outcome", "problem"),
    [
        (("POST", WORKFLOWS, b'{"name": '), "nothing", "invalid_json"),
        (("POST", WORKFLOWS + "?odd=1", NEW), "refused", "invalid_request"),
        (("POST", WORKFLOWS + "?dry_run=true", NEW), "dry_run", None),
        (("DELETE", WORKFLOWS + "/none-of-this-name", None), "nothing", "vendor_rejected"),
        (("POST", "/v1/nothing", NEW), "refused", "no_such_route"),
        (("PUT", "/healthz", NEW), None, None),
        (("DELETE", "/v1/admin/cache?all=true", None), "done", None),
        (("POST", "/passthrough/noxus-test/no/such/path", b"{}"), "refused", None),
        (("PROPFIND", "/passthrough/noxus-test/v1/workflows", None), "refused", "method_not_allowed"),
    ],
)
async def test_what_came_of_it_is_told_in_a_word(
    gateway: InProcess, told: Told, asked: tuple[str, str, Any], outcome: str | None, problem: str | None
) -> None:
    method, target, body = asked
    await gateway.ask(target, method=method, body=body)
    found = [(line["outcome"], line.get("problem"), line["method"]) for line in told()]
    assert found == ([] if outcome is None else [(outcome, problem, method)])
    assert all("?" not in line["path"] for line in told())


async def test_an_answer_given_again_is_no_second_write(gateway: InProcess, told: Told) -> None:
    for _ in range(2):
        await gateway.ask(WORKFLOWS, ("idempotency-key", "k1"), method="POST", body=NEW)
    assert [line["outcome"] for line in told()] == ["done", "replayed"]


async def test_of_a_write_that_the_vendor_does_not_answer_nobody_knows(
    house: House, gateway: InProcess, told: Told
) -> None:
    house.control("noxus", "PUT", "faults", [{"fault": "reset", "method": "POST"}])
    await gateway.ask(WORKFLOWS, method="POST", body=NEW)
    await gateway.ask("/passthrough/noxus-test/v1/workflows", method="POST", body=NEW)
    assert [line["outcome"] for line in told()] == ["unknown", "unknown"]


async def test_a_caller_who_leaves_leaves_a_line_nevertheless(
    house: House, gateway: InProcess, told: Told
) -> None:
    house.control("noxus", "PUT", "faults", [{"fault": "latency", "seconds": 5}])
    leaving = asyncio.create_task(gateway.ask(WORKFLOWS, method="POST", body=NEW))
    async with asyncio.timeout(5):
        while not json.loads((await gateway.ask("/v1/connections/noxus-test")).body)["under_way"]:  # noqa: ASYNC110 - the figure has no event
            await asyncio.sleep(0.01)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    (line,) = told()
    assert (line["outcome"], line["caller"], "status" in line) == ("unknown", "writer", False)


async def test_who_is_denied_is_told_of_with_the_key_s_holder_where_it_has_expired(
    gateway: InProcess, told: Told
) -> None:
    await gateway.ask(WORKFLOWS, key="nobody's-key-at-all")
    await gateway.ask(WORKFLOWS, key=EXPIRED)
    await gateway.ask(WORKFLOWS, method="POST", body=NEW, key=READER)
    strange, expired, reader = told()
    assert "caller" not in strange
    assert (expired["caller"], expired["expired"], expired["status"]) == ("gone", True, 401)
    assert expired["key"] == hash_key(EXPIRED).removeprefix("sha256:")[:8]
    assert (reader["caller"], reader["outcome"], reader["problem"]) == ("reader", "denied", "not_allowed")
    assert {line["outcome"] for line in (strange, expired)} == {"denied"}


async def test_a_flood_of_denials_is_a_line_a_minute(gateway: InProcess, told: Told) -> None:
    for number in range(500):
        await gateway.ask(f"/v1/{number}", key="nobody's")
        gateway.clock.now += 0.1
    gateway.clock.now += SECONDS
    await gateway.ask("/v1/last", key="nobody's")
    first, summed, last = told()
    assert (first["path"], "times" in first) == ("/v1/0", False)
    assert (summed["times"], summed["since"], summed["path"]) == (499, first["time"], "/v1/499")
    assert last["path"] == "/v1/last"


async def test_what_is_not_told_yet_is_told_at_the_end(house: House, tmp_path: Path, told: Told) -> None:
    settings, secrets = settings_with(house, tmp_path)
    clock = Clock(1_800_000_000.0)
    async with started(create_app(settings, load_all(), secrets, clock), clock) as running:
        for _ in range(3):
            await running.ask(WORKFLOWS, key="nobody's")
        assert len(told()) == 1
    assert [line.get("times") for line in told()] == [None, 2]


async def test_no_secret_stands_in_a_line(gateway: InProcess, tmp_path: Path) -> None:
    await gateway.ask(f"{WORKFLOWS}/{KEY}", method="DELETE")
    await gateway.ask(f"{WORKFLOWS}/%74est-key-for-everything", method="DELETE")
    await gateway.ask("/v1/wg_nobody-knows-this-key", key="wg_nobody-knows-this-key")
    await gateway.ask(f"{WORKFLOWS}?token={KEY}", method="POST", body={"name": KEY})
    text = (tmp_path / "audit.log").read_text(encoding="utf-8")
    assert len(text.splitlines()) == 4
    for secret in (KEY, "est-key-for-everything", "wg_nobody-knows-this-key"):
        assert secret not in text


async def test_a_path_cannot_forge_a_line(gateway: InProcess, told: Told) -> None:
    await gateway.ask(WORKFLOWS + '/a%0A{"outcome":"done"}', method="DELETE")
    assert len(told()) == 1


def test_nothing_in_a_path_steers_a_terminal() -> None:
    path = "/a\x1b[31m\x9b\x7f\n é" + "x" * 5000
    line = record({"path": path, "headers": []}, "denied", 0.0)
    assert line["path"].startswith("/a%1B[31m%9B%7F%0A%20%E9xx")
    assert len(line["path"]) < 2100


async def test_the_file_is_for_its_owner_alone_and_made_anew_when_it_was_moved(
    gateway: InProcess, tmp_path: Path, told: Told
) -> None:
    path = tmp_path / "audit.log"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await gateway.ask("/v1/admin/cache?all=true", method="DELETE")
    path.rename(tmp_path / "audit.log.1")
    await gateway.ask("/v1/admin/cache?all=true", method="DELETE")
    assert len(told()) == 1
    assert len((tmp_path / "audit.log.1").read_bytes().splitlines()) == 1


def test_lines_of_several_processes_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    children = []
    for number in range(4):
        child = os.fork()
        if not child:
            file = AuditFile(path)
            for _ in range(200):
                file.append(json.dumps({"of": number, "text": "x" * 3000}).encode() + b"\n")
            os._exit(0)
        children.append(child)
    assert all(os.waitpid(child, 0)[1] == 0 for child in children)
    found = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert sorted(line["of"] for line in found) == sorted([*range(4)] * 200)


def test_what_a_full_disk_cut_off_spoils_no_other_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = AuditFile(tmp_path / "audit.log")
    whole = os.write
    monkeypatch.setattr("gateway.audit.log.os.write", lambda number, data: whole(number, data[:5]))
    with pytest.raises(OSError, match="only 5 of 12 bytes"):
        file.append(b'{"first": 1}')
    monkeypatch.undo()
    file.append(b'{"second": 2}\n')
    assert (tmp_path / "audit.log").read_bytes() == b'{"fir\n{"second": 2}\n'


def test_a_new_file_begins_with_a_line_whatever_became_of_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, path = AuditFile(tmp_path / "audit.log"), tmp_path / "audit.log"
    whole = os.write
    monkeypatch.setattr("gateway.audit.log.os.write", lambda number, data: whole(number, data[:5]))
    with pytest.raises(OSError, match="only 5"):
        file.append(b'{"first": 1}')
    monkeypatch.undo()
    path.rename(tmp_path / "audit.log.1")
    file.append(b'{"second": 2}\n')
    assert path.read_bytes() == b'{"second": 2}\n'


async def test_without_the_log_nothing_is_written_where_it_is_required(
    house: House, tmp_path: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, secrets = settings_with(house, tmp_path, required=True)
    clock = Clock(1_800_000_000.0)
    async with started(create_app(settings, load_all(), secrets, clock), clock) as running:
        assert (await running.ask(WORKFLOWS, method="POST", body=NEW)).status == 201
        assert [line["outcome"] for line in told()] == ["begun", "done"]

        def fail(_: AuditFile, __: bytes) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(AuditFile, "append", fail)
        before = house.control("noxus", "GET", "requests")
        for target in (WORKFLOWS, "/passthrough/noxus-test/v1/workflows"):
            refused = await running.ask(target, method="POST", body=NEW)
            assert (refused.status, json.loads(refused.body)["code"]) == (503, "audit_unavailable")
        assert house.control("noxus", "GET", "requests") == before
        assert (await running.ask("/v1/vendors")).status == 200
        metrics = (await running.ask("/metrics")).body
        assert b"workflow_gateway_audit_failed_total 2.0" in metrics
        assert b'workflow_gateway_refused_total{reason="audit_unavailable"} 2.0' in metrics


async def test_where_it_is_not_required_a_write_is_made_without_the_log(
    gateway: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: AuditFile, __: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(AuditFile, "append", fail)
    assert (await gateway.ask(WORKFLOWS, method="POST", body=NEW)).status == 201


def test_a_log_that_cannot_be_opened_stops_the_start(house: House, tmp_path: Path) -> None:
    settings, _ = settings_with(house, tmp_path)
    (tmp_path / "audit.log").mkdir()
    with pytest.raises(ConfigInvalid, match=r"server\.audit\.file: audit\.log cannot be written"):
        try_audit_file(settings)


def test_kinds_of_denials_are_bounded() -> None:
    denials = Denials()
    at_once = sum(
        denials.is_first({"time": "t", "address": f"10.0.{number // 250}.{number % 250}"}, 0.0)
        for number in range(3 * MOST_KINDS)
    )
    assert at_once == MOST_KINDS + 1
    (rest,) = denials.due(SECONDS)
    assert rest["times"] == 2 * MOST_KINDS - 1
    assert not denials.waiting


@pytest.fixture
def _logs() -> Iterator[None]:
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


@pytest.mark.usefixtures("_logs")
def test_without_a_file_lines_go_to_the_log() -> None:
    with heard() as lines:
        log = AuditLog(None, lambda: 1_800_000_000.0)
        log.tell({"type": "http", "path": "/v1/x", "method": "DELETE", "headers": []}, "done", 204)
    (line,) = lines
    assert (line["event"], line["outcome"], line["path"]) == ("audit", "done", "/v1/x")
