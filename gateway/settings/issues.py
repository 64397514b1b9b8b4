"""What is wrong with a configuration, and how that is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from typing_extensions import override

KeyPath: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys of mappings and positions in lists."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a place of the document; `line` only where the path alone does not tell."""

    path: KeyPath
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong with a configuration file, as people see it.

    Attributes:
        source: the file, as it was given.
        line: from 1; None when it concerns the whole file.
        key: such as `connections.main.base_url`; empty when it concerns no key.
        message: what is wrong and what to do; holds no secret.
    """

    source: str
    line: int | None
    key: str
    message: str

    @override
    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        return ": ".join(part for part in (place, self.key, self.message) if part)


class ConfigInvalid(Exception):
    """The configuration cannot be used; `issues` holds everything that is wrong, in the order of files and lines."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(sorted(issues, key=lambda issue: (issue.source, issue.line or 0, issue.key)))
        super().__init__("\n".join(str(issue) for issue in self.issues))


def shown(path: KeyPath) -> str:
    """Return a path as people write it: `callers[0].name`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")
