"""What holds for every document: nothing raises, nothing is touched, nothing is lost in silence."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Fetched
from adapters.errors import VendorSurprise
from adapters.promptlayer import VENDOR
from schemas.digest import digest, digest_of
from schemas.graph import Edge
from schemas.json_codec import dumps
from schemas.workflow import Workflow
from tests.vendors.promptlayer.documents import (
    documents,
    exact,
    messy_documents,
    noise,
    sound_documents,
)

mapping = VENDOR.mapping


def parse(document: Any) -> Workflow:
    return mapping.parse(Fetched(document), "demo")


@given(noise | documents)
def test_parsing_raises_nothing_but_surprise_and_leaves_its_input_alone(document: Any) -> None:
    before = exact(document)
    try:
        workflow = parse(document)
    except VendorSurprise:
        return
    finally:
        assert exact(document) == before
    assert parse(document) == workflow
    digest(workflow)
    keys = {node.key for node in workflow.graph.nodes}
    assert len(keys) == len(workflow.graph.nodes)
    for edge in workflow.graph.edges:
        for end in (edge.source, edge.target):
            assert end.exists == (end.node in keys)


@given(documents)
def test_the_draft_of_any_document_is_what_its_model_would_write(document: Any) -> None:
    try:
        workflow = parse(document)
    except VendorSurprise:
        return
    draft = mapping.draft(Fetched(document), "demo")
    written = workflow.model_dump(exclude_none=True)
    assert dumps(dict(draft), sort_keys=True) == dumps(written, sort_keys=True)
    assert digest_of(draft) == digest(workflow)


@given(noise | messy_documents)
def test_the_short_draft_of_any_item_is_what_its_model_would_write(item: Any) -> None:
    try:
        summary = mapping.parse_summary(item, "demo")
    except VendorSurprise:
        return
    draft = mapping.draft_summary(item, "demo")
    assert dumps(dict(draft), sort_keys=True) == dumps(summary.model_dump(exclude_none=True), sort_keys=True)


@given(noise)
def test_a_listed_item_raises_nothing_but_surprise(item: Any) -> None:
    try:
        summary = mapping.parse_summary(item, "demo")
    except VendorSurprise:
        return
    assert summary.id


@given(documents)
def test_render_of_parse_is_the_document_itself(document: Any) -> None:
    try:
        workflow = parse(document)
    except VendorSurprise:
        return
    rendered = mapping.render(workflow, document)
    assert exact(rendered.document) == exact(document)
    assert rendered.losses == ()


@given(documents, documents)
def test_any_workflow_can_be_written_over_any_other(one: Any, other: Any) -> None:
    try:
        wanted, _ = parse(one), parse(other)
    except VendorSurprise:
        return
    before = exact(one), exact(other)
    rendered = mapping.render(wanted, other)
    assert (exact(one), exact(other)) == before
    again = parse(rendered.document)
    if not rendered.losses and all(node.key == node.name for node in wanted.graph.nodes):
        assert meaning(again) == meaning(wanted)
    parse(mapping.render(wanted).document)


@given(documents, st.integers(0, 9), st.dictionaries(st.text(max_size=3), noise, max_size=2))
def test_a_changed_configuration_changes_its_place_only(document: Any, index: int, config: Any) -> None:
    try:
        workflow = parse(document)
    except VendorSurprise:
        return
    nodes = list(workflow.graph.nodes)
    if not nodes:
        return
    index %= len(nodes)
    config = {"x_new": config}
    nodes[index] = nodes[index].model_copy(update={"config": config})
    graph = workflow.graph.model_copy(update={"nodes": tuple(nodes)})
    rendered = mapping.render(workflow.model_copy(update={"graph": graph}), document)
    readable = [at for at, node in enumerate(document["nodes"]) if isinstance(node, dict)]
    wanted = copy.deepcopy(document)
    wanted["nodes"][readable[index]]["configuration"] = config
    assert exact(rendered.document) == exact(wanted)


@given(documents, st.lists(st.sampled_from(["a", "b"]), max_size=2), st.text(max_size=3))
def test_changed_fields_change_their_places_only(document: Any, labels: list[str], note: str) -> None:
    try:
        workflow = parse(document)
    except VendorSurprise:
        return
    if workflow.version is None:
        return
    version = workflow.version.model_copy(update={"note": note})
    changed = workflow.model_copy(update={"labels": tuple(labels), "version": version})
    rendered = mapping.render(changed, document)
    wanted = dict(document)
    if note != workflow.version.note:
        wanted["commit_message"] = note
    if tuple(labels) != workflow.labels:
        wanted["release_labels"] = labels
    assert rendered.document == wanted
    assert rendered.losses == ()


def meaning(workflow: Workflow) -> tuple[Any, ...]:
    """What must survive: everything but the ids that the vendor gives, and the order of edges."""
    nodes = [exact(node.model_dump(exclude={"id"})) for node in workflow.graph.nodes]
    edges = sorted(exact(edge.model_dump(exclude={"id"})) for edge in workflow.graph.edges)
    named = (workflow.name, workflow.labels, workflow.external_ids)
    return nodes, edges, workflow.inputs, workflow.outputs, named, exact(workflow.extensions)


@given(sound_documents(), sound_documents())
def test_any_sound_graph_can_be_written_over_any_other(one: Any, other: Any) -> None:
    wanted = parse(one)
    rendered = mapping.render(wanted, other)
    assert meaning(parse(rendered.document)) == meaning(wanted)
    for loss in rendered.losses:
        assert loss.path == "/graph/edges" or loss.path.endswith("/id"), loss


@given(sound_documents())
def test_any_sound_graph_can_be_made_from_nothing(one: Any) -> None:
    wanted = parse(one)
    again = parse(mapping.render(wanted).document)
    assert meaning(again) == meaning(wanted)
    assert digest(_without_order(again)) == digest(_without_order(wanted))


def _without_order(workflow: Workflow) -> Workflow:
    def ends(edge: Edge) -> tuple[str, str]:
        return edge.target.node, edge.source.node

    graph = workflow.graph.model_copy(update={"edges": tuple(sorted(workflow.graph.edges, key=ends))})
    return workflow.model_copy(update={"graph": graph})
