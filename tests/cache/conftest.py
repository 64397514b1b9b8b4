"""Redis servers for the tests of this folder."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cache.redis_server import RedisServer, cluster


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One for everybody who leaves it as it is; tests keep apart by prefix."""
    with tempfile.TemporaryDirectory(prefix="wg-") as folder, RedisServer(Path(folder)) as server:
        yield server


@pytest.fixture(scope="session")
def redis_cluster() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="wg-") as folder, cluster(Path(folder)) as server:
        yield server


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """One to be killed, frozen or reconfigured."""
    with tempfile.TemporaryDirectory(prefix="wg-") as folder, RedisServer(Path(folder)) as server:
        yield server
