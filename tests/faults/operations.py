"""What can be asked of a connection, each made ready so that nothing but its own vendor calls can fail."""

import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import httpx

from schemas.support import Ability
from tests.contract.conftest import vendors
from tests.contract.test_writes import texts_in, with_text


@dataclass(frozen=True)
class Prepared:
    """One request, below a connection's own address.

    Attributes:
        method: HTTP.
        path: below `/v1/connections/<connection>`, or below `/passthrough/<connection>` when it is passed on.
        body: JSON; None for none.
        passed: whether it goes through the pass-through.
        effect: counts how often a write is seen to be made, where that can be seen.
    """

    method: str
    path: str
    body: Any = None
    passed: bool = False
    effect: "Callable[[Subjects], Awaitable[int]] | None" = None


@dataclass
class Subjects:
    """Makes workflows at one vendor, through a connection that is in order.

    Attributes:
        client: a caller with every right.
        connection: which.
        seen: returns the vendor's requests so far, as its emulator's journal tells them.
    """

    client: httpx.AsyncClient
    connection: str
    seen: Callable[[], list[dict[str, Any]]]
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _seeded: dict[str, Any] | None = None

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return an answer's JSON; it has to be a success."""
        reply = await self.client.request(method, f"/v1/connections/{self.connection}{path}", json=body)
        assert reply.is_success, (method, path, reply.status_code, reply.text[:500])
        return reply.json() if reply.content else None

    def name(self) -> str:
        """Return a name that nothing has yet."""
        return f"Fault {next(self._numbers)}"

    async def seeded(self) -> dict[str, Any]:
        """Return a workflow of the seed that has several nodes."""
        if self._seeded is None:
            for item in (await self.ask("GET", "/workflows?limit=50"))["items"]:
                whole = await self.ask("GET", path_of(item["id"]))
                if len(whole["graph"]["nodes"]) > 1:
                    self._seeded = whole
                    break
        assert self._seeded is not None
        return self._seeded

    async def creation(self) -> dict[str, Any]:
        """Return the body that makes a workflow of a new name."""
        whole = await self.seeded()
        wanted = ("graph", "kind", "native_kind", "inputs", "outputs")
        return {"workflow": {**{one: whole[one] for one in wanted if one in whole}, "name": self.name()}}

    async def new(self) -> str:
        """Make a workflow and return its path."""
        made = await self.ask("POST", "/workflows", await self.creation())
        return path_of(made["workflow"]["id"])

    async def assistant(self, path: str) -> str:
        """Make an assistant of a workflow and return the path of the assistant."""
        made = await self.ask("POST", f"{path}/promote-to-assistant", await self.promotion(path))
        return f"/assistants/{quote(made['assistant_id'], safe='')}"

    async def promotion(self, path: str) -> dict[str, Any]:
        """Return the body that makes an assistant of a workflow."""
        nodes = (await self.ask("GET", path))["graph"]["nodes"]
        models = [node for node in nodes if node["role"] == "llm" and "id" in node]
        named = {"primary_node_id": models[0]["id"]} if len(models) > 1 else {}
        return {"name": self.name(), **named}

    async def renames(self, path: str) -> bool:
        """Say whether the vendor can give a workflow another name."""
        url = f"/v1/connections/{self.connection}{path}?dry_run=true"
        return (await self.client.patch(url, json={"name": self.name()})).is_success

    async def count_named(self, name: str) -> int:
        """Return how many workflows have a name."""
        found = await self.ask("GET", f"/workflows?limit=200&text={quote(name)}")
        return sum(item["name"] == name for item in found["items"])

    async def count_versions(self, path: str) -> int:
        """Return how many versions a workflow has."""
        return len((await self.ask("GET", f"{path}/versions"))["items"])


def path_of(workflow_id: str) -> str:
    """Return the path of a workflow below its connection."""
    return f"/workflows/{quote(workflow_id, safe='')}"


Prepare = Callable[[Subjects], Awaitable[Prepared]]


async def _list(subjects: Subjects) -> Prepared:
    return Prepared("GET", "/workflows?limit=5")


async def _get(subjects: Subjects) -> Prepared:
    return Prepared("GET", path_of((await subjects.seeded())["id"]))


