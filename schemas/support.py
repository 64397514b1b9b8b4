"""What a vendor can do, as data."""

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from schemas.base import CanonicalModel


class Ability(StrEnum):
    """One thing that can be asked of a connection."""

    LIST_WORKFLOWS = "list_workflows"
    GET_WORKFLOW = "get_workflow"
    GET_VERSION = "get_version"
    """Read a workflow as it was at one version."""
    GET_LABEL = "get_label"
    """Read a workflow at the version a label points at."""
    LIST_VERSIONS = "list_versions"
    LIST_LABELS = "list_labels"
    GET_ASSISTANT_WORKFLOW = "get_assistant_workflow"
    PROBE = "probe"
    """Check cheaply that the vendor answers and accepts the credential."""
    CONDITIONAL_GET = "conditional_get"
    """Ask whether something changed without fetching it."""
    CREATE_WORKFLOW = "create_workflow"
    UPDATE_WORKFLOW = "update_workflow"
    DELETE_WORKFLOW = "delete_workflow"
    CREATE_VERSION = "create_version"
    UPDATE_VERSION = "update_version"
    SET_LABEL = "set_label"
    UPDATE_ASSISTANT_WORKFLOW = "update_assistant_workflow"
    DETACH_ASSISTANT_WORKFLOW = "detach_assistant_workflow"
    PROMOTE_TO_ASSISTANT = "promote_to_assistant"
    CONVERT_ASSISTANT = "convert_assistant"
    START_RUN = "start_run"
    GET_RUN = "get_run"
    FOLLOW_RUN = "follow_run"
    """Receive a run's events as they happen."""
    CANCEL_RUN = "cancel_run"


class SupportLevel(StrEnum):
    """How far an ability is there."""

    NATIVE = "native"
    """The vendor has a call for it and we use it."""
    EMULATED = "emulated"
    """The vendor has no call for it; we make it out of others. The reason says how."""
    NOT_YET = "not_yet"
    """The vendor can, we cannot yet."""
    VENDOR_LACKS_IT = "vendor_lacks_it"
    """The vendor cannot."""
    NEVER = "never"
    """It could be done and will not be, for the reason given."""


class Support(CanonicalModel):
    """How one vendor stands to one ability."""

    level: SupportLevel
    reason: str | None = None
    """One sentence; required for every level but `native`."""

    @model_validator(mode="after")
    def _reason_is_given(self) -> Self:
        if self.level is not SupportLevel.NATIVE and not self.reason:
            raise ValueError(f"support level {self.level} needs a reason")
        return self

    @property
    def available(self) -> bool:
        """Say whether the ability can be used."""
        return self.level in (SupportLevel.NATIVE, SupportLevel.EMULATED)
