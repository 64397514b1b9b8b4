"""What each vendor can do, and why not."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from adapters.contract import Vendor
from adapters.registry import load_all
from docs.pages.markdown import code, one_line, page, table
from docs.pages.types import member_sentences
from gateway.environment import DEFAULT_CONFIG
from gateway.settings import vendors_beside
from schemas.support import Ability, Support, SupportLevel

TITLE: Final = "Support matrix"
ROOT: Final = Path(__file__).resolve().parents[2]

_WORDS: Final[Mapping[SupportLevel, str]] = MappingProxyType(
    {
        SupportLevel.NATIVE: "yes",
        SupportLevel.EMULATED: "emulated",
        SupportLevel.NOT_YET: "not yet",
        SupportLevel.VENDOR_LACKS_IT: "no",
        SupportLevel.NEVER: "never",
    }
)


def text() -> str:
    """Return the page."""
    vendors = tuple(vendors_beside(ROOT / DEFAULT_CONFIG, load_all()).values())
    introduction = (
        "What each vendor can do through the gateway. The same table is data at `GET /v1/vendors`, and a call that "
        "a vendor does not support is answered with 501 and the reason below."
    )
    return page(
        TITLE,
        "the vendors' declarations in `adapters` and `config/vendors`",
        introduction,
        _matrix(vendors),
        "## The words",
        _legend(),
        *(_reasons(vendor) for vendor in vendors),
    )


def _matrix(vendors: tuple[Vendor, ...]) -> str:
    rows = [
        (code(ability), *(_WORDS[vendor.support[ability].level] for vendor in vendors)) for ability in Ability
    ]
    return table(("ability", *(vendor.title for vendor in vendors)), rows)


def _legend() -> str:
    sentences = member_sentences(SupportLevel)
    rows = [(_WORDS[level], code(level), sentences[level.name]) for level in SupportLevel]
    meanings = member_sentences(Ability)
    explained = [(code(ability), meanings[ability.name]) for ability in Ability if ability.name in meanings]
    return table(("here", "in the API", "meaning"), rows) + "\n\n" + table(("ability", "meaning"), explained)


def _reasons(vendor: Vendor) -> str:
    rows = [
        (code(ability), _WORDS[support.level], one_line(support.reason))
        for ability, support in _explained(vendor).items()
    ]
    facts = f"Vendor `{vendor.name}`, documented at <{vendor.docs_url}>."
    return f"## {vendor.title}\n\n{facts}\n\n{table(('ability', 'support', 'reason'), rows)}"


def _explained(vendor: Vendor) -> dict[Ability, Support]:
    return {ability: vendor.support[ability] for ability in Ability if vendor.support[ability].reason}
