"""The house's source as the laws see it: modules as syntax trees, and breaches that name rule and culprit."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from typing_extensions import override

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("schemas", "adapters", "emulators", "gateway")


@dataclass(frozen=True, slots=True)
class Module:
    """One file of the house; `name` is dotted, `path` is relative to the checkout."""

    name: str
    path: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        """The dotted name that relative imports start from."""
        return self.name if self.path.endswith("__init__.py") else self.name.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Breach:
    """One law broken at one place."""

    rule: str
    where: str
    what: str

    @override
    def __str__(self) -> str:
        return f"{self.where}: {self.rule}: {self.what}"


@dataclass(frozen=True, slots=True)
class House:
    """What the laws need to know beside the module they look at.

    Attributes:
        vendors: folders under `adapters`.
        emulated: folders under `emulators`.
        words: the vendors' names and titles, in lower case.
    """

    vendors: frozenset[str]
    emulated: frozenset[str]
    words: frozenset[str]


Law = Callable[[Module, House], Iterable[Breach]]


def parsed(text: str, path: str) -> Module:
    """Return the module that a file of this path would be."""
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return Module(".".join(parts), path, text, ast.parse(text, path))


def read_modules(root: Path = ROOT) -> Iterator[Module]:
    """Yield every module of the four packages, sorted by path."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            yield parsed(path.read_text("utf-8"), path.relative_to(root).as_posix())


def folders(package: str, root: Path = ROOT) -> frozenset[str]:
    """Return the names of the vendors' folders in a package."""
    return frozenset(found.parent.name for found in (root / package).glob("*/__init__.py"))


def breach(rule: str, module: Module, node: ast.AST | None, what: str) -> Breach:
    """Return a breach at a node; at the whole file when there is none."""
    line = getattr(node, "lineno", None)
    return Breach(rule, module.path if line is None else f"{module.path}:{line}", what)


def vendor_of(name: str, package: str, vendors: frozenset[str]) -> str | None:
    """Return the vendor whose folder a dotted name of the package lies in; None for plumbing."""
    parts = name.split(".")
    return parts[1] if parts[0] == package and len(parts) > 1 and parts[1] in vendors else None


def is_plumbing(module: Module, house: House) -> bool:
    """Say whether the module is core: not in a vendor's own folder."""
    return not (
        vendor_of(module.name, "adapters", house.vendors)
        or vendor_of(module.name, "emulators", house.emulated)
    )
