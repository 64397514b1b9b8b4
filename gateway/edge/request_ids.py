"""Ids of requests: the caller's own where it can be used, else one of ours."""

import os
import re
from itertools import count
from typing import Final

_ACCEPTED: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class RequestIds:
    """Makes ids that no other process makes: 16 random hex digits of this one, then a number in 16.

    They tell requests apart; they are no secrets.
    """

    def __init__(self) -> None:
        self._start = os.urandom(8).hex()
        self._numbers = count(1)

    def next(self) -> bytes:
        """Return another id."""
        return f"{self._start}{next(self._numbers):016x}".encode("ascii")


def accepted(given: bytes | None) -> bytes | None:
    """Return a caller's own id, or None when it cannot be used."""
    return given if given is not None and _ACCEPTED.fullmatch(given) else None
