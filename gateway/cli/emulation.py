"""`emulate`, which the emulators bring along."""

from emulators.command import emulate

__all__ = ["emulate"]
