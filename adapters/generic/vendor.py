"""A checked description as a vendor."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.contract import CredentialPresentation, Vendor
from adapters.generic.api import api
from adapters.generic.description import Description
from adapters.generic.errors import error_reader
from adapters.generic.mapping import DescribedMapping
from schemas.support import Ability, Support, SupportLevel

_NATIVE: Final = Support(level=SupportLevel.NATIVE)
_READS_ONLY: Final = Support(
    level=SupportLevel.NOT_YET,
    reason="The vendor is described without code, and the description does not say how.",
)
_REVALIDATES: Final = Support(
    level=SupportLevel.NOT_YET,
    reason="Where the vendor sends validators its answers are revalidated; callers cannot ask for that.",
)
_PROBE: Final = Support(level=SupportLevel.EMULATED, reason="One workflow is listed.")
_FROM_LIST: Final = Support(
    level=SupportLevel.EMULATED, reason="Taken out of the list of all versions, beside the workflow itself."
)


def described(name: str, description: Description) -> Vendor:
    """Return the vendor of a description that `check` finds nothing wrong with."""
    return Vendor(
        name=name,
        title=description.title,
        docs_url=description.docs_url,
        base_url=description.base_url,
        credential=CredentialPresentation(description.credential.header, description.credential.prefix),
        max_page_size=description.list_workflows.paging.max_size,
        support=_support(description),
        api=api(description),
        mapping=DescribedMapping(name, description),
        read_error=error_reader(description.error),
        made_from=description,
    )


def _support(description: Description) -> Mapping[Ability, Support]:
    support = {**dict.fromkeys(Ability, _READS_ONLY), Ability.CONDITIONAL_GET: _REVALIDATES}
    for ability, note in description.abilities.items():
        support[ability] = Support(level=note.level, reason=note.reason)
    for ability in (
        Ability.LIST_WORKFLOWS,
        Ability.GET_WORKFLOW,
        Ability.GET_VERSION,
        Ability.GET_LABEL,
        Ability.LIST_VERSIONS,
        Ability.LIST_LABELS,
    ):
        if getattr(description, ability) is not None:
            support[ability] = _NATIVE
    if description.list_versions is not None and description.list_versions.whole:
        support[Ability.GET_VERSION] = _FROM_LIST
    support[Ability.PROBE] = _PROBE
    return MappingProxyType(support)
