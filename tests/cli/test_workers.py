"""`serve --workers`: several real processes on one port."""

import contextlib
import json
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.cli.conftest import Command
from tests.cli.processes import COMMAND, PATIENCE, Running, environment, listens, started

SLOW = 20


class Serving:
    """A gateway with two workers that answers."""

    def __init__(self, running: Running, workers: int) -> None:
        self.running = running
        started = [self.event("worker started") for _ in range(workers)]
        self.processes: dict[int, int] = {line["worker"]: line["process"] for line in started}
        self.listening = self.event("listening")
        self.url: str = self.listening["url"]

    def event(self, name: str) -> dict[str, Any]:
        line: dict[str, Any] = json.loads(self.running.wait_for(f'"event": "{name}"'))
        return line

    def answers(self) -> bool:
        return httpx.get(f"{self.url}/readyz", trust_env=False, timeout=SLOW).status_code == 200

    def figures(self) -> dict[tuple[str, str], float]:
        text = httpx.get(f"{self.url}/metrics", trust_env=False, timeout=SLOW).text
        return {
            (sample.name, sample.labels.get("worker", "")): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.yaml"
    path.write_text(
        "server: {port: 8080, log_format: json, workers: 3}\n"
        "connections:\n  main: {vendor: aitronos, credential: env:AITRONOS_TEST_KEY}\n",
        encoding="utf-8",
    )
    return path


@contextlib.contextmanager
def serving(config: Path, *options: str, workers: int = 2) -> Iterator[Serving]:
    command = (*COMMAND, "serve", "--config", str(config), "--port", "0", *options)
    with started(command, env=environment(AITRONOS_TEST_KEY="k")) as running:
        found = Serving(running, workers)
        try:
            yield found
        finally:
            for process in found.processes.values():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)