async def _native(subjects: Subjects) -> Prepared:
    return Prepared("GET", path_of((await subjects.seeded())["id"]) + "/native")


async def _versions(subjects: Subjects) -> Prepared:
    return Prepared("GET", path_of((await subjects.seeded())["id"]) + "/versions")


async def _version(subjects: Subjects) -> Prepared:
    for item in (await subjects.ask("GET", "/workflows?limit=50"))["items"]:
        for version in (await subjects.ask("GET", path_of(item["id"]) + "/versions"))["items"][:1]:
            return Prepared("GET", f"{path_of(item['id'])}?version={version.get('number') or version['id']}")
    raise AssertionError("no workflow has a version")


async def _labelled(subjects: Subjects) -> tuple[str, str]:
    for item in (await subjects.ask("GET", "/workflows?limit=50"))["items"]:
        for label in (await subjects.ask("GET", path_of(item["id"]) + "/labels"))["items"][:1]:
            return path_of(item["id"]), quote(label["name"])
    raise AssertionError("no workflow has a label")


async def _labels(subjects: Subjects) -> Prepared:
    return Prepared("GET", (await _labelled(subjects))[0] + "/labels")


async def _label(subjects: Subjects) -> Prepared:
    path, label = await _labelled(subjects)
    return Prepared("GET", f"{path}?label={label}")


async def _assistant_workflow(subjects: Subjects) -> Prepared:
    return Prepared("GET", await subjects.assistant(await subjects.new()) + "/workflow")


async def _run(subjects: Subjects) -> Prepared:
    path = path_of((await subjects.seeded())["id"])
    run = await subjects.ask("POST", f"{path}/runs", {"inputs": {}})
    return Prepared("GET", f"{path}/runs/{quote(run['id'], safe='')}")


async def _passed_get(subjects: Subjects) -> Prepared:
    """Return the very call that a listing makes, as the vendor's own."""
    await subjects.ask("GET", "/workflows?limit=5")
    seen = subjects.seen()[-1]
    return Prepared("GET", seen["path"] + (f"?{seen['query']}" if seen["query"] else ""), passed=True)


async def _create(subjects: Subjects) -> Prepared:
    body = await subjects.creation()
    return Prepared(
        "POST", "/workflows", body, effect=lambda later: later.count_named(body["workflow"]["name"])
    )


async def _patch(subjects: Subjects) -> Prepared:
    path, name = await subjects.new(), subjects.name()
    if await subjects.renames(path):
        return Prepared("PATCH", path, {"name": name}, effect=lambda later: later.count_named(name))
    nodes = (await subjects.ask("GET", path))["graph"]["nodes"]
    before = await subjects.count_versions(path)

    async def effect(later: Subjects) -> int:
        return await later.count_versions(path) - before

    return Prepared("PATCH", path, {"graph": {"nodes": changed(nodes)}}, effect=effect)


