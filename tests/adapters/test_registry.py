"""Vendors are found by folder and by entry point, and refused with a reason when they break the contract."""

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import adapters
from adapters import registry
from adapters.contract import CONTRACT_VERSION
from adapters.registry import ENTRY_POINT_GROUP, PLUMBING, VendorInvalid, load_all
from tests.adapters.loopback import made_up_vendor

AddFolder = Callable[[str, str], None]
AddPlugin = Callable[..., None]

GOOD = """
from tests.adapters.loopback import made_up_vendor
VENDOR = made_up_vendor(name={name!r}, contract={contract})
"""


@pytest.fixture
def add_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AddFolder]:
    """Make `adapters` hold nothing but the folders added here."""
    monkeypatch.setattr(adapters, "__path__", [str(tmp_path)])
    monkeypatch.setattr(registry, "entry_points", lambda group: ())
    known = set(sys.modules)

    def add(name: str, text: str) -> None:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(text)

    yield add
    for name in set(sys.modules) - known:
        del sys.modules[name]


@pytest.fixture
def add_plugin(add_folder: AddFolder, monkeypatch: pytest.MonkeyPatch) -> AddPlugin:
    """Make one entry point of another distribution that holds this object."""

    def add(name: str, vendor: Any, value: str = "acme_plugin:VENDOR") -> None:
        module = ModuleType("acme_plugin")
        module.VENDOR = vendor  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "acme_plugin", module)
        point = EntryPoint(name, value, ENTRY_POINT_GROUP)
        monkeypatch.setattr(
            registry, "entry_points", lambda group: [point] if group == ENTRY_POINT_GROUP else ()
        )

    return add


def good(name: str, contract: int = CONTRACT_VERSION) -> str:
    return GOOD.format(name=name, contract=contract)


def test_folders_are_found_and_sorted(add_folder: AddFolder, tmp_path: Path) -> None:
    (tmp_path / "plumbing.py").write_text("raise AssertionError('a plain module is no vendor')\n")
    (tmp_path / "notes").mkdir()
    for name in ("zeta", "acme"):
        add_folder(name, good(name))
    vendors = load_all()
    assert list(vendors) == ["acme", "zeta"]
    with pytest.raises(TypeError):
        vendors["acme"] = made_up_vendor()  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", r"adapters/acme must hold a VENDOR of type adapters\.contract\.Vendor"),
        ("VENDOR = 'acme'", "must hold a VENDOR"),
        (good("other"), "declares the vendor 'other'; it must be named 'acme'"),
        (
            good("acme", CONTRACT_VERSION + 1),
            f"is written for contract {CONTRACT_VERSION + 1}; this gateway has",
        ),
        (good("acme", 0), "is written for contract 0"),
    ],
)
def test_a_folder_that_breaks_the_contract_is_refused(text: str, words: str, add_folder: AddFolder) -> None:
    add_folder("acme", text)
    with pytest.raises(VendorInvalid, match=words):
        load_all()


def test_a_plugin_of_another_distribution_joins(add_folder: AddFolder, add_plugin: AddPlugin) -> None:
    add_folder("zeta", good("zeta"))
    add_plugin("acme", made_up_vendor())
    assert list(load_all()) == ["acme", "zeta"]
    assert load_all()["acme"].title == "Acme"


@pytest.mark.parametrize(
    ("name", "vendor", "value", "words"),
    [
        (
            "acme",
            made_up_vendor(),
            "no_such_module:VENDOR",
            "plug-in no_such_module:VENDOR cannot be imported",
        ),
        ("acme", made_up_vendor(), "acme_plugin:NOTHING", "plug-in acme_plugin:NOTHING cannot be imported"),
        ("other", made_up_vendor(), "acme_plugin:VENDOR", "must be named 'other'"),
        ("acme", object(), "acme_plugin:VENDOR", "must hold a VENDOR"),
        ("acme", made_up_vendor(contract=99), "acme_plugin:VENDOR", "contract 99"),
    ],
)
def test_a_bad_plugin_is_refused(
    name: str, vendor: Any, value: str, words: str, add_plugin: AddPlugin
) -> None:
    add_plugin(name, vendor, value)
    with pytest.raises(VendorInvalid, match=words):
        load_all()


def test_two_vendors_of_one_name_are_refused(add_folder: AddFolder, add_plugin: AddPlugin) -> None:
    add_folder("acme", good("acme"))
    add_plugin("acme", made_up_vendor())
    with pytest.raises(VendorInvalid, match="'acme', which is already there"):
        load_all()


def test_the_vendors_of_this_house_load() -> None:
    vendors = load_all()
    assert vendors
    assert [vendor.name for vendor in vendors.values()] == sorted(vendors)


@pytest.mark.parametrize("name", sorted(PLUMBING))
def test_a_folder_that_is_plumbing_is_passed_over(name: str, add_folder: AddFolder) -> None:
    add_folder(name, "raise AssertionError('not imported')")
    assert load_all() == {}
