"""What people and machines read on standard output."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

WIDE = 160


def as_json(value: Any) -> None:
    """Print a JSON value, indented."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def as_table(columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Print a table; `empty` when it has no rows."""
    from rich.console import Console  # noqa: PLC0415 - costs start-up time that other commands need not pay
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    count = 0
    for row in rows:
        # Text, not markup: a workflow named "[red]" is not an instruction.
        table.add_row(*(Text(printable(cell)) for cell in row))
        count += 1
    if not count:
        click.echo(empty)
        return
    Console(width=None if sys.stdout.isatty() else WIDE, highlight=False).print(table)


def printable(value: object) -> str:
    """Return one line of text without control characters, which could steer the terminal; empty for None."""
    text = "" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "".join(character if character.isprintable() else " " for character in text)


def moment(value: str | None) -> str:
    """Return an RFC 3339 time as people read it, to the minute."""
    return "" if value is None else value[:16].replace("T", " ")
