"""Reads that all go to the vendor, beside forwarders that do nothing else."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from bench.documents import native
from bench.driving import Expected, generator
from bench.gateways import ASKED_EVERY_TIME, HEADERS, KEPT, Vendor, gateway, vendor, workflow_path
from bench.load import Plan
from bench.measuring import Table, text
from bench.nginx import nginx
from bench.normalise import SOURCES
from bench.processes import SERVER_CORE, Child, free_port, missing, module, serving, settings
from bench.rounds import Case, compared, interleaved, rated, summary

SIZE: Final = 20_000
IDS: Final = 512
"""So many that no two requests for the same one are ever under way at once."""
FORWARDED: Final = "promptlayer"
"""Whose documents the forwarders hand on: those nearest to 20 KB."""
BASES: Final = {"httpx": "to httpx", "transport": "to transport", "nginx": "to nginx"}
SHOWN: Final = {
    "httpx": "forwarder, plain httpx",
    "transport": "forwarder, our transport",
    "nginx": "nginx, proxy_pass",
}
MODES: Final = {"fresh": "new content", "steady": "unchanged"}
KEPT_TIMES: Final = {"fresh": ASKED_EVERY_TIME, "steady": KEPT}
"""What is unchanged can only be recognised where something is kept."""


def measure() -> dict[str, Any]:
    """Return rates and latencies by case, and the ratios to the forwarders."""
    seconds, rounds = settings()
    documents = {name: native(name, SIZE) for name in SOURCES}
    with contextlib.ExitStack() as stack:
        behind = stack.enter_context(vendor(documents))
        connections = {
            f"{name}-{mode}": behind.connection(name, f"{mode}/{name}", times)
            for name in SOURCES
            for mode, times in KEPT_TIMES.items()
        }
        servers = stack.enter_context(forwarders(behind))
        cases = {name: _case(behind, port, path, seconds) for name, (port, path) in servers.items()}
        front = stack.enter_context(gateway(connections))
        cases |= {
            name: _revalidated(_case(behind, front.port, workflow_path(name), seconds, Expected(hit=False)))
            for name in connections
        }
        found = {name: summary(outcomes) for name, outcomes in interleaved(cases, rounds).items()}
    return {
        "generator": generator(),
        "rounds": rounds,
        "seconds": seconds,
        "bytes": {name: len(document) for name, document in documents.items()},
        "skipped": [why for why in (missing("nginx"), missing("wrk")) if why],
        "cases": compared(found, list(BASES)),
    }


def shown(result: dict[str, Any]) -> str:
    """Return the result for a terminal."""
    return text(tables(result))


def tables(result: dict[str, Any]) -> list[Table]:
    """Return the one table."""
    cases = {SHOWN.get(name) or _title(name): case for name, case in result["cases"].items()}
    return [rated("Reads of 20 KB that go to the vendor", cases, BASES, result["skipped"])]


@contextlib.contextmanager
def forwarders(behind: Vendor) -> Iterator[dict[str, tuple[int, str]]]:
    """Run what forwards without gateway logic; yields ports and patterns of paths by name."""
    url = f"http://127.0.0.1:{behind.port}/fresh/{FORWARDED}"
    path = "/workflows/w-{:08d}"
    with contextlib.ExitStack() as stack:

        def forwarder(what: str) -> Child:
            port = free_port()
            options = ("--port", str(port), "--to", url, "--vendor", FORWARDED)
            command = module("bench.baselines", what, *options)
            return stack.enter_context(serving(command, port, core=SERVER_CORE, name=what))

        servers = {name: (forwarder(f"forward-{name}").port, path) for name in ("httpx", "transport")}
        if not missing("nginx"):
            proxy = stack.enter_context(nginx(behind.port, caching=False))
            servers["nginx"] = (proxy.port, f"/fresh/{FORWARDED}{path}")
        yield servers


def _case(behind: Vendor, port: int, pattern: str, seconds: float, expected: Expected | None = None) -> Case:
    plan = Plan(port, (pattern,), order="cycle", among=IDS, headers=dict(HEADERS), seconds=seconds)
    return Case(plan, expected or Expected(), behind.requests, asks_vendor=True)


def _revalidated(case: Case) -> Case:
    """Have every request ask the vendor, whatever is kept."""
    plan = case.plan
    return replace(case, plan=replace(plan, headers={**plan.headers, "cache-control": "no-cache"}))


def _title(name: str) -> str:
    place, _, mode = name.rpartition("-")
    return f"gateway, {place}, {MODES[mode]}"
