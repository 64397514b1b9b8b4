"""The vendor of `fake_server`: every ability, in the few lines that a test can be sure of."""

import copy
from collections.abc import AsyncIterator
from typing import Any, cast

from adapters.contract import (
    CredentialPresentation,
    Fetched,
    Http,
    NativePage,
    PageRequest,
    Rendered,
    Vendor,
)
from adapters.errors import InvalidRequest, VendorMessage, VendorSurprise
from adapters.rendering import lost, set_field, write_changes
from adapters.writing import Change, VersionContent, Written
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import Loss
from schemas.drafts import WorkflowDraft, WorkflowSummaryDraft
from schemas.graph import Graph, GraphForm, Node
from schemas.runs import Run, RunEvent, RunState
from schemas.support import Ability, Support, SupportLevel
from schemas.workflow import Label, Version, Workflow, WorkflowSummary
from schemas.writes import AssistantResult, Conversion, Promotion, RunStart

NAME = "fake"
KNOWN = {"id", "name", "description", "steps"}


class FakeMapping:
    """`steps` are the graph; what else there is are extensions. Tags have no place."""

    def draft(self, fetched: Fetched, connection: str) -> WorkflowDraft:
        return cast("WorkflowDraft", self.parse(fetched, connection).model_dump(exclude_none=True))

    def draft_summary(self, item: JsonValue, connection: str) -> WorkflowSummaryDraft:
        return cast(
            "WorkflowSummaryDraft", self.parse_summary(item, connection).model_dump(exclude_none=True)
        )

    def parse(self, fetched: Fetched, connection: str) -> Workflow:
        document = fetched.document
        if "steps" not in document:
            raise VendorSurprise("no steps")
        rest = {name: value for name, value in document.items() if name not in KNOWN}
        nodes = tuple(
            Node(key=step["key"], type=step["type"], config=step["config"]) for step in document["steps"]
        )
        return Workflow(
            connection=connection,
            vendor=NAME,
            id=document["id"],
            name=document.get("name"),
            description=document.get("description"),
            graph=Graph(form=GraphForm.GRAPH, nodes=nodes),
            extensions={NAME: rest} if rest else {},
        )

    def parse_summary(self, item: JsonValue, connection: str) -> WorkflowSummary:
        return WorkflowSummary(
            connection=connection,
            vendor=NAME,
            id=item["id"],
            name=item["name"],
            description=item.get("description"),
        )

    def render(self, workflow: Workflow, base: JsonObject | None = None) -> Rendered:
        document = copy.deepcopy(base) if base is not None else {"id": workflow.id, "name": None, "steps": []}
        before = self.parse(Fetched(document), workflow.connection)

        def steps(native: JsonObject, graph: Graph) -> tuple[Loss, ...]:
            native["steps"] = [
                {"key": node.key, "type": node.type, "config": node.config} for node in graph.nodes
            ]
            return ()

        def rest(native: JsonObject, extensions: dict[str, Any]) -> tuple[Loss, ...]:
            native.update(extensions.get(NAME, {}))
            return ()

        writers = {
            "name": set_field("name"),
            "description": set_field("description"),
            "graph": steps,
            "extensions": rest,
            "tags": lambda *_: (lost("/tags", "there is no place for tags"),),
        }
        return Rendered(document, write_changes(before, workflow, document, writers))


def _changed(change: Change) -> JsonObject:
    return {name: value for name, value in change.document.items() if change.base.document.get(name) != value}


def _run(document: JsonValue) -> Run:
    return Run(id=document["id"], state=RunState(document["state"]), inputs=document.get("given"))


