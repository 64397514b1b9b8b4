"""Noxus emulator: every documented contradiction, off and on."""

import contextlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from emulators.registry import load

GRAPH = {"flow_version": "v1", "nodes": [{"id": "a", "type": "InputNode"}], "edges": []}
SETTINGS = {"model": ["m"], "temperature": 0.9, "tools": []}


@pytest.fixture
def speaking(in_process: Callable[..., Any]) -> Callable[..., Any]:
    """`async with speaking() as client` has the key; `switch` sets the variants."""

    @contextlib.asynccontextmanager
    async def connect() -> Any:
        async with in_process(load("noxus")) as client:
            client.headers["x-api-key"] = "nx_demo_noxus"
            yield client

    return connect


async def switch(api: httpx.AsyncClient, *names: str) -> None:
    assert (await api.put("/__emulator__/variants", json=list(names))).status_code == 200


async def named(api: httpx.AsyncClient, kind: str, name: str) -> dict[str, Any]:
    found = (await api.get(f"/v1/{kind}?size=100")).json()["items"]
    return next(one for one in found if one["name"] == name)


def test_every_variant_has_its_sentence_and_its_test() -> None:
    tested = {name.removeprefix("test_variant_") for name in globals() if name.startswith("test_variant_")}
    assert tested == set(load("noxus").variants)
    assert all(len(sentence) > 30 for sentence in load("noxus").variants.values())


async def test_variant_agent_model_key(speaking: Callable[..., Any]) -> None:
    async with speaking() as api:
        assert "model_selection" in (await named(api, "agents", "Support bot"))["definition"]
        await switch(api, "agent_model_key")
        agent = await named(api, "agents", "Sales copilot")
        for name in ("definition", "draft_definition"):
            assert agent[name]["model"] == ["chat-balanced", "gpt-4o"]
            assert "model_selection" not in agent[name]
        chat = (await api.post("/v1/conversations", json={"name": "c", "settings": SETTINGS})).json()
        assert chat["settings"]["model"] == ["m"]


async def test_variant_bearer(speaking: Callable[..., Any]) -> None:
    async with speaking() as api:
        del api.headers["x-api-key"]
        headers = {"authorization": "Bearer nx_demo_noxus"}
        assert (await api.get("/v1/nodes", headers=headers)).status_code == 401
        await switch(api, "bearer")
        assert (await api.get("/v1/nodes", headers=headers)).status_code == 200
        assert (await api.get("/v1/nodes", headers={"authorization": "Bearer x"})).status_code == 401
        assert (await api.get("/v1/nodes", headers={"authorization": "Basic x"})).status_code == 401


