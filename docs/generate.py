"""Writes the reference pages from the code; `make docs` runs it, `--check` only says which page is stale."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from docs.pages import (
    canonical_model,
    command_line,
    configuration,
    http_api,
    metrics,
    problems,
    support_matrix,
)

FOLDER: Final = Path(__file__).resolve().parent / "reference"

PAGES: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {
        "configuration.md": configuration.text,
        "support-matrix.md": support_matrix.text,
        "problems.md": problems.text,
        "metrics.md": metrics.text,
        "command-line.md": command_line.text,
        "http-api.md": http_api.text,
        "canonical-model.md": canonical_model.text,
    }
)
"""Name of a page to what writes it."""


def stale(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the pages that are not what the code says, those that should not be there included."""
    wrong = [name for name, text in PAGES.items() if _content(folder / name) != text()]
    left_over = [path.name for path in sorted(folder.glob("*.md")) if path.name not in PAGES]
    return (*wrong, *left_over)


def write(folder: Path = FOLDER) -> None:
    """Write every page, and remove those that nothing writes any more."""
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.md"):
        if path.name not in PAGES:
            path.unlink()
    for name, text in PAGES.items():
        (folder / name).write_text(text(), encoding="utf-8")


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def main(arguments: list[str] | None = None, folder: Path = FOLDER) -> int:
    """Write or check the pages in a folder; returns the exit code."""
    parser = argparse.ArgumentParser(prog="docs/generate.py", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a page is stale")
    if not parser.parse_args(arguments).check:
        write(folder)
        return 0
    pages = stale(folder)
    for name in pages:
        sys.stderr.write(f"docs/reference/{name} is stale; run `make docs`\n")
    return 1 if pages else 0


if __name__ == "__main__":
    sys.exit(main())
