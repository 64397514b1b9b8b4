"""The help of every command."""

from collections.abc import Iterator
from typing import Final

import click

from docs.pages.markdown import page
from gateway.cli.root import root

TITLE: Final = "Command line"
WIDTH: Final = 100


def text() -> str:
    """Return the page."""
    blocks = [f"## `{context.command_path}`\n\n```text\n{_help(context)}\n```" for context in commands()]
    return page(TITLE, "`gateway/cli`", "What each command says with `--help`.", *blocks)


def commands() -> Iterator[click.Context]:
    """Return a context for every command and subcommand, the outermost first."""
    outermost = click.Context(root, None, "workflow-gateway", terminal_width=WIDTH, **root.context_settings)
    yield from _inside(root, outermost)


def _inside(command: click.Command, context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _inside(inner, click.Context(inner, context, name, **inner.context_settings))


def _help(context: click.Context) -> str:
    return "\n".join(line.rstrip() for line in context.command.get_help(context).splitlines())
