"""PromptLayer: numbered immutable versions, release labels, graphs of dependencies with conditional edges."""

from types import MappingProxyType

from adapters.contract import CredentialPresentation, Vendor
from adapters.promptlayer.api import MAX_PAGE_SIZE, PromptLayerApi
from adapters.promptlayer.errors import read_error
from adapters.promptlayer.mapping import PromptLayerMapping
from schemas.support import Ability, Support, SupportLevel

_NATIVE = Support(level=SupportLevel.NATIVE)


def _emulated(reason: str) -> Support:
    return Support(level=SupportLevel.EMULATED, reason=reason)


def _lacks(reason: str) -> Support:
    return Support(level=SupportLevel.VENDOR_LACKS_IT, reason=reason)


_NO_ASSISTANTS = _lacks("PromptLayer has no assistants.")

VENDOR = Vendor(
    name="promptlayer",
    title="PromptLayer",
    docs_url="https://docs.promptlayer.com/reference/get-workflow",
    base_url="https://api.promptlayer.com",
    credential=CredentialPresentation(header="X-API-KEY"),
    max_page_size=MAX_PAGE_SIZE,
    support=MappingProxyType(
        {
            Ability.LIST_WORKFLOWS: _NATIVE,
            Ability.GET_WORKFLOW: _NATIVE,
            Ability.GET_VERSION: _NATIVE,
            Ability.GET_LABEL: _NATIVE,
            Ability.LIST_VERSIONS: _emulated(
                "There is no listing: every number from the latest version down to 1 is one. "
                "Only the latest has a time and a note; ids and labels come from the labels where they tell."
            ),
            Ability.LIST_LABELS: _NATIVE,
            Ability.GET_ASSISTANT_WORKFLOW: _NO_ASSISTANTS,
            Ability.PROBE: _emulated("A listing of one workflow is read."),
            Ability.CONDITIONAL_GET: _lacks(
                "PromptLayer documents no validators and no conditional requests."
            ),
            Ability.CREATE_WORKFLOW: _NATIVE,
            Ability.UPDATE_WORKFLOW: _NATIVE,
            Ability.DELETE_WORKFLOW: _emulated(
                "The workflow is read for its number and deleted among the entities of folders."
            ),
            Ability.CREATE_VERSION: _NATIVE,
            Ability.UPDATE_VERSION: _lacks("A version never changes once it is made."),
            Ability.SET_LABEL: _emulated(
                "A label moves only with a new version: one is made of the wanted version's content, "
                "becomes the latest, and its number is told with the label. "
                "Where the label is there already, nothing is made."
            ),
            Ability.UPDATE_ASSISTANT_WORKFLOW: _NO_ASSISTANTS,
            Ability.DETACH_ASSISTANT_WORKFLOW: _NO_ASSISTANTS,
            Ability.PROMOTE_TO_ASSISTANT: _NO_ASSISTANTS,
            Ability.CONVERT_ASSISTANT: _NO_ASSISTANTS,
            Ability.START_RUN: _NATIVE,
            Ability.GET_RUN: _NATIVE,
            Ability.FOLLOW_RUN: _emulated(
                "There is no stream of events: the results are looked at again and again, "
                "with pauses that grow from 0.2 to 2 seconds."
            ),
            Ability.CANCEL_RUN: _lacks("PromptLayer has no call that stops a run."),
        }
    ),
    api=PromptLayerApi(),
    mapping=PromptLayerMapping(),
    read_error=read_error,
)
