"""What the writing commands send, through a gateway over a small vendor; and what they say where it cannot be done."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from gateway.main import server as gateway_server
from gateway.telemetry import logs
from tests.cli.conftest import Command
from tests.gateway.fake_server import FakeServer, running_fake
from tests.gateway.writing import KEY, writing_gateway


class Asked:
    """Runs commands against a gateway of this loop."""

    def __init__(self, run: Command, url: str, fake: FakeServer) -> None:
        self.fake = fake
        self._run, self._url = run, url

    async def __call__(self, *arguments: str) -> Result:
        return await asyncio.to_thread(self._run, *arguments, "--url", self._url, "--key", KEY)


@pytest.fixture
async def asked(run: Command) -> AsyncIterator[Asked]:
    logs.configure("error", "json", [])  # the gateway's own lines are not the command's
    async with running_fake() as fake, writing_gateway(fake) as gateway:
        running = gateway_server(gateway.app, "127.0.0.1", 0)
        running.config.lifespan = "off"
        task = asyncio.create_task(running.serve())
        while not running.started:  # noqa: ASYNC110 - a flag, no event
            await asyncio.sleep(0.005)
        yield Asked(run, f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}", fake)
        running.should_exit = True
        await task


def written(folder: Path, content: Any) -> str:
    path = folder / "body.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


async def test_a_workflow_is_made_changed_and_deleted(asked: Asked, tmp_path: Path) -> None:
    native = written(tmp_path, {"name": "n", "steps": []})
    made = await asked("workflows", "create", "acc", native, "--native")
    assert (made.exit_code, json.loads(made.stdout)["workflow"]["id"]) == (0, "w2"), made.output
    patch = written(tmp_path, {"description": "d"})
    changed = await asked("workflows", "update", "acc", "w2", patch, "--if-match", "*")
    assert json.loads(changed.stdout)["workflow"]["description"] == "d"
    deleted = await asked("workflows", "delete", "acc", "w2")
    assert (deleted.exit_code, deleted.stdout) == (0, "")
    assert "w2" not in asked.fake.documents


async def test_a_dry_run_sends_nothing(asked: Asked, tmp_path: Path) -> None:
    planned = await asked("workflows", "update", "acc", "w1", written(tmp_path, {"name": "x"}), "--dry-run")
    assert json.loads(planned.stdout)["calls"][0]["method"] == "PATCH"
    assert asked.fake.changes == []


async def test_refusals_are_told(asked: Asked, tmp_path: Path) -> None:
    lossy = await asked("workflows", "update", "acc", "w1", written(tmp_path, {"tags": ["a"]}), "--strict")
    assert (lossy.exit_code, "lossy, status 409" in lossy.output) == (1, True)
    assert "/tags: there is no place for tags" in lossy.output
    broken = await asked("workflows", "update", "acc", "w1", written(tmp_path, "{"))
    assert (broken.exit_code, "not JSON" in broken.output) == (2, True)


async def test_a_run_is_started_and_looked_at(asked: Asked, tmp_path: Path) -> None:
    started = await asked("runs", "start", "acc", "w1", "--inputs", written(tmp_path, {"a": 1}))
    assert json.loads(started.stdout)["inputs"] == {"a": 1}, started.output
    seen = await asked("runs", "get", "acc", "w1", "r1")
    assert json.loads(seen.stdout)["state"] == "running"


def test_without_a_gateway_the_work_is_done_here(run: Command, config_file: Path) -> None:
    result = run("runs", "start", "aitronos-test", "flow_x", "--config", str(config_file))
    assert (result.exit_code, "unsupported, status 501" in result.output) == (1, True), result.output
