"""The emulator's errors map to the real noxus-sdk's classes, with request ids; 429 is retried."""

import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from noxus_sdk import errors
from noxus_sdk.client import Client
from noxus_sdk.workflows import WorkflowDefinition

KEY = "nx_demo_noxus"
NOBODY = "3c90c3cc-0d44-4b50-8888-8dd25736052a"


@pytest.fixture
def base_url(emulator: Callable[..., str]) -> str:
    return emulator("noxus")


@pytest.fixture
def client(base_url: str) -> Iterator[Client]:
    with Client(KEY, base_url=base_url, load_nodes=False, load_me=False) as opened:
        yield opened


def spoil(base_url: str, **rule: object) -> None:
    httpx.put(f"{base_url}/__emulator__/faults", headers={"x-api-key": KEY}, json=[rule]).raise_for_status()
    httpx.delete(f"{base_url}/__emulator__/requests", headers={"x-api-key": KEY}).raise_for_status()


def asked(base_url: str) -> list[dict[str, object]]:
    return list(httpx.get(f"{base_url}/__emulator__/requests", headers={"x-api-key": KEY}).json())


def test_a_bad_key_surfaces_in_the_constructor(base_url: str) -> None:
    for key in ("", "nx_wrong"):
        with pytest.raises(errors.UnauthorizedError) as caught:
            Client(key, base_url=base_url)
        assert caught.value.status_code == 401
        assert caught.value.request_id is not None


def test_each_kind_of_refusal_has_its_class_and_request_id(client: Client) -> None:
    triage = next(one for one in client.pget("/v1/workflows", page_size=100) if "triage" in one["name"])
    live = WorkflowDefinition(name="x")
    cases: list[tuple[Callable[[], object], type[errors.NoxusApiError], str]] = [
        (
            lambda: client.post("/v1/workflows/import", {"definition": ""}),
            errors.BadRequestError,
            "Invalid bundle",
        ),
        (lambda: client.workflows.get(NOBODY), errors.NotFoundError, "404 Workflow not found"),
        (lambda: client.runs.get(triage["id"], NOBODY), errors.NotFoundError, "404 Run not found"),
        (lambda: client.workflows.get("nonsense"), errors.ValidationError, "valid UUID"),
        (lambda: client.post("/v1/workflows", {}), errors.ValidationError, "Field required"),
        (lambda: client.get("/v1/nowhere"), errors.NotFoundError, "404 Not Found"),
        (lambda: client.workflows.update(triage["id"], live), errors.NoxusApiError, "409 Workflow is live"),
    ]
    seen = set()
    for call, kind, message in cases:
        with pytest.raises(kind, match=message) as caught:
            call()
        assert type(caught.value) is kind
        assert isinstance(caught.value.body, dict)
        assert f"request id: {caught.value.request_id}" in str(caught.value)
        seen.add(caught.value.request_id)
    assert len(seen) == len(cases)
    client.workflows.update(triage["id"], live, force=True)


STATUSES: dict[int, type[errors.NoxusApiError]] = {
    400: errors.BadRequestError,
    403: errors.ForbiddenError,
    409: errors.NoxusApiError,
    422: errors.ValidationError,
    500: errors.ServerError,
    502: errors.ServerError,
    503: errors.ServerError,
}


def test_injected_statuses_map_and_are_not_retried(client: Client, base_url: str) -> None:
    for status, kind in STATUSES.items():
        spoil(base_url, fault="status", status=status)
        with pytest.raises(kind) as caught:
            client.agents.list()
        assert type(caught.value) is kind
        assert [entry["status"] for entry in asked(base_url)] == [status]


def test_429_is_retried_until_it_is_over(client: Client, base_url: str) -> None:
    spoil(base_url, fault="status", status=429, retry_after="0", times=3)
    assert len(client.agents.list()) == 5
    assert [entry["status"] for entry in asked(base_url)] == [429, 429, 429, 200]


def test_429_without_end_is_six_requests_and_an_error(client: Client, base_url: str) -> None:
    spoil(base_url, fault="status", status=429, retry_after="0")
    with pytest.raises(errors.RateLimitedError, match="Rate limit exceeded"):
        client.agents.list()
    assert [entry["status"] for entry in asked(base_url)] == [429] * 6


def test_retry_after_is_obeyed(client: Client, base_url: str) -> None:
    spoil(base_url, fault="status", status=429, retry_after="0.3", times=1)
    begun = time.monotonic()
    client.agents.list()
    assert time.monotonic() - begun >= 0.3


def test_an_empty_204_is_what_the_sdk_cannot_take(emulator: Callable[..., str]) -> None:
    base_url = emulator("noxus", "--variant", "delete_204")
    with Client(KEY, base_url=base_url, load_nodes=False, load_me=False) as client:
        agent = client.agents.list()[0]
        with pytest.raises(ValueError, match="Expecting value"):
            client.agents.delete(agent.id)
        assert len(client.agents.list()) == 4


def test_a_list_of_another_shape_reads_as_nothing(client: Client, base_url: str) -> None:
    spoil(base_url, fault="wrong_shape")
    assert client.agents.list() == []


# The gateway refuses an empty segment before the vendor can.
@pytest.mark.parametrize("way", ["emulator"])
def test_a_trailing_slash_in_the_base_url_breaks_it(base_url: str) -> None:
    with pytest.raises(errors.NotFoundError):
        Client(KEY, base_url=f"{base_url}/")
