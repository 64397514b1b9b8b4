"""The federated listing over real sockets: one shape, each once, and never broken by one vendor."""

import base64
import itertools
import json
from typing import Any

import httpx
import pytest

from schemas.listing import WorkflowPage
from tests.house import House

VENDORS = ("aitronos", "noxus", "promptlayer")
MAX_PAGES = 300


def walk(api: httpx.Client, path: str = "/v1/workflows", **query: Any) -> list[dict[str, Any]]:
    """Return every page, following the cursor."""
    pages = []
    for _ in range(MAX_PAGES):
        response = api.get(path, params=query)
        assert response.status_code == 200, response.text
        page = response.json()
        WorkflowPage.model_validate(page)
        pages.append(page)
        if "next_cursor" not in page:
            return pages
        query["cursor"] = page["next_cursor"]
    raise AssertionError("the walk does not end")


def identities(pages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(item["connection"], item["id"]) for page in pages for item in page["items"]]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50, 200])
def test_following_the_cursor_visits_each_workflow_once(api: httpx.Client, limit: int) -> None:
    pages = walk(api, limit=limit)
    seen = identities(pages)
    assert len(set(seen)) == len(seen)
    assert {connection for connection, _ in seen} == {f"{vendor}-test" for vendor in VENDORS}
    assert set(seen) == set(identities(walk(api, limit=200)))
    assert all(len(page["items"]) <= limit for page in pages)
    assert all(page["complete"] and page["problems"] == [] for page in pages)


def test_the_first_page_shows_every_vendor(api: httpx.Client) -> None:
    page = api.get("/v1/workflows", params={"limit": 6}).json()
    assert {item["vendor"] for item in page["items"]} == set(VENDORS)


def test_the_next_page_is_linked(api: httpx.Client) -> None:
    response = api.get("/v1/workflows", params={"limit": 3, "status": "active"})
    link = response.links["next"]["url"]
    following = api.get(link)
    assert following.status_code == 200
    assert "status=active" in link
    assert not set(identities([response.json()])) & set(identities([following.json()]))


@pytest.mark.parametrize("vendor", VENDORS)
def test_filter_by_vendor_and_by_connection(api: httpx.Client, vendor: str) -> None:
    by_vendor = identities(walk(api, vendor=vendor))
    by_connection = identities(walk(api, connection=f"{vendor}-test"))
    own = identities(walk(api, path=f"/v1/connections/{vendor}-test/workflows"))
    assert by_vendor == by_connection == own
    assert {connection for connection, _ in own} == {f"{vendor}-test"}


def test_filters_admit_exactly_what_matches(api: httpx.Client) -> None:
    everything = [item for page in walk(api, limit=200) for item in page["items"]]
    for name, value, admits in (
        ("status", "active", lambda item: item["status"] == "active"),
        ("label", "production", lambda item: "production" in item["labels"]),
        ("text", "TRIAGE", lambda item: "triage" in f"{item.get('name')} {item.get('description')}".lower()),
    ):
        wanted = {(item["connection"], item["id"]) for item in everything if admits(item)}
        assert wanted, f"the seeds have nothing to filter by {name}"
        found = set(identities(walk(api, limit=5, **{name: value})))
        assert wanted <= found
        if name != "text":
            assert wanted == found


def test_filter_by_tag(api: httpx.Client) -> None:
    tags = {tag for page in walk(api, vendor="noxus") for item in page["items"] for tag in item["tags"]}
    tag = min(tags)
    found = [item for page in walk(api, tag=tag) for item in page["items"]]
    assert found
    assert all(tag in item["tags"] for item in found)


def test_updated_since_says_who_cannot_tell(api: httpx.Client) -> None:
    pages = walk(api, updated_since="2000-01-01T00:00:00Z")
    assert not any(item["vendor"] == "promptlayer" for page in pages for item in page["items"])
    problems = {found["connection"]: found["code"] for page in pages for found in page["problems"]}
    assert problems["promptlayer-test"] == "filter_not_applicable"
    assert not pages[0]["complete"]
    assert walk(api, vendor="aitronos", updated_since="2999-01-01T00:00:00Z")[-1]["items"] == []


FAULTS = [
    pytest.param({"fault": "status", "status": 500}, "vendor_broken", id="500"),
    pytest.param({"fault": "status", "status": 429, "retry_after": "3"}, "vendor_limited", id="429"),
    pytest.param({"fault": "status", "status": 401}, "vendor_refused_credential", id="401"),
    pytest.param({"fault": "hang"}, "vendor_timeout", id="never answers"),
    pytest.param({"fault": "latency", "seconds": 5}, "vendor_timeout", id="slow"),
    pytest.param({"fault": "drip", "seconds": 0.5}, "vendor_timeout", id="slow drip"),
    pytest.param({"fault": "html", "status": 200}, "vendor_surprise", id="html"),
    pytest.param({"fault": "wrong_shape"}, "vendor_surprise", id="wrong shape"),
    pytest.param({"fault": "invalid_json"}, "vendor_surprise", id="broken json"),
    pytest.param({"fault": "empty"}, "vendor_surprise", id="empty"),
    pytest.param({"fault": "redirect"}, "vendor_surprise", id="redirect"),
    pytest.param({"fault": "huge", "size": 20_000_000}, "vendor_surprise", id="huge"),
    pytest.param({"fault": "reset"}, "vendor_unreachable", id="reset"),
    pytest.param({"fault": "reset_header"}, "vendor_unreachable", id="reset in the header"),
    pytest.param({"fault": "truncated"}, "vendor_unreachable", id="truncated"),
]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(("fault", "code"), FAULTS)
def test_one_broken_vendor_never_breaks_the_page(
    hasty_house: House, vendor: str, fault: dict[str, Any], code: str
) -> None:
    hasty_house.control(vendor, "PUT", "faults", [fault])
    with hasty_house.client() as api:
        pages = walk(api, limit=200)
    others = {f"{name}-test" for name in VENDORS if name != vendor}
    assert {connection for connection, _ in identities(pages)} == others
    for page in pages:
        assert page["complete"] is False
        (found,) = page["problems"]
        assert found["connection"] == f"{vendor}-test"
        assert found["code"] == code


