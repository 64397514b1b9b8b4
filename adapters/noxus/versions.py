"""Versions: copies of a definition with a name, told apart by their UUIDs. Each can be rewritten."""

from adapters.contract import Answer, Fetched, Http
from adapters.errors import InvalidRequest, VendorNotFound, VendorSurprise
from adapters.evidence import Evidence, Findings
from adapters.noxus.answers import json_object
from adapters.noxus.reading import fetch
from adapters.noxus.summary import read_version
from adapters.noxus.writing import differences
from adapters.rendering import same
from adapters.writing import Change, VersionContent
from schemas.base import JsonObject, JsonValue
from schemas.workflow import Version


class VersionCalls:
    """Lists, gets, creates and rewrites versions."""

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
        current = await fetch(http, workflow_id)
        return Fetched(
            current.document,
            version_document=found,
            version_base={**current.document, "definition": found.get("definition")},
            body=current.body,
        )

    async def versions(self, http: Http, workflow_id: str) -> tuple[Version, ...]:
        """Return the saved versions, newest first; those without a readable time come last."""
        natives = await _versions(http, workflow_id)
        return tuple(sorted(map(_version, natives), key=_age, reverse=True))

    async def create_version(self, http: Http, workflow_id: str, content: VersionContent) -> Version:
        """Save a definition as a version; the workflow's own definition stays as it is.

        Raises:
            InvalidRequest: there is no name, or the change is about more than a version holds.
        """
        if not content.name:
            raise InvalidRequest("a version of Noxus needs a name", "name")
        body: JsonObject = {"name": content.name, "definition": _definition(content.change)}
        if (note := _note(content)) is not None:
            body["description"] = note
        return _answered(await http.send("POST", "v1", "workflows", workflow_id, "versions", body=body))

    async def update_version(
        self, http: Http, workflow_id: str, version: str, content: VersionContent
    ) -> Version:
        """Rewrite what differs of a version.

        Raises:
            InvalidRequest: the change is about more than a version holds.
        """
        present = content.change.base.version_document or {}
        wanted = {
            "name": content.name,
            "description": _note(content),
            "definition": _definition(content.change),
        }
        body = {
            name: value
            for name, value in wanted.items()
            if value is not None and not same(value, present.get(name))
        }
        if not body:
            return _version(present)
        path = ("v1", "workflows", workflow_id, "versions", version)
        return _answered(await http.send("PATCH", *path, body=body))


async def _versions(http: Http, workflow_id: str) -> list[JsonObject]:
    answer = await http.get("v1", "workflows", workflow_id, "versions")
    if not isinstance(answer.document, list):
        raise VendorSurprise("the vendor did not answer with a list of versions", status=answer.status)
    natives = [native for native in answer.document if isinstance(native, dict)]
    if answer.document and not any("id" in native for native in natives):
        raise VendorSurprise("nothing in the vendor's list is a version", status=answer.status)
    return natives


def _definition(change: Change) -> JsonObject:
    """Return the definition that a version is to hold.

    Raises:
        InvalidRequest: there is none, or something else is to be changed with it.
    """
    if change.labels:
        raise InvalidRequest("Noxus has no labels that point at versions", "labels")
    other = next((name for name in differences(change) if name != "definition"), None)
    if other is not None:
        message = f"a version of Noxus holds the definition alone; {other} belongs to the workflow"
        raise InvalidRequest(message, other)
    definition = change.document.get("definition")
    if not isinstance(definition, dict):
        raise InvalidRequest("a version of Noxus needs a definition", "definition")
    return definition


def _note(content: VersionContent) -> str | None:
    return content.change.note if content.note is None else content.note


def _answered(answer: Answer) -> Version:
    return _version(json_object(answer, "a version"))


def _version(native: JsonObject) -> Version:
    return Version.model_validate(read_version(Evidence(native, Findings())))


def _names(identifier: JsonValue, version: str) -> bool:
    return isinstance(identifier, str) and identifier.lower() == version.lower()


def _age(version: Version) -> float:
    return version.created_at.timestamp() if version.created_at is not None else float("-inf")
