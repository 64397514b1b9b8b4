"""Versions made and rewritten, labels set."""

from collections.abc import Awaitable, Callable

from adapters.contract import Http
from adapters.writing import Change, CreatesVersion, SetsLabel, UpdatesVersion, VersionContent
from gateway.connections import Connection
from gateway.writing.asking import WriteAsk
from gateway.writing.changes import Changes, Current, old_tags
from schemas.support import Ability
from schemas.workflow import Label, Version
from schemas.writes import LabelResult, NewVersion, VersionResult

Send = Callable[[Http, VersionContent], Awaitable[Version]]


class VersionWriter:
    """Writes versions and labels."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    async def create(
        self, connection: Connection, workflow_id: str, new: NewVersion, ask: WriteAsk
    ) -> VersionResult:
        """Make a version of a workflow as it is, or as a merge patch makes it.

        Raises:
            BodyInvalid: the patch does not fit the canonical form.
            PreconditionFailed: the workflow is not what the caller saw.
            Lossy: the vendor cannot hold it and the caller wants all or nothing.
        """
        api = connection.api(Ability.CREATE_VERSION, CreatesVersion)
        current = await self._changes.current(connection, workflow_id, ask)
        old = old_tags(connection, [workflow_id, *current.ids])

        async def send(http: Http, content: VersionContent) -> Version:
            return await api.create_version(http, workflow_id, content)

        return await self._write(connection, current, (new, old, send), ask)

    async def update(
        self, connection: Connection, place: tuple[str, str], new: NewVersion, ask: WriteAsk
    ) -> VersionResult:
        """Rewrite a version.

        Args:
            connection: through which.
            place: the workflow's id, and the vendor's number or id of the version.
            new: its name, its note, and a merge patch on the workflow as it is at this version.
            ask: the caller's wishes.

        Raises:
            BodyInvalid: the patch does not fit the canonical form.
            PreconditionFailed: the version is not what the caller saw.
            Lossy: the vendor cannot hold it and the caller wants all or nothing.
        """
        api = connection.api(Ability.UPDATE_VERSION, UpdatesVersion)
        workflow_id, version = place
        current = await self._changes.current_version(connection, workflow_id, version, ask)
        old = old_tags(connection, [workflow_id, *current.ids])

        async def send(http: Http, content: VersionContent) -> Version:
            return await api.update_version(http, workflow_id, version, content)

        return await self._write(connection, current, (new, old, send), ask)

    async def set_label(
        self, connection: Connection, workflow_id: str, target: tuple[str, str], ask: WriteAsk
    ) -> LabelResult:
        """Make a label point at a version; `target` is the label's name and the version's number or id."""
        api = connection.api(Ability.SET_LABEL, SetsLabel)
        ids = await self._changes.known_ids(connection, workflow_id, ask)
        label, version = target

        async def send(http: Http) -> Label:
            return await api.set_label(http, workflow_id, label, version)

        found = await self._changes.make(connection, send, old_tags(connection, ids), ask)
        return LabelResult(label=found, dry_run=ask.attempt.dry_run, calls=ask.attempt.planned)

    async def _write(
        self,
        connection: Connection,
        current: Current,
        write: tuple[NewVersion, tuple[str, ...], Send],
        ask: WriteAsk,
    ) -> VersionResult:
        new, old, send = write
        ask.check_match(current.digest)
        rendered = await self._changes.rendered(connection, current, new.patch, "/patch")
        ask.check_losses(rendered.losses)
        change = Change(rendered.document, current.fetched, new.note, new.labels)
        content = VersionContent(change, new.name, new.note)
        version = await self._changes.make(connection, lambda http: send(http, content), old, ask)
        attempt = ask.attempt
        return VersionResult(
            version=version, losses=rendered.losses, dry_run=attempt.dry_run, calls=attempt.planned
        )
