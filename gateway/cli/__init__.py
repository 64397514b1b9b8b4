"""The command `workflow-gateway`."""

import sys

import click

from gateway.names import NameCollision, check_names


def main() -> None:
    """Run the command line; the exit code says how it went (see `--help`)."""
    try:
        check_names()
    except NameCollision as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    # Imported after the check: with the wrong packages under our names this import would fail less clearly.
    from gateway.cli.root import root  # noqa: PLC0415

    root(prog_name="workflow-gateway")
