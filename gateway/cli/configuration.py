"""`config check` and `config show`."""

import json
from pathlib import Path

import click
import yaml

from adapters.registry import load_all
from gateway.cli.failures import Failure
from gateway.cli.output import as_json
from gateway.environment import config_path
from gateway.settings import ConfigInvalid, Settings, load, masked, read_credentials

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def config() -> None:
    """Check the configuration file, or show what it amounts to."""


@config.command()
@click.argument("file", required=False, type=_FILE)
@click.option("--no-credentials", is_flag=True, help="Do not look whether the credentials are there.")
def check(file: Path | None, *, no_credentials: bool) -> None:
    """Check FILE and name every fault with its line and key.

    Without FILE it is the one that the gateway would start with: WORKFLOW_GATEWAY_CONFIG, or config/gateway.yaml.
    """
    settings = _load(file)
    if not no_credentials:
        try:
            read_credentials(settings)
        except ConfigInvalid as error:
            raise Failure(str(error)) from error
    connections = ", ".join(settings.connections)
    click.echo(f"{settings.source}: fine")
    click.echo(f"  connections  {connections}")
    click.echo(f"  callers      {', '.join(caller.name for caller in settings.callers) or 'none'}")


@config.command()
@click.argument("file", required=False, type=_FILE)
@click.option("--json", "machine", is_flag=True, help="Print JSON for machines.")
def show(file: Path | None, *, machine: bool) -> None:
    """Show every setting with its value in force; secrets are masked.

    Without FILE it is the one that the gateway would start with: WORKFLOW_GATEWAY_CONFIG, or config/gateway.yaml.
    """
    shown = masked(_load(file))
    if machine:
        as_json(shown)
    else:
        click.echo(
            yaml.safe_dump(json.loads(json.dumps(shown)), sort_keys=False, allow_unicode=True), nl=False
        )


def _load(file: Path | None) -> Settings:
    try:
        return load(file or config_path(), load_all())
    except ConfigInvalid as error:
        raise Failure(str(error)) from error
