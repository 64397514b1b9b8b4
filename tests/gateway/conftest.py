"""The house, started once for all tests, and put back in order before each."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.gateway.fake_server import FakeServer, running_fake
from tests.house import NARROW_KEY, House, running_house


@pytest.fixture(scope="session")
def whole_house() -> Iterator[House]:
    with running_house() as house:
        yield house


@pytest.fixture
def house(whole_house: House) -> House:
    whole_house.reset()
    return whole_house


@pytest.fixture(scope="session")
def whole_hasty_house() -> Iterator[House]:
    with running_house(hasty=True) as house:
        yield house


@pytest.fixture
def hasty_house(whole_hasty_house: House) -> House:
    """A house whose gateway waits a second for a vendor, no longer."""
    whole_hasty_house.reset()
    return whole_hasty_house


@pytest.fixture
def api(house: House) -> Iterator[httpx.Client]:
    """A caller that may see everything."""
    with house.client() as client:
        yield client


@pytest.fixture
def narrow(house: House) -> Iterator[httpx.Client]:
    """A caller that may see one connection."""
    with house.client(NARROW_KEY) as client:
        yield client


@pytest.fixture
def stranger(house: House) -> Iterator[httpx.Client]:
    """Somebody without a key."""
    with house.client(None) as client:
        yield client


@pytest.fixture
async def fake() -> AsyncIterator[FakeServer]:
    """A made-up vendor, new for each test."""
    async with running_fake() as running:
        yield running
