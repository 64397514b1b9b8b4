"""A stand-in for the Aitronos API: workflows, assistants and the link between them."""

from emulators.aitronos.backend import AitronosBackend
from emulators.aitronos.variants import VARIANTS
from emulators.contract import Emulator

EMULATOR = Emulator(
    name="aitronos",
    title="Aitronos",
    default_port=8101,
    default_key="ak_demo_aitronos",
    backend=AitronosBackend,
    variants=dict(VARIANTS),
)
