"""How much is remembered of a request whose answer is not kept."""

from types import SimpleNamespace
from typing import Any

from gateway.passthrough.calls import Call
from gateway.passthrough.reads import name_of


def call(**changed: Any) -> Call:
    facts: dict[str, Any] = {"path": b"/x", "query": b"", "headers": (), "connection": "main", "mount": "/m"}
    facts |= changed
    connection: Any = SimpleNamespace(name=facts.pop("connection"))
    return Call(connection=connection, method="GET", segments=("x",), **facts)


def test_a_long_request_is_remembered_by_as_little_as_a_short_one() -> None:
    long = call(path=b"/" + b"x" * 9000, query=b"y" * 7000, headers=((b"accept", b"z" * 60_000),))
    assert len(name_of(long)) == len(name_of(call())) == 32


def test_whatever_may_change_the_answer_is_another_request() -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"path": b"/y"},
        {"query": b"a=1"},
        {"headers": ((b"accept", b"text/plain"),)},
        {"connection": "other"},
        {"mount": ""},
    ]
    assert len({name_of(call(**each)) for each in changes}) == len(changes)
    assert name_of(call(headers=((b"user-agent", b"other"),))) == name_of(call())
