"""Conditional requests: does the caller already have what would be sent (RFC 9110 section 13)?

Whoever reads sends `If-None-Match`, and `If-Modified-Since` where the first is absent; whoever changes things sends
`If-Match`. On a GET or HEAD of what has a tag of ours it counts too, and before the others (RFC 9110 section 13.2.2).
`If-Unmodified-Since` is ignored: nothing of ours has a date of its own.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate
from typing import Final

from gateway.errors import InvalidHeader

_ENTITY_TAG: Final = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*+"'
"""RFC 9110 section 8.8.3: no escapes inside, and a comma is a character like any other."""

# Empty members are to be tolerated (RFC 9110 section 5.6.1.2); between tags there is at least one comma.
_LIST: Final = re.compile(rf"[ \t,]*+{_ENTITY_TAG}(?:[ \t]*+,[ \t,]*+{_ENTITY_TAG})*+[ \t,]*+")
_TAG: Final = re.compile(_ENTITY_TAG)

# RFC 9110 section 5.6.7: the form in use and the two obsolete ones that are still to be read.
_HTTP_DATE: Final = re.compile(
    r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT"
    r"|[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT"
    r"|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}",
    re.ASCII,
)


def not_modified(if_none_match: str | None, etag: str) -> bool:
    """Say whether `If-None-Match` names what would be sent, so that 304 is the answer (RFC 9110 section 13.1.2).

    A header that is not well formed names nothing: the caller gets the whole answer, which is never wrong.

    Args:
        if_none_match: the header, several lines joined by commas; None when there is none.
        etag: the entity tag of what would be sent, quotes included; empty where there is none.
    """
    if not if_none_match:
        return False
    # What almost every caller sends: the one tag, as we gave it.
    if if_none_match == etag:
        return True
    if names_anything(if_none_match):
        return True  # there is something, whatever its tag
    opaque = _opaque(etag)
    return any(_opaque(tag) == opaque for tag in entity_tags(if_none_match))


def matches(if_match: str, etag: str) -> bool:
    """Say whether `If-Match` names the present state, so that the request may go on (RFC 9110 section 13.1.1).

    Weak tags never match here: the comparison is the strong one (RFC 9110 section 8.8.3.2).

    Args:
        if_match: the header, several lines joined by commas.
        etag: the entity tag of the present state, quotes included; empty where there is none.
    """
    if names_anything(if_match):
        return True
    return not etag.startswith("W/") and etag in entity_tags(if_match)


def names_anything(header: str) -> bool:
    """Say whether `If-Match` or `If-None-Match` is `*`: whatever there is."""
    return header.strip(" \t") == "*"


def check_readable(if_match: str) -> None:
    """Make sure that `If-Match` can be compared: a condition that is ignored would be worse than a refusal.

    Raises:
        InvalidHeader: it is neither `*` nor a list of entity tags.
    """
    if not names_anything(if_match) and not entity_tags(if_match):
        raise InvalidHeader("if-match", 'expected * or entity tags as in "abc"')


def entity_tags(header: str) -> list[str]:
    """Return the tags of `If-Match` or `If-None-Match`, quotes included; none where it is not well formed."""
    return _TAG.findall(header) if _LIST.fullmatch(header) else []


def may_answer_304(
    if_none_match: str | None, if_modified_since: str | None, etag: str, modified_at: float
) -> bool:
    """Say whether a GET or HEAD is answered by 304, in the order of RFC 9110 section 13.2.2.

    Args:
        if_none_match: the header or None. When it is there, the date counts for nothing (RFC 9110 section 13.1.3).
        if_modified_since: the header or None; what is no date is ignored (RFC 9110 section 13.1.3).
        etag: the entity tag of what would be sent, quotes included; empty where there is none.
        modified_at: seconds of the wall clock of its `Last-Modified`, or else of when it was stored (RFC 9111
            section 4.3.2).
    """
    if if_none_match is not None:
        return not_modified(if_none_match, etag)
    if if_modified_since is None:
        return False
    since = http_date(if_modified_since)
    return since is not None and modified_at <= since


def http_date(text: str) -> int | None:
    """Return the seconds of the wall clock that an HTTP date names, or None when it is none (RFC 9110 section 5.6.7).

    Two-digit years count from 1969 to 2068.
    """
    if _HTTP_DATE.fullmatch(text) is None:
        return None
    parsed = parsedate(text)
    if parsed is None:
        return None
    try:
        return int(datetime(*parsed[:6], tzinfo=UTC).timestamp())
    except ValueError:  # a day or an hour that there is not
        return None


def _opaque(etag: str) -> str:
    """Return the tag without its mark of weakness, for the weak comparison (RFC 9110 section 8.8.3.2)."""
    return etag.removeprefix("W/")
