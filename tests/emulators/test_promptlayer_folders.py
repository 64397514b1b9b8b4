"""PromptLayer emulator: folders, the entities in them, external ids."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from emulators.contract import EmulatorOptions
from emulators.registry import load

KEY = "pl_demo_promptlayer"
WORKSPACE = 417
FOLDERS = "/api/public/v2/folders"
ENTITIES = f"{FOLDERS}/entities"
SUPPORT, ESCALATIONS, FINANCE = 41, 42, 43
Document = dict[str, Any]


@pytest.fixture
async def client(in_process: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    async with in_process(load("promptlayer"), EmulatorOptions(api_key=KEY)) as connected:
        connected.headers["X-API-KEY"] = KEY
        yield connected


async def browse(client: httpx.AsyncClient, **params: Any) -> list[Document]:
    answer = await client.get(ENTITIES, params={"workspace_id": WORKSPACE, **params})
    assert answer.status_code == 200, answer.text
    entities: list[Document] = answer.json()["entities"]
    return entities


async def delete(client: httpx.AsyncClient, *entities: tuple[str, int], **body: Any) -> httpx.Response:
    references = [{"type": kind, "id": number} for kind, number in entities]
    return await client.request("DELETE", ENTITIES, json={"entities": references, **body})


async def move(
    client: httpx.AsyncClient, folder_id: int | None, *entities: tuple[str, int]
) -> httpx.Response:
    references = [{"type": kind, "id": number} for kind, number in entities]
    return await client.post(ENTITIES, json={"entities": references, "folder_id": folder_id})


async def test_create_folders(client: httpx.AsyncClient) -> None:
    root = await client.post(FOLDERS, json={"name": "Ops", "workspace_id": WORKSPACE})
    assert root.status_code == 201
    folder = root.json()["folder"]
    assert (folder["path"], folder["parent_id"], folder["workspace_id"]) == (None, None, WORKSPACE)
    external = [{"source": "erp", "external_id": "F"}]
    inner = await client.post(
        FOLDERS, json={"name": "Ops", "parent_id": folder["id"], "external_ids": external}
    )
    assert inner.json()["folder"]["path"] == [{"id": folder["id"], "name": "Ops"}]
    assert inner.json()["folder"]["external_ids"] == external
    [seen] = await browse(client, folder_id=folder["id"])
    assert (seen["type"], seen["id"], seen["path"]) == ("FOLDER", inner.json()["folder"]["id"], ["Ops"])


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"name": "Support"}),
        (400, {"name": "Escalations", "parent_id": SUPPORT}),
        (400, {"name": "x", "workspace_id": 999}),
        (404, {"name": "x", "parent_id": 999}),
        (409, {"name": "x", "external_ids": [{"source": "acme_cms", "external_id": "wf-9"}]}),
        (422, {}),
        (422, {"name": ""}),
        (422, {"name": "x" * 256}),
        (422, {"name": None}),
        (422, {"name": "x", "workspace_id": 0}),
        (422, {"name": "x", "parent_id": "41"}),
    ],
)
async def test_folders_that_are_refused(client: httpx.AsyncClient, status: int, body: Document) -> None:
    before = await browse(client, flatten=True)
    answer = await client.post(FOLDERS, json=body)
    assert answer.status_code == status
    assert ("detail" in answer.json()) == (status == 422)
    assert await browse(client, flatten=True) == before


async def test_rename_a_folder(client: httpx.AsyncClient) -> None:
    answer = await client.patch(f"{FOLDERS}/{ESCALATIONS}", json={"name": "Level 2"})
    assert answer.status_code == 200
    assert answer.json()["folder"]["path"] == [{"id": SUPPORT, "name": "Support"}]
    assert (await browse(client, folder_id=ESCALATIONS))[0]["path"] == ["Support", "Level 2"]
    again = await client.patch(f"{FOLDERS}/{ESCALATIONS}", json={"name": "Level 2"})
    assert again.status_code == 200


@pytest.mark.parametrize(
    ("status", "folder", "body"),
    [
        (400, "41", {"name": "Finance"}),
        (404, "999", {"name": "x"}),
        (422, "41", {}),
        (422, "support", {"name": "x"}),
        (422, "41", {"name": ""}),
    ],
)
async def test_renames_that_are_refused(
    client: httpx.AsyncClient, status: int, folder: str, body: Document
) -> None:
    assert (await client.patch(f"{FOLDERS}/{folder}", json=body)).status_code == status


@pytest.mark.parametrize(("path", "folder"), [("Support", SUPPORT), ("Support.Escalations", ESCALATIONS)])
async def test_resolve_a_path(client: httpx.AsyncClient, path: str, folder: int) -> None:
    answer = await client.get(f"{FOLDERS}/resolve-id", params={"workspace_id": WORKSPACE, "path": path})
    assert (answer.status_code, answer.json()) == (200, {"id": folder})


@pytest.mark.parametrize(
    ("status", "params"),
    [
        (400, {"path": "Support"}),
        (400, {"path": "Support", "workspace_id": 1}),
        (404, {"path": "Support/Escalations", "workspace_id": WORKSPACE}),
        (404, {"path": "", "workspace_id": WORKSPACE}),
        (422, {"workspace_id": WORKSPACE}),
        (422, {"path": "Support", "workspace_id": "ours"}),
    ],
)
async def test_paths_that_are_refused(client: httpx.AsyncClient, status: int, params: Document) -> None:
    assert (await client.get(f"{FOLDERS}/resolve-id", params=params)).status_code == status


async def test_browse_the_root_and_a_folder(client: httpx.AsyncClient) -> None:
    root = await browse(client)
    assert {entity["folder_id"] for entity in root} == {None}
    assert {entity["name"] for entity in root if entity["type"] == "FOLDER"} >= {"Support", "Finance"}
    inside = await browse(client, folder_id=SUPPORT)
    assert [(entity["type"], entity["name"]) for entity in inside] == [
        ("FOLDER", "Escalations"),
        ("WORKFLOW", "support-triage"),
        ("WORKFLOW", "Help Centre / RAG answers"),
    ]
    assert {tuple(entity["path"]) for entity in inside} == {("Support",)}
    assert inside[0]["metadata"] is None


async def test_the_flat_list_holds_every_living_workflow_once(client: httpx.AsyncClient) -> None:
    flat = await browse(client, flatten="true", filter_type="WORKFLOW")
    listed = (await client.get("/workflows")).json()["items"]
    assert sorted(entity["id"] for entity in flat) == sorted(
        item["id"] for item in listed if not item["is_deleted"]
    )


async def test_metadata_authors_and_times(client: httpx.AsyncClient) -> None:
    folder, triage, _ = await browse(client, folder_id=SUPPORT, include_metadata=True)
    assert (folder["metadata"], triage["metadata"]) == ({}, {"latest_version_number": 4})
    assert triage["created_by_email"] == "mara.lind@fernweh.example"
    assert triage["created_at"] == "2026-05-04T09:12:00+00:00"
    assert triage["updated_at"] == "2026-10-12T16:22:00+00:00"
    [draft] = await browse(client, search_query="untitled", include_metadata=True)
    assert draft["metadata"] == {"latest_version_number": None}


async def test_entity_filters(client: httpx.AsyncClient) -> None:
    assert {entity["type"] for entity in await browse(client, filter_type="FOLDER")} == {"FOLDER"}
    both = await browse(client, filter_type=["FOLDER", "WORKFLOW"])
    assert {entity["type"] for entity in both} == {"FOLDER", "WORKFLOW"}
    assert await browse(client, filter_type="PROMPT") == []
    assert [one["id"] for one in await browse(client, search_query="RÉSUMÉ", flatten=True)] == [4109]
    assert await browse(client, tags="production", flatten=True) == []
    mine = await browse(client, created_by_email="yusuf.haddad@fernweh.example", flatten=True)
    assert {entity["created_by_email"] for entity in mine} == {"yusuf.haddad@fernweh.example"}
    late = await browse(client, updated_after="2026-10-26T00:00:00Z", flatten=True)
    assert {entity["name"] for entity in late} == {"incident-post-mortem", "Untitled workflow"}
    [found] = await browse(client, external_source="sap", external_id="Z_INV_01", flatten=True)
    assert found["id"] == 4105
    names = [entity["name"].casefold() for entity in await browse(client, sort_by="name", sort_order="asc")]
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("status", "params"),
    [
        (400, {}),
        (400, {"workspace_id": 1}),
        (404, {"workspace_id": WORKSPACE, "folder_id": 999}),
        (422, {"workspace_id": "x"}),
        (422, {"workspace_id": WORKSPACE, "folder_id": "x"}),
        (422, {"workspace_id": WORKSPACE, "filter_type": "WORKFLOWS"}),
        (422, {"workspace_id": WORKSPACE, "flatten": "maybe"}),
        (422, {"workspace_id": WORKSPACE, "sort_by": "size"}),
        (422, {"workspace_id": WORKSPACE, "external_source": "sap"}),
        (422, {"workspace_id": WORKSPACE, "semantic_search": "true"}),
    ],
)
async def test_browsing_that_is_refused(client: httpx.AsyncClient, status: int, params: Document) -> None:
    assert (await client.get(ENTITIES, params=params)).status_code == status


async def test_move_entities(client: httpx.AsyncClient) -> None:
    answer = await move(client, FINANCE, ("WORKFLOW", 4101), ("FOLDER", ESCALATIONS))
    assert (answer.status_code, answer.json()) == (200, {"moved_count": 2})
    assert {entity["id"] for entity in await browse(client, folder_id=FINANCE)} >= {4101, ESCALATIONS}
    [refunds] = await browse(client, folder_id=ESCALATIONS)
    assert refunds["path"] == ["Finance", "Escalations"]
    await move(client, None, ("WORKFLOW", 4101))
    assert 4101 in {entity["id"] for entity in await browse(client)}


@pytest.mark.parametrize(
    ("status", "folder", "entity"),
    [
        (400, ESCALATIONS, ("FOLDER", SUPPORT)),
        (400, SUPPORT, ("FOLDER", SUPPORT)),
        (400, FINANCE, ("AGENT", 4101)),
        (404, 999, ("WORKFLOW", 4101)),
        (404, FINANCE, ("WORKFLOW", 4122)),
        (404, FINANCE, ("PROMPT", 1)),
        (422, FINANCE, ("WORKFLOW", 0)),
    ],
)
async def test_moves_that_are_refused(
    client: httpx.AsyncClient, status: int, folder: int, entity: tuple[str, int]
) -> None:
    assert (await move(client, folder, entity)).status_code == status
    assert 4101 in {one["id"] for one in await browse(client, folder_id=SUPPORT)}


async def test_a_moved_folder_needs_a_free_name(client: httpx.AsyncClient) -> None:
    twin = (await client.post(FOLDERS, json={"name": "Escalations"})).json()["folder"]["id"]
    assert (await move(client, SUPPORT, ("FOLDER", twin))).status_code == 400
    assert (await move(client, None, ("FOLDER", twin))).status_code == 200


async def test_delete_a_workflow(client: httpx.AsyncClient) -> None:
    answer = await delete(client, ("WORKFLOW", 4105))
    assert (answer.status_code, answer.json()) == (200, {"moved_count": 1})
    for path in ("/workflows/4105", "/workflows/invoice-extraction/labels", "/workflows/4105/external-ids"):
        assert (await client.get(path)).status_code == 404
    item = next(one for one in (await client.get("/workflows")).json()["items"] if one["id"] == 4105)
    assert item["is_deleted"] is True
    assert 4105 not in {entity["id"] for entity in await browse(client, flatten=True)}
    assert (await delete(client, ("WORKFLOW", 4105))).status_code == 404


async def test_a_deleted_id_gives_way_to_the_name(client: httpx.AsyncClient) -> None:
    await delete(client, ("WORKFLOW", 4101))
    answer = await client.get("/workflows/4101")
    assert (answer.status_code, answer.json()["workflow_id"]) == (200, 4118)


async def test_delete_folders(client: httpx.AsyncClient) -> None:
    refused = await delete(client, ("FOLDER", SUPPORT))
    assert (refused.status_code, "not empty" in refused.json()["message"]) == (400, True)
    assert (await delete(client, ("FOLDER", SUPPORT), cascade=True)).json() == {"moved_count": 1}
    deleted = {item["id"] for item in (await client.get("/workflows")).json()["items"] if item["is_deleted"]}
    assert deleted == {4101, 4102, 4103, 4122}
    assert {entity["id"] for entity in await browse(client, flatten=True)}.isdisjoint({SUPPORT, ESCALATIONS})


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"entities": [{"type": "THING", "id": 1}]}),
        (400, {"entities": [{"type": "WORKFLOW", "id": 4101}], "workspace_id": 2}),
        (404, {"entities": [{"type": "WORKFLOW", "id": 4101}, {"type": "WORKFLOW", "id": 1}]}),
        (422, {}),
        (422, {"entities": [{"type": "WORKFLOW"}]}),
        (422, {"entities": [{"type": "WORKFLOW", "id": "4101"}]}),
        (422, {"entities": [4101]}),
        (422, {"entities": [], "cascade": "yes"}),
    ],
)
async def test_deletions_that_are_refused_delete_nothing(
    client: httpx.AsyncClient, status: int, body: Document
) -> None:
    assert (await client.request("DELETE", ENTITIES, json=body)).status_code == status
    assert (await client.get("/workflows/support-triage")).status_code == 200


def _external(workflow: int | str) -> str:
    return f"/workflows/{workflow}/external-ids"


async def test_external_ids(client: httpx.AsyncClient) -> None:
    mapping = {"source": "acme/cms ü", "external_id": "a/b?c#d%20"}
    for _ in range(2):
        answer = await client.post(_external(4106), json=mapping)
        assert (answer.status_code, answer.json()) == (201, {"success": True, "external_id": mapping})
    assert (await client.get(_external(4106))).json() == {"success": True, "external_ids": [mapping]}
    assert (await client.get("/workflows/4106")).json()["external_ids"] == [mapping]
    path = "/".join(quote(value, safe="") for value in mapping.values())
    assert (await client.delete(f"{_external(4106)}/{path}")).json() == {"success": True}
    assert (await client.get(_external(4106))).json()["external_ids"] == []
    assert (await client.delete(f"{_external(4106)}/{path}")).status_code == 404


@pytest.mark.parametrize(
    ("status", "workflow", "body"),
    [
        (400, 4101, []),
        (404, 999_999, {"source": "a", "external_id": "b"}),
        (404, 4122, {"source": "a", "external_id": "b"}),
        (409, 4101, {"source": "sap", "external_id": "Z_INV_01"}),
        (409, 4101, {"source": "acme_cms", "external_id": "folder-support"}),
        (422, "support-triage", {"source": "a", "external_id": "b"}),
        (422, 4101, {"source": "a"}),
        (422, 4101, {"source": "", "external_id": "b"}),
        (422, 4101, {"source": "a" * 129, "external_id": "b"}),
        (422, 4101, {"source": "a", "external_id": "b" * 513}),
        (422, 4101, {"source": "a", "external_id": 5}),
        (422, 4101, {"source": "a", "external_id": "b", "note": "c"}),
    ],
)
async def test_external_ids_that_are_refused(
    client: httpx.AsyncClient, status: int, workflow: int | str, body: object
) -> None:
    assert (await client.post(_external(workflow), json=body)).status_code == status


@pytest.mark.parametrize(
    ("status", "path"),
    [
        (404, "999999/external-ids/a/b"),
        (404, "4101/external-ids/a/b"),
        (422, "support-triage/external-ids/acme_cms/wf-9"),
        (422, f"4101/external-ids/{'s' * 129}/b"),
        (422, f"4101/external-ids/a/{'e' * 513}"),
    ],
)
async def test_detaching_that_is_refused(client: httpx.AsyncClient, status: int, path: str) -> None:
    assert (await client.delete(f"/workflows/{path}")).status_code == status


async def test_listing_wants_an_integer(client: httpx.AsyncClient) -> None:
    answer = await client.get(_external("support-triage"))
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["path", "workflow_id"]


async def test_the_external_id_of_a_deleted_workflow_is_free(client: httpx.AsyncClient) -> None:
    mapping = {"source": "acme_cms", "external_id": "newsletter"}
    assert (await client.post(_external(4101), json=mapping)).status_code == 201
