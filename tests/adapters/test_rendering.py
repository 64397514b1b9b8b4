"""Changes are written field by field; what has no writer is a loss; what did not change is not touched."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given

from adapters.rendering import IGNORED, lost, same, set_field, write_changes
from schemas.base import JsonObject
from schemas.diagnostics import Loss, Severity
from schemas.graph import Graph, GraphForm, Node
from schemas.settings import SamplingSettings
from schemas.workflow import Workflow, WorkflowSummary
from tests.schemas.strategies import JSON_VALUES, WORKFLOWS


def summary(**changed: Any) -> WorkflowSummary:
    return WorkflowSummary(connection="c", vendor="acme", id="1", name="Old").model_copy(update=changed)


def refusing(document: JsonObject, value: Any) -> Iterable[Loss]:
    raise AssertionError(f"asked to write {value!r} into {document!r}")


def test_a_changed_field_is_written_by_its_writer_only() -> None:
    document = {"title": "Old", "note": "kept"}
    writers = {"name": set_field("title"), "description": refusing}
    assert write_changes(summary(), summary(name="New"), document, writers) == ()
    assert document == {"title": "New", "note": "kept"}


def test_a_changed_field_without_a_writer_is_a_loss_at_its_place() -> None:
    (loss,) = write_changes(summary(), summary(tags=("a",)), {}, {}, "/graph/nodes/0")
    assert (loss.path, loss.severity) == ("/graph/nodes/0/tags", Severity.WARNING)
    assert loss.reason


def test_losses_of_writers_are_gathered_in_the_order_of_the_fields() -> None:
    def partly(document: JsonObject, value: Any) -> Iterable[Loss]:
        document["title"] = value
        yield lost("/name", "cut", Severity.INFO)

    after = summary(name="New", tags=("a",))
    document: JsonObject = {}
    losses = write_changes(summary(), after, document, {"name": partly})
    assert [loss.path for loss in losses] == ["/name", "/tags"]
    assert document == {"title": "New"}


@given(WORKFLOWS)
def test_nothing_is_written_when_nothing_changed(workflow: Workflow) -> None:
    writers = dict.fromkeys(Workflow.model_fields, refusing)
    assert write_changes(workflow, workflow.model_copy(deep=True), {}, writers) == ()


@given(WORKFLOWS, WORKFLOWS)
def test_every_field_of_another_workflow_is_written_or_lost(one: Workflow, other: Workflow) -> None:
    changed = [
        name
        for name in Workflow.model_fields
        if name not in IGNORED and not same(getattr(one, name), getattr(other, name))
    ]
    written: JsonObject = {}
    writers = {name: set_field(name) for name in changed[::2]}
    losses = write_changes(one, other, written, writers)
    assert list(written) == changed[::2]
    assert [loss.path for loss in losses] == [f"/{name}" for name in changed[1::2]]


@pytest.mark.parametrize("name", sorted(IGNORED))
def test_our_own_fields_are_neither_written_nor_lost(name: str) -> None:
    graph = Graph(form=GraphForm.EMPTY)
    before = Workflow(connection="c", vendor="v", id="1", graph=graph)
    assert write_changes(before, before.model_copy(update={name: "changed"}), {}, {name: refusing}) == ()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, True),
        (0, False),
        (1, 1.0),
        ({"a": 1}, {"a": 1.0}),
        ({"a": [0]}, {"a": [False]}),
        ({"a": 1}, {"a": 1, "b": None}),
        ([1], [1, 1]),
        (None, 0),
        ("1", 1),
        (Node(key="k", config={"on": 1}), Node(key="k", config={"on": True})),
        ((Node(key="k"),), (Node(key="l"),)),
        (Node(key="k"), None),
        (SamplingSettings(top_k=1), SamplingSettings(top_k=2)),
    ],
)
def test_values_that_differ_in_json_are_not_the_same(left: Any, right: Any) -> None:
    assert not same(left, right)
    assert not same(right, left)


@given(JSON_VALUES)
def test_a_value_is_the_same_as_its_copy_in_any_order_of_keys(value: Any) -> None:
    assert same(value, turned(value))


def turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: turned(value[name]) for name in reversed(value)}
    return [turned(inner) for inner in value] if isinstance(value, list) else value


def test_a_change_of_type_alone_is_written() -> None:
    one, other = (
        Workflow(
            connection="c",
            vendor="v",
            id="1",
            graph=Graph(form=GraphForm.GRAPH),
            extensions={"v": {"on": on}},
        )
        for on in (1, True)
    )
    assert [loss.path for loss in write_changes(one, other, {}, {})] == ["/extensions"]