def test_a_single_connections_failure_is_the_answer(house: House, api: httpx.Client) -> None:
    house.control("noxus", "PUT", "faults", [{"fault": "status", "status": 429, "retry_after": "7"}])
    response = api.get("/v1/connections/noxus-test/workflows")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "7"
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["vendor_status"] == 429


def test_a_connection_lost_in_the_middle_of_a_walk_stays_reported(house: House, api: httpx.Client) -> None:
    first = api.get("/v1/workflows", params={"limit": 3}).json()
    house.control("noxus", "PUT", "faults", [{"fault": "status", "status": 500}])
    second = api.get("/v1/workflows", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    house.reset()
    rest = walk(api, limit=3, cursor=second["next_cursor"])
    assert all(page["problems"][0]["code"] == "vendor_broken" for page in rest)
    assert all(item["vendor"] != "noxus" for page in rest for item in page["items"])
    assert "left out" in rest[0]["problems"][0]["detail"]


@pytest.mark.parametrize(
    "cursor",
    ["x", "eyJ9", "!!!", "é", "bnVsbA", "eyJxIjoxfQ", "A" * 5000, "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw"],
)
def test_a_made_up_cursor_is_refused(api: httpx.Client, cursor: str) -> None:
    response = api.get("/v1/workflows", params={"cursor": cursor})
    assert response.status_code == 400
    assert response.json()["errors"][0]["name"] == "cursor"


def test_a_cursor_belongs_to_its_filters(api: httpx.Client) -> None:
    cursor = api.get("/v1/workflows", params={"limit": 3}).json()["next_cursor"]
    for query in ({"limit": 4}, {"limit": 3, "status": "active"}, {"limit": 3, "vendor": "noxus"}):
        response = api.get("/v1/workflows", params={**query, "cursor": cursor})
        assert response.status_code == 400


def test_a_cursor_shows_no_more_than_its_caller_may_see(api: httpx.Client, narrow: httpx.Client) -> None:
    cursor = api.get("/v1/workflows", params={"limit": 3}).json()["next_cursor"]
    assert narrow.get("/v1/workflows", params={"limit": 3, "cursor": cursor}).status_code == 400
    assert {connection for connection, _ in identities(walk(narrow))} == {"noxus-test"}


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"status": "sleeping"}, "status"),
        ({"updated_since": "yesterday"}, "updated_since"),
        ({"updated_since": "2026-01-01T00:00:00"}, "updated_since"),
    ],
)
def test_a_bad_parameter_is_named(api: httpx.Client, query: dict[str, Any], name: str) -> None:
    response = api.get("/v1/workflows", params=query)
    assert response.status_code == 400
    found = response.json()
    assert found["code"] == "invalid_request"
    assert found["errors"][0]["name"] == name
    assert found["errors"][0]["location"] == "query"


def test_an_unknown_connection_in_the_filter_is_said(api: httpx.Client) -> None:
    response = api.get("/v1/workflows", params={"connection": "nobody"})
    assert response.status_code == 404
    assert response.json()["code"] == "unknown_connection"


def test_an_unknown_vendor_in_the_filter_is_said(api: httpx.Client) -> None:
    response = api.get("/v1/workflows", params={"vendor": ["noxus", "nobody"]})
    assert response.status_code == 404
    assert response.json()["code"] == "unknown_vendor"


@pytest.mark.parametrize("still_open", [{}, {"nobody": "1"}, {"noxus-test": None, "nobody": None}])
def test_a_cursor_over_other_connections_is_refused(api: httpx.Client, still_open: dict[str, Any]) -> None:
    given = api.get("/v1/workflows", params={"limit": 3}).json()["next_cursor"]
    walk_so_far = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
    forged = (
        base64.urlsafe_b64encode(json.dumps(walk_so_far | {"open": still_open}).encode()).decode().rstrip("=")
    )
    response = api.get("/v1/workflows", params={"limit": 3, "cursor": forged})
    assert response.status_code == 400
    assert response.json()["errors"][0]["name"] == "cursor"


def test_unreadable_items_are_reported_and_the_rest_is_listed(
    house: House, api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from adapters.errors import VendorSurprise
    from adapters.registry import load_all

    mapping = type(load_all()["aitronos"].mapping)
    whole, turns = mapping.draft_summary, itertools.count()

    def sometimes(self: Any, item: Any, connection: str) -> Any:
        if next(turns) == 0:
            raise VendorSurprise("it has no id")
        return whole(self, item, connection)

    count = len(identities(walk(api, connection="aitronos-test")))
    monkeypatch.setattr(mapping, "draft_summary", sometimes)
    pages = walk(api, connection="aitronos-test")
    assert len(identities(pages)) == count - 1
    assert pages[0]["problems"][0]["code"] == "vendor_surprise"
    assert not pages[0]["complete"]
