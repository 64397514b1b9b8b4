"""What is asked of PromptLayer, and what is made of its answers."""

from typing import Any

import pytest

from adapters.abilities import PROTOCOLS
from adapters.contract import PageRequest
from adapters.errors import InvalidPosition, InvalidRequest, VendorNotFound, VendorSurprise
from adapters.promptlayer import VENDOR
from adapters.promptlayer.api import PromptLayerApi
from schemas.support import Ability, SupportLevel

API = PromptLayerApi()
ONE = ("workflows", "123")
LABELS = ("workflows", "123", "labels")


def test_what_is_claimed_is_what_the_code_does() -> None:
    claimed = {ability for ability, support in VENDOR.support.items() if support.available}
    assert claimed == {ability for ability, protocol in PROTOCOLS.items() if isinstance(VENDOR.api, protocol)}
    assert set(VENDOR.support) == set(Ability)
    assert VENDOR.support[Ability.LIST_VERSIONS].level is SupportLevel.EMULATED
    assert VENDOR.support[Ability.GET_ASSISTANT_WORKFLOW].level is SupportLevel.VENDOR_LACKS_IT


async def test_a_walk_through_the_listing_follows_the_page_numbers(load: Any, answering: Any) -> None:
    http = answering({("workflows",): load("list_first_page")})
    page = await API.page(http, PageRequest(2))
    assert [item["id"] for item in page.items] == [123, 124]
    assert (page.next_position, page.total) == ("2", 3)
    http.answers = {("workflows",): load("list_last_page")}
    page = await API.page(http, PageRequest(2, page.next_position))
    assert [item["id"] for item in page.items] == [125]
    assert page.next_position is None
    order = {"sort_by": "id", "sort_order": "asc"}
    assert http.asked == [
        (("workflows",), {"page": 1, "per_page": 2, **order}),
        (("workflows",), {"page": 2, "per_page": 2, **order}),
    ]


async def test_a_page_is_never_larger_than_the_vendor_allows(load: Any, answering: Any) -> None:
    http = answering({("workflows",): load("list_last_page")})
    await API.page(http, PageRequest(500))
    assert http.asked[0][1]["per_page"] == VENDOR.max_page_size == 100


@pytest.mark.parametrize("position", ["", "0", "-1", "+1", "01", "1.0", " 1", "x", "²", "٣", "1" * 10])
async def test_a_position_that_is_no_page_number_is_refused(answering: Any, position: str) -> None:
    http = answering({})
    with pytest.raises(InvalidPosition) as caught:
        await API.page(http, PageRequest(10, position))
    assert caught.value.parameter == "cursor"
    assert http.asked == []


@pytest.mark.parametrize(
    ("said", "following"),
    [
        ({"has_next": True, "pages": 1}, "2"),
        ({"has_next": False, "pages": 9}, None),
        ({"pages": 2}, "2"),
        ({"has_next": None, "pages": 1}, None),
    ],
)
async def test_has_next_decides_the_end(answering: Any, said: Any, following: str | None) -> None:
    page = await API.page(answering({("workflows",): {"items": [], **said}}), PageRequest(10))
    assert page.next_position == following
    assert page.total is None


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"items": {}, "has_next": False},
        {"items": []},
        {"items": [], "has_next": "no"},
        {"success": False, "message": "no", "items": [], "has_next": False},
        [],
        None,
    ],
)
async def test_a_listing_of_another_shape_is_a_surprise(answering: Any, document: Any) -> None:
    with pytest.raises(VendorSurprise):
        await API.page(answering({("workflows",): document}), PageRequest(10))


async def test_a_workflow_is_kept_with_its_bytes_and_validators(load: Any, answering: Any) -> None:
    http = answering({ONE: load("get_minimal")}, etag='"a"', last_modified="then", date="now")
    fetched = await API.fetch(http, "123")
    assert fetched.document == load("get_minimal")
    assert fetched.body is not None
    assert fetched.body.startswith(b'{"success": true')
    assert fetched.validators == {"etag": '"a"', "last-modified": "then"}
    assert http.asked == [(ONE, {})]


@pytest.mark.parametrize("workflow_id", ["support / triage ✓", "007", "123", "a/b", "..%2f", " "])
async def test_an_id_or_name_travels_as_it_is_in_one_segment(answering: Any, workflow_id: str) -> None:
    http = answering({})
    with pytest.raises(VendorNotFound):
        await API.fetch(http, workflow_id)
    assert http.asked == [(("workflows", workflow_id), {})]


async def test_a_version_is_asked_for_by_its_number(load: Any, answering: Any) -> None:
    http = answering({ONE: load("get_minimal")})
    await API.fetch_version(http, "123", "3")
    assert http.asked == [(ONE, {"version": 3})]


