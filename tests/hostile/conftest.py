"""Gateways that face what no honest vendor and no honest caller sends."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.registry import load_all
from gateway.app import create_app
from gateway.callers import hash_key
from gateway.environment import Secret
from gateway.settings import CallerSettings, Settings
from tests.adapters.loopback import Loopback
from tests.cache.reading import Clock
from tests.gateway.in_process import InProcess, started
from tests.house import KEY

VENDORS = ("aitronos", "noxus", "promptlayer")


@dataclass
class Facing:
    """A gateway and the one server that stands for every vendor."""

    gateway: InProcess
    vendor: Loopback


Face = Callable[..., contextlib.AbstractAsyncContextManager[Facing]]


@pytest.fixture
def face() -> Face:
    """`async with face(objects=1000) as facing` starts both, with changes to the connections' limits."""

    @contextlib.asynccontextmanager
    async def facing(server: dict[str, Any] | None = None, **limits: Any) -> AsyncIterator[Facing]:
        async with Loopback() as vendor:
            settings = Settings.model_validate(
                {
                    "source": __file__,
                    "server": server or {},
                    "callers": (
                        CallerSettings(
                            name="all", key_hashes=(hash_key(KEY),), rights=("read", "write", "run")
                        ),
                    ),
                    "connections": {
                        name: {
                            "vendor": name,
                            "base_url": vendor.url,
                            "credential": "env:UNUSED",
                            "limits": limits,
                        }
                        for name in VENDORS
                    },
                },
                strict=False,
            )
            secrets = {name: Secret("sk-hostile-4f9d2c71") for name in VENDORS}
            clock = Clock(1_800_000_000.0)
            async with started(create_app(settings, load_all(), secrets, clock), clock) as gateway:
                yield Facing(gateway, vendor)

    return facing
