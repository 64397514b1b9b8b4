"""`serve`, `emulate` and `demo` as real processes: they start, answer, and end as they should."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import httpx
import pytest

from emulators.registry import names
from tests.cli.conftest import Command
from tests.cli.processes import COMMAND, PATIENCE, ROOT, Running, environment, listens, started

EMULATE = {
    "python -m emulators": (sys.executable, "-m", "emulators"),
    "workflow-gateway emulate": (*COMMAND, "emulate"),
}
SECONDS_TO_BE_READY = 20
URL = re.compile(r"http://127\.0\.0\.1:(\d+)")


def ended(command: Sequence[str], env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """What a command says that ends by itself."""
    return subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@pytest.fixture
def config(tmp_path: Path, run: Command) -> tuple[Path, str]:
    """A configuration with a caller whose key has just been made, and that key."""
    made = run("keys", "create", "dashboard").stdout
    path = tmp_path / "gateway.yaml"
    path.write_text(
        f"server: {{port: 0, log_format: json}}\ncallers:\n{made[made.index('  - name:') :]}\n"
        "connections:\n  main: {vendor: aitronos, credential: env:AITRONOS_TEST_KEY}\n",
        encoding="utf-8",
    )
    return path, re.findall(r"wg_\S+", made)[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_answers_and_ends_with_zero(config: tuple[Path, str], number: signal.Signals) -> None:
    path, key = config
    env = environment(WORKFLOW_GATEWAY_CONFIG=str(path), AITRONOS_TEST_KEY="canary-credential-91d0")
    with started((*COMMAND, "serve"), env=env) as serving:
        url = json.loads(serving.wait_for("listening"))["url"]
        assert httpx.get(f"{url}/readyz", trust_env=False).json() == {"status": "ready"}
        good = httpx.get(f"{url}/v1/connections", headers={"x-api-key": key}, trust_env=False)
        bad = httpx.get(f"{url}/v1/connections", headers={"x-api-key": key + "x"}, trust_env=False)
        assert (good.status_code, bad.status_code) == (200, 401)
        assert serving.stop(number) == 0, serving.said
    assert not listens(int(url.rpartition(":")[2]))
    lines = [json.loads(line) for line in serving.lines]
    assert lines[-1]["event"] == "stopped"
    assert "canary-credential-91d0" not in serving.said
    assert key not in serving.said


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_connection_s_own_port_begins_and_ends_with_the_gateway(tmp_path: Path, workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe, socket.create_server(("127.0.0.1", 0)) as nobody:
        port, vendor = probe.getsockname()[1], nobody.getsockname()[1]
    path = tmp_path / "gateway.yaml"
    path.write_text(
        "server: {port: 0, log_format: json}\nconnections:\n  main:\n    vendor: aitronos\n    credential: env:KEY\n"
        f"    base_url: http://127.0.0.1:{vendor}\n    passthrough: {{enabled: true, port: {port}}}\n",
        encoding="utf-8",
    )
    command = (*COMMAND, "serve", "--config", str(path), "--workers", workers)
    with started(command, env=environment(KEY="canary-credential-91d0")) as serving:
        serving.wait_for("listening")
        told = json.loads(serving.wait_for("listening"))
        assert (told["url"], told["connection"]) == (f"http://127.0.0.1:{port}", "main")
        answer = httpx.get(f"http://127.0.0.1:{port}/v1/connections", trust_env=False)
        assert (answer.status_code, answer.json()["code"]) == (502, "vendor_unreachable")
        assert serving.stop(signal.SIGTERM) == 0, serving.said
    assert not listens(port)


def test_serve_says_that_its_port_is_taken(config: tuple[Path, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        env = environment(AITRONOS_TEST_KEY="k")
        command = (*COMMAND, "serve", "--config", str(config[0]), "--port", str(port))
        done = ended(command, env)
    assert done.returncode == 2
    assert done.stderr == (
        f"Error: port {port} on 127.0.0.1 is taken; choose another with --port or server.port\n"
    )


def test_serve_does_not_listen_beyond_this_machine_without_callers(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "open.yaml"
    path.write_text("connections:\n  main: {vendor: aitronos, credential: env:HOME}\n", encoding="utf-8")
    result = run("serve", "--config", str(path), "--host", "0.0.0.0")
    assert result.exit_code == 2
    assert "needs at least one caller" in result.stderr


def test_serve_says_that_it_cannot_have_an_address(run: Command, config: tuple[Path, str]) -> None:
    result = run("serve", "--config", str(config[0]), "--host", "192.0.2.1", AITRONOS_TEST_KEY="k")
    assert result.exit_code == 2
    assert "cannot listen on 192.0.2.1 port 0: Cannot assign requested address" in result.stderr


BROKEN = """
import gateway.app
from gateway.cli import main

async def broken(*_):
    raise RuntimeError("broken")

