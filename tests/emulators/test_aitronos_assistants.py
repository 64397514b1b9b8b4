"""The assistant endpoints of the Aitronos emulator, without their link to workflows."""

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
SUMMARY = {
    *(
        "id",
        "name",
        "description",
        "icon_id",
        "icon_url",
        "icon_type",
        "icon_data",
        "is_default",
        "created_at",
    ),
    *("updated_at", "access_mode", "api_enabled", "is_active", "temperature", "user_access_level"),
    *("workflow_id", "workflow_version", "workflow_based"),
}


@pytest.fixture
async def api(in_process: Connect) -> AsyncIterator[httpx.AsyncClient]:
    ticks = count()
    options = EmulatorOptions(api_key=KEY, clock=lambda: START + timedelta(seconds=next(ticks)))
    async with in_process(load("aitronos"), options) as client:
        client.headers["x-api-key"] = KEY
        yield client


@pytest.fixture
async def organization(api: httpx.AsyncClient) -> str:
    return (await api.get("/v1/workflows")).headers["aitronos-organization"]


async def page(api: httpx.AsyncClient, organization: str, **query: Any) -> dict[str, Any]:
    response = await api.get("/v1/assistants", params={"organization_id": organization} | query)
    assert response.status_code == 200
    document: dict[str, Any] = response.json()
    return document


async def create(api: httpx.AsyncClient, organization: str, **body: Any) -> dict[str, Any]:
    response = await api.post("/v1/assistants", json={"name": "A", "organization_id": organization} | body)
    assert response.status_code == 201
    document: dict[str, Any] = response.json()
    return document


async def test_a_listing_tells_its_paging_filters_and_user(api: httpx.AsyncClient, organization: str) -> None:
    answer = await page(api, organization, limit=2, offset=1)
    total = answer["total"]
    assert answer["organization_id"] == organization
    assert answer["pagination"] == {"total": total, "limit": 2, "offset": 1, "has_more": True}
    assert answer["user_context"]["organization_count"] == 1
    assert answer["user_context"]["user_id"].startswith("usr_")
    assert answer["filters_applied"] == {
        "search": None,
        "access_mode": None,
        "include_inactive": False,
        "sort_by": "name",
        "sort_order": "asc",
    }
    assert (await page(api, organization, limit=100))["pagination"]["has_more"] is False


async def test_walking_the_pages_meets_every_assistant_once(
    api: httpx.AsyncClient, organization: str
) -> None:
    walked: list[str] = []
    more = True
    while more:
        answer = await page(api, organization, limit=2, offset=len(walked), include_inactive=True)
        walked += [assistant["id"] for assistant in answer["assistants"]]
        more = answer["pagination"]["has_more"]
    assert len(walked) == len(set(walked)) == answer["total"] == 7


@pytest.mark.parametrize("query", [{}, {"fields": "summary"}])
async def test_the_summary_is_the_usual_form(
    api: httpx.AsyncClient, organization: str, query: dict[str, str]
) -> None:
    shown = (await page(api, organization, **query))["assistants"]
    assert len(shown) == 6
    assert all(set(assistant) == SUMMARY for assistant in shown)


async def test_standard_adds_the_model_and_full_is_what_get_shows(
    api: httpx.AsyncClient, organization: str
) -> None:
    standard = (await page(api, organization, fields="standard"))["assistants"][0]
    assert set(standard) == SUMMARY | {"default_model_key", "allowed_model_providers", "context_strategy"}
    full = (await page(api, organization, fields="full"))["assistants"][0]
    assert full == (await api.get(f"/v1/assistants/{full['id']}")).json()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"search": "WARRANTY"}, ["Warranty Expert"]),
        ({"search": "two tents"}, ["Gear Advisor"]),
        ({"search": "日本語"}, ["東京オフィス助手"]),
        ({"access_mode": "organization"}, ["Bergquell Helpdesk", "Peak Season Desk"]),
        ({"vector_store_id": "vs_4hd81kq0ta2m"}, ["Warranty Expert"]),
        ({"include_inactive": True, "visible_in_chat": False}, ["Draft Writer"]),
        ({"include_inactive": True, "for_chat": False}, ["Draft Writer"]),
        ({"for_chat": False, "visible_in_chat": True, "search": "gear"}, ["Gear Advisor"]),
        ({"search": "draft"}, []),
        ({"search": "prototype", "include_inactive": True}, []),
    ],
)
async def test_filters_narrow_the_listing(
    api: httpx.AsyncClient, organization: str, query: dict[str, Any], names: list[str]
) -> None:
    answer = await page(api, organization, **query)
    assert [assistant["name"] for assistant in answer["assistants"]] == names
    assert answer["total"] == len(names)


