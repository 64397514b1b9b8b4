"""Writing a canonical workflow over its record, and from nothing."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.contract import Rendered
from adapters.noxus import VENDOR
from schemas.base import JsonObject
from schemas.diagnostics import Severity
from schemas.graph import WorkflowReference
from schemas.workflow import (
    AssistantLink,
    Author,
    DataType,
    ExternalId,
    Place,
    RunStatistics,
    Variable,
    Version,
    Workflow,
    WorkflowKind,
    WorkflowStatus,
)
from tests.vendors.noxus.helpers import ORDINARY, flow, names, node, parse, record, recording


def changed(base: JsonObject, **update: Any) -> Rendered:
    """Render with some fields changed; the base must not be."""
    before = copy.deepcopy(base)
    rendered = VENDOR.mapping.render(parse(base).model_copy(update=update), base)
    assert base == before
    return rendered


def differences(one: Any, other: Any, path: str = "") -> set[str]:
    """The pointers at which two JSON values differ, as deep as possible."""
    if isinstance(one, dict) and isinstance(other, dict):
        found: set[str] = set()
        for key in {**one, **other}:
            if (key in one) != (key in other):
                found.add(f"{path}/{key}")
            else:
                found |= differences(one[key], other[key], f"{path}/{key}")
        return found
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return {where for index, (a, b) in pairs for where in differences(a, b, f"{path}/{index}")}
    return set() if json.dumps(one) == json.dumps(other) else {path}


@pytest.mark.parametrize("name", names())
def test_nothing_changed_is_nothing_written(name: str) -> None:
    document = recording(name)
    rendered = VENDOR.mapping.render(parse(document), document)
    assert json.dumps(rendered.document) == json.dumps(document)
    assert rendered.losses == ()


@pytest.mark.parametrize(
    ("update", "places"),
    [
        ({"name": "Another"}, {"/name"}),
        ({"description": None}, {"/description"}),
        ({"kind": WorkflowKind.AGENT_FLOW}, {"/type"}),
        ({"kind": WorkflowKind.AUTOMATION, "native_kind": "inbox_process"}, {"/type"}),
        ({"native_kind": "brand_new"}, {"/type"}),
        ({"tags": ("support", "new")}, {"/meta/tags"}),
        ({"error_handler": WorkflowReference(id="w")}, {"/error_handler"}),
    ],
)
def test_a_changed_field_changes_its_own_place_only(update: dict[str, Any], places: set[str]) -> None:
    base = recording(ORDINARY)
    rendered = changed(base, **update)
    assert differences(base, rendered.document) == places
    assert rendered.losses == ()
    again = parse(rendered.document)
    assert {name: getattr(again, name) for name in update} == update


@pytest.mark.parametrize(
    ("update", "path", "severity"),
    [
        ({"id": "other"}, "/id", Severity.INFO),
        ({"name": None}, "/name", Severity.ERROR),
        ({"kind": WorkflowKind.UNKNOWN}, "/kind", Severity.WARNING),
        ({"native_kind": None}, "/native_kind", Severity.WARNING),
        ({"status": WorkflowStatus.DELETED}, "/status", Severity.WARNING),
        ({"status": WorkflowStatus.INACTIVE}, "/status", Severity.WARNING),
        ({"status": WorkflowStatus.ACTIVE}, "/status", Severity.INFO),
        ({"native_status": "on"}, "/native_status", Severity.WARNING),
        ({"version": Version(number=3, mutable=False)}, "/version", Severity.INFO),
        ({"labels": ("production",)}, "/labels", Severity.WARNING),
        ({"external_ids": (ExternalId(id="e"),)}, "/external_ids", Severity.WARNING),
        ({"created_at": datetime(2020, 1, 1, tzinfo=UTC)}, "/created_at", Severity.INFO),
        ({"author": Author(name="Me")}, "/author", Severity.INFO),
        ({"workspace": Place(id="w")}, "/workspace", Severity.INFO),
        ({"folder": Place(id="f")}, "/folder", Severity.WARNING),
        ({"assistant": AssistantLink(assistant_id="a")}, "/assistant", Severity.WARNING),
        ({"statistics": RunStatistics(runs=1)}, "/statistics", Severity.INFO),
        ({"error_handler": WorkflowReference(name="by name")}, "/error_handler", Severity.WARNING),
        ({"extensions": {"promptlayer": {"a": 1}, "noxus": {}}}, "/extensions/promptlayer", Severity.WARNING),
    ],
)
def test_what_cannot_be_carried_is_a_loss(update: dict[str, Any], path: str, severity: Severity) -> None:
    base = record()
    rendered = changed(base, **update)
    assert rendered.document == base
    assert [(loss.path, loss.severity) for loss in rendered.losses] == [(path, severity)]
    assert rendered.losses[0].reason


def test_a_pinned_error_handler_is_written_without_its_version() -> None:
    rendered = changed(record(), error_handler=WorkflowReference(id="w", version="3"))
    assert rendered.document["error_handler"] == "w"
    assert [loss.path for loss in rendered.losses] == ["/error_handler"]


def test_an_error_handler_can_be_taken_away() -> None:
    assert changed(record(error_handler="w"), error_handler=None).document["error_handler"] is None


def test_tags_that_could_not_be_read_survive() -> None:
    assert changed(record(meta={"tags": ["a", 5]}), tags=("b",)).document["meta"] == {"tags": ["b", 5]}
    assert changed(record(meta=None), tags=("b",)).document["meta"] == {"tags": ["b"]}


def test_extensions_are_written_where_they_came_from() -> None:
    base = record(
        saved=True,
        x=1,
        meta={"tags": ["t"], "icon": "old", "columns": []},
        settings={"top_p": 1, "is_coworker": True, "divider1": ""},
        definition={"nodes": [], "edges": [], "viewport": {"zoom": 1}},
    )
    wanted = {
        "saved": False,
        "y": {"new": True},
        "meta": {"icon": "new", "columns": []},
        "settings": {"is_coworker": True, "agent_flow_id": "w"},
        "definition": {},
    }
    rendered = changed(base, extensions={"noxus": wanted})
    assert rendered.losses == ()
    assert rendered.document == {
        **record(),
        "saved": False,
        "meta": {"tags": ["t"], "icon": "new", "columns": []},
        "settings": {"top_p": 1, "is_coworker": True, "divider1": "", "agent_flow_id": "w"},
        "definition": {"nodes": [], "edges": []},
        "y": {"new": True},
    }


def test_true_and_one_are_two_values() -> None:
    assert changed(record(saved=1), extensions={"noxus": {"saved": True}}).document["saved"] is True


def inputs(*variables: Variable) -> dict[str, Any]:
    return {"inputs": variables}


def one_input(**config: Any) -> JsonObject:
    return flow([node("a", "InputNode", node_config={"label": "Question", "type": "str", **config})])


def as_variable(**fields: Any) -> Variable:
    return Variable(name="Question", type=DataType.STRING, native_type="str", node="a").model_copy(
        update=fields
    )


@pytest.mark.parametrize(
    ("variable", "config"),
    [
        (as_variable(name="Query"), {"label": "Query", "type": "str"}),
        (as_variable(type=DataType.FILE), {"label": "Question", "type": "File"}),
        (as_variable(native_type="dict", type=DataType.OBJECT), {"label": "Question", "type": "dict"}),
        (
            as_variable(default="hi"),
            {"label": "Question", "type": "str", "fixed_value": True, "value": "hi"},
        ),
    ],
)
def test_a_changed_input_is_written_into_its_node(variable: Variable, config: JsonObject) -> None:
    rendered = changed(one_input(), inputs=(variable,))
    assert rendered.document["definition"]["nodes"][0]["node_config"] == config
    assert rendered.losses == ()


def test_a_fixed_value_can_be_taken_back() -> None:
    base = one_input(fixed_value=True, value="hi")
    rendered = changed(base, inputs=(as_variable(),))
    assert rendered.document["definition"]["nodes"][0]["node_config"]["fixed_value"] is False
    assert parse(rendered.document).inputs[0].default is None


def test_inputs_without_a_node_are_lost() -> None:
    rendered = changed(one_input(), inputs=(as_variable(), Variable(name="Extra")))
    assert [loss.path for loss in rendered.losses] == ["/inputs/1"]


def test_inputs_cannot_be_dropped_while_their_node_stays() -> None:
    rendered = changed(one_input(), inputs=(), outputs=(Variable(name="Out", node="a"),))
    assert [loss.path for loss in rendered.losses] == ["/inputs", "/outputs/0"]
    assert rendered.document == one_input()


def test_being_required_cannot_be_written() -> None:
    rendered = changed(one_input(), inputs=(as_variable(required=True),))
    assert [loss.path for loss in rendered.losses] == ["/inputs/0"]


def test_inputs_follow_their_changed_nodes() -> None:
    base = one_input()
    workflow = parse(base)
    (only,) = workflow.graph.nodes
    moved = only.model_copy(update={"config": {**only.config, "label": "Query"}})
    graph = workflow.graph.model_copy(update={"nodes": (moved,)})
    rendered = changed(base, graph=graph, inputs=(as_variable(name="Query"),))
    assert rendered.losses == ()
    assert parse(rendered.document).inputs[0].name == "Query"


NOT_CARRIED = ("version", "created_at", "updated_at", "deleted_at", "status", "author", "workspace")
CARRIED = sorted(
    set(Workflow.model_fields) - {*NOT_CARRIED, "statistics", "diagnostics", "digest", "native", "graph"}
)


@pytest.mark.parametrize("name", names())
def test_from_nothing_everything_comes_back_but_what_the_vendor_keeps(name: str) -> None:
    workflow = parse(recording(name))
    rendered = VENDOR.mapping.render(workflow)
    again = parse(rendered.document)
    lost = {loss.path.split("/")[1] for loss in rendered.losses}
    for field in CARRIED:
        assert getattr(again, field) == getattr(workflow, field) or field in lost, field
    assert "/id" in {loss.path for loss in rendered.losses}


@pytest.mark.parametrize("name", [ORDINARY, "get_workflow_large_v1_twelve_nodes", "get_workflow_agent_flow"])
def test_a_sound_graph_comes_back_from_nothing(name: str) -> None:
    workflow = parse(recording(name))
    rendered = VENDOR.mapping.render(workflow)
    assert parse(rendered.document).graph == workflow.graph
    losses = {loss.path: loss.severity for loss in rendered.losses}
    assert losses.pop("/published", None) is (Severity.WARNING if workflow.published else Severity.INFO)
    assert set(losses.values()) == {Severity.INFO}


def test_the_document_made_from_nothing_has_the_form_of_its_flow_version() -> None:
    workflow = parse(recording("get_workflow_typical_v2_edges_are_hints"))
    definition = VENDOR.mapping.render(workflow).document["definition"]
    assert definition["flow_version"] == "v2"
    assert set(definition["nodes"][0]) == {
        *("id", "type", "name", "node_config", "variable_bindings"),
        *("iterate_overrides", "parent_id", "display"),
    }
    assert set(definition["edges"][0]) == {"id", "source", "target", "source_handle", "target_handle"}
    assert parse(VENDOR.mapping.render(workflow).document).graph == workflow.graph


def test_a_workflow_without_a_name_cannot_be_made() -> None:
    workflow = parse(record(name=None))
    losses = {loss.path: loss.severity for loss in VENDOR.mapping.render(workflow).losses}
    assert losses["/name"] is Severity.ERROR


def test_an_opaque_definition_cannot_be_made_from_nothing() -> None:
    workflow = parse(recording("get_workflow_opaque_definition"))
    losses = {loss.path: loss.severity for loss in VENDOR.mapping.render(workflow).losses}
    assert losses["/graph"] is Severity.ERROR


def as_foreign(workflow: Workflow) -> Workflow:
    return workflow.model_copy(update={"vendor": "elsewhere"})


def test_a_workflow_of_another_vendor_without_a_kind_becomes_a_flow() -> None:
    workflow = as_foreign(parse(record())).model_copy(
        update={"kind": WorkflowKind.UNKNOWN, "native_kind": None}
    )
    rendered = VENDOR.mapping.render(workflow)
    assert rendered.document["type"] == "flow"
    assert {"/kind", "/native_kind"} & {loss.path for loss in rendered.losses} == {"/kind"}


def test_another_vendors_references_are_not_carried() -> None:
    base = record(type="their_word", error_handler="w1")
    base["definition"]["nodes"] = [node("a", "InvokeSubflowNode", subflow_id="w2", node_config={"k": 1})]
    rendered = VENDOR.mapping.render(as_foreign(parse(base)))
    assert "error_handler" not in rendered.document
    assert rendered.document["definition"]["nodes"][0]["subflow_id"] is None
    assert {"/error_handler", "/graph/nodes/0/subworkflow", "/graph/nodes/0/config", "/native_kind"} <= {
        loss.path for loss in rendered.losses
    }
