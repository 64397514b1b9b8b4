"""The whole way: a caller, the gateway, and the four real servers as they answered."""

from typing import Any

import httpx
import pytest

from adapters.errors import NotModified
from adapters.transport import Transport
from tests.described.captures import CAPTURED, KEY, capture, captures, described

LIMIT = {"flowise": 2}
"""What was asked for when the listing was recorded, where another limit has no recording."""

GRAPHS = {
    ("n8n", "20-get"): (2, 1),
    ("n8n", "21-get"): (6, 6),
    ("n8n", "22-get"): (35, 34),
    ("langflow", "19-get"): (4, 2),
    ("langflow", "22-get"): (0, 0),
    ("flowise", "12-get"): (2, 1),
    ("flowise", "13-get"): (12, 8),
    ("flowise", "14-get"): (11, 6),
    ("node-red", "12-get-flow"): (3, 1),
    ("node-red", "13-get-flow"): (20, 8),
    ("node-red", "14-get-flow"): (62, 31),
}
"""Nodes and edges, counted in the captures by hand."""

NAMES = {
    "n8n": ["A manual to set", "C AI agent", "B webhook branch \N{EN DASH} Zürich"],
    "langflow": [
        "Image Sentiment Analysis",
        "Simple Agent \N{EN DASH} Zürich",
        "Text Sentiment Analysis",
        "empty flow",
    ],
    "flowise": ["Translator", "Docs QnA \N{EN DASH} Zürich", "Deep research"],
    "node-red": ["A small: inject", "B link call", "C join, Zürich"],
}


def listed(gateway: httpx.Client, vendor: str, limit: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        answer = gateway.get(f"/v1/connections/{vendor}-test/workflows", params=query).json()
        assert answer["problems"] == []
        items += answer["items"]
        if "next_cursor" not in answer:
            assert answer["complete"]
            return items
        query["cursor"] = answer["next_cursor"]


@pytest.mark.parametrize("vendor", CAPTURED)
def test_every_workflow_is_listed_once(gateway: httpx.Client, vendor: str) -> None:
    items = listed(gateway, vendor, LIMIT.get(vendor, 50))
    assert sorted(item["name"] for item in items) == sorted(NAMES[vendor])
    assert {item["vendor"] for item in items} == {vendor}


@pytest.mark.parametrize(("vendor", "limit"), [("n8n", 2), ("langflow", 3), ("flowise", 2), ("node-red", 1)])
def test_a_listing_goes_on_page_by_page(gateway: httpx.Client, vendor: str, limit: int) -> None:
    items = listed(gateway, vendor, limit)
    assert len({item["id"] for item in items}) == len(items) == len(NAMES[vendor])


@pytest.mark.parametrize(("vendor", "name"), GRAPHS)
def test_a_workflow_is_read_with_its_graph(gateway: httpx.Client, vendor: str, name: str) -> None:
    document = capture(vendor, name).body
    answer = gateway.get(f"/v1/connections/{vendor}-test/workflows/{document['id']}")
    assert answer.status_code == 200, answer.text
    workflow = answer.json()
    graph = workflow["graph"]
    assert (len(graph["nodes"]), len(graph["edges"])) == GRAPHS[vendor, name]
    assert graph["format"] == vendor
    assert workflow["diagnostics"] == []
    assert all(node["type"] and node["role"] for node in graph["nodes"])
    keys = {node["key"] for node in graph["nodes"]}
    for edge in graph["edges"]:
        assert {edge["source"]["node"], edge["target"]["node"]} <= keys
    assert all("position" in node for node in graph["nodes"])


@pytest.mark.parametrize(("vendor", "name"), GRAPHS)
def test_the_native_document_is_the_servers_byte_for_byte(
    gateway: httpx.Client, vendor: str, name: str
) -> None:
    recorded = capture(vendor, name)
    answer = gateway.get(f"/v1/connections/{vendor}-test/workflows/{recorded.body['id']}/native")
    assert answer.status_code == 200, answer.text
    assert answer.content == recorded.content


@pytest.mark.parametrize("vendor", CAPTURED)
def test_what_is_not_there_is_not_found(gateway: httpx.Client, vendor: str) -> None:
    missing = next(each for each in captures(vendor) if each.status == 404 and "get-404" in each.name)
    identifier = missing.path.rpartition("/")[2]
    answer = gateway.get(f"/v1/connections/{vendor}-test/workflows/{identifier}")
    assert answer.status_code == 404
    assert answer.json()["vendor_status"] == 404


@pytest.mark.parametrize("vendor", CAPTURED)
def test_a_refused_credential_is_our_fault_and_told_with_the_servers_status(
    gateway: httpx.Client, vendor: str
) -> None:
    answer = gateway.get(f"/v1/connections/{vendor}-locked-out/workflows/x")
    assert answer.status_code == 502
    assert answer.json()["vendor_status"] in (401, 403)


@pytest.mark.parametrize(
    ("vendor", "name"), [("n8n", "22-get"), ("flowise", "12-get"), ("node-red", "13-get-flow")]
)
async def test_a_workflow_that_has_not_changed_is_not_sent_again(
    servers: dict[str, str], vendor: str, name: str
) -> None:
    api: Any = described()[vendor].api
    identifier = capture(vendor, name).body["id"]
    async with Transport(described()[vendor], servers[vendor], KEY) as http:
        fetched = await api.fetch(http, identifier)
        assert fetched.validators["etag"] == capture(vendor, name).headers["etag"]
        with pytest.raises(NotModified):
            await api.fetch(http.conditional(fetched.validators), identifier)


def test_a_version_is_read_beside_its_workflow(gateway: httpx.Client) -> None:
    version = capture("n8n", "26-get-version-old").body
    path = f"/v1/connections/n8n-test/workflows/{version['workflowId']}"
    workflow = gateway.get(path, params={"version": version["versionId"]}).json()
    assert workflow["version"]["id"] == version["versionId"]
    assert workflow["version"]["author"] == {"name": "Peer Owner"}
    assert workflow["name"] == "A manual to set"
    assert [node["name"] for node in workflow["graph"]["nodes"]] == ["Start", "Set"]


def test_what_a_server_cannot_do_is_refused_with_its_reason(gateway: httpx.Client) -> None:
    answer = gateway.get("/v1/connections/node-red-test/workflows/4981da7a1f64bf77/versions")
    assert answer.status_code == 501
    assert "keeps no versions" in answer.json()["detail"]


def test_described_vendors_stand_in_the_matrix_beside_the_others(gateway: httpx.Client) -> None:
    names = [vendor["name"] for vendor in gateway.get("/v1/vendors").json()["items"]]
    assert {"n8n", "langflow", "flowise", "node-red", "noxus-described", "noxus"} <= set(names)


def test_a_diagram_is_drawn_of_a_described_graph(gateway: httpx.Client) -> None:
    path = "/v1/connections/n8n-test/workflows/jCRgniqdvND5IpR2/graph"
    assert "flowchart" in gateway.get(path, params={"format": "mermaid"}).text
