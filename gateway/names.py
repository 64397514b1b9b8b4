"""The guard of our import names: other distributions own some of them too and would replace ours silently."""

import ast
import importlib.util
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Final

import gateway

NAMES: Final = ("gateway", "adapters", "schemas", "emulators")


class NameCollision(Exception):
    """One of our import names leads to somebody else's package; the message says whose and what to do."""


def check_names() -> None:
    """Make sure that every import name of ours leads to our own package. Nothing is imported.

    Raises:
        NameCollision: a name is missing, lies in another folder, or does not declare our distribution.
    """
    home = Path(gateway.__path__[0]).resolve().parent
    for name in NAMES:
        folder = _folder(name)
        if folder is None or folder.parent != home or _declared(name, folder) != gateway.DISTRIBUTION:
            raise NameCollision(_message(name, folder, home))


def _folder(name: str) -> Path | None:
    """Return the package's folder; None when there is no package of that name."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).resolve().parent


def _declared(name: str, folder: Path) -> object:
    """Return the package's `DISTRIBUTION`; read from its source when it is not imported yet."""
    if name in sys.modules:
        return getattr(sys.modules[name], "DISTRIBUTION", None)
    source = folder / "__init__.py"
    if not source.is_file():
        return None
    for statement in ast.parse(source.read_bytes()).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            targets = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            if "DISTRIBUTION" in targets:
                return statement.value.value
    return None


def _message(name: str, folder: Path | None, home: Path) -> str:
    owners = sorted(set(packages_distributions().get(name, ())) - {gateway.DISTRIBUTION})
    if folder is None:
        found = f"the package {name!r} is missing beside the gateway's own in {home}"
    elif owners:
        found = f"the import name {name!r} is taken by the distribution {' and '.join(owners)} in {folder}"
    else:
        found = f"the import name {name!r} is taken by a package in {folder} that is not ours"
    return (
        f"{found}; install {gateway.DISTRIBUTION} alone in an environment of its own (a new virtual environment "
        f"or its image), and start it from a folder without a package called {name!r}"
    )
