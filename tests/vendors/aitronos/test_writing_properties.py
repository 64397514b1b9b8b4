"""One change of a document full of unknown fields changes nothing else in the vendor's copy."""

import asyncio
import copy
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from adapters.aitronos.api import Api
from adapters.aitronos.record import FIELDS
from adapters.contract import Fetched, Http
from adapters.writing import Change
from emulators.aitronos.backend import AitronosBackend
from emulators.aitronos.records import Workflow as Record
from schemas.workflow import Workflow
from tests.vendors.aitronos.helpers import RECORDED, differences, over_socket, parse, recording, render

API = Api()
RELAXED = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

NOISE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
UNKNOWN = st.text(max_size=4).map(lambda name: f"x_{name}")
UNKNOWN_FIELDS = st.dictionaries(UNKNOWN, NOISE, max_size=3)


class Desk:
    """The emulator behind a socket, and a transport to it, for tests that are no coroutines."""

    def __init__(self, runner: asyncio.Runner, http: Http, backend: AitronosBackend) -> None:
        self._runner = runner
        self._http = http
        self._backend = backend

    def plant(self, document: Any) -> str:
        """Put a record among the vendor's workflows as it is."""
        self._backend.reset()
        known = {
            name: value for name, value in document.items() if name in FIELDS and name != "has_assistant"
        }
        extra = {name: value for name, value in document.items() if name not in FIELDS}
        facts = {"name": "A", "is_active": True}
        # What the server itself reckons with has to be as it would write it.
        own = {"id": "flow_1", "created_at": 1, "updated_at": 1, "version": 1, "assistant_id": None}
        fields = {**facts, **known, **own, "organization_id": self._backend.state.organization_id}
        found = Record(**copy.deepcopy(fields), extra=copy.deepcopy(extra))
        self._backend.state.workflows[found.id] = found
        return found.id

    def fetched(self, workflow_id: str) -> Fetched:
        return self._runner.run(API.fetch(self._http, workflow_id))

    def patch(self, workflow_id: str, patch: Any) -> tuple[Any, Any, tuple[str, ...]]:
        """Change the canonical form as the gateway does; the vendor's copy before and after, and what is lost."""
        base = self.fetched(workflow_id)
        before = parse(base.document)
        written = json.loads(before.model_dump_json(exclude_none=True))
        touched = Workflow.model_validate(merged(written, patch))
        wanted = before.model_copy(update={name: getattr(touched, name) for name in patch})
        rendered = render(wanted, base.document)
        self._runner.run(API.update(self._http, workflow_id, Change(rendered.document, base)))
        after = self.fetched(workflow_id).document
        return base.document, after, tuple(loss.path for loss in rendered.losses)


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396, once more: the gateway's own is not what is tested here."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        result[name] = merged(result.get(name), value)
    return {name: value for name, value in result.items() if value is not None or name not in patch}


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with asyncio.Runner() as runner:
        opened = over_socket("strict_bodies")
        http, backend = runner.run(opened.__aenter__())
        yield Desk(runner, http, backend)
        runner.run(opened.__aexit__(None, None, None))


def objects_in(value: Any) -> list[dict[str, Any]]:
    """Every object at any depth of a JSON value."""
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value] if isinstance(value, dict) else []
    return own + [found for child in children for found in objects_in(child)]


@st.composite
def mutated(draw: st.DrawFn, *names: str) -> Any:
    """A recording with fields nobody knows strewn over it, at any depth."""
    document = copy.deepcopy(recording(draw(st.sampled_from(names or RECORDED))))
    if document.get("definition") is None:
        document["definition"] = {}
    places = objects_in(document)
    for place in draw(st.lists(st.sampled_from(range(len(places))), max_size=4)):
        places[place].update(draw(UNKNOWN_FIELDS))
    document.update(draw(UNKNOWN_FIELDS))
    return document


def changed_places(before: Any, after: Any) -> list[str]:
    """Where the copies differ, but for what the vendor counts and dates itself."""
    return [place for place in differences(before, after) if place not in ("/updated_at", "/version")]


TEXTS = st.text(min_size=1, max_size=8)
PATCHES = st.one_of(
    st.tuples(st.just("/name"), st.builds(lambda text: {"name": text}, TEXTS)),
    st.tuples(st.just("/description"), st.builds(lambda text: {"description": text}, TEXTS | st.none())),
    st.tuples(
        st.just("/is_active"), st.builds(lambda s: {"status": s}, st.sampled_from(["active", "inactive"]))
    ),
    st.tuples(
        st.just("/external_id"),
        st.builds(lambda text: {"external_ids": [{"id": text}]}, TEXTS) | st.just({"external_ids": []}),
    ),
)


