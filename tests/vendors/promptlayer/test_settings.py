"""Inputs, outputs and external ids; PromptLayer has no settings of a whole workflow."""

from typing import Any

import pytest

from schemas.diagnostics import DiagnosticCode
from schemas.workflow import DataType, ExternalId


def test_there_are_no_workflow_settings(load: Any, parse: Any) -> None:
    assert parse(load("get_twelve_nodes")).settings is None


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("string", DataType.STRING),
        ("String", DataType.STRING),
        ("int", DataType.INTEGER),
        ("float", DataType.NUMBER),
        ("number", DataType.NUMBER),
        ("bool", DataType.BOOLEAN),
        ("json", DataType.OBJECT),
        ("list", DataType.ARRAY),
        ("image", DataType.IMAGE),
    ],
)
def test_a_type_word_is_read_and_kept(parse: Any, word: str, kind: DataType) -> None:
    workflow = parse({"workflow_id": 1, "required_input_variables": {"a b/c": word}})
    (variable,) = workflow.inputs
    assert (variable.name, variable.type, variable.native_type) == ("a b/c", kind, word)
    assert variable.required is True
    assert not [found for found in workflow.diagnostics if found.code is DiagnosticCode.UNKNOWN_VALUE]


def test_an_unknown_type_word_is_kept_and_reported(parse: Any) -> None:
    workflow = parse({"workflow_id": 1, "required_input_variables": {"a/b": "Ticket"}})
    assert workflow.inputs[0].type is DataType.UNKNOWN
    assert workflow.inputs[0].native_type == "Ticket"
    assert [found.path for found in workflow.diagnostics if found.code is DiagnosticCode.UNKNOWN_VALUE] == [
        "/required_input_variables/a~1b"
    ]


@pytest.mark.parametrize("word", [None, {"type": "string"}, ["string"]])
def test_a_type_that_is_no_word_leaves_the_input_there(parse: Any, word: Any) -> None:
    (variable,) = parse({"workflow_id": 1, "required_input_variables": {"a": word}}).inputs
    assert (variable.name, variable.type, variable.native_type) == ("a", DataType.UNKNOWN, None)


@pytest.mark.parametrize("declared", [["a"], "a", 7])
def test_inputs_of_another_shape_are_reported(parse: Any, declared: Any) -> None:
    workflow = parse({"workflow_id": 1, "required_input_variables": declared})
    assert workflow.inputs == ()
    assert (DiagnosticCode.WRONG_TYPE, "/required_input_variables") in {
        (found.code, found.path) for found in workflow.diagnostics
    }


def test_every_output_node_gives_an_output_in_the_nodes_order(load: Any, parse: Any) -> None:
    outputs = parse(load("get_twelve_nodes")).outputs
    assert [(output.name, output.node, output.type) for output in outputs] == [
        ("sure_reply", "sure_reply", DataType.UNKNOWN),
        ("unsure_reply", "unsure_reply", DataType.UNKNOWN),
    ]


@pytest.mark.parametrize(
    ("node_type", "configuration", "kind"),
    [
        ("PROMPT_TEMPLATE", {}, DataType.STRING),
        ("COMPARE", {}, DataType.BOOLEAN),
        ("COUNT", {}, DataType.INTEGER),
        ("VARIABLE", {"value": {"type": "string", "value": "a"}}, DataType.STRING),
        ("VARIABLE", {"value": {"type": "json", "value": [1]}}, DataType.UNKNOWN),
        ("VARIABLE", {"value": "a"}, DataType.UNKNOWN),
        ("BRAND_NEW_NODE", {}, DataType.UNKNOWN),
    ],
)
def test_an_output_has_the_type_that_its_node_is_documented_to_give(
    parse: Any, node_type: str, configuration: Any, kind: DataType
) -> None:
    node = {"name": "n", "node_type": node_type, "is_output_node": True, "configuration": configuration}
    (output,) = parse({"workflow_id": 1, "nodes": [node]}).outputs
    assert output.type is kind


def test_external_ids_are_read_and_those_without_an_id_reported(parse: Any) -> None:
    entries = [{"source": "cms", "external_id": "wf-9"}, {"source": "cms"}, {"external_id": "x"}, 5]
    workflow = parse({"workflow_id": 1, "external_ids": entries})
    assert workflow.external_ids == (ExternalId(source="cms", id="wf-9"), ExternalId(id="x"))
    found = {(diagnostic.code, diagnostic.path) for diagnostic in workflow.diagnostics}
    assert {
        (DiagnosticCode.MISSING_FIELD, "/external_ids/1/external_id"),
        (DiagnosticCode.MISSING_FIELD, "/external_ids/2/source"),
        (DiagnosticCode.UNREADABLE_PART, "/external_ids/3"),
    } <= found
