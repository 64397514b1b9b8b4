"""The real noxus-sdk makes its workflow, version, export and trigger calls against the emulator."""

from collections.abc import Callable, Iterator

import pytest
from noxus_sdk.client import Client
from noxus_sdk.errors import NotFoundError
from noxus_sdk.workflows import AgentFlowDefinition, WorkflowDefinition, WorkflowDefinitionV2
from noxus_sdk.workflows.validate import validate_workflow_definition
from pydantic import ValidationError

KEY = "nx_demo_noxus"


@pytest.fixture
def client(emulator: Callable[..., str]) -> Iterator[Client]:
    with Client(KEY, base_url=emulator("noxus")) as opened:
        yield opened


def echo(client: Client, name: str = "Echo") -> WorkflowDefinition:
    flow = WorkflowDefinition(client=client, name=name)
    given = flow.node("InputNode").config(label="Input 1", type="str")
    text = flow.node("TextGenerationNode").config(template="Say ((Input 1))", model=["gpt-4o-mini"])
    out = flow.node("OutputNode")
    flow.link(given.output(), text.input("variables", "Input 1"))
    flow.link(text.output(), out.input())
    return flow


def test_the_default_client_loads_the_catalogue_and_itself(emulator: Callable[..., str]) -> None:
    with Client(KEY, base_url=emulator("noxus")) as client:
        assert len(client.nodes) > 25
        assert client.admin.enabled is False
        assert client.admin.get_me().permissions == ["resource:delete_history"]
        assert client.get_nodes() == client.nodes


