"""The Noxus-shaped API by description, beside the vendor that is code: the same, but for what no value can say."""

import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from adapters.contract import Fetched, PageRequest, Vendor
from adapters.errors import VendorError
from adapters.registry import load_all
from adapters.transport import Transport
from emulators.contract import EmulatorOptions
from emulators.control import build
from emulators.registry import load as load_emulator
from schemas.json_codec import dumps
from tests.described.captures import FOLDER, described

SECRET = "canary-credential-of-an-emulator"
CODED, DESCRIBED = "noxus", "noxus-described"
NAMES = sorted(path.stem for path in (FOLDER / CODED / "recordings").glob("get_*.json"))

BEYOND_VALUES = {
    "ports": "connectors are read out of three places, and out of the bindings of v2",
    "branches": "the conditions of a deciding node are a small language of their own",
    "inputs": "they are what the nodes of some types say in their configuration",
    "outputs": "likewise",
    "diagnostics": "each finds oddities where it looks; the seed document's are compared below",
    "digest": "taken over all of this",
}
"""Fields of a workflow or a node that only code fills in, with the reason."""

ODD: dict[str, dict[str, str]] = {
    "get_workflow_opaque_definition": {
        "/extensions/noxus": "a definition without nodes and edges is kept whole beside the graph",
    },
    "get_workflow_settings_in_every_form": {
        "/extensions/noxus/settings/divider_99": "interface noise is named one by one, not by how a name begins",
        "/settings/instructions/tone": "parts of a text that are no text spoil the whole",
        "/settings/model/models": "one text in place of an array of texts",
        "/settings/retries/status_codes": "numbers in texts are read",
        "/settings/tools/mcp_servers": "an object is kept whole as the configuration, its label and URL included",
        "/settings/tools/tools": "an object is kept whole as the configuration, its type included",
    },
    "get_workflow_typical_v2_edges_are_hints": {
        "/graph/edges": "references inside texts are no values that lie somewhere",
    },
    "get_workflow_unknown_node_type_dangling_edge_unknown_enum": {
        "/graph/edges/2/extensions": "a flag that is false nearly always is left out altogether",
    },
    "get_workflow_v1_odd_nodes_and_edges": {
        "/graph/edges": "the text form of an edge's ends cannot be taken apart",
        "/graph/nodes/1/extensions": "constants of inputs lie inside the list of inputs",
        "/graph/nodes/3/subworkflow/name": "code looks whether name and id contradict each other",
    },
    "get_workflow_v2_loops_and_bindings": {
        "/graph/edges": "references inside texts are no values that lie somewhere",
        "/graph/nodes/6/extensions": "a parent that is not there is only reported",
    },
}
"""Every remaining difference, with its reason: pointers and all that lies below them."""


def draft(vendor: str, name: str) -> Any:
    document = json.loads((FOLDER / CODED / "recordings" / f"{name}.json").read_bytes())
    known = {**load_all(), **described()}
    written = dumps(known[vendor].mapping.draft(Fetched(document), "demo"))
    return json.loads(written.replace(b'"noxus-described"', b'"noxus"'))


def differences(left: Any, right: Any, path: str = "") -> Iterator[str]:
    """Yield the pointers of everything that differs, but for the fields that only code fills in."""
    if isinstance(left, dict) and isinstance(right, dict):
        for name in sorted({*left, *right} - BEYOND_VALUES.keys()):
            if name in left and name in right:
                yield from differences(left[name], right[name], f"{path}/{name}")
            else:
                yield f"{path}/{name}"
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from differences(one, other, f"{path}/{index}")
    elif left != right:
        yield path


def lies_in(path: str, place: str) -> bool:
    return path == place or path.startswith(place + "/")