@pytest.mark.parametrize("key", ["name", "created_at", "updated_at"])
async def test_sorting_goes_both_ways(api: httpx.AsyncClient, organization: str, key: str) -> None:
    up = (await page(api, organization, sort_by=key))["assistants"]
    down = (await page(api, organization, sort_by=key, sort_order="desc"))["assistants"]
    values = [a[key].casefold() if key == "name" else a[key] for a in up]
    assert values == sorted(values)
    assert up == down[::-1]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"organization_id": None}, "organization_id"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"offset": -1}, "offset"),
        ({"fields": "all"}, "fields"),
        ({"sort_by": "temperature"}, "sort_by"),
        ({"sort_order": "up"}, "sort_order"),
        ({"visible_in_chat": "perhaps"}, "visible_in_chat"),
        ({"include_inactive": "2"}, "include_inactive"),
    ],
)
async def test_a_bad_query_is_refused(
    api: httpx.AsyncClient, organization: str, query: dict[str, Any], field: str
) -> None:
    given = {k: v for k, v in ({"organization_id": organization} | query).items() if v is not None}
    response = await api.get("/v1/assistants", params=given)
    assert response.status_code == 422
    assert response.json()["error"]["details"]["field"] == field


async def test_anothers_organization_is_refused(api: httpx.AsyncClient) -> None:
    for response in (
        await api.get("/v1/assistants", params={"organization_id": "org_other0000000"}),
        await api.post("/v1/assistants", json={"name": "A", "organization_id": "org_other0000000"}),
    ):
        error = response.json()["error"]
        assert (response.status_code, error["code"]) == (403, "ORGANIZATION_ACCESS_DENIED")
        assert error["type"] == "authorization_error"


async def test_a_created_assistant_takes_defaults_and_is_read_back(
    api: httpx.AsyncClient, organization: str
) -> None:
    tools = {"system_tools": {"web_search": {"mode": "on"}, "x": None}, "mcp_tools": [{"server_label": "kb"}]}
    created = await create(
        api, organization, instructions="Be kind.", temperature=0, tool_configurations=tools, is_default=None
    )
    assert created["id"].startswith("asst_")
    assert {
        "default_model_key": "gpt-4o",
        "top_p": 1.0,
        "max_tool_calls": 10,
        "safety_level": "medium",
        "temperature": 0,
        "is_default": False,
        "workflow_based": False,
        "workflow_id": None,
        "deleted_at": None,
        "tool_configurations": tools,
        "tool_capabilities": {"system_tools": ["web_search"], "mcp_servers": ["kb"], "streamline_tools": 0},
    }.items() <= created.items()
    assert (await api.get(f"/v1/assistants/{created['id']}")).json() == created
    assert created["id"] in [a["id"] for a in (await page(api, organization))["assistants"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"organization_id": None}, "organization_id"),
        ({"temperature": 1.5}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"top_p": -0.1}, "top_p"),
        ({"is_active": 1}, "is_active"),
        ({"max_tool_calls": 1.5}, "max_tool_calls"),
        ({"vector_store_ids": "vs"}, "vector_store_ids"),
        ({"vector_store_ids": [1]}, "vector_store_ids"),
        ({"system_message": ["x"]}, "system_message"),
        ({"metadata": []}, "metadata"),
        ({"reasoning": {"effort": "extreme"}}, "reasoning.effort"),
        ({"reasoning": {"summary": []}}, "reasoning.summary"),
        ({"tool_configurations": {"mcp_tools": [{"server_url": "x"}]}}, None),
        ({"tool_configurations": {"mcp_tools": {"a": 1}}}, "tool_configurations.mcp_tools"),
        ({"tool_configurations": {"system_tools": {"a": "on"}}}, "tool_configurations.system_tools"),
    ],
)
async def test_a_bad_body_is_refused(
    api: httpx.AsyncClient, organization: str, body: dict[str, Any], field: str | None
) -> None:
    response = await api.post("/v1/assistants", json={"name": "A", "organization_id": organization} | body)
    assert response.status_code == 422
    expected = field or "tool_configurations.mcp_tools.0.server_label"
    assert response.json()["error"]["details"]["field"] == expected


