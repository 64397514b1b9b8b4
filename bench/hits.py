"""A cached workflow over the socket, beside constant bytes on the same server and beside nginx's cache."""

import contextlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from bench.documents import PADDED, canonical
from bench.driving import Expected, ask, generator
from bench.gateways import HEADERS, KEPT, gateway, vendor, warmed, workflow_path
from bench.load import Plan
from bench.measuring import Table, text
from bench.nginx import nginx
from bench.processes import SERVER_CORE, Child, free_port, missing, module, serving, settings
from bench.rounds import Case, compared, interleaved, rated, summary

SIZES: Final = {"2 KB": 2_000, "20 KB": 20_000, "200 KB": 200_000}
BASES: Final = {"raw": "to raw", "raw 304": "to raw 304", "nginx": "to nginx"}
WITH_304: Final = "20 KB"
"""A 304 has no body: beside one size is enough."""
SHOWN: Final = {
    "hit": "gateway, hit",
    "304": "gateway, 304",
    "raw": "raw ASGI, same server",
    "raw 304": "raw ASGI, 304",
    "raw granian": "raw ASGI, granian",
    "nginx": "nginx, cache",
}


def measure() -> dict[str, Any]:
    """Return rates and latencies by size and case, the ratios beside them."""
    seconds, rounds = settings()
    documents = {name.replace(" ", ""): canonical(size) for name, size in SIZES.items()}
    with contextlib.ExitStack() as stack:
        behind = stack.enter_context(vendor(documents))
        connections = {name.lower(): behind.connection(PADDED, f"steady/{name}", KEPT) for name in documents}
        front = stack.enter_context(gateway(connections))
        paths = {size: workflow_path(size.replace(" ", "").lower()).format(0) for size in SIZES}
        warmed(front.port, list(paths.values()))
        lengths = {size: len(ask(front.port, path, HEADERS).body) for size, path in paths.items()}
        servers = stack.enter_context(baselines(tuple(lengths.values())))
        skipped = [why for why in (missing("nginx"), missing("wrk"), no_granian()) if why]
        sizes = {}
        for size, path in paths.items():
            plan = Plan(front.port, (path,), headers=dict(HEADERS), seconds=seconds)
            cases = {"hit": Case(plan, Expected(hit=True), behind.requests)} | {
                name: Case(replace(plan, port=server.port, patterns=(f"/{lengths[size]}",)), expected)
                for name, (server, expected) in servers.items()
            }
            if size == WITH_304:
                cases |= _cases_304(plan, servers["raw"][0].port, behind.requests)
            found = {name: summary(outcomes) for name, outcomes in interleaved(cases, rounds).items()}
            sizes[size] = {"bytes": lengths[size], "cases": _compared(found)}
    return {
        "generator": generator(),
        "rounds": rounds,
        "seconds": seconds,
        "skipped": skipped,
        "sizes": sizes,
    }


def shown(result: dict[str, Any]) -> str:
    """Return the result for a terminal."""
    return text(tables(result))


def tables(result: dict[str, Any]) -> list[Table]:
    """Return a table for every size."""
    sizes = list(result["sizes"].items())
    return [
        rated(
            f"Cached hits of {one['bytes']:,} bytes",
            {SHOWN[name]: case for name, case in one["cases"].items()},
            BASES,
            result["skipped"] if size == sizes[-1][0] else (),
        )
        for size, one in sizes
    ]


def no_granian() -> str | None:
    """Return a sentence when granian is not installed; None when it is."""
    return None if importlib.util.find_spec("granian") else "granian is not installed, see bench/README.md"


@contextlib.contextmanager
def baselines(sizes: tuple[int, ...]) -> Iterator[dict[str, tuple[Child, Expected]]]:
    """Run the servers of constant bytes, all on the core that the gateway is on."""
    listed = [str(size) for size in sizes]
    with contextlib.ExitStack() as stack:

        def raw(server: str) -> Child:
            port = free_port()
            command = module(
                "bench.baselines", "raw", "--port", str(port), "--server", server, "--sizes", *listed
            )
            return stack.enter_context(serving(command, port, core=SERVER_CORE, name=f"raw ASGI on {server}"))

        servers = {"raw": (raw("uvicorn"), Expected())}
        if not no_granian():
            servers["raw granian"] = (raw("granian"), Expected())
        if not missing("nginx"):
            cache = stack.enter_context(nginx(servers["raw"][0].port, caching=True))
            for size in sizes:
                ask(cache.port, f"/{size}", HEADERS)
            servers["nginx"] = (cache, Expected(hit=True))
        yield servers


def _compared(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cases with their ratios: a 304 is compared with 304s and with raw bytes, the rest with bytes only."""
    bodies = compared(found, ["raw", "nginx"])
    without = compared(found, ["raw", "raw 304"])
    return {name: (without if name.endswith("304") else bodies)[name] for name in found}


def _cases_304(plan: Plan, raw: int, requests: Callable[[], int]) -> dict[str, Case]:
    tag = ask(plan.port, plan.patterns[0], plan.headers).headers.get("etag", "")
    again = replace(plan, headers={**plan.headers, "if-none-match": tag})
    return {
        "304": Case(again, Expected(304, hit=True), requests),
        "raw 304": Case(replace(again, port=raw, patterns=("/304",)), Expected(304)),
    }
