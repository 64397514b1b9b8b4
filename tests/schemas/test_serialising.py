"""Models become JSON whatever a vendor's texts hold, and what is None is absent."""

import json
from typing import Any

import pytest
from hypothesis import given

from schemas.graph import Node, Operand, OperandKind
from schemas.json_codec import loads
from schemas.serialising import to_json
from schemas.workflow import Workflow
from tests.schemas.strategies import WORKFLOWS


@given(WORKFLOWS)
def test_a_model_reads_back_as_it_was(workflow: Workflow) -> None:
    assert Workflow.model_validate(loads(to_json(workflow))) == workflow


@given(WORKFLOWS)
def test_it_says_the_same_as_pydantic_itself(workflow: Workflow) -> None:
    assert loads(to_json(workflow)) == json.loads(workflow.model_dump_json(exclude_none=True))


def test_absent_means_that_the_vendor_does_not_say() -> None:
    node = Node(key="k", config={"a": None, "b": [None, {"c": None}]}, notes="")
    written = loads(to_json(node, exclude={"ports"}))
    assert written["config"] == {"a": None, "b": [None, {"c": None}]}
    assert written["notes"] == ""
    assert not {"id", "name", "position", "ports"} & set(written)


@pytest.mark.parametrize("config", [{"x": "\ud800"}, {"\ud800": 1}, {"x": {"\udfff": [2**70]}}])
def test_lone_surrogates_are_kept_wherever_they_stand(config: dict[str, Any]) -> None:
    assert loads(to_json(Node(key="k", config=config)))["config"] == config


def test_a_null_operand_is_told_and_a_reference_has_no_value() -> None:
    null = Operand(kind=OperandKind.VALUE, value=None)
    assert to_json(null) == b'{"kind":"value","value":null}'
    assert Operand.model_validate_json(to_json(null)) == null
    assert (
        to_json(Operand(kind=OperandKind.REFERENCE, reference="n")) == b'{"kind":"reference","reference":"n"}'
    )
