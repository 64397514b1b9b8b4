"""Who may ask, request ids, problems, health, published schemas and the OpenAPI document."""

import json
from typing import Any

import httpx
import jsonschema
import pytest

from adapters.registry import load_all
from gateway.api.examples import examples
from gateway.api.write_examples import answers, bodies
from gateway.edge.authentication import is_open
from gateway.environment import DEFAULT_CONFIG
from gateway.problems import catalogue
from gateway.settings import vendors_beside
from schemas.catalogue import ConnectionDescription, ConnectionList, VendorList
from schemas.problem import Problem
from tests.house import KEY, House

PROTECTED = (
    "/v1/vendors",
    "/v1/connections",
    "/v1/workflows",
    "/v1/connections/noxus-test",
    "/v1/connections/noxus-test/workflows",
    "/v1/connections/noxus-test/workflows/x",
    "/v1/nothing/here",
    "/metrics",
    "/healthz/",
    "/V1/workflows",
)


@pytest.mark.parametrize("path", PROTECTED)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": "wrong"},
        {"x-api-key": ""},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Basic {KEY}"},
        {"authorization": KEY},
        {"x-api-key": KEY, "authorization": "Bearer other"},
        {"x-api-key": b"\xea\xeb\xfe\xf7"},
    ],
)
def test_no_key_no_answer(stranger: httpx.Client, path: str, headers: dict[str, Any]) -> None:
    response = stranger.get(path, headers=headers)
    assert response.status_code == 401
    found = Problem.model_validate_json(response.content)
    assert found.code == "not_authenticated"
    assert found.instance == path
    assert "ApiKey" in response.headers["www-authenticate"]
    assert KEY not in response.text


def test_two_key_headers_are_refused(stranger: httpx.Client) -> None:
    response = stranger.get("/v1/vendors", headers=[("x-api-key", KEY), ("x-api-key", "other")])
    assert response.status_code == 401


@pytest.mark.parametrize(
    "headers", [{"x-api-key": KEY}, {"authorization": f"Bearer {KEY}"}, {"authorization": f"bearer  {KEY}"}]
)
def test_both_ways_to_present_a_key(stranger: httpx.Client, headers: dict[str, str]) -> None:
    assert stranger.get("/v1/vendors", headers=headers).status_code == 200


def test_a_narrow_caller_sees_one_connection(narrow: httpx.Client) -> None:
    assert [item["name"] for item in narrow.get("/v1/connections").json()["items"]] == ["noxus-test"]
    for path in ("", "/workflows", "/workflows/x", "/workflows/x/native", "/workflows/x/versions"):
        hidden = narrow.get(f"/v1/connections/aitronos-test{path}")
        missing = narrow.get(f"/v1/connections/nobody{path}")
        assert hidden.status_code == missing.status_code == 404
        blank = {"detail", "instance", "request_id"}
        assert {k: v for k, v in hidden.json().items() if k not in blank} == {
            k: v for k, v in missing.json().items() if k not in blank
        }


