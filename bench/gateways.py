"""The gateway as its users start it: a configuration file, one command, and HTTP."""

import contextlib
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.driving import ask
from bench.processes import LOAD_CORE, SERVER_CORE, Child, free_port, module, serving

KEY: Final = "wgk-bench-key-that-opens-nothing-elsewhere"
HEADERS: Final[Mapping[str, str]] = {"x-api-key": KEY}
COMMAND: Final = (sys.executable, "-c", "from gateway.cli import main; main()")
KEPT: Final[Mapping[str, float]] = {"workflow": 3600, "listing": 3600}
ASKED_EVERY_TIME: Final[Mapping[str, float]] = {"workflow": 0, "listing": 0}


@dataclass(frozen=True)
class Vendor:
    """The stand-in vendor that runs."""

    port: int

    def connection(self, vendor: str, place: str, times: Mapping[str, float]) -> dict[str, Any]:
        """Return a connection's settings: at `place`, such as `steady/small`, kept for so many seconds."""
        return {
            "vendor": vendor,
            "base_url": f"http://127.0.0.1:{self.port}/{place}",
            "credential": "env:BENCH_KEY",
            "limits": {"concurrency": 64, "queue": 256},
            "cache": dict(times),
        }

    def requests(self) -> int:
        """Return how many requests it has had."""
        count: int = json.loads(ask(self.port, "/count", {}).body)["requests"]
        return count


@contextlib.contextmanager
def vendor(documents: Mapping[str, str], listings: Mapping[str, str] | None = None) -> Iterator[Vendor]:
    """Run the stand-in vendor on the load generator's core; see `bench.stand_in` for its paths."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        shelf = Path(folder) / "shelf.json"
        shelf.write_text(json.dumps({"documents": documents, "listings": listings or {}}), encoding="utf-8")
        command = module("bench.stand_in", "--port", str(port), "--shelf", str(shelf))
        with serving(command, port, core=LOAD_CORE, ready="/count", name="the stand-in vendor"):
            yield Vendor(port)


@contextlib.contextmanager
def gateway(
    connections: Mapping[str, Any],
    *,
    max_bytes: str = "256MiB",
    server: Mapping[str, Any] | None = None,
    core: int | None = SERVER_CORE,
) -> Iterator[Child]:
    """Run the gateway with one caller, whose key is in `HEADERS`; on one core unless `core` is None.

    Raises:
        NotStarted: it does not take the settings.
    """
    port = free_port()
    settings = {
        "server": {"port": port, "log_level": "warning", **(server or {})},
        "cache": {"max_bytes": max_bytes},
        "callers": [{"name": "bench", "key_hashes": ["sha256:" + hashlib.sha256(KEY.encode()).hexdigest()]}],
        "connections": dict(connections),
    }
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "bench.yaml"
        # Every JSON text is a YAML text.
        config.write_text(json.dumps(settings), encoding="utf-8")
        command = (*COMMAND, "serve", "--config", str(config))
        with serving(command, port, core=core, ready="/readyz", name="the gateway") as child:
            yield child


def workflow_path(connection: str) -> str:
    """Return the pattern of the paths of a connection's workflows."""
    return f"/v1/connections/{connection}/workflows/w-{{:08d}}"


def warmed(port: int, paths: Sequence[str]) -> None:
    """Ask for some paths once each, so that they are kept.

    Raises:
        RuntimeError: one of them is not answered with a 200.
    """
    for path in paths:
        asked = ask(port, path, HEADERS)
        if asked.status != 200:
            raise RuntimeError(f"{path} was answered {asked.status}: {asked.body[:300]!r}")
