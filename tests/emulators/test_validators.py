"""The variant of every emulator: strong tags, and 304 to whoever has the answer already."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import httpx
import pytest

from emulators.contract import COMMON_VARIANTS, EmulatorOptions
from emulators.registry import load, load_all, names
from emulators.validators import matches

Connect = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
LISTINGS = {"aitronos": "/v1/workflows", "noxus": "/v1/workflows", "promptlayer": "/workflows"}


@pytest.fixture(params=names())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def api(name: str, in_process: Connect) -> AsyncIterator[httpx.AsyncClient]:
    async with in_process(load(name)) as client:
        client.headers["x-api-key"] = load(name).default_key
        yield client


async def switch(api: httpx.AsyncClient, *variants: str) -> None:
    assert (await api.put("/__emulator__/variants", json=list(variants))).status_code == 200


async def test_no_vendor_sends_a_tag_unless_it_is_switched_on(name: str, api: httpx.AsyncClient) -> None:
    answer = await api.get(LISTINGS[name])
    assert answer.status_code == 200
    assert "etag" not in answer.headers
    assert (await api.get(LISTINGS[name], headers={"if-none-match": "*"})).status_code == 200


async def test_switched_on_an_answer_is_sent_once_and_then_304(name: str, api: httpx.AsyncClient) -> None:
    plain = await api.get(LISTINGS[name])
    await switch(api, "validators")
    tagged = await api.get(LISTINGS[name])
    assert (tagged.status_code, tagged.content) == (200, plain.content)
    tag = tagged.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await api.get(LISTINGS[name], headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert "content-type" not in again.headers
    other = await api.get(LISTINGS[name], headers={"if-none-match": '"other"'})
    assert (other.status_code, other.content) == (200, plain.content)


async def test_only_a_successful_get_has_a_tag(name: str, api: httpx.AsyncClient) -> None:
    await switch(api, "validators")
    refused = await api.get(LISTINGS[name], headers={"x-api-key": "wrong", "if-none-match": "*"})
    assert refused.status_code == 401
    assert "etag" not in refused.headers
    assert "etag" not in (await api.post(LISTINGS[name], json={})).headers


async def test_a_change_changes_the_tag(in_process: Connect) -> None:
    emulator, path = load("aitronos"), LISTINGS["aitronos"]
    async with in_process(emulator) as client:
        client.headers["x-api-key"] = emulator.default_key
        await switch(client, "validators")
        before = (await client.get(path)).headers["etag"]
        await client.post(path, json={"name": "New", "definition": {}})
        after = await client.get(path, headers={"if-none-match": before})
    assert after.status_code == 200
    assert after.headers["etag"] != before


async def test_it_can_be_on_from_the_start_and_shows_on_the_front_page(
    name: str, in_process: Connect
) -> None:
    options = EmulatorOptions(api_key="k", variants=frozenset(COMMON_VARIANTS))
    async with in_process(load(name), options) as client:
        about = (await client.get("/__emulator__/")).json()
        assert about["variants_on"] == list(COMMON_VARIANTS)
        assert about["variants"].items() >= COMMON_VARIANTS.items()


def test_no_vendor_has_a_variant_of_the_same_name() -> None:
    assert all(not set(emulator.variants) & set(COMMON_VARIANTS) for emulator in load_all().values())


@pytest.mark.parametrize(
    ("known", "matched"),
    [("", False), ('"b"', False), ('"a"', True), (' W/"a" ,"b"', True), ("*", True), ("a", False)],
)
def test_a_tag_matches_when_it_is_named(known: str, matched: bool) -> None:
    assert matches(known, '"a"') is matched
