"""PromptLayer's endpoints for reading: `/workflows`, one workflow, its labels. No mapping.

Paths have no version prefix. A workflow is addressed by its number or its name; both travel as they are given.
"""

from typing import Final

from adapters.contract import Answer, Fetched, Http, NativePage, PageRequest, Parameters
from adapters.errors import InvalidPosition, InvalidRequest, VendorSurprise
from adapters.promptlayer.errors import expect_object
from adapters.promptlayer.history import enumerate_versions, read_labels
from schemas.base import JsonObject
from schemas.workflow import Label, Version

WORKFLOWS: Final = "workflows"
MAX_PAGE_SIZE: Final = 100
VALIDATORS: Final = ("etag", "last-modified")
LONGEST_PAGE_NUMBER: Final = 9
LONGEST_VERSION: Final = 18


class PromptLayerApi:
    """The endpoints; see the protocols in `adapters.contract` for what each one promises."""

    async def page(self, http: Http, request: PageRequest) -> NativePage:
        """Return one page of `GET /workflows`, by rising id so that new workflows do not shift the pages."""
        number = _page_number(request.position)
        parameters = _listing(number, request.size) | {"sort_by": "id", "sort_order": "asc"}
        document = _object(await http.get(WORKFLOWS, parameters=parameters))
        items = document.get("items")
        if not isinstance(items, list):
            raise VendorSurprise("the listing has no list of items")
        total = document.get("total")
        return NativePage(
            items=tuple(items),
            next_position=str(number + 1) if _has_next(document, number) else None,
            total=total if isinstance(total, int) and not isinstance(total, bool) else None,
        )

    async def fetch(self, http: Http, workflow_id: str) -> Fetched:
        """Return `GET /workflows/{id or name}`, the latest version."""
        return await _fetch(http, workflow_id, None)

    async def fetch_version(self, http: Http, workflow_id: str, version: str) -> Fetched:
        """Return the workflow at a version number."""
        if not _is_positive(version, LONGEST_VERSION):
            raise InvalidRequest("a version of PromptLayer is a positive whole number", "version")
        return await _fetch(http, workflow_id, {"version": int(version)})

    async def fetch_label(self, http: Http, workflow_id: str, label: str) -> Fetched:
        """Return the workflow at the version that a release label points at."""
        if not label:
            raise InvalidRequest("a label must not be empty", "label")
        return await _fetch(http, workflow_id, {"label": label})

    async def versions(self, http: Http, workflow_id: str) -> tuple[Version, ...]:
        """Return every version from the latest down to 1: made of the latest one and the labels.

        The labels are read first: a version that appears in between is then listed, without a label.
        """
        labels = await self.labels(http, workflow_id)
        latest = await self.fetch(http, workflow_id)
        return enumerate_versions(latest.document, labels)

    async def labels(self, http: Http, workflow_id: str) -> tuple[Label, ...]:
        """Return `GET /workflows/{id or name}/labels`."""
        return read_labels(_object(await http.get(WORKFLOWS, workflow_id, "labels")))

    async def probe(self, http: Http) -> None:
        """Read a listing of one workflow."""
        _object(await http.get(WORKFLOWS, parameters=_listing(1, 1)))


async def _fetch(http: Http, workflow_id: str, parameters: Parameters | None) -> Fetched:
    answer = await http.get(WORKFLOWS, workflow_id, parameters=parameters)
    validators = {name: answer.headers[name] for name in VALIDATORS if name in answer.headers}
    return Fetched(document=_object(answer), body=answer.body, validators=validators)


def _object(answer: Answer) -> JsonObject:
    return expect_object(answer.document, answer.status)


def _listing(number: int, size: int) -> dict[str, str | int | bool]:
    return {"page": number, "per_page": min(size, MAX_PAGE_SIZE)}


def _page_number(position: str | None) -> int:
    if position is None:
        return 1
    if not _is_positive(position, LONGEST_PAGE_NUMBER):
        raise InvalidPosition("a position in PromptLayer's listing is a page number")
    return int(position)


def _is_positive(text: str, longest: int) -> bool:
    return text.isascii() and text.isdigit() and not text.startswith("0") and len(text) <= longest


def _has_next(document: JsonObject, number: int) -> bool:
    """Say whether another page follows; `has_next` decides, `pages` stands in where it is missing."""
    has_next, pages = document.get("has_next"), document.get("pages")
    if isinstance(has_next, bool):
        return has_next
    if isinstance(pages, int):
        return number < pages
    raise VendorSurprise("the listing does not tell whether another page follows")
