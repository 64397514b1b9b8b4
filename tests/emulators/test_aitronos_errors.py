"""Authentication, unknown paths and methods, hostile ids, headers, and the switchable contradictions."""

import json
import re
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from emulators.aitronos.backend import AitronosBackend
from emulators.contract import EmulatorOptions
from emulators.registry import load

Connect = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
KEY = "ak_test"
NOW = datetime(2026, 11, 2, 9, 0, 0, 250_000, tzinfo=UTC)
OPTIONS = EmulatorOptions(api_key=KEY, clock=lambda: NOW)
LLM = {"id": "n", "type": "freddyLLM"}


@pytest.fixture
async def api(in_process: Connect) -> AsyncIterator[httpx.AsyncClient]:
    async with in_process(load("aitronos"), OPTIONS) as client:
        client.headers["x-api-key"] = KEY
        yield client


async def switch(api: httpx.AsyncClient, *variants: str) -> None:
    assert (await api.put("/__emulator__/variants", json=variants)).status_code == 200


async def flow(api: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    response = await api.post("/v1/workflows", json={"name": "Flow", "definition": {}} | body)
    document: dict[str, Any] = response.json()
    return document


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "AUTHENTICATION_REQUIRED"),
        ({"authorization": "Basic abc"}, "AUTHENTICATION_REQUIRED"),
        ({"api-key": KEY}, "AUTHENTICATION_REQUIRED"),
        ({"x-api-key": ""}, "INVALID_API_KEY"),
        ({"x-api-key": KEY.upper()}, "INVALID_API_KEY"),
        ({"x-api-key": "ak_bad", "authorization": f"Bearer {KEY}"}, "INVALID_API_KEY"),
        ({"authorization": "Bearer nonsense"}, "TOKEN_INVALID"),
        ({"authorization": "Bearer"}, "TOKEN_INVALID"),
        ({"authorization": f"Bearer {KEY}"}, None),
        ({"authorization": f"bearer {KEY}"}, None),
        ({"X-API-Key": KEY, "authorization": "Bearer expired"}, None),
    ],
)
async def test_every_way_to_present_a_key(
    over_socket: Connect, headers: dict[str, str], code: str | None
) -> None:
    async with over_socket(load("aitronos"), OPTIONS) as client:
        response = await client.get("/v1/workflows", headers=headers)
    assert response.status_code == (200 if code is None else 401)
    error = response.json().get("error")
    assert (error and error["code"]) == code
    assert (error and error["type"]) == (code and "authentication_error")


