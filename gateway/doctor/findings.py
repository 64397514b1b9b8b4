"""What a check finds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

MASK: Final = "********"
SHORTEST_SECRET: Final = 6
"""Shorter texts would be found in innocent words."""


class Level(StrEnum):
    """How grave it is."""

    OK = "ok"
    WARN = "warn"
    """It works, and may not for long or not well."""
    FAIL = "fail"
    """It does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        level: how grave it is.
        check: which check it is of.
        about: what it is about, such as a connection's name; empty for the gateway as a whole.
        message: what was found; holds no secret.
        advice: what to do; empty where nothing is to be done.
    """

    level: Level
    check: str
    about: str
    message: str
    advice: str = ""


def ok(check: str, about: str, message: str) -> Finding:
    """Return that something is well."""
    return Finding(Level.OK, check, about, message)


def warn(check: str, about: str, message: str, advice: str) -> Finding:
    """Return that something may go wrong."""
    return Finding(Level.WARN, check, about, message, advice)


def fail(check: str, about: str, message: str, advice: str) -> Finding:
    """Return that something does not work."""
    return Finding(Level.FAIL, check, about, message, advice)


def without(findings: Iterable[Finding], secrets: Sequence[str]) -> tuple[Finding, ...]:
    """Return findings that hold none of these secrets, should anybody have repeated one."""
    hidden = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]

    def clean(text: str) -> str:
        for secret in hidden:
            text = text.replace(secret, MASK)
        return text

    return tuple(replace(each, message=clean(each.message), advice=clean(each.advice)) for each in findings)
