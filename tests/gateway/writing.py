"""A gateway in front of the fake vendor, for tests of what changes something."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from adapters.contract import Vendor
from gateway.app import create_app
from gateway.callers import hash_key
from gateway.environment import Secret
from gateway.settings import (
    SHARED_URL,
    CacheSettings,
    CallerSettings,
    ConnectionSettings,
    LimitSettings,
    ServerSettings,
    Settings,
    SharedCacheSettings,
)
from gateway.settings.models import RetrySettings
from gateway.settings.values import Right
from tests.cache.reading import Clock
from tests.gateway.fake_server import FakeServer
from tests.gateway.fake_vendor import fake_vendor
from tests.gateway.in_process import InProcess, Reply, started
from tests.house import KEY

WRITER, RUNNER, READER, OTHER = KEY, "key-of-the-runner", "key-of-the-reader", "key-of-the-other-writer"
ALL = (Right.READ, Right.WRITE, Right.RUN)
CALLERS = (
    CallerSettings(name="writer", key_hashes=(hash_key(WRITER),), rights=ALL),
    CallerSettings(name="other", key_hashes=(hash_key(OTHER),), rights=ALL),
    CallerSettings(name="runner", key_hashes=(hash_key(RUNNER),), rights=(Right.RUN,)),
    CallerSettings(name="reader", key_hashes=(hash_key(READER),)),
)
ONE_ATTEMPT = LimitSettings(timeout_seconds=5, retries=RetrySettings(attempts=1))
BASE = "/v1/connections/acc"
FLOWS = BASE + "/workflows"
ONE = FLOWS + "/w1"


@asynccontextmanager
async def writing_gateway(
    fake: FakeServer,
    vendor: Vendor | None = None,
    redis_url: str | None = None,
    *,
    connection: dict[str, Any] | None = None,
    server: dict[str, Any] | None = None,
    **changes: Any,
) -> AsyncIterator[InProcess]:
    """Start a gateway with one connection, `acc`, and the cache on."""
    vendor = vendor or fake_vendor()
    clock = Clock(1_800_000_000.0 if redis_url is None else time.time())
    secrets = {"acc": Secret("a-secret-of-some-length")}
    if redis_url is not None:
        shared = SharedCacheSettings(
            url=redis_url, prefix=changes.pop("prefix", "wg"), patience_seconds=1, call_seconds=5
        )
        changes["cache"] = CacheSettings(shared=shared)
        secrets[SHARED_URL] = Secret(redis_url)
    settings = Settings(
        source=Path("test.yaml"),
        server=ServerSettings(log_level="error", log_format="json", **(server or {})),
        callers=changes.pop("callers", CALLERS),
        connections={
            "acc": ConnectionSettings(
                vendor=vendor.name,
                base_url=fake.url,
                credential="env:UNUSED",
                **{"limits": ONE_ATTEMPT, **(connection or {})},
            )
        },
        **changes,
    )
    async with started(create_app(settings, {vendor.name: vendor}, secrets, clock), clock) as gateway:
        yield gateway


def told(reply: Reply) -> Any:
    """Return an answer's JSON."""
    return json.loads(reply.body)


def code_of(reply: Reply) -> tuple[int, str]:
    """Return a problem's status and code."""
    return reply.status, told(reply)["code"]
