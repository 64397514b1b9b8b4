"""The cache as callers see it: purges, directives, failures of the vendor, HEAD and codings."""

import gzip
import json
from collections.abc import AsyncIterator

import pytest
from backports import zstd

from gateway import service as gateway_service
from gateway.cache.reader import PAUSE_SECONDS
from gateway.settings import CacheTimes
from tests.gateway.in_process import InProcess, in_process, path_of
from tests.gateway.test_isolation import CALLERS, OPERATOR
from tests.house import House

VENDOR = "noxus"


@pytest.fixture
async def gateway(house: House) -> AsyncIterator[InProcess]:
    async with in_process(house, CacheTimes(workflow=60, listing=60), callers=CALLERS) as started:
        yield started


@pytest.fixture
async def target(gateway: InProcess) -> str:
    page = json.loads((await gateway.ask(f"/v1/connections/{VENDOR}-test/workflows?limit=1")).body)
    return path_of(page["items"][0])


def fail(house: House, status: int = 503) -> None:
    house.control(VENDOR, "PUT", "faults", [{"fault": "status", "status": status}])


async def test_the_vendor_down_the_last_good_bytes_are_given_rfc_5861_4(
    house: House, gateway: InProcess, target: str
) -> None:
    good = await gateway.ask(target)
    gateway.clock.now += 600
    fail(house)
    for _ in range(3):
        kept = await gateway.ask(target)
        assert (kept.status, kept.body) == (200, good.body)
        assert kept.header("age") == "600"
        status = str(kept.header("cache-status"))
        assert "detail=stale-if-error" in status
        assert "ttl=-" in status
    # Not `reset`: the workflow may be one that an earlier test made, and would be gone with it.
    house.control(VENDOR, "DELETE", "faults")
    gateway.clock.now += PAUSE_SECONDS
    again = await gateway.ask(target)
    assert (again.header("age"), "stored" in str(again.header("cache-status"))) == ("0", True), again


async def test_beyond_that_the_failure_is_the_answer(house: House, gateway: InProcess, target: str) -> None:
    await gateway.ask(target)
    gateway.clock.now += 100_000
    fail(house)
    failed = await gateway.ask(target)
    assert (failed.status, json.loads(failed.body)["code"]) == (502, "vendor_broken")
    assert failed.header("cache-status") == "workflow-gateway; fwd=stale; fwd-status=503"


async def test_only_if_cached_is_504_on_a_miss_rfc_9111_5_2_1_7(gateway: InProcess, target: str) -> None:
    missed = await gateway.ask(target, ("cache-control", "only-if-cached"))
    assert (missed.status, json.loads(missed.body)["code"]) == (504, "not_cached")
    assert missed.header("cache-status") == "workflow-gateway; fwd=uri-miss"
    await gateway.ask(target)
    assert (await gateway.ask(target, ("cache-control", "only-if-cached"))).status == 200


async def test_a_listing_over_all_says_whose_pages_are_not_kept_rfc_9111_5_2_1_7(gateway: InProcess) -> None:
    found = json.loads((await gateway.ask("/v1/workflows", ("cache-control", "only-if-cached"))).body)
    assert (found["items"], found["complete"]) == ([], False)
    assert {problem["code"] for problem in found["problems"]} == {"not_cached"}


async def test_no_cache_asks_the_vendor_rfc_9111_5_2_1_4(gateway: InProcess, target: str) -> None:
    await gateway.ask(target)
    asked = await gateway.ask(target, ("cache-control", "no-cache"))
    assert "fwd=request" in str(asked.header("cache-status"))
    old = await gateway.ask(target, ("pragma", "no-cache"))
    assert "fwd=request" in str(old.header("cache-status"))


async def test_bytes_that_come_back_equal_keep_their_tag_and_cost_no_reading(
    gateway: InProcess, target: str
) -> None:
    first = await gateway.ask(target)
    again = await gateway.ask(target, ("cache-control", "no-cache"))
    assert "detail=unchanged" in str(again.header("cache-status"))
    assert again.header("etag") == first.header("etag")


@pytest.mark.parametrize("vendor", ["aitronos", "noxus", "promptlayer"])
async def test_a_vendor_with_validators_is_asked_conditionally_rfc_9110_13_1(
    house: House, gateway: InProcess, vendor: str
) -> None:
    house.control(vendor, "PUT", "variants", ["validators"])
    page = json.loads((await gateway.ask(f"/v1/connections/{vendor}-test/workflows?limit=1")).body)
    target = path_of(page["items"][0])
    first = await gateway.ask(target)
    for name in ("", "/native"):
        again = await gateway.ask(target + name, ("cache-control", "no-cache"))
        assert "fwd=request; fwd-status=304; " in str(again.header("cache-status"))
        assert again.status == 200
    assert (await gateway.ask(target)).header("etag") == first.header("etag")


