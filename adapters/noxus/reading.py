"""Reading workflows: the listing, and one record."""

import re
from collections.abc import Mapping
from typing import Any, Final

from adapters.contract import Fetched, Http, NativePage, PageRequest
from adapters.errors import InvalidPosition, VendorSurprise
from adapters.noxus.answers import json_object, record

MAX_PAGE_SIZE: Final = 100

_PAGE_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")


class ReadingCalls:
    """Lists workflows, and gets one."""

    async def page(self, http: Http, request: PageRequest) -> NativePage:
        """Return a page of the workspace's workflows, of every type since no `type` is asked for.

        Raises:
            InvalidPosition: the position is no page number.
            VendorSurprise: the answer is no page, or another page than the one asked for.
        """
        number, size = _page_number(request.position), min(request.size, MAX_PAGE_SIZE)
        answer = await http.get("v1", "workflows", parameters={"page": number, "size": size})
        page = json_object(answer, "a page of workflows")
        items = page.get("items")
        if not isinstance(items, list) or _count(page, "page") not in (None, number):
            raise VendorSurprise("the vendor did not answer with the page of workflows that was asked for")
        following = str(number + 1) if _goes_on(page, number, size) else None
        return NativePage(items=tuple(items), next_position=following, total=_count(page, "total"))

    async def fetch(self, http: Http, workflow_id: str) -> Fetched:
        """Return the workflow record, whose definition is the working copy."""
        return await fetch(http, workflow_id)

    async def probe(self, http: Http) -> None:
        """List one workflow."""
        await self.page(http, PageRequest(size=1))


async def fetch(http: Http, workflow_id: str) -> Fetched:
    """Return a workflow's record."""
    return record(await http.get("v1", "workflows", workflow_id))


def _page_number(position: str | None) -> int:
    if position is None:
        return 1
    if _PAGE_NUMBER.fullmatch(position) is None:
        raise InvalidPosition(f"{position[:40]!r} is no page number")
    return int(position)


def _goes_on(page: Mapping[str, Any], number: int, size: int) -> bool:
    """Say whether another page follows: by `pages`, else by `total`, else by this one being full."""
    pages, total = _count(page, "pages"), _count(page, "total")
    if pages is not None:
        return number < pages
    if total is not None:
        return number * (_count(page, "size") or size) < total
    return len(page["items"]) >= size


def _count(page: Mapping[str, Any], name: str) -> int | None:
    value = page.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
