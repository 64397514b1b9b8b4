"""What is sent to turn one version into another."""

import copy
from typing import Any

import pytest

from adapters.contract import Fetched
from adapters.errors import InvalidRequest, InvalidSegment, VendorSurprise
from adapters.promptlayer.bodies import creation
from adapters.promptlayer.planning import Plan, number_of_workflow, plan_change
from adapters.writing import Change
from tests.vendors.promptlayer.helpers import document, edge, edited, node

RULE = {
    "position": 0,
    "operator": "=",
    "left_config": {"type": "source", "source": {"name": "a"}},
    "right_config": {"type": "static_value", "static_value": 1},
}


@pytest.fixture
def base() -> Any:
    """Three nodes in a row, the last one an output, with a condition on the first link."""
    return document(
        node("a", "topic", configuration={"u": 1, "deep": {"v": [1], "w": {"x": None}}}),
        node("b", "a"),
        node("c", "b", is_output_node=True),
        edges=[edge("a", "b", RULE)],
        required_input_variables={"topic": "string"},
        commit_message="first",
        release_labels=["production"],
        external_ids=[{"source": "cms", "external_id": "1"}],
    )


def plan(base: Any, wanted: Any, **more: Any) -> Plan:
    before = copy.deepcopy((base, wanted))
    found = plan_change("w", Change(wanted, Fetched(base), **more))
    assert (base, wanted) == before
    return found


def parts(base: Any, wanted: Any, **more: Any) -> Any:
    """Return what is sent beside the version that it is sent over."""
    found = plan(base, wanted, **more)
    assert found.method == "PATCH"
    assert found.segments == ("rest", "workflows", "w")
    assert found.body["base_version"] == 1
    return {name: value for name, value in found.body.items() if name != "base_version"}


def test_without_a_difference_there_is_nothing_to_send(base: Any) -> None:
    found = plan(base, copy.deepcopy(base))
    assert not found.differs
    assert found.body == {"base_version": 1}
    assert (found.attached, found.detached) == ((), ())


def test_only_the_part_of_a_configuration_that_differs_is_sent(base: Any) -> None:
    def edit(wanted: Any) -> None:
        wanted["nodes"][0]["configuration"]["deep"]["w"]["x"] = {"new": 1}
        wanted["nodes"][0]["configuration"]["deep"]["v"] = [True]

    change = {"deep": {"w": {"x": {"new": 1}}, "v": [True]}}
    assert parts(base, edited(base, edit)) == {"nodes": {"a": {"configuration": change}}}


def test_one_and_true_differ(base: Any) -> None:
    wanted = edited(base, lambda wanted: wanted["nodes"][0]["configuration"].update(u=True))
    assert parts(base, wanted) == {"nodes": {"a": {"configuration": {"u": True}}}}


def test_a_key_that_is_new_is_sent_even_as_null(base: Any) -> None:
    wanted = edited(base, lambda wanted: wanted["nodes"][0]["configuration"].update(new=None))
    assert parts(base, wanted) == {"nodes": {"a": {"configuration": {"new": None}}}}


def test_other_fields_of_a_node_are_sent_whole(base: Any) -> None:
    def edit(wanted: Any) -> None:
        wanted["nodes"][1].update(node_type="ENDPOINT", is_output_node=True, dependencies=["a", "topic"])

    sent = {"node_type": "ENDPOINT", "is_output_node": True, "dependencies": ["a", "topic"]}
    assert parts(base, edited(base, edit)) == {"nodes": {"b": sent}}


def test_a_node_that_goes_is_null_and_takes_its_edges_with_it(base: Any) -> None:
    def edit(wanted: Any) -> None:
        wanted["nodes"][1]["dependencies"] = []
        del wanted["nodes"][0]
        wanted["edges"] = []

    assert parts(base, edited(base, edit)) == {"nodes": {"a": None, "b": {"dependencies": []}}}


def test_what_is_no_edge_stays_when_a_node_goes(base: Any) -> None:
    bare = {field: value for field, value in base["edges"][0].items() if field != "conditionals"}
    base["edges"] = [7, {"target_node_name": 3}, bare]

    def edit(wanted: Any) -> None:
        del wanted["nodes"][2]
        wanted["nodes"][1]["is_output_node"] = True

    assert parts(base, edited(base, edit)) == {"nodes": {"c": None, "b": {"is_output_node": True}}}


