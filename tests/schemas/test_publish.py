"""The published JSON Schemas are sound, stand alone, and describe what the models give."""

import json
import subprocess
import sys
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.graph import GraphForm
from schemas.publish import MODELS, document, published
from schemas.support import Support
from schemas.workflow import Workflow
from tests.schemas.strategies import models

NAMES = {
    "workflow",
    "workflow-summary",
    "workflow-page",
    "version",
    "version-page",
    "label",
    "label-page",
    "graph",
    "settings",
    "diagnostic",
    "loss",
    "problem",
    "support",
    "new-workflow",
    "new-version",
    "label-target",
    "promotion",
    "conversion",
    "run-start",
    "write-result",
    "version-result",
    "label-result",
    "assistant-result",
    "run",
    "run-event",
}
DESCRIBED = sorted(NAMES - {"support"})


def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(
        document(name), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(references(inner) for inner in value))
    return set()


def test_everything_promised_is_published() -> None:
    assert set(published()) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_document_is_sound_and_stands_alone(name: str) -> None:
    schema = published()[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"/schemas/{name}.json"
    assert schema["title"]
    assert schema["description"]
    known = {f"#/$defs/{definition}" for definition in schema.get("$defs", {})}
    assert references(schema) <= known
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("name", DESCRIBED)
@given(data=st.data())
def test_what_a_model_gives_fits_its_document(name: str, data: st.DataObject) -> None:
    check = validator(name)
    instance = data.draw(models(MODELS[name]))
    for defaults in (False, True):
        check.validate(json.loads(instance.model_dump_json(exclude_defaults=defaults)))


@pytest.mark.parametrize("level", ["native", "emulated"])
def test_support_fits_its_document(level: str) -> None:
    support = Support.model_validate({"level": level, "reason": "made out of two calls"})
    validator("support").validate(support.model_dump(mode="json"))


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"connection": "c", "vendor": "v", "id": "1"},
        {"connection": "c", "vendor": "v", "id": 1, "graph": {"form": "graph"}},
        {"connection": "c", "vendor": "v", "id": "1", "graph": {"form": "tree"}},
        {"connection": "c", "vendor": "v", "id": "1", "graph": {"form": "graph"}, "colour": "red"},
        {"connection": "c", "vendor": "v", "id": "1", "graph": {"form": "graph", "nodes": [{}]}},
    ],
)
def test_what_is_no_workflow_does_not_fit(broken: dict[str, Any]) -> None:
    assert not validator("workflow").is_valid(broken)


def test_a_caller_cannot_change_what_the_next_one_gets() -> None:
    published()["graph"]["title"] = "changed"
    assert document("graph")["title"] == "Graph"
    with pytest.raises(TypeError):
        published()["graph"] = {}  # type: ignore[index]


def test_fields_are_explained() -> None:
    properties = document("workflow")["properties"]
    assert "vendor's own id" in properties["id"]["description"]
    assert set(properties) == set(Workflow.model_fields)
    assert document("graph")["$defs"]["GraphForm"]["enum"] == [form.value for form in GraphForm]


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        document("nothing")


def test_nothing_is_made_at_import() -> None:
    code = (
        "from pydantic.json_schema import GenerateJsonSchema as generator\n"
        "def refuse(*_): raise SystemExit('made at import')\n"
        "generator.generate = refuse\n"
        "import schemas.publish\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
