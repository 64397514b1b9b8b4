"""The ways a listing is cut, as plain functions: what to ask for, and where to go on."""

import re
from dataclasses import dataclass
from typing import Final

from adapters.contract import NativePage, PageRequest, Parameters
from adapters.errors import InvalidPosition
from adapters.generic.description import ListCall, Paging
from adapters.generic.expressions import Expression
from schemas.base import JsonValue

_DIGITS: Final = re.compile(r"[1-9][0-9]{0,8}")
MOST_CURSOR_CHARACTERS: Final = 2000


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a walk: `place` is an offset or a page's number, `cursor` what the vendor gave."""

    size: int
    place: int = 0
    cursor: str | None = None


def start(paging: Paging, request: PageRequest) -> Step:
    """Return the step that a request asks for.

    Raises:
        InvalidPosition: no earlier page can have given this position.
    """
    size, position = min(request.size, paging.max_size), request.position
    if paging.style == "cursor":
        if position is not None and not 0 < len(position) <= MOST_CURSOR_CHARACTERS:
            raise InvalidPosition("the position is none that an earlier page gave")
        return Step(size, cursor=position)
    if position is None:
        return Step(size, paging.first_page if paging.style == "page" else 0)
    if not _DIGITS.fullmatch(position):
        raise InvalidPosition("the position is none that an earlier page gave")
    return Step(size, int(position))


def ask(paging: Paging, step: Step) -> Parameters:
    """Return the parameters to send with a step."""
    asked: dict[str, str | int | bool] = {}
    if paging.size_parameter is not None:
        asked[paging.size_parameter] = step.size
    if paging.position_parameter is not None:
        if paging.style != "cursor":
            asked[paging.position_parameter] = step.place
        elif step.cursor is not None:
            asked[paging.position_parameter] = step.cursor
    return asked


def follow(call: ListCall, step: Step, document: JsonValue, items: list[JsonValue]) -> NativePage:
    """Return the page that an answer holds, with where to go on."""
    paging, total = call.paging, _count(call.total, document)
    if paging.style == "none":
        end = step.place + step.size
        following = str(end) if end < len(items) else None
        return NativePage(tuple(items[step.place : end]), following, len(items))
    if paging.style == "cursor":
        given = None if paging.next is None else paging.next.find(document)
        goes_on = isinstance(given, str) and given not in ("", step.cursor)
        return NativePage(tuple(items), given if goes_on else None, total)
    if paging.style == "offset":
        end = step.place + len(items)
        goes_on = bool(items) and (len(items) >= step.size if total is None else end < total)
        return NativePage(tuple(items), str(end) if goes_on else None, total)
    goes_on = bool(items) and _further_page(paging, step, document, (total, len(items)))
    return NativePage(tuple(items), str(step.place + 1) if goes_on else None, total)


def _further_page(paging: Paging, step: Step, document: JsonValue, counts: tuple[int | None, int]) -> bool:
    """Say whether another page follows: by the number of pages, else by the total, else by this one being full."""
    pages, (total, found) = _count(paging.pages, document), counts
    done = step.place - paging.first_page + 1
    if pages is not None:
        return done < pages
    return found >= step.size if total is None else done * step.size < total


def _count(where: Expression | None, document: JsonValue) -> int | None:
    value = None if where is None else where.find(document)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
