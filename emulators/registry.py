"""Finds the emulators: every subpackage of `emulators` that has an `EMULATOR`."""

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

import emulators
from emulators.contract import Emulator


def names() -> tuple[str, ...]:
    """Return the vendors' names that have an emulator, sorted, without importing them."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(emulators.__path__) if module.ispkg))


def load(name: str) -> Emulator:
    """Return one emulator's facts.

    Raises:
        LookupError: there is no emulator of that name.
    """
    if name not in names():
        raise LookupError(f"no emulator named {name!r}; there are: {', '.join(names())}")
    emulator = importlib.import_module(f"emulators.{name}").EMULATOR
    if not isinstance(emulator, Emulator) or emulator.name != name:
        raise TypeError(f"emulators.{name}.EMULATOR must be an Emulator named {name!r}")
    return emulator


def load_all() -> Mapping[str, Emulator]:
    """Return every emulator by name."""
    return MappingProxyType({name: load(name) for name in names()})
