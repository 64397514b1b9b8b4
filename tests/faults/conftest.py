"""The rig, started once for all tests of faults in a process."""

from collections.abc import Iterator

import pytest

from tests.faults.rig import Rig, running_rig


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with running_rig() as running:
        yield running