def test_request_ids_are_made_kept_and_guarded(api: httpx.Client) -> None:
    made = api.get("/v1/vendors").headers["x-request-id"]
    assert len(made) == 32
    assert (
        api.get("/v1/vendors", headers={"x-request-id": "mine-1.2_3"}).headers["x-request-id"] == "mine-1.2_3"
    )
    for bad in ("a b", "<script>", "x" * 65, ""):
        assert api.get("/v1/vendors", headers={"x-request-id": bad}).headers["x-request-id"] != bad
    found = api.get("/v1/connections/nobody", headers={"x-request-id": "find-me"}).json()
    assert found["request_id"] == "find-me"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "no_such_route"),
        ("GET", "/v1/connections/nobody", 404, "unknown_connection"),
        ("GET", "/v1/vendors/nobody", 404, "unknown_vendor"),
        ("POST", "/v1/vendors", 405, "method_not_allowed"),
        ("GET", "/schemas/nothing.json", 404, "no_such_route"),
        ("GET", "/problems/nothing", 404, "no_such_route"),
    ],
)
def test_every_error_is_a_problem(api: httpx.Client, method: str, path: str, status: int, code: str) -> None:
    response = api.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    found = Problem.model_validate_json(response.content)
    assert (found.status, found.code, found.instance) == (status, code, path)
    assert found.type == f"/problems/{code}"
    if status == 405:
        assert response.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/connections/noxus-test/workflows", "GET, HEAD, POST"),
        ("/v1/connections/noxus-test/workflows/x", "DELETE, GET, HEAD, PATCH"),
        ("/v1/connections/noxus-test/workflows/x/labels/y", "GET, HEAD, PUT"),
        ("/v1/connections/noxus-test/workflows/x/runs", "POST"),
    ],
)
def test_all_methods_of_a_path_are_told(api: httpx.Client, path: str, allowed: str) -> None:
    response = api.request("TRACE", path)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/workflows?verison=1", "verison"),
        ("/v1/workflows?status=active&status=inactive", "status"),
        ("/v1/connections/noxus-test/workflows?vendor=noxus", "vendor"),
        ("/v1/connections/noxus-test/workflows/x?verison=1", "verison"),
        ("/v1/connections/noxus-test/workflows/x?version=1&version=2", "version"),
        ("/v1/vendors?x", "x"),
    ],
)
def test_a_mistyped_or_repeated_parameter_is_refused(api: httpx.Client, path: str, name: str) -> None:
    response = api.get(path)
    assert response.status_code == 400
    assert response.json()["errors"][0] | {"detail": ""} == {"location": "query", "name": name, "detail": ""}


def test_what_is_wrong_in_the_path_is_said_to_be_there(api: httpx.Client) -> None:
    response = api.get("/v1/connections/promptlayer-test/workflows/4101/versions/three")
    assert response.status_code == 400
    assert response.json()["errors"][0]["location"] == "path"


def test_every_problem_type_leads_to_its_meaning(stranger: httpx.Client) -> None:
    for kind in catalogue():
        answer = stranger.get(f"/problems/{kind.code}").json()
        assert answer["status"] == kind.status
        assert answer["explanation"] == kind.explanation


def test_health_needs_no_key(stranger: httpx.Client) -> None:
    assert stranger.get("/healthz").json() == {"status": "alive"}
    assert stranger.get("/readyz").json() == {"status": "ready"}


def test_only_the_short_list_is_open() -> None:
    assert is_open("/healthz")
    assert not is_open("/healthz/../v1/workflows")
    assert not is_open("/schemas")
    assert not is_open("/v1/")


def test_vendors_and_connections_describe_themselves(api: httpx.Client) -> None:
    vendors = VendorList.model_validate_json(api.get("/v1/vendors").content)
    assert [vendor.name for vendor in vendors.items] == list(vendors_beside(DEFAULT_CONFIG, load_all()))
    connections = ConnectionList.model_validate_json(api.get("/v1/connections").content)
    assert [connection.vendor for connection in connections.items] == ["aitronos", "noxus", "promptlayer"]


def test_a_probe_tells_health(house: House, api: httpx.Client) -> None:
    house.control("noxus", "PUT", "faults", [{"fault": "status", "status": 401}])
    sick = ConnectionDescription.model_validate_json(api.get("/v1/connections/noxus-test?probe=true").content)
    assert sick.health.state == "failing"
    assert sick.health.last_problem is not None
    assert sick.health.last_problem.code == "vendor_refused_credential"
    house.reset()
    well = ConnectionDescription.model_validate_json(api.get("/v1/connections/noxus-test?probe=true").content)
    assert well.health.state == "healthy"
    assert well.health.consecutive_failures == 0


