"""The processes that are measured: started, answering what the rows claim, and gone afterwards."""

import contextlib
import os
import shutil
import socket
from collections.abc import Iterator

import pytest

from bench import documents, driving, processes
from bench.driving import Expected, ask, drive
from bench.gateways import ASKED_EVERY_TIME, HEADERS, KEPT, Vendor, gateway, vendor, warmed, workflow_path
from bench.load import Plan
from bench.processes import NotStarted, free_port, module, serving


@pytest.fixture
def without_wrk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driving.shutil, "which", lambda _: None)


@pytest.fixture(scope="module")
def behind() -> Iterator[Vendor]:
    with vendor({"small": documents.canonical(3_000)}) as running:
        yield running


def test_the_gateway_is_measured_as_the_rows_claim(behind: Vendor, without_wrk: None) -> None:
    connections = {
        "kept": behind.connection(documents.PADDED, "steady/small", KEPT),
        "asked": behind.connection(documents.PADDED, "fresh/small", ASKED_EVERY_TIME),
    }
    with gateway(connections) as front:
        path = workflow_path("kept").format(0)
        warmed(front.port, [path])
        assert len(ask(front.port, path, HEADERS).body) == pytest.approx(3_000, abs=20)
        before = behind.requests()
        plan = Plan(front.port, (path,), headers=dict(HEADERS), connections=4, count=40)
        assert drive(plan, Expected(hit=True)).faults == ()
        assert behind.requests() == before
        asked = Plan(front.port, (workflow_path("asked"),), "cycle", 0, 8, dict(HEADERS), 4, count=40)
        assert drive(asked, Expected(hit=False)).faults == ()
        assert behind.requests() == before + 42
        assert drive(plan, Expected(304, hit=False)).faults[-1] == "40 of 40 answers were hits"
        with pytest.raises(RuntimeError, match="was answered 404"):
            warmed(front.port, [workflow_path("absent").format(0)])
        assert processes.memory_bytes(front.process_id) > 1024 * 1024


@pytest.mark.parametrize("what", ["forward-httpx", "forward-transport"])
def test_the_forwarders_hand_on_the_vendors_bytes(behind: Vendor, what: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{behind.port}/steady/small"
    options = ("--port", str(port), "--to", url, "--vendor", documents.PADDED)
    with serving(module("bench.baselines", what, *options), port, core=None):
        asked = ask(port, "/v1/workflows/w-00000001", HEADERS)
    assert asked.status == 200
    assert asked.body == ask(behind.port, "/steady/small/v1/workflows/w-00000001", {}).body


def test_the_raw_server_answers_constant_bytes_of_the_size_asked_for(without_wrk: None) -> None:
    port = free_port()
    with serving(module("bench.baselines", "raw", "--port", str(port), "--sizes", "7"), port, core=None):
        asked, unchanged = ask(port, "/7", {}), ask(port, "/304", {})
        assert (asked.status, asked.body) == (200, b"x" * 7)
        assert (unchanged.status, unchanged.body) == (304, b"")
        assert drive(Plan(port, ("/7",), connections=2, count=10), Expected()).faults == ()
        assert drive(Plan(port, ("/7",), connections=2, count=10), Expected(304, hit=True)).faults == (
            "before the load it answered 200, not 304",
            "before the load its Cache-Status was nothing",
            "after the load it answered 200, not 304",
            "after the load its Cache-Status was nothing",
            "10 answers were 200",
            "0 of 10 answers were hits",
        )
    with contextlib.closing(socket.socket()) as nobody:
        assert nobody.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_wrk_sees_what_our_generator_sees(behind: Vendor) -> None:
    path = "/steady/small/v1/workflows/w-{:08d}"
    plan = Plan(behind.port, (path,), order="cycle", among=4, connections=2, seconds=1)
    outcome = drive(plan, Expected())
    assert outcome.faults == ()
    assert outcome.requests > 0
    refused = drive(Plan(behind.port, ("/absent",), connections=2, seconds=1), Expected()).faults
    assert any(fault.endswith("answers were refused") for fault in refused)


def test_a_server_that_does_not_start_says_why() -> None:
    with (
        pytest.raises(
            NotStarted, match=r"the gateway did not start: (.|\n)*server.nonsense: is not a known key"
        ),
        gateway({}, server={"nonsense": 1}, core=None),
    ):
        pass


def test_a_command_is_pinned_only_where_there_are_cores_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert processes.pinned(("a", "b"), None) == ("a", "b")
    monkeypatch.setattr(processes, "available_cores", lambda: frozenset({0}))
    assert processes.pinned(("a",), 1) == ("a",)
    monkeypatch.setattr(processes, "available_cores", lambda: frozenset({0, 1}))
    monkeypatch.setattr(processes.shutil, "which", lambda name: f"/bin/{name}")
    assert processes.pinned(("a",), 1) == ("taskset", "-c", "1", "a")


def test_a_tool_that_is_missing_is_named_with_where_to_read_more() -> None:
    assert (
        processes.missing("a-tool-that-nobody-has")
        == "a-tool-that-nobody-has is not installed, see bench/README.md"
    )
    assert processes.missing("python3") is None or os.name != "posix"


@pytest.mark.parametrize("size", [2_000, 20_000])
def test_a_document_is_as_long_as_it_was_ordered(size: int) -> None:
    found = documents.canonical(size)
    marks = len("000000000000") - len("@SERIAL@")
    vendors = documents.load_all()
    body = found.replace("@ID@", "w-00000000").encode()
    assert len(documents.normalised(vendors[documents.PADDED], body)) == size
    assert marks == 4
