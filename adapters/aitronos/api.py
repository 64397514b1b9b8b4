"""The endpoints of Aitronos. No mapping here."""

from typing import Final

from adapters.aitronos.bodies import changed_fields, conversion_body, new_workflow, promotion_body
from adapters.contract import Answer, Fetched, Http, NativePage, PageRequest
from adapters.errors import InvalidPosition, VendorError, VendorSurprise
from adapters.writing import Change, Written
from schemas.base import JsonObject, JsonValue
from schemas.writes import AssistantResult, Conversion, Promotion

VALIDATORS: Final = ("etag", "last-modified")


class Api:
    """Paths below `https://api.aitronos.com/v1`; listings go by `limit` and `offset`."""

    async def page(self, http: Http, request: PageRequest) -> NativePage:
        """Return a part of `GET /v1/workflows`; the position is an offset in digits.

        Raises:
            InvalidPosition: the position is no offset that an earlier page gave.
            VendorSurprise: the answer holds no `workflows`.
        """
        offset = _offset(request.position)
        # The default of `active_only` is undocumented, so that inactive workflows are asked for by name.
        parameters = {"active_only": False, "limit": request.size, "offset": offset}
        answer = await http.get("v1", "workflows", parameters=parameters)
        listing = _object(answer)
        items = listing.get("workflows")
        if not isinstance(items, list):
            raise VendorSurprise("the listing holds no array of workflows", status=answer.status)
        total = _count(listing.get("total"))
        page_size = min(request.size, _count(listing.get("limit")) or request.size)
        end = offset + len(items)
        is_last = not items or len(items) < page_size or (total is not None and end >= total)
        return NativePage(items=tuple(items), next_position=None if is_last else str(end), total=total)

    async def fetch(self, http: Http, workflow_id: str) -> Fetched:
        """Return `GET /v1/workflows/{workflow_id}`."""
        return _fetched(await http.get("v1", "workflows", workflow_id))

    async def fetch_assistant_workflow(self, http: Http, assistant_id: str) -> Fetched:
        """Return `GET /v1/assistants/{assistant_id}/workflow`: the same record as `fetch`."""
        return _fetched(await http.get("v1", "assistants", assistant_id, "workflow"))

    async def probe(self, http: Http) -> None:
        """List one workflow."""
        await self.page(http, PageRequest(size=1))

    async def create(self, http: Http, document: JsonObject) -> Written:
        """Make a workflow by `POST /v1/workflows`, which updates the one of the same `external_id` if there is one.

        That call takes no `is_active`. Where the document has it and the workflow made has another, a PATCH follows.

        Raises:
            InvalidRequest: the document has no name, or its definition is no object.
            VendorSurprise: the workflow is made and its `is_active` could not be set, or the answer is no workflow.
        """
        answer = await http.send("POST", "v1", "workflows", body=new_workflow(document))
        fetched = _fetched(answer)
        workflow_id = _id(answer, "id")
        created = _is_created(answer.status, fetched.document, document)
        wanted = document.get("is_active")
        if not isinstance(wanted, bool) or fetched.document.get("is_active") is wanted:
            return Written(workflow_id, fetched, created)
        try:
            answer = await http.send("PATCH", "v1", "workflows", workflow_id, body={"is_active": wanted})
        except VendorError as error:
            plain = f"the workflow {workflow_id} is made, but its is_active could not be set"
            message = f"{plain}: {error}"
            raise VendorSurprise(message, status=error.status, said=error.said, plain=plain) from error
        return Written(workflow_id, _fetched(answer), created)

    async def update(self, http: Http, workflow_id: str, change: Change) -> Written:
        """Send what differs by `PATCH /v1/workflows/{workflow_id}`; a definition is sent whole.

        Raises:
            InvalidRequest: a field differs that cannot be changed.
        """
        return await _patched(http, ("v1", "workflows", workflow_id), change)

    async def delete(self, http: Http, workflow_id: str) -> None:
        """Delete a workflow; an assistant linked to it stays, without it."""
        await http.send("DELETE", "v1", "workflows", workflow_id)

    async def update_assistant_workflow(self, http: Http, assistant_id: str, change: Change) -> Written:
        """Send what differs by `PATCH /v1/assistants/{assistant_id}/workflow`.

        Raises:
            InvalidRequest: a field differs that cannot be changed.
        """
        return await _patched(http, ("v1", "assistants", assistant_id, "workflow"), change)

    async def detach_assistant_workflow(self, http: Http, assistant_id: str) -> AssistantResult:
        """End the link; the answer names no workflow where there was none."""
        answer = await http.send("DELETE", "v1", "assistants", assistant_id, "workflow")
        document = _object(answer)
        return AssistantResult(
            assistant_id=assistant_id,
            workflow_id=_identifier(document.get("workflow_id")),
            message=_text(document.get("message")),
        )

    async def promote_to_assistant(
        self, http: Http, workflow_id: str, promotion: Promotion
    ) -> AssistantResult:
        """Make an assistant; `primary_node_id` is asked for where there are several FreddyLLM nodes."""
        path = ("v1", "workflows", workflow_id, "promote-to-assistant")
        answer = await http.send("POST", *path, body=promotion_body(promotion))
        return AssistantResult(
            assistant_id=_id(answer, "assistant_id"),
            workflow_id=workflow_id,
            message=_text(_object(answer).get("message")),
        )

    async def convert_assistant(
        self, http: Http, assistant_id: str, conversion: Conversion
    ) -> AssistantResult:
        """Make a workflow; without a name it is called after the assistant."""
        path = ("v1", "assistants", assistant_id, "convert-to-workflow")
        answer = await http.send("POST", *path, body=conversion_body(conversion))
        return AssistantResult(assistant_id=assistant_id, workflow_id=_id(answer, "workflow_id"))


async def _patched(http: Http, path: tuple[str, ...], change: Change) -> Written:
    changes = changed_fields(change.base.document, change.document)
    if not changes:
        return Written(_base_id(change), change.base, created=False)
    answer = await http.send("PATCH", *path, body=changes)
    return Written(_id(answer, "id"), _fetched(answer), created=False)


def _base_id(change: Change) -> str:
    return str(change.base.document["id"])


def _is_created(status: int, made: JsonObject, document: JsonObject) -> bool | None:
    """Say whether a workflow was not there before; None where the answer can mean both."""
    if document.get("external_id") is None:
        return True
    version = _count(made.get("version"))
    was_there = status == 200 or (version is not None and version > 1)
    return False if was_there else None


def _fetched(answer: Answer) -> Fetched:
    validators = {name: answer.headers[name] for name in VALIDATORS if name in answer.headers}
    return Fetched(document=_object(answer), body=answer.body, validators=validators)


def _object(answer: Answer) -> JsonObject:
    if not isinstance(answer.document, dict):
        raise VendorSurprise("the answer is not a JSON object", status=answer.status)
    return answer.document


def _id(answer: Answer, name: str) -> str:
    found = _identifier(_object(answer).get(name))
    if found is None:
        raise VendorSurprise(f"the answer holds no {name}", status=answer.status)
    return found


def _identifier(value: JsonValue) -> str | None:
    return str(value) if _count(value) is not None else _text(value)


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and value else None


def _offset(position: str | None) -> int:
    if position is None:
        return 0
    is_offset = position.isascii() and position.isdigit() and len(position) <= 15 and position[0] != "0"
    if not is_offset:
        raise InvalidPosition("the position is not an offset that an earlier page gave")
    return int(position)


def _count(value: JsonValue) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_count else None
