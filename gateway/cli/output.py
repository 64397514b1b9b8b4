"""What people and machines read on standard output. No control character reaches the terminal."""

import io
import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

import click

WIDTH: Final = 10_000
"""Wide enough that a row stays on its line: pipes count in lines, and a folded id cannot be copied."""

_UNSEEN: Final = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)
"""What JSON lets stand as it is, and yet steers a terminal, turns text round or cannot be written."""


def as_json(value: Any) -> None:
    """Print a JSON value, indented."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    click.echo(_UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def as_lines(text: str) -> None:
    """Print a text of several lines."""
    for line in text.split("\n"):
        click.echo(printable(line))


def as_table(columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Print a table, each row on a line of its own; `empty` when it has no rows."""
    from rich.console import Console  # noqa: PLC0415 - costs start-up time that other commands need not pay
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        # Text, not markup: a workflow named "[red]" is not an instruction.
        table.add_row(*(Text(printable(cell)) for cell in row))
    if not table.row_count:
        click.echo(empty)
        return
    drawn = io.StringIO()
    Console(file=drawn, width=WIDTH, force_terminal=sys.stdout.isatty(), highlight=False).print(table)
    click.echo("\n".join(line.rstrip() for line in drawn.getvalue().splitlines()))


def printable(value: object) -> str:
    """Return one line of text without control characters, which could steer the terminal; empty for None."""
    text = "" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "".join(character if character.isprintable() else " " for character in text)


def moment(value: str | None) -> str:
    """Return an RFC 3339 time as people read it, to the minute."""
    return "" if value is None else value[:16].replace("T", " ")
