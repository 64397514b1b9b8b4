"""`vendors` and `connections`."""

from types import MappingProxyType
from typing import Any, Final

import click
from typing_extensions import override

from adapters.registry import load_all
from gateway.cli.client import Client, RemoteClient, at_gateway, needs_client, read
from gateway.cli.descriptions import check
from gateway.cli.failures import Failure
from gateway.cli.output import as_json, as_table, moment
from gateway.environment import config_path
from gateway.service import describe_vendor
from gateway.settings import ConfigInvalid, vendors_beside
from schemas.catalogue import VendorList
from schemas.json_codec import loads
from schemas.serialising import to_json

SHOW: Final = "show"

_WORDS: Final = MappingProxyType(
    {
        "native": "yes",
        "emulated": "emulated",
        "not_yet": "not yet",
        "vendor_lacks_it": "-",
        "never": "never",
    }
)


class _Vendors(click.Group):
    """A group that shows the vendors when none of its commands is named."""

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = args[:1]
        if not named or named[0] not in (*self.commands, *ctx.help_option_names):
            args = [SHOW, *args]
        return super().parse_args(ctx, args)


@click.command(SHOW)
@click.argument("name", required=False)
@click.option("--json", "machine", is_flag=True, help="Print JSON for machines.")
@at_gateway
def show(name: str | None, url: str | None, key: str | None, *, machine: bool) -> None:
    """Show what each vendor can do; with NAME, why one cannot.

    Without --url these are the vendors of this installation and those described beside its configuration.
    """
    items = read(RemoteClient(url, key), "v1", "vendors")["items"] if url else _installed()
    chosen = [vendor for vendor in items if name in (None, vendor["name"])]
    if not chosen:
        known = ", ".join(vendor["name"] for vendor in items)
        raise click.BadParameter(f"there is no vendor named {name!r}; there are: {known}", param_hint="NAME")
    if machine:
        as_json({"items": chosen})
    elif name is None:
        _matrix(chosen)
    else:
        _reasons(chosen[0])


@click.group(cls=_Vendors, commands=[show, check])
def vendors() -> None:
    """Show what each vendor can do, or check the description of one.

    `workflow-gateway vendors` shows all, `workflow-gateway vendors NAME` why one cannot do something.
    """


@click.command()
@click.option("--probe", is_flag=True, help="Call every vendor once to see its health.")
@click.option("--json", "machine", is_flag=True, help="Print JSON for machines.")
@needs_client
def connections(client: Client, *, probe: bool, machine: bool) -> None:
    """Show the configured connections and what their latest calls say of their health."""
    items = read(client, "v1", "connections")["items"]
    if probe:
        items = [read(client, "v1", "connections", item["name"], query={"probe": "true"}) for item in items]
    if machine:
        as_json({"items": items})
        return
    rows = [
        (item["name"], item["vendor"], item["base_url"], item["health"]["state"], _latest(item["health"]))
        for item in items
    ]
    as_table(("CONNECTION", "VENDOR", "BASE URL", "HEALTH", "LATEST"), rows, "no connections")


def _installed() -> list[dict[str, Any]]:
    try:
        known = vendors_beside(config_path(), load_all())
    except ConfigInvalid as error:
        raise Failure(str(error)) from error
    described = VendorList(items=tuple(describe_vendor(vendor) for vendor in known.values()))
    items: list[dict[str, Any]] = loads(to_json(described))["items"]
    return items


def _matrix(items: list[dict[str, Any]]) -> None:
    abilities = list(items[0]["support"])
    rows = [
        (ability.replace("_", " "), *(_WORDS[vendor["support"][ability]["level"]] for vendor in items))
        for ability in abilities
    ]
    as_table(("ABILITY", *(vendor["title"] for vendor in items)), rows, "no vendors")
    click.echo("\n-  the vendor lacks it.  `workflow-gateway vendors NAME` gives the reasons.")


def _reasons(vendor: dict[str, Any]) -> None:
    click.echo(f"{vendor['title']}  {vendor['docs_url']}\n")
    rows = [
        (ability.replace("_", " "), support["level"].replace("_", " "), support.get("reason", ""))
        for ability, support in vendor["support"].items()
    ]
    as_table(("ABILITY", "SUPPORT", "REASON"), rows, "nothing")


def _latest(health: dict[str, Any]) -> str:
    if health["state"] == "failing":
        return f"{moment(health['last_failure_at'])}  {health['last_problem']['detail']}"
    return moment(health.get("last_success_at"))
