"""A change of a workflow full of fields that nobody documents changes what it says, and nothing else."""

import asyncio
import copy
import json
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from adapters.contract import Fetched
from adapters.errors import InvalidRequest, VendorRejected
from adapters.promptlayer import VENDOR
from adapters.promptlayer.parts import parts
from adapters.writing import Change
from emulators.promptlayer.graph import deep_merge
from tests.vendors.promptlayer.helpers import document, node
from tests.vendors.promptlayer.serving import API, content_of, planted, read

values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(0, 1) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("uvw"), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(["u", "v", "w", "deep"]), values, max_size=4)
unknown = st.dictionaries(st.sampled_from(["x_position", "x_style", "x_notes"]), values, max_size=3)
NAMES = "abcde"


@st.composite
def full_documents(draw: st.DrawFn) -> Any:
    """A sound document with unknown fields everywhere."""
    count = draw(st.integers(1, len(NAMES)))
    nodes: list[Any] = []
    edges: list[Any] = []
    for index, name in enumerate(NAMES[:count]):
        needs = draw(st.lists(st.sampled_from([*NAMES[:index], "topic"]), unique=True, max_size=3))
        nodes.append(
            {
                "name": name,
                "node_type": draw(st.sampled_from(["CODE_EXECUTION", "ENDPOINT", "BRAND_NEW"])),
                "is_output_node": index == 0 or draw(st.booleans()),
                "configuration": draw(objects),
                "dependencies": needs,
                **draw(unknown),
            }
        )
        edges += [_edge(source, name, draw(unknown)) for source in needs if source != "topic"]
    return {
        "required_input_variables": {"topic": "string"},
        "nodes": nodes,
        "edges": edges,
        **draw(unknown),
    }


def _edge(source: str, target: str, more: Any) -> Any:
    rule = {
        "position": 0,
        "operator": "=",
        "left_config": {"type": "source", "source": {"name": source}},
        "right_config": {"type": "static_value", "static_value": 1},
    }
    ends = {"source_node_name": source, "target_node_name": target}
    return {**ends, "is_and": True, "conditionals": [rule], **more}


def exact(native: Any) -> str:
    return json.dumps(content_of(native), sort_keys=True)


def written_or_refused(native: Any, edit: Any) -> None:
    """Check that a change of the canonical form is written whole, or that nothing is."""

    async def check() -> None:
        async with planted(native) as http:
            fetched, workflow = await read(http, "1")
            rendered = VENDOR.mapping.render(edit(workflow), fetched.document)
            try:
                await API.update(http, "1", Change(rendered.document, fetched))
            except (InvalidRequest, VendorRejected) as error:
                event(type(error).__name__)
                wanted = fetched.document
            else:
                event("written")
                wanted = rendered.document
            after, _ = await read(http, "1")
            assert exact(after.document) == exact(wanted)

    asyncio.run(check())


@given(full_documents(), st.integers(0, 4), objects)
def test_a_changed_configuration_changes_nothing_else(native: Any, index: int, config: Any) -> None:
    def edit(workflow: Any) -> Any:
        nodes = list(workflow.graph.nodes)
        index_there = index % len(nodes)
        nodes[index_there] = nodes[index_there].model_copy(update={"config": config})
        graph = workflow.graph.model_copy(update={"nodes": tuple(nodes)})
        return workflow.model_copy(update={"graph": graph})

    written_or_refused(native, edit)


@given(full_documents(), st.integers(0, 4), values)
def test_a_field_added_to_a_configuration_is_always_written(native: Any, index: int, value: Any) -> None:
    async def check() -> None:
        async with planted(native) as http:
            fetched, _ = await read(http, "1")
            wanted = copy.deepcopy(fetched.document)
            wanted["nodes"][index % len(wanted["nodes"])]["configuration"]["added"] = value
            await API.update(http, "1", Change(wanted, fetched))
            after, _ = await read(http, "1")
            assert exact(after.document) == exact(wanted)
            assert after.document["version"] == 2

    asyncio.run(check())


@given(full_documents(), st.data())
def test_other_changes_of_the_graph_change_nothing_else(native: Any, data: st.DataObject) -> None:
    def edit(workflow: Any) -> Any:
        nodes, edges, outputs = list(workflow.graph.nodes), list(workflow.graph.edges), workflow.outputs
        choice = data.draw(st.sampled_from(["node gone", "edge gone", "output gone", "renamed", "input"]))
        if choice == "node gone":
            nodes.pop(data.draw(st.integers(0, len(nodes) - 1)))
        elif choice == "edge gone" and edges:
            edges.pop(data.draw(st.integers(0, len(edges) - 1)))
        elif choice == "output gone":
            outputs = outputs[1:]
        elif choice == "renamed":
            place = data.draw(st.integers(0, len(nodes) - 1))
            nodes[place] = nodes[place].model_copy(update={"name": "other"})
        else:
            return workflow.model_copy(update={"inputs": (*workflow.inputs, *_renamed(workflow.inputs))})
        update = {"nodes": tuple(nodes), "edges": tuple(edges)}
        graph = workflow.graph.model_copy(update=update)
        return workflow.model_copy(update={"graph": graph, "outputs": outputs})

    written_or_refused(native, edit)


def _renamed(inputs: Any) -> Any:
    return [one.model_copy(update={"name": f"{one.name} too"}) for one in inputs]


@given(objects, objects)
def test_the_part_of_a_configuration_merged_into_it_gives_the_wanted_one(base: Any, wanted: Any) -> None:
    before = document(node("a", configuration=base))
    found = parts(before, document(node("a", configuration=wanted)))
    if found is None:
        assert not_below(base, wanted), "only what a merge cannot say is posted whole"
        return
    part = found.get("nodes", {}).get("a", {}).get("configuration", {})
    assert json.dumps(deep_merge(base, part), sort_keys=True) == json.dumps(wanted, sort_keys=True)


def not_below(base: Any, wanted: Any) -> bool:
    """Say whether a key of the base is missing in what is wanted."""
    if not isinstance(base, dict) or not isinstance(wanted, dict):
        return False
    return any(key not in wanted or not_below(value, wanted[key]) for key, value in base.items())


def test_a_change_leaves_its_documents_alone() -> None:
    base = document(node("a", configuration={"u": {"v": 1}}))
    wanted = document(node("a", configuration={"u": {"v": 2}}))
    before = copy.deepcopy((base, wanted))
    parts(base, wanted)
    Change(wanted, Fetched(base))
    assert (base, wanted) == before
