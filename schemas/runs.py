"""Runs of workflows, whatever the vendor."""

from enum import StrEnum

from pydantic import Field

from schemas.base import CanonicalModel, JsonObject, JsonValue, Moment


class RunState(StrEnum):
    """Where a run stands. `queued` -> `running` -> one of the final states; `waiting` can come in between."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    """For a person."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    """A word of the vendor that we do not know; the run is not taken for ended."""

    @property
    def final(self) -> bool:
        """Say whether nothing will change any more."""
        return self in (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED)


class Run(CanonicalModel):
    """One run of a workflow."""

    id: str
    workflow_id: str | None = None
    state: RunState
    native_state: str | None = None
    """The vendor's own word."""
    version: str | None = None
    """The version that runs, where the vendor tells: its number or id."""
    inputs: JsonObject | None = None
    output: JsonValue = None
    """What the run gave, in the vendor's JSON; absent until it ended, and where the vendor does not tell."""
    node_outputs: dict[str, JsonValue] = Field(default_factory=dict)
    """What single nodes gave, by their key, where the vendor tells."""
    error: str | None = None
    """The vendor's words on a failure."""
    progress: int | None = None
    """In percent, where the vendor tells."""
    started_at: Moment | None = None
    finished_at: Moment | None = None


class RunEvent(CanonicalModel):
    """Something that happened in a run that is followed."""

    id: str | None = None
    """Where to go on from after a break, where the vendor can."""
    run: Run | None = None
    """How the run stands now, where the event tells."""
    native: JsonValue = None
    """The vendor's event."""
