"""What callers send to change something, and what they are told."""

from typing import Any

from pydantic import Field

from schemas.base import CanonicalModel, JsonObject, JsonValue
from schemas.diagnostics import Loss
from schemas.workflow import Label, Version, Workflow


class NewWorkflow(CanonicalModel):
    """A workflow to be made: canonical, or the vendor's own document where exactness is wanted. Exactly one of both."""

    workflow: dict[str, Any] | None = None
    """A canonical workflow as a read gives it; identity, digest, diagnostics and times are not needed and not used."""
    native: JsonObject | None = None
    """The vendor's own document, sent as it is."""


class PlannedCall(CanonicalModel):
    """A call that would be made to the vendor."""

    method: str
    path: str
    """With the query, below the connection's base URL."""
    body: JsonValue = None


class WriteResult(CanonicalModel):
    """What a write did, or with `dry_run` would do."""

    workflow: Workflow | None = None
    """The workflow as it is after the write; absent for a dry run, and where it could not be read again."""
    losses: tuple[Loss, ...] = ()
    """What the vendor cannot hold of what was sent."""
    dry_run: bool = False
    calls: tuple[PlannedCall, ...] = ()
    """With `dry_run`: the first call that would change something at the vendor; reads before it were made."""


class NewVersion(CanonicalModel):
    """A version to be made: of the workflow as it is, or of another content."""

    name: str | None = None
    """A title, where the vendor has one."""
    note: str | None = None
    """What changed."""
    labels: tuple[str, ...] = ()
    """Release labels to be set on it, where the vendor has them."""
    patch: JsonObject | None = None
    """A JSON merge patch (RFC 7396) on the canonical workflow; None for the content as it is."""


class VersionResult(CanonicalModel):
    """What making or rewriting a version did, or with `dry_run` would do."""

    version: Version | None = None
    """Absent for a dry run."""
    losses: tuple[Loss, ...] = ()
    """What the vendor cannot hold of what was sent."""
    dry_run: bool = False
    calls: tuple[PlannedCall, ...] = ()
    """As in `WriteResult`."""


class LabelTarget(CanonicalModel):
    """Where a label is to point."""

    version: str
    """The vendor's number or id of a version."""


class LabelResult(CanonicalModel):
    """What setting a label did, or with `dry_run` would do."""

    label: Label | None = None
    """Absent for a dry run."""
    dry_run: bool = False
    calls: tuple[PlannedCall, ...] = ()
    """As in `WriteResult`."""


class Promotion(CanonicalModel):
    """How an assistant is made of a workflow."""

    name: str | None = None
    description: str | None = None
    primary_node_id: str | None = None
    """Which of several model nodes answers, where the vendor asks."""


class Conversion(CanonicalModel):
    """How a workflow is made of an assistant."""

    name: str | None = None
    description: str | None = None


class AssistantResult(CanonicalModel):
    """What became of an assistant and its workflow."""

    assistant_id: str | None = None
    """Absent for a dry run that would make one."""
    workflow_id: str | None = None
    message: str | None = None
    """The vendor's words."""
    dry_run: bool = False
    calls: tuple[PlannedCall, ...] = ()


class RunStart(CanonicalModel):
    """How a run is started."""

    inputs: JsonObject = Field(default_factory=dict)
    version: str | None = None
    """Run this version: the vendor's number or id."""
    label: str | None = None
    """Run the version that this label points at; not with `version`."""
    metadata: dict[str, str] = Field(default_factory=dict)
    """Kept with the run, where the vendor can."""
    all_outputs: bool = False
    """Tell what every node gave, where the vendor can."""
