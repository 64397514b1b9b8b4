"""The endpoints that read, over a fake that answers from a list and records what was asked."""

import json
from typing import Any

import pytest

from adapters.aitronos import VENDOR
from adapters.aitronos.api import Api
from adapters.contract import PageRequest
from adapters.errors import InvalidPosition, VendorSurprise
from tests.vendors.aitronos.helpers import FakeHttp, recording


def page(count: int, **fields: Any) -> dict[str, Any]:
    return {"workflows": [{"id": f"flow_{number}"} for number in range(count)], **fields}


async def test_a_listing_asks_for_all_workflows_by_limit_and_offset() -> None:
    http = FakeHttp(page(2, total=2, limit=50, offset=0))
    await Api().page(http, PageRequest(50))
    assert http.asked == [("GET", ("v1", "workflows"), {"active_only": False, "limit": 50, "offset": 0})]


async def test_the_next_position_is_the_next_offset() -> None:
    http = FakeHttp(recording("list_middle_page"), recording("list_last_page"))
    first = await Api().page(http, PageRequest(2, "2"))
    assert (len(first.items), first.next_position, first.total) == (2, "4", 5)
    last = await Api().page(http, PageRequest(2, first.next_position))
    assert (len(last.items), last.next_position) == (1, None)
    assert [parameters["offset"] for _, _, parameters in http.asked] == [2, 4]


@pytest.mark.parametrize(
    ("answer", "next_position"),
    [
        (page(3, total=3), None),
        (page(3, total=4), "3"),
        (page(3), "3"),
        (page(3, total="many"), "3"),
        (page(3, total=True), "3"),
        (page(2, total=9), None),
        (page(0, total=9), None),
        (page(2, total=9, limit=2), "2"),
        (page(2, total=9, limit=0), None),
        (page(1, total=9, limit="2"), None),
    ],
)
async def test_the_end_is_told_by_the_total_or_a_short_page(answer: Any, next_position: str | None) -> None:
    assert (await Api().page(FakeHttp(answer), PageRequest(3))).next_position == next_position


async def test_an_empty_listing_is_one_page() -> None:
    found = await Api().page(FakeHttp(recording("list_empty")), PageRequest(50))
    assert (found.items, found.next_position, found.total) == ((), None, 0)


@pytest.mark.parametrize("position", ["", "0", "01", "-1", "+1", "1.0", "1 ", "٣", "x", "9" * 16])
async def test_a_position_that_no_page_gave_is_refused(position: str) -> None:
    http = FakeHttp(page(1))
    with pytest.raises(InvalidPosition):
        await Api().page(http, PageRequest(3, position))
    assert http.asked == []


@pytest.mark.parametrize("answer", [None, [], "text", {}, {"workflows": None}, {"workflows": {}}])
async def test_an_answer_without_a_listing_is_a_surprise(answer: Any) -> None:
    with pytest.raises(VendorSurprise):
        await Api().page(FakeHttp(answer), PageRequest(3))


async def test_a_workflow_is_fetched_with_its_bytes() -> None:
    document = recording("get_minimal")
    http = FakeHttp(document, headers={"etag": '"1"', "x-request-id": "r"})
    fetched = await Api().fetch(http, "flow_1/2")
    assert http.asked == [("GET", ("v1", "workflows", "flow_1/2"), {})]
    assert fetched.document == document
    assert fetched.version_document is None
    assert fetched.body == json.dumps(document).encode()
    assert fetched.validators == {"etag": '"1"'}


async def test_an_assistants_workflow_is_the_same_record() -> None:
    document = recording("get_documented_example")
    http = FakeHttp(document)
    fetched = await Api().fetch_assistant_workflow(http, "asst_1")
    assert http.asked == [("GET", ("v1", "assistants", "asst_1", "workflow"), {})]
    assert VENDOR.mapping.parse(fetched, "demo").id == "flow_abc123def456"


@pytest.mark.parametrize("answer", [None, [], 5])
async def test_an_answer_that_is_no_object_is_a_surprise(answer: Any) -> None:
    with pytest.raises(VendorSurprise):
        await Api().fetch(FakeHttp(answer), "flow_1")
    with pytest.raises(VendorSurprise):
        await Api().fetch_assistant_workflow(FakeHttp(answer), "asst_1")


async def test_a_probe_lists_one_workflow() -> None:
    http = FakeHttp(page(1, total=7))
    await Api().probe(http)
    assert [parameters["limit"] for _, _, parameters in http.asked] == [1]
