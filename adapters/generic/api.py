"""The endpoints of a described vendor: one small class for each ability, put together as the description has them."""

from collections.abc import Mapping
from typing import Any, Final

from adapters.contract import Answer, Fetched, Http, NativePage, PageRequest, Parameters
from adapters.errors import InvalidPosition, InvalidRequest, VendorNotFound, VendorRejected, VendorSurprise
from adapters.evidence import Evidence, Findings
from adapters.generic.description import Call, Description, ListCall, VersionCall, VersionPlaces
from adapters.generic.expressions import Expression
from adapters.generic.paging import Step, ask, follow, start
from adapters.generic.reading import Reader, told
from adapters.generic.summary import read_version
from adapters.paths import FINAL_SLASH
from schemas.base import JsonObject, JsonValue
from schemas.workflow import Label, Version

VALIDATORS: Final = ("etag", "last-modified")


class Described:
    """What every ability needs: the description."""

    __slots__ = ("_description",)

    def __init__(self, description: Description) -> None:
        """Wrap a checked description."""
        self._description = description


class Lists(Described):
    """`ListsWorkflows` and `Probes`."""

    __slots__ = ()

    async def page(self, http: Http, request: PageRequest) -> NativePage:
        """Return a part of the listing.

        Raises:
            InvalidPosition: the position is none that an earlier page gave.
            VendorSurprise: the answer holds no array of items.
        """
        call = self._description.list_workflows
        step = start(call.paging, request)
        try:
            answer = await _get(http, call, {}, ask(call.paging, step))
        except VendorRejected as error:
            if call.paging.style == "cursor" and step.cursor is not None:
                raise InvalidPosition("the vendor does not know this position") from error
            raise
        return _page(call, step, answer)

    async def probe(self, http: Http) -> None:
        """List one workflow."""
        await self.page(http, PageRequest(size=1))


class Gets(Described):
    """`GetsWorkflow`."""

    __slots__ = ()

    async def fetch(self, http: Http, workflow_id: str) -> Fetched:
        """Return the workflow's document.

        Raises:
            VendorSurprise: the answer holds no object where the workflow should be.
        """
        call = self._description.get_workflow
        return _fetched(await _get(http, call, {"id": workflow_id}), call.document)


class GetsVersions(Gets):
    """`GetsVersion` by a call of its own."""

    __slots__ = ()

    async def fetch_version(self, http: Http, workflow_id: str, version: str) -> Fetched:
        """Return the workflow at a version."""
        call = self._description.get_version
        _given(version, "version")
        return await self._at(http, call, {"id": workflow_id, "version": version})

    async def _at(self, http: Http, call: VersionCall | None, asked: Mapping[str, str]) -> Fetched:
        if call is None:
            raise InvalidRequest("the description has no such call")
        fetched = _fetched(await _get(http, call, asked), call.document)
        if not call.apart:
            return fetched
        record = await self.fetch(http, asked["id"])
        return Fetched(record.document, version_document=fetched.document, body=record.body)


class GetsLabels(GetsVersions):
    """`GetsLabel`, beside `GetsVersion` where both are described."""

    __slots__ = ()

    async def fetch_label(self, http: Http, workflow_id: str, label: str) -> Fetched:
        """Return the workflow at the version that the label points at."""
        _given(label, "label")
        return await self._at(http, self._description.get_label, {"id": workflow_id, "label": label})


class GetsLabelsOnly(Gets):
    """`GetsLabel` of a vendor that reads no versions."""

    __slots__ = ()
    _at = GetsVersions._at  # noqa: SLF001 - the same way to a document, without the ability
    fetch_label = GetsLabels.fetch_label


class ListsVersionsOnly(Described):
    """`ListsVersions`."""

    __slots__ = ()

    async def versions(self, http: Http, workflow_id: str) -> tuple[Version, ...]:
        """Return all versions, newest first as far as their times tell."""
        natives, places = await _versions(self._description, http, workflow_id)
        form = self._description.workflow.times
        read = [read_version(Reader(Evidence(native, Findings())), places, form) for native in natives]
        models = [Version.model_validate(version) for version in read]
        return tuple(sorted(models, key=_age, reverse=True))


