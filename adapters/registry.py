"""Finds the vendors that are code: subpackages of `adapters` with a `VENDOR`, and other distributions' entry points."""

import importlib
import pkgutil
from collections.abc import Mapping
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Final

import adapters
from adapters.contract import CONTRACT_VERSION, Vendor

ENTRY_POINT_GROUP = "workflow_gateway.vendors"

PLUMBING: Final = frozenset({"generic"})
"""Folders that hold no vendor: what vendors without code are made of."""


class VendorInvalid(Exception):
    """A vendor's folder or plug-in cannot be used; the message says which and why."""


def load_all() -> Mapping[str, Vendor]:
    """Return every vendor by name.

    Raises:
        VendorInvalid: a vendor does not keep the contract, or two share a name.
    """
    found: dict[str, Vendor] = {}
    for module in pkgutil.iter_modules(adapters.__path__):
        if module.ispkg and module.name not in PLUMBING:
            vendor = getattr(importlib.import_module(f"adapters.{module.name}"), "VENDOR", None)
            _add(found, vendor, f"adapters/{module.name}", module.name)
    for point in entry_points(group=ENTRY_POINT_GROUP):
        try:
            vendor = point.load()
        except (ImportError, AttributeError) as error:
            raise VendorInvalid(f"the vendor plug-in {point.value} cannot be imported: {error}") from error
        _add(found, vendor, point.value, point.name)
    return MappingProxyType(dict(sorted(found.items())))


def _add(found: dict[str, Vendor], vendor: object, source: str, name: str) -> None:
    if not isinstance(vendor, Vendor):
        raise VendorInvalid(f"{source} must hold a VENDOR of type adapters.contract.Vendor")
    if vendor.name != name:
        raise VendorInvalid(f"{source} declares the vendor {vendor.name!r}; it must be named {name!r}")
    if vendor.contract != CONTRACT_VERSION:
        message = f"{source} is written for contract {vendor.contract}; this gateway has {CONTRACT_VERSION}"
        raise VendorInvalid(message)
    if name in found:
        raise VendorInvalid(f"{source} declares the vendor {name!r}, which is already there")
    found[name] = vendor
