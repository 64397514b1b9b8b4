"""The link between assistants and workflows: ended, made of a workflow, made of an assistant."""

from adapters.errors import VendorNotFound, VendorSurprise
from adapters.writing import ConvertsAssistant, DetachesAssistantWorkflow, PromotesToAssistant
from gateway.connections import Connection
from gateway.writing.asking import WriteAsk
from gateway.writing.changes import Changes, old_tags
from schemas.support import Ability
from schemas.writes import AssistantResult, Conversion, Promotion


class AssistantWriter:
    """Writes what hangs assistants and workflows together."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    async def detach(self, connection: Connection, assistant_id: str, ask: WriteAsk) -> AssistantResult:
        """End the link between an assistant and its workflow.

        Raises:
            PreconditionFailed: the workflow is not what the caller saw.
        """
        api = connection.api(Ability.DETACH_ASSISTANT_WORKFLOW, DetachesAssistantWorkflow)
        ids: tuple[str, ...] = ()
        try:
            current = await self._changes.current_of_assistant(connection, assistant_id, ask)
        except (VendorNotFound, VendorSurprise):
            # The link can be ended though the workflow at its other end is gone, or is none.
            if ask.if_match is not None and not ask.matches_anything():
                raise
        else:
            ask.check_match(current.digest)
            ids = current.ids
        old = old_tags(connection, ids, [assistant_id])
        result = await self._changes.make(
            connection, lambda http: api.detach_assistant_workflow(http, assistant_id), old, ask
        )
        if result is None:
            return self._planned(ask, AssistantResult(assistant_id=assistant_id))
        return _told(connection, result)

    async def promote(
        self, connection: Connection, workflow_id: str, promotion: Promotion, ask: WriteAsk
    ) -> AssistantResult:
        """Make an assistant that runs through a workflow."""
        api = connection.api(Ability.PROMOTE_TO_ASSISTANT, PromotesToAssistant)
        ids = await self._changes.known_ids(connection, workflow_id, ask)
        result = await self._changes.make(
            connection,
            lambda http: api.promote_to_assistant(http, workflow_id, promotion),
            old_tags(connection, ids),
            ask,
        )
        if result is None:
            return self._planned(ask, AssistantResult(workflow_id=workflow_id))
        await self._changes.forget(*old_tags(connection, [result.workflow_id], [result.assistant_id]))
        return _told(connection, result)

    async def convert(
        self, connection: Connection, assistant_id: str, conversion: Conversion, ask: WriteAsk
    ) -> AssistantResult:
        """Make a workflow of an assistant and link the two."""
        api = connection.api(Ability.CONVERT_ASSISTANT, ConvertsAssistant)
        result = await self._changes.make(
            connection,
            lambda http: api.convert_assistant(http, assistant_id, conversion),
            old_tags(connection, (), [assistant_id]),
            ask,
        )
        if result is None:
            return self._planned(ask, AssistantResult(assistant_id=assistant_id))
        await self._changes.forget(*old_tags(connection, [result.workflow_id], [result.assistant_id]))
        return _told(connection, result)

    def _planned(self, ask: WriteAsk, told: AssistantResult) -> AssistantResult:
        return told.model_copy(update={"dry_run": ask.attempt.dry_run, "calls": ask.attempt.planned})


def _told(connection: Connection, result: AssistantResult) -> AssistantResult:
    """Return what became of them with the vendor's words as they may be shown."""
    if result.message is None:
        return result
    return result.model_copy(update={"message": connection.hidden.text(result.message)})
