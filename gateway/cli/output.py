"""What people and machines read on standard output. No control character reaches the terminal."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import click

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
    from prettytable import PrettyTable, TableStyle  # noqa: PLC0415 - other commands need not wait for it

    cells = [[printable(cell) for cell in row] for row in rows]
    if not cells:
        click.echo(empty)
        return
    table = PrettyTable(list(columns))
    table.set_style(TableStyle.PLAIN_COLUMNS)
    table.align = "l"
    table.left_padding_width, table.right_padding_width = 0, 2
    table.add_rows(cells)
    header, *lines = (line.rstrip() for line in table.get_string().splitlines())
    click.echo("\n".join((click.style(header, bold=True), *lines)))


def printable(value: object) -> str:
    """Return one line of text without control characters, which could steer the terminal; empty for None."""
    text = "" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "".join(character if character.isprintable() else " " for character in text)


def moment(value: str | None) -> str:
    """Return an RFC 3339 time as people read it, to the minute."""
    return "" if value is None else value[:16].replace("T", " ")
