"""Two callers with different rights never see each other's entries, on whatever route, however warm the cache."""

import json
from collections.abc import AsyncIterator

import pytest

from gateway.callers import hash_key
from gateway.settings import CallerSettings
from gateway.settings.values import Right
from tests.gateway.in_process import InProcess, Reply, in_process
from tests.gateway.test_ways import LASTING, addresses
from tests.house import KEY, House

NARROW, OTHER, OPERATOR = "key-of-the-narrow-one", "key-of-the-other-one", "key-of-the-operator"


def caller(
    name: str, key: str, *connections: str, rights: tuple[Right, ...] = (Right.READ,)
) -> CallerSettings:
    seen = connections or "all"
    return CallerSettings(name=name, key_hashes=(hash_key(key),), connections=seen, rights=rights)


CALLERS = (
    caller("everything", KEY),
    caller("narrow", NARROW, "noxus-test"),
    caller("other", OTHER, "aitronos-test", "promptlayer-test"),
    caller("operator", OPERATOR, rights=(Right.ADMIN,)),
)


@pytest.fixture
async def gateway(house: House) -> AsyncIterator[InProcess]:
    async with in_process(house, LASTING, callers=CALLERS) as started:
        yield started


def connection_of(target: str) -> str | None:
    parts = target.partition("?")[0].split("/")
    return parts[3] if parts[2] == "connections" else None


def connections_shown(reply: Reply) -> set[str]:
    return {item["connection"] for item in json.loads(reply.body)["items"]}


async def test_what_one_caller_warmed_is_not_there_for_another(gateway: InProcess) -> None:
    targets = await addresses(gateway)
    for target in targets * 2:
        assert (await gateway.ask(target)).status == 200
        for key, own in ((NARROW, {"noxus-test"}), (OTHER, {"aitronos-test", "promptlayer-test"})):
            connection = connection_of(target)
            for headers in ((), (("x-ignored", "1"), ("x-ignored", "2")), (("if-none-match", "*"),)):
                found = await gateway.ask(target, *headers, key=key)
                if connection is None and found.status == 200:
                    assert connections_shown(found) <= own
                elif connection is not None:
                    assert (found.status in (200, 304)) == (connection in own), (target, key)


async def test_a_listing_of_little_is_not_given_to_who_may_see_all(gateway: InProcess) -> None:
    for _ in range(3):
        little = connections_shown(await gateway.ask("/v1/workflows?limit=200", key=NARROW))
        all_of_it = connections_shown(await gateway.ask("/v1/workflows?limit=200"))
        assert little == {"noxus-test"}
        assert all_of_it == {"noxus-test", "aitronos-test", "promptlayer-test"}


async def test_a_key_of_nobody_gets_nothing_of_what_is_kept(gateway: InProcess) -> None:
    for target in await addresses(gateway):
        for headers in ((), (("if-none-match", "*"),), (("cache-control", "only-if-cached"),)):
            found = await gateway.ask(target, *headers, key="nobody's key")
            assert found.status == 401
            assert json.loads(found.body)["code"] == "not_authenticated"
            assert found.header("cache-status") is None


async def test_who_may_not_read_gets_nothing_of_what_is_kept(gateway: InProcess) -> None:
    for target in await addresses(gateway):
        found = await gateway.ask(target, key=OPERATOR)
        assert (found.status, json.loads(found.body)["code"]) == (403, "not_allowed")


async def test_every_read_route_is_among_those_that_are_tried(gateway: InProcess) -> None:
    document = json.loads((await gateway.ask("/openapi.json")).body)
    routes = {
        path
        for path, operations in document["paths"].items()
        if "get" in operations
        and ("/workflow" in path or "/assistants" in path)
        and "/runs" not in path  # nothing of a run is kept
    }
    tried = {_template(target.partition("?")[0]) for target in await addresses(gateway)}
    assert tried == routes


def _template(path: str) -> str:
    names = {"connections": "connection", "workflows": "workflow", "assistants": "assistant"}
    names |= {"versions": "version", "labels": "label"}
    parts = path.split("/")
    return "/".join(
        f"{{{names[before]}}}" if before in names and part != "" else part
        for before, part in zip(["", *parts], parts, strict=False)
    )


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("key", [KEY, NARROW])
async def test_the_cache_is_the_operators_alone(gateway: InProcess, method: str, key: str) -> None:
    found = await gateway.ask(
        "/v1/admin/cache?all=true" if method == "DELETE" else "/v1/admin/cache", method=method, key=key
    )
    assert (found.status, json.loads(found.body)["code"]) == (403, "not_allowed")
