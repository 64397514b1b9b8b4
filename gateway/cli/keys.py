"""`keys create`."""

import click

from gateway.callers import new_key


@click.group()
def keys() -> None:
    """Make keys for callers of the gateway."""


@keys.command()
@click.argument("name")
def create(name: str) -> None:
    """Make a key for the caller NAME: the key is shown once, the configuration gets its hash."""
    key, key_hash = new_key()
    click.echo(f"key (give it to {name}, it is not shown again):\n\n  {key}\n")
    click.echo(
        f"entry for `callers:` in the configuration:\n\n  - name: {name}\n    key_hashes: [{key_hash}]"
    )
