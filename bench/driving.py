"""Load on a server: by wrk where it is installed, else by our own generator; and whether the answers were right."""

import dataclasses
import http.client
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.load import Plan, written
from bench.processes import LOAD_CORE, ROOT, environment, module, pinned

SCRIPT: Final = Path(__file__).resolve().parent / "wrk.lua"
TOLD: Final = re.compile(r"^TOLD (.*)$", re.MULTILINE)
HIT: Final = re.compile(r"; *hit|^HIT$")
MARGIN_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Expected:
    """What makes the answers to a plan valid.

    Attributes:
        status: of every answer.
        hit: whether a cache says that it answered itself; None when there is no cache to ask.
    """

    status: int = 200
    hit: bool | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a plan once.

    Attributes:
        rate: answers in a second.
        p50_ms: the median time of an answer.
        p99_ms: the time that one in a hundred exceeds.
        requests: how many answers there were.
        faults: what was not as expected, as sentences; empty for a valid measurement.
    """

    rate: float
    p50_ms: float
    p99_ms: float
    requests: int
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """One answer looked at closely."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    size: int = field(default=0)

    @property
    def hit(self) -> bool:
        """Whether a cache says that it answered itself."""
        return HIT.search(self.headers.get("cache-status", "")) is not None


def generator() -> str:
    """Return the name of what makes the load."""
    return "wrk" if shutil.which("wrk") else "bench/load.py"


def ask(port: int, path: str, headers: Mapping[str, str]) -> Asked:
    """Send one request and return the answer; its size is of head and body as they came over the socket."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={**headers, "accept-encoding": "identity"})
        response = connection.getresponse()
        body = response.read()
        head = sum(len(name) + len(value) + 4 for name, value in response.getheaders())
        named = {name.lower(): value for name, value in response.getheaders()}
        status_line = len(f"HTTP/1.1 {response.status} {response.reason}\r\n\r\n")
        return Asked(response.status, named, body, status_line + head + len(body))
    finally:
        connection.close()


def drive(plan: Plan, expected: Expected) -> Outcome:
    """Carry out a plan and judge its answers; one of them is looked at before and one after."""
    path = plan.patterns[0].format(plan.first)
    before = ask(plan.port, path, plan.headers)
    outcome = _by_wrk(plan, before.size) if shutil.which("wrk") else _by_own(plan, expected)
    after = ask(plan.port, path, plan.headers)
    seen = tuple(_faults(before, expected, "before")) + tuple(_faults(after, expected, "after"))
    return dataclasses.replace(outcome, faults=seen + outcome.faults)


def told_by_own(plan: Plan) -> dict[str, Any]:
    """Carry out a plan with our own generator; returns what it tells, see `bench.load.run`."""
    ran = subprocess.run(
        pinned(module("bench.load"), LOAD_CORE),
        input=written(plan),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment(),
        timeout=plan.seconds + MARGIN_SECONDS,
    )
    result: dict[str, Any] = json.loads(ran.stdout)
    return result


def _faults(asked: Asked, expected: Expected, when: str) -> list[str]:
    faults = []
    if asked.status != expected.status:
        faults.append(f"{when} the load it answered {asked.status}, not {expected.status}")
    if expected.hit is not None and asked.hit is not expected.hit:
        said = asked.headers.get("cache-status", "nothing")
        faults.append(f"{when} the load its Cache-Status was {said}")
    return faults


def _by_own(plan: Plan, expected: Expected) -> Outcome:
    told = told_by_own(plan)
    faults = [
        f"{count} answers were {status}"
        for status, count in told["statuses"].items()
        if status != str(expected.status)
    ]
    faults += [f"{count} connections: {what}" for what, count in told["errors"].items()]
    if expected.hit is not None and told["hits"] != (told["requests"] if expected.hit else 0):
        faults.append(f"{told['hits']} of {told['requests']} answers were hits")
    return _outcome(told, faults)


def _by_wrk(plan: Plan, size: int) -> Outcome:
    """Run wrk; it looks at statuses from 400 on only, so the bytes it read tell whether the answers were whole."""
    headers = [part for name, value in plan.headers.items() for part in ("-H", f"{name}: {value}")]
    path = plan.patterns[0].format(plan.first)
    command = (
        *("wrk", "-t1", f"-c{plan.connections}", f"-d{max(1, round(plan.seconds))}s", "--timeout", "20s"),
        *("-s", str(SCRIPT), *headers, f"http://127.0.0.1:{plan.port}{path}"),
    )
    among = (
        {"BENCH_AMONG": str(plan.among), "BENCH_PATTERN": plan.patterns[0]} if plan.order == "cycle" else {}
    )
    ran = subprocess.run(
        pinned(command, LOAD_CORE),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **among},
        timeout=plan.seconds + MARGIN_SECONDS,
    )
    found = TOLD.search(ran.stdout)
    if found is None:
        return Outcome(0, 0, 0, 0, ("wrk told nothing",))
    told = json.loads(found[1])
    faults = [f"{told[what]} answers were {what}" for what in ("refused", "broken") if told[what]]
    # At the end as many answers as there are connections may be half read.
    half_read = size * plan.connections
    if abs(told["bytes"] - size * told["requests"]) > half_read + 0.03 * told["bytes"]:
        mean = told["bytes"] / max(1, told["requests"])
        faults.append(f"an answer had {mean:.0f} bytes on average, not {size}")
    return _outcome(told, faults)


def _outcome(told: Mapping[str, Any], faults: list[str]) -> Outcome:
    rate = told["requests"] / told["seconds"] if told["seconds"] else 0.0
    return Outcome(rate, told["p50_ms"] or 0.0, told["p99_ms"] or 0.0, told["requests"], tuple(faults))
