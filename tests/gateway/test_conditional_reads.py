"""`If-Match` on a read: what is there is given out only if it is what the caller saw; each test names its paragraph."""

import json
from collections.abc import AsyncIterator

import pytest

from gateway.settings import CacheTimes
from tests.gateway.fake_server import FakeServer
from tests.gateway.in_process import InProcess, Reply
from tests.gateway.writing import FLOWS, ONE, code_of, writing_gateway

READS = (FLOWS, ONE, f"{ONE}?include=native", f"{ONE}/native", f"{ONE}/graph", "/v1/workflows")
LONG = "A description that is worth compressing. " * 60
OTHER = '"0123abcd"'


@pytest.fixture
async def gateway(fake: FakeServer) -> AsyncIterator[InProcess]:
    async with writing_gateway(
        fake, connection={"cache": CacheTimes(listing=3600, workflow=3600)}
    ) as started:
        yield started


async def tag(gateway: InProcess, path: str, *headers: tuple[str, str]) -> str:
    return str((await gateway.ask(path, *headers)).header("etag"))


async def asked(gateway: InProcess, path: str, if_match: str, *headers: tuple[str, str]) -> Reply:
    return await gateway.ask(path, ("if-match", if_match), *headers)


@pytest.mark.parametrize("path", READS)
async def test_rfc9110_13_1_1_what_is_named_is_given_out(gateway: InProcess, path: str) -> None:
    whole = await gateway.ask(path)
    found = str(whole.header("etag"))
    for header in (found, f'"x", {found}', "*", " * "):
        again = await asked(gateway, path, header)
        assert (again.status, again.body) == (200, whole.body), header


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_rfc9110_13_1_1_anything_else_is_refused(gateway: InProcess, path: str, method: str) -> None:
    found = await tag(gateway, path)
    for header in (OTHER, f'{OTHER}, {found[:-1]}0"', '"*"'):
        for kept in (True, False):
            anew = () if kept else (("cache-control", "no-cache"),)
            reply = await gateway.ask(path, ("if-match", header), *anew, method=method)
            assert reply.status == 412, header
            assert reply.header("content-type") == "application/problem+json"
            if method == "HEAD":
                assert reply.body == b""
            else:
                assert json.loads(reply.body)["code"] == "precondition_failed"


async def test_rfc9110_8_8_3_2_a_weak_tag_never_matches(gateway: InProcess) -> None:
    found = await tag(gateway, ONE)
    assert (await asked(gateway, ONE, f"W/{found}")).status == 412


async def test_rfc9110_13_1_1_several_lines_are_one_list(gateway: InProcess) -> None:
    found = await tag(gateway, ONE)
    assert (await asked(gateway, ONE, OTHER, ("if-match", found))).status == 200
    assert (await asked(gateway, ONE, OTHER, ("if-match", f"W/{found}"))).status == 412


async def test_rfc9110_13_2_2_it_comes_before_if_none_match(gateway: InProcess) -> None:
    found = await tag(gateway, ONE)
    has_it = ("if-none-match", found)
    assert (await gateway.ask(ONE, has_it)).status == 304
    assert (await asked(gateway, ONE, OTHER, has_it)).status == 412
    assert (await asked(gateway, ONE, found, has_it)).status == 304
    assert (await asked(gateway, ONE, "*", ("if-none-match", OTHER))).status == 200


async def test_rfc9110_13_2_1_what_is_not_there_is_not_there(gateway: InProcess) -> None:
    for header in ("*", OTHER, "nonsense"):
        assert (await asked(gateway, f"{FLOWS}/nowhere", header)).status == 404


@pytest.mark.parametrize("header", ["", "nonsense", '"open', "*, *"])
async def test_a_condition_that_cannot_be_read_is_refused(gateway: InProcess, header: str) -> None:
    await gateway.ask(ONE)
    assert code_of(await asked(gateway, ONE, header)) == (400, "invalid_request")


async def test_the_tag_of_any_coding_will_do(gateway: InProcess) -> None:
    """A write tells the tag of the plain bytes, whoever reads gets them compressed."""
    written = await gateway.ask(ONE, method="PATCH", body={"description": LONG})
    told = str(written.header("etag"))
    zipped = ("accept-encoding", "gzip")
    compressed = await asked(gateway, ONE, told, zipped)
    assert (compressed.status, compressed.header("content-encoding")) == (200, "gzip")
    of_zipped = str(compressed.header("etag"))
    assert of_zipped != told
    for headers in ((), (zipped,), (("accept-encoding", "zstd"),)):
        assert (await asked(gateway, ONE, of_zipped, *headers)).status == 200
    assert (await asked(gateway, f"{ONE}/native", told)).status == 412


async def test_a_change_between_two_reads_is_noticed(gateway: InProcess) -> None:
    before = await tag(gateway, ONE)
    after = await gateway.ask(ONE, method="PATCH", body={"description": "another"})
    assert (await asked(gateway, ONE, before)).status == 412
    assert (await asked(gateway, ONE, str(after.header("etag")))).status == 200
