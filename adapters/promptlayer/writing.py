"""Making, changing and deleting workflows, versions and labels. No version ever changes: every write makes one."""

from typing import Final

from adapters.contract import Http
from adapters.errors import InvalidRequest, VendorSurprise
from adapters.evidence import Evidence, Findings
from adapters.promptlayer.answers import is_positive, json_object, label_name, version_number
from adapters.promptlayer.bodies import creation
from adapters.promptlayer.history import LABELS, NOTE, read_labels
from adapters.promptlayer.planning import REST_WORKFLOWS, WORKFLOWS, Plan, number_of_workflow, plan_change
from adapters.writing import Change, VersionContent, Written
from schemas.base import JsonObject
from schemas.workflow import Label, Version

ENTITIES: Final = ("api", "public", "v2", "folders", "entities")
LABELS_OF: Final = "labels"


class WritingCalls:
    """Creates, updates and deletes workflows, creates versions and sets labels."""

    async def create(self, http: Http, document: JsonObject) -> Written:
        """Make a workflow, always a new one, of a detail document or of the body of a creation.

        Raises:
            InvalidRequest: the name is no text.
        """
        answer = await http.send("POST", *REST_WORKFLOWS, body=creation(document))
        made = json_object(answer)
        return Written(str(number_of_workflow(made)), created=True)

    async def update(self, http: Http, workflow_id: str, change: Change) -> Written:
        """Make a version of what differs, over the version that it was rendered over.

        Where parts cannot say it, the whole content is posted. External ids have calls of their own: new ones are
        attached before the version is made, as another workflow may have them; those that go are detached last.

        Raises:
            InvalidRequest: something differs that no call can change, such as the name; `parameter` names it.
        """
        plan = plan_change(workflow_id, change)
        await _attach(http, plan)
        if plan.differs:
            await _send(http, plan)
        await _detach(http, plan)
        unchanged = not (plan.differs or plan.attached or plan.detached)
        written = plan.workflow_id or workflow_id
        return Written(written, change.base if unchanged else None, created=False)

    async def delete(self, http: Http, workflow_id: str) -> None:
        """Delete a workflow among the entities of folders; read first, since only numbers are taken there.

        Digits that turn out to be the name of another workflow are refused: a deletion sent once more, after the
        workflow of that number has gone, would delete a bystander.

        Raises:
            InvalidRequest: the vendor takes a number for the name of another workflow.
            VendorSurprise: the vendor says that it deleted nothing.
        """
        number = number_of_workflow(json_object(await http.get(WORKFLOWS, workflow_id)))
        if is_positive(workflow_id) and int(workflow_id) != number:
            message = f"PromptLayer takes {workflow_id} for the name of workflow {number}; delete that by its number"
            raise InvalidRequest(message)
        body: JsonObject = {"entities": [{"id": number, "type": "WORKFLOW"}]}
        answer = await http.send("DELETE", *ENTITIES, body=body)
        if answer.document is not None and json_object(answer).get("moved_count") == 0:
            raise VendorSurprise("the vendor did not delete the workflow", status=answer.status)

    async def create_version(self, http: Http, workflow_id: str, content: VersionContent) -> Version:
        """Make a version, even of the same content; a title, for which there is no place, goes before the note.

        Raises:
            InvalidRequest: something differs that no version holds.
        """
        note = content.change.note if content.note is None else content.note
        words = [text for text in (content.name, note) if text is not None]
        plan = plan_change(workflow_id, content.change, ": ".join(words) if words else None)
        await _attach(http, plan)
        made = await _send(http, plan)
        await _detach(http, plan)
        return _version(made, plan.body)

    async def set_label(self, http: Http, workflow_id: str, label: str, version: str) -> Label:
        """Make a new version of a version's content, with the label; none where it is there already.

        Raises:
            InvalidRequest: the label is empty, or the text cannot be a version.
        """
        number, name = version_number(version), label_name(label)
        there = read_labels(json_object(await http.get(WORKFLOWS, workflow_id, LABELS_OF)))
        before = next((one for one in there if one.name == name), Label(name=name))
        if before.version_number == number:
            return before
        note = f"Version {number} again, for the label {name}"
        body: JsonObject = {"base_version": number, NOTE: note, LABELS: [name]}
        made = _version(json_object(await http.send("PATCH", *REST_WORKFLOWS, workflow_id, body=body)), body)
        return Label(name=name, id=before.id, version_number=made.number, version_id=made.id)


async def _send(http: Http, plan: Plan) -> JsonObject:
    return json_object(await http.send(plan.method, *plan.segments, body=plan.body))


async def _attach(http: Http, plan: Plan) -> None:
    for source, identifier in plan.attached:
        body: JsonObject = {"source": source, "external_id": identifier}
        json_object(await http.send("POST", *plan.mappings, body=body))


async def _detach(http: Http, plan: Plan) -> None:
    for source, identifier in plan.detached:
        await http.send("DELETE", *plan.mappings, source, identifier)


def _version(made: JsonObject, sent: JsonObject) -> Version:
    """Return the version that an answer tells of.

    Raises:
        VendorSurprise: it has no number.
    """
    fields = Evidence(made, Findings())
    number, identifier = fields.integer("version_number"), fields.integer("workflow_version_id")
    if number is None:
        raise VendorSurprise("the vendor did not number the version that it made")
    return Version(
        number=number,
        id=None if identifier is None else str(identifier),
        note=sent.get(NOTE),
        labels=tuple(sent.get(LABELS, ())),
        mutable=False,
        current=True,
    )