async def test_the_error_envelope_is_whole(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/workflows/flow_absent")
    body = response.json()
    assert list(body) == ["success", "error"]
    assert body["success"] is False
    assert body["error"] == {
        "code": "RESOURCE_NOT_FOUND",
        "message": "Workflow not found.",
        "system_message": "not found",
        "type": "client_error",
        "status": 404,
        "trace_id": response.headers["x-request-id"],
        "timestamp": "2026-11-02T09:00:00Z",
        "details": {"resource_id": "flow_absent"},
    }
    assert re.fullmatch(r"req_[a-z0-9]{12}", body["error"]["trace_id"])


async def test_every_answer_carries_the_vendors_headers(api: httpx.AsyncClient) -> None:
    answers = [await api.get("/v1/workflows"), await api.get("/nowhere"), await api.put("/v1/workflows")]
    assert [response.status_code for response in answers] == [200, 404, 405]
    for response in answers:
        assert response.headers["aitronos-organization"].startswith("org_")
        assert response.headers["freddy-api-version"] == "2025-01-01"
        assert response.headers["freddy-processing-ms"].isdigit()
    assert len({response.headers["x-request-id"] for response in answers}) == 3


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/workflow", "/v2/workflows", "/v1/workflows/a/runs"])
async def test_an_unknown_path_is_not_found_even_without_a_key(in_process: Connect, path: str) -> None:
    async with in_process(load("aitronos"), OPTIONS) as client:
        response = await client.get(path)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/workflows", "GET, POST"),
        ("HEAD", "/v1/workflows", "GET, POST"),
        ("PUT", "/v1/workflows/flow_a", "DELETE, GET, PATCH"),
        ("GET", "/v1/workflows/flow_a/promote-to-assistant", "POST"),
        ("PROPFIND", "/v1/assistants", "GET, POST"),
        ("POST", "/v1/assistants/asst_a/workflow", "DELETE, GET, PATCH"),
        ("GET", "/v1/assistants/asst_a/convert-to-workflow", "POST"),
        ("GET", "/v1/assistants/asst_a/warm", "POST"),
        ("POST", "/v1/assistants/asst_a/history", "GET"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(
    over_socket: Connect, method: str, path: str, allowed: str
) -> None:
    async with over_socket(load("aitronos"), OPTIONS) as client:
        response = await client.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)
    assert method == "HEAD" or response.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


async def test_a_trailing_slash_redirects(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/workflows/?limit=1")
    assert response.status_code == 307
    assert response.headers["location"].endswith("/v1/workflows?limit=1")


@pytest.mark.parametrize(
    "identifier",
    [
        "%2e%2e",
        "%2E",
        "%00",
        "x%0Ay",
        "x%0A",
        "%0D%0Ax-evil:1",
        "%FF",
        "caf%C3%A9",
        "%20",
        "a%3Fb",
        "a%23b",
        "%25",
        "a;b",
    ],
)
async def test_a_hostile_id_is_only_an_unknown_id(over_socket: Connect, identifier: str) -> None:
    async with over_socket(load("aitronos"), OPTIONS) as client:
        client.headers["x-api-key"] = KEY
        for path in (f"/v1/workflows/{identifier}", f"/v1/assistants/{identifier}/workflow"):
            response = await client.get(path)
            assert (response.status_code, response.json()["error"]["code"]) == (404, "RESOURCE_NOT_FOUND")
            assert "resource_id" in response.json()["error"]["details"]
            assert "x-evil" not in response.headers


async def test_an_encoded_slash_divides_as_in_the_vendors_framework(api: httpx.AsyncClient) -> None:
    known = (await flow(api))["id"]
    unknown_path = await api.get(f"/v1/workflows/x%2F{known}")
    assert (unknown_path.status_code, unknown_path.json()["error"]["details"]) == (404, {})
    promoted = await api.post(
        f"/v1/workflows/{(await flow(api, definition={'nodes': [LLM]}))['id']}%2Fpromote-to-assistant"
    )
    assert promoted.status_code == 201


async def test_another_organizations_records_are_forbidden(in_process: Connect) -> None:
    backend = AitronosBackend(OPTIONS)
    ours = backend.state.organization_id
    foreign_flow = next(w for w in backend.state.workflows.values() if w.organization_id != ours)
    foreign_assistant = next(a for a in backend.state.assistants.values() if a.organization_id != ours)
    async with in_process(load("aitronos"), OPTIONS) as client:
        client.headers["x-api-key"] = KEY
        for path in (f"/v1/workflows/{foreign_flow.id}", f"/v1/assistants/{foreign_assistant.id}"):
            response = await client.get(path)
            assert (response.status_code, response.json()["error"]["code"]) == (
                403,
                "INSUFFICIENT_PERMISSIONS",
            )
        listed = (await client.get("/v1/workflows")).text
    assert foreign_flow.id not in listed


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 409, 418, 422, 429, 500, 502, 503, 504])
def test_an_injected_fault_has_the_vendors_body(status: int) -> None:
    body = AitronosBackend(OPTIONS).error_body(status)
    assert isinstance(body, dict)
    assert body["error"]["status"] == status
    assert body["error"]["type"] == (
        {401: "authentication_error", 403: "authorization_error"}.get(status)
        or ("server_error" if status >= 500 else "client_error")
    )


@pytest.mark.parametrize("fixture_status", ["401", "403", "404", "422", "429", "500"])
def test_error_bodies_have_the_documented_keys_in_the_documented_order(fixture_status: str) -> None:
    body = json.loads(json.dumps(AitronosBackend(OPTIONS).error_body(int(fixture_status))))
    assert list(body["error"]) == [
        *("code", "message", "system_message", "type", "status", "trace_id", "timestamp", "details"),
    ]


async def test_variant_fastapi_validation(api: httpx.AsyncClient) -> None:
    await switch(api, "fastapi_validation")
    body = (await api.post("/v1/workflows", json={"definition": []})).json()
    assert body == {
        "detail": [
            {"loc": ["body", "name"], "msg": "Field required", "type": "missing"},
            {"loc": ["body", "definition"], "msg": "Input should be a valid dictionary", "type": "dict_type"},
        ]
    }
    injected = AitronosBackend(EmulatorOptions(KEY, frozenset({"fastapi_validation"}))).error_body(422)
    assert injected == {"detail": [{"loc": ["body"], "msg": "Field required", "type": "missing"}]}
    assert (await api.get("/v1/workflows/absent")).json()["success"] is False


