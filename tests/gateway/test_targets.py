"""What is remembered of addresses, and how much of it."""

import pytest

from gateway.targets import LONGEST_ADDRESS, Target, Targets


def target(accept: bytes | None = None) -> Target:
    return Target("key", "graph.json", accept is not None, accept, None, "main", "acme", "get_graph")


@pytest.mark.parametrize(
    ("path", "query", "accept", "remembered"),
    [
        (b"/" + b"x" * 100, b"y" * 100, b"z" * 100, True),
        (b"/" + b"x" * LONGEST_ADDRESS, b"", None, False),
        (b"/x", b"y" * LONGEST_ADDRESS, None, False),
        (b"/x", b"", b"z" * LONGEST_ADDRESS, False),
    ],
)
def test_nothing_long_is_remembered(
    path: bytes, query: bytes, accept: bytes | None, remembered: bool
) -> None:
    targets = Targets()
    targets.learn(("read", path, query), target(accept))
    assert (targets.find(("read", path, query)) is not None) is remembered
