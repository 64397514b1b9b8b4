"""Pages of listings."""

from typing import Generic, TypeVar

from schemas.base import CanonicalModel
from schemas.problem import Problem
from schemas.workflow import Label, Version, WorkflowSummary

Item = TypeVar("Item")


class ListingPage(CanonicalModel, Generic[Item]):
    """One page. It may hold fewer items than asked for, even none: only `next_cursor` tells the end."""

    items: tuple[Item, ...]
    next_cursor: str | None = None
    """Opaque; pass it back as `?cursor=` with the same filters. None on the last page."""
    complete: bool = True
    """False when something is missing from the listing so far; `problems` says what."""
    problems: tuple[Problem, ...] = ()


class WorkflowPage(ListingPage[WorkflowSummary]):
    """A page of workflows, over one connection or many."""


class VersionPage(ListingPage[Version]):
    """A page of versions, newest first where the vendor tells."""


class LabelPage(ListingPage[Label]):
    """A page of labels."""
