"""Inputs and outputs of a workflow."""

from typing import Any

import pytest

from schemas.workflow import DataType, Variable
from tests.vendors.noxus.helpers import flow, node, parse, recording


def test_inputs_and_outputs_carry_the_labels() -> None:
    workflow = parse(recording("get_workflow_large_v1_twelve_nodes"))
    assert [(one.name, one.type) for one in workflow.inputs] == [
        ("Message", DataType.STRING),
        ("Attachment", DataType.FILE),
        ("Region", DataType.STRING),
    ]
    assert workflow.outputs == (
        Variable(
            name="Reply",
            type=DataType.STRING,
            native_type="str",
            node="9bb4d5a5-7805-5d8a-ba19-b54eb3bfb5f8",
        ),
    )


def test_a_fixed_value_is_a_default() -> None:
    region = parse(recording("get_workflow_large_v1_twelve_nodes")).inputs[2]
    assert (region.required, region.default) == (False, "EU")


def test_without_a_label_the_node_stands_for_its_input() -> None:
    (variable,) = parse(flow([node("a", "InputNode")])).inputs
    assert (variable.name, variable.node, variable.required) == ("a", "a", None)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("int", DataType.INTEGER),
        ("float", DataType.NUMBER),
        ("number", DataType.NUMBER),
        ("bool", DataType.BOOLEAN),
        ("dict", DataType.OBJECT),
        ("list", DataType.ARRAY),
        ("Image", DataType.IMAGE),
        ("Audio", DataType.AUDIO),
        ("datetime", DataType.TIME),
        ("Any", DataType.ANY),
        ("GoogleSheet", DataType.UNKNOWN),
        (None, DataType.UNKNOWN),
        (7, DataType.UNKNOWN),
    ],
)
def test_the_vendors_types_have_canonical_words(word: Any, kind: DataType) -> None:
    (variable,) = parse(flow([node("a", "InputNode", node_config={"type": word})])).inputs
    assert variable.type is kind
    assert variable.native_type == (word if isinstance(word, str) else None)


def test_a_connectors_type_stands_in_for_a_missing_one() -> None:
    connector = {"name": "output", "definition": {"data_type": "str", "is_list": True}}
    document = flow([node("a", "InputNode", connector_config={"inputs": [], "outputs": [connector]})])
    (variable,) = parse(document).inputs
    assert (variable.type, variable.native_type) == (DataType.ARRAY, "str[]")
