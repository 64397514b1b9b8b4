"""Has the gateway fail in every way that writes a traceback, with secrets in the words of the errors."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from typing import Final

import httpx

from tests.canary.driving import Driver, Route
from tests.canary.installation import Installation
from tests.cli.processes import COMMAND, PATIENCE, ROOT

FAILING: Final = """
import asyncio, base64, gc, threading
import adapters.transport, gateway.edge.head

call, answer = adapters.transport.Transport.call, gateway.edge.head.HeadLayer.__call__

def fail(words):
    raise RuntimeError(words)

class Unraisable:
    def __init__(self, words): self.words = words
    def __del__(self): fail(self.words)

async def later(words):
    fail(words)

async def failing_call(self, request, **more):
    target = bytes(request.url.raw_path)
    words = f"{request.headers.raw!r} {self.composer._credential!r}"
    if b"crash-base64" in target:
        fail(base64.b64encode(words.encode()))
    if b"crash-task" in target:
        asyncio.create_task(later(words))
        await asyncio.sleep(0.01)
        gc.collect()
    if b"crash-thread" in target:
        await asyncio.to_thread(lambda: threading.Thread(target=fail, args=(words,)).start())
    if b"crash-finalizer" in target:
        Unraisable(words)
    if b"crash" in target:
        try:
            fail(words)
        except RuntimeError as error:
            raise ValueError(f"again {words}") from error
    return await call(self, request, **more)

async def failing_answer(self, scope, receive, send):
    if "crash-head" in scope.get("path", ""):
        fail(repr([pair for pair in scope["headers"] if pair[0] in (b"x-api-key", b"authorization", b"cookie")]))
    await answer(self, scope, receive, send)

adapters.transport.Transport.call = failing_call
gateway.edge.head.HeadLayer.__call__ = failing_answer
"""
"""Makes calls and answers fail by what stands in their paths."""

NOT_STARTING: Final = """
import gateway.app, gateway.generations
create_app = gateway.app.create_app

def failing(settings, vendors, secrets, *rest, **more):
    raise RuntimeError({name: secret.reveal() for name, secret in secrets.items()})

gateway.app.create_app = gateway.generations.create_app = failing
"""
"""Has no application be made."""

CRASHES: Final = ("crash", "crash-base64", "crash-task", "crash-thread", "crash-finalizer", "crash-head")


def crash_while_serving(house: Installation) -> Driver:
    """Serve with two workers and logs for people; have them fail in every way, and be killed while they write."""
    document = house.document()
    house.write(server={**document["server"], "log_format": "console"})
    with house.serving("two workers", "--workers", "2", code=FAILING) as process:
        driver = Driver(process.url, house.planted)
        asyncio.run(_crash(driver))
        workers = [int(found) for found in re.findall(r"process=(\d+)", plain(process.running.said))]
        os.kill(workers[0], signal.SIGKILL)
        asyncio.run(_write_and_be_killed(driver, house, process.number))
    return driver


async def _crash(driver: Driver) -> None:
    routes = [
        Route("GET", "/v1/connections/{connection}/workflows/{workflow}", (), None, ""),
        Route("GET", "/v1/connections/{connection}/workflows/{workflow}/versions", (), None, ""),
        Route("DELETE", "/v1/connections/{connection}/workflows/{workflow}", (), None, ""),
    ]
    for crash in CRASHES:
        await driver.ask_routes(routes, ["noxus", "parrot-noxus"], {"workflow": crash}, crash)


async def _write_and_be_killed(driver: Driver, house: Installation, number: int) -> None:
    body = f'{{"workflow": {{"name": "{house.planted("content of a write")}"}}}}'.encode()
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
        fault = [{"fault": "latency", "seconds": 5}]
        await client.put(f"{house.emulators['noxus']}/__emulator__/faults", json=fault)
        target = "/v1/connections/noxus/workflows"
        headers = {"x_api_key": house.keys.good, "content_type": "application/json"}
        writing = asyncio.create_task(driver.ask("POST", target, body, **headers))
        await asyncio.sleep(0.3)
        os.kill(number, signal.SIGKILL)
        await writing
        await client.post(f"{house.emulators['noxus']}/__emulator__/reset")


def crash_at_the_start(house: Installation) -> None:
    """Have a gateway of one process fail to start, and one of two workers."""
    house.write()
    for workers in ("1", "2"):
        serve = ("serve", "--config", str(house.config), "--workers", workers)
        done = subprocess.run(
            [sys.executable, "-c", f"{NOT_STARTING}\n{COMMAND[-1]}", *serve],
            cwd=ROOT,
            env=house.variables(),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode != 0
        assert b"RuntimeError" in done.stderr
        house.said[f"{workers} that do not start"] = (done.stdout + done.stderr).decode()


def plain(text: str) -> str:
    """Return a text without what colours it."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
