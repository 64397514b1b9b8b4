"""PromptLayer emulator: its answers against JSON Schemas written from the vendor's documents.

`nullable: true`, which OpenAPI 3.1 no longer knows, is written as a type with null.
"""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from emulators.contract import EmulatorOptions
from emulators.registry import load

KEY = "pl_demo_promptlayer"
Schema: TypeAlias = dict[str, Any]

FORMATS = FormatChecker(formats=[])


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def an_object(required: str, optional: str = "", **properties: Any) -> Schema:
    """Return a schema; `required` and `optional` are words `name:type`, a `?` allows null."""
    words = [word.partition(":") for word in f"{required} {optional}".split()]
    plain = {name: _typed(kind) for name, _, kind in words if kind}
    names = [word.partition(":")[0] for word in required.split()]
    return {"type": "object", "properties": {**plain, **properties}, "required": names}


def _typed(kind: str) -> Schema:
    return {"type": [kind[:-1], "null"] if kind.endswith("?") else kind}


def a_list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


STRING = {"type": "string"}
MOMENT = {"type": "string", "format": "date-time"}
UUID = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
VARIABLES = {"type": ["object", "null"], "additionalProperties": STRING}
EXTERNAL_ID = an_object("source:string external_id:string")

# GET /workflows/{workflow_id_or_name}, from the page with the embedded OpenAPI description.
READ_NODE = an_object(
    "id name:string node_type:string is_output_node:boolean configuration:object dependencies",
    "workflow_version_id:integer",
    id=UUID,
    dependencies=a_list(STRING),
)
READ_EDGE = an_object(
    "id source_node_name:string target_node_name:string is_and:boolean",
    id=UUID,
    conditionals=a_list({"type": "object"}),
)
WORKFLOW = an_object(
    "success:boolean workflow_id:integer workflow_name:string version:integer workflow_version_id:integer nodes edges",
    "commit_message:string? created_at:string?",
    required_input_variables=VARIABLES,
    release_labels=a_list(STRING),
    nodes=a_list(READ_NODE),
    edges=a_list(READ_EDGE),
)
EXAMPLE = {
    "success": True,
    "workflow_id": 123,
    "workflow_name": "my-workflow",
    "version_number": 3,
    "release_labels": ["production"],
    "nodes": [
        {
            "name": "greeting",
            "node_type": "VARIABLE",
            "is_output_node": True,
            "configuration": {"value": {"type": "string", "value": "Hello, World!"}},
            "dependencies": [],
        }
    ],
    "edges": [],
    "required_input_variables": {"user_message": "string"},
    "external_ids": [],
}
"""The page's own example."""

OPERATORS = ["=", "!=", "<", ">", "<=", ">=", "in", "not_in", "is_null", "is_not_null"]
CONDITIONAL = an_object(
    "position operator left_config:object right_config:object",
    position={"type": "integer", "minimum": 0},
    operator={"enum": OPERATORS},
)
WRITTEN_EDGE = an_object(
    "source_node_name:string target_node_name:string is_and:boolean conditionals",
    conditionals={**a_list(CONDITIONAL), "minItems": 1},
)
STRICT_WORKFLOW = {
    **WORKFLOW,
    "properties": {
        **WORKFLOW["properties"],
        "edges": a_list(WRITTEN_EDGE),
        "nodes": a_list({"$ref": "#/$defs/node"}),
    },
    "$defs": {
        "node": {
            **READ_NODE,
            "if": {"properties": {"node_type": {"const": "PROMPT_TEMPLATE"}}},
            "then": {"properties": {"configuration": {"properties": {"template": an_object("name:string")}}}},
        }
    },
}
"""The answer as the pages on writing and on node types would have it: full edges, `template.name`."""

