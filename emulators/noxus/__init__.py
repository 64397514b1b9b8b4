"""Noxus' public API on loopback: workflows, versions, runs, triggers, agents and conversations."""

from emulators.contract import Emulator
from emulators.noxus.backend import NoxusBackend
from emulators.noxus.variants import VARIANTS

EMULATOR = Emulator(
    name="noxus",
    title="Noxus",
    default_port=8103,
    default_key="nx_demo_noxus",
    backend=NoxusBackend,
    variants=dict(VARIANTS),
)