async def test_put_changes_only_what_is_given(api: httpx.AsyncClient, organization: str) -> None:
    before = await create(api, organization, instructions="Be kind.", metadata={"a": 1})
    path = f"/v1/assistants/{before['id']}"
    body = {"temperature": 0.1, "instructions": None, "assistant_metadata": {"b": 2}, "name": None}
    response = await api.put(path, json=body)
    after = response.json()
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"temperature", "instructions", "metadata", "updated_at"}
    assert (after["metadata"], after["instructions"]) == ({"b": 2}, None)
    assert (await api.get(path)).json() == after


async def test_put_refuses_what_creation_refuses(api: httpx.AsyncClient, organization: str) -> None:
    path = f"/v1/assistants/{(await create(api, organization))['id']}"
    response = await api.put(path, json={"temperature": 2, "name": ""})
    assert response.status_code == 422
    assert {e["field"] for e in response.json()["error"]["details"]["errors"]} == {"temperature", "name"}


async def test_a_patch_is_no_method_of_assistants(api: httpx.AsyncClient, organization: str) -> None:
    path = f"/v1/assistants/{(await create(api, organization))['id']}"
    response = await api.patch(path, json={})
    assert (response.status_code, response.headers["allow"]) == (405, "DELETE, GET, PUT")


async def test_a_deleted_assistant_is_gone_and_its_workflow_stays(
    api: httpx.AsyncClient, organization: str
) -> None:
    helpdesk = (await page(api, organization, search="helpdesk"))["assistants"][0]
    response = await api.delete(f"/v1/assistants/{helpdesk['id']}")
    assert (response.status_code, response.content) == (204, b"")
    path = f"/v1/assistants/{helpdesk['id']}"
    for method, url in (
        ("GET", path),
        ("PUT", path),
        ("DELETE", path),
        ("GET", f"{path}/workflow"),
        ("GET", f"{path}/history"),
        ("POST", f"{path}/warm"),
        ("POST", f"{path}/convert-to-workflow"),
    ):
        assert (await api.request(method, url)).status_code == 404
    workflow = (await api.get(f"/v1/workflows/{helpdesk['workflow_id']}")).json()
    assert workflow["assistant_id"] is None
    assert (await page(api, organization, search="helpdesk"))["total"] == 0


async def test_warming_names_the_assistant(api: httpx.AsyncClient, organization: str) -> None:
    created = await create(api, organization)
    response = await api.post(f"/v1/assistants/{created['id']}/warm")
    assert response.json() == {"assistant_id": created["id"], "status": "warmed", "ttl_seconds": 1800}


async def test_the_history_tells_every_change_newest_first(api: httpx.AsyncClient, organization: str) -> None:
    created = await create(api, organization)
    path = f"/v1/assistants/{created['id']}"
    await api.put(path, json={"temperature": 0.2})
    await api.put(path, json={"temperature": 0.2})
    history = (await api.get(f"{path}/history")).json()
    assert history["pagination"] == {"total": 2, "limit": 50, "offset": 0, "has_more": False}
    assert [line["action"] for line in history["audit_logs"]] == ["updated", "created"]
    newest = history["audit_logs"][0]
    assert newest["changes"] == [{"field": "temperature", "old_value": 0.7, "new_value": 0.2}]
    assert (newest["resource_type"], newest["resource_id"]) == ("assistant", created["id"])
    assert newest["user_email"].endswith("@bergquell.example")
    assert (await api.get(f"{path}/history", params={"limit": 1})).json()["pagination"]["has_more"] is True


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ({"action": "created"}, ["created"]),
        ({"user_id": "usr_nobody"}, []),
        ({"start_date": "2026-05-08T09:00:01Z"}, ["workflow_linked"]),
        ({"start_date": "2026-05-08", "end_date": "2026-05-08T09:00:00"}, ["created"]),
        ({"end_date": "2026-05-08T10:59:00+02:00"}, []),
        ({"offset": 1}, ["created"]),
    ],
)
async def test_the_history_can_be_narrowed(
    api: httpx.AsyncClient, organization: str, query: dict[str, Any], actions: list[str]
) -> None:
    helpdesk = (await page(api, organization, search="helpdesk"))["assistants"][0]
    history = (await api.get(f"/v1/assistants/{helpdesk['id']}/history", params=query)).json()
    assert [line["action"] for line in history["audit_logs"]] == actions


async def test_a_bad_history_query_is_refused(api: httpx.AsyncClient, organization: str) -> None:
    helpdesk = (await page(api, organization, search="helpdesk"))["assistants"][0]
    response = await api.get(f"/v1/assistants/{helpdesk['id']}/history?start_date=yesterday&limit=0")
    assert response.status_code == 422
    fields = [issue["field"] for issue in response.json()["error"]["details"]["errors"]]
    assert fields == ["limit", "start_date"]
