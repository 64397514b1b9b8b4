"""The workflow endpoints of the Aitronos emulator."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from emulators.contract import EmulatorOptions
from emulators.registry import load

Connect = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
KEY = "ak_test"
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
FIELDS = [
    *("id", "organization_id", "name", "description", "definition", "version", "is_active"),
    *("created_at", "updated_at", "created_by", "external_id", "assistant_id", "has_assistant"),
]
LLM = {"id": "n1", "name": "Freddy", "type": "freddyLLM", "parameters": {"model": "ftg-3.0"}}


@pytest.fixture
async def api(in_process: Connect) -> AsyncIterator[httpx.AsyncClient]:
    ticks = count()
    options = EmulatorOptions(api_key=KEY, clock=lambda: START + timedelta(seconds=next(ticks)))
    async with in_process(load("aitronos"), options) as client:
        client.headers["x-api-key"] = KEY
        yield client


async def create(api: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    response = await api.post("/v1/workflows", json={"name": "Flow", "definition": {}} | body)
    assert response.status_code == 201
    document: dict[str, Any] = response.json()
    return document


async def by_name(api: httpx.AsyncClient, name: str) -> dict[str, Any]:
    page = (await api.get("/v1/workflows")).json()
    found: dict[str, Any] = next(w for w in page["workflows"] if w["name"] == name)
    return found


async def test_a_listing_has_its_four_keys_and_whole_workflows(api: httpx.AsyncClient) -> None:
    page = (await api.get("/v1/workflows")).json()
    assert list(page) == ["workflows", "total", "limit", "offset"]
    assert (page["limit"], page["offset"], page["total"]) == (50, 0, len(page["workflows"]))
    for workflow in page["workflows"]:
        assert list(workflow)[:13] == FIELDS
        assert isinstance(workflow["definition"], dict)


async def test_walking_the_pages_meets_every_workflow_once(api: httpx.AsyncClient) -> None:
    whole = [w["id"] for w in (await api.get("/v1/workflows")).json()["workflows"]]
    walked: list[str] = []
    for offset in range(0, len(whole) + 7, 7):
        page = (await api.get("/v1/workflows", params={"limit": 7, "offset": offset})).json()
        assert (page["limit"], page["offset"], page["total"]) == (7, offset, len(whole))
        walked += [w["id"] for w in page["workflows"]]
    assert walked == whole
    assert len(set(walked)) == len(walked)


async def test_the_newest_come_first(api: httpx.AsyncClient) -> None:
    created = await create(api)
    times = [w["created_at"] for w in (await api.get("/v1/workflows")).json()["workflows"]]
    assert times == sorted(times, reverse=True)
    assert times[0] == created["created_at"]


@pytest.mark.parametrize(
    ("spelling", "inactive_shown"),
    [("true", False), ("True", False), ("1", False), ("on", False), ("false", True), ("0", True)],
)
async def test_active_only_takes_every_spelling(
    api: httpx.AsyncClient, spelling: str, inactive_shown: bool
) -> None:
    page = (await api.get("/v1/workflows", params={"active_only": spelling})).json()
    assert any(not w["is_active"] for w in page["workflows"]) == inactive_shown
    assert page["total"] == len(page["workflows"])


async def test_a_listing_by_external_id_finds_at_most_one(api: httpx.AsyncClient) -> None:
    page = (await api.get("/v1/workflows", params={"external_id": "desk/hand-off #1"})).json()
    assert [w["name"] for w in page["workflows"]] == [" EMEA / APAC hand-off "]
    assert (await api.get("/v1/workflows", params={"external_id": "nope"})).json()["total"] == 0


@pytest.mark.parametrize(
    ("query", "field", "kind"),
    [
        ("limit=0", "limit", "greater_than_equal"),
        ("limit=101", "limit", "less_than_equal"),
        ("limit=ten", "limit", "int_parsing"),
        ("limit=", "limit", "int_parsing"),
        ("limit=1.5", "limit", "int_parsing"),
        ("offset=-1", "offset", "greater_than_equal"),
        ("active_only=maybe", "active_only", "bool_parsing"),
    ],
)
async def test_a_bad_query_is_refused(api: httpx.AsyncClient, query: str, field: str, kind: str) -> None:
    response = await api.get(f"/v1/workflows?{query}")
    assert response.status_code == 422
    error = response.json()["error"]
    assert (error["code"], error["type"]) == ("VALIDATION_ERROR", "client_error")
    assert error["details"]["field"] == field
    assert [issue["type"] for issue in error["details"]["errors"]] == [kind]


async def test_unknown_query_parameters_do_not_matter(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/workflows?page=2&limit=1")).json()["limit"] == 1


async def test_a_created_workflow_is_read_back_as_it_was_sent(api: httpx.AsyncClient) -> None:
    definition = {"nodes": [LLM], "x": [1, 1.0, True, None, "ü", 2**60, {}], "b": 1, "a": 2}
    created = await create(api, name="Nötig", definition=definition, description="", external_id="fp_1")
    assert list(created) == FIELDS
    assert created["id"].startswith("flow_")
    assert len(created["id"]) == 17
    assert (created["version"], created["is_active"]) == (1, True)
    assert created["created_at"] == created["updated_at"] == int(START.timestamp())
    response = await api.get(f"/v1/workflows/{created['id']}")
    assert response.json() == created
    assert '"x":[1,1.0,true,null,"ü",1152921504606846976,{}],"b":1,"a":2' in response.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "x"}, "definition"),
        ({"name": None, "definition": {}}, "name"),
        ({"name": "", "definition": {}}, "name"),
        ({"name": "x" * 256, "definition": {}}, "name"),
        ({"name": 5, "definition": {}}, "name"),
        ({"name": "x", "definition": None}, "definition"),
        ({"name": "x", "definition": []}, "definition"),
        ({"name": "x", "definition": "{}"}, "definition"),
        ({"name": "x", "definition": {}, "description": 1}, "description"),
        ({"name": "x", "definition": {}, "external_id": ["a"]}, "external_id"),
    ],
)
async def test_a_bad_body_is_refused_and_creates_nothing(
    api: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    before = (await api.get("/v1/workflows")).json()["total"]
    response = await api.post("/v1/workflows", json=body)
    assert response.status_code == 422
    assert response.json()["error"]["details"]["field"] == field
    assert (await api.get("/v1/workflows")).json()["total"] == before


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'"text"', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b'{"name": "x", "definition": {"a": NaN}}', "application/json"),
        (b'{"name": "\\ud800", "definition": {}}', "application/json"),
        (b'{"name": "x", "definition": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "application/json"),
        (b'{"name": "x", "definition": {}}', "text/plain"),
        (b"name=x&definition={}", "application/x-www-form-urlencoded"),
    ],
)
async def test_a_body_that_is_no_json_object_is_refused(
    api: httpx.AsyncClient, content: bytes, content_type: str
) -> None:
    response = await api.post("/v1/workflows", content=content, headers={"content-type": content_type})
    assert response.status_code == 422
    assert response.json()["error"]["details"]["field"] == "body"


async def test_a_json_body_needs_no_content_type(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/workflows", content=b'{"name": "x", "definition": {}}')
    assert response.status_code == 201


async def test_creating_with_a_known_external_id_updates(api: httpx.AsyncClient) -> None:
    first = await create(api, external_id="fp_up", definition={"a": 1}, description="kept")
    again = await create(api, external_id="fp_up", definition={"a": 2}, name="Renamed")
    assert again["id"] == first["id"]
    assert (again["version"], again["name"], again["description"]) == (2, "Renamed", "kept")
    assert again["updated_at"] > first["updated_at"]
    assert again["created_at"] == first["created_at"]


async def test_creating_without_an_external_id_duplicates(api: httpx.AsyncClient) -> None:
    assert (await create(api))["id"] != (await create(api))["id"]
    assert (await create(api, external_id=None))["external_id"] is None


async def test_a_deleted_workflows_external_id_is_free_again(api: httpx.AsyncClient) -> None:
    first = await create(api, external_id="fp_again")
    await api.delete(f"/v1/workflows/{first['id']}")
    assert (await create(api, external_id="fp_again"))["id"] != first["id"]


async def test_only_a_changed_definition_raises_the_version(api: httpx.AsyncClient) -> None:
    path = f"/v1/workflows/{(await create(api, definition={'t': 1}))['id']}"
    bodies: list[dict[str, Any]] = [
        {"name": "New"},
        {"is_active": False},
        {"definition": {"t": 1}},
        {"definition": {"t": 1.0}},
        {"definition": {"t": True}},
        {"definition": {}},
    ]
    seen = [(await api.patch(path, json=body)).json()["version"] for body in bodies]
    assert seen == [1, 1, 1, 2, 3, 4]


async def test_an_empty_patch_changes_nothing(api: httpx.AsyncClient) -> None:
    before = await create(api)
    response = await api.patch(f"/v1/workflows/{before['id']}", json={})
    assert response.status_code == 200
    assert response.json() == before


async def test_a_null_clears_what_may_be_null_and_leaves_the_rest(api: httpx.AsyncClient) -> None:
    before = await create(api, description="d", external_id="fp_null")
    nulls = dict.fromkeys(["name", "description", "definition", "is_active", "external_id"])
    after = (await api.patch(f"/v1/workflows/{before['id']}", json=nulls)).json()
    assert (after["description"], after["external_id"]) == (None, None)
    assert [after[f] for f in ("name", "definition", "is_active")] == ["Flow", {}, True]


async def test_a_patch_that_takes_anothers_external_id_conflicts(api: httpx.AsyncClient) -> None:
    await create(api, external_id="fp_taken")
    other = await create(api, external_id="fp_mine")
    response = await api.patch(f"/v1/workflows/{other['id']}", json={"external_id": "fp_taken", "name": "N"})
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "RESOURCE_ALREADY_EXISTS"
    assert (await api.get(f"/v1/workflows/{other['id']}")).json() == other
    kept = await api.patch(f"/v1/workflows/{other['id']}", json={"external_id": "fp_mine"})
    assert kept.status_code == 200


async def test_a_bad_patch_is_refused(api: httpx.AsyncClient) -> None:
    path = f"/v1/workflows/{(await create(api))['id']}"
    response = await api.patch(path, json={"is_active": "yes", "definition": [], "name": ""})
    assert response.status_code == 422
    errors = response.json()["error"]["details"]["errors"]
    assert [issue["field"] for issue in errors] == ["name", "definition", "is_active"]


async def test_an_inactive_workflow_is_still_there(api: httpx.AsyncClient) -> None:
    path = f"/v1/workflows/{(await create(api))['id']}"
    await api.patch(path, json={"is_active": False})
    assert (await api.get(path)).json()["is_active"] is False


async def test_a_deleted_workflow_is_gone_for_every_operation(api: httpx.AsyncClient) -> None:
    created = await create(api)
    path = f"/v1/workflows/{created['id']}"
    response = await api.delete(path)
    assert (response.status_code, response.content) == (204, b"")
    for method, url in (
        ("GET", path),
        ("PATCH", path),
        ("DELETE", path),
        ("POST", f"{path}/promote-to-assistant"),
    ):
        response = await api.request(method, url, json={})
        assert response.status_code == 404
        assert response.json()["error"]["details"] == {"resource_id": created["id"]}
    assert created["id"] not in (await api.get("/v1/workflows")).text


async def test_deleting_unlinks_the_assistant(api: httpx.AsyncClient) -> None:
    triage = await by_name(api, "Support triage")
    await api.delete(f"/v1/workflows/{triage['id']}")
    assistant = (await api.get(f"/v1/assistants/{triage['assistant_id']}")).json()
    assert [assistant[f] for f in ("workflow_id", "workflow_version", "workflow_based")] == [
        None,
        None,
        False,
    ]


async def test_new_ids_are_the_same_after_every_reset(api: httpx.AsyncClient) -> None:
    first = (await create(api))["id"]
    await api.get("/v1/workflows/absent")
    second = (await create(api))["id"]
    await api.post("/__emulator__/reset")
    assert [(await create(api))["id"], (await create(api))["id"]] == [first, second]


async def test_a_reset_undoes_changes_of_seeded_workflows(api: httpx.AsyncClient) -> None:
    before = await by_name(api, "Support triage")
    await api.patch(f"/v1/workflows/{before['id']}", json={"definition": {}, "name": "Spoiled"})
    await api.post("/__emulator__/reset")
    assert await by_name(api, "Support triage") == before


async def test_an_unseeded_emulator_is_empty(in_process: Connect) -> None:
    options = EmulatorOptions(api_key=KEY, seeded=False)
    async with in_process(load("aitronos"), options) as client:
        page = (await client.get("/v1/workflows", headers={"x-api-key": KEY})).json()
    assert page == {"workflows": [], "total": 0, "limit": 50, "offset": 0}
