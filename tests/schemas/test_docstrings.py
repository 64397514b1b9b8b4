"""Sentences under fields, read from the source."""

from schemas.docstrings import sentences
from schemas.graph import Node
from schemas.listing import WorkflowPage
from schemas.publish import document
from schemas.workflow import Workflow


class Plain:
    """Not a model."""

    first: int = 1
    """What it is
    in two lines."""
    second: int = 2
    """Also."""
    third: int = 3


def test_the_text_under_a_field_is_its_sentence() -> None:
    assert sentences(Plain) == {"first": "What it is\nin two lines.", "second": "Also."}


def test_inherited_fields_are_there() -> None:
    assert sentences(Workflow)["connection"] == "The configured connection it was read through."
    assert "next_cursor" in sentences(WorkflowPage)


def test_a_class_without_source_has_none() -> None:
    made: type = type("Made", (), {"__annotations__": {"x": int}})
    assert sentences(made) == {}


def test_published_schemas_carry_them() -> None:
    published = document("workflow")
    assert published["$defs"]["Node"]["properties"]["key"]["description"] == sentences(Node)["key"]
    assert published["properties"]["digest"]["description"] == sentences(Workflow)["digest"]
