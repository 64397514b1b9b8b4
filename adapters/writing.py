"""The protocols of the abilities that change something at a vendor. See `adapters.contract` for those that read.

Every method makes its reads first and its changes last, so that a dry run, which is stopped at the first change, shows
what would be sent. Where one change is made of several calls, the docstring of the vendor's method says so.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from adapters.contract import Fetched, Http
from schemas.base import JsonObject
from schemas.workflow import Label, Version
from schemas.writes import AssistantResult, Conversion, Promotion


@dataclass(frozen=True, slots=True)
class Written:
    """What a write left behind.

    Attributes:
        workflow_id: the vendor's id of the workflow.
        fetched: the workflow as the answer to the write holds it; None where it has to be read again.
        created: whether it was not there before; None where the vendor does not tell.
    """

    workflow_id: str
    fetched: Fetched | None = None
    created: bool | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A workflow's document to be written over the one there is.

    Attributes:
        document: rendered over `base`, or given by the caller as it is.
        base: what the vendor has now; the adapter sends what differs, where the vendor takes parts.
        note: what changed, for vendors that keep it with a version.
        labels: to be set on the version that the write makes, where there is one.
    """

    document: JsonObject
    base: Fetched
    note: str | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionContent:
    """A version to be made or rewritten.

    Attributes:
        change: its content.
        name: a title; None to keep, or to let the vendor choose.
        note: what changed.
    """

    change: Change
    name: str | None = None
    note: str | None = None


@runtime_checkable
class CreatesWorkflow(Protocol):
    """`Ability.CREATE_WORKFLOW`."""

    async def create(self, http: Http, document: JsonObject) -> Written:
        """Make a workflow of a native document.

        Raises:
            InvalidRequest: the document cannot be sent, such as one without a name; `parameter` names the field.
        """
        ...


@runtime_checkable
class UpdatesWorkflow(Protocol):
    """`Ability.UPDATE_WORKFLOW`."""

    async def update(self, http: Http, workflow_id: str, change: Change) -> Written:
        """Write a changed document; sends nothing but what differs from `change.base` where the vendor takes parts.

        Raises:
            InvalidRequest: something differs that this vendor cannot change, such as a name; `parameter` names it.
        """
        ...


@runtime_checkable
class DeletesWorkflow(Protocol):
    """`Ability.DELETE_WORKFLOW`."""

    async def delete(self, http: Http, workflow_id: str) -> None:
        """Delete a workflow."""
        ...


@runtime_checkable
class CreatesVersion(Protocol):
    """`Ability.CREATE_VERSION`."""

    async def create_version(self, http: Http, workflow_id: str, content: VersionContent) -> Version:
        """Make a new version."""
        ...


@runtime_checkable
class UpdatesVersion(Protocol):
    """`Ability.UPDATE_VERSION`."""

    async def update_version(
        self, http: Http, workflow_id: str, version: str, content: VersionContent
    ) -> Version:
        """Rewrite a version that can be rewritten."""
        ...


@runtime_checkable
class SetsLabel(Protocol):
    """`Ability.SET_LABEL`."""

    async def set_label(self, http: Http, workflow_id: str, label: str, version: str) -> Label:
        """Make a label point at a version; it is moved if it is there already."""
        ...


@runtime_checkable
class UpdatesAssistantWorkflow(Protocol):
    """`Ability.UPDATE_ASSISTANT_WORKFLOW`."""

    async def update_assistant_workflow(self, http: Http, assistant_id: str, change: Change) -> Written:
        """Write the workflow that is linked to an assistant."""
        ...


@runtime_checkable
class DetachesAssistantWorkflow(Protocol):
    """`Ability.DETACH_ASSISTANT_WORKFLOW`."""

    async def detach_assistant_workflow(self, http: Http, assistant_id: str) -> AssistantResult:
        """End the link between an assistant and its workflow; both stay."""
        ...


@runtime_checkable
class PromotesToAssistant(Protocol):
    """`Ability.PROMOTE_TO_ASSISTANT`."""

    async def promote_to_assistant(
        self, http: Http, workflow_id: str, promotion: Promotion
    ) -> AssistantResult:
        """Make an assistant that runs through a workflow."""
        ...


@runtime_checkable
class ConvertsAssistant(Protocol):
    """`Ability.CONVERT_ASSISTANT`."""

    async def convert_assistant(
        self, http: Http, assistant_id: str, conversion: Conversion
    ) -> AssistantResult:
        """Make a workflow of an assistant and link the two."""
        ...
