"""One workflow over real sockets, for every vendor: canonical, native, graph, versions, labels, assistant."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from schemas.digest import digest
from schemas.graph import Graph
from schemas.listing import LabelPage, VersionPage
from schemas.workflow import Workflow
from tests.gateway.test_listing import VENDORS, walk
from tests.house import House


def every(api: httpx.Client, vendor: str) -> list[dict[str, Any]]:
    return [item for page in walk(api, vendor=vendor, limit=200) for item in page["items"]]


def path_of(item: dict[str, Any], *rest: str) -> str:
    parts = ("v1", "connections", item["connection"], "workflows", item["id"], *rest)
    return "/" + "/".join(quote(part, safe="") for part in parts)


_READABLE: dict[str, list[dict[str, Any]]] = {}


def readable(api: httpx.Client, vendor: str) -> list[dict[str, Any]]:
    """The seeded workflows that can be read; asked once, since every test starts from the seed."""
    if vendor not in _READABLE:
        items = every(api, vendor)
        _READABLE[vendor] = [item for item in items if api.get(path_of(item)).status_code == 200]
    return _READABLE[vendor]


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_workflow_comes_in_the_canonical_shape(api: httpx.Client, vendor: str) -> None:
    items = every(api, vendor)
    read = 0
    for item in items:
        response = api.get(path_of(item))
        if response.status_code == 404:
            continue
        assert response.status_code == 200, response.text
        workflow = Workflow.model_validate_json(response.content)
        assert (workflow.connection, workflow.vendor, workflow.id) == (f"{vendor}-test", vendor, item["id"])
        assert workflow.digest == digest(workflow)
        assert workflow.native is None
        read += 1
    assert read >= 12


@pytest.mark.parametrize("vendor", VENDORS)
def test_native_is_the_vendors_answer_byte_for_byte(house: House, api: httpx.Client, vendor: str) -> None:
    for item in readable(api, vendor)[:5]:
        native = api.get(path_of(item, "native"))
        assert native.status_code == 200
        prefix = "/workflows" if vendor == "promptlayer" else "/v1/workflows"
        direct = httpx.get(
            f"{house.emulators[vendor]}{prefix}/{quote(item['id'], safe='')}",
            headers={"x-api-key": _vendor_key(vendor)},
            trust_env=False,
        )
        assert native.content == direct.content


@pytest.mark.parametrize("vendor", VENDORS)
def test_include_native_adds_it_and_changes_nothing_else(api: httpx.Client, vendor: str) -> None:
    for item in readable(api, vendor)[:5]:
        plain = api.get(path_of(item)).json()
        both = api.get(path_of(item), params={"include": "native"}).json()
        assert both.pop("native") == api.get(path_of(item, "native")).json()
        assert both == plain


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_graph_comes_as_json_mermaid_and_dot(api: httpx.Client, vendor: str) -> None:
    for item in readable(api, vendor):
        path = path_of(item, "graph")
        graph = api.get(path)
        assert graph.headers["content-type"] == "application/json"
        Graph.model_validate_json(graph.content)
        assert graph.json() == api.get(path_of(item)).json()["graph"]
        drawn = api.get(path, headers={"accept": "text/vnd.mermaid"})
        assert drawn.headers["content-type"].startswith("text/vnd.mermaid")
        assert drawn.text.splitlines()[0].startswith("flowchart")
        assert drawn.text == api.get(path, params={"format": "mermaid"}).text
        dot = api.get(path, params={"format": "dot"}, headers={"accept": "text/vnd.mermaid"})
        assert dot.headers["content-type"].startswith("text/vnd.graphviz")
        assert dot.text.startswith("digraph")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/json"),
        ("text/*", "text/vnd.mermaid"),
        ("application/json;q=0.1, text/vnd.graphviz", "text/vnd.graphviz"),
        ("text/vnd.mermaid;q=0, */*;q=0.5", "application/json"),
        ("image/png, */*;q=0.1", "application/json"),
    ],
)
def test_accept_is_honoured(api: httpx.Client, accept: str, expected: str) -> None:
    item = readable(api, "aitronos")[0]
    response = api.get(path_of(item, "graph"), headers={"accept": accept})
    assert response.headers["content-type"].partition(";")[0] == expected


def test_what_cannot_be_given_is_406(api: httpx.Client) -> None:
    item = readable(api, "aitronos")[0]
    response = api.get(path_of(item, "graph"), headers={"accept": "image/png"})
    assert response.status_code == 406
    assert response.json()["code"] == "not_acceptable"
    assert api.get(path_of(item, "graph"), params={"format": "svg"}).status_code == 400


def test_numbered_versions_and_labels(api: httpx.Client) -> None:
    items = [item for item in readable(api, "promptlayer") if item["version"].get("number", 0) > 1]
    assert items
    for item in items:
        versions = api.get(path_of(item, "versions"))
        page = VersionPage.model_validate_json(versions.content)
        numbers = [version.number for version in page.items]
        assert numbers == sorted(numbers, reverse=True)  # type: ignore[type-var]
        assert [version.current for version in page.items].count(True) == 1
        oldest = api.get(path_of(item), params={"version": str(numbers[-1])}).json()
        assert oldest["version"]["number"] == numbers[-1]
        assert oldest == api.get(path_of(item, "versions", str(numbers[-1]))).json()
        labels = LabelPage.model_validate_json(api.get(path_of(item, "labels")).content)
        for label in labels.items:
            at_label = api.get(path_of(item), params={"label": label.name}).json()
            assert at_label["version"]["number"] == label.version_number
            assert (
                api.get(path_of(item, "labels", label.name)).json()["version_number"] == label.version_number
            )
        assert api.get(path_of(item, "labels", "no such label")).status_code == 404
        assert api.get(path_of(item), params={"version": "9999"}).status_code == 404


def test_what_is_read_unasked_is_the_current_version(api: httpx.Client) -> None:
    for vendor in VENDORS:
        for item in readable(api, vendor):
            assert api.get(path_of(item)).json()["version"]["current"] is True


def test_each_way_out_of_a_decision_has_its_own_label(api: httpx.Client) -> None:
    (item,) = [found for found in readable(api, "aitronos") if found["name"] == "Support triage"]
    drawn = api.get(path_of(item, "graph"), params={"format": "mermaid"}).text
    labels = [line.split("|")[1] for line in drawn.splitlines() if "|" in line]
    assert any("true" in label for label in labels)
    assert any("false" in label for label in labels)


def test_versions_with_ids(api: httpx.Client) -> None:
    several = 0
    for item in readable(api, "noxus"):
        page = VersionPage.model_validate_json(api.get(path_of(item, "versions")).content)
        for version in page.items:
            assert version.number is None, "a number would be made up"
            assert version.id is not None
            at = api.get(path_of(item), params={"version": version.id})
            assert at.status_code == 200
            assert at.json()["version"]["id"] == version.id
            assert at.json()["id"] == item["id"]
            native = api.get(path_of(item, "native"), params={"version": version.id}).json()
            assert native["id"] == version.id
        several += len(page.items) > 1
    assert several, "the seeds have no workflow with several versions"


def test_versions_come_in_pages(api: httpx.Client) -> None:
    item = max(readable(api, "promptlayer"), key=lambda found: found["version"].get("number", 0))
    whole = api.get(path_of(item, "versions")).json()["items"]
    assert len(whole) > 2
    seen, cursor = [], None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = api.get(path_of(item, "versions"), params=query).json()
        seen += page["items"]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
    assert seen == whole
    assert api.get(path_of(item, "versions"), params={"cursor": "x"}).status_code == 400


def test_version_and_label_exclude_each_other(api: httpx.Client) -> None:
    item = readable(api, "promptlayer")[0]
    response = api.get(path_of(item), params={"version": "1", "label": "production"})
    assert response.status_code == 400
    assert "either version or label" in response.json()["detail"]


def test_an_impossible_version_is_named(api: httpx.Client) -> None:
    item = readable(api, "promptlayer")[0]
    response = api.get(path_of(item), params={"version": "three"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["name"] == "version"


@pytest.mark.parametrize(
    ("vendor", "rest", "query"),
    [
        ("aitronos", ("versions",), {}),
        ("aitronos", ("versions", "1"), {}),
        ("aitronos", ("labels",), {}),
        ("aitronos", ("labels", "x"), {}),
        ("aitronos", (), {"version": "1"}),
        ("aitronos", (), {"label": "x"}),
        ("noxus", ("labels",), {}),
        ("noxus", (), {"label": "x"}),
    ],
)
def test_what_a_vendor_lacks_is_501_with_the_matrixs_reason(
    api: httpx.Client, vendor: str, rest: tuple[str, ...], query: dict[str, str]
) -> None:
    response = api.get(path_of(every(api, vendor)[0], *rest), params=query)
    assert response.status_code == 501
    support = api.get(f"/v1/vendors/{vendor}").json()["support"]
    reasons = [entry["reason"] for entry in support.values() if "reason" in entry]
    assert any(reason in response.json()["detail"] for reason in reasons)


def test_names_with_slashes_blanks_and_unicode_travel_as_one_segment(api: httpx.Client) -> None:
    names = [item["name"] for item in readable(api, "promptlayer")]
    odd = [name for name in names if "/" in name or " " in name or not name.isascii()]
    assert any("/" in name for name in odd)
    assert any(not name.isascii() for name in odd)
    for name in odd:
        response = api.get(f"/v1/connections/promptlayer-test/workflows/{quote(name, safe='')}")
        assert response.status_code == 200, name
        assert response.json()["name"] == name


@pytest.mark.parametrize(
    "segment", ["%2E%2E", "%2E", "..%2F..%2Fadmin", "a%00b", "a%0D%0Ab", "%FF", "%ED%A0%80"]
)
@pytest.mark.parametrize("vendor", VENDORS)
def test_hostile_ids_reach_no_other_path(house: House, api: httpx.Client, vendor: str, segment: str) -> None:
    house.control(vendor, "DELETE", "requests")
    raw = f"/v1/connections/{vendor}-test/workflows/{segment}"
    request = api.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=raw.encode())
    response = api.send(request)
    assert response.status_code in (400, 404, 422), response.text
    assert response.headers["content-type"] == "application/problem+json"
    for seen in house.control(vendor, "GET", "requests"):
        assert seen["path"].startswith(("/v1/workflows/", "/workflows/"))
        assert seen["path"].count("/") == (2 if vendor == "promptlayer" else 3)


@pytest.mark.parametrize("vendor", VENDORS)
def test_an_unknown_workflow_is_404(api: httpx.Client, vendor: str) -> None:
    missing = "00000000-0000-4000-8000-000000000000"
    response = api.get(f"/v1/connections/{vendor}-test/workflows/{missing}")
    assert response.status_code == 404
    found = response.json()
    assert found["code"] == "not_found"
    assert found["connection"] == f"{vendor}-test"
    assert found["vendor_status"] == 404


def test_an_assistants_workflow(house: House, api: httpx.Client) -> None:
    linked = [item for item in readable(api, "aitronos") if item.get("assistant", {}).get("assistant_id")]
    assert linked
    for item in linked:
        assistant = item["assistant"]["assistant_id"]
        response = api.get(f"/v1/connections/aitronos-test/assistants/{assistant}/workflow")
        assert response.status_code == 200, response.text
        assert response.json() == api.get(path_of(item)).json()
    missing = api.get("/v1/connections/aitronos-test/assistants/asst_nobody/workflow")
    assert missing.status_code == 404
    lacking = api.get("/v1/connections/promptlayer-test/assistants/x/workflow")
    assert lacking.status_code == 501


def test_quirks_are_diagnostics_not_errors(api: httpx.Client) -> None:
    codes = {
        found["code"]
        for vendor in VENDORS
        for item in readable(api, vendor)
        for found in api.get(path_of(item)).json()["diagnostics"]
    }
    assert {"empty_definition", "opaque_definition", "dangling_edge", "unknown_value"} <= codes


def test_json_is_compact_and_has_no_nulls_of_ours(api: httpx.Client) -> None:
    body = api.get(path_of(readable(api, "aitronos")[0])).content
    assert body == json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
    assert None not in json.loads(body).values()


def _vendor_key(vendor: str) -> str:
    from emulators.registry import load

    return load(vendor).default_key