def test_a_new_node_comes_last_without_ids(base: Any) -> None:
    wanted = edited(base, lambda wanted: wanted["nodes"].append(node("d", "c", is_output_node=None)))
    new = {"node_type": "CODE_EXECUTION", "configuration": {}, "dependencies": ["c"]}
    assert parts(base, wanted) == {"nodes": {"d": new}}


def test_edges_are_replaced_by_all_of_them_without_ids(base: Any) -> None:
    def edit(wanted: Any) -> None:
        wanted["edges"].append(edge("b", "c", {**RULE, "operator": "=="}, {"operator": "~"}, 7, is_and=False))

    (first, second) = parts(base, edited(base, edit))["edges"]
    assert first == {
        "source_node_name": "a",
        "target_node_name": "b",
        "is_and": True,
        "conditionals": [RULE],
    }
    assert second["conditionals"] == [RULE, {"operator": "~"}, 7], "writing takes = where reading says =="


@pytest.mark.parametrize("spelling", ["=", "=="])
def test_the_spelling_of_an_operator_is_no_difference(base: Any, spelling: str) -> None:
    wanted = edited(base, lambda wanted: wanted["edges"][0]["conditionals"][0].update(operator=spelling))
    assert not plan(base, wanted).differs


def test_inputs_are_replaced(base: Any) -> None:
    wanted = edited(base, lambda wanted: wanted.update(required_input_variables={"tone": "string"}))
    assert parts(base, wanted) == {"required_input_variables": {"tone": "string"}}
    assert parts(base, {**base, "required_input_variables": None}) == {"required_input_variables": {}}


def test_a_note_that_changed_is_the_new_versions(base: Any) -> None:
    assert parts(base, {**base, "commit_message": "second"}) == {"commit_message": "second"}
    assert not plan(base, {**base, "commit_message": None}).differs
    assert parts(base, {**base, "commit_message": "second"}, note="given") == {"commit_message": "given"}


def test_labels_move_when_they_are_named(base: Any) -> None:
    wanted = {**base, "release_labels": ["production", "beta"]}
    assert parts(base, wanted, labels=("beta", "eu")) == {"release_labels": ["production", "beta", "eu"]}
    assert parts(base, base, labels=("eu",)) == {"release_labels": ["eu"]}


def test_a_label_cannot_be_taken_away(base: Any) -> None:
    with pytest.raises(InvalidRequest, match="'production'") as caught:
        plan(base, {**base, "release_labels": ["beta"]})
    assert caught.value.parameter == "labels"


