"""What is sent to change, end and make the link between an agent and a workflow."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Fetched
from adapters.errors import InvalidRequest, VendorConflict, VendorNotFound, VendorSurprise
from adapters.noxus.api import NoxusApi
from adapters.noxus.links import is_linked, linked_workflow, settings_for, without_link
from adapters.writing import Change
from schemas.base import JsonObject, JsonValue
from schemas.writes import Promotion
from tests.vendors.noxus.helpers import WORKFLOW, FakeHttp, record, recording

API = NoxusApi()
AGENT = "v1/agents/an-agent"
PATCH, PUBLISH, CREATE = f"PATCH {AGENT}", f"POST {AGENT}/publish", "POST v1/agents"
ONE = f"v1/workflows/{WORKFLOW}"
LINKED: JsonObject = {
    "model_selection": ["m"],
    "agent_flow_id": None,
    "tools": [
        {"type": "memory", "x": 1},
        {"type": "workflow", "workflow_id": WORKFLOW, "enabled": True},
        {"type": "workflow", "workflow_id": WORKFLOW, "enabled": False},
        {"type": "workflow", "workflow_id": "another", "enabled": False},
        "odd",
    ],
}
FREED: JsonObject = {**LINKED, "tools": [LINKED["tools"][0], *LINKED["tools"][3:]]}


def agent(settings: JsonValue, draft: JsonValue = None) -> JsonObject:
    return {"id": "an-agent", "definition": settings, "draft_definition": draft}


async def test_the_linked_workflow_is_changed() -> None:
    http = FakeHttp({AGENT: agent(LINKED)}, writes={f"PATCH {ONE}": record(name="New")})
    change = Change(record(name="New"), Fetched(record()))
    written = await API.update_assistant_workflow(http, "an-agent", change)
    assert written.workflow_id == WORKFLOW
    assert http.sent == [(f"PATCH {ONE}?force=False", {"name": "New"})]


async def test_a_link_that_moved_meanwhile_is_a_conflict() -> None:
    http = FakeHttp({AGENT: agent({"agent_flow_id": "another"})})
    with pytest.raises(VendorConflict):
        await API.update_assistant_workflow(http, "an-agent", Change(record(name="New"), Fetched(record())))
    assert http.sent == []


async def test_a_workflow_is_taken_out_of_the_live_settings() -> None:
    http = FakeHttp({AGENT: agent(LINKED)}, writes={PATCH: agent(FREED)})
    result = await API.detach_assistant_workflow(http, "an-agent")
    assert (result.assistant_id, result.workflow_id) == ("an-agent", WORKFLOW)
    assert http.sent == [(PATCH, {"definition": FREED})]


async def test_where_the_change_makes_a_draft_it_is_published() -> None:
    http = FakeHttp({AGENT: agent(LINKED)}, writes={PATCH: agent(LINKED, FREED), PUBLISH: agent(FREED)})
    await API.detach_assistant_workflow(http, "an-agent")
    assert http.sent == [(PATCH, {"definition": FREED}), (PUBLISH, None)]


async def test_a_draft_that_had_been_begun_outlives_the_publishing() -> None:
    draft = {**LINKED, "temperature": 0.9}
    http = FakeHttp(
        {AGENT: agent(LINKED, draft)}, writes={PATCH: agent(LINKED, FREED), PUBLISH: agent(FREED)}
    )
    await API.detach_assistant_workflow(http, "an-agent")
    last = (PATCH, {"definition": {**FREED, "temperature": 0.9}})
    assert http.sent == [(PATCH, {"definition": FREED}), (PUBLISH, None), last]


@pytest.mark.parametrize(
    "writes",
    [
        {PATCH: agent(LINKED)},
        {PATCH: agent(LINKED, LINKED)},
        {PATCH: agent(LINKED, FREED), PUBLISH: agent(LINKED)},
        {PATCH: []},
        {PATCH: agent(LINKED, FREED), PUBLISH: None},
    ],
)
async def test_a_link_that_stays_is_a_surprise(writes: dict[str, JsonValue]) -> None:
    with pytest.raises(VendorSurprise):
        await API.detach_assistant_workflow(FakeHttp({AGENT: agent(LINKED)}, writes=writes), "an-agent")


async def test_an_answer_without_settings_is_taken_for_a_yes() -> None:
    http = FakeHttp({AGENT: agent(LINKED)}, writes={PATCH: {"id": "an-agent"}})
    assert (await API.detach_assistant_workflow(http, "an-agent")).workflow_id == WORKFLOW


async def test_nothing_is_sent_for_an_agent_without_a_workflow() -> None:
    http = FakeHttp({AGENT: agent({"tools": []})})
    with pytest.raises(VendorNotFound):
        await API.detach_assistant_workflow(http, "an-agent")
    assert http.sent == []


async def test_a_workflow_becomes_a_tool_of_a_new_agent() -> None:
    settings = {"model": ["preset:cost"], "temperature": 0.7, "max_tokens": 64000, "top_k": 40}
    workflow = record(settings=settings, description="What it does")
    http = FakeHttp({ONE: workflow}, writes={CREATE: {"id": "made"}})
    result = await API.promote_to_assistant(http, WORKFLOW, Promotion())
    assert (result.assistant_id, result.workflow_id) == ("made", WORKFLOW)
    ((call, body),) = http.sent
    assert call == CREATE
    assert body == {
        "name": "A name",
        "description": "What it does",
        "definition": {
            "temperature": 0.7,
            "max_tokens": 64000,
            "model": ["preset:cost"],
            "tools": [{"type": "workflow", "enabled": True, "workflow_id": WORKFLOW}],
        },
    }


async def test_an_agent_flow_becomes_the_agents_own() -> None:
    http = FakeHttp({ONE: record(type="agent_flow")}, writes={CREATE: {"id": "made"}})
    await API.promote_to_assistant(http, WORKFLOW, Promotion(name="Helper", description=""))
    definition = {"tools": [], "agent_flow_id": WORKFLOW}
    assert http.sent == [(CREATE, {"name": "Helper", "description": "", "definition": definition})]


@pytest.mark.parametrize(
    ("workflow", "promotion", "parameter"),
    [
        (record(), Promotion(primary_node_id="n"), "primary_node_id"),
        (record(name=None), Promotion(), "name"),
        (record(name=""), Promotion(), "name"),
    ],
)
async def test_what_an_agent_cannot_be_is_refused(
    workflow: JsonObject, promotion: Promotion, parameter: str
) -> None:
    http = FakeHttp({ONE: workflow})
    with pytest.raises(InvalidRequest) as caught:
        await API.promote_to_assistant(http, WORKFLOW, promotion)
    assert caught.value.parameter == parameter
    assert http.sent == []


@pytest.mark.parametrize("answer", [None, [], {}, {"id": None}, {"id": ""}])
async def test_a_promotion_has_to_name_the_agent(answer: Any) -> None:
    http = FakeHttp({ONE: record()}, writes={CREATE: answer})
    with pytest.raises(VendorSurprise):
        await API.promote_to_assistant(http, WORKFLOW, Promotion())


IDS = st.sampled_from(["a", "b", WORKFLOW])
VALUES = st.none() | st.booleans() | st.integers() | IDS
TOOLS = st.lists(
    st.one_of(
        VALUES,
        st.fixed_dictionaries(
            {}, optional={"type": st.just("workflow"), "workflow_id": IDS, "enabled": VALUES, "x": VALUES}
        ),
    ),
    max_size=5,
)
SETTINGS = st.fixed_dictionaries(
    {}, optional={"agent_flow_id": IDS | st.none(), "tools": TOOLS | VALUES, "model": VALUES, "y": VALUES}
)


@given(SETTINGS, IDS)
def test_taking_a_link_out_takes_out_nothing_else(settings: JsonObject, workflow_id: str) -> None:
    freed = without_link(settings, workflow_id)
    assert not is_linked(freed, workflow_id)
    assert without_link(freed, workflow_id) == freed
    if not is_linked(settings, workflow_id):
        assert freed == settings
    assert list(freed) == list(settings)
    assert {name: value for name, value in freed.items() if name not in ("tools", "agent_flow_id")} == {
        name: value for name, value in settings.items() if name not in ("tools", "agent_flow_id")
    }
    if isinstance(settings.get("tools"), list):
        gone = [tool for tool in settings["tools"] if tool not in freed["tools"]]
        assert all(tool["type"] == "workflow" and tool["workflow_id"] == workflow_id for tool in gone)


@pytest.mark.parametrize("kind", ["flow", "agent_flow", "handler", "odd"])
@pytest.mark.parametrize("settings", [None, {}, {"model": "one"}, {"model": []}, {"temperature": None}])
def test_an_agent_made_of_a_workflow_runs_it(kind: str, settings: JsonValue) -> None:
    made = settings_for(record(type=kind, settings=settings), WORKFLOW)
    assert linked_workflow(made) == WORKFLOW
    assert not made.keys() & {"model", "temperature"}


def test_the_recorded_agent_can_be_freed() -> None:
    settings = recording("agent_support_bot")["definition"]
    freed = without_link(settings, WORKFLOW)
    assert freed == {**settings, "tools": [settings["tools"][1]]}
