"""A whole installation with a secret wherever there can be one: its configuration, Redis, vendors and processes."""

import asyncio
import contextlib
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from emulators.contract import EmulatorOptions
from emulators.control import build
from emulators.registry import load_all as load_emulators
from emulators.server import server as emulator_server
from gateway.callers import hash_key
from tests.cache.redis_server import RedisServer
from tests.canary.collector import Collector
from tests.canary.parrot import Parrot
from tests.canary.planted import Planted
from tests.cli.processes import COMMAND, Running, environment, started

KEY_FORM: Final = "wg_{}-0123456789"
"""As `keys create` makes them."""
CREDENTIAL_FORM: Final = "sk/{}+/=&x"
"""With characters that URLs, forms, JSON and HTML write in another way."""

PARROTS: Final = ("aitronos", "promptlayer", "noxus", "n8n")
LIMITS: Final = {
    "timeout_seconds": 1.0,
    "connect_seconds": 1.0,
    "response_bytes": 500_000,
    "retries": {"attempts": 2, "base_seconds": 0.001, "cap_seconds": 0.001},
    "breaker": {"failures": 0},
}


@dataclass
class Keys:
    """What callers show."""

    planted: Planted

    @property
    def good(self) -> str:
        return self.planted("key in X-API-Key", KEY_FORM)

    @property
    def bearer(self) -> str:
        return self.planted("key as Bearer", KEY_FORM)

    @property
    def retiring(self) -> str:
        return self.planted("key that retires", KEY_FORM)

    @property
    def expired(self) -> str:
        return self.planted("key that has expired", KEY_FORM)

    @property
    def own_making(self) -> str:
        return self.planted("key of one's own making", "hand-made-{}")

    @property
    def wrong(self) -> str:
        return self.planted("wrong key", KEY_FORM)

    @property
    def wrong_bearer(self) -> str:
        return self.planted("wrong Bearer", "eyJ.{}.x")