ITEM = an_object(
    "id:integer workspace_id:integer name:string is_deleted:boolean release_labels",
    "user_id:integer? latest_version_number:integer?",
    release_labels=a_list(STRING),
    external_ids=a_list(EXTERNAL_ID),
)
PAGE = an_object(
    "items page:integer per_page:integer pages:integer has_next:boolean has_prev:boolean",
    "total:integer? next_num:integer? prev_num:integer?",
    items=a_list(ITEM),
)
LABEL = an_object(
    "release_label:string release_label_id:integer workflow_version_id:integer workflow_version_number:integer"
)
LABELS = an_object("success:boolean release_labels", release_labels=a_list(LABEL))
SUMMARY = an_object("", "id:string name:string node_type:string is_output_node:boolean")
WRITTEN = an_object(
    "success:boolean workflow_id:integer workflow_name:string workflow_version_id:integer version_number:integer "
    "external_ids",
    "base_version:integer?",
    release_labels={"type": ["array", "null"], "items": STRING},
    nodes=a_list(SUMMARY),
    required_input_variables={"type": "object", "additionalProperties": STRING},
    external_ids=a_list(EXTERNAL_ID),
)
STARTED = an_object("success:boolean message:string workflow_version_execution_id:integer", "warning:string?")
RESULT = an_object(
    "status value is_output_node:boolean",
    "error_message:string? raw_error_message:string?",
    status={"enum": ["SUCCESS", "FAILED", "SKIPPED", "QUEUED", "RUNNING"]},
)
RESULTS = {"type": "object", "additionalProperties": RESULT}
TOKEN = an_object("token_details", token_details=an_object("token:string"))
ATTACHED = an_object("success external_id", success={"const": True}, external_id=EXTERNAL_ID)
EXTERNAL_IDS = an_object("success external_ids", success={"const": True}, external_ids=a_list(EXTERNAL_ID))
DETACHED = an_object("success", success={"const": True})
FOLDER = an_object(
    "",
    "id:integer name:string path:array? workspace_id:integer parent_id:integer?",
    created_at=MOMENT,
    updated_at=MOMENT,
    external_ids=a_list(EXTERNAL_ID),
)
ONE_FOLDER = an_object("success:boolean folder", folder=FOLDER)
ENTITY = an_object(
    "id:integer name:string type path",
    "folder_id:integer? metadata:object?",
    type={
        "enum": [
            "FOLDER",
            "WORKFLOW",
            "PROMPT",
            "SNIPPET",
            "DATASET",
            "REPORT",
            "AB_TEST",
            "INPUT_VARIABLE_SET",
        ]
    },
    path=a_list(STRING),
    created_at={**MOMENT, "type": ["string", "null"]},
    updated_at={**MOMENT, "type": ["string", "null"]},
    external_ids=a_list(EXTERNAL_ID),
)
ENTITIES = an_object("entities", entities=a_list(ENTITY))
COUNT = an_object("", "moved_count:integer")
FOLDER_ID = an_object("", "id:integer")

ERROR = an_object("", "success:boolean message:string error:string")
MESSAGE = an_object("success message:string", success={"const": False})
COMPLAINT = an_object("loc msg:string type:string", loc=a_list({"type": ["string", "integer"]}))
DETAIL = {"type": "object", "properties": {"detail": a_list(COMPLAINT)}}
ERROR_422 = {"anyOf": [{**DETAIL, "required": ["detail"]}, {**ERROR, "required": ["success"]}]}


@dataclass(frozen=True, slots=True)
class Route:
    """An operation: how it is called with success and what it answers then."""

    method: str
    path: str
    schema: Schema
    success: int
    body: Any = None


