"""Every code a problem can have."""

from typing import Final

from docs.pages.markdown import code, page, table
from gateway.problems import catalogue

TITLE: Final = "Problems"


def text() -> str:
    """Return the page."""
    introduction = (
        "Every error is an RFC 9457 problem with the media type `application/problem+json`. Programs go by `code`, "
        "which never changes its meaning; people read `detail`. `request_id` finds the request in the gateway's "
        "logs, and `retryable` says whether the same request may succeed later. "
        "Its members are those of [Problem](canonical-model.md#problem)."
    )
    rows = [(code(kind.code), str(kind.status), kind.title, kind.explanation) for kind in catalogue()]
    return page(
        TITLE, "`gateway/problems.py`", introduction, table(("code", "status", "title", "meaning"), rows)
    )
