"""Agents and the workflows they run. The link is kept by the agent; the workflow knows nothing of it."""

from adapters.contract import Fetched, Http
from adapters.errors import InvalidRequest, VendorConflict, VendorSurprise
from adapters.noxus.answers import json_object
from adapters.noxus.links import is_linked, linked_workflow, settings_for, settings_of, without_link
from adapters.noxus.reading import fetch
from adapters.noxus.writing import update
from adapters.writing import Change, Written
from schemas.base import JsonObject
from schemas.writes import AssistantResult, Promotion


class AgentCalls:
    """Gets and changes an agent's workflow, ends the link, makes an agent of a workflow."""

    async def fetch_assistant_workflow(self, http: Http, assistant_id: str) -> Fetched:
        """Return the workflow that an agent runs: its agent flow, else the one its tools name.

        Raises:
            VendorNotFound: there is no such agent, or it runs no workflow.
            VendorConflict: its tools name several workflows, and none of them is its own.
        """
        fetched = await fetch(http, linked_workflow(settings_of(await _agent(http, assistant_id))))
        return Fetched(fetched.document, body=fetched.body)

    async def update_assistant_workflow(self, http: Http, assistant_id: str, change: Change) -> Written:
        """Change the workflow that an agent runs, as `update` does.

        Raises:
            VendorConflict: the agent runs another workflow by now than the one that is changed.
        """
        workflow_id = linked_workflow(settings_of(await _agent(http, assistant_id)))
        if workflow_id != change.base.document.get("id"):
            raise VendorConflict("the agent runs another workflow now than when it was read")
        return await update(http, workflow_id, change)

    async def detach_assistant_workflow(self, http: Http, assistant_id: str) -> AssistantResult:
        """Take the workflow out of an agent's settings: PATCH, and publish where that made a draft only.

        A draft that was there before is kept; where the PATCH took its place, it is written anew without the link.

        Raises:
            VendorNotFound: there is no such agent, or it runs no workflow.
            VendorConflict: its tools name several workflows, and none of them is its own.
            VendorSurprise: the vendor kept the link.
        """
        agent = await _agent(http, assistant_id)
        settings, draft = settings_of(agent), agent.get("draft_definition")
        workflow_id = linked_workflow(settings)
        changed = await _rewrite(http, assistant_id, without_link(settings, workflow_id))
        if is_linked(changed.get("definition"), workflow_id):
            await _publish(http, assistant_id, changed, workflow_id)
            if isinstance(draft, dict):
                await _rewrite(http, assistant_id, without_link(draft, workflow_id))
        return AssistantResult(assistant_id=assistant_id, workflow_id=workflow_id)

    async def promote_to_assistant(
        self, http: Http, workflow_id: str, promotion: Promotion
    ) -> AssistantResult:
        """Make an agent that runs a workflow, named and described like it unless something else is asked for.

        Raises:
            InvalidRequest: one node is to answer, or neither workflow nor promotion has a name.
        """
        if promotion.primary_node_id is not None:
            message = "an agent of Noxus runs the whole workflow; no single node answers"
            raise InvalidRequest(message, "primary_node_id")
        workflow = (await fetch(http, workflow_id)).document
        name = promotion.name or workflow.get("name")
        if not isinstance(name, str) or not name:
            raise InvalidRequest("an agent of Noxus needs a name, and the workflow has none", "name")
        # The record's own id: the one asked with may be written in capitals, and links are compared as texts.
        linked = str(workflow.get("id") or workflow_id)
        body: JsonObject = {"name": name, "definition": settings_for(workflow, linked)}
        description = workflow.get("description") if promotion.description is None else promotion.description
        if description is not None:
            body["description"] = description
        agent = json_object(await http.send("POST", "v1", "agents", body=body), "an agent")
        identifier = agent.get("id")
        if not isinstance(identifier, str) or not identifier:
            raise VendorSurprise("the vendor did not name the agent that it made")
        return AssistantResult(assistant_id=identifier, workflow_id=linked)


async def _agent(http: Http, assistant_id: str) -> JsonObject:
    return json_object(await http.get("v1", "agents", assistant_id), "an agent")


async def _rewrite(http: Http, assistant_id: str, settings: JsonObject) -> JsonObject:
    answer = await http.send("PATCH", "v1", "agents", assistant_id, body={"definition": settings})
    return json_object(answer, "an agent")


async def _publish(http: Http, assistant_id: str, changed: JsonObject, workflow_id: str) -> None:
    draft = changed.get("draft_definition")
    if not isinstance(draft, dict) or is_linked(draft, workflow_id):
        raise VendorSurprise("the vendor accepted the change and kept the agent's workflow")
    answer = await http.send("POST", "v1", "agents", assistant_id, "publish")
    if is_linked(json_object(answer, "an agent").get("definition"), workflow_id):
        raise VendorSurprise("the vendor published the agent and kept its workflow")