def changed(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return nodes with the longest text of their configuration changed: mostly a prompt."""
    text = max((text for node in nodes for text in texts_in(node["config"])), key=len)
    return [{**node, "config": with_text(node["config"], text, f"{text}, changed")} for node in nodes]


async def _delete(subjects: Subjects) -> Prepared:
    return Prepared("DELETE", await subjects.new())


async def _create_version(subjects: Subjects) -> Prepared:
    path = await subjects.new()
    before = await subjects.count_versions(path)
    whole = await subjects.ask("GET", path)
    body = {"name": "Saved", "note": "n"} if _names_versions(whole["vendor"]) else {"note": "n"}

    async def effect(later: Subjects) -> int:
        return await later.count_versions(path) - before

    return Prepared("POST", f"{path}/versions", body, effect=effect)


def _names_versions(vendor: str) -> bool:
    """Say whether a vendor's versions have names: those that can be renamed have."""
    return vendors()[vendor].support[Ability.UPDATE_VERSION].available


async def _update_version(subjects: Subjects) -> Prepared:
    path = await subjects.new()
    made = await subjects.ask("POST", f"{path}/versions", {"name": "Saved", "note": "n"})
    return Prepared("PATCH", f"{path}/versions/{made['version']['id']}", {"name": "Renamed"})


async def _set_label(subjects: Subjects) -> Prepared:
    path = await subjects.new()

    async def effect(later: Subjects) -> int:
        return len((await later.ask("GET", f"{path}/labels"))["items"])

    return Prepared("PUT", f"{path}/labels/fault", {"version": "1"}, effect=effect)


async def _start_run(subjects: Subjects) -> Prepared:
    return Prepared("POST", path_of((await subjects.seeded())["id"]) + "/runs", {"inputs": {}})


async def _promote(subjects: Subjects) -> Prepared:
    path = await subjects.new()
    return Prepared("POST", f"{path}/promote-to-assistant", await subjects.promotion(path))


async def _update_by_assistant(subjects: Subjects) -> Prepared:
    assistant, name = await subjects.assistant(await subjects.new()), subjects.name()
    return Prepared(
        "PATCH", f"{assistant}/workflow", {"name": name}, effect=lambda later: later.count_named(name)
    )


async def _detach(subjects: Subjects) -> Prepared:
    return Prepared("DELETE", await subjects.assistant(await subjects.new()) + "/workflow")


async def _convert(subjects: Subjects) -> Prepared:
    assistant, name = await subjects.assistant(await subjects.new()), subjects.name()
    await subjects.ask("DELETE", f"{assistant}/workflow")
    return Prepared(
        "POST",
        f"{assistant}/convert-to-workflow",
        {"name": name},
        effect=lambda later: later.count_named(name),
    )


async def _passed_post(subjects: Subjects) -> Prepared:
    """Return the very call that a creation makes, as the vendor's own."""
    body = await subjects.creation()
    plan = await subjects.ask("POST", "/workflows?dry_run=true", body)
    (call,) = plan["calls"]
    name = body["workflow"]["name"]
    return Prepared(
        call["method"], call["path"], call["body"], passed=True, effect=lambda later: later.count_named(name)
    )


READS: Final[dict[str, tuple[Ability, Prepare]]] = {
    "list": (Ability.LIST_WORKFLOWS, _list),
    "get": (Ability.GET_WORKFLOW, _get),
    "native": (Ability.GET_WORKFLOW, _native),
    "version": (Ability.GET_VERSION, _version),
    "label": (Ability.GET_LABEL, _label),
    "versions": (Ability.LIST_VERSIONS, _versions),
    "labels": (Ability.LIST_LABELS, _labels),
    "assistant's workflow": (Ability.GET_ASSISTANT_WORKFLOW, _assistant_workflow),
    "run": (Ability.GET_RUN, _run),
    "passed GET": (Ability.LIST_WORKFLOWS, _passed_get),
}

WRITES: Final[dict[str, tuple[Ability, Prepare]]] = {
    "create": (Ability.CREATE_WORKFLOW, _create),
    "patch": (Ability.UPDATE_WORKFLOW, _patch),
    "delete": (Ability.DELETE_WORKFLOW, _delete),
    "create version": (Ability.CREATE_VERSION, _create_version),
    "update version": (Ability.UPDATE_VERSION, _update_version),
    "set label": (Ability.SET_LABEL, _set_label),
    "start run": (Ability.START_RUN, _start_run),
    "promote": (Ability.PROMOTE_TO_ASSISTANT, _promote),
    "update by assistant": (Ability.UPDATE_ASSISTANT_WORKFLOW, _update_by_assistant),
    "detach": (Ability.DETACH_ASSISTANT_WORKFLOW, _detach),
    "convert": (Ability.CONVERT_ASSISTANT, _convert),
    "passed POST": (Ability.CREATE_WORKFLOW, _passed_post),
}


def offered(operations: dict[str, tuple[Ability, Prepare]], vendor: str) -> dict[str, Prepare]:
    """Return the operations that the support matrix has for a vendor."""
    support = vendors()[vendor].support
    return {name: prepare for name, (ability, prepare) in operations.items() if support[ability].available}


def told(reply: httpx.Response) -> Any:
    """Return an answer's JSON; None where there is none."""
    try:
        return json.loads(reply.content)
    except ValueError:
        return None