NODE = {"name": "a", "node_type": "VARIABLE", "configuration": {}, "is_output_node": True}
OUTSIDE = {"source": "erp", "external_id": "1"}
BELOW = "/api/public/v2/folders"
REFERENCE = {"entities": [{"id": 4106, "type": "WORKFLOW"}]}
RESULTS_PATH = (
    "/workflow-version-execution-results?workflow_version_execution_id=98001&return_all_outputs=true"
)
ROUTES = {
    "list": Route("GET", "/workflows", PAGE, 200),
    "read": Route("GET", "/workflows/support-triage", WORKFLOW, 200),
    "labels": Route("GET", "/workflows/4101/labels", LABELS, 200),
    "create": Route("POST", "/rest/workflows", WRITTEN, 201, {"nodes": [NODE]}),
    "patch": Route("PATCH", "/rest/workflows/4101", WRITTEN, 201, {"nodes": {}}),
    "run": Route("POST", "/workflows/4101/run", STARTED, 201, {"input_variables": {}}),
    "results": Route("GET", RESULTS_PATH, RESULTS, 202),
    "attach": Route("POST", "/workflows/4101/external-ids", ATTACHED, 201, OUTSIDE),
    "attached": Route("GET", "/workflows/4101/external-ids", EXTERNAL_IDS, 200),
    "detach": Route("DELETE", "/workflows/4101/external-ids/acme_cms/wf-9", DETACHED, 200),
    "token": Route("POST", "/ws-token-request-library?capability=x", TOKEN, 201),
    "create folder": Route("POST", BELOW, ONE_FOLDER, 201, {"name": "New"}),
    "rename folder": Route("PATCH", f"{BELOW}/41", ONE_FOLDER, 200, {"name": "New"}),
    "entities": Route("GET", f"{BELOW}/entities?workspace_id=417&flatten=true", ENTITIES, 200),
    "move": Route("POST", f"{BELOW}/entities", COUNT, 200, REFERENCE),
    "delete": Route("DELETE", f"{BELOW}/entities", COUNT, 200, REFERENCE),
    "resolve": Route("GET", f"{BELOW}/resolve-id?workspace_id=417&path=Support", FOLDER_ID, 200),
}


