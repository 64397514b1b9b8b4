"""A gateway in a process of its own whose configuration changes, and callers who ask it all the while."""

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from emulators.registry import load_all as load_emulators
from gateway.callers import hash_key
from tests.cli.processes import COMMAND, Running, environment, started
from tests.house import House

ADMIN_KEY = "test-key-of-the-operator"
HEADERS = {"x-api-key": ADMIN_KEY}
SLOW = 20


@dataclass
class Changing:
    """A configuration file that is written anew.

    Attributes:
        path: where it is.
        emulators: where the vendors are.
        server: what stands under `server`.
    """

    path: Path
    emulators: dict[str, str]
    server: dict[str, Any] = field(default_factory=dict)

    def write(self, *names: str, **more: Any) -> None:
        """Have these connections, all on the same vendor, and `main` without a cache."""
        vendor = "noxus"
        (self.path.parent / "vendor.key").write_text(load_emulators()[vendor].default_key, encoding="utf-8")
        connection = {"vendor": vendor, "base_url": self.emulators[vendor], "credential": "file:vendor.key"}
        document = {
            "server": {"port": 0, "log_format": "json", **self.server},
            "callers": [
                {
                    "name": "operator",
                    "key_hashes": [hash_key(ADMIN_KEY)],
                    "rights": ["read", "write", "admin"],
                }
            ],
            "connections": {name: {**connection, **more.get(name, {})} for name in names},
        }
        self.path.write_text(yaml.safe_dump(document), encoding="utf-8")

    def rotate(self, key: str) -> None:
        (self.path.parent / "vendor.key").write_text(key, encoding="utf-8")


class Gateway:
    """A gateway that runs."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.url: str = self.event("listening")["url"]

    def event(self, name: str) -> dict[str, Any]:
        line: dict[str, Any] = json.loads(self.running.wait_for(f'"event": "{name}"'))
        return line

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, headers=HEADERS, trust_env=False, timeout=SLOW)

    def reload(self) -> httpx.Response:
        return httpx.post(f"{self.url}/v1/admin/reload", headers=HEADERS, trust_env=False, timeout=SLOW)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextlib.contextmanager
def gateway_of(changing: Changing, *options: str) -> Iterator[Gateway]:
    with started((*COMMAND, "serve", "--config", str(changing.path), *options), env=environment()) as running:
        yield Gateway(running)


def changing_in(folder: Path, house: House, **server: Any) -> Changing:
    return Changing(folder / "gateway.yaml", house.emulators, server)


@dataclass(frozen=True)
class Asked:
    """One request: what was asked of which connection, when, and what came of it."""

    connection: str
    began: float
    ended: float
    status: int
    text: str


class Callers:
    """Some who ask without a pause, in a thread, until they are told to stop."""

    def __init__(self, url: str, names: tuple[str, ...], many: int = 4) -> None:
        self._url = url
        self._names = names
        self._many = many
        self._over = False
        self.asked: list[Asked] = []

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Have them ask for as long as the block takes, however it ends."""
        with ThreadPoolExecutor() as pool:
            asking = pool.submit(lambda: asyncio.run(self._all()))
            try:
                yield
            finally:
                self._over = True
            asking.result(SLOW)

    async def _all(self) -> None:
        async with httpx.AsyncClient(
            base_url=self._url, headers=HEADERS, trust_env=False, timeout=SLOW
        ) as client:
            await asyncio.gather(*(self._ask(client, name) for name in self._names * self._many))

    async def _ask(self, client: httpx.AsyncClient, name: str) -> None:
        while not self._over:
            began = time.monotonic()
            answer = await client.get(f"/v1/connections/{name}/workflows", params={"limit": 2})
            self.asked.append(Asked(name, began, time.monotonic(), answer.status_code, answer.text))