@pytest.mark.parametrize("name", NAMES)
def test_the_canonical_documents_are_the_same_but_for_what_is_listed(name: str) -> None:
    found = list(differences(draft(CODED, name), draft(DESCRIBED, name)))
    places = ODD.get(name, {})
    assert [path for path in found if not any(lies_in(path, place) for place in places)] == []
    needless = [place for place in places if not any(lies_in(path, place) for path in found)]
    assert needless == [], "a difference that is there no more must go from the list"


@pytest.mark.parametrize("name", [name for name in NAMES if "doc_example" in name])
def test_the_seed_documents_shape_is_wholly_the_same(name: str) -> None:
    coded, by_description = draft(CODED, name), draft(DESCRIBED, name)
    for workflow in (coded, by_description):
        workflow["diagnostics"] = [(found["code"], found["path"]) for found in workflow["diagnostics"]]
    assert by_description == coded


def test_short_forms_are_the_same() -> None:
    page = json.loads((FOLDER / CODED / "recordings" / "list_workflows_page.json").read_bytes())
    coded, by_description = (load_all()[CODED].mapping, described()[DESCRIBED].mapping)
    assert page["items"]
    for item in page["items"]:
        expected = json.loads(dumps(coded.draft_summary(item, "demo")))
        found = json.loads(dumps(by_description.draft_summary(item, "demo")))
        assert found == {**expected, "vendor": DESCRIBED}


def test_a_version_out_of_the_list_is_the_same() -> None:
    folder = FOLDER / CODED / "recordings"
    (version, *_) = json.loads((folder / "versions_bare_array.json").read_bytes())
    record = json.loads((folder / "get_workflow_typical_v1_three_nodes.json").read_bytes())
    fetched = Fetched(record, version_document=version)
    drafts = [
        json.loads(dumps(vendor.mapping.draft(fetched, "demo")).replace(b'"noxus-described"', b'"noxus"'))
        for vendor in (load_all()[CODED], described()[DESCRIBED])
    ]
    assert drafts[1]["version"]["id"] == version["id"]
    assert list(differences(*drafts)) == []


@contextlib.asynccontextmanager
async def emulated(vendor: Vendor) -> AsyncIterator[Transport]:
    application = build(load_emulator(CODED), EmulatorOptions(api_key=SECRET))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(application))
    async with Transport(vendor, "http://emulator", SECRET, None, client) as transport:
        yield transport


async def walk(vendor: Vendor, size: int) -> dict[str, Any]:
    """Every workflow of the emulator by its id: how it is listed and how it reads, None if it cannot be read."""
    api: Any = vendor.api
    found: dict[str, Any] = {}
    async with emulated(vendor) as http:
        position: str | None = None
        while True:
            page = await api.page(http, PageRequest(size, position))
            for item in page.items:
                summary = vendor.mapping.parse_summary(item, "demo")
                try:
                    fetched = await api.fetch(http, summary.id)
                except VendorError:
                    found[summary.id] = (summary, None)
                    continue
                workflow = vendor.mapping.parse(fetched, "demo")
                assert vendor.mapping.render(workflow, fetched.document).document == fetched.document
                found[summary.id] = (summary, workflow)
            position = page.next_position
            if position is None:
                return found


@pytest.mark.parametrize("size", [5, 100])
async def test_an_emulators_workflows_are_the_same_through_both(size: int) -> None:
    coded = await walk(load_all()[CODED], size)
    by_description = await walk(described()[DESCRIBED], size)
    assert list(by_description) == list(coded)
    for identifier, (summary, workflow) in coded.items():
        other, other_workflow = by_description[identifier]
        assert other.model_copy(update={"vendor": CODED}) == summary
        if workflow is None:
            assert other_workflow is None
            continue
        without_tools = [
            each.settings and each.settings.model_copy(update={"tools": None})
            for each in (workflow, other_workflow)
        ]
        assert without_tools[0] == without_tools[1]
        own = [edge for edge in workflow.graph.edges if not edge.derived]
        assert [node.key for node in other_workflow.graph.nodes] == [
            node.key for node in workflow.graph.nodes
        ]
        assert len(other_workflow.graph.edges) == len(own)
