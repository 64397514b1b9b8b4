"""`keys create`."""

import click
from pydantic import TypeAdapter, ValidationError

from gateway.callers import new_key
from gateway.settings.values import Name
from gateway.settings.yaml_nodes import plain


@click.group()
def keys() -> None:
    """Make keys for callers of the gateway."""


@keys.command()
@click.argument("name")
def create(name: str) -> None:
    """Make a key for the caller NAME: the key is shown once, the configuration gets its hash."""
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise click.BadParameter(message, param_hint="NAME") from error
    key, key_hash = new_key()
    click.echo(f"The key, to be given to {name}. It is not shown again:\n\n  {key}\n")
    # A name such as 2027 or null is a text only in quotes.
    written = name if plain(name) == name else f'"{name}"'
    click.echo(
        f"The entry under `callers:` in the configuration:\n\n  - name: {written}\n    key_hashes: [{key_hash}]"
    )