def lives(process: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def until(what: Callable[[], bool]) -> bool:
    """Wait for something; returns whether it came."""
    end = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_every_worker_answers_on_the_one_port_and_options_reach_them(config: Path) -> None:
    with serving(config, "--workers", "2") as gateway:
        assert gateway.listening["workers"] == 2
        assert not gateway.url.endswith(":8080")
        for process in gateway.processes.values():
            os.kill(process, signal.SIGSTOP)
            assert gateway.answers()
            os.kill(process, signal.SIGCONT)
        figures = gateway.figures()
        assert figures["workflow_gateway_workers", ""] == 2
        assert [figures["workflow_gateway_worker_up", number] for number in ("1", "2")] == [1, 1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_signal_ends_them_all_with_zero(config: Path, number: signal.Signals) -> None:
    with serving(config, workers=3) as gateway:
        assert gateway.running.stop(number) == 0, gateway.running.said
    assert not any(map(lives, gateway.processes.values()))
    assert not listens(int(gateway.url.rpartition(":")[2]))
    assert json.loads(gateway.running.lines[-1])["event"] == "stopped"
    assert "Traceback" not in gateway.running.said


def test_a_terminals_ctrl_c_that_reaches_everybody_is_one_signal(config: Path) -> None:
    with serving(config, "--workers", "2") as gateway:
        for process in gateway.processes.values():
            os.kill(process, signal.SIGINT)
        assert gateway.answers()
        assert gateway.running.stop(signal.SIGINT) == 0, gateway.running.said
    assert "worker died" not in gateway.running.said
    assert "Traceback" not in gateway.running.said


def test_a_killed_worker_is_replaced_while_the_other_answers(config: Path) -> None:
    with serving(config, "--workers", "2") as gateway:
        os.kill(gateway.processes[1], signal.SIGKILL)
        assert gateway.answers()
        died = gateway.event("worker died")
        assert (died["worker"], died["exit_code"]) == (1, -signal.SIGKILL)
        successor = gateway.event("worker started")
        assert successor["worker"] == 1
        assert until(lambda: gateway.figures()["workflow_gateway_worker_up", "1"] == 1)
        os.kill(gateway.processes[2], signal.SIGSTOP)
        assert gateway.answers()
        os.kill(gateway.processes[2], signal.SIGCONT)
        assert gateway.figures()["workflow_gateway_worker_starts_total", "1"] == 2
        assert gateway.running.stop(signal.SIGTERM) == 0, gateway.running.said
        assert not lives(successor["process"])


def test_workers_that_die_again_and_again_are_replaced_less_and_less_often(config: Path) -> None:
    with serving(config, "--workers", "2") as gateway:
        process, pauses = gateway.processes[2], []
        for _ in range(3):
            os.kill(process, signal.SIGKILL)
            pauses.append(gateway.event("worker died")["replaced_in_seconds"])
            process = gateway.event("worker started")["process"]
        assert pauses == [0.1, 0.2, 0.4]
        assert gateway.running.stop(signal.SIGTERM) == 0


def test_a_second_signal_does_not_wait_for_a_worker_that_hangs(config: Path) -> None:
    with serving(config, "--workers", "2") as gateway:
        os.kill(gateway.processes[1], signal.SIGSTOP)
        gateway.running.process.send_signal(signal.SIGTERM)
        assert until(lambda: not lives(gateway.processes[2]))
        assert gateway.running.process.poll() is None
        assert gateway.running.stop(signal.SIGTERM) == 0, gateway.running.said
    assert not lives(gateway.processes[1])


def test_workers_end_when_their_supervisor_is_killed(config: Path) -> None:
    with serving(config, "--workers", "2") as gateway:
        gateway.running.process.kill()
        assert until(lambda: not listens(int(gateway.url.rpartition(":")[2])))


def test_a_request_under_way_is_answered_and_a_new_one_refused_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    with socket.create_server(("127.0.0.1", 0)) as vendor, ThreadPoolExecutor() as pool:
        path.write_text(
            "server: {log_format: json}\nconnections:\n  main:\n    vendor: aitronos\n"
            f"    base_url: http://127.0.0.1:{vendor.getsockname()[1]}\n"
            "    credential: env:AITRONOS_TEST_KEY\n",
            encoding="utf-8",
        )
        with serving(path, "--workers", "2") as gateway:
            url = f"{gateway.url}/v1/connections/main/workflows"
            asked = pool.submit(httpx.get, url, trust_env=False, timeout=SLOW)
            call, _ = vendor.accept()
            gateway.running.process.send_signal(signal.SIGTERM)
            assert until(lambda: not listens(int(gateway.url.rpartition(":")[2])))
            call.sendall(b"HTTP/1.1 500 Broken\r\ncontent-length: 0\r\n\r\n")
            call.close()
            vendor.close()
            assert asked.result(SLOW).json()["connection"] == "main"
            assert gateway.running.end() == 0, gateway.running.said
    assert "did not end in time" not in gateway.running.said


def supervised(work: str, graceful_seconds: float) -> tuple[str, ...]:
    """The command that supervises two workers that do something of their own."""
    text = f"""
import signal, time
from gateway.cli.supervision import Supervisor
from gateway.cli.teams import Told

class Odd:
    stop_seconds = {graceful_seconds}
    def work(self, link):
        {work}
    def all_answer(self):
        print("all answer", flush=True)
    def stopping(self):
        print("stopping", flush=True)

Supervisor(Odd(), 2).run()
print("ended", flush=True)
"""
    return (sys.executable, "-c", text)


def test_workers_that_cannot_start_end_it_all_and_are_named() -> None:
    with started(
        supervised("raise SystemExit(link.number - 1) if link.number > 1 else time.sleep(60)", 5)
    ) as running:
        assert running.end() == 1
    assert "worker 2 could not start; the log says why" in running.said
    assert "all answer" not in running.lines


def test_a_worker_that_fails_says_so_in_the_log_and_not_past_it() -> None:
    with started(supervised("raise ValueError(link.number)", 5)) as running:
        assert running.end() == 1
    assert "worker failed" in running.said
    assert "ValueError" in running.said
    # What multiprocessing prints of its own accord begins so.
    assert "Process Fork" not in running.said


def test_workers_that_do_not_end_in_time_are_killed() -> None:
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN); link.line.send(Told.READY); time.sleep(60)"
    with started(supervised(deaf, 0.2)) as running:
        running.wait_for("all answer")
        assert running.stop(signal.SIGTERM) == 0
    assert "workers killed that did not end in time" in running.said
    assert running.lines[-1] == "ended"


@pytest.mark.parametrize("workers", ["0", "65", "many"])
def test_a_number_of_workers_that_cannot_be_is_refused(run: Command, config: Path, workers: str) -> None:
    result = run("serve", "--config", str(config), "--workers", workers)
    assert result.exit_code == 2
    assert re.search(r"'--workers'", result.stderr)