@dataclass
class Installation:
    """Where everything is.

    Attributes:
        folder: of the configuration and all that the gateway could leave behind.
        planted: every secret.
        emulators: where the vendors are, by name.
        parrot: the vendor that repeats.
        redis: the shared tier.
        collector: takes traces.
        said: everything that processes said on standard output and error.
    """

    folder: Path
    planted: Planted
    emulators: dict[str, str]
    parrot: Parrot
    redis: RedisServer
    collector: Collector
    said: dict[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> Keys:
        return Keys(self.planted)

    @property
    def config(self) -> Path:
        return self.folder / "gateway.yaml"

    @property
    def audit(self) -> Path:
        return self.folder / "audit.log"

    @property
    def password(self) -> str:
        return self.planted("password of Redis", "pa-{}")

    def variables(self) -> dict[str, str]:
        """Return the environment that the processes are given."""
        given = {f"KEY_{name.upper()}": self.credential(name) for name in (*PARROTS, *self.emulators)}
        (self.folder / "tmp").mkdir(exist_ok=True)
        return environment(
            REDIS_URL=f"redis://:{self.password}@127.0.0.1:{self.redis.port}/0",
            TMPDIR=str(self.folder / "tmp"),
            OTEL_EXPORTER_OTLP_ENDPOINT=self.collector.url,
            OTEL_EXPORTER_OTLP_HEADERS=f"authorization=Bearer%20{self.planted('key of the collector')}",
            OTEL_BSP_SCHEDULE_DELAY="500",
            **given,
        )

    def credential(self, name: str) -> str:
        return self.planted(f"credential of {name}", CREDENTIAL_FORM)

    def write(self, **changed: Any) -> None:
        """Write the configuration, with some of its parts changed."""
        document = {**self.document(), **changed}
        self.config.write_text(yaml.safe_dump(document), encoding="utf-8")

    def document(self) -> dict[str, Any]:
        (self.folder / "noxus.key").write_text(
            self.planted("credential in a file", CREDENTIAL_FORM), encoding="utf-8"
        )
        connections = {f"parrot-{name}": self._connection(name, self.parrot.url) for name in PARROTS}
        connections |= {name: self._connection(name, url) for name, url in self.emulators.items()}
        connections["parrot-noxus"]["credential"] = "file:noxus.key"
        return {
            "server": {
                "port": 0,
                "log_level": "debug",
                "log_format": "json",
                "audit": {"file": "audit.log", "required": True},
                "cors": {"origins": ["https://dashboard.example"]},
            },
            "cache": {"shared": {"url": "env:REDIS_URL", "patience_seconds": 1, "call_seconds": 2}},
            "callers": self._callers(),
            "tracing": {"enabled": True},
            "vendor_descriptions": str(Path("config/vendors").resolve()),
            "connections": connections,
        }

    def _connection(self, vendor: str, url: str) -> dict[str, Any]:
        return {
            "vendor": vendor,
            "base_url": url,
            "credential": f"env:KEY_{vendor.upper()}",
            "limits": LIMITS,
            "passthrough": {"enabled": True, "keyless_websockets": ["/connection/*"]},
        }

    def _callers(self) -> list[dict[str, Any]]:
        keys = self.keys
        every = {"rights": ["read", "write", "run", "passthrough", "admin"]}
        return [
            {"name": "operator", "key_hashes": [hash_key(keys.good), hash_key(keys.bearer)], **every},
            {"name": "maker", "key_hashes": [hash_key(keys.own_making)], **every},
            {
                "name": "changing",
                "key_hashes": [hash_key("the new key")],
                "retiring_keys": [{"hash": hash_key(keys.retiring), "expires": "2099-01-01"}],
            },
            {"name": "former", "key_hashes": [hash_key(keys.expired)], "expires": "2020-01-01"},
        ]

    @contextlib.contextmanager
    def serving(self, name: str, *options: str, code: str = "") -> Iterator["Process"]:
        """Run a gateway; `code` is run before it in the same process."""
        command = [*COMMAND[:-1], f"{code}\n{COMMAND[-1]}", "serve", "--config", str(self.config), *options]
        with started(command, env=self.variables()) as running:
            try:
                process = Process(running)
                yield process
            finally:
                if running.process.poll() is None:
                    running.process.kill()
                running.end()
                self.said[name] = running.said


class Process:
    """A gateway that runs."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.url = re.findall(r"http://127\.0\.0\.1:\d+", running.wait_for("listening"))[0]

    @property
    def number(self) -> int:
        return self.running.process.pid

    def seen_by_others(self) -> bytes:
        """Return what every user of the machine may read about it."""
        places = [Path(f"/proc/{self.number}/{name}") for name in ("cmdline", "comm", "status", "wchan")]
        return b"\n".join(
            place.read_bytes() for place in places if place.exists() and os.access(place, os.R_OK)
        )


@contextlib.contextmanager
def emulating(keys: dict[str, str]) -> Iterator[dict[str, str]]:
    """Run every emulator in a thread, each with the key it shall accept; gives their addresses."""
    found: dict[str, str] = {}
    ready, over = threading.Event(), threading.Event()

    async def live() -> None:
        servers = {
            name: emulator_server(build(emulator, EmulatorOptions(api_key=keys[name])))
            for name, emulator in load_emulators().items()
        }
        for each in servers.values():
            each.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
        tasks = [asyncio.create_task(each.serve()) for each in servers.values()]
        while not all(each.started for each in servers.values()):  # noqa: ASYNC110 - a flag, no event
            await asyncio.sleep(0.005)
        for name, each in servers.items():
            found[name] = f"http://127.0.0.1:{each.servers[0].sockets[0].getsockname()[1]}"
        ready.set()
        await asyncio.to_thread(over.wait)
        for each in servers.values():
            each.should_exit = True
        await asyncio.gather(*tasks)

    thread = threading.Thread(target=lambda: asyncio.run(live()), name="emulators", daemon=True)
    thread.start()
    try:
        assert ready.wait(30)
        yield found
    finally:
        over.set()
        thread.join(20)