async def test_variant_delete_204(speaking: Callable[..., Any]) -> None:
    async with speaking() as api:
        await switch(api, "delete_204")
        path = f"/v1/workflows/{(await named(api, 'workflows', '2048'))['id']}"
        answer = await api.delete(path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert (await api.get(path)).status_code == 404


async def test_variant_deleted_visible(speaking: Callable[..., Any]) -> None:
    async with speaking() as api:
        before = (await api.get("/v1/workflows")).json()["total"]
        await switch(api, "deleted_visible")
        gone = await named(api, "workflows", "Summer campaign slogans")
        assert gone["deleted_at"] == "2026-09-01T00:00:00Z"
        assert (await api.get("/v1/workflows")).json()["total"] == before + 1
        assert (await api.get(f"/v1/workflows/{gone['id']}")).json() == gone
        assert (await api.delete(f"/v1/workflows/{gone['id']}")).status_code == 200
        assert (await api.get(f"/v1/workflows/{gone['id']}")).json() == gone


async def test_variant_empty_definitions(speaking: Callable[..., Any]) -> None:
    async with speaking() as api:
        whole = await named(api, "workflows", "2048")
        await switch(api, "empty_definitions")
        items = (await api.get("/v1/workflows?size=100")).json()["items"]
        assert all(item["definition"] == {} for item in items)
        assert (await api.get(f"/v1/workflows/{whole['id']}")).json() == whole | {"definition": {}}
        await switch(api)
        assert await named(api, "workflows", "2048") == whole


async def test_variant_flow_version_everywhere(speaking: Callable[..., Any]) -> None:
    async with speaking() as api:
        items = (await api.get("/v1/workflows?size=100")).json()["items"]
        assert {item.get("flow_version") for item in items} == {None, "v2"}
        await switch(api, "flow_version_everywhere")
        items = (await api.get("/v1/workflows?size=100")).json()["items"]
        assert {item["flow_version"] for item in items} == {"v1", "v2"}
        made = await api.post("/v1/workflows", json={"name": "n", "type": "flow", "definition": GRAPH})
        assert made.json()["flow_version"] == "v1"


async def test_variant_missing_key_403(speaking: Callable[..., Any]) -> None:
    async with speaking() as api:
        await switch(api, "missing_key_403")
        del api.headers["x-api-key"]
        answer = await api.get("/v1/nodes")
        assert (answer.status_code, answer.json()) == (403, {"detail": "Not authenticated"})
        assert (await api.get("/v1/nodes", headers={"x-api-key": "no"})).status_code == 401


async def test_variant_no_delete_history(speaking: Callable[..., Any]) -> None:
    async with speaking() as api:
        assert (await api.get("/v1/admin/me")).json()["permissions"] == ["resource:delete_history"]
        await switch(api, "no_delete_history")
        assert (await api.get("/v1/admin/me")).json()["permissions"] == []
        run = (await api.get("/v1/runs")).json()["items"][0]["id"]
        for answer in (
            await api.delete(f"/v1/runs/{run}"),
            await api.post("/v1/runs/bulk/delete", json={"run_ids": [run]}),
        ):
            assert answer.status_code == 403
            assert answer.json() == {"detail": "Missing permission resource:delete_history"}
        assert (await api.get(f"/v1/runs/{run}")).status_code == 200


async def test_variant_no_run_events(speaking: Callable[..., Any]) -> None:
    async with speaking() as api:
        run = (await api.get("/v1/runs")).json()["items"][0]["id"]
        await switch(api, "no_run_events")
        answer = await api.get(f"/v1/runs/{run}/events")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


async def test_variant_old_types(speaking: Callable[..., Any]) -> None:
    async with speaking() as api:
        await switch(api, "old_types")
        items = (await api.get("/v1/workflows?size=100")).json()["items"]
        assert {item["type"] for item in items} == {"flow", "handler", "ingestion"}
        assert (await api.get("/v1/workflows?type=agent_flow")).status_code == 422
        body = {"name": "n", "type": "agent_flow", "definition": GRAPH}
        assert (await api.post("/v1/workflows", json=body)).status_code == 422


async def test_variant_preview_writes_draft(speaking: Callable[..., Any]) -> None:
    async with speaking() as api:
        await switch(api, "preview_writes_draft")
        agent = await named(api, "agents", "Support bot")
        path = f"/v1/agents/{agent['id']}"
        shown = (await api.patch(f"{path}?preview=True", json={"definition": SETTINGS})).json()
        assert shown["definition"] == agent["definition"]
        assert shown["draft_definition"]["temperature"] == 0.9
        kept = (await api.patch(f"{path}?preview=True", json={"name": "Bot", "definition": None})).json()
        assert (kept["name"], kept["draft_definition"]) == ("Bot", shown["draft_definition"])
        assert (await api.post(f"{path}/publish")).json()["definition"] == shown["draft_definition"]


async def test_variant_search_as_documented(speaking: Callable[..., Any]) -> None:
    async with speaking() as api:
        body = {"query": "sofa week", "limit": 1, "offset": 0, "exact": True, "search_in": ["nose"]}
        assert (await api.post("/v1/runs/search", json=body)).status_code == 422
        await switch(api, "search_as_documented")
        got = (await api.post("/v1/runs/search?size=50", json=body)).json()
        assert (got["size"], got["total"], len(got["items"])) == (50, 2, 2)
        assert (await api.post("/v1/runs/search", json={})).status_code == 422


async def test_variant_sync_short(speaking: Callable[..., Any]) -> None:
    async with speaking() as api:
        await switch(api, "sync_short")
        flow = await named(api, "workflows", "2048")
        answer = await api.post(f"/v1/workflows/{flow['id']}/runs/sync", json={"input": {}})
        assert list(answer.json()) == ["id", "output"]