def test_a_missing_workflow_is_not_a_sick_vendor(api: httpx.Client) -> None:
    api.get("/v1/connections/noxus-test?probe=true")
    api.get("/v1/connections/noxus-test/workflows/00000000-0000-4000-8000-000000000000")
    assert api.get("/v1/connections/noxus-test").json()["health"]["state"] == "healthy"


def test_schemas_are_published_and_valid(stranger: httpx.Client) -> None:
    names = stranger.get("/schemas/index.json").json()["schemas"]
    assert "/schemas/workflow.json" in names
    for name in names:
        response = stranger.get(name)
        assert response.headers["content-type"] == "application/schema+json"
        jsonschema.Draft202012Validator.check_schema(response.json())


def test_answers_keep_to_the_published_schemas(api: httpx.Client) -> None:
    page = api.get("/v1/workflows?limit=200").json()
    schema = jsonschema.Draft202012Validator(api.get("/schemas/workflow-page.json").json())
    schema.validate(page)
    workflow = jsonschema.Draft202012Validator(api.get("/schemas/workflow.json").json())
    for item in page["items"]:
        response = api.get(f"/v1/connections/{item['connection']}/workflows/{item['id']}?include=native")
        if response.status_code == 200:
            workflow.validate(response.json())
    problem = jsonschema.Draft202012Validator(api.get("/schemas/problem.json").json())
    problem.validate(api.get("/v1/connections/nobody").json())


@pytest.fixture
def document(stranger: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = stranger.get("/openapi.json").json()
    return found


def test_the_openapi_document_is_whole(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    text = json.dumps(document)
    for name in set(_references(document)):
        _, components, kind, own = name.split("/")
        assert own in document[components][kind], name
    assert "HTTPValidationError" not in text
    operations = [op for path in document["paths"].values() for op in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert all(operation["summary"] and operation["description"] for operation in operations)


def test_operation_ids_are_stable(document: dict[str, Any]) -> None:
    ids = {op["operationId"] for path in document["paths"].values() for op in path.values()}
    assert ids == {
        "list_workflows",
        "list_connection_workflows",
        "get_workflow",
        "get_native_workflow",
        "get_workflow_graph",
        "list_versions",
        "get_workflow_version",
        "list_labels",
        "get_label",
        "get_assistant_workflow",
        "create_workflow",
        "update_workflow",
        "delete_workflow",
        "create_version",
        "update_version",
        "set_label",
        "update_assistant_workflow",
        "detach_assistant_workflow",
        "promote_to_assistant",
        "convert_assistant",
        "start_run",
        "get_run",
        "follow_run",
        "cancel_run",
        "list_vendors",
        "get_vendor",
        "list_connections",
        "get_connection",
        "get_cache",
        "purge_cache",
        "get_configuration",
        "reload_configuration",
        "get_metrics",
        "get_health",
        "get_readiness",
        "get_schema",
        "get_problem_kind",
    }


def test_examples_keep_to_their_schemas(document: dict[str, Any]) -> None:
    shown, sent = set(), set()
    for path in document["paths"].values():
        for operation in path.values():
            name = operation["operationId"]
            told = [operation["responses"].get(status, {}) for status in ("200", "201", "202")]
            for part, seen in ((operation.get("requestBody", {}), sent), *((one, shown) for one in told)):
                for media in part.get("content", {}).values():
                    if "example" in media:
                        schema = {**media["schema"], "components": document["components"]}
                        jsonschema.Draft202012Validator(schema).validate(media["example"])
                        seen.add(name)
    assert shown == {*examples(), *answers()}
    assert sent == set(bodies())


def test_the_documentation_page_asks_nobody_else(stranger: httpx.Client) -> None:
    page = stranger.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"):
        assert f"/docs/assets/{asset}" in page
        assert stranger.get(f"/docs/assets/{asset}").status_code == 200


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [ref for inner in value.values() for ref in _references(inner)]
    return [ref for inner in value for ref in _references(inner)] if isinstance(value, list) else []