@pytest.fixture
async def client(in_process: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    async with in_process(load("promptlayer"), EmulatorOptions(api_key=KEY)) as connected:
        connected.headers["X-API-KEY"] = KEY
        yield connected


def wrong(schema: Schema, document: object) -> set[str]:
    """Return where a document breaks a schema, list positions as `*`, and what is missing there."""
    found = set()
    for error in Draft202012Validator(schema, format_checker=FORMATS).iter_errors(document):
        path = ".".join("*" if isinstance(step, int) else step for step in error.absolute_path)
        missing = error.message.split("'")[1] if error.validator == "required" else error.validator
        found.add(f"{path}:{missing}".removeprefix(":"))
    return found


async def call(client: httpx.AsyncClient, route: Route, body: Any = None) -> httpx.Response:
    return await client.request(route.method, route.path, json=body or route.body)


async def switch(client: httpx.AsyncClient, *names: str) -> None:
    assert (await client.put("/__emulator__/variants", json=list(names))).status_code == 200


def test_the_pages_example_breaks_the_pages_schema() -> None:
    assert wrong(WORKFLOW, EXAMPLE) == {"version", "workflow_version_id", "nodes.*:id"}


@pytest.mark.parametrize("body", [{"detail": []}, {"success": False, "message": "x"}])
def test_the_pages_422_taken_literally_accepts_nothing(body: Schema) -> None:
    """Both alternatives of its oneOf require nothing, so every object matches both."""
    literal = {"oneOf": [DETAIL, ERROR]}
    assert wrong(literal, body) == {"oneOf"}
    assert not wrong(ERROR_422, {"detail": [{"loc": ["query", 0], "msg": "x", "type": "y"}]})


def test_the_schemas_are_schemas_and_can_fail() -> None:
    for route in ROUTES.values():
        Draft202012Validator.check_schema(route.schema)
        assert wrong(route.schema, [])


@pytest.mark.parametrize("name", ROUTES)
async def test_every_route_answers_as_documented(client: httpx.AsyncClient, name: str) -> None:
    await client.post("/workflows/4116/run", json={})
    route = ROUTES[name]
    answer = await call(client, route)
    assert answer.status_code == route.success, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert wrong(route.schema, answer.json()) == set()


async def test_every_version_of_every_workflow_answers_as_documented(client: httpx.AsyncClient) -> None:
    for item in (await client.get("/workflows")).json()["items"]:
        if item["is_deleted"]:
            continue
        for number in range(1, (item["latest_version_number"] or 0) + 1):
            document = (await client.get(f"/workflows/{item['id']}?version={number}")).json()
            assert wrong(WORKFLOW, document) == set(), item["name"]


async def test_a_callback_makes_it_202(client: httpx.AsyncClient) -> None:
    body = {"callback_url": "https://hooks.fernweh.example/x"}
    answer = await call(client, ROUTES["run"], body)
    assert (answer.status_code, wrong(STARTED, answer.json())) == (202, set())
    await switch(client, "no_callbacks")
    assert (await call(client, ROUTES["run"], body)).status_code == 201


async def test_patching_names_its_base(client: httpx.AsyncClient) -> None:
    written = (await call(client, ROUTES["patch"])).json()
    assert isinstance(written["base_version"], int)
    assert (await call(client, ROUTES["create"])).json()["base_version"] is None


@pytest.mark.parametrize(
    ("variant", "path", "schema", "broken"),
    [
        ("example_shape", "/workflows/4101", WORKFLOW, {"version", "workflow_version_id", "nodes.*:id"}),
        ("sdk_wrapper", "/workflows/4101", WORKFLOW, set()),
        ("sdk_wrapper", "/workflows/4101", an_object("workflow", workflow=an_object("id:integer")), set()),
        ("prompt_name", "/workflows/4101?version=2", WORKFLOW, set()),
        (
            "prompt_name",
            "/workflows/4101?version=2",
            STRICT_WORKFLOW,
            {"nodes.*.configuration.template:name"},
        ),
        ("no_conditionals", "/workflows/4101", WORKFLOW, set()),
        ("no_conditionals", "/workflows/4101", STRICT_WORKFLOW, {"edges.*:conditionals"}),
        ("double_equals", "/workflows/4101?version=2", WORKFLOW, set()),
        (
            "double_equals",
            "/workflows/4101?version=2",
            STRICT_WORKFLOW,
            {"edges.*.conditionals.*.operator:enum"},
        ),
        (
            "times_without_zone",
            f"{BELOW}/entities?workspace_id=417&folder_id=41",
            ENTITIES,
            {"entities.*.created_at:format", "entities.*.updated_at:format"},
        ),
        ("deleted_hidden", "/workflows", PAGE, set()),
        ("names_first", "/workflows/4101", WORKFLOW, set()),
        ("no_workspace_needed", f"{BELOW}/entities", ENTITIES, set()),
        ("error_key", "/workflows/none", ERROR, set()),
        ("error_key", "/workflows?page=0", MESSAGE, {"message"}),
        ("message_422", "/workflows?page=one", ERROR_422, set()),
        ("message_422", "/workflows?page=one", {**DETAIL, "required": ["detail"]}, {"detail"}),
        ("both_is_400", "/workflows/4101?version=1&label=production", MESSAGE, set()),
    ],
)
async def test_which_contradiction_breaks_which_fact(
    client: httpx.AsyncClient, variant: str, path: str, schema: Schema, broken: set[str]
) -> None:
    if broken:
        assert wrong(schema, (await client.get(path)).json()) == set()
    await switch(client, variant)
    assert wrong(schema, (await client.get(path)).json()) == broken


async def test_old_write_answers_lack_a_required_field(client: httpx.AsyncClient) -> None:
    await switch(client, "old_write_answers")
    for name in ("create", "patch"):
        assert wrong(WRITTEN, (await call(client, ROUTES[name])).json()) == {"external_ids"}


async def test_the_callbacks_word_is_none_of_the_results_words(client: httpx.AsyncClient) -> None:
    moment = [datetime.fromisoformat("2026-11-02T00:00:00+00:00")]
    options = EmulatorOptions(api_key=KEY, clock=lambda: moment[0])
    route = ROUTES["results"]
    backend = load("promptlayer").backend(options)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(backend.application()), base_url="http://x", headers={"X-API-KEY": KEY}
    ) as alone:
        await alone.post("/workflows/4116/run", json={})
        moment[0] = datetime.fromisoformat("2026-11-02T00:01:00+00:00")
        finished = await call(alone, route)
        assert (finished.status_code, wrong(RESULTS, finished.json())) == (200, set())
        backend.variants = {"failure_word"}
        assert wrong(RESULTS, (await call(alone, route)).json()) == {"probe.status:enum"}


async def test_answers_are_plain_json(client: httpx.AsyncClient) -> None:
    answer = await client.get("/workflows/4108")
    assert json.loads(answer.content.decode())["workflow_name"] == "翻訳ワークフロー 🌏"
