"""The authentication layer alone: a gateway without callers answers this machine only."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.callers import Callers, hash_key
from gateway.edge.authentication import CALLER, AuthenticationLayer
from gateway.edge.gate import Gate
from gateway.settings import CallerSettings

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Inner:
    """Remembers the callers that were let in."""

    def __init__(self) -> None:
        self.callers: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.callers.append(scope[CALLER].name)


async def ask(
    callers: Callers, *headers: tuple[str, str], path: str = "/v1/workflows"
) -> tuple[Inner, list[Any]]:
    inner, sent = Inner(), []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": "http", "path": path, "headers": raw}
    await AuthenticationLayer(inner, Gate(callers, NOW.timestamp))(scope, receive, send)
    return inner, sent


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "127.3.2.1"])
async def test_without_callers_this_machine_comes_in_anonymously(host: str) -> None:
    inner, _ = await ask(Callers(()), ("host", host))
    assert inner.callers == ["anonymous"]


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "192.168.0.7:8080", "[", "", "127.0.0.1.evil.example"]
)
async def test_a_name_from_elsewhere_that_leads_here_does_not(host: str) -> None:
    inner, sent = await ask(Callers(()), ("host", host))
    assert inner.callers == []
    assert sent[0]["status"] == 401


async def test_an_expired_key_is_no_key() -> None:
    declared = CallerSettings(
        name="old", key_hashes=(hash_key("k"),), expires=datetime(2026, 11, 21, tzinfo=UTC)
    )
    inner, sent = await ask(Callers.from_settings([declared]), ("x-api-key", "k"), ("host", "localhost"))
    assert inner.callers == []
    assert sent[0]["status"] == 401


async def test_the_same_key_in_both_headers_is_one_key() -> None:
    declared = CallerSettings(name="both", key_hashes=(hash_key("k"),))
    inner, _ = await ask(
        Callers.from_settings([declared]), ("x-api-key", "k"), ("authorization", "Bearer k"), ("host", "x")
    )
    assert inner.callers == ["both"]
