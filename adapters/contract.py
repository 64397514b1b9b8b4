"""The contract between a vendor's folder and everyone else.

A vendor is one `VENDOR` object: facts, an `api` (endpoints, no mapping) and a `mapping` (pure functions, no I/O).
Each ability is a protocol with one method; what the `api` implements must equal what `support` claims, both ways.
Those that read are here, those that change something in `adapters.writing`, those about runs in `adapters.running`.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from adapters.errors import VendorMessage
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import Loss
from schemas.drafts import WorkflowDraft, WorkflowSummaryDraft
from schemas.support import Ability, Support
from schemas.workflow import Label, Version, Workflow, WorkflowSummary

CONTRACT_VERSION = 1
"""Raised when a vendor written for the contract before would not work any more."""

Parameters = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Answer:
    """A vendor's successful (2xx) answer.

    Attributes:
        status: the HTTP status.
        headers: by lower-case name; of repeated headers the last.
        body: the bytes as they came, decompressed.
        document: the body's JSON value; None when the body is empty.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    document: JsonValue


class Http(Protocol):
    """How an endpoint reaches its vendor: base URL, credential, limits and errors are taken care of.

    Paths are given as segments, each encoded on its own, so that no id can become two segments or none.
    Every method raises `VendorError` (see `adapters.errors`) for all but 2xx, and `InvalidSegment`.
    """

    async def get(self, *segments: str, parameters: Parameters | None = None) -> Answer:
        """Send a GET."""
        ...

    async def send(
        self,
        method: str,
        *segments: str,
        parameters: Parameters | None = None,
        body: JsonValue = None,
    ) -> Answer:
        """Send any other method, with a JSON body unless it is None."""
        ...

    def stream(
        self,
        method: str,
        *segments: str,
        parameters: Parameters | None = None,
        body: JsonValue = None,
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Send any method and give the answer's bytes as they come, such as a stream of events; leaving ends the call.

        There is no bound on the whole, only on the time until the answer begins and between its pieces; the pieces
        raise `VendorError` too. Pieces end anywhere, also within a line.
        """
        ...


class ConditionalHttp(Http, Protocol):
    """An `Http` that can also ask whether anything has changed."""

    def conditional(self, validators: Mapping[str, str], body: bytes | None = None) -> Http:
        """Return the same way to the vendor, whose first GET asks only for something newer.

        That GET raises `NotModified` where the vendor has nothing newer (RFC 9110 section 13.1), and where it sends
        what is known again, which then need not be read. With neither it is a GET as any other.

        Args:
            validators: `etag` and `last-modified` of what is known, as in `Fetched.validators`.
            body: its exact bytes, as in `Fetched.body`.
        """
        ...

    def bounded(self, until: float) -> Http:
        """Return the same way to the vendor, on which nothing is waited for longer than until a moment.

        What is not answered then raises `DeadlineExceeded`, and nothing is sent any more; a stream that has begun goes
        on.

        Args:
            until: in the running loop's time.
        """
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """A native workflow as one or more endpoints gave it.

    Attributes:
        document: the vendor's workflow document, or the nearest thing it has.
        version_document: the vendor's document of the version asked for, where it is kept apart from the workflow.
        version_base: `document` with the content of that version in it: what a change of the version is rendered over.
        body: the exact bytes when `document` was one whole answer; None when it was taken out of a larger one.
        validators: the vendor's `etag` and `last-modified` headers, where it sent them.
    """

    document: JsonObject
    version_document: JsonObject | None = None
    version_base: JsonObject | None = None
    body: bytes | None = None
    validators: Mapping[str, str] = field(default_factory=dict)

    @property
    def base(self) -> JsonObject:
        """Return what a change is rendered over."""
        return self.document if self.version_base is None else self.version_base


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a listing. `position` is None for the start, else what the page before gave."""

    size: int
    position: str | None = None


@dataclass(frozen=True, slots=True)
class NativePage:
    """A part of a listing. `items` are the vendor's own, whatever their JSON type; `next_position` None at the end."""

    items: tuple[JsonValue, ...]
    next_position: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A native document made from a canonical one, and what it could not carry."""

    document: JsonObject
    losses: tuple[Loss, ...] = ()


class Translates(Protocol):
    """The pure half of a vendor. Inputs are never changed.

    The drafts are on the way of every answer that the vendor has to be asked for; `parse` and `parse_summary` give
    the models of the same.
    """

    def draft(self, fetched: Fetched, connection: str) -> WorkflowDraft:
        """Return the canonical workflow as plain values, without digest.

        Raises:
            VendorSurprise: the document is not a workflow at all.
        """
        ...

    def draft_summary(self, item: JsonValue, connection: str) -> WorkflowSummaryDraft:
        """Return the canonical short form of one item of a listing as plain values.

        Raises:
            VendorSurprise: the item is not a workflow at all.
        """
        ...

    def parse(self, fetched: Fetched, connection: str) -> Workflow:
        """Return the canonical workflow (digest not stamped).

        Raises:
            VendorSurprise: the document is not a workflow at all.
        """
        ...

    def parse_summary(self, item: JsonValue, connection: str) -> WorkflowSummary:
        """Return the canonical short form of one item of a listing.

        Raises:
            VendorSurprise: the item is not a workflow at all.
        """
        ...

    def render(self, workflow: Workflow, base: JsonObject | None = None) -> Rendered:
        """Return a native document for the workflow, written over `base` so that what we do not know survives.

        Without changes `render(parse(x), x)` is `x`. With no base the document is made from nothing.
        """
        ...


@runtime_checkable
class ListsWorkflows(Protocol):
    """`Ability.LIST_WORKFLOWS`."""

    async def page(self, http: Http, request: PageRequest) -> NativePage:
        """Return a part of the listing; the same size is given for every part of one walk."""
        ...


@runtime_checkable
class GetsWorkflow(Protocol):
    """`Ability.GET_WORKFLOW`."""

    async def fetch(self, http: Http, workflow_id: str) -> Fetched:
        """Return the workflow as it is read when no version is asked for."""
        ...


@runtime_checkable
class GetsVersion(Protocol):
    """`Ability.GET_VERSION`."""

    async def fetch_version(self, http: Http, workflow_id: str, version: str) -> Fetched:
        """Return the workflow at a version, given as the vendor's number or id.

        Raises:
            InvalidRequest: the text cannot be a version of this vendor.
            VendorNotFound: there is no such workflow or version.
        """
        ...


@runtime_checkable
class GetsLabel(Protocol):
    """`Ability.GET_LABEL`."""

    async def fetch_label(self, http: Http, workflow_id: str, label: str) -> Fetched:
        """Return the workflow at the version that the label points at."""
        ...


@runtime_checkable
class ListsVersions(Protocol):
    """`Ability.LIST_VERSIONS`."""

    async def versions(self, http: Http, workflow_id: str) -> tuple[Version, ...]:
        """Return all versions, newest first where the vendor tells."""
        ...


@runtime_checkable
class ListsLabels(Protocol):
    """`Ability.LIST_LABELS`."""

    async def labels(self, http: Http, workflow_id: str) -> tuple[Label, ...]:
        """Return all labels of a workflow."""
        ...


@runtime_checkable
class GetsAssistantWorkflow(Protocol):
    """`Ability.GET_ASSISTANT_WORKFLOW`."""

    async def fetch_assistant_workflow(self, http: Http, assistant_id: str) -> Fetched:
        """Return the workflow that is linked to an assistant."""
        ...


@runtime_checkable
class Probes(Protocol):
    """`Ability.PROBE`."""

    async def probe(self, http: Http) -> None:
        """Make one cheap authenticated call; raises `VendorError` when it fails."""
        ...


@dataclass(frozen=True, slots=True)
class CredentialPresentation:
    """How the vendor wants to see the credential: `header: <prefix><secret>`."""

    header: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Vendor:
    """Everything there is to know about a vendor.

    Attributes:
        name: lower case; equal to the folder's name.
        title: as people write it.
        docs_url: where the API is documented.
        base_url: the vendor's own host; None when every installation has its own.
        credential: how the key is presented.
        max_page_size: the most items one page of the vendor's listing holds.
        support: one entry for every ability.
        api: the endpoints; implements the protocols of the abilities it has.
        mapping: the pure half.
        read_error: reads the JSON body (None if it is not JSON) of an error answer. Never raises.
        contract: the version of this contract it is written for.
        made_from: what it was made from, where it is no code; made again from an equal thing it is the same vendor.
    """

    name: str
    title: str
    docs_url: str
    base_url: str | None
    credential: CredentialPresentation
    max_page_size: int
    support: Mapping[Ability, Support]
    api: object
    mapping: Translates
    read_error: Callable[[JsonValue], VendorMessage]
    contract: int = CONTRACT_VERSION
    made_from: object = None