async def test_variants_of_the_envelope(api: httpx.AsyncClient) -> None:
    await switch(api, "uuid_trace_ids", "no_error_details")
    response = await api.get("/v1/workflows/absent")
    error = response.json()["error"]
    assert "details" not in error
    assert str(uuid.UUID(error["trace_id"])) == error["trace_id"] == response.headers["x-request-id"]


async def test_variant_legacy_key_header(api: httpx.AsyncClient) -> None:
    await switch(api, "legacy_key_header")
    assert (await api.get("/v1/workflows")).status_code == 401
    assert (await api.get("/v1/workflows", headers={"api-key": KEY})).status_code == 200


async def test_variants_of_success_codes(api: httpx.AsyncClient) -> None:
    await switch(api, "upsert_200", "delete_200", "convert_200")
    body = {"name": "U", "definition": {}, "external_id": "fp_u"}
    answers = [await api.post("/v1/workflows", json=body) for _ in range(2)]
    assert [response.status_code for response in answers] == [201, 200]
    deleted = await api.delete(f"/v1/workflows/{answers[0].json()['id']}")
    assert (deleted.status_code, list(deleted.json())) == (200, ["message"])
    organization = deleted.headers["aitronos-organization"]
    assistant = (await api.post("/v1/assistants", json={"name": "A", "organization_id": organization})).json()
    assert (await api.post(f"/v1/assistants/{assistant['id']}/convert-to-workflow")).status_code == 200
    gone = await api.delete(f"/v1/assistants/{assistant['id']}")
    assert (gone.status_code, list(gone.json())) == (200, ["message"])


async def test_variant_promote_400(api: httpx.AsyncClient) -> None:
    await switch(api, "promote_400")
    response = await api.post(f"/v1/workflows/{(await flow(api))['id']}/promote-to-assistant", json={})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "BAD_REQUEST")


async def test_variant_strict_bodies(api: httpx.AsyncClient) -> None:
    body = {"name": "S", "definition": {}, "surprise": 1}
    assert (await api.post("/v1/workflows", json=body)).status_code == 201
    await switch(api, "strict_bodies")
    response = await api.post("/v1/workflows", json=body)
    assert response.status_code == 422
    assert response.json()["error"]["details"]["errors"] == [
        {"field": "surprise", "message": "Extra inputs are not permitted", "type": "extra_forbidden"}
    ]


async def test_variant_omit_nulls(api: httpx.AsyncClient) -> None:
    await switch(api, "omit_nulls")
    created = await flow(api)
    assert set(created) == {
        *("id", "organization_id", "name", "definition", "version", "is_active", "created_at", "updated_at"),
        *("created_by", "has_assistant"),
    }


async def test_variant_rate_limits(in_process: Connect) -> None:
    seconds = [0.0]
    options = EmulatorOptions(
        KEY, frozenset({"rate_limits"}), lambda: NOW + timedelta(seconds=seconds[0]), seeded=False
    )
    async with in_process(load("aitronos"), options) as client:
        client.headers["x-api-key"] = KEY
        answers = [await client.get("/v1/workflows") for _ in range(121)]
        assert [response.status_code for response in answers] == [200] * 120 + [429]
        assert [response.headers["x-ratelimit-remaining"] for response in answers[:2]] == ["119", "118"]
        refused = answers[-1]
        assert refused.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
        assert refused.json()["error"]["trace_id"] == refused.headers["x-request-id"]
        assert refused.headers["retry-after"] == refused.headers["x-ratelimit-retry-after"] == "1"
        assert int(refused.headers["x-ratelimit-reset"]) == pytest.approx(NOW.timestamp() + 72, abs=1)
        seconds[0] = 1
        assert (await client.get("/v1/workflows")).status_code == 200
        assert (await client.get("/v1/workflows")).status_code == 429
        await client.post("/__emulator__/reset")
        assert (await client.get("/v1/workflows")).headers["x-ratelimit-remaining"] == "119"


async def test_variant_split_limit_headers(api: httpx.AsyncClient) -> None:
    assert not [name for name in (await api.get("/v1/workflows")).headers if "ratelimit" in name]
    await switch(api, "split_limit_headers")
    answers = [await api.get("/v1/workflows") for _ in range(125)]
    assert {response.status_code for response in answers} == {200}
    assert {name for name in answers[0].headers if "ratelimit" in name} == {
        f"x-ratelimit-{fact}-{kind}"
        for fact in ("limit", "remaining", "reset")
        for kind in ("requests", "tokens")
    }


def test_every_variant_has_a_sentence() -> None:
    for name, sentence in load("aitronos").variants.items():
        assert re.fullmatch(r"[a-z0-9_]+", name)
        assert sentence.endswith(".")