gateway.app.start = broken
main()
"""


@pytest.mark.parametrize(("workers", "who"), [("1", "the gateway"), ("2", "worker [12]")])
def test_serve_says_that_it_could_not_start(config: tuple[Path, str], workers: str, who: str) -> None:
    command = (sys.executable, "-c", BROKEN, "serve", "--config", str(config[0]), "--workers", workers)
    done = ended(command, environment(AITRONOS_TEST_KEY="k"))
    assert done.returncode == 1
    assert "RuntimeError: broken" in done.stderr
    assert re.search(rf"^Error: {who} could not start; the log says why$", done.stderr, re.MULTILINE)
    assert '"event": "listening"' not in done.stderr


@pytest.mark.parametrize(
    ("command", "number"),
    [("python -m emulators", signal.SIGTERM), ("workflow-gateway emulate", signal.SIGINT)],
)
def test_an_emulator_starts_says_where_and_stops(command: str, number: signal.Signals) -> None:
    options = ("aitronos", "--port", "0", "--key", "chosen-key", "--empty")
    with started((*EMULATE[command], *options)) as emulating:
        line = emulating.wait_for("emulator on")
        assert re.fullmatch(r"Aitronos emulator on http://127\.0\.0\.1:\d+  key chosen-key", line)
        url = line.split()[3]
        assert httpx.get(f"{url}/__emulator__/", trust_env=False).json()["vendor"] == "aitronos"
        assert emulating.stop(number) == 0, emulating.said
    assert emulating.lines[1] == f"faults and journal under {url}/__emulator__/"
    assert len(emulating.lines) == 2


def test_both_ways_to_emulate_are_one(run: Command) -> None:
    done = ended((*EMULATE["python -m emulators"], "--help"), environment(COLUMNS="80"))
    ours = run("emulate", "--help").stdout
    assert done.stdout.partition("[OPTIONS]")[2].split() == ours.partition("[OPTIONS]")[2].split()


@pytest.mark.parametrize("vendor", names())
def test_an_unknown_variant_is_refused_with_those_there_are(run: Command, vendor: str) -> None:
    result = run("emulate", vendor, "--variant", "nonsense")
    assert result.exit_code == 2
    assert re.search(r"has no variant nonsense; there are:\n  \w+: ", result.stderr)


def test_a_taken_port_is_told_by_an_emulator_too(run: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("emulate", "noxus", "--port", str(port))
    assert result.exit_code == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in result.stderr


@pytest.fixture(scope="module")
def demo() -> Iterator[Running]:
    """A demo on a free port; it has said what it has to say."""
    with started((*COMMAND, "demo", "--port", "0"), env=environment()) as running:
        began = time.monotonic()
        running.wait_for("Ctrl-C stops everything.")
        assert time.monotonic() - began < SECONDS_TO_BE_READY
        yield running


def test_the_demo_says_where_everything_is(demo: Running) -> None:
    lines = demo.lines
    assert re.fullmatch(r"workflow-gateway is on http://127\.0\.0\.1:\d+  \(key: demo-key\)", lines[0])
    emulators = [line for line in lines if "-> emulator on" in line]
    assert len(emulators) == len(names())
    assert all(listens(int(port)) for port in URL.findall("\n".join([lines[0], *emulators])))


def test_the_demos_commands_work_when_pasted(demo: Running) -> None:
    commands = [line.strip() for line in demo.lines if line.startswith("  curl ")]
    assert len(commands) == 4
    answers = [ended(("sh", "-c", command), environment()) for command in commands]
    assert all(answer.stderr == "" for answer in answers)
    listing, workflow, graph, vendor = (answer.stdout for answer in answers)
    assert {item["vendor"] for item in json.loads(listing)["items"]} == set(names())
    assert json.loads(workflow)["graph"]["nodes"]
    assert graph.startswith("flowchart TD\n")
    assert json.loads(vendor)["support"]


def test_the_demos_page_answers(demo: Running) -> None:
    page = demo.lines[-2].removeprefix("The API's documentation: ")
    assert httpx.get(page, trust_env=False).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_stops_the_whole_demo(number: signal.Signals) -> None:
    with started((*COMMAND, "demo", "--port", "0"), env=environment()) as running:
        running.wait_for("Ctrl-C stops everything.")
        ports = {int(port) for port in URL.findall(running.said)}
        assert len(ports) == len(names()) + 1
        assert all(map(listens, ports))
        assert running.stop(number) == 0, running.said
    assert running.lines[-1] == "stopping"
    assert [port for port in ports if listens(port)] == []


def test_the_demo_says_that_its_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        env = environment(PORT=str(port))
        done = ended((*COMMAND, "demo"), env)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"Error: port {port} on 127.0.0.1 is taken; choose another: `PORT=8090 make demo`, "
        "or `workflow-gateway demo --port 8090`\n"
    )
