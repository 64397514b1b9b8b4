"""The soak's last look finds what it is there to find."""

import json
import random
from collections.abc import Sequence

import httpx
import pytest

from tests.soak.client import Client, Place
from tests.soak.remains import remains
from tests.soak.tally import Tally
from tests.soak.truth import DYING_SECONDS, Truth, Windows

PLACE = Place("fake", "fake-soak", {}, "/flows/{}", renames=True, direct=("", {}))
NOW = "Soak 1-2"


def listing(pages: Sequence[Sequence[dict[str, str]]]) -> httpx.AsyncClient:
    """Return a client of a gateway that lists these pages."""

    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("cursor", "0"))
        following = {"next_cursor": str(number + 1)} if number + 1 < len(pages) else {}
        return httpx.Response(200, text=json.dumps({"items": list(pages[number]), **following}))

    return httpx.AsyncClient(base_url="http://gateway", transport=httpx.MockTransport(answer))


def a_client(http: httpx.AsyncClient, name: str, *loose: str) -> Client:
    truth = Truth("w1", name, name) if name else Truth()
    return Client(http, PLACE, Windows(), Tally(), random.Random(1), 1, truth, loose=set(loose))


@pytest.mark.parametrize(
    ("there", "loose", "wrong"),
    [
        ([[{"name": NOW}]], (), []),
        ([[{"name": "of the seed"}, {"name": "Soak model"}], [{"name": NOW}]], (), []),
        ([[{"name": NOW}, {"name": "Soak 1-1", "status": "deleted"}]], (), []),
        ([[{"name": NOW}, {"name": "Soak 1-1"}]], ("Soak 1-1",), []),
        ([[{"name": NOW}]], ("Soak 1-1",), []),
        ([[{"name": NOW}, {"name": "Soak 1-1"}]], (), ["'Soak 1-1' is there and belongs to nobody"]),
        ([[{"name": NOW}], [{"name": NOW}]], (), [f"'{NOW}' is there 2 times"]),
        ([[{"name": NOW, "status": "deleted"}]], (), [f"'{NOW}' was acknowledged and is not there"]),
        ([[]], (), [f"'{NOW}' was acknowledged and is not there"]),
    ],
)
async def test_what_is_left_is_what_was_acknowledged(
    there: list[list[dict[str, str]]], loose: tuple[str, ...], wrong: list[str]
) -> None:
    async with listing(there) as http:
        found = await remains(http, [a_client(http, NOW, *loose)])
    assert found == [f"fake-soak: {sentence}" for sentence in wrong]


async def test_who_has_no_workflow_misses_none() -> None:
    async with listing([[]]) as http:
        assert await remains(http, [a_client(http, "")]) == []


@pytest.mark.parametrize(
    ("began", "ended", "cut"),
    [
        (9.0, 11.0, True),
        (10.0 + DYING_SECONDS, 12.0, True),
        (9.0, 9.9, False),
        (10.1 + DYING_SECONDS, 12.0, False),
    ],
)
def test_a_kill_explains_what_was_under_way_then(began: float, ended: float, cut: bool) -> None:
    assert Windows(kills=[10.0]).cut(began, ended) is cut
    assert not Windows().cut(began, ended)
