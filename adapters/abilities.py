"""Which protocol an ability is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters import contract, running, writing
from schemas.support import Ability

PROTOCOLS: Final[Mapping[Ability, type]] = MappingProxyType(
    {
        Ability.LIST_WORKFLOWS: contract.ListsWorkflows,
        Ability.GET_WORKFLOW: contract.GetsWorkflow,
        Ability.GET_VERSION: contract.GetsVersion,
        Ability.GET_LABEL: contract.GetsLabel,
        Ability.LIST_VERSIONS: contract.ListsVersions,
        Ability.LIST_LABELS: contract.ListsLabels,
        Ability.GET_ASSISTANT_WORKFLOW: contract.GetsAssistantWorkflow,
        Ability.PROBE: contract.Probes,
        Ability.CREATE_WORKFLOW: writing.CreatesWorkflow,
        Ability.UPDATE_WORKFLOW: writing.UpdatesWorkflow,
        Ability.DELETE_WORKFLOW: writing.DeletesWorkflow,
        Ability.CREATE_VERSION: writing.CreatesVersion,
        Ability.UPDATE_VERSION: writing.UpdatesVersion,
        Ability.SET_LABEL: writing.SetsLabel,
        Ability.UPDATE_ASSISTANT_WORKFLOW: writing.UpdatesAssistantWorkflow,
        Ability.DETACH_ASSISTANT_WORKFLOW: writing.DetachesAssistantWorkflow,
        Ability.PROMOTE_TO_ASSISTANT: writing.PromotesToAssistant,
        Ability.CONVERT_ASSISTANT: writing.ConvertsAssistant,
        Ability.START_RUN: running.StartsRun,
        Ability.GET_RUN: running.GetsRun,
        Ability.FOLLOW_RUN: running.FollowsRun,
        Ability.CANCEL_RUN: running.CancelsRun,
    }
)
"""The abilities that are code; no vendor may claim another one as available."""
