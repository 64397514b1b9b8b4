"""What every change has in common: the present state is read past the cache, and what is kept of it is forgotten."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from adapters.answers import LARGE_BYTES
from adapters.contract import Fetched, GetsAssistantWorkflow, GetsVersion, GetsWorkflow, Http, Rendered
from adapters.errors import AdapterError, VendorSurprise
from adapters.rendering import same
from adapters.writing import Written
from gateway.asking import Ask
from gateway.cache.directives import RequestDirectives
from gateway.cache.keys import assistant_tag, listing_tag, passthrough_tag, workflow_tag
from gateway.cache.lifetimes import Kind
from gateway.cache.store import Entry
from gateway.connections import Connection
from gateway.documents import workflow_entry
from gateway.service import At, Service
from gateway.writing.asking import WriteAsk
from gateway.writing.patching import patched
from schemas.base import JsonObject
from schemas.digest import digest
from schemas.support import Ability
from schemas.workflow import Workflow

Result = TypeVar("Result")
Fetch = Callable[[Http], Awaitable[Fetched]]

_PAST_THE_CACHE = RequestDirectives(no_cache=True)


@dataclass(frozen=True, slots=True)
class Current:
    """A workflow as the vendor has it now.

    Attributes:
        fetched: natively.
        workflow: what that reads as.
        digest: of its content.
    """

    fetched: Fetched
    workflow: Workflow
    digest: str

    @property
    def is_large(self) -> bool:
        """Say whether work on it is done in a thread, so that others are answered meanwhile."""
        return self.fetched.body is not None and len(self.fetched.body) >= LARGE_BYTES

    @property
    def ids(self) -> tuple[str, ...]:
        """Return everything that a caller may have asked for it by."""
        found = self.workflow
        return (found.id, *filter(None, (found.name,)), *(other.id for other in found.external_ids))


class Changes:
    """Makes changes through connections, and has forgotten on every instance what they made old."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def current(self, connection: Connection, workflow_id: str, ask: WriteAsk) -> Current:
        """Return a workflow as it is now."""
        api = connection.api(Ability.GET_WORKFLOW, GetsWorkflow)
        return await self._read(connection, lambda http: api.fetch(http, workflow_id), ask)

    async def current_version(
        self, connection: Connection, workflow_id: str, version: str, ask: WriteAsk
    ) -> Current:
        """Return a workflow at a version as it is now."""
        api = connection.api(Ability.GET_VERSION, GetsVersion)
        return await self._read(connection, lambda http: api.fetch_version(http, workflow_id, version), ask)

    async def current_of_assistant(self, connection: Connection, assistant_id: str, ask: WriteAsk) -> Current:
        """Return an assistant's workflow as it is now."""
        api = connection.api(Ability.GET_ASSISTANT_WORKFLOW, GetsAssistantWorkflow)
        return await self._read(
            connection, lambda http: api.fetch_assistant_workflow(http, assistant_id), ask
        )

    async def known_ids(self, connection: Connection, workflow_id: str, ask: WriteAsk) -> tuple[str, ...]:
        """Return everything that a workflow may have been asked for by; one that cannot be read has its id alone."""
        try:
            current = await self.current(connection, workflow_id, ask)
        except VendorSurprise:
            return (workflow_id,)
        return (workflow_id, *current.ids)

    async def rendered(
        self, connection: Connection, current: Current, patch: JsonObject | None, at: str = ""
    ) -> Rendered:
        """Return the native document with a merge patch on the canonical form written over it.

        Args:
            connection: whose vendor's document it is.
            current: what it is written over.
            patch: None to leave it as it is.
            at: JSON Pointer to the patch in the body.

        Raises:
            BodyInvalid: the patch does not fit the canonical form.
        """

        def render() -> Rendered:
            wanted = current.workflow if patch is None else patched(current.workflow, patch, at)
            return connection.vendor.mapping.render(wanted, current.fetched.base)

        return await asyncio.to_thread(render) if current.is_large else render()

    async def make(
        self,
        connection: Connection,
        operation: Callable[[Http], Awaitable[Result]],
        old: Iterable[str],
        ask: WriteAsk,
    ) -> Result | None:
        """Make the vendor's calls; whatever comes of them, what is kept under the tags is forgotten.

        Args:
            connection: through which.
            operation: the calls.
            old: tags of what is no longer true.
            ask: watches the calls.

        Returns:
            What the operation gave; None for a dry run, which ended at `ask.attempt.planned`.
        """
        try:
            return await ask.attempt.call(connection, operation)
        finally:
            if ask.attempt.begun:
                # Even when the caller has left, or the gateway stops: what is kept may be wrong now.
                await asyncio.shield(self._service.forget(*old))

    async def forget(self, *tags: str) -> None:
        """Have something more forgotten that only the vendor's answer named."""
        await self._service.forget(*tags)

    async def after(self, connection: Connection, written: Written, wish: WriteAsk) -> Entry | None:
        """Return the workflow as it is after a write; None where it cannot be read, which undoes nothing."""
        try:
            if written.fetched is not None:
                return workflow_entry(connection, written.fetched, Kind.WORKFLOW, unasked=True)
            ask = Ask(_PAST_THE_CACHE, deadline=wish.attempt.deadline)
            return (await self._service.workflow(connection, written.workflow_id, At(), ask)).entry
        except AdapterError as error:
            log = structlog.get_logger("gateway.write")
            log.warning("not read after the write", connection=connection.name, detail=error.plain)
            return None

    async def _read(self, connection: Connection, fetch: Fetch, ask: WriteAsk) -> Current:
        fetched = await connection.call(fetch, until=ask.attempt.until)

        def parse() -> Current:
            workflow = connection.vendor.mapping.parse(fetched, connection.name)
            return Current(fetched, workflow, digest(workflow))

        if fetched.body is not None and len(fetched.body) >= LARGE_BYTES:
            return await asyncio.to_thread(parse)
        return parse()


def old_tags(
    connection: Connection, workflows: Iterable[str | None] = (), assistants: Iterable[str | None] = ()
) -> tuple[str, ...]:
    """Return the tags of everything that shows these workflows and assistants, listings included."""
    name = connection.name
    tags = [workflow_tag(name, one) for one in workflows if one]
    tags += [assistant_tag(name, one) for one in assistants if one]
    return (*dict.fromkeys(tags), listing_tag(name), passthrough_tag(name))


def is_unchanged(rendered: Rendered, current: Current) -> bool:
    """Say whether nothing is to be written, to the last digit."""
    return same(rendered.document, current.fetched.base)
