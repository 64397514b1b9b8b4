"""`reload`."""

import click

from gateway.cli.client import RemoteClient, Sending, at_gateway
from gateway.cli.failures import Failure
from gateway.cli.output import as_json
from schemas.json_codec import loads


@click.command()
@click.option("--json", "machine", is_flag=True, help="Print JSON for machines.")
@at_gateway
def reload(url: str | None, key: str | None, *, machine: bool) -> None:
    """Have a running gateway read its configuration and credentials anew; the key needs the right admin.

    A configuration that cannot be used changes nothing, and every fault is named.
    """
    if url is None:
        raise Failure("say which gateway: --url http://127.0.0.1:8080, or WORKFLOW_GATEWAY_URL")
    told = loads(RemoteClient(url, key).send(Sending("POST"), "v1", "admin", "reload"))
    if machine:
        as_json(told)
        return
    click.echo("can be used; the workers take it over now" if told["waiting"] else "taken over")
    for name in told["restart_needed"]:
        click.echo(f"  waits for a restart: {name}")
