"""A reload on a real server: nothing is lost, and what cannot be used changes nothing."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Command
from tests.cli.processes import listens
from tests.cli.reloading import ADMIN_KEY, HEADERS, SLOW, Callers, Changing, Gateway, changing_in, gateway_of
from tests.cli.test_workers import until
from tests.house import House

NO_CACHE = {"cache": {"listing": 0, "not_found": 0}}


@pytest.fixture
def changing(tmp_path: Path, house: House) -> Changing:
    found = changing_in(tmp_path, house)
    found.write("main", "guest", guest=NO_CACHE)
    return found


@pytest.fixture
def gateway(changing: Changing) -> Iterator[Gateway]:
    with gateway_of(changing) as running:
        yield running
        assert "Traceback" not in running.running.said


def status(gateway: Gateway, name: str) -> int:
    return gateway.get(f"/v1/connections/{name}/workflows?limit=2").status_code


def test_no_request_is_lost_and_each_is_answered_by_the_configuration_of_its_time(
    changing: Changing, gateway: Gateway
) -> None:
    callers = Callers(gateway.url, ("main", "guest"))
    changes: list[tuple[float, float, bool]] = []
    with callers.asking():
        for turn in range(12):
            there = turn % 2 == 1
            changing.write("main", *(["guest"] if there else []), guest=NO_CACHE)
            said = time.monotonic()
            assert gateway.reload().status_code == 200
            changes.append((said, time.monotonic(), there))
            time.sleep(0.1)
    assert len(callers.asked) > 300
    assert {each.status for each in callers.asked if each.connection == "main"} == {200}
    assert len({each.text for each in callers.asked if each.connection == "main"}) == 1
    before = [(0.0, 0.0, True), *changes]
    for (_, done, there), (begun, _, _) in zip(before, changes, strict=False):
        inside = [each for each in callers.asked if done <= each.began and each.ended <= begun]
        assert {each.status for each in inside if each.connection == "guest"} <= {200 if there else 404}
    assert {each.status for each in callers.asked if each.connection == "guest"} == {200, 404}
    assert gateway.running.stop(signal.SIGTERM) == 0, gateway.running.said
    assert '"level": "error"' not in gateway.running.said


def test_a_rotated_credential_is_used_from_the_reload_on(changing: Changing, gateway: Gateway) -> None:
    assert status(gateway, "guest") == 200
    changing.rotate("no-such-key-at-the-vendor")
    assert status(gateway, "guest") == 200
    gateway.running.process.send_signal(signal.SIGHUP)
    assert gateway.event("configuration taken over")["connections_changed"] == ["guest", "main"]
    answer = gateway.get("/v1/connections/guest/workflows?limit=2")
    assert answer.json()["code"] == "vendor_refused_credential"
    assert "no-such-key" not in gateway.running.said


def test_a_bad_file_changes_nothing_and_says_why(changing: Changing, gateway: Gateway) -> None:
    since = gateway.get("/v1/admin/configuration").json()["since"]
    changing.write("main", "guest", guest={"vendor": "nobody", "limits": {"queue": -1}})
    refused = gateway.reload()
    assert (refused.status_code, refused.json()["code"]) == (422, "configuration_invalid")
    faults = {fault["name"]: fault["detail"] for fault in refused.json()["errors"]}
    assert set(faults) == {"connections.guest.vendor", "connections.guest.limits.queue"}
    assert all(detail.startswith("line ") for detail in faults.values())
    gateway.running.process.send_signal(signal.SIGHUP)
    for _ in range(2):
        assert len(gateway.event("configuration not taken over, the last one stays")["reasons"]) == 2
    shown = gateway.get("/v1/admin/configuration").json()
    assert shown["since"] == since
    assert shown["failure"]["errors"] == refused.json()["errors"]
    assert shown["configuration"]["connections"]["guest"]["vendor"] == "noxus"
    assert status(gateway, "guest") == 200
    changing.write("main")
    assert gateway.reload().json()["restart_needed"] == []
    assert "failure" not in gateway.get("/v1/admin/configuration").json()


def test_what_waits_for_a_restart_is_named(changing: Changing, gateway: Gateway) -> None:
    changing.server = {"workers": 2, "host": "localhost", "listing_patience_seconds": 7}
    changing.write("main", main={"passthrough": {"enabled": True, "port": 1}})
    told = gateway.reload().json()
    needed = ["server.host", "server.workers", "connections.main.passthrough.port"]
    assert told["restart_needed"] == needed
    shown = gateway.get("/v1/admin/configuration").json()
    assert shown["restart_needed"] == needed
    assert shown["configuration"]["server"]["workers"] == 1
    assert shown["configuration"]["server"]["listing_patience_seconds"] == 7


def test_the_command_has_it_reloaded(changing: Changing, gateway: Gateway, run: Command) -> None:
    options = ("reload", "--url", gateway.url, "--key", ADMIN_KEY)
    changing.server = {"workers": 3}
    changing.write("main")
    result = run(*options)
    assert (result.exit_code, result.stdout) == (0, "taken over\n  waits for a restart: server.workers\n")
    changing.path.write_text("connections: {}\n", encoding="utf-8")
    result = run(*options)
    assert result.exit_code == 1
    assert "connections" in result.stderr
    assert run("reload").exit_code == 2


def test_figures_never_go_down(changing: Changing, gateway: Gateway) -> None:
    def counted() -> float:
        text = gateway.get("/metrics").text
        lines = [line for line in text.splitlines() if line.startswith("workflow_gateway_requests_total{")]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    for _ in range(5):
        assert status(gateway, "main") == 200
    before = counted()
    assert before >= 5
    changing.write("main", "guest", "third", guest=NO_CACHE)
    assert gateway.reload().status_code == 200
    assert counted() >= before + 1
    assert status(gateway, "third") == 200
    assert 'connection="third"' in gateway.get("/metrics").text


def test_what_did_not_change_stays_in_the_cache(changing: Changing, gateway: Gateway, house: House) -> None:
    path = "/v1/connections/main/workflows?limit=2"
    gateway.get(path)
    changing.write("main")
    assert gateway.reload().status_code == 200
    assert "; hit" in gateway.get(path).headers["cache-status"]
    changing.write("main", main={"cache": {"listing": 31}})
    assert gateway.reload().status_code == 200
    assert "; hit" not in gateway.get(path).headers["cache-status"]


def test_several_workers_lose_no_request_either(changing: Changing) -> None:
    with gateway_of(changing, "--workers", "2") as gateway:
        callers = Callers(gateway.url, ("main",), many=6)
        with callers.asking():
            for turn in range(4):
                changing.write("main", *(["guest"] if turn % 2 else []), guest=NO_CACHE)
                if turn % 2:
                    gateway.running.process.send_signal(signal.SIGHUP)
                else:
                    answer = gateway.reload()
                    assert (answer.status_code, answer.json()["waiting"]) == (202, True)
                taken = gateway.event("configuration taken over")
                assert taken["connections"] == (["guest", "main"] if turn % 2 else ["main"])
        assert len(callers.asked) > 50
        assert {each.status for each in callers.asked} == {200}
        assert len({each.text for each in callers.asked}) == 1
        assert status(gateway, "guest") == 200
        assert gateway.running.stop(signal.SIGTERM) == 0, gateway.running.said
    assert "Traceback" not in gateway.running.said
    assert '"level": "error"' not in gateway.running.said
    assert not listens(gateway.port)


def test_several_workers_stay_as_they_are_when_the_file_is_bad(changing: Changing) -> None:
    with gateway_of(changing, "--workers", "2") as gateway:
        changing.path.write_text("connections: {}\n", encoding="utf-8")
        assert gateway.reload().status_code == 422
        gateway.running.process.send_signal(signal.SIGHUP)
        assert gateway.event("configuration not taken over, the last one stays")["reasons"]

        def told() -> bool:
            return "failure" in gateway.get("/v1/admin/configuration").json()

        assert until(lambda: told() and told())
        assert status(gateway, "guest") == 200
        assert gateway.running.stop(signal.SIGTERM) == 0, gateway.running.said
    assert gateway.running.said.count("worker started") == 2


def test_workers_that_cannot_start_leave_those_there_are(changing: Changing) -> None:
    with gateway_of(changing, "--workers", "2") as gateway:
        title, said = "main", ""
        for number in range(10):
            # The first worker that is forked from now on dies; on a busy machine it may have answered before.
            changing.write("main", main={"title": f"changed {number}"})
            gateway.running.process.send_signal(signal.SIGHUP)
            started = json.loads(gateway.running.wait_for("worker started"))
            os.kill(started["process"], signal.SIGKILL)
            said = gateway.running.wait_for("could not start", "configuration taken over")
            if "could not start" in said:
                break
            title = f"changed {number}"
        assert "new configuration" in said
        assert gateway.get("/v1/connections/main").json()["title"] == title
        assert gateway.running.stop(signal.SIGTERM) == 0, gateway.running.said


def test_the_counts_of_workers_that_leave_are_kept(changing: Changing) -> None:
    with gateway_of(changing, "--workers", "2") as gateway:
        with httpx.Client(base_url=gateway.url, headers=HEADERS, trust_env=False, timeout=SLOW) as client:
            for _ in range(7):
                assert client.get("/v1/vendors").status_code == 200
        changing.write("main", "third")
        gateway.running.process.send_signal(signal.SIGHUP)
        gateway.event("configuration taken over")

        def counted() -> bool:
            text = gateway.get("/metrics").text
            return 'workflow_gateway_requests_total{route="list_vendors",status="2xx"} 7.0' in text

        assert until(counted)
        assert gateway.running.stop(signal.SIGTERM) == 0, gateway.running.said
