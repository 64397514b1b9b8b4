"""PromptLayer emulator: authentication, paths, listing, reading, labels."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from emulators.contract import EmulatorOptions
from emulators.registry import load

KEY = "pl_demo_promptlayer"
TRIAGE = 4101


@pytest.fixture
async def client(in_process: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    async with in_process(load("promptlayer")) as connected:
        connected.headers["X-API-KEY"] = KEY
        yield connected


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/workflows"),
        ("GET", "/workflows/4101"),
        ("GET", "/workflows/4101/labels"),
        ("POST", "/workflows/4101/run"),
        ("POST", "/rest/workflows"),
        ("PATCH", "/rest/workflows/4101"),
        ("GET", "/workflow-version-execution-results"),
        ("POST", "/workflows/4101/external-ids"),
        ("GET", "/workflows/4101/external-ids"),
        ("DELETE", "/workflows/4101/external-ids/a/b"),
        ("POST", "/ws-token-request-library"),
        ("POST", "/api/public/v2/folders"),
        ("PATCH", "/api/public/v2/folders/41"),
        ("GET", "/api/public/v2/folders/entities"),
        ("POST", "/api/public/v2/folders/entities"),
        ("DELETE", "/api/public/v2/folders/entities"),
        ("GET", "/api/public/v2/folders/resolve-id"),
    ],
)
async def test_every_route_wants_the_key(client: httpx.AsyncClient, method: str, path: str) -> None:
    wrong = await client.request(method, path, headers={"X-API-KEY": "pl_other"})
    assert (wrong.status_code, wrong.json()) == (401, {"success": False, "message": "Invalid API key"})
    not_ascii = await client.request(method, path, headers={"X-API-KEY": "ключ".encode()})
    assert not_ascii.status_code == 401
    del client.headers["X-API-KEY"]
    missing = await client.request(method, path)
    assert missing.status_code == 401
    assert missing.json() == {"success": False, "message": "Missing or invalid API key"}


async def test_a_bearer_token_is_no_key(client: httpx.AsyncClient) -> None:
    del client.headers["X-API-KEY"]
    answer = await client.get("/workflows", headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "path", ["/", "/workflow", "/workflows/", "//workflows/4101", "/rest/workflows/4101/x", "/v1/workflows"]
)
async def test_unknown_paths(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"http://emulator{path}")
    assert (answer.status_code, answer.json()) == (404, {"success": False, "message": "Not Found"})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/workflows", "GET"),
        ("DELETE", "/workflows/4101", "GET"),
        ("PATCH", "/workflows/4101", "GET"),
        ("GET", "/rest/workflows", "POST"),
        ("GET", "/rest/workflows/4101", "PATCH"),
        ("GET", "/workflows/4101/run", "POST"),
        ("PUT", "/workflows/4101/external-ids", "GET, POST"),
        ("PUT", "/api/public/v2/folders/entities", "DELETE, GET, PATCH, POST"),
    ],
)
async def test_wrong_methods(client: httpx.AsyncClient, method: str, path: str, allowed: str) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.json() == {"success": False, "message": "Method Not Allowed"}


async def test_list_defaults(client: httpx.AsyncClient) -> None:
    page = (await client.get("/workflows")).json()
    ids = [item["id"] for item in page["items"]]
    assert ids == sorted(ids, reverse=True)
    assert {key: page[key] for key in page if key != "items"} == {
        "page": 1,
        "per_page": 30,
        "total": len(ids),
        "pages": 1,
        "has_next": False,
        "has_prev": False,
        "next_num": None,
        "prev_num": None,
    }


@pytest.mark.parametrize("per_page", [1, 2, 7, 100])
async def test_a_walk_over_the_pages_meets_each_workflow_once(
    client: httpx.AsyncClient, per_page: int
) -> None:
    every = [item["id"] for item in (await client.get("/workflows")).json()["items"]]
    met: list[int] = []
    number: int | None = 1
    while number is not None:
        page = (await client.get("/workflows", params={"page": number, "per_page": per_page})).json()
        assert page["page"] == number
        assert page["has_prev"] == (number > 1) == (page["prev_num"] == number - 1 != 0)
        met += [item["id"] for item in page["items"]]
        number = page["next_num"]
        assert page["has_next"] == (number is not None)
    assert met == every
    assert page["pages"] == -(-len(every) // per_page)


async def test_a_page_past_the_end_is_empty(client: httpx.AsyncClient) -> None:
    page = (await client.get("/workflows", params={"page": 9})).json()
    assert (page["items"], page["has_next"], page["has_prev"], page["next_num"]) == ([], False, True, None)


@pytest.mark.parametrize("params", [{"page": 0}, {"page": -1}, {"per_page": 0}, {"per_page": 101}])
async def test_paging_out_of_range(client: httpx.AsyncClient, params: dict[str, int]) -> None:
    answer = await client.get("/workflows", params=params)
    assert answer.status_code == 400
    assert answer.json() == {"success": False, "message": "Invalid pagination parameters"}


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("page", "x", "int_parsing"),
        ("page", "", "int_parsing"),
        ("page", "1.5", "int_parsing"),
        ("per_page", "9" * 40, "int_parsing"),
        ("created_after", "yesterday", "datetime_from_date_parsing"),
        ("updated_before", "", "datetime_from_date_parsing"),
        ("sort_by", "author", "literal_error"),
        ("sort_order", "up", "literal_error"),
    ],
)
async def test_wrong_list_parameters(client: httpx.AsyncClient, name: str, value: str, kind: str) -> None:
    answer = await client.get("/workflows", params={name: value})
    assert answer.status_code == 422
    [entry] = answer.json()["detail"]
    assert (entry["loc"], entry["type"]) == (["query", name], kind)


async def _listed(client: httpx.AsyncClient, **params: str) -> list[dict[str, Any]]:
    answer = await client.get("/workflows", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_list_filters(client: httpx.AsyncClient) -> None:
    by_author = await _listed(client, created_by_email="yusuf.haddad@fernweh.example")
    assert {item["user_id"] for item in by_author} == {34}
    assert await _listed(client, created_by_email="nobody@fernweh.example") == []
    [named] = await _listed(client, external_source="zendesk", external_id="trigger/360001")
    assert named["id"] == TRIAGE
    assert await _listed(client, external_source="zendesk", external_id="wf-9") == []


async def test_time_filters_are_inclusive(client: httpx.AsyncClient) -> None:
    born, changed = "2026-05-04T09:12:00Z", "2026-10-12T16:22:00+00:00"
    for low, high, moment in (
        ("created_after", "created_before", born),
        ("updated_after", "updated_before", changed),
    ):
        assert [item["id"] for item in await _listed(client, **{low: moment, high: moment})] == [TRIAGE]
    assert TRIAGE not in {item["id"] for item in await _listed(client, updated_after="2026-10-12T16:22:01")}
    # An offset whose plus was not encoded arrives as a blank.
    raw = await client.get("/workflows?updated_after=2026-10-12T16:22:00+00:00&updated_before=2026-10-13")
    assert [item["id"] for item in raw.json()["items"]] == [TRIAGE]


@pytest.mark.parametrize("half", ["external_source", "external_id"])
async def test_half_an_external_id(client: httpx.AsyncClient, half: str) -> None:
    answer = await client.get("/workflows", params={half: "acme_cms"})
    assert (answer.status_code, answer.json()["success"]) == (422, False)


@pytest.mark.parametrize("key", ["created_at", "updated_at", "name", "id"])
async def test_sorting(client: httpx.AsyncClient, key: str) -> None:
    up = await _listed(client, sort_by=key, sort_order="asc")
    down = await _listed(client, sort_by=key)
    assert [item["id"] for item in up] == [item["id"] for item in reversed(down)]
    if key in {"id", "name"}:
        values = [str(item[key]).casefold() for item in up]
        assert values == sorted(values)
    else:
        edge = up[0]["id"]
        assert edge == {"created_at": 4121, "updated_at": 4121}[key]


async def test_the_list_marks_deleted_workflows(client: httpx.AsyncClient) -> None:
    deleted = [item for item in await _listed(client) if item["is_deleted"]]
    assert [item["name"] for item in deleted] == ["old-newsletter-generator"]
    for reference in ("4122", "old-newsletter-generator"):
        assert (await client.get(f"/workflows/{reference}")).status_code == 404


async def test_read_the_latest_version(client: httpx.AsyncClient) -> None:
    document = (await client.get("/workflows/4101")).json()
    assert document["workflow_name"] == "support-triage"
    assert (document["version"], document["release_labels"]) == (4, ["staging"])
    assert document["created_at"] == "2026-10-12T16:22:00+00:00"
    assert document["external_ids"][0] == {"source": "acme_cms", "external_id": "wf-9"}
    assert {node["workflow_version_id"] for node in document["nodes"]} == {document["workflow_version_id"]}
    assert document == (await client.get("/workflows/support-triage")).json()


async def test_read_a_pinned_version(client: httpx.AsyncClient) -> None:
    seen = [
        (await client.get("/workflows/4101", params={"version": number})).json() for number in (1, 2, 3, 4)
    ]
    assert [document["version"] for document in seen] == [1, 2, 3, 4]
    numbers = [document["workflow_version_id"] for document in seen]
    assert numbers == sorted(set(numbers))
    node_ids = [node["id"] for document in seen for node in document["nodes"]]
    assert len(node_ids) == len(set(node_ids))


async def test_read_by_label(client: httpx.AsyncClient) -> None:
    answers = {
        label: (await client.get("/workflows/4101", params={"label": label})).json()
        for label in ("production", "staging", "eu-rollout")
    }
    assert {label: document["version"] for label, document in answers.items()} == {
        "production": 3,
        "staging": 4,
        "eu-rollout": 3,
    }
    assert answers["production"]["release_labels"] == ["production", "eu-rollout"]


async def test_labels(client: httpx.AsyncClient) -> None:
    document = (await client.get("/workflows/support-triage/labels")).json()
    numbers = {
        entry["release_label"]: entry["workflow_version_number"] for entry in document["release_labels"]
    }
    assert numbers == {"production": 3, "eu-rollout": 3, "staging": 4}
    ids = [entry["release_label_id"] for entry in document["release_labels"]]
    assert len(set(ids)) == 3
    assert (await client.get("/workflows/4118/labels")).json()["release_labels"] == []


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/workflows/999999", "Workflow not found"),
        ("/workflows/nothing-of-that-name", "Workflow not found"),
        ("/workflows/SUPPORT-TRIAGE", "Workflow not found"),
        ("/workflows/nothing/labels", "Workflow not found"),
        ("/workflows/4101?version=99", "Workflow version not found"),
        ("/workflows/4101?label=nowhere", "Release label 'nowhere' not found"),
        ("/workflows/4119", "Workflow version not found"),
    ],
)
async def test_not_found(client: httpx.AsyncClient, path: str, message: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()) == (404, {"success": False, "message": message})


@pytest.mark.parametrize("path", ["/workflows/4101", "/workflows/nothing-of-that-name"])
async def test_version_and_label_exclude_each_other(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, params={"version": 1, "label": "production"})
    assert answer.status_code == 422
    assert answer.json() == {"success": False, "message": "version and label are mutually exclusive"}


@pytest.mark.parametrize(
    ("version", "kind"), [("0", "greater_than"), ("-3", "greater_than"), ("latest", "int_parsing")]
)
async def test_wrong_version(client: httpx.AsyncClient, version: str, kind: str) -> None:
    answer = await client.get("/workflows/4101", params={"version": version})
    assert answer.status_code == 422
    assert [(entry["loc"], entry["type"]) for entry in answer.json()["detail"]] == [
        (["query", "version"], kind)
    ]


async def test_every_listed_name_can_be_read_encoded_in_one_segment(client: httpx.AsyncClient) -> None:
    for item in await _listed(client):
        if item["is_deleted"] or item["latest_version_number"] is None or item["name"].isdigit():
            continue
        answer = await client.get(f"/workflows/{quote(item['name'], safe='')}")
        assert (answer.status_code, answer.json()["workflow_id"]) == (200, item["id"])
        assert answer.json()["workflow_name"] == item["name"]


async def test_a_bare_slash_is_not_part_of_a_name(client: httpx.AsyncClient) -> None:
    answer = await client.get("/workflows/Help%20Centre%20/%20RAG%20answers")
    assert answer.json() == {"success": False, "message": "Not Found"}


async def test_digits_are_an_id_first_and_a_name_second(client: httpx.AsyncClient) -> None:
    assert (await client.get("/workflows/4101")).json()["workflow_name"] == "support-triage"
    assert (await client.get("/workflows/4118")).json()["workflow_name"] == "4101"
    assert (await client.get("/workflows/2024")).json()["workflow_id"] == 4107


@pytest.mark.parametrize(
    "segment",
    [
        "..",
        ".",
        "%2E%2E",
        "..%2F..%2Fworkflows",
        "%2F",
        "%00",
        "a%0Ab",
        "%0D%0AX-Injected:%201",
        "%FF%FE",
        "%25",
        "%3Fversion=1",
        "%D9%A4%D9%A1%D9%A0%D9%A1",
        "9" * 300,
        "-4101",
        "+4101",
        "4101.0",
        "x" * 5000,
    ],
)
async def test_hostile_segments_are_names_that_nothing_has(over_socket: Any, segment: str) -> None:
    async with over_socket(load("promptlayer")) as connected:
        port = connected.base_url.port
        request = (
            f"GET /workflows/{segment} HTTP/1.1\r\nhost: x\r\nx-api-key: {KEY}\r\nconnection: close\r\n\r\n"
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request.encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
    assert head.startswith(b"HTTP/1.1 404 ")
    assert b"x-injected" not in head.lower()
    assert body == b'{"success":false,"message":"Workflow not found"}'


async def test_without_a_seed_there_is_nothing(in_process: Any) -> None:
    async with in_process(load("promptlayer"), EmulatorOptions(api_key="k", seeded=False)) as connected:
        page = (await connected.get("/workflows", headers={"X-API-KEY": "k"})).json()
    assert (page["items"], page["total"], page["pages"], page["has_next"]) == ([], 0, 0, False)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500, 503])
async def test_injected_faults_have_the_vendors_bodies(client: httpx.AsyncClient, status: int) -> None:
    await client.put("/__emulator__/faults", json=[{"fault": "status", "status": status}])
    answer = await client.get("/workflows")
    assert answer.status_code == status
    if status >= 500:
        assert answer.text == "Internal Server Error"
    elif status == 422:
        assert answer.json()["detail"][0].keys() == {"loc", "msg", "type"}
    else:
        assert answer.json().keys() == {"success", "message"}
