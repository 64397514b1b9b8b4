"""What every vendor that can write, and run, does for the abilities that it claims: driven against its emulator."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any, TypeVar

import pytest
from typing_extensions import override

from adapters.contract import (
    Answer,
    Fetched,
    GetsAssistantWorkflow,
    GetsLabel,
    GetsVersion,
    GetsWorkflow,
    Http,
    ListsLabels,
    ListsVersions,
    ListsWorkflows,
    PageRequest,
    Parameters,
    Vendor,
)
from adapters.errors import InvalidRequest, VendorError, VendorNotFound
from adapters.rendering import same
from adapters.running import CancelsRun, FollowsRun, GetsRun, StartsRun
from adapters.writing import (
    Change,
    CreatesVersion,
    CreatesWorkflow,
    DeletesWorkflow,
    DetachesAssistantWorkflow,
    PromotesToAssistant,
    SetsLabel,
    UpdatesAssistantWorkflow,
    UpdatesVersion,
    UpdatesWorkflow,
    VersionContent,
)
from schemas.base import JsonObject, JsonValue
from schemas.graph import Graph
from schemas.runs import Run, RunEvent
from schemas.support import Ability
from schemas.workflow import Workflow
from schemas.writes import Promotion, RunStart
from tests.contract.conftest import served, vendors

Api = TypeVar("Api")

OWN = frozenset({"updated_at", "version", "labels", "digest", "diagnostics"})
"""What a write may change by itself."""


def able(*abilities: Ability) -> Any:
    """Parametrise with the vendors that claim all of these abilities."""
    able_ones = [
        name
        for name, vendor in vendors().items()
        if all(vendor.support[ability].available for ability in abilities)
    ]
    return pytest.mark.parametrize("name", able_ones)


def api(vendor: Vendor, protocol: type[Api]) -> Api:
    assert isinstance(vendor.api, protocol)
    return vendor.api


async def fetch(vendor: Vendor, http: Http, workflow_id: str) -> tuple[Fetched, Workflow]:
    fetched = await api(vendor, GetsWorkflow).fetch(http, workflow_id)
    return fetched, vendor.mapping.parse(fetched, "demo")


async def present(vendor: Vendor, http: Http) -> AsyncIterator[tuple[Fetched, Workflow]]:
    """Yield the seeded workflows that have a name and several nodes."""
    page = await api(vendor, ListsWorkflows).page(http, PageRequest(50))
    for item in page.items:
        try:
            found = await fetch(vendor, http, vendor.mapping.parse_summary(item, "demo").id)
        except VendorError:
            continue
        if found[1].name and len(found[1].graph.nodes) > 1:
            yield found


async def first(vendor: Vendor, http: Http) -> tuple[Fetched, Workflow]:
    return await anext(present(vendor, http))


def copy_of(vendor: Vendor, workflow: Workflow, name: str) -> JsonObject:
    """Return a document for a new workflow like this one."""
    wanted = workflow.model_copy(update={"id": "new", "name": name, "external_ids": ()})
    return vendor.mapping.render(wanted).document


def texts_in(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts_in(inner)


def with_text(value: JsonValue, old: str, new: str) -> JsonValue:
    if isinstance(value, dict):
        return {name: with_text(inner, old, new) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_text(inner, old, new) for inner in value]
    return new if value == old else value


def config_changed(workflow: Workflow) -> Workflow:
    """Return the workflow with the longest text in the configuration of its nodes changed: mostly a prompt."""
    text = max((text for node in workflow.graph.nodes for text in texts_in(node.config)), key=len)
    nodes = tuple(
        node.model_copy(update={"config": with_text(node.config, text, f"{text}, changed")})
        for node in workflow.graph.nodes
    )
    return workflow.model_copy(update={"graph": workflow.graph.model_copy(update={"nodes": nodes})})


def changes(workflow: Workflow) -> list[tuple[str, Workflow]]:
    """Return small changes, of which every vendor can make at least one."""
    found = [
        (name, workflow.model_copy(update={name: "Changed by a test"})) for name in ("name", "description")
    ]
    return [*found, ("graph", config_changed(workflow))]


def graph_of(workflow: Workflow) -> Graph:
    """Return the graph without the ids of nodes and edges: some vendors give new ones to every version."""
    nodes = tuple(node.model_copy(update={"id": None}) for node in workflow.graph.nodes)
    edges = tuple(edge.model_copy(update={"id": None}) for edge in workflow.graph.edges)
    return workflow.graph.model_copy(update={"nodes": nodes, "edges": edges})


def assert_only(name: str, before: Workflow, after: Workflow, wanted: Workflow) -> None:
    before, after, wanted = (
        one.model_copy(update={"graph": graph_of(one)}) for one in (before, after, wanted)
    )
    assert same(getattr(after, name), getattr(wanted, name))
    for other in type(before).model_fields.keys() - OWN - {name}:
        assert same(getattr(after, other), getattr(before, other)), other


async def refused(call: Awaitable[Any]) -> bool:
    """Say whether a call was refused before it was sent."""
    try:
        await call
    except InvalidRequest:
        return True
    return False


@able(Ability.CREATE_WORKFLOW)
async def test_a_workflow_that_was_made_can_be_read_and_is_listed(name: str) -> None:
    vendor = vendors()[name]
    async with served(vendor) as http:
        _, model = await first(vendor, http)
        written = await api(vendor, CreatesWorkflow).create(http, copy_of(vendor, model, "Made by a test"))
        _, made = await fetch(vendor, http, written.workflow_id)
        assert made.name == "Made by a test"
        assert len(made.graph.nodes) == len(model.graph.nodes)
        page = await api(vendor, ListsWorkflows).page(http, PageRequest(100))
        assert made.id in {vendor.mapping.parse_summary(item, "demo").id for item in page.items}
        if written.fetched is not None:
            assert vendor.mapping.parse(written.fetched, "demo").graph == made.graph


@able(Ability.CREATE_WORKFLOW, Ability.DELETE_WORKFLOW)
async def test_a_workflow_that_was_deleted_is_gone(name: str) -> None:
    vendor = vendors()[name]
    async with served(vendor) as http:
        _, model = await first(vendor, http)
        written = await api(vendor, CreatesWorkflow).create(http, copy_of(vendor, model, "Short-lived"))
        await api(vendor, DeletesWorkflow).delete(http, written.workflow_id)
        with pytest.raises(VendorNotFound):
            await fetch(vendor, http, written.workflow_id)
        with pytest.raises(VendorNotFound):
            await api(vendor, DeletesWorkflow).delete(http, written.workflow_id)


@able(Ability.UPDATE_WORKFLOW)
async def test_a_change_changes_its_field_and_nothing_else(name: str) -> None:
    vendor = vendors()[name]
    made = 0
    async with served(vendor) as http:
        _, model = await first(vendor, http)
        for field, _ in changes(model):
            fetched, before = await fetch(vendor, http, model.id)
            wanted = dict(changes(before))[field]
            rendered = vendor.mapping.render(wanted, fetched.base)
            change = Change(rendered.document, fetched)
            update = api(vendor, UpdatesWorkflow)
            if rendered.losses or await refused(update.update(http, model.id, change)):
                continue
            made += 1
            _, after = await fetch(vendor, http, model.id)
            assert_only(field, before, after, wanted)
    assert made, "the vendor takes none of the changes"


@able(Ability.CREATE_VERSION, Ability.LIST_VERSIONS)
async def test_a_version_that_was_made_is_listed(name: str) -> None:
    vendor = vendors()[name]
    async with served(vendor) as http:
        fetched, model = await first(vendor, http)
        before = await api(vendor, ListsVersions).versions(http, model.id)
        content = VersionContent(Change(fetched.document, fetched), "Saved by a test", "why")
        made = await api(vendor, CreatesVersion).create_version(http, model.id, content)
        after = await api(vendor, ListsVersions).versions(http, model.id)
        assert made.reference is not None
        assert {one.reference for one in after} - {one.reference for one in before} == {made.reference}
        reading = api(vendor, GetsVersion)
        read = vendor.mapping.parse(await reading.fetch_version(http, model.id, made.reference), "demo")
        assert graph_of(read) == graph_of(model)


@able(Ability.CREATE_VERSION, Ability.UPDATE_VERSION, Ability.GET_VERSION)
async def test_a_version_that_was_rewritten_reads_as_it_was_written(name: str) -> None:
    vendor = vendors()[name]
    async with served(vendor) as http:
        fetched, model = await first(vendor, http)
        content = VersionContent(Change(fetched.document, fetched), "Saved by a test", "why")
        made = await api(vendor, CreatesVersion).create_version(http, model.id, content)
        assert made.reference is not None
        held = await api(vendor, GetsVersion).fetch_version(http, model.id, made.reference)
        wanted = config_changed(vendor.mapping.parse(held, "demo"))
        document = vendor.mapping.render(wanted, held.base).document
        content = VersionContent(Change(document, held), "Renamed")
        again = await api(vendor, UpdatesVersion).update_version(http, model.id, made.reference, content)
        assert (again.reference, again.name) == (made.reference, "Renamed")
        read = vendor.mapping.parse(
            await api(vendor, GetsVersion).fetch_version(http, model.id, made.reference), "demo"
        )
        assert graph_of(read) == graph_of(wanted)
        _, working_copy = await fetch(vendor, http, model.id)
        assert graph_of(working_copy) == graph_of(model)


@able(Ability.SET_LABEL, Ability.LIST_LABELS)
async def test_a_label_that_was_set_points_at_the_content_of_its_version(name: str) -> None:
    vendor = vendors()[name]
    async with served(vendor) as http:
        _, model = await first(vendor, http)
        (*_, oldest) = await api(vendor, ListsVersions).versions(http, model.id)
        assert oldest.reference is not None
        label = await api(vendor, SetsLabel).set_label(http, model.id, "tested", oldest.reference)
        assert label.name == "tested"
        assert "tested" in {one.name for one in await api(vendor, ListsLabels).labels(http, model.id)}
        at_label = await api(vendor, GetsLabel).fetch_label(http, model.id, "tested")
        at_version = await api(vendor, GetsVersion).fetch_version(http, model.id, oldest.reference)
        graphs = [graph_of(vendor.mapping.parse(one, "demo")) for one in (at_label, at_version)]
        assert graphs[0] == graphs[1]


@able(
    Ability.PROMOTE_TO_ASSISTANT,
    Ability.GET_ASSISTANT_WORKFLOW,
    Ability.UPDATE_ASSISTANT_WORKFLOW,
    Ability.DETACH_ASSISTANT_WORKFLOW,
)
async def test_an_assistant_is_made_its_workflow_changed_and_the_link_ended(name: str) -> None:
    vendor = vendors()[name]
    async with served(vendor) as http:
        promoting = api(vendor, PromotesToAssistant)
        result = None
        async for _, model in present(vendor, http):
            try:
                result = await promoting.promote_to_assistant(http, model.id, Promotion(name="Helper"))
            except VendorError:
                continue
            break
        assert result is not None, "no workflow can be promoted"
        assistant, workflow_id = result.assistant_id, result.workflow_id
        assert workflow_id is not None
        assert assistant is not None
        reading = api(vendor, GetsAssistantWorkflow)
        fetched = await reading.fetch_assistant_workflow(http, assistant)
        before = vendor.mapping.parse(fetched, "demo")
        assert before.id == workflow_id
        wanted = before.model_copy(update={"description": "Changed by a test"})
        change = Change(vendor.mapping.render(wanted, fetched.base).document, fetched)
        await api(vendor, UpdatesAssistantWorkflow).update_assistant_workflow(http, assistant, change)
        _, after = await fetch(vendor, http, workflow_id)
        assert_only("description", before, after, wanted)
        detached = await api(vendor, DetachesAssistantWorkflow).detach_assistant_workflow(http, assistant)
        assert detached.assistant_id == assistant
        with pytest.raises(VendorNotFound):
            await reading.fetch_assistant_workflow(http, assistant)
        _, left = await fetch(vendor, http, workflow_id)
        assert left.graph == before.graph


async def started(vendor: Vendor, http: Http) -> Run:
    """Start a run of the first workflow that can be run."""
    async for _, model in present(vendor, http):
        try:
            return await api(vendor, StartsRun).start_run(
                http, model.id, RunStart(inputs={"question": "why"})
            )
        except VendorError:
            continue
    raise AssertionError("no workflow can be run")


@able(Ability.START_RUN, Ability.GET_RUN, Ability.FOLLOW_RUN)
async def test_a_run_is_followed_to_its_end(name: str) -> None:
    vendor = vendors()[name]
    async with served(vendor) as http:
        run = await started(vendor, http)
        assert run.workflow_id is not None
        assert not run.state.final
        events = api(vendor, FollowsRun).follow_run(http, run.workflow_id, run.id, None)
        seen: list[RunEvent] = [event async for event in events]
        ended = [event.run for event in seen if event.run is not None and event.run.state.final]
        assert ended
        assert seen[-1].run is ended[0]
        assert await api(vendor, GetsRun).run(http, run.workflow_id, run.id) == ended[0]


@able(Ability.START_RUN, Ability.CANCEL_RUN)
async def test_a_run_is_cancelled(name: str) -> None:
    vendor = vendors()[name]
    async with served(vendor) as http:
        run = await started(vendor, http)
        assert run.workflow_id is not None
        stopped = await api(vendor, CancelsRun).cancel_run(http, run.workflow_id, run.id)
        assert stopped.state.value == "cancelled"
        assert await api(vendor, GetsRun).run(http, run.workflow_id, run.id) == stopped


class Stopped(Exception):
    """Raised instead of the first call that would change something."""


class DryRun(Http):
    """Makes reads, and stops before the first change."""

    def __init__(self, http: Http) -> None:
        self._http = http

    @override
    async def get(self, *segments: str, parameters: Parameters | None = None) -> Answer:
        return await self._http.get(*segments, parameters=parameters)

    @override
    async def send(
        self, method: str, *segments: str, parameters: Parameters | None = None, body: JsonValue = None
    ) -> Answer:
        raise Stopped(f"{method} {segments}")


def _change(vendor: Vendor, fetched: Fetched, workflow: Workflow) -> Change:
    return Change(vendor.mapping.render(config_changed(workflow), fetched.base).document, fetched)


Write = Callable[[Any, Http, str, Change], Awaitable[Any]]
WRITES: Mapping[Ability, Write] = {
    Ability.CREATE_WORKFLOW: lambda api, http, _, change: api.create(http, change.document),
    Ability.UPDATE_WORKFLOW: lambda api, http, one, change: api.update(http, one, change),
    Ability.DELETE_WORKFLOW: lambda api, http, one, _: api.delete(http, one),
    Ability.CREATE_VERSION: lambda api, http, one, change: api.create_version(
        http, one, VersionContent(change, "A name", "why")
    ),
    Ability.PROMOTE_TO_ASSISTANT: lambda api, http, one, _: api.promote_to_assistant(
        http, one, Promotion(name="A name")
    ),
    Ability.START_RUN: lambda api, http, one, _: api.start_run(http, one, RunStart()),
}


@pytest.mark.parametrize(
    ("name", "ability"),
    [
        pytest.param(name, ability, id=f"{name}-{ability}")
        for name, vendor in vendors().items()
        for ability in WRITES
        if vendor.support[ability].available
    ],
)
async def test_reads_are_made_first_so_that_a_dry_run_changes_nothing(name: str, ability: Ability) -> None:
    vendor = vendors()[name]
    async with served(vendor) as http:
        fetched, model = await first(vendor, http)
        change = _change(vendor, fetched, model)
        with pytest.raises(Stopped):
            await WRITES[ability](vendor.api, DryRun(http), model.id, change)
        asked: Any = (await http.get("__emulator__", "requests")).document
        assert {request["method"] for request in asked} == {"GET"}
