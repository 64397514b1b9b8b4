"""How the real Aitronos SDK takes the emulator's errors and faults: classes, bodies, retries."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pydantic
import pytest
from aitronos import Aitronos
from aitronos.core.api_error import ApiError
from aitronos.errors import UnprocessableEntityError

KEY = "ak_demo_aitronos"
ONCE = {"max_retries": 0}


@pytest.fixture
def url(emulator: Callable[..., str]) -> str:
    return emulator("aitronos")


@pytest.fixture
def client(url: str) -> Iterator[Aitronos]:
    with httpx.Client(timeout=10) as connection:
        yield Aitronos(base_url=url, api_key=KEY, httpx_client=connection)


def spoil(url: str, fault: str, **rule: Any) -> None:
    httpx.put(
        f"{url}/__emulator__/faults",
        headers={"x-api-key": KEY},
        json=[{"fault": fault, "path": "/v1/*"} | rule],
    ).raise_for_status()


def statuses(url: str) -> list[int]:
    return [
        request["status"]
        for request in httpx.get(f"{url}/__emulator__/requests", headers={"x-api-key": KEY}).json()
    ]


# The gateway refuses a wrong key in its own words.
@pytest.mark.parametrize("way", ["emulator"])
def test_a_wrong_key(url: str) -> None:
    with httpx.Client() as connection:
        client = Aitronos(base_url=url, api_key="ak_wrong", httpx_client=connection)
        with pytest.raises(ApiError) as refused:
            client.workflows.list_workflows()
    assert refused.value.status_code == 401
    assert refused.value.body["error"]["code"] == "INVALID_API_KEY"
    assert statuses(url) == [401]


# Two different keys are refused by the gateway.
@pytest.mark.parametrize("way", ["emulator"])
def test_a_token_beside_the_key_does_no_harm(url: str) -> None:
    with httpx.Client() as connection:
        client = Aitronos(base_url=url, api_key=KEY, token="some.jwt", httpx_client=connection)
        assert client.workflows.list_workflows(limit=1).limit == 1


def test_a_base_url_with_a_trailing_slash(url: str) -> None:
    with httpx.Client() as connection:
        client = Aitronos(base_url=f"{url}/", api_key=KEY, httpx_client=connection)
        assert client.workflows.list_workflows(limit=1).limit == 1


# The gateway has its own request ids.
@pytest.mark.parametrize("way", ["emulator"])
def test_what_is_not_there(client: Aitronos) -> None:
    with pytest.raises(ApiError) as missing:
        client.workflows.get_workflow("flow_absent")
    assert missing.value.status_code == 404
    error = missing.value.body["error"]
    assert (error["code"], error["details"]) == ("RESOURCE_NOT_FOUND", {"resource_id": "flow_absent"})
    assert missing.value.headers is not None
    assert missing.value.headers["x-request-id"] == error["trace_id"]


def test_another_organization(client: Aitronos) -> None:
    with pytest.raises(ApiError) as forbidden:
        client.assistants.list_assistants(organization_id="org_elsewhere00")
    assert forbidden.value.status_code == 403
    assert forbidden.value.body["error"]["code"] == "ORGANIZATION_ACCESS_DENIED"


def test_what_does_not_validate(client: Aitronos) -> None:
    with pytest.raises(UnprocessableEntityError) as invalid:
        client.workflows.list_workflows(limit=1000)
    assert invalid.value.status_code == 422
    assert invalid.value.body["error"]["details"]["field"] == "limit"
    with pytest.raises(UnprocessableEntityError):
        client.workflows.create_workflow(name="", definition={})


def test_what_does_not_validate_in_fastapis_form(emulator: Callable[..., str]) -> None:
    url = emulator("aitronos", "--variant", "fastapi_validation")
    with httpx.Client() as connection:
        client = Aitronos(base_url=url, api_key=KEY, httpx_client=connection)
        with pytest.raises(UnprocessableEntityError) as invalid:
            client.workflows.list_workflows(limit=0)
    assert invalid.value.body["detail"][0]["loc"] == ["query", "limit"]


def test_an_unclear_promotion(client: Aitronos) -> None:
    flow = client.workflows.list_workflows(external_id="fp_returns").workflows[0]
    with pytest.raises(UnprocessableEntityError) as unclear:
        client.workflows.promote_workflow_to_assistant(flow.id)
    assert unclear.value.body["error"]["details"] == {"field": "primary_node_id"}


def test_a_conflict_is_asked_three_times_in_vain(client: Aitronos, url: str) -> None:
    flow = client.workflows.list_workflows(external_id="fp_support_triage").workflows[0]
    with pytest.raises(ApiError) as conflict:
        client.workflows.promote_workflow_to_assistant(flow.id)
    assert conflict.value.status_code == 409
    assert conflict.value.body["error"]["code"] == "RESOURCE_ALREADY_EXISTS"
    assert statuses(url) == [200, 409, 409, 409]


@pytest.mark.parametrize(("status", "retry_after"), [(429, "1"), (503, "1")])
def test_a_refusal_with_retry_after_is_waited_out(
    client: Aitronos, url: str, status: int, retry_after: str
) -> None:
    spoil(url, "status", status=status, retry_after=retry_after, times=1)
    started = time.monotonic()
    assert client.workflows.list_workflows(limit=1).limit == 1
    assert time.monotonic() - started >= 1
    assert statuses(url) == [status, 200]


def test_a_refused_write_is_sent_again_and_duplicates(client: Aitronos, url: str) -> None:
    before = client.workflows.list_workflows().total
    spoil(url, "status", status=503, method="POST", times=1)
    client.workflows.create_workflow(name="Sent twice", definition={})
    assert client.workflows.list_workflows().total == before + 1
    assert statuses(url) == [200, 503, 201, 200]


def list_often(client: Aitronos) -> None:
    """List until the bucket of 120 is empty, though it fills slowly meanwhile."""
    for _ in range(400):
        client.workflows.list_workflows(limit=1, request_options=ONCE)


# What is kept does not count against the limit.
@pytest.mark.parametrize("way", ["emulator"])
def test_the_enforced_limit_is_a_429_the_sdk_can_read(emulator: Callable[..., str]) -> None:
    url = emulator("aitronos", "--variant", "rate_limits")
    with httpx.Client() as connection:
        client = Aitronos(base_url=url, api_key=KEY, httpx_client=connection)
        with pytest.raises(ApiError) as limited:
            list_often(client)
    assert statuses(url).count(200) >= 120
    assert limited.value.status_code == 429
    assert limited.value.headers is not None
    assert limited.value.headers["retry-after"] == "1"


@pytest.mark.parametrize("status", [400, 408, 429, 500, 502, 503, 504])
def test_every_status_has_the_envelope(client: Aitronos, url: str, status: int) -> None:
    spoil(url, "status", status=status)
    with pytest.raises(ApiError) as failed:
        client.workflows.list_workflows(request_options=ONCE)
    assert failed.value.status_code == status
    assert failed.value.body["error"]["status"] == status
    assert statuses(url) == [status]


@pytest.mark.parametrize("status", [200, 502])
def test_html_is_given_as_text(client: Aitronos, url: str, status: int) -> None:
    spoil(url, "html", status=status)
    with pytest.raises(ApiError) as failed:
        client.workflows.list_workflows(request_options=ONCE)
    assert failed.value.status_code == status
    assert failed.value.body.startswith("<!doctype html>")


def test_json_of_another_shape_does_not_validate(client: Aitronos, url: str) -> None:
    spoil(url, "wrong_shape")
    with pytest.raises(pydantic.ValidationError):
        client.workflows.list_workflows()


# The gateway makes a 502 of it.
@pytest.mark.parametrize("way", ["emulator"])
@pytest.mark.parametrize(
    ("fault", "raised"),
    [("reset", httpx.ReadError), ("truncated", httpx.RemoteProtocolError)],
)
def test_a_cut_connection_is_the_http_librarys_error(
    client: Aitronos, url: str, fault: str, raised: type[Exception]
) -> None:
    spoil(url, fault)
    with pytest.raises(raised):
        client.workflows.list_workflows()
    assert len(statuses(url)) == 1


def test_a_slash_in_an_id_is_a_path_separator(client: Aitronos, url: str) -> None:
    flow = client.workflows.list_workflows(limit=1).workflows[0]
    with pytest.raises(ApiError) as missing:
        client.workflows.get_workflow(f"x/{flow.id}")
    assert missing.value.status_code == 404
    assert missing.value.body["error"]["details"] == {}
