"""An emulator of PromptLayer's workflow API (called agents for a while), with the websocket its SDK needs."""

from emulators.contract import Emulator
from emulators.promptlayer.backend import PromptLayerBackend
from emulators.promptlayer.variants import VARIANTS

EMULATOR = Emulator(
    name="promptlayer",
    title="PromptLayer",
    default_port=8102,
    default_key="pl_demo_promptlayer",
    backend=PromptLayerBackend,
    variants=dict(VARIANTS),
)
"""The facts of the emulated vendor."""

__all__ = ["EMULATOR"]
