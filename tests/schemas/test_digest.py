"""The digest says whether two workflows mean the same, and nothing else."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.diagnostics import Diagnostic, DiagnosticCode, Severity
from schemas.digest import digest, stamped
from schemas.graph import Edge, EdgeKind, Endpoint, Graph, GraphForm, Node, Position
from schemas.settings import RetrySettings, SamplingSettings, Settings
from schemas.workflow import Author, Place, RunStatistics, Version, Workflow, WorkflowStatus
from tests.schemas.strategies import JSON_VALUES, WORKFLOWS

Change = Callable[[Workflow], Workflow]


def sample(**changed: Any) -> Workflow:
    graph = Graph(
        form=GraphForm.GRAPH,
        nodes=(
            Node(key="start", id="1", name="Start", config={"a": 1, "b": {"c": [1, 2]}}),
            Node(key="end", id="2", name="End"),
        ),
        edges=(
            Edge(kind=EdgeKind.DATA, source=Endpoint(node="start"), target=Endpoint(node="end"), id="e1"),
        ),
    )
    fields: dict[str, Any] = {
        "connection": "one",
        "vendor": "acme",
        "id": "7",
        "name": "Triage",
        "graph": graph,
    }
    return Workflow(**(fields | changed))


def with_node(workflow: Workflow, **changed: Any) -> Workflow:
    first, *rest = workflow.graph.nodes
    return with_graph(workflow, nodes=(first.model_copy(update=changed), *rest))


def with_edge(workflow: Workflow, **changed: Any) -> Workflow:
    (only,) = workflow.graph.edges
    return with_graph(workflow, edges=(only.model_copy(update=changed),))


def with_graph(workflow: Workflow, **changed: Any) -> Workflow:
    return workflow.model_copy(update={"graph": workflow.graph.model_copy(update=changed)})


def updated(**changed: Any) -> Change:
    return lambda workflow: workflow.model_copy(update=changed)


NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

COSMETIC: dict[str, Change] = {
    "connection": updated(connection="two"),
    "vendor": updated(vendor="other"),
    "id": updated(id="8"),
    "version": updated(version=Version(number=3, mutable=False)),
    "labels": updated(labels=("production",)),
    "created": updated(created_at=NOON),
    "updated": updated(updated_at=NOON),
    "deleted": updated(deleted_at=NOON),
    "author": updated(author=Author(name="Ada")),
    "workspace": updated(workspace=Place(id="w")),
    "folder": updated(folder=Place(id="f")),
    "statistics": updated(statistics=RunStatistics(runs=9, last_run_at=NOON)),
    "digest": updated(digest="sha256:0"),
    "native": updated(native={"x": 1}),
    "diagnostics": updated(
        diagnostics=(
            Diagnostic(code=DiagnosticCode.WRONG_TYPE, severity=Severity.INFO, path="", message="odd"),
        )
    ),
    "node id": lambda workflow: with_node(workflow, id="other"),
    "node position": lambda workflow: with_node(workflow, position=Position(x=1, y=2)),
    "node notes": lambda workflow: with_node(workflow, notes="ask Ada"),
    "edge id": lambda workflow: with_edge(workflow, id="e9"),
    "key order": lambda workflow: with_node(workflow, config={"b": {"c": [1, 2]}, "a": 1}),
}

MEANINGFUL: dict[str, Change] = {
    "name": updated(name="Triage 2"),
    "description": updated(description="says what it does"),
    "status": updated(status=WorkflowStatus.ACTIVE),
    "published": updated(published=True),
    "tags": updated(tags=("mail",)),
    "extensions": updated(extensions={"acme": {"x": 1}}),
    "setting": updated(settings=Settings(sampling=SamplingSettings(temperature=0.5))),
    "other setting": updated(settings=Settings(retries=RetrySettings(attempts_per_model=2))),
    "config value": lambda workflow: with_node(workflow, config={"a": 2, "b": {"c": [1, 2]}}),
    "config type": lambda workflow: with_node(workflow, config={"a": True, "b": {"c": [1, 2]}}),
    "config number": lambda workflow: with_node(workflow, config={"a": 1.0, "b": {"c": [1, 2]}}),
    "config order": lambda workflow: with_node(workflow, config={"a": 1, "b": {"c": [2, 1]}}),
    "node key": lambda workflow: with_node(workflow, key="first"),
    "node name": lambda workflow: with_node(workflow, name="Begin"),
    "node disabled": lambda workflow: with_node(workflow, disabled=True),
    "node order": lambda workflow: with_graph(workflow, nodes=workflow.graph.nodes[::-1]),
    "node gone": lambda workflow: with_graph(workflow, nodes=workflow.graph.nodes[:1]),
    "edge kind": lambda workflow: with_edge(workflow, kind=EdgeKind.ERROR),
    "edge target": lambda workflow: with_edge(workflow, target=Endpoint(node="start")),
    "edge port": lambda workflow: with_edge(workflow, source=Endpoint(node="start", port="true")),
    "edge gone": lambda workflow: with_graph(workflow, edges=()),
    "edge doubled": lambda workflow: with_graph(workflow, edges=workflow.graph.edges * 2),
}


@pytest.mark.parametrize("change", COSMETIC.values(), ids=COSMETIC)
def test_what_means_nothing_does_not_change_it(change: Change) -> None:
    changed = change(sample())
    assert changed.model_dump_json() != sample().model_dump_json()
    assert digest(changed) == digest(sample())


@pytest.mark.parametrize("change", MEANINGFUL.values(), ids=MEANINGFUL)
def test_what_means_something_changes_it(change: Change) -> None:
    assert digest(change(sample())) != digest(sample())


def test_every_field_of_a_workflow_is_tried_or_known() -> None:
    tried = {change(sample()).model_dump_json() for change in (*COSMETIC.values(), *MEANINGFUL.values())}
    assert len(tried) == len(COSMETIC) + len(MEANINGFUL)


@given(WORKFLOWS)
def test_it_has_one_form_and_is_repeatable(workflow: Workflow) -> None:
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", digest(workflow))
    assert digest(workflow) == digest(workflow.model_copy(deep=True))


@given(WORKFLOWS)
def test_it_survives_a_way_through_json(workflow: Workflow) -> None:
    again = Workflow.model_validate_json(workflow.model_dump_json())
    assert digest(again) == digest(workflow)


@given(WORKFLOWS)
def test_stamping_adds_it_and_nothing_else(workflow: Workflow) -> None:
    done = stamped(workflow)
    assert done.digest == digest(workflow) == digest(done)
    assert done.model_copy(update={"digest": workflow.digest}) == workflow


@given(WORKFLOWS, WORKFLOWS, st.sampled_from(["connection", "labels", "statistics", "created_at", "version"]))
def test_any_cosmetic_field_of_another_workflow_changes_nothing(
    workflow: Workflow, other: Workflow, field: str
) -> None:
    assert digest(workflow.model_copy(update={field: getattr(other, field)})) == digest(workflow)


@given(JSON_VALUES, JSON_VALUES)
def test_config_values_that_differ_in_json_differ(one: Any, other: Any) -> None:
    digests = {digest(with_node(sample(), config={"x": value})) for value in (one, other)}
    assert len(digests) == (1 if exact(one) == exact(other) else 2)


def test_lone_surrogates_can_be_hashed_wherever_they_stand() -> None:
    values: tuple[Any, ...] = ({"x": "\ud800"}, {"\ud800": "x"}, {"x": {"\ud800": 2**70}})
    digests = {digest(with_node(sample(), config=value)) for value in values}
    assert len(digests) == 3


def exact(value: Any) -> Any:
    """Return a value that is equal for equal JSON only: `1`, `1.0` and `true` are three."""
    if isinstance(value, dict):
        return {name: exact(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [exact(inner) for inner in value]
    return repr(value)
