"""Noxus emulator: keys, ids, wrong paths and methods, pages, bodies that are no bodies, faults."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from emulators.registry import load

KEY = {"x-api-key": "nx_demo_noxus"}
NOBODY = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
READS = (
    "/v1/workflows",
    f"/v1/workflows/{NOBODY}",
    f"/v1/workflows/{NOBODY}/versions",
    f"/v1/workflows/{NOBODY}/logs",
    f"/v1/workflows/{NOBODY}/logs/columns",
    f"/v1/workflows/{NOBODY}/export/preview",
    f"/v1/workflows/{NOBODY}/runs",
    f"/v1/workflows/{NOBODY}/runs/{NOBODY}",
    f"/v1/workflows/{NOBODY}/triggers",
    f"/v1/workflows/{NOBODY}/triggers/{NOBODY}/events",
    "/v1/runs",
    f"/v1/runs/{NOBODY}",
    f"/v1/runs/{NOBODY}/data",
    f"/v1/runs/{NOBODY}/io/{NOBODY}",
    f"/v1/runs/{NOBODY}/events",
    "/v1/triggers/events",
    "/v1/agents",
    "/v1/agents/tool-schemas",
    f"/v1/agents/{NOBODY}",
    f"/v1/agents/{NOBODY}/versions",
    f"/v1/agents/{NOBODY}/triggers",
    f"/v1/agents/{NOBODY}/export/preview",
    f"/v1/agents/{NOBODY}/deployments",
    f"/v1/agents/{NOBODY}/deployments/{NOBODY}",
    f"/v1/agents/{NOBODY}/deployments/{NOBODY}/events",
    "/v1/channels",
    "/v1/conversations",
    f"/v1/conversations/{NOBODY}",
    f"/v1/conversations/{NOBODY}/events",
    "/v1/nodes",
    "/v1/admin/me",
)
WRITES = (
    ("POST", "/v1/workflows"),
    ("PATCH", f"/v1/workflows/{NOBODY}"),
    ("DELETE", f"/v1/workflows/{NOBODY}"),
    ("POST", f"/v1/workflows/{NOBODY}/versions"),
    ("PATCH", f"/v1/workflows/{NOBODY}/versions/{NOBODY}"),
    ("POST", f"/v1/workflows/{NOBODY}/export"),
    ("POST", "/v1/workflows/import"),
    ("POST", f"/v1/workflows/{NOBODY}/runs"),
    ("POST", f"/v1/workflows/{NOBODY}/runs/sync"),
    ("POST", f"/v1/workflows/{NOBODY}/triggers"),
    ("PATCH", f"/v1/workflows/{NOBODY}/triggers/{NOBODY}"),
    ("DELETE", f"/v1/triggers/{NOBODY}"),
    ("POST", "/v1/runs/search"),
    ("POST", "/v1/runs/bulk/delete"),
    ("DELETE", f"/v1/runs/{NOBODY}"),
    ("POST", f"/v1/runs/{NOBODY}/stop"),
    ("POST", "/v1/agents"),
    ("PATCH", f"/v1/agents/{NOBODY}"),
    ("DELETE", f"/v1/agents/{NOBODY}"),
    ("POST", f"/v1/agents/{NOBODY}/duplicate"),
    ("POST", f"/v1/agents/{NOBODY}/publish"),
    ("POST", f"/v1/agents/{NOBODY}/restore"),
    ("POST", f"/v1/agents/{NOBODY}/export"),
    ("POST", "/v1/agents/import"),
    ("POST", f"/v1/agents/{NOBODY}/triggers/slack"),
    ("POST", f"/v1/agents/{NOBODY}/deployments"),
    ("PATCH", f"/v1/agents/{NOBODY}/deployments/{NOBODY}"),
    ("DELETE", f"/v1/agents/{NOBODY}/deployments/{NOBODY}"),
    ("POST", f"/v1/agents/{NOBODY}/deployments/{NOBODY}/activate"),
    ("POST", f"/v1/agents/{NOBODY}/deployments/{NOBODY}/deactivate"),
    ("POST", "/v1/conversations"),
    ("POST", f"/v1/conversations/{NOBODY}"),
    ("PATCH", f"/v1/conversations/{NOBODY}"),
    ("DELETE", f"/v1/conversations/{NOBODY}"),
    ("POST", f"/v1/conversations/{NOBODY}/chat"),
    ("POST", f"/v1/conversations/{NOBODY}/stream"),
)
OPERATIONS = tuple(("GET", path) for path in READS) + WRITES
OF_ONE_RECORD = tuple((method, path) for method, path in OPERATIONS if NOBODY in path)
PAGED = (
    "/v1/workflows",
    "/v1/workflows/{workflow}/runs",
    "/v1/workflows/{workflow}/triggers",
    "/v1/runs",
    "/v1/triggers/events",
    "/v1/agents",
    "/v1/agents/{agent}/versions",
    "/v1/conversations",
)


@pytest.fixture
async def api(in_process: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    async with in_process(load("noxus")) as client:
        yield client


async def named(api: httpx.AsyncClient, kind: str, name: str) -> str:
    found = (await api.get(f"/v1/{kind}?size=100", headers=KEY)).json()["items"]
    return next(str(one["id"]) for one in found if one["name"] == name)


async def test_every_operation_wants_the_key(api: httpx.AsyncClient) -> None:
    for method, path in OPERATIONS:
        without = await api.request(method, path)
        wrong = await api.request(method, path, headers={"x-api-key": "nx_demo_noxus2"})
        assert (without.status_code, without.json()) == (401, {"detail": "Not authenticated"}), (method, path)
        assert (wrong.status_code, wrong.json()) == (401, {"detail": "Invalid API key"}), (method, path)


async def test_a_bearer_token_is_no_key(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/workflows", headers={"authorization": "Bearer nx_demo_noxus"})
    assert answer.status_code == 401


async def test_a_record_nobody_has_is_404(api: httpx.AsyncClient) -> None:
    for method, path in OF_ONE_RECORD:
        answer = await api.request(method, path, headers=KEY, json={"content": "?"})
        assert answer.status_code == 404, (method, path)
        assert answer.json()["detail"].endswith("not found"), (method, path)


async def test_an_id_that_is_no_uuid_is_422(api: httpx.AsyncClient) -> None:
    for method, path in OF_ONE_RECORD:
        wrong = path.replace(NOBODY, "not-a-uuid")
        answer = await api.request(method, wrong, headers=KEY, json={"content": "?"})
        assert answer.status_code == 422, (method, path)
        (problem,) = answer.json()["detail"]
        assert problem["loc"][0] == "path"
        assert problem["msg"] == "Input should be a valid UUID"
        assert problem["type"] == "uuid_parsing"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v2/workflows",
        "/v1/workflow",
        "/v1/workflows/a/b/c",
        "//v1/workflows",
        "/v1/workflows/a%2Fb/c",
    ],
)
async def test_an_unknown_path_is_404_before_the_key_is_looked_at(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/workflows"),
        ("PUT", f"/v1/workflows/{NOBODY}"),
        ("HEAD", "/v1/workflows"),
        ("OPTIONS", "/v1/workflows"),
        ("GET", f"/v1/workflows/{NOBODY}/versions/{NOBODY}"),
        ("POST", "/v1/nodes"),
    ],
)
async def test_a_wrong_method_is_405(api: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await api.request(method, path)
    assert answer.status_code == 405
    assert "allow" in answer.headers
    assert method == "HEAD" or answer.json() == {"detail": "Method Not Allowed"}


async def test_a_trailing_slash_is_redirected_as_the_framework_does(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/workflows/")
    assert answer.status_code == 307
    assert answer.headers["location"].endswith("/v1/workflows")


SEGMENTS = (
    ("a%2Fb", 404),
    ("..%2F..%2Fadmin", 404),
    ("%2E%2E", 422),
    (".", 422),
    ("%00", 422),
    ("%0A", 422),
    ("%7F", 422),
    ("%20", 422),
    ("%E2%80%AE", 422),
    ("%25", 422),
    ("x" * 5000, 422),
    (NOBODY + "%0A", 422),
    ("{" + NOBODY + "}", 422),
    (NOBODY[:-1], 422),
    (NOBODY.replace("-", "", 1), 422),
)


async def test_hostile_ids_reach_nothing(over_socket: Callable[..., Any]) -> None:
    async with over_socket(load("noxus")) as client:
        base = str(client.base_url)
        for segment, status in SEGMENTS:
            assert await _raw(base, f"/v1/workflows/{segment}") == status, segment


async def _raw(base: str, target: str) -> int:
    """Send the target untouched: an HTTP library would resolve dot segments first."""
    url = httpx.URL(base)
    assert url.port is not None
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"GET {target} HTTP/1.1\r\nhost: x\r\nx-api-key: nx_demo_noxus\r\nconnection: close\r\n\r\n"
    writer.write(head.encode("latin-1"))
    line = await reader.readline()
    await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(line.split()[1])


async def test_a_uuid_may_be_written_large_or_without_hyphens(api: httpx.AsyncClient) -> None:
    wanted = await named(api, "workflows", "2048")
    for spelling in (wanted.upper(), wanted.replace("-", "")):
        answer = await api.get(f"/v1/workflows/{spelling}", headers=KEY)
        assert answer.json()["id"] == wanted


async def test_every_answer_has_its_own_request_id(api: httpx.AsyncClient) -> None:
    answers = [await api.get(path, headers=KEY) for path in ("/v1/nodes", "/nowhere", f"/v1/runs/{NOBODY}")]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == 3
    assert all(len(one) == 32 for one in ids)


BOUNDS = (
    ("page=0", "greater_than_equal"),
    ("page=-1", "greater_than_equal"),
    ("page=one", "int_parsing"),
    ("page=", "int_parsing"),
    ("page=1.5", "int_parsing"),
    ("size=0", "greater_than_equal"),
    ("size=101", "less_than_equal"),
    ("size=many", "int_parsing"),
)


@pytest.mark.parametrize("path", PAGED)
async def test_page_bounds(api: httpx.AsyncClient, path: str) -> None:
    path = await _filled(api, path)
    for query, code in BOUNDS:
        answer = await api.get(f"{path}?{query}", headers=KEY)
        (problem,) = answer.json()["detail"]
        assert answer.status_code == 422
        assert problem["loc"] == ["query", query.partition("=")[0]]
        assert problem["type"] == code


async def _filled(api: httpx.AsyncClient, path: str) -> str:
    if "{workflow}" in path:
        path = path.replace("{workflow}", await named(api, "workflows", "Support ticket triage"))
    return path.replace("{agent}", await named(api, "agents", "Support bot"))


@pytest.mark.parametrize("path", PAGED)
async def test_walking_the_pages_shows_each_record_once(api: httpx.AsyncClient, path: str) -> None:
    path = await _filled(api, path)
    whole = (await api.get(f"{path}?size=100", headers=KEY)).json()
    assert len(whole["items"]) == whole["total"] > 0
    for size in (1, 3, 7):
        assert await _walked(api, path, size, whole["total"]) == [item["id"] for item in whole["items"]]
    assert len({item["id"] for item in whole["items"]}) == whole["total"]


async def _walked(api: httpx.AsyncClient, path: str, size: int, total: int) -> list[str]:
    seen: list[str] = []
    for number in range(1, total + 3):
        got = (await api.get(f"{path}?page={number}&size={size}", headers=KEY)).json()
        assert (got["page"], got["size"], got["total"]) == (number, size, total)
        assert got["pages"] == -(-total // size)
        seen += [item["id"] for item in got["items"]]
    return seen


async def test_the_default_page_is_the_first_fifty(api: httpx.AsyncClient) -> None:
    answer = (await api.get("/v1/workflows", headers=KEY)).json()
    assert {name: answer[name] for name in ("page", "size", "pages")} == {"page": 1, "size": 50, "pages": 1}


async def test_a_page_far_behind_the_end_is_empty(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"/v1/workflows?page={10**17}&size=100", headers=KEY)
    assert answer.json()["items"] == []


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 422, "missing"),
        (b"{", 422, "json_invalid"),
        (b"{'a': 1}", 422, "json_invalid"),
        (b'{"name": NaN}', 422, "json_invalid"),
        (b'{"name": "\\ud800"}', 422, "json_invalid"),
        (b"[" * 100_000, 422, "json_invalid"),
        (b"[]", 422, "model_attributes_type"),
        (b"null", 422, "model_attributes_type"),
        (b'"text"', 422, "model_attributes_type"),
    ],
)
async def test_bodies_that_are_no_objects(api: httpx.AsyncClient, raw: bytes, status: int, code: str) -> None:
    answer = await api.post("/v1/workflows", headers=KEY, content=raw)
    assert answer.status_code == status
    assert answer.json()["detail"][0]["type"] == code
    assert answer.json()["detail"][0]["loc"][0] == "body"


async def test_bytes_that_are_no_text_are_400(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/workflows", headers=KEY, content=b'{"name": "\xff"}')
    assert (answer.status_code, answer.json()) == (400, {"detail": "There was an error parsing the body"})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 418, 500, 502, 503])
async def test_injected_errors_wear_the_vendors_body(api: httpx.AsyncClient, status: int) -> None:
    rules = [{"fault": "status", "status": status, "times": 1, "retry_after": "0"}]
    await api.put("/__emulator__/faults", json=rules)
    answer = await api.get("/v1/workflows", headers=KEY)
    assert answer.status_code == status
    assert answer.headers["retry-after"] == "0"
    if status < 500:
        assert list(answer.json()) == ["detail"]
    else:
        assert not answer.text.startswith("{")
    assert (await api.get("/v1/workflows", headers=KEY)).status_code == 200


async def test_injected_server_error_is_the_frameworks_plain_text(api: httpx.AsyncClient) -> None:
    await api.put("/__emulator__/faults", json=[{"fault": "status", "status": 500}])
    assert (await api.get("/v1/workflows", headers=KEY)).text == "Internal Server Error"


async def test_who_am_i(api: httpx.AsyncClient) -> None:
    me = (await api.get("/v1/admin/me", headers=KEY)).json()
    assert list(me) == ["id", "name", "tenant_admin", "value", "permissions"]
    assert me["tenant_admin"] is False
    assert "nx_demo_noxus" not in json.dumps(me)


async def test_the_catalogue_is_a_bare_array_of_whole_entries(api: httpx.AsyncClient) -> None:
    nodes = (await api.get("/v1/nodes", headers=KEY)).json()
    needed = ("type", "title", "description", "integrations", "inputs", "outputs", "config", "is_available")
    assert len({node["type"] for node in nodes}) == len(nodes) > 25
    assert all(set(needed) <= set(node) for node in nodes)
    assert {"v2_ready", "output_paths"} <= set(nodes[0])


async def test_reset_brings_the_seed_back_with_the_same_new_ids(api: httpx.AsyncClient) -> None:
    body = {"name": "New", "type": "flow", "definition": {"nodes": [], "edges": []}}
    before = (await api.get("/v1/workflows?size=100", headers=KEY)).json()
    first = (await api.post("/v1/workflows", headers=KEY, json=body)).json()
    await api.delete(f"/v1/workflows/{before['items'][0]['id']}", headers=KEY)
    await api.post("/__emulator__/reset")
    assert (await api.get("/v1/workflows?size=100", headers=KEY)).json() == before
    assert (await api.post("/v1/workflows", headers=KEY, json=body)).json()["id"] == first["id"]
