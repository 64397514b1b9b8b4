"""Noxus (https://noxus.ai): UUID workflows with settings, versions that can be rewritten, two flow versions."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.contract import CredentialPresentation, Vendor
from adapters.noxus.api import NoxusApi
from adapters.noxus.errors import read_error
from adapters.noxus.mapping import NoxusMapping
from adapters.noxus.reading import MAX_PAGE_SIZE
from schemas.support import Ability, Support, SupportLevel

_NATIVE: Final = Support(level=SupportLevel.NATIVE)
_NO_LABELS: Final = Support(
    level=SupportLevel.VENDOR_LACKS_IT,
    reason="Noxus has tags on a workflow, but no labels that point at a version.",
)


def _emulated(reason: str) -> Support:
    return Support(level=SupportLevel.EMULATED, reason=reason)


def _lacks(reason: str) -> Support:
    return Support(level=SupportLevel.VENDOR_LACKS_IT, reason=reason)


SUPPORT: Final[Mapping[Ability, Support]] = MappingProxyType(
    {
        Ability.LIST_WORKFLOWS: _NATIVE,
        Ability.GET_WORKFLOW: _NATIVE,
        Ability.GET_VERSION: _emulated("Taken out of the list of all versions, beside the workflow itself."),
        Ability.GET_LABEL: _NO_LABELS,
        Ability.LIST_VERSIONS: _NATIVE,
        Ability.LIST_LABELS: _NO_LABELS,
        Ability.GET_ASSISTANT_WORKFLOW: _emulated(
            "The agent is read first; its agent flow counts, else the one workflow that its tools name."
        ),
        Ability.PROBE: _emulated("One workflow is listed."),
        Ability.CONDITIONAL_GET: _lacks("Noxus documents no validators for workflows."),
        Ability.CREATE_WORKFLOW: _NATIVE,
        Ability.UPDATE_WORKFLOW: _NATIVE,
        Ability.DELETE_WORKFLOW: _NATIVE,
        Ability.CREATE_VERSION: _NATIVE,
        Ability.UPDATE_VERSION: _NATIVE,
        Ability.SET_LABEL: _NO_LABELS,
        Ability.UPDATE_ASSISTANT_WORKFLOW: _emulated(
            "The agent is read first; the workflow that it runs is changed by a call of its own."
        ),
        Ability.DETACH_ASSISTANT_WORKFLOW: _emulated(
            "The workflow is taken out of the agent's live settings, as its agent flow and out of its tools, "
            "and published where the vendor makes a draft of that; a draft begun before is kept."
        ),
        Ability.PROMOTE_TO_ASSISTANT: _emulated(
            "An agent is made that has the workflow as its agent flow, or, where it is of another type, a tool "
            "that runs it; the workflow itself does not change."
        ),
        Ability.CONVERT_ASSISTANT: _lacks(
            "Noxus has no call that turns an agent's settings into a workflow."
        ),
        Ability.START_RUN: _NATIVE,
        Ability.GET_RUN: _NATIVE,
        Ability.FOLLOW_RUN: _NATIVE,
        Ability.CANCEL_RUN: _NATIVE,
    }
)

VENDOR: Final = Vendor(
    name="noxus",
    title="Noxus",
    docs_url="https://docs.noxus.ai/api-reference/introduction",
    base_url="https://backend.noxus.ai",
    credential=CredentialPresentation(header="X-API-Key"),
    max_page_size=MAX_PAGE_SIZE,
    support=SUPPORT,
    api=NoxusApi(),
    mapping=NoxusMapping(),
    read_error=read_error,
)
