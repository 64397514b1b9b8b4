"""PromptLayer's own Python SDK runs workflows on the emulator, over HTTP and its websocket."""

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from promptlayer import AsyncPromptLayer, PromptLayer
from promptlayer.exceptions import PromptLayerAPIError

KEY = "pl_demo_promptlayer"
ECHO = 4118
SECONDS = 15
Start = Callable[..., str]


@pytest.fixture
def url(emulator: Start) -> str:
    """An emulator that serves the `workflow` object the SDK reads."""
    return emulator("promptlayer", "--variant", "sdk_wrapper")


@pytest.fixture
def client(url: str) -> PromptLayer:
    return PromptLayer(api_key=KEY, base_url=url)


def journal(url: str) -> list[tuple[str, str, int]]:
    asked = urllib.request.Request(f"{url}/__emulator__/requests", headers={"x-api-key": KEY})
    with urllib.request.urlopen(asked) as answer:
        return [(seen["method"], seen["path"], seen["status"]) for seen in json.load(answer)]


def test_run_by_id(client: PromptLayer, url: str) -> None:
    assert client.run_workflow(ECHO, timeout=SECONDS) == "[echo] see ticket 4101"
    assert journal(url) == [
        ("POST", "/ws-token-request-library", 201),
        ("POST", f"/workflows/{ECHO}/run", 201),
    ]


def test_run_by_name(client: PromptLayer, url: str) -> None:
    inputs = {"user_message": "Where is my tent?"}
    output = client.run_workflow("support-triage", input_variables=inputs, timeout=SECONDS)
    assert "Where is my tent?" in output
    assert [seen[1:] for seen in journal(url)] == [
        ("/workflows/support-triage", 200),
        ("/ws-token-request-library", 201),
        ("/workflows/4101/run", 201),
    ]


def test_run_by_a_name_in_another_script(client: PromptLayer) -> None:
    inputs = {"本文": "こんにちは", "言語": "de"}
    output = client.run_workflow("翻訳ワークフロー 🌏", input_variables=inputs, timeout=SECONDS)
    assert output == "[translate] こんにちは | de"


def test_run_a_label_and_a_version_with_every_output(client: PromptLayer) -> None:
    labelled = client.run_workflow(
        4101, workflow_label_name="production", return_all_outputs=True, timeout=SECONDS
    )
    numbered = client.run_workflow(4101, workflow_version=1, return_all_outputs=True, timeout=SECONDS)
    assert labelled.keys() == {"classify", "order_lookup", "billing_reply", "general_reply"}
    assert numbered.keys() == {"classify", "general_reply"}
    assert numbered["general_reply"]["status"] == "SUCCESS"


def test_a_large_result_is_fetched_by_the_sdk(client: PromptLayer, url: str) -> None:
    inputs = {"user_message": "x" * 50_000}
    output = client.run_workflow(4101, input_variables=inputs, timeout=SECONDS)
    assert "x" * 50_000 in output
    assert journal(url)[-1] == ("GET", "/workflow-version-execution-results", 200)


def test_a_failed_run_raises(client: PromptLayer) -> None:
    with pytest.raises(PromptLayerAPIError, match="None of the output nodes have succeeded"):
        client.run_workflow("status-page-update", timeout=SECONDS)


@pytest.mark.parametrize(
    ("reference", "options", "message"),
    [
        ("nothing-of-that-name", {}, "Workflow not found"),
        (999_999, {}, "Workflow not found"),
        # The SDK leaves slashes of a name as they are.
        ("Help Centre / RAG answers", {}, "Not Found"),
        (4101, {"workflow_version": 99}, "Workflow version not found"),
        (4101, {"workflow_label_name": "nowhere"}, "Release label 'nowhere' not found"),
        (4101, {"workflow_version": 1, "workflow_label_name": "production"}, "mutually exclusive"),
    ],
)
def test_refusals_reach_the_caller(
    client: PromptLayer, reference: str | int, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PromptLayerAPIError, match=message):
        client.run_workflow(reference, timeout=SECONDS, **options)


# The gateway refuses a wrong key in its own words.
@pytest.mark.parametrize("way", ["emulator"])
def test_a_wrong_key_is_refused(url: str) -> None:
    with pytest.raises(PromptLayerAPIError, match="Invalid API key"):
        PromptLayer(api_key="pl_other", base_url=url).run_workflow(ECHO, timeout=SECONDS)


def test_the_documented_shape_alone_does_not_do(emulator: Start) -> None:
    plain = PromptLayer(api_key=KEY, base_url=emulator("promptlayer"))
    with pytest.raises(PromptLayerAPIError, match="'workflow'"):
        plain.run_workflow("support-triage", timeout=SECONDS)
    assert plain.run_workflow(ECHO, timeout=SECONDS) == "[echo] see ticket 4101"


def test_the_async_client(url: str) -> None:
    async def three() -> list[Any]:
        client = AsyncPromptLayer(api_key=KEY, base_url=url)
        runs = [
            client.run_workflow(reference, timeout=SECONDS) for reference in (ECHO, "2024", "meeting-notes")
        ]
        return await asyncio.gather(*runs)

    began = time.monotonic()
    outputs = asyncio.run(three())
    assert outputs[0] == "[echo] see ticket 4101"
    assert outputs[1].startswith("[report-chapter] 2024")
    assert outputs[2].startswith("[short_notes]")
    assert time.monotonic() - began < SECONDS
