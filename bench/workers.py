"""Cached hits with one worker process and with two."""

import contextlib
from typing import Any, Final

from bench.documents import PADDED, canonical
from bench.driving import Expected, generator
from bench.gateways import HEADERS, KEPT, gateway, vendor, warmed, workflow_path
from bench.load import Plan
from bench.measuring import Table, text
from bench.processes import NotStarted, available_cores, settings
from bench.rounds import Case, compared, interleaved, rated, summary

WORKERS: Final = (1, 2)
BASES: Final = {"1": "to one"}
ASKS: Final = 40
"""So many single requests fill the caches of all workers with near certainty: each has its own."""


def measure() -> dict[str, Any]:
    """Return rates by the number of workers; a reason instead where the gateway has no such setting."""
    seconds, rounds = settings()
    with contextlib.ExitStack() as stack:
        behind = stack.enter_context(vendor({"large": canonical(20_000)}))
        connections = {"kept": behind.connection(PADDED, "steady/large", KEPT)}
        path = workflow_path("kept").format(0)
        cases = {}
        for number in WORKERS:
            try:
                front = stack.enter_context(gateway(connections, server={"workers": number}, core=None))
            except NotStarted as error:
                if "server.workers: is not a known key" not in str(error):
                    raise
                return {"skipped": ["the gateway has no setting server.workers"]}
            warmed(front.port, [path] * ASKS)
            plan = Plan(front.port, (path,), headers=dict(HEADERS), seconds=seconds)
            cases[str(number)] = Case(plan, Expected(hit=True))
        found = {name: summary(outcomes) for name, outcomes in interleaved(cases, rounds).items()}
    return {
        "generator": generator(),
        "rounds": rounds,
        "seconds": seconds,
        "cores": len(available_cores()),
        "skipped": [],
        "cases": compared(found, list(BASES)),
    }


def shown(result: dict[str, Any]) -> str:
    """Return the result for a terminal."""
    return text(tables(result))


def tables(result: dict[str, Any]) -> list[Table]:
    """Return the one table."""
    title = "Cached hits of 20 KB by the number of workers, not pinned"
    if "cases" not in result:
        return [Table(title, ("workers",), (), tuple(result["skipped"]))]
    notes = [f"The workers share {result['cores']} cores with the load generator."]
    return [rated(title, result["cases"], BASES, notes)]