class FindsVersions(ListsVersionsOnly, Gets):
    """`ListsVersions`, and `GetsVersion` out of that list."""

    __slots__ = ()

    async def fetch_version(self, http: Http, workflow_id: str, version: str) -> Fetched:
        """Return the workflow and one of its versions, found in the list of all by its id.

        Raises:
            VendorNotFound: there is no such version.
        """
        _given(version, "version")
        natives, places = await _versions(self._description, http, workflow_id)
        found = next((native for native in natives if _id(native, places) == version.lower()), None)
        if found is None:
            raise VendorNotFound(f"the workflow has no version {version[:80]!r}")
        record = await self.fetch(http, workflow_id)
        return Fetched(record.document, version_document=found, body=record.body)


class ListsLabelsOnly(Described):
    """`ListsLabels`."""

    __slots__ = ()

    async def labels(self, http: Http, workflow_id: str) -> tuple[Label, ...]:
        """Return all labels; what has no name is left out."""
        call = self._description.list_labels
        if call is None:
            return ()
        answer = await _get(http, call, {"id": workflow_id})
        found = []
        for native in _objects(call.items, answer, "labels"):
            label = Reader(Evidence(native, Findings()))
            name = label.identifier(call.name)
            if name:
                fields = told(
                    id=label.identifier(call.id),
                    version_number=label.integer(call.version_number),
                    version_id=label.identifier(call.version_id),
                )
                found.append(Label(name=name, **fields))
        return tuple(found)


def api(description: Description) -> Described:
    """Return the endpoints that the description has, and no others: what is not described has no method."""
    versions, at_version = description.list_versions, description.get_version is not None
    kinds: list[type[Described]] = []
    if description.get_label is not None:
        kinds.append(GetsLabels if at_version else GetsLabelsOnly)
    elif at_version:
        kinds.append(GetsVersions)
    if versions is not None:
        kinds.append(FindsVersions if versions.whole else ListsVersionsOnly)
    if description.list_labels is not None:
        kinds.append(ListsLabelsOnly)
    built: type[Described] = type("DescribedApi", (*kinds, Gets, Lists), {"__slots__": ()})
    return built(description)


async def _get(http: Http, call: Call, asked: Mapping[str, str], further: Parameters | None = None) -> Answer:
    texts = {f"{{{name}}}": value for name, value in asked.items()}
    segments = [texts.get(segment, segment) for segment in call.path]
    parameters: dict[str, str | int | bool] = {}
    for name, value in call.parameters.items():
        parameters[name] = texts.get(value, value) if isinstance(value, str) else value
    if call.final_slash:
        segments.append(FINAL_SLASH)
    return await http.get(*segments, parameters={**parameters, **(further or {})})


def _page(call: ListCall, step: Step, answer: Answer) -> NativePage:
    items = call.items.find(answer.document)
    if not isinstance(items, list):
        raise VendorSurprise("the answer holds no array of workflows", status=answer.status)
    return follow(call, step, answer.document, items)


def _fetched(answer: Answer, where: Expression) -> Fetched:
    document: Any = where.find(answer.document)
    if not isinstance(document, dict):
        raise VendorSurprise("the answer holds no workflow", status=answer.status)
    if where.names != ():
        return Fetched(document)
    validators = {name: answer.headers[name] for name in VALIDATORS if name in answer.headers}
    return Fetched(document, body=answer.body, validators=validators)


async def _versions(
    description: Description, http: Http, workflow_id: str
) -> tuple[list[JsonObject], VersionPlaces]:
    call = description.list_versions
    if call is None:
        return [], VersionPlaces()
    answer = await _get(http, call, {"id": workflow_id})
    return _objects(call.items, answer, "versions"), call.version


def _objects(where: Expression, answer: Answer, what: str) -> list[JsonObject]:
    found: JsonValue = where.find(answer.document)
    if not isinstance(found, list):
        raise VendorSurprise(f"the answer holds no array of {what}", status=answer.status)
    return [item for item in found if isinstance(item, dict)]


def _given(text: str, what: str) -> None:
    if not text:
        raise InvalidRequest(f"a {what} is needed", what)


def _id(native: JsonObject, places: VersionPlaces) -> str | None:
    found = Reader(Evidence(native, Findings())).identifier(places.id)
    return None if found is None else found.lower()


def _age(version: Version) -> float:
    return version.created_at.timestamp() if version.created_at is not None else float("-inf")