def test_the_client_can_be_made_from_the_environment(
    emulator: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOXUS_BACKEND_URL", emulator("noxus"))
    monkeypatch.setenv("NOXUS_API_KEY", KEY)
    with Client.from_env() as client:
        assert client.workflows.list()[0].name == "2048"


def test_the_default_list_is_readable_and_pages_follow(client: Client) -> None:
    first, second = client.workflows.list(), client.workflows.list(page=2, page_size=5)
    assert len(first) == 10
    assert [flow.id for flow in second] == [flow.id for flow in first[5:]]
    assert {flow.type for flow in first} == {"flow"}
    large = next(flow for flow in first if flow.name == "Weekly sales digest")
    assert (len(large.nodes), len(large.edges)) == (45, 73)
    assert client.workflows.list(page=99) == []


def test_agentflows_are_listed_read_saved_updated_and_deleted(client: Client) -> None:
    assert [flow.name for flow in client.agentflows.list()] == ["Delivery concierge", "Returns intake chat"]
    flow = AgentFlowDefinition(client=client, name="Greeter")
    flow.node("InputNode")
    saved = flow.save()
    assert (saved.type, client.agentflows.get(saved.id).name) == ("agent_flow", "Greeter")
    saved.name = "Farewell"
    saved.update()
    assert client.agentflows.update(saved.id, saved, force=True).name == "Farewell"
    chat = client.agentflows.save(AgentFlowDefinition(client=client, name="Twin")).run()
    assert chat.settings.agent_flow_id != saved.id
    chat = saved.run()
    assert chat.settings.agent_flow_id == saved.id
    client.agentflows.delete(saved.id)
    with pytest.raises(NotFoundError):
        client.agentflows.get(saved.id)


def test_a_workflow_is_saved_read_updated_and_deleted(client: Client) -> None:
    flow = echo(client)
    saved = client.workflows.save(flow)
    assert saved is flow
    assert saved.group_id is not None
    read = client.workflows.get(saved.id)
    assert read.to_noxus() == saved.to_noxus()
    assert validate_workflow_definition(read).valid
    read.name = "Echo 2"
    assert client.workflows.update(saved.id, read, force=True).name == "Echo 2"
    read.name = "Echo 3"
    read.update()
    assert saved.refresh().name == "Echo 3"
    client.workflows.delete(saved.id)
    with pytest.raises(NotFoundError, match="404 Workflow not found"):
        client.workflows.get(saved.id)


def test_every_flow_it_lists_survives_reading_and_writing_back(client: Client) -> None:
    for flow in client.workflows.list(page_size=10):
        before = client.workflows.get(flow.id).to_noxus()
        client.workflows.update(flow.id, flow, force=True)
        assert client.workflows.get(flow.id).to_noxus() == before


def test_a_v2_flow_is_saved_updated_and_run(client: Client) -> None:
    flow = WorkflowDefinitionV2(client=client, name="V2")
    asked = flow.input("Question")
    text = flow.node("TextGenerationV2").config(prompt=f":var[{asked.ref()}]")
    flow.edge(asked, text)
    flow.link(text, flow.output("Answer"), source_output="text_output")
    flow.save()
    raw = client.get(f"/v1/workflows/{flow.id}")
    assert (raw["flow_version"], raw["definition"]["nodes"][0]["name"]) == ("v2", None)
    flow.name = "V2 again"
    flow.update(force=True)
    assert client.get(f"/v1/workflows/{flow.id}")["name"] == "V2 again"
    assert flow.run({"Question": "why"}).wait(output_only=True) == {"Answer": "Answer: why"}
    assert list(flow.run_and_stream({}))[-1].is_terminal


def test_versions(client: Client) -> None:
    flow = echo(client).save()
    first = client.workflows.save_version(flow.id, flow, name="one", description="first")
    second = flow.save_version("two")
    assert [version.id for version in flow.list_versions()] == [second.id, first.id]
    changed = client.workflows.update_version(flow.id, str(first.id), "uno", None, flow)
    again = flow.update_version(str(second.id), "due", "second")
    assert (changed.name, changed.description, again.description) == ("uno", None, "second")
    listed = client.workflows.list_versions(flow.id)
    assert [(one.name, one.definition) for one in listed] == [
        ("due", flow.to_noxus()["definition"]),
        ("uno", flow.to_noxus()["definition"]),
    ]


def test_logs(client: Client) -> None:
    flow = client.workflows.save(echo(client))
    client.runs.run_sync(flow.id, {"Input 1": "hi"})
    columns = client.workflows.get_logs_columns(flow.id)
    (row,) = client.workflows.get_logs(flow.id)["rows"]
    assert list(row) == columns
    assert row["Input 1"] == "hi"


@pytest.mark.parametrize("version", ["auto", "v3", "v4"])
def test_export_and_import(client: Client, version: str) -> None:
    flow = client.workflows.save(echo(client))
    pinned = flow.save_version("pinned")
    assert client.workflows.export_preview(flow.id)["artifacts"][0]["id"] == flow.id
    assert client.workflows.export_preview(flow.id, version_id=str(pinned.id))["missing"] == []
    blob = client.workflows.export(flow.id, version=version, version_id=str(pinned.id))
    assert isinstance(blob, bytes)
    assert client.workflows.import_(blob, dry_run=True)[0]["id"] is None
    (copy,) = client.workflows.import_(blob, version=version)
    assert client.workflows.get(copy["id"]).to_noxus() == flow.to_noxus()
    (added,) = client.workflows.import_(blob.decode(), mode="version", activate=True)
    assert (added["id"], len(flow.list_versions())) == (flow.id, 2)
    (replaced,) = client.workflows.import_(blob, mode="replace")
    assert replaced["action"] == "replaced"


def test_what_the_sdk_cannot_read_is_in_the_seed_too(client: Client) -> None:
    """Unnamed v2 nodes, an empty `definition` and node types outside the catalogue break its v1 model."""
    by_name = {item["name"]: item for item in client.pget("/v1/workflows", page_size=100)}
    with pytest.raises(ValidationError, match="name"):
        client.workflows.get(by_name["Incident post-mortem"]["id"])
    read = WorkflowDefinitionV2.model_validate(
        client.get(f"/v1/workflows/{by_name['Incident post-mortem']['id']}")
    )
    assert sum(node.parent_id is not None for node in read.nodes) == 2
    with pytest.raises(ValidationError, match="name"):
        client.workflows.list(page=2)
    with pytest.raises(ValidationError, match="ScheduleTriggerNode not found"):
        client.workflows.get(by_name["Nightly stock check"]["id"])
    with pytest.raises(KeyError, match="nodes"):
        client.workflows.get(by_name["Untitled Workflow"]["id"])


def test_triggers(client: Client) -> None:
    flow = next(item for item in client.workflows.list() if item.name == "Invoice extraction")
    (nightly,) = client.triggers.list(flow.id)
    events = list(client.triggers.iter_events(flow.id, nightly["id"], page_size=3))
    assert len(events) == 4
    assert client.triggers.list_events(flow.id, nightly["id"], search="message 2", errored=False) == [
        events[-1]
    ]
    version = str(flow.list_versions()[0].id)
    made = client.triggers.create(flow.id, {"type": "webhook"}, version)
    changed = client.triggers.update(flow.id, made["id"], {"type": "email"}, workflow_version_id=version)
    assert changed["definition"] == {"type": "email"}
    assert client.triggers.delete(made["id"]) is True
    assert len(client.triggers.list(flow.id)) == 1
    everywhere = client.triggers.events(
        event_type="schedule", workflow_id=flow.id, started_run=True, page_size=50
    )
    assert everywhere == events
