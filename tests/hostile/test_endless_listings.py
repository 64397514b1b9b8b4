"""A vendor whose listing never ends costs a bounded number of calls, and one that goes in circles is found out."""

import asyncio
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.contract import Http, NativePage, PageRequest
from adapters.registry import load_all
from tests.adapters.loopback import Received, answer
from tests.hostile.conftest import Face


async def endless(request: Received, writer: asyncio.StreamWriter) -> None:
    """Answer with the page that was asked for, and say that there are more."""
    number = int(parse_qs(urlsplit(request.target).query)["page"][0])
    items = [{"id": f"w{number}", "name": "never looked for"}]
    page = {"items": items, "total": 10**9, "page": number, "size": 1, "pages": 10**9}
    await answer(200, json.dumps(page).encode())(request, writer)


async def test_a_search_that_finds_nothing_asks_so_many_times_and_gives_a_cursor(face: Face) -> None:
    async with face({"listing_pages": 4}) as facing:
        facing.vendor.respond = endless
        target = "/v1/connections/noxus/workflows?limit=1&text=xyz"
        first = json.loads((await facing.gateway.ask(target)).body)
        assert len(facing.vendor.received) == 4
        assert first["items"] == []
        again = await facing.gateway.ask(f"{target}&cursor={first['next_cursor']}")
        assert again.status == 200
        assert len(facing.vendor.received) == 8


class Circular:
    """A vendor's listing whose pages lead back to each other."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.asked: list[str | None] = []

    async def page(self, _: Http, request: PageRequest) -> NativePage:
        self.asked.append(request.position)
        return NativePage((), str(len(self.asked) % self.size))


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_a_listing_that_goes_in_circles_is_the_vendor_s_surprise(
    face: Face, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    listing = Circular(size)
    monkeypatch.setattr(
        type(load_all()["noxus"].api), "page", lambda _, http, request: listing.page(http, request)
    )
    async with face() as facing:
        reply = await facing.gateway.ask("/v1/connections/noxus/workflows")
        told = json.loads(reply.body)
        assert (reply.status, told["code"]) == (502, "vendor_surprise")
        assert len(listing.asked) == size + 1
