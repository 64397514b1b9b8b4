"""`keys create`, `keys rotate` and `keys list`. None of them changes a file: what to write there is printed."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click
from pydantic import ValidationError

from adapters.registry import load_all
from gateway.callers import new_key
from gateway.cli.entries import entry_of, moment_text
from gateway.cli.failures import Failure
from gateway.cli.output import as_json, as_table
from gateway.environment import config_path
from gateway.settings import CallerSettings, ConfigInvalid, RetiringKeySettings, Settings, load
from gateway.settings.showing import shortened
from gateway.settings.values import Right

_SPAN: Final = re.compile(r"([0-9]{1,6})([smhdw])|0")
_UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
)
_SOON: Final = timedelta(days=14)

_CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The configuration.  [env: WORKFLOW_GATEWAY_CONFIG]  [default: config/gateway.yaml]",
)
_EXPIRES = click.option(
    "--expires", metavar="DATE", help="From when on the caller's keys are refused, such as 2027-01-31."
)


@click.group()
def keys() -> None:
    """Make, replace and list the keys of the gateway's callers."""


@keys.command()
@click.argument("name")
@_EXPIRES
@click.option("--connection", "connections", multiple=True, help="Only this connection; may be repeated.")
@click.option(
    "--right",
    "rights",
    multiple=True,
    type=click.Choice([right.value for right in Right]),
    help="What the caller may do, `read` alone by default; may be repeated.",
)
def create(name: str, expires: str | None, connections: tuple[str, ...], rights: tuple[str, ...]) -> None:
    """Make a key for the caller NAME: the key is shown once, the configuration gets its hash."""
    key, key_hash = new_key()
    given: dict[str, Any] = {"name": name, "key_hashes": [key_hash], "expires": expires}
    given |= {"connections": list(connections)} if connections else {}
    given |= {"rights": list(dict.fromkeys(rights))} if rights else {}
    caller = _caller(given)
    if caller.expires is not None and caller.expires <= datetime.now(UTC):
        raise click.BadParameter("is over already: nobody would be let in", param_hint="--expires")
    _show(name, key)
    click.echo(f"The entry under `callers:` in the configuration:\n\n{entry_of(caller)}")


@keys.command()
@click.argument("name")
@_CONFIG
@click.option(
    "--overlap",
    default="7d",
    show_default=True,
    metavar="SPAN",
    help="How long the old keys still work, as in 30m, 12h, 7d or 2w; 0 ends them at once.",
)
@_EXPIRES
def rotate(name: str, config: Path | None, overlap: str, expires: str | None) -> None:
    """Replace the keys of the caller NAME: a new one is shown once, and the old ones work a while longer.

    The file is not changed: write the entry that is printed in place of the caller's old one, then reload or restart
    the gateway.
    """
    settings = _load(config)
    found = [caller for caller in settings.callers if caller.name == name]
    if not found:
        known = ", ".join(caller.name for caller in settings.callers) or "none"
        raise Failure(f"{settings.source} has no caller {name!r}; callers: {known}")
    now = datetime.now(UTC)
    key, key_hash = new_key()
    changed = _rotated(found[0], key_hash, now, _span(overlap))
    if expires is not None:
        changed = _caller({**changed.model_dump(mode="json"), "expires": expires})
    if changed.expires is not None and changed.expires <= now:
        raise Failure(f"all keys of {name} are refused since {moment_text(changed.expires)}; give --expires")
    _show(name, key)
    click.echo(
        f"The entry of {name} under `callers:` in {settings.source}, in place of the one there:\n\n{entry_of(changed)}"
    )


@keys.command("list")
@_CONFIG
@click.option("--json", "machine", is_flag=True, help="Print JSON for machines.")
def list_keys(config: Path | None, *, machine: bool) -> None:
    """Show every caller's keys, by the first digits of their hashes, and whether they are let in."""
    found = list(_keys(_load(config), datetime.now(UTC)))
    if machine:
        as_json(found)
        return
    rows = [
        (each["caller"], each["key"], each["state"], each["expires"], each["connections"], each["rights"])
        for each in found
    ]
    columns = ("caller", "key", "state", "expires", "connections", "rights")
    as_table(columns, rows, "no callers: everybody on this machine may call, without a key")


def _show(name: str, key: str) -> None:
    click.echo(f"The key, to be given to {name}. It is not shown again:\n\n  {key}\n")


def _load(config: Path | None) -> Settings:
    try:
        return load(config or config_path(), load_all())
    except ConfigInvalid as error:
        raise Failure(str(error)) from error


def _caller(given: Mapping[str, Any]) -> CallerSettings:
    """Return a caller's settings.

    Raises:
        click.BadParameter: something given cannot be used.
    """
    try:
        return CallerSettings.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = str(first["loc"][0])
        hint = {"name": "NAME", "connections": "--connection"}.get(place, f"--{place}")
        raise click.BadParameter(str(first["msg"]).removeprefix("Value error, "), param_hint=hint) from error


def _rotated(caller: CallerSettings, key_hash: str, now: datetime, overlap: timedelta) -> CallerSettings:
    """Return a caller with a new key; those it had end after the overlap, or when they would have ended anyway."""
    ends = (now + overlap).replace(microsecond=0)
    retiring = [(key.hash, min(key.expires, ends)) for key in caller.retiring_keys]
    retiring += [(old, ends) for old in caller.key_hashes]
    still = tuple(
        RetiringKeySettings.model_validate({"hash": old, "expires": expires})
        for old, expires in retiring
        if expires > now
    )
    return caller.model_copy(update={"key_hashes": (key_hash,), "retiring_keys": still})


def _span(text: str) -> timedelta:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise click.BadParameter("expected a span of time as in 30m, 12h, 7d or 2w", param_hint="--overlap")
    return timedelta(**{_UNITS[match[2]]: int(match[1])}) if match[2] else timedelta()


def _keys(settings: Settings, now: datetime) -> Iterator[dict[str, Any]]:
    for caller in settings.callers:
        ends = [(key_hash, caller.expires) for key_hash in caller.key_hashes]
        ends += [(key.hash, min(key.expires, caller.expires or key.expires)) for key in caller.retiring_keys]
        for key_hash, expires in ends:
            yield {
                "caller": caller.name,
                "key": shortened(key_hash),
                "state": _state(expires, now),
                "expires": None if expires is None else moment_text(expires),
                "connections": "all" if caller.connections == "all" else list(caller.connections),
                "rights": [right.value for right in caller.rights],
            }


def _state(expires: datetime | None, now: datetime) -> str:
    if expires is None:
        return "valid"
    left = expires - now
    if left <= timedelta():
        return "expired"
    if left > _SOON:
        return "valid"
    hours = int(left.total_seconds() // 3600)
    amount, unit = (hours // 24, "day") if hours >= 48 else (max(1, hours), "hour")
    return f"expires in {amount} {unit}{'s' if amount != 1 else ''}"
