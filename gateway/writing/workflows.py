"""Workflows made, changed and deleted."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.contract import Http, Rendered
from adapters.errors import VendorSurprise
from adapters.writing import (
    Change,
    CreatesWorkflow,
    DeletesWorkflow,
    UpdatesAssistantWorkflow,
    UpdatesWorkflow,
    Written,
)
from gateway.cache.keys import connection_tag
from gateway.cache.lifetimes import Kind
from gateway.cache.store import Entry
from gateway.connections import Connection
from gateway.documents import workflow_entry
from gateway.errors import BodyInvalid
from gateway.writing.asking import WriteAsk
from gateway.writing.attempt import Outcome
from gateway.writing.changes import Changes, Current, is_unchanged, old_tags
from gateway.writing.patching import read_workflow
from schemas.base import JsonObject
from schemas.diagnostics import Loss
from schemas.support import Ability
from schemas.workflow import Workflow
from schemas.writes import NewWorkflow

NOT_USED = frozenset({"digest", "diagnostics", "native", "created_at", "updated_at", "deleted_at"})
"""Fields that a new workflow does not take from the document it is made of."""

_NEW_ID = "new"
"""Stands for the id of a workflow that has none yet."""

Send = Callable[[Http, Change], Awaitable[Written]]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a write.

    Attributes:
        workflow_id: the vendor's id; None for a dry run of a creation.
        entry: the workflow as it is now; None for a dry run, and where it could not be read.
        losses: what the vendor cannot hold.
        created: whether it was not there before.
    """

    workflow_id: str | None = None
    entry: Entry | None = None
    losses: tuple[Loss, ...] = ()
    created: bool = False


class WorkflowWriter:
    """Writes workflows."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    async def create(self, connection: Connection, new: NewWorkflow, ask: WriteAsk) -> Done:
        """Make a workflow.

        Raises:
            BodyInvalid: not exactly one of both documents is given, or the canonical one is none.
            Lossy: the vendor cannot hold it and the caller wants all or nothing.
        """
        api = connection.api(Ability.CREATE_WORKFLOW, CreatesWorkflow)
        rendered = await asyncio.to_thread(_document_of, connection, new)
        ask.check_losses(rendered.losses)
        try:
            written = await self._changes.make(
                connection, lambda http: api.create(http, rendered.document), old_tags(connection), ask
            )
        except BaseException as error:
            if ask.attempt.outcome(error) is Outcome.UNKNOWN:
                # Some vendors write over what they have under the same name, and nobody knows which that was.
                await asyncio.shield(self._changes.forget(connection_tag(connection.name)))
            raise
        if written is None:
            return Done(losses=rendered.losses)
        await self._changes.forget(*old_tags(connection, [written.workflow_id]))
        entry = await self._changes.after(connection, written, ask)
        return Done(written.workflow_id, entry, rendered.losses, created=written.created is not False)

    async def update(
        self, connection: Connection, workflow_id: str, patch: JsonObject, ask: WriteAsk
    ) -> Done:
        """Change a workflow by a merge patch on its canonical form.

        Raises:
            BodyInvalid: the patch does not fit the canonical form.
            PreconditionFailed: the workflow is not what the caller saw.
            Lossy: the vendor cannot hold it and the caller wants all or nothing.
        """
        api = connection.api(Ability.UPDATE_WORKFLOW, UpdatesWorkflow)
        current = await self._changes.current(connection, workflow_id, ask)
        old = old_tags(connection, [workflow_id, *current.ids])
        return await self._write(
            _Write(connection, current, patch, old),
            lambda http, change: api.update(http, workflow_id, change),
            ask,
        )

    async def update_of_assistant(
        self, connection: Connection, assistant_id: str, patch: JsonObject, ask: WriteAsk
    ) -> Done:
        """Change an assistant's workflow likewise."""
        api = connection.api(Ability.UPDATE_ASSISTANT_WORKFLOW, UpdatesAssistantWorkflow)
        current = await self._changes.current_of_assistant(connection, assistant_id, ask)
        old = old_tags(connection, current.ids, [assistant_id])
        return await self._write(
            _Write(connection, current, patch, old),
            lambda http, change: api.update_assistant_workflow(http, assistant_id, change),
            ask,
        )

    async def delete(self, connection: Connection, workflow_id: str, ask: WriteAsk) -> None:
        """Delete a workflow.

        Raises:
            PreconditionFailed: the workflow is not what the caller saw.
        """
        api = connection.api(Ability.DELETE_WORKFLOW, DeletesWorkflow)
        ids: tuple[str, ...] = ()
        try:
            current = await self._changes.current(connection, workflow_id, ask)
        except VendorSurprise:
            # What cannot be read can be got rid of all the same, if nobody asks what it is.
            if ask.if_match is not None and not ask.matches_anything():
                raise
        else:
            ask.check_match(current.digest)
            ids = current.ids
        old = old_tags(connection, [workflow_id, *ids])
        await self._changes.make(connection, lambda http: api.delete(http, workflow_id), old, ask)

    async def _write(self, write: "_Write", send: Send, ask: WriteAsk) -> Done:
        connection, current = write.connection, write.current
        ask.check_match(current.digest)
        rendered = await self._changes.rendered(connection, current, write.patch)
        ask.check_losses(rendered.losses)
        workflow_id = current.workflow.id
        if is_unchanged(rendered, current):
            entry = None
            if not ask.attempt.dry_run:
                entry = workflow_entry(connection, current.fetched, Kind.WORKFLOW, unasked=True)
            return Done(workflow_id, entry, rendered.losses)
        change = Change(rendered.document, current.fetched)
        written = await self._changes.make(connection, lambda http: send(http, change), write.old, ask)
        if written is None:
            return Done(workflow_id, None, rendered.losses)
        if written.workflow_id != workflow_id:
            await self._changes.forget(*old_tags(connection, [written.workflow_id]))
        entry = await self._changes.after(connection, written, ask)
        return Done(written.workflow_id, entry, rendered.losses)


@dataclass(frozen=True, slots=True)
class _Write:
    """A patch to be written.

    Attributes:
        connection: through which.
        current: over what.
        patch: on its canonical form.
        old: tags of what is no longer true afterwards.
    """

    connection: Connection
    current: Current
    patch: JsonObject
    old: tuple[str, ...]


def _document_of(connection: Connection, new: NewWorkflow) -> Rendered:
    if (new.workflow is None) == (new.native is None):
        raise BodyInvalid([("", "give either workflow or native, and not both")])
    if new.native is not None:
        return Rendered(new.native)
    return connection.vendor.mapping.render(_new_workflow(connection, new.workflow or {}), None)


def _new_workflow(connection: Connection, given: JsonObject) -> Workflow:
    # The vendor that it was read from stays: a renderer tells by it which words are its own.
    facts = {"vendor": connection.vendor.name, "id": _NEW_ID, **given, "connection": connection.name}
    return read_workflow({k: v for k, v in facts.items() if k not in NOT_USED}, "/workflow")
