"""What a definition says for the whole workflow."""

from typing import Any

import pytest

from schemas.graph import WorkflowReference
from schemas.settings import Settings, TimeoutSettings
from tests.vendors.aitronos.helpers import found, n8n, parse


def test_the_execution_timeout_is_typed() -> None:
    workflow = parse(n8n(settings={"executionTimeout": 120}))
    assert workflow.settings == Settings(timeouts=TimeoutSettings(execution_seconds=120))
    assert workflow.extensions == {}


def test_the_error_workflow_is_a_reference() -> None:
    workflow = parse(n8n(settings={"errorWorkflow": "flow_err"}))
    assert workflow.error_handler == WorkflowReference(id="flow_err")
    assert workflow.settings is None


def test_other_settings_are_kept_word_for_word() -> None:
    settings = {"executionOrder": "v1", "timezone": "Europe/Zurich", "executionTimeout": 5}
    rest = {"executionOrder": "v1", "timezone": "Europe/Zurich"}
    assert parse(n8n(settings=settings)).extensions == {"aitronos": {"definition": {"settings": rest}}}


@pytest.mark.parametrize(
    ("settings", "code", "path"),
    [
        ({"executionTimeout": "soon"}, "wrong_type", "/definition/settings/executionTimeout"),
        ({"errorWorkflow": ["a"]}, "wrong_type", "/definition/settings/errorWorkflow"),
        ([], "wrong_type", "/definition/settings"),
    ],
)
def test_odd_settings_are_reported(settings: Any, code: str, path: str) -> None:
    workflow = parse(n8n(settings=settings))
    assert found(workflow) == [(code, path)]
    assert (workflow.settings, workflow.error_handler) == (None, None)


def test_no_limit_is_no_timeout_and_stays_as_written() -> None:
    workflow = parse(n8n(settings={"executionTimeout": -1}))
    assert workflow.settings is None
    assert workflow.extensions == {"aitronos": {"definition": {"settings": {"executionTimeout": -1}}}}
