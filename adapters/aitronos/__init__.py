"""Aitronos, the "Freddy API": one mutable record per workflow, its content a Flow-plate definition."""

from types import MappingProxyType

from adapters.aitronos.api import Api
from adapters.aitronos.errors import read_error
from adapters.aitronos.mapping import Translation
from adapters.contract import CredentialPresentation, Vendor
from schemas.support import Ability, Support, SupportLevel


def _lacks(reason: str) -> Support:
    return Support(level=SupportLevel.VENDOR_LACKS_IT, reason=reason)


_NATIVE = Support(level=SupportLevel.NATIVE)
_ONE_RECORD = _lacks(
    "A workflow is one mutable record; its version is a counter, and no older state can be read."
)
_NO_LABELS = _lacks("Aitronos has no release labels.")
_NO_RUNS = _lacks("A workflow has no run call; it runs when the assistant linked to it is spoken to.")

VENDOR = Vendor(
    name="aitronos",
    title="Aitronos",
    docs_url="https://docs.aitronos.com/docs/api-reference/workflows/get-workflow",
    base_url="https://api.aitronos.com",
    credential=CredentialPresentation(header="X-API-Key"),
    max_page_size=100,
    support=MappingProxyType(
        {
            Ability.LIST_WORKFLOWS: _NATIVE,
            Ability.GET_WORKFLOW: _NATIVE,
            Ability.GET_VERSION: _ONE_RECORD,
            Ability.GET_LABEL: _NO_LABELS,
            Ability.LIST_VERSIONS: _ONE_RECORD,
            Ability.LIST_LABELS: _NO_LABELS,
            Ability.GET_ASSISTANT_WORKFLOW: _NATIVE,
            Ability.PROBE: Support(
                level=SupportLevel.EMULATED,
                reason="There is no call for it; one workflow is listed instead.",
            ),
            Ability.CONDITIONAL_GET: _lacks("No ETag or Last-Modified header is documented."),
            Ability.CREATE_WORKFLOW: Support(
                level=SupportLevel.NATIVE,
                reason=(
                    "A workflow that has the same external id is updated instead, so that a creation with one can "
                    "be repeated safely."
                ),
            ),
            Ability.UPDATE_WORKFLOW: _NATIVE,
            Ability.DELETE_WORKFLOW: _NATIVE,
            Ability.CREATE_VERSION: _lacks(
                "Versions are not created; the record's counter rises with its updates."
            ),
            Ability.UPDATE_VERSION: _ONE_RECORD,
            Ability.SET_LABEL: _NO_LABELS,
            Ability.UPDATE_ASSISTANT_WORKFLOW: _NATIVE,
            Ability.DETACH_ASSISTANT_WORKFLOW: _NATIVE,
            Ability.PROMOTE_TO_ASSISTANT: _NATIVE,
            Ability.CONVERT_ASSISTANT: _NATIVE,
            Ability.START_RUN: _NO_RUNS,
            Ability.GET_RUN: _NO_RUNS,
            Ability.FOLLOW_RUN: _NO_RUNS,
            Ability.CANCEL_RUN: _NO_RUNS,
        }
    ),
    api=Api(),
    mapping=Translation(),
    read_error=read_error,
)
