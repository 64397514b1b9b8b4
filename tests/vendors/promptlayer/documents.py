"""Documents of every kind to try things on: messy ones, damaged recordings, and those that the vendor promises."""

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from adapters.promptlayer.node_types import ROLES

RECORDINGS = [
    json.loads(path.read_bytes())
    for path in sorted((Path(__file__).parent / "recordings").glob("get_*.json"))
]
FIELDS = (
    *("id", "name", "type", "value", "source", "sources", "success", "message", "workflow", "version"),
    *("version_number", "node_type", "configuration", "dependencies", "is_output_node", "edges", "nodes"),
    *("conditionals", "is_and", "operator", "left_config", "right_config", "static_value", "external_ids"),
    *("source_node_name", "target_node_name", "external_id", "release_labels", "required_input_variables"),
    *("engine", "model", "template", "prompt_name", "inline_template", "metadata", "workflow_id"),
    *("workflow_config", "prompt_config", "created_at"),
)
NAMES = ("a", "b", "c", "", "#1", "#0", "a/b", "ü", "\ud800")

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(NAMES)
    | st.text(max_size=6)
)
noise = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=12,
)


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The documented thing mostly, anything sometimes."""
    return st.integers(0, 7).flatmap(lambda dice: noise if dice == 0 else strategy)


names = some(st.sampled_from(NAMES))
operands = some(
    st.fixed_dictionaries({"type": st.just("source"), "source": st.fixed_dictionaries({"name": names})})
    | st.fixed_dictionaries({"type": st.just("static_value"), "static_value": scalars})
)
configurations = some(
    st.fixed_dictionaries(
        {},
        optional={
            "source": names,
            "sources": some(st.lists(names, max_size=3)),
            "input_mappings": some(st.dictionaries(st.text(max_size=2), names, max_size=2)),
            "engine": some(st.fixed_dictionaries({"model": scalars})),
            "template": some(st.fixed_dictionaries({"name": scalars})),
            "workflow_id": scalars,
            "workflow_config": noise,
            "prompt_config": noise,
        },
    )
)
messy_nodes = some(
    st.fixed_dictionaries(
        {},
        optional={
            "id": some(st.sampled_from(NAMES)),
            "workflow_version_id": some(st.integers(1, 2)),
            "name": names,
            "node_type": some(st.sampled_from([*ROLES, "BRAND_NEW_NODE"])),
            "is_output_node": some(st.booleans()),
            "configuration": configurations,
            "dependencies": some(st.lists(names, max_size=4)),
            "x": noise,
        },
    )
)
messy_edges = some(
    st.fixed_dictionaries(
        {},
        optional={
            "id": some(st.sampled_from(NAMES)),
            "source_node_name": names,
            "target_node_name": names,
            "is_and": some(st.booleans()),
            "conditionals": some(
                st.lists(
                    some(
                        st.fixed_dictionaries(
                            {"operator": some(st.sampled_from(["=", "==", "is_null", "~="]))},
                            optional={"left_config": operands, "right_config": operands, "position": noise},
                        )
                    ),
                    max_size=3,
                )
            ),
        },
    )
)
messy_documents = st.fixed_dictionaries(
    {"workflow_id": some(st.integers())},
    optional={
        "workflow_name": some(st.text(max_size=5)),
        "version": some(st.integers(1, 9)),
        "version_number": some(st.integers(1, 9)),
        "workflow_version_id": some(st.integers(1, 2)),
        "commit_message": noise,
        "created_at": some(st.sampled_from(["2026-09-01T08:00:00Z", "0001-01-01T00:00:00+09:00", 1e300])),
        "release_labels": some(st.lists(names, max_size=2)),
        "required_input_variables": some(st.dictionaries(st.sampled_from(NAMES), noise, max_size=3)),
        "nodes": some(st.lists(messy_nodes, max_size=5)),
        "edges": some(st.lists(messy_edges, max_size=5)),
        "external_ids": some(
            st.lists(some(st.fixed_dictionaries({"source": names, "external_id": names})), max_size=2)
        ),
        "workflow": some(st.fixed_dictionaries({"id": noise, "name": noise})),
        "workspace_id": noise,
        "user_id": noise,
        "is_deleted": noise,
        "x": noise,
    },
)


@st.composite
def damaged_recordings(draw: st.DrawFn) -> Any:
    """A recording with noise put over a few of its parts."""
    document = copy.deepcopy(draw(st.sampled_from(RECORDINGS)))
    for _ in range(draw(st.integers(1, 4))):
        holder = document
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            key = draw(st.sampled_from(keys))
            inner = holder[key]
            if not isinstance(inner, dict | list) or not inner or draw(st.integers(0, 3)) == 0:
                break
            holder = inner
        if draw(st.booleans()):
            holder[key] = draw(noise)
        elif len(holder) > 1:
            del holder[key]
    return document


documents = messy_documents | damaged_recordings()


@st.composite
def sound_documents(draw: st.DrawFn) -> Any:
    """A document as the vendor promises it: unique names, every link declared, every entry with a rule."""
    node_names = draw(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=6, unique=True))
    inputs = draw(st.lists(st.sampled_from(["topic", "tone"]), max_size=2, unique=True))
    nodes, edges = [], []
    for name in node_names:
        needs = draw(st.lists(st.sampled_from([*node_names, *inputs]), max_size=4, unique=True))
        nodes.append(
            {
                "id": f"{draw(st.integers(1, 3))}-{name}",
                "name": name,
                "node_type": draw(st.sampled_from(["CODE_EXECUTION", "ENDPOINT"])),
                "is_output_node": draw(st.booleans()),
                "configuration": draw(st.dictionaries(st.sampled_from(["u", "v"]), scalars, max_size=2)),
                "dependencies": needs,
            }
        )
        edges += [
            draw(sound_edge(source, name)) for source in needs if source in node_names and draw(st.booleans())
        ]
    return {
        "success": True,
        "workflow_id": 1,
        "workflow_name": "n",
        "version": 1,
        "workflow_version_id": 1,
        "required_input_variables": dict.fromkeys(inputs, "string"),
        "nodes": nodes,
        "edges": draw(st.permutations(edges)),
    }


def sound_edge(source: str, target: str) -> st.SearchStrategy[Any]:
    reference = st.fixed_dictionaries({"type": st.just("source"), "source": st.just({"name": source})})
    constant = st.fixed_dictionaries({"type": st.just("static_value"), "static_value": scalars})
    rule = st.fixed_dictionaries(
        {
            "position": st.just(0),
            "operator": st.sampled_from(["=", "!=", "<", "in"]),
            "left_config": reference,
            "right_config": constant,
        }
    )
    return st.fixed_dictionaries(
        {
            "id": st.just(f"{source}>{target}"),
            "source_node_name": st.just(source),
            "target_node_name": st.just(target),
            "is_and": st.booleans(),
            "conditionals": st.lists(rule, min_size=1, max_size=2),
        }
    )


def exact(value: Any) -> str:
    return json.dumps(value)
