"""PromptLayer's endpoints: here those for reading, `/workflows`, one workflow, its labels. No mapping.

Paths have no version prefix. A workflow is addressed by its number or its name; both travel as they are given.
"""

from typing import Final

from adapters.contract import Fetched, Http, NativePage, PageRequest, Parameters
from adapters.errors import InvalidPosition, VendorSurprise
from adapters.promptlayer.answers import (
    is_positive,
    json_object,
    label_name,
    validators_of,
    version_number,
)
from adapters.promptlayer.history import enumerate_versions, read_labels
from adapters.promptlayer.planning import WORKFLOWS
from adapters.promptlayer.runs import RunCalls
from adapters.promptlayer.writing import WritingCalls
from schemas.base import JsonObject
from schemas.workflow import Label, Version

MAX_PAGE_SIZE: Final = 100
LONGEST_PAGE_NUMBER: Final = 9


class PromptLayerApi(WritingCalls, RunCalls):
    """The endpoints; see the protocols in `adapters.contract`, `writing` and `running` for what each one promises."""

    async def page(self, http: Http, request: PageRequest) -> NativePage:
        """Return one page of `GET /workflows`, by rising id so that new workflows do not shift the pages."""
        number = _page_number(request.position)
        parameters = _listing(number, request.size) | {"sort_by": "id", "sort_order": "asc"}
        document = json_object(await http.get(WORKFLOWS, parameters=parameters))
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
        return await _fetch(http, workflow_id, {"version": version_number(version)})

    async def fetch_label(self, http: Http, workflow_id: str, label: str) -> Fetched:
        """Return the workflow at the version that a release label points at."""
        return await _fetch(http, workflow_id, {"label": label_name(label)})

    async def versions(self, http: Http, workflow_id: str) -> tuple[Version, ...]:
        """Return every version from the latest down to 1: made of the latest one and the labels.

        The labels are read first: a version that appears in between is then listed, without a label.
        """
        labels = await self.labels(http, workflow_id)
        latest = await self.fetch(http, workflow_id)
        return enumerate_versions(latest.document, labels)

    async def labels(self, http: Http, workflow_id: str) -> tuple[Label, ...]:
        """Return `GET /workflows/{id or name}/labels`."""
        return read_labels(json_object(await http.get(WORKFLOWS, workflow_id, "labels")))

    async def probe(self, http: Http) -> None:
        """Read a listing of one workflow."""
        json_object(await http.get(WORKFLOWS, parameters=_listing(1, 1)))


async def _fetch(http: Http, workflow_id: str, parameters: Parameters | None) -> Fetched:
    answer = await http.get(WORKFLOWS, workflow_id, parameters=parameters)
    return Fetched(document=json_object(answer), body=answer.body, validators=validators_of(answer))


def _listing(number: int, size: int) -> dict[str, str | int | bool]:
    return {"page": number, "per_page": min(size, MAX_PAGE_SIZE)}


def _page_number(position: str | None) -> int:
    if position is None:
        return 1
    if not is_positive(position, LONGEST_PAGE_NUMBER):
        raise InvalidPosition("a position in PromptLayer's listing is a page number")
    return int(position)


def _has_next(document: JsonObject, number: int) -> bool:
    """Say whether another page follows; `has_next` decides, `pages` stands in where it is missing."""
    has_next, pages = document.get("has_next"), document.get("pages")
    if isinstance(has_next, bool):
        return has_next
    if isinstance(pages, int):
        return number < pages
    raise VendorSurprise("the listing does not tell whether another page follows")