@pytest.mark.parametrize(
    ("field", "value", "parameter"),
    [
        ("workflow_name", "other", "name"),
        ("name", "other", "name"),
        ("workflow", {"name": "other"}, "name"),
        ("workflow", {"id": 7}, "workflow"),
        ("workflow_id", 2, "workflow_id"),
        ("folder_id", 3, "folder_id"),
        ("tags", ["x"], "tags"),
        ("version", 9, "version"),
        ("is_deleted", True, "is_deleted"),
    ],
)
def test_what_no_call_can_change_is_refused(base: Any, field: str, value: Any, parameter: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        plan(base, {**base, field: value})
    assert caught.value.parameter == parameter


@pytest.mark.parametrize(
    "edit",
    [
        lambda wanted: wanted["nodes"][0]["configuration"].pop("u"),
        lambda wanted: wanted["nodes"][0]["configuration"]["deep"].pop("v"),
        lambda wanted: wanted["nodes"][0].pop("dependencies"),
        lambda wanted: wanted["nodes"][0].update(node_type=None),
        lambda wanted: wanted["nodes"].reverse(),
        lambda wanted: wanted["nodes"].insert(0, node("first")),
        lambda wanted: wanted["nodes"][0].update(name="b"),
        lambda wanted: wanted["nodes"][0].pop("name"),
        lambda wanted: wanted["nodes"].append("no node"),
    ],
)
def test_what_parts_cannot_say_is_posted_whole(base: Any, edit: Any) -> None:
    wanted = edited(base, edit)
    found = plan(base, wanted)
    assert (found.method, found.segments, found.differs) == ("POST", ("rest", "workflows"), True)
    assert found.body.keys() == {"workflow_id", "nodes", "edges", "required_input_variables"}
    assert found.body["workflow_id"] == 1
    bare = [
        {field: value for field, value in one.items() if field != "id"} if isinstance(one, dict) else one
        for one in wanted["nodes"]
    ]
    assert found.body["nodes"] == bare


@pytest.mark.parametrize(
    "widen",
    [
        lambda document: document.update(x_unknown=1),
        lambda document: document["nodes"][2].update(x_unknown=1),
        lambda document: document["edges"][0].update(x_unknown=1),
    ],
)
def test_nothing_is_posted_whole_that_holds_unknown_fields(base: Any, widen: Any) -> None:
    base = edited(base, widen)
    wanted = edited(base, lambda wanted: wanted["nodes"][0]["configuration"].pop("u"))
    with pytest.raises(InvalidRequest, match="could be lost") as caught:
        plan(base, wanted)
    assert caught.value.parameter == "x_unknown"


def test_edges_with_unknown_fields_stay_as_they_are(base: Any) -> None:
    base["edges"][0]["style"] = "dotted"
    wanted = edited(base, lambda wanted: wanted["nodes"][0]["configuration"].update(u=2))
    assert parts(base, wanted) == {"nodes": {"a": {"configuration": {"u": 2}}}}
    with pytest.raises(InvalidRequest) as caught:
        plan(base, edited(base, lambda wanted: wanted["edges"][0].update(is_and=False)))
    assert caught.value.parameter == "style"


@pytest.mark.parametrize("index", [0, 3])
def test_a_field_of_a_node_that_nobody_documents_cannot_be_changed(base: Any, index: int) -> None:
    wanted = edited(base, lambda wanted: wanted["nodes"].append(node("d")))
    wanted["nodes"][index]["position"] = {"x": 1}
    with pytest.raises(InvalidRequest) as caught:
        plan(base, wanted)
    assert caught.value.parameter == "position"


def test_external_ids_have_calls_of_their_own(base: Any) -> None:
    entries = [{"source": "crm", "external_id": "2"}, {"source": "no id"}, 7]
    found = plan(base, {**base, "external_ids": entries})
    assert not found.differs
    assert (found.attached, found.detached) == ((("crm", "2"),), (("cms", "1"),))
    assert found.mappings == ("workflows", "1", "external-ids")


def test_an_external_id_that_cannot_be_in_a_path_is_refused_before_anything_is_sent(base: Any) -> None:
    base["external_ids"] = [{"source": "cms", "external_id": ".."}]
    with pytest.raises(InvalidSegment):
        plan(base, {**base, "external_ids": []})


def test_a_version_that_is_not_numbered_is_written_over_the_latest(base: Any) -> None:
    del base["version"]
    assert plan(base, {**base, "commit_message": "second"}).body == {"commit_message": "second"}
    example = {**base, "version_number": 4}
    assert plan(example, {**example, "commit_message": "x"}).body["base_version"] == 4


@pytest.mark.parametrize("found", [{}, {"workflow_id": None}, {"workflow_id": "x"}, {"workflow_id": "٣"}])
def test_a_workflow_without_a_number_is_a_surprise_where_one_is_needed(found: Any) -> None:
    with pytest.raises(VendorSurprise):
        number_of_workflow(found)


def test_a_creation_is_a_detail_document_without_what_the_vendor_gives(base: Any, load: Any) -> None:
    base.update(created_at="2026-09-01T08:00:00Z", success=True, is_deleted=False, folder_id=61, x=None)
    body = creation(base)
    assert body.pop("nodes")[0].keys() == base["nodes"][0].keys() - {"id"}
    assert "id" not in body.pop("edges")[0]
    assert body == {
        "name": "n",
        "required_input_variables": {"topic": "string"},
        "commit_message": "first",
        "release_labels": ["production"],
        "external_ids": [{"source": "cms", "external_id": "1"}],
        "folder_id": 61,
    }
    wrapped = creation(load("get_wrapper_only"))
    assert wrapped["name"] == load("get_wrapper_only")["workflow"]["name"]


def test_a_body_of_a_creation_is_sent_as_it_is() -> None:
    body = {"name": "n", "nodes": [{"name": "a", "x": 1}, 7], "edges": "odd", "folder_id": 3, "new": {}}
    assert creation(body) == body
    assert creation({"nodes": []}) == {"nodes": []}, "the vendor makes up a name"


def test_a_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidRequest) as caught:
        creation({"name": 7, "nodes": []})
    assert caught.value.parameter == "name"
