"""What a vendor declares is sane, and is what its code can do."""

import inspect
from pathlib import Path
from urllib.parse import urlsplit

import adapters
from adapters.abilities import PROTOCOLS
from adapters.contract import CONTRACT_VERSION, Vendor
from schemas.support import Ability, SupportLevel


def test_facts_are_sane(vendor: Vendor) -> None:
    assert vendor.name == vendor.name.lower()
    assert vendor.name.replace("-", "_").isidentifier()
    assert vendor.title.strip() == vendor.title != ""
    assert urlsplit(vendor.docs_url).scheme == "https"
    assert vendor.base_url is None or urlsplit(vendor.base_url).scheme == "https"
    assert vendor.credential.header.replace("-", "").isalnum()
    assert 1 <= vendor.max_page_size <= 1000
    assert vendor.contract == CONTRACT_VERSION


def test_the_folder_has_the_vendors_name(coded_vendor: Vendor) -> None:
    assert (Path(adapters.__path__[0]) / coded_vendor.name / "__init__.py").is_file()


def test_every_ability_has_an_entry(vendor: Vendor) -> None:
    assert set(vendor.support) == set(Ability)


def test_no_ability_is_claimed_without_a_protocol(vendor: Vendor) -> None:
    for ability, support in vendor.support.items():
        if support.available:
            assert ability in PROTOCOLS, f"{ability} is claimed and nothing in the gateway can use it"


def test_support_equals_the_protocols_both_ways(vendor: Vendor) -> None:
    claimed = {ability for ability, support in vendor.support.items() if support.available}
    implemented = {ability for ability, protocol in PROTOCOLS.items() if isinstance(vendor.api, protocol)}
    assert claimed == implemented


def test_protocol_methods_have_the_contracts_parameters(vendor: Vendor) -> None:
    for protocol in PROTOCOLS.values():
        if not isinstance(vendor.api, protocol):
            continue
        (name,) = (
            key for key, value in vars(protocol).items() if inspect.isfunction(value) and key[0] != "_"
        )
        wanted = list(inspect.signature(getattr(protocol, name)).parameters)[1:]
        assert list(inspect.signature(getattr(vendor.api, name)).parameters) == wanted


def test_a_vendor_holds_no_state(vendor: Vendor) -> None:
    assert not getattr(vendor.api, "__dict__", {})
    assert not getattr(vendor.mapping, "__dict__", {})


def test_reasons_are_sentences_of_their_own(vendor: Vendor) -> None:
    for ability, support in vendor.support.items():
        if support.level is not SupportLevel.NATIVE:
            assert support.reason is not None
            assert len(support.reason) > 15, f"{ability}: {support.reason!r} explains nothing"
