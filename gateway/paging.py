"""Pages over a list that is known whole."""

from collections.abc import Sequence
from typing import TypeVar

from gateway.errors import InvalidParameter

Item = TypeVar("Item")


def paged(items: Sequence[Item], limit: int, cursor: str | None) -> tuple[tuple[Item, ...], str | None]:
    """Return one page and the cursor of the next, None at the end. A cursor is the place of its first item.

    Raises:
        InvalidParameter: the cursor is none of ours.
    """
    start = 0
    if cursor is not None:
        if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 9):
            raise InvalidParameter("cursor", "not a cursor of this listing; start again without one")
        start = int(cursor)
    end = start + limit
    return tuple(items[start:end]), str(end) if end < len(items) else None