@pytest.mark.parametrize("version", ["", "0", "-1", "03", "v3", "3.0", "latest", "٣", "9" * 19])
async def test_a_version_that_is_no_positive_number_is_refused(answering: Any, version: str) -> None:
    http = answering({})
    with pytest.raises(InvalidRequest) as caught:
        await API.fetch_version(http, "123", version)
    assert caught.value.parameter == "version"
    assert http.asked == []


async def test_a_label_is_asked_for_by_its_name(load: Any, answering: Any) -> None:
    http = answering({ONE: load("get_minimal")})
    await API.fetch_label(http, "123", "prod / eu")
    assert http.asked == [(ONE, {"label": "prod / eu"})]


async def test_an_empty_label_would_ask_for_the_latest_and_is_refused(answering: Any) -> None:
    http = answering({})
    with pytest.raises(InvalidRequest) as caught:
        await API.fetch_label(http, "123", "")
    assert caught.value.parameter == "label"
    assert http.asked == []


async def test_labels_point_at_versions(load: Any, answering: Any) -> None:
    labels = await API.labels(answering({LABELS: load("labels")}), "123")
    assert [(label.name, label.id, label.version_number, label.version_id) for label in labels] == [
        ("production", "11", 3, "456"),
        ("staging", "12", 4, "457"),
    ]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"release_labels": None},
        {"release_labels": {}},
        {"release_labels": ["production"]},
        {"release_labels": [{"release_label_id": 1}]},
        {"release_labels": [{"release_label": ""}]},
        {"success": False, "release_labels": []},
    ],
)
async def test_labels_of_another_shape_are_a_surprise(answering: Any, document: Any) -> None:
    with pytest.raises(VendorSurprise):
        await API.labels(answering({LABELS: document}), "123")


async def test_versions_are_counted_down_from_the_latest(load: Any, answering: Any) -> None:
    latest = {**load("get_two_branches"), "version": 5, "workflow_version_id": 458}
    http = answering({ONE: latest, LABELS: load("labels")})
    versions = await API.versions(http, "123")
    assert [(version.number, version.id, version.labels, version.current) for version in versions] == [
        (5, "458", (), True),
        (4, "457", ("staging",), False),
        (3, "456", ("production",), False),
        (2, None, (), False),
        (1, None, (), False),
    ]
    assert not any(version.mutable for version in versions)
    assert [version.note for version in versions] == ["Route billing separately", None, None, None, None]
    assert versions[0].created_at is not None
    assert len(http.asked) == 2, "no version is fetched on its own"


async def test_the_labels_call_gives_the_latest_id_where_the_document_does_not(
    load: Any, answering: Any
) -> None:
    latest = {"workflow_id": 123, "version_number": 4}
    versions = await API.versions(answering({ONE: latest, LABELS: load("labels")}), "123")
    assert (versions[0].number, versions[0].id, versions[0].labels) == (4, "457", ("staging",))
    assert versions[0].current is True


async def test_a_label_that_points_nowhere_changes_no_version(answering: Any) -> None:
    labels = [{"release_label": "a"}, {"release_label": "b", "workflow_version_number": 1}]
    answers = {ONE: {"workflow_id": 123, "version": 2}, LABELS: {"release_labels": labels}}
    versions = await API.versions(answering(answers), "123")
    assert [(version.number, version.id, version.labels) for version in versions] == [
        (2, None, ()),
        (1, None, ("b",)),
    ]


async def test_a_workflow_without_versions_has_none(answering: Any) -> None:
    none = {ONE: {"workflow_id": 123, "version": None}, LABELS: {"release_labels": []}}
    assert await API.versions(answering(none), "123") == ()


async def test_a_version_without_number_cannot_be_counted_from(answering: Any) -> None:
    odd = {ONE: {"workflow_id": 123, "workflow_version_id": 8}, LABELS: {"release_labels": []}}
    (only,) = await API.versions(answering(odd), "123")
    assert (only.number, only.id, only.current) == (None, "8", True)


async def test_an_absurd_latest_version_is_not_believed(answering: Any) -> None:
    odd = {ONE: {"workflow_id": 123, "version": 10**12}, LABELS: {"release_labels": []}}
    with pytest.raises(VendorSurprise, match="claims to be number 1000000000000"):
        await API.versions(answering(odd), "123")


async def test_a_probe_reads_one_item(load: Any, answering: Any) -> None:
    http = answering({("workflows",): load("list_last_page")})
    await API.probe(http)
    assert http.asked == [(("workflows",), {"page": 1, "per_page": 1})]
    with pytest.raises(VendorSurprise):
        await API.probe(answering({("workflows",): {"success": False}}))
