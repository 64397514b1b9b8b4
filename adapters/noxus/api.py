"""Noxus's endpoints, each a few lines; what they answer is mapped elsewhere."""

import re
from collections.abc import Mapping
from typing import Any, Final

from adapters.contract import Answer, Fetched, Http, NativePage, PageRequest
from adapters.errors import InvalidPosition, InvalidRequest, VendorConflict, VendorNotFound, VendorSurprise
from adapters.evidence import Evidence, Findings
from adapters.noxus.summary import read_version
from schemas.base import JsonObject, JsonValue
from schemas.workflow import Version

MAX_PAGE_SIZE: Final = 100
VALIDATORS: Final = ("etag", "last-modified")

WORKFLOW_TOOL: Final = "workflow"
"""The type of an agent's tool that runs a workflow."""

_PAGE_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")


class NoxusApi:
    """The reading abilities. Paths are those of `docs.noxus.ai/api-reference` and of the vendor's SDK."""

    async def page(self, http: Http, request: PageRequest) -> NativePage:
        """Return a page of the workspace's workflows, of every type since no `type` is asked for.

        Raises:
            InvalidPosition: the position is no page number.
            VendorSurprise: the answer is no page, or another page than the one asked for.
        """
        number, size = _page_number(request.position), min(request.size, MAX_PAGE_SIZE)
        answer = await http.get("v1", "workflows", parameters={"page": number, "size": size})
        page = _object(answer, "a page of workflows")
        items = page.get("items")
        if not isinstance(items, list) or _count(page, "page") not in (None, number):
            raise VendorSurprise("the vendor did not answer with the page of workflows that was asked for")
        following = str(number + 1) if _goes_on(page, number, size) else None
        return NativePage(items=tuple(items), next_position=following, total=_count(page, "total"))

    async def fetch(self, http: Http, workflow_id: str) -> Fetched:
        """Return the workflow record, whose definition is the working copy."""
        answer = await http.get("v1", "workflows", workflow_id)
        validators = {name: answer.headers[name] for name in VALIDATORS if name in answer.headers}
        return Fetched(_object(answer, "a workflow"), body=answer.body, validators=validators)

    async def fetch_version(self, http: Http, workflow_id: str, version: str) -> Fetched:
        """Return the workflow record and one of its versions, found in the list of all by its id.

        Raises:
            InvalidRequest: the version is empty.
            VendorNotFound: there is no such workflow or version.
        """
        if not version:
            raise InvalidRequest("a version of Noxus is named by its id", "version")
        versions = await _versions(http, workflow_id)
        found = next((native for native in versions if _names(native.get("id"), version)), None)
        if found is None:
            message = f"the workflow has no version {version[:80]!r}; Noxus names versions by their UUIDs"
            raise VendorNotFound(message)
        record = await self.fetch(http, workflow_id)
        return Fetched(record.document, version_document=found, body=record.body)

    async def versions(self, http: Http, workflow_id: str) -> tuple[Version, ...]:
        """Return the saved versions, newest first; those without a readable time come last."""
        natives = await _versions(http, workflow_id)
        read = [_version(native) for native in natives]
        return tuple(sorted(read, key=_age, reverse=True))

    async def fetch_assistant_workflow(self, http: Http, assistant_id: str) -> Fetched:
        """Return the workflow that an agent runs: its agent flow, else the one its tools name.

        Raises:
            VendorNotFound: there is no such agent, or it runs no workflow.
            VendorConflict: its tools name several workflows, and none of them is its own.
        """
        agent = _object(await http.get("v1", "agents", assistant_id), "an agent")
        fetched = await self.fetch(http, _linked_workflow(agent))
        return Fetched(fetched.document, body=fetched.body)

    async def probe(self, http: Http) -> None:
        """List one workflow."""
        await self.page(http, PageRequest(size=1))


async def _versions(http: Http, workflow_id: str) -> list[JsonObject]:
    answer = await http.get("v1", "workflows", workflow_id, "versions")
    if not isinstance(answer.document, list):
        raise VendorSurprise("the vendor did not answer with a list of versions", status=answer.status)
    return [native for native in answer.document if isinstance(native, dict)]


def _version(native: JsonObject) -> Version:
    return Version.model_validate(read_version(Evidence(native, Findings())))


def _object(answer: Answer, what: str) -> JsonObject:
    document: Any = answer.document
    if not isinstance(document, dict):
        raise VendorSurprise(f"the vendor did not answer with {what}", status=answer.status)
    return document


def _page_number(position: str | None) -> int:
    if position is None:
        return 1
    if _PAGE_NUMBER.fullmatch(position) is None:
        raise InvalidPosition(f"{position[:40]!r} is no page number")
    return int(position)


def _goes_on(page: Mapping[str, Any], number: int, size: int) -> bool:
    """Say whether another page follows: by `pages`, else by `total`, else by this one being full."""
    pages, total = _count(page, "pages"), _count(page, "total")
    if pages is not None:
        return number < pages
    if total is not None:
        return number * (_count(page, "size") or size) < total
    return len(page["items"]) >= size


def _count(page: Mapping[str, Any], name: str) -> int | None:
    value = page.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _names(identifier: JsonValue, version: str) -> bool:
    return isinstance(identifier, str) and identifier.lower() == version.lower()


def _age(version: Version) -> float:
    return version.created_at.timestamp() if version.created_at is not None else float("-inf")


def _linked_workflow(agent: JsonObject) -> str:
    settings = agent.get("definition")
    if not isinstance(settings, dict):
        raise VendorSurprise("the vendor gave an agent without a definition")
    own = settings.get("agent_flow_id")
    named = [own] if isinstance(own, str) and own else _tool_workflows(settings.get("tools"))
    if not named:
        raise VendorNotFound("the agent runs no workflow")
    if len(named) > 1:
        raise VendorConflict("the agent has tools for several workflows; none of them is the agent's own")
    return named[0]


def _tool_workflows(tools: JsonValue) -> list[str]:
    """Return the workflows that the tools in use name, each once."""
    used = (
        tool.get("workflow_id")
        for tool in (tools if isinstance(tools, list) else ())
        if isinstance(tool, dict) and tool.get("type") == WORKFLOW_TOOL and tool.get("enabled") is not False
    )
    return list(
        dict.fromkeys(identifier for identifier in used if isinstance(identifier, str) and identifier)
    )