class FakeApi:
    """Each ability, a call or two."""

    async def page(self, http: Http, request: PageRequest) -> NativePage:
        return NativePage(tuple((await http.get("workflows")).document["items"]))

    async def fetch(self, http: Http, workflow_id: str) -> Fetched:
        answer = await http.get("workflows", workflow_id)
        return Fetched(answer.document, body=answer.body)

    async def fetch_version(self, http: Http, workflow_id: str, version: str) -> Fetched:
        answer = await http.get("workflows", workflow_id, "versions", version)
        return Fetched(answer.document, body=answer.body)

    async def fetch_label(self, http: Http, workflow_id: str, label: str) -> Fetched:
        return await self.fetch(http, workflow_id)

    async def versions(self, http: Http, workflow_id: str) -> tuple[Version, ...]:
        items = (await http.get("workflows", workflow_id, "versions")).document["items"]
        return tuple(Version(mutable=True, **item) for item in reversed(items))

    async def labels(self, http: Http, workflow_id: str) -> tuple[Label, ...]:
        items = (await http.get("workflows", workflow_id, "labels")).document["items"]
        return tuple(Label(name=item["name"], version_number=item["version"]) for item in items)

    async def fetch_assistant_workflow(self, http: Http, assistant_id: str) -> Fetched:
        answer = await http.get("assistants", assistant_id, "workflow")
        return Fetched(answer.document, body=answer.body)

    async def create(self, http: Http, document: JsonObject) -> Written:
        if "id" in document and document["id"] == "forbidden":
            raise InvalidRequest("this id cannot be made", "id_given")
        answer = await http.send("POST", "workflows", body=document)
        return self._written(answer.document)

    async def update(self, http: Http, workflow_id: str, change: Change) -> Written:
        answer = await http.send("PATCH", "workflows", workflow_id, body=_changed(change))
        return self._written(answer.document)

    async def delete(self, http: Http, workflow_id: str) -> None:
        await http.send("DELETE", "workflows", workflow_id)

    async def create_version(self, http: Http, workflow_id: str, content: VersionContent) -> Version:
        answer = await http.send("POST", "workflows", workflow_id, "versions", body=self._content(content))
        return Version(mutable=True, **answer.document)

    async def update_version(
        self, http: Http, workflow_id: str, version: str, content: VersionContent
    ) -> Version:
        path = ("workflows", workflow_id, "versions", version)
        return Version(
            mutable=True, **(await http.send("PATCH", *path, body=self._content(content))).document
        )

    async def set_label(self, http: Http, workflow_id: str, label: str, version: str) -> Label:
        body = {"label": label, "version": version}
        await http.send("PUT", "workflows", workflow_id, "labels", body=body)
        return Label(name=label, version_number=int(version))

    async def update_assistant_workflow(self, http: Http, assistant_id: str, change: Change) -> Written:
        answer = await http.send("PATCH", "assistants", assistant_id, "workflow", body=_changed(change))
        return self._written(answer.document)

    async def detach_assistant_workflow(self, http: Http, assistant_id: str) -> AssistantResult:
        answer = await http.send("DELETE", "assistants", assistant_id, "workflow")
        return AssistantResult(
            assistant_id=assistant_id,
            workflow_id=answer.document["workflow"],
            message=answer.document["message"],
        )

    async def promote_to_assistant(
        self, http: Http, workflow_id: str, promotion: Promotion
    ) -> AssistantResult:
        answer = await http.send("POST", "workflows", workflow_id, "promote", body={"name": promotion.name})
        return AssistantResult(
            assistant_id=answer.document["assistant"], workflow_id=answer.document["workflow"]
        )

    async def convert_assistant(
        self, http: Http, assistant_id: str, conversion: Conversion
    ) -> AssistantResult:
        answer = await http.send(
            "POST", "assistants", assistant_id, "convert", body={"name": conversion.name}
        )
        return AssistantResult(assistant_id=assistant_id, workflow_id=answer.document["workflow"])

    async def start_run(self, http: Http, workflow_id: str, start: RunStart) -> Run:
        if start.label is not None:
            raise InvalidRequest("runs know no labels here", "label")
        return _run((await http.send("POST", "workflows", workflow_id, "runs", body=start.inputs)).document)

    async def run(self, http: Http, workflow_id: str, run_id: str) -> Run:
        return _run((await http.get("runs", run_id)).document)

    async def follow_run(
        self, http: Http, workflow_id: str, run_id: str, after: str | None
    ) -> AsyncIterator[RunEvent]:
        number = 0 if after is None else int(after) + 1
        while True:
            event = (await http.get("runs", run_id, "events", str(number))).document
            state = RunState(event["state"])
            yield RunEvent(id=str(number), run=Run(id=run_id, state=state), native=event)
            if state.final:
                return
            number += 1

    async def cancel_run(self, http: Http, workflow_id: str, run_id: str) -> Run:
        return _run((await http.send("DELETE", "runs", run_id)).document)

    def _written(self, document: JsonValue) -> Written:
        return Written(document["id"], Fetched(document) if "steps" in document else None)

    def _content(self, content: VersionContent) -> JsonObject:
        change = content.change
        return {
            "content": _changed(change),
            "note": content.note,
            "name": content.name,
            "labels": list(change.labels),
        }


LACKING = frozenset({Ability.PROBE, Ability.CONDITIONAL_GET})


def fake_vendor(*lacking: Ability) -> Vendor:
    """Return the vendor, without some abilities."""
    missing = LACKING | frozenset(lacking)
    no = Support(level=SupportLevel.VENDOR_LACKS_IT, reason="The fake vendor was told not to.")
    yes = Support(level=SupportLevel.NATIVE)
    return Vendor(
        name=NAME,
        title="Fake",
        docs_url="https://fake.example.com",
        base_url=None,
        credential=CredentialPresentation("X-Key"),
        max_page_size=50,
        support={ability: no if ability in missing else yes for ability in Ability},
        api=FakeApi(),
        mapping=FakeMapping(),
        read_error=lambda body: VendorMessage(body.get("error") if isinstance(body, dict) else None),
    )
