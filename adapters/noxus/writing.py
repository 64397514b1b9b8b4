"""Making, changing and deleting workflows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.contract import Answer, Fetched, Http
from adapters.errors import InvalidRequest, VendorSurprise
from adapters.noxus.answers import record
from adapters.rendering import same
from adapters.writing import Change, Written
from schemas.base import JsonObject

KEPT_BY_VENDOR: Final = frozenset(
    {
        *("id", "group_id", "workflow_hash", "flow_version", "author_name", "runs_count"),
        *("created_at", "last_updated_at", "last_run_at", "deleted_at"),
        *("is_app_published", "app_settings_v2"),
    }
)
"""Fields of a record that no call takes: the vendor fills them in, or they are changed in its interface only."""

NEEDED: Final[Mapping[str, type]] = MappingProxyType({"name": str, "type": str, "definition": dict})
"""What a new workflow cannot do without."""


class WritingCalls:
    """Creates, updates and deletes workflows."""

    async def create(self, http: Http, document: JsonObject) -> Written:
        """Make a workflow of what a record holds; what the vendor keeps by itself, and nulls, are not sent.

        Raises:
            InvalidRequest: there is no name, type or definition.
        """
        for name, kind in NEEDED.items():
            if not isinstance(document.get(name), kind):
                raise InvalidRequest(f"a workflow of Noxus needs a {name}", name)
        body = {
            name: value
            for name, value in document.items()
            if name not in KEPT_BY_VENDOR and value is not None
        }
        made = record(await http.send("POST", "v1", "workflows", body=body))
        identifier = made.document.get("id")
        if not isinstance(identifier, str) or not identifier:
            raise VendorSurprise("the vendor did not name the workflow that it made")
        return Written(identifier, _whole(made), created=True)

    async def update(self, http: Http, workflow_id: str, change: Change) -> Written:
        """Send the fields of the record that differ.

        Raises:
            InvalidRequest: something differs that no call can change.
            VendorConflict: the vendor wants the change forced.
            VendorSurprise: the vendor left something as it was.
        """
        return await update(http, workflow_id, change)

    async def delete(self, http: Http, workflow_id: str) -> None:
        """Delete a workflow.

        Raises:
            VendorSurprise: the vendor says that it did not.
        """
        answer = await http.send("DELETE", "v1", "workflows", workflow_id)
        if isinstance(answer.document, dict) and answer.document.get("success") is False:
            raise VendorSurprise("the vendor did not delete the workflow", status=answer.status)


async def update(http: Http, workflow_id: str, change: Change) -> Written:
    """Send the fields of a record that differ; see `WritingCalls.update`."""
    body = differences(change)
    for name in body:
        if name in KEPT_BY_VENDOR:
            raise InvalidRequest(f"Noxus has no call that changes {name}", name)
    if not body:
        return Written(workflow_id, change.base, created=False)
    answer = await http.send("PATCH", "v1", "workflows", workflow_id, parameters={"force": False}, body=body)
    written = record(answer)
    _check_taken(answer, body, written.document, change.base.document)
    return Written(workflow_id, _whole(written), created=False)


def differences(change: Change) -> JsonObject:
    """Return the top-level fields that differ from the base; null for one that is to be taken away."""
    base, document = change.base.base, change.document
    return {
        name: document.get(name)
        for name in {**base, **document}
        if not same(document.get(name), base.get(name))
    }


def _whole(written: Fetched) -> Fetched | None:
    """Return what an answer to a write holds; None for one without a definition, which is not the whole record."""
    return written if isinstance(written.document.get("definition"), dict) else None


def _check_taken(answer: Answer, body: JsonObject, written: JsonObject, base: JsonObject) -> None:
    """Make sure that nothing sent was passed over: the vendor documents four of a record's fields as its input."""
    ignored = [
        name
        for name, value in body.items()
        if name in written and same(written[name], base.get(name)) and not same(written[name], value)
    ]
    if ignored:
        message = f"the vendor accepted the change and left {', '.join(ignored)} as it was"
        raise VendorSurprise(message, status=answer.status)
