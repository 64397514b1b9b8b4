"""GET /workflows: paging, filters, sorting."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from emulators.promptlayer import views
from emulators.promptlayer.errors import ApiError, refusal
from emulators.promptlayer.records import Document, ExternalId, Folder, Workflow
from emulators.promptlayer.validation import Complaints, Query

PER_PAGE, MOST_PER_PAGE = 30, 100
SORT_KEYS = ("created_at", "updated_at", "name", "id")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a listing is narrowed and ordered by; every bound is inclusive."""

    created_by: str | None
    created_after: datetime | None
    created_before: datetime | None
    updated_after: datetime | None
    updated_before: datetime | None
    external: ExternalId | None
    sort_by: str | None
    descending: bool

    def keep(self, record: Workflow | Folder, users: Mapping[int, str]) -> bool:
        """Say whether a record passes."""
        author = None if record.user_id is None else users.get(record.user_id)
        bounds = (
            self.created_after is None or record.created_at >= self.created_after,
            self.created_before is None or record.created_at <= self.created_before,
            self.updated_after is None or record.updated_at >= self.updated_after,
            self.updated_before is None or record.updated_at <= self.updated_before,
            self.created_by is None or author == self.created_by,
            self.external is None or self.external in record.external_ids,
        )
        return all(bounds)


def read_filters(query: Query) -> Filters:
    """Read what workflows and folder entities have in common.

    Raises:
        ApiError: 422, half an external id.
    """
    source, external_id = query.text("external_source"), query.text("external_id")
    filters = Filters(
        created_by=query.text("created_by_email"),
        created_after=query.moment("created_after"),
        created_before=query.moment("created_before"),
        updated_after=query.moment("updated_after"),
        updated_before=query.moment("updated_before"),
        external=None if source is None or external_id is None else (source, external_id),
        sort_by=query.choice("sort_by", SORT_KEYS),
        descending=query.choice("sort_order", ("asc", "desc")) != "asc",
    )
    query.complaints.settle()
    if (source is None) != (external_id is None):
        raise half_an_external_id()
    return filters


def half_an_external_id() -> ApiError:
    """Return the refusal of `external_source` without `external_id`, or the other way round."""
    return refusal(422, "external_source and external_id must be provided together")


def sort_key(word: str | None) -> Callable[[Workflow | Folder], tuple[Any, int]]:
    """Return the order of records; ties and the undocumented default go by id."""
    keys: Mapping[str, Callable[[Workflow | Folder], Any]] = {
        "created_at": lambda record: record.created_at,
        "updated_at": lambda record: record.updated_at,
        "name": lambda record: record.name.casefold(),
        "id": lambda record: record.entity_id,
    }
    chosen = keys[word or "id"]
    return lambda record: (chosen(record), record.entity_id)


def read_page(values: Mapping[str, str]) -> tuple[int, int]:
    """Return page and page size.

    Raises:
        ApiError: 422, not integers; 400, out of range, for which the list documents a body of its own.
    """
    complaints = Complaints()
    query = Query(values, complaints)
    page, per_page = query.integer("page"), query.integer("per_page")
    complaints.settle()
    page, per_page = 1 if page is None else page, PER_PAGE if per_page is None else per_page
    if page < 1 or not 1 <= per_page <= MOST_PER_PAGE:
        raise refusal(400, "Invalid pagination parameters")
    return page, per_page


def page_of(workflows: list[Workflow], page: int, per_page: int) -> Document:
    """Return one page; a page past the end is empty."""
    pages = -(-len(workflows) // per_page)
    first = (page - 1) * per_page
    return {
        "items": [views.list_item(workflow) for workflow in workflows[first : first + per_page]],
        "page": page,
        "per_page": per_page,
        "total": len(workflows),
        "pages": pages,
        "has_next": page < pages,
        "has_prev": page > 1,
        "next_num": page + 1 if page < pages else None,
        "prev_num": page - 1 if page > 1 else None,
    }
