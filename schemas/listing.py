"""Pages of listings."""

from schemas.base import CanonicalModel
from schemas.problem import Problem
from schemas.workflow import Label, Version, WorkflowSummary


class ListingPage(CanonicalModel):
    """What every page has. It may hold fewer items than asked for, even none: only `next_cursor` tells the end."""

    next_cursor: str | None = None
    """Opaque; pass it back as `?cursor=` with the same filters. None on the last page."""
    complete: bool = True
    """False when something is missing from the listing so far; `problems` says what."""
    problems: tuple[Problem, ...] = ()
    """One for every thing that is missing."""


class WorkflowPage(ListingPage):
    """A page of workflows, over one connection or many."""

    items: tuple[WorkflowSummary, ...]


class VersionPage(ListingPage):
    """A page of versions, newest first where the vendor tells."""

    items: tuple[Version, ...]


class LabelPage(ListingPage):
    """A page of labels."""

    items: tuple[Label, ...]
