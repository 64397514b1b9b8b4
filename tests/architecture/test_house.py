"""The house keeps its laws. Each failure names the rule and the culprit."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

import pytest

from adapters.registry import PLUMBING, load_all
from tests.architecture import laws_imports, laws_state, laws_text
from tests.architecture.source import PACKAGES, ROOT, Breach, House, Law, Module, folders, read_modules

LAWS: Final[tuple[Law, ...]] = (
    laws_imports.layers,
    laws_imports.vocabulary_is_small,
    laws_imports.vendors_stand_alone,
    laws_imports.emulators_are_for_demos,
    laws_imports.few_modules_know_http,
    laws_imports.imports_are_written_out,
    laws_state.one_reader_of_the_environment,
    laws_state.no_global,
    laws_state.no_mutable_at_module_level,
    laws_state.nothing_happens_at_import,
    laws_text.core_names_no_vendor,
    laws_text.files_are_short,
    laws_text.functions_are_short,
    laws_text.functions_take_little,
    laws_text.nothing_is_left_over,
    laws_text.packages_say_whose_they_are,
)

EXEMPT: Final[Mapping[tuple[str, str], str]] = MappingProxyType({})
"""(rule, path) of what may break a law, with the reason. It may only shrink: lower `MOST_EXEMPT` with it."""

MOST_EXEMPT: Final = 0


@cache
def modules() -> tuple[Module, ...]:
    return tuple(read_modules())


@cache
def house() -> House:
    vendors = load_all().values()
    words = {word.lower() for vendor in vendors for word in (vendor.name, vendor.title)}
    return House(folders("adapters") - PLUMBING, folders("emulators"), frozenset(words))


def breaches(law: Law) -> list[Breach]:
    return [found for module in modules() for found in law(module, house())]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_house_keeps(law: Law) -> None:
    found = [each for each in breaches(law) if (each.rule, each.where.split(":")[0]) not in EXEMPT]
    assert not found, "\n" + "\n".join(map(str, found))


def test_exemptions_only_shrink_and_are_needed() -> None:
    needed = {(found.rule, found.where.split(":")[0]) for law in LAWS for found in breaches(law)}
    assert set(EXEMPT) <= needed, "an exemption that nothing needs any more must go"
    assert len(EXEMPT) <= MOST_EXEMPT
    assert all(EXEMPT.values())


def test_the_laws_see_the_whole_house() -> None:
    seen = {module.name.split(".")[0] for module in modules()}
    assert seen == set(PACKAGES)
    assert {module.path for module in modules()} >= {
        "schemas/graph.py",
        "adapters/transport.py",
        "gateway/__init__.py",
    }
    assert folders("adapters") <= {
        module.name.split(".")[1] for module in modules() if module.name.count(".")
    }
    assert house().words
    assert not list(ROOT.glob("*.py")), "code lives in a package"