@given(document=mutated(), change=PATCHES)
@RELAXED
def test_a_changed_field_changes_nothing_else(desk: Desk, document: Any, change: Any) -> None:
    place, patch = change
    before, after, lost = desk.patch(desk.plant(document), patch)
    assert set(changed_places(before, after)) <= {place}
    assert lost == ()
    ((field, value),) = patch.items()
    read = json.loads(parse(after).model_dump_json())[field]
    assert read == ([{"source": None, **one} for one in value] if field == "external_ids" else value)
    assert {**after, "updated_at": 0, place[1:]: 0} == {**before, "updated_at": 0, place[1:]: 0}
    assert json.dumps(after["definition"]) == json.dumps(before["definition"])


N8N = [name for name in RECORDED if "n8n" in name and "broken" not in name]
REACT_FLOW = [name for name in RECORDED if "react_flow" in name]


CONNECTED = [name for name in (*N8N, *REACT_FLOW) if "nulls" not in name and "groups" not in name]


def nodes_of(workflow: Workflow) -> Any:
    return json.loads(workflow.model_dump_json(exclude_none=True))["graph"]["nodes"]


@given(document=mutated(*N8N, *REACT_FLOW), value=NOISE, data=st.data())
@RELAXED
def test_a_changed_configuration_is_all_that_changes_in_a_graph(
    desk: Desk, document: Any, value: Any, data: Any
) -> None:
    workflow_id = desk.plant(document)
    nodes = nodes_of(parse(desk.fetched(workflow_id).document))
    index = data.draw(st.integers(0, len(nodes) - 1))
    assume("fresh" not in nodes[index].get("config", {}))
    nodes[index]["config"] = {**nodes[index].get("config", {}), "fresh": value}
    before, after, lost = desk.patch(workflow_id, {"graph": {"nodes": nodes}})
    assert lost == ()
    places = changed_places(before, after)
    assert len(places) == 1
    assert places[0].startswith("/definition/nodes/")
    assert json.dumps(nodes_of(parse(after))[index]["config"]["fresh"]) == json.dumps(value)


def arrows_in(definition: Any) -> list[str]:
    """Every connection or edge of a definition, as it is written."""
    places = objects_in(definition.get("connections", definition.get("edges")))
    return [json.dumps(place) for place in places if "node" in place or "source" in place]


@given(document=mutated(*CONNECTED), data=st.data())
@RELAXED
def test_an_edge_that_is_taken_away_takes_nothing_with_it(desk: Desk, document: Any, data: Any) -> None:
    workflow_id = desk.plant(document)
    edges = json.loads(parse(desk.fetched(workflow_id).document).model_dump_json(exclude_none=True))["graph"][
        "edges"
    ]
    drawn = [index for index, edge in enumerate(edges) if not edge["derived"]]
    gone = data.draw(st.sampled_from(drawn))
    before, after, lost = desk.patch(workflow_id, {"graph": {"edges": edges[:gone] + edges[gone + 1 :]}})
    assert lost == ()
    places = changed_places(before, after)
    assert places
    assert all(place.startswith(("/definition/connections", "/definition/edges")) for place in places)
    left = Counter(arrows_in(before["definition"])) - Counter(arrows_in(after["definition"]))
    assert left.total() == 1


@given(document=mutated("get_opaque"), fields=UNKNOWN_FIELDS)
@RELAXED
def test_an_opaque_definition_is_changed_where_its_extension_is(
    desk: Desk, document: Any, fields: Any
) -> None:
    workflow_id = desk.plant(document)
    given_fields = {name: value for name, value in fields.items() if value is not None}
    patch = {"extensions": {"aitronos": {"definition": given_fields}}}
    before, after, lost = desk.patch(workflow_id, patch)
    assert lost == ()
    assert all(place.startswith("/definition/x_") for place in changed_places(before, after))
    assert parse(after).extensions["aitronos"]["definition"] == after["definition"]


@given(document=mutated(*N8N, *REACT_FLOW))
@RELAXED
def test_a_graph_given_as_it_was_read_sends_nothing(desk: Desk, document: Any) -> None:
    workflow_id = desk.plant(document)
    base = desk.fetched(workflow_id)
    graph = json.loads(parse(base.document).model_dump_json(exclude_none=True))["graph"]
    before, after, lost = desk.patch(workflow_id, {"graph": graph})
    assert lost == ()
    assert json.dumps(before) == json.dumps(after)
