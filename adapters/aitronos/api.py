"""The endpoints of Aitronos that read. No mapping here."""

from typing import Final

from adapters.contract import Answer, Fetched, Http, NativePage, PageRequest
from adapters.errors import InvalidPosition, VendorSurprise
from schemas.base import JsonObject, JsonValue

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


def _fetched(answer: Answer) -> Fetched:
    validators = {name: answer.headers[name] for name in VALIDATORS if name in answer.headers}
    return Fetched(document=_object(answer), body=answer.body, validators=validators)


def _object(answer: Answer) -> JsonObject:
    if not isinstance(answer.document, dict):
        raise VendorSurprise("the answer is not a JSON object", status=answer.status)
    return answer.document


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