async def test_what_is_confirmed_is_not_read_again(
    gateway: InProcess, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await gateway.ask(target)

    def refuse(*_: object) -> None:
        raise AssertionError("it was read again")

    monkeypatch.setattr(gateway_service, "workflow_entry", refuse)
    again = await gateway.ask(target, ("cache-control", "no-cache"))
    assert (again.body, again.header("age")) == (first.body, "0")


async def test_a_missing_workflow_is_remembered_rfc_9110_15_5_5(gateway: InProcess) -> None:
    missing = f"/v1/connections/{VENDOR}-test/workflows/00000000-0000-4000-8000-000000000000"
    first, again = await gateway.ask(missing), await gateway.ask(missing)
    assert first.status == again.status == 404
    assert first.header("cache-status") == "workflow-gateway; fwd=uri-miss; stored"
    assert str(again.header("cache-status")).startswith("workflow-gateway; hit; ttl=")
    assert again.header("cache-control") == "no-store"


@pytest.mark.parametrize(
    ("what", "is_gone"),
    [
        ("?all=true", True),
        (f"?connection={VENDOR}-test", True),
        (f"?connection={VENDOR}-test&workflow=THIS", True),
        (f"?connection={VENDOR}-test&workflow=another", False),
        ("?connection=aitronos-test", False),
    ],
)
async def test_a_purge_forgets_what_it_names(
    gateway: InProcess, target: str, what: str, is_gone: bool
) -> None:
    await gateway.ask(target)
    named = what.replace("THIS", target.rpartition("/")[2])
    purged = await gateway.ask(f"/v1/admin/cache{named}", method="DELETE", key=OPERATOR)
    assert (purged.status, purged.body) == (204, b"")
    after = await gateway.ask(target)
    assert ("fwd=uri-miss" in str(after.header("cache-status"))) == is_gone


async def test_a_purge_of_a_workflow_forgets_the_listings_that_show_it(
    gateway: InProcess, target: str
) -> None:
    for listing in ("/v1/workflows", f"/v1/connections/{VENDOR}-test/workflows"):
        await gateway.ask(listing)
        assert "hit" in str((await gateway.ask(listing)).header("cache-status"))
        purge = f"/v1/admin/cache?connection={VENDOR}-test&workflow={target.rpartition('/')[2]}"
        await gateway.ask(purge, method="DELETE", key=OPERATOR)
        assert "fwd=uri-miss" in str((await gateway.ask(listing)).header("cache-status"))


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ("", 400),
        ("?all=false", 400),
        ("?workflow=x", 400),
        (f"?all=true&connection={VENDOR}-test", 400),
        ("?connection=nobody", 404),
    ],
)
async def test_a_purge_of_nothing_in_particular_is_refused(
    gateway: InProcess, what: str, status: int
) -> None:
    assert (await gateway.ask(f"/v1/admin/cache{what}", method="DELETE", key=OPERATOR)).status == status


async def test_the_figures_of_the_cache(gateway: InProcess, target: str) -> None:
    await gateway.ask(target)
    figures = json.loads((await gateway.ask("/v1/admin/cache", key=OPERATOR)).body)
    assert figures["entries"] >= 1
    assert 0 < figures["used_bytes"] < figures["max_bytes"]
    assert "shared" not in figures


@pytest.mark.parametrize("accept", ["gzip", "zstd", "gzip;q=0.9, zstd;q=0.5"])
async def test_codings_are_made_once_and_have_tags_of_their_own_rfc_9110_8_8_3_3(
    gateway: InProcess, target: str, accept: str
) -> None:
    plain = await gateway.ask(target)
    unpack = {"gzip": gzip.decompress, "zstd": zstd.decompress}
    for _ in range(2):
        packed = await gateway.ask(target, ("accept-encoding", accept))
        coding = str(packed.header("content-encoding"))
        assert unpack[coding](packed.body) == plain.body
        assert len(packed.body) < len(plain.body)
        assert packed.header("content-length") == str(len(packed.body))
        assert packed.header("etag") != plain.header("etag")
        assert "accept-encoding" in str(packed.header("vary"))


async def test_head_is_get_without_a_body_rfc_9110_9_3_2(gateway: InProcess, target: str) -> None:
    for path in (target, "/v1/vendors", "/healthz", "/v1/connections/nobody", "/v1/nothing"):
        await gateway.ask(path)
        whole, head = await gateway.ask(path), await gateway.ask(path, method="HEAD")
        assert (head.status, head.head, head.body) == (whole.status, whole.head, b"")


async def test_the_tag_of_a_workflow_begins_with_its_digest(gateway: InProcess, target: str) -> None:
    found = await gateway.ask(target)
    digest = json.loads(found.body)["digest"].removeprefix("sha256:")
    assert str(found.header("etag")).startswith(f'"{digest[:32]}-')


async def test_a_page_of_a_switched_off_cache_is_made_anew(house: House) -> None:
    none = CacheTimes(listing=0, workflow=0)
    async with in_process(house, none) as gateway:
        for _ in range(2):
            found = await gateway.ask("/v1/workflows?limit=3")
            assert "fwd=uri-miss" in str(found.header("cache-status"))
            assert found.header("cache-control") == "private, no-cache"
