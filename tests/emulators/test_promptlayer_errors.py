"""PromptLayer emulator: every documented error of every route, with its documented body."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from emulators.contract import EmulatorOptions
from emulators.registry import load

KEY = "pl_demo_promptlayer"
BELOW = "/api/public/v2/folders"

DOCUMENTED = {
    "GET /workflows": "400 401 422",
    "GET /workflows/*": "401 404 422",
    "GET /workflows/*/labels": "401 404",
    "POST /rest/workflows": "400 401 404 409 422",
    "PATCH /rest/workflows/*": "400 401 404 422",
    "POST /workflows/*/run": "400 401 404 422",
    "GET /workflow-version-execution-results": "401 403 404 422",
    "POST /workflows/*/external-ids": "400 401 404 409 422",
    "GET /workflows/*/external-ids": "401 404 422",
    "DELETE /workflows/*/external-ids/*/*": "401 404 422",
    f"POST {BELOW}": "400 401 404 409 422",
    f"PATCH {BELOW}/*": "400 401 404 422",
    f"GET {BELOW}/entities": "400 401 404 422",
    f"POST {BELOW}/entities": "400 401 404 422",
    f"DELETE {BELOW}/entities": "400 401 404 422",
    f"GET {BELOW}/resolve-id": "400 401 404 422",
}
"""Also documented, but with nothing said that leads there: 422 of labels; 400 of results, of listing external
ids and of detaching one."""

NODE = {"name": "a", "node_type": "VARIABLE", "configuration": {}, "is_output_node": True}
MAPPING = {"source": "erp", "external_id": "1"}
TAKEN = {"source": "sap", "external_id": "Z_INV_01"}
GHOST = {"entities": [{"id": 999_999, "type": "WORKFLOW"}]}
STRANGE = {"entities": [{"id": 1, "type": "THING"}]}
BOTH = {"workflow_label_name": "production", "workflow_version_number": 1}
RESULTS = "/workflow-version-execution-results"

Case = tuple[str, int, str, Any]
CASES: list[Case] = [
    ("GET /workflows", 400, "/workflows?page=0", None),
    ("GET /workflows", 422, "/workflows?page=one", None),
    ("GET /workflows/*", 404, "/workflows/none", None),
    ("GET /workflows/*", 422, "/workflows/4101?version=0", None),
    ("GET /workflows/*/labels", 404, "/workflows/none/labels", None),
    ("POST /rest/workflows", 400, "/rest/workflows", {"nodes": []}),
    ("POST /rest/workflows", 404, "/rest/workflows", {"nodes": [NODE], "workflow_name": "none"}),
    ("POST /rest/workflows", 409, "/rest/workflows", {"nodes": [NODE], "external_ids": [TAKEN]}),
    ("POST /rest/workflows", 422, "/rest/workflows", {"nodes": [{}]}),
    ("PATCH /rest/workflows/*", 400, "/rest/workflows/4101", {"nodes": {"none": None}}),
    ("PATCH /rest/workflows/*", 404, "/rest/workflows/4101", {"base_version": 99}),
    ("PATCH /rest/workflows/*", 422, "/rest/workflows/4101", {"nodes": []}),
    ("POST /workflows/*/run", 400, "/workflows/4101/run", []),
    ("POST /workflows/*/run", 404, "/workflows/none/run", {}),
    ("POST /workflows/*/run", 422, "/workflows/4101/run", BOTH),
    (f"GET {RESULTS}", 403, f"{RESULTS}?workflow_version_execution_id=97311", None),
    (f"GET {RESULTS}", 404, f"{RESULTS}?workflow_version_execution_id=1", None),
    (f"GET {RESULTS}", 422, RESULTS, None),
    ("POST /workflows/*/external-ids", 400, "/workflows/4101/external-ids", []),
    ("POST /workflows/*/external-ids", 404, "/workflows/1/external-ids", MAPPING),
    ("POST /workflows/*/external-ids", 409, "/workflows/4101/external-ids", TAKEN),
    ("POST /workflows/*/external-ids", 422, "/workflows/4101/external-ids", {**MAPPING, "more": 1}),
    ("GET /workflows/*/external-ids", 404, "/workflows/1/external-ids", None),
    ("GET /workflows/*/external-ids", 422, "/workflows/one/external-ids", None),
    ("DELETE /workflows/*/external-ids/*/*", 404, "/workflows/4101/external-ids/no/no", None),
    ("DELETE /workflows/*/external-ids/*/*", 422, "/workflows/one/external-ids/no/no", None),
    (f"POST {BELOW}", 400, BELOW, {"name": "Support"}),
    (f"POST {BELOW}", 404, BELOW, {"name": "x", "parent_id": 1}),
    (f"POST {BELOW}", 409, BELOW, {"name": "x", "external_ids": [TAKEN]}),
    (f"POST {BELOW}", 422, BELOW, {}),
    (f"PATCH {BELOW}/*", 400, f"{BELOW}/41", {"name": "Finance"}),
    (f"PATCH {BELOW}/*", 404, f"{BELOW}/1", {"name": "x"}),
    (f"PATCH {BELOW}/*", 422, f"{BELOW}/41", {}),
    (f"GET {BELOW}/entities", 400, f"{BELOW}/entities", None),
    (f"GET {BELOW}/entities", 404, f"{BELOW}/entities?workspace_id=417&folder_id=1", None),
    (f"GET {BELOW}/entities", 422, f"{BELOW}/entities?workspace_id=417&flatten=2", None),
    (f"POST {BELOW}/entities", 400, f"{BELOW}/entities", STRANGE),
    (f"POST {BELOW}/entities", 404, f"{BELOW}/entities", GHOST),
    (f"POST {BELOW}/entities", 422, f"{BELOW}/entities", {}),
    (f"DELETE {BELOW}/entities", 400, f"{BELOW}/entities", STRANGE),
    (f"DELETE {BELOW}/entities", 404, f"{BELOW}/entities", GHOST),
    (f"DELETE {BELOW}/entities", 422, f"{BELOW}/entities", {}),
    (f"GET {BELOW}/resolve-id", 400, f"{BELOW}/resolve-id?path=Support", None),
    (f"GET {BELOW}/resolve-id", 404, f"{BELOW}/resolve-id?workspace_id=417&path=None", None),
    (f"GET {BELOW}/resolve-id", 422, f"{BELOW}/resolve-id?workspace_id=417", None),
]
KEYLESS: list[Case] = [(name, 401, name.split()[1].replace("*", "4101"), None) for name in DOCUMENTED]

MESSAGE = {
    "type": "object",
    "properties": {"success": {"const": False}, "message": {"type": "string", "minLength": 1}},
    "required": ["success", "message"],
}
COMPLAINT = {
    "type": "object",
    "properties": {
        "loc": {"type": "array", "items": {"type": ["string", "integer"]}, "minItems": 2},
        "msg": {"type": "string", "minLength": 1},
        "type": {"type": "string", "minLength": 1},
    },
    "required": ["loc", "msg", "type"],
}
DETAIL = {
    "type": "object",
    "properties": {"detail": {"type": "array", "items": COMPLAINT, "minItems": 1}},
    "required": ["detail"],
}


@pytest.fixture
async def client(in_process: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    async with in_process(load("promptlayer"), EmulatorOptions(api_key=KEY)) as connected:
        connected.headers["X-API-KEY"] = KEY
        yield connected


def test_every_documented_error_is_exercised() -> None:
    documented = {(name, int(status)) for name, statuses in DOCUMENTED.items() for status in statuses.split()}
    assert {(name, status) for name, status, _, _ in CASES + KEYLESS} == documented


@pytest.mark.parametrize(("name", "status", "path", "body"), CASES + KEYLESS)
async def test_every_error_has_the_documented_body(
    client: httpx.AsyncClient, name: str, status: int, path: str, body: Any
) -> None:
    if status == 401:
        client.headers["X-API-KEY"] = "pl_wrong"
    answer = await client.request(name.split(maxsplit=1)[0], path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    schema = {"oneOf": [DETAIL, MESSAGE]} if status == 422 else MESSAGE
    Draft202012Validator(schema).validate(answer.json())


@pytest.mark.parametrize(("name", "status", "path", "body"), [case for case in CASES if case[1] == 422])
async def test_a_422_can_have_the_other_documented_body(
    client: httpx.AsyncClient, name: str, status: int, path: str, body: Any
) -> None:
    await client.put("/__emulator__/variants", json=["message_422"])
    answer = await client.request(name.split(maxsplit=1)[0], path, json=body)
    assert answer.status_code == status
    Draft202012Validator(MESSAGE).validate(answer.json())
