"""How a vendor's endpoints behave over the transport: ids, errors, nonsense, paging."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import (
    GetsAssistantWorkflow,
    GetsLabel,
    GetsVersion,
    GetsWorkflow,
    Http,
    ListsLabels,
    ListsVersions,
    ListsWorkflows,
    PageRequest,
    Probes,
    Vendor,
)
from adapters.errors import (
    InvalidRequest,
    NotModified,
    VendorError,
    VendorLimited,
    VendorSurprise,
    error_class,
)
from adapters.running import CancelsRun, FollowsRun, GetsRun, StartsRun
from adapters.writing import (
    DeletesWorkflow,
    DetachesAssistantWorkflow,
    PromotesToAssistant,
)
from gateway.problems import problem
from schemas.runs import RunEvent
from schemas.writes import Promotion, RunStart
from tests.contract.conftest import SECRET, answering, emulated, recorded_errors, vendors

Call = Callable[[Http, str], Awaitable[Any]]


def calls(vendor: Vendor) -> dict[str, Call]:
    """Every call of the vendor that takes an id, by name."""
    api = vendor.api
    found: dict[str, Call] = {}
    if isinstance(api, GetsWorkflow):
        found["fetch"] = api.fetch
    if isinstance(api, GetsVersion):
        found["fetch_version"] = lambda http, one: api.fetch_version(http, one, "1")
    if isinstance(api, GetsLabel):
        found["fetch_label"] = lambda http, one: api.fetch_label(http, one, "production")
    if isinstance(api, ListsVersions):
        found["versions"] = api.versions
    if isinstance(api, ListsLabels):
        found["labels"] = api.labels
    if isinstance(api, GetsAssistantWorkflow):
        found["assistant"] = api.fetch_assistant_workflow
    return found | changing_calls(api)


def changing_calls(api: object) -> dict[str, Call]:
    """Every call that takes an id and changes or runs something."""
    found: dict[str, Call] = {}
    if isinstance(api, DeletesWorkflow):
        found["delete"] = api.delete
    if isinstance(api, DetachesAssistantWorkflow):
        found["detach"] = api.detach_assistant_workflow
    if isinstance(api, PromotesToAssistant):
        found["promote"] = lambda http, one: api.promote_to_assistant(http, one, Promotion(name="x"))
    if isinstance(api, StartsRun):
        found["start_run"] = lambda http, one: api.start_run(http, one, RunStart())
    if isinstance(api, GetsRun):
        found["run"] = lambda http, one: api.run(http, "a-workflow", one)
    if isinstance(api, FollowsRun):
        found["follow_run"] = lambda http, one: _first(api.follow_run(http, "a-workflow", one, None))
    if isinstance(api, CancelsRun):
        found["cancel_run"] = lambda http, one: api.cancel_run(http, "a-workflow", one)
    return found


async def _first(events: AsyncIterator[RunEvent]) -> RunEvent:
    return await anext(events)


def page_of(vendor: Vendor) -> ListsWorkflows:
    assert isinstance(vendor.api, ListsWorkflows)
    return vendor.api


EVERY_CALL = [
    pytest.param(name, call, id=f"{name}-{call}")
    for name, vendor in vendors().items()
    for call in calls(vendor)
]

HOSTILE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["..", ".", "", "a/../b", "%2e%2e", "a%2Fb", "a?b=c", "a#b", "\\..\\", "a\r\nHost: evil", "//evil"]
    ),
)


@pytest.mark.parametrize(("name", "call"), EVERY_CALL)
def test_hostile_ids_stay_one_segment(name: str, call: str) -> None:
    vendor = vendors()[name]
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(404, json={})

    async def segments(workflow_id: str) -> list[bytes] | None:
        seen.clear()
        async with answering(vendor, answer) as http:
            try:
                await calls(vendor)[call](http, workflow_id)
            except InvalidRequest:
                assert not seen
                return None
            except VendorError:
                pass
        for request in seen:
            assert request.url.host == "vendor.test"
        return seen[0].url.raw_path.partition(b"?")[0].split(b"/")

    with asyncio.Runner() as runner:
        # Some ids are numbers, and everything else is refused before it is sent.
        plain = runner.run(segments("an-id")) or runner.run(segments("7"))
        assert plain is not None

        @given(HOSTILE)
        def hostile(workflow_id: str) -> None:
            found = runner.run(segments(workflow_id))
            if found is not None:
                assert len(found) == len(plain)
                assert not {b"", b".", b".."} & set(found[1:])

        hostile()


def errors() -> list[Any]:
    return [
        pytest.param(name, key, body, id=f"{name}-{key}")
        for name in vendors()
        for key, body in recorded_errors(name).items()
    ]


@pytest.mark.parametrize(("name", "key", "body"), errors())
async def test_a_recorded_error_becomes_the_right_problem(name: str, key: str, body: Any) -> None:
    status = int(key[:3])
    vendor = vendors()[name]
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    async with answering(vendor, lambda _: httpx.Response(status, content=content)) as http:
        with pytest.raises(VendorError) as caught:
            await page_of(vendor).page(http, PageRequest(10))
    assert type(caught.value) is error_class(status)
    found = problem(caught.value, connection="demo")
    assert found.vendor_status == status
    assert found.status not in (401, 403)
    assert SECRET not in found.model_dump_json()
    if isinstance(body, dict):
        assert caught.value.said.message or caught.value.said.faults, "the vendor's words got lost"


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 409, 418, 422, 429, 500, 502, 503, 504, 301, 302, 307]
)
@pytest.mark.parametrize("body", [b"", b"<html>no</html>", b"[]", b'"text"', b"null", b'{"detail": 7}', b"{"])
async def test_any_status_with_any_body_is_a_known_error(vendor: Vendor, status: int, body: bytes) -> None:
    async with answering(vendor, lambda _: httpx.Response(status, content=body)) as http:
        with pytest.raises(VendorError) as caught:
            await page_of(vendor).page(http, PageRequest(10))
    assert type(caught.value) is error_class(status)
    assert problem(caught.value).code != "internal_error"


async def test_retry_after_is_carried(vendor: Vendor) -> None:
    headers = {"retry-after": "7"}
    async with answering(vendor, lambda _: httpx.Response(429, headers=headers, json={})) as http:
        with pytest.raises(VendorLimited) as caught:
            await page_of(vendor).page(http, PageRequest(10))
    assert caught.value.retry_after == 7


NONSENSE = [
    pytest.param(b"<!doctype html><html></html>", id="html"),
    pytest.param(b'{"id": "x", "name"', id="truncated"),
    pytest.param(b"[1, 2", id="truncated array"),
    pytest.param(b"", id="empty"),
    pytest.param(b"null", id="null"),
    pytest.param(b"7", id="number"),
    pytest.param(b'"text"', id="text"),
    pytest.param(b"{}", id="empty object"),
    pytest.param(b'{"success": false, "message": "no"}', id="an error with status 200"),
]


async def _ask(vendor: Vendor, http: Http, call: str) -> None:
    if call == "page":
        await page_of(vendor).page(http, PageRequest(10))
    else:
        vendor.mapping.parse(await calls(vendor)["fetch"](http, "an-id"), "demo")


@pytest.mark.parametrize("body", NONSENSE)
@pytest.mark.parametrize("call", ["fetch", "page"])
async def test_nonsense_instead_of_an_answer_is_a_surprise(vendor: Vendor, call: str, body: bytes) -> None:
    async with answering(vendor, lambda _: httpx.Response(200, content=body)) as http:
        with pytest.raises(VendorSurprise) as caught:
            await _ask(vendor, http, call)
    assert SECRET not in str(caught.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["detail", "message", "error", "code", "loc", "msg", "success", "x"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=8,
    )
)
def test_reading_an_error_never_raises(body: Any) -> None:
    for vendor in vendors().values():
        vendor.read_error(body)


@pytest.mark.parametrize(
    "position", ["", "x", "-1", "1.5", "1e3", "٣", "99999999999999999999", "1 ", "../2", "null"]
)
async def test_a_position_that_was_never_given_is_refused(vendor: Vendor, position: str) -> None:
    # Where positions are the vendor's own words, only the vendor can tell, with a 400.
    async with answering(vendor, lambda _: httpx.Response(400)) as http:
        with pytest.raises(InvalidRequest) as caught:
            await page_of(vendor).page(http, PageRequest(10, position))
    assert caught.value.parameter == "cursor"


@pytest.mark.parametrize("size", [1, 3, 7, 100])
async def test_paging_ends_and_repeats_nothing(coded_vendor: Vendor, size: int) -> None:
    async with emulated(coded_vendor) as (http, _):
        seen: list[str] = []
        position: str | None = None
        for _turn in range(500):
            page = await page_of(coded_vendor).page(http, PageRequest(size, position))
            assert len(page.items) <= size
            seen += [coded_vendor.mapping.parse_summary(item, "demo").id for item in page.items]
            position = page.next_position
            if position is None:
                break
        assert position is None, "the listing does not end"
        assert len(set(seen)) == len(seen) >= 12


async def test_every_listed_workflow_can_be_read_and_round_trips(coded_vendor: Vendor) -> None:
    async with emulated(coded_vendor) as (http, _):
        assert isinstance(coded_vendor.api, GetsWorkflow)
        page = await page_of(coded_vendor).page(http, PageRequest(100))
        for item in page.items:
            summary = coded_vendor.mapping.parse_summary(item, "demo")
            try:
                fetched = await coded_vendor.api.fetch(http, summary.id)
            except VendorError as error:
                assert error.status == 404, "listed and unreadable"  # noqa: PT017
                continue
            workflow = coded_vendor.mapping.parse(fetched, "demo")
            assert workflow.id == summary.id
            assert workflow.name == summary.name
            rendered = coded_vendor.mapping.render(workflow, fetched.document)
            assert json.dumps(rendered.document) == json.dumps(fetched.document)
            assert rendered.losses == ()


async def test_the_credential_is_presented_and_kept_out_of_urls(vendor: Vendor) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(500)

    async with answering(vendor, answer) as http:
        with pytest.raises(VendorError):
            await page_of(vendor).page(http, PageRequest(10))
    assert seen[0].headers[vendor.credential.header] == vendor.credential.prefix + SECRET
    assert SECRET not in str(seen[0].url)
    assert str(seen[0].url).startswith("http://vendor.test/base/")


async def test_a_probe_is_one_cheap_call(coded_vendor: Vendor) -> None:
    assert isinstance(coded_vendor.api, Probes)
    async with emulated(coded_vendor) as (http, client):
        await coded_vendor.api.probe(http)
        asked = (await client.get("http://emulator/__emulator__/requests")).json()
    assert len(asked) == 1
    assert asked[0]["method"] == "GET"
    assert asked[0]["status"] == 200


async def test_a_workflow_that_has_not_changed_is_not_sent_again(coded_vendor: Vendor) -> None:
    assert isinstance(coded_vendor.api, GetsWorkflow)
    async with emulated(coded_vendor) as (http, client):
        await client.put("http://emulator/__emulator__/variants", json=["validators"])
        item = (await page_of(coded_vendor).page(http, PageRequest(1))).items[0]
        workflow_id = coded_vendor.mapping.parse_summary(item, "c").id
        fetched = await coded_vendor.api.fetch(http, workflow_id)
        assert fetched.validators
        with pytest.raises(NotModified) as caught:
            await coded_vendor.api.fetch(http.conditional(fetched.validators), workflow_id)
        assert caught.value.validators == fetched.validators
        other = await coded_vendor.api.fetch(http.conditional({"etag": '"other"'}), workflow_id)
        assert other == fetched
