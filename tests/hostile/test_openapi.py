"""schemathesis reads the gateway's own description of itself, and holds it to every word."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.callers import hash_key
from gateway.settings import CallerSettings, Settings
from gateway.settings.values import Right
from tests.house import KEY, House, running_house

FOLDER = Path(__file__).parent
EXAMPLES = {"quick": "3", "thorough": "100"}
"""By hypothesis' profile."""


def with_every_right(settings: Settings) -> Settings:
    caller = CallerSettings(name="everything", key_hashes=(hash_key(KEY),), rights=tuple(Right))
    return settings.model_copy(update={"callers": (caller,)})


@pytest.fixture
def house() -> Iterator[House]:
    with running_house(change=with_every_right) as found:
        yield found


def there(house: House) -> str:
    """Return a workflow of each connection."""
    with house.client() as client:
        items = client.get("/v1/workflows?limit=200").json()["items"]
    return " ".join(
        {f"{item['connection']}={item['id']}" for item in items if item["id"].isalnum() or "-" in item["id"]}
    )


def test_the_gateway_keeps_what_its_description_says(house: House, tmp_path: Path) -> None:
    profile = os.environ.get("HYPOTHESIS_PROFILE", "quick")
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            f"--config-file={FOLDER / 'schemathesis.toml'}",
            "run",
            f"{house.gateway}/openapi.json",
            f"--header=X-API-Key: {KEY}",
            "--checks=all",
            f"--max-examples={EXAMPLES[profile]}",
            "--seed=1",
            "--generation-deterministic",
            "--warnings=off",
            "--no-color",
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "HOSTILE_THERE": there(house),
            "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
            "PYTHONPATH": str(FOLDER),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-4000:]
