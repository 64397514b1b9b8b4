"""`doctor`."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click
from click.exceptions import Exit

from gateway.cli.failures import PROBLEM
from gateway.cli.output import as_json, printable
from gateway.doctor.examination import examine
from gateway.doctor.findings import Finding, Level
from gateway.environment import config_path
from gateway.telemetry import logs

_COLOURS: Final = MappingProxyType({Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"})


@click.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The configuration.  [env: WORKFLOW_GATEWAY_CONFIG]  [default: config/gateway.yaml]",
)
@click.option("--offline", is_flag=True, help="Ask nobody beyond this machine.")
@click.option("--json", "machine", is_flag=True, help="Print JSON for machines.")
def doctor(config: Path | None, *, offline: bool, machine: bool) -> None:
    """Check whether the gateway can work here, and say what to do about what it cannot.

    Looked at are the import names, the configuration, credentials, callers, ports and open files; and, unless
    --offline, every vendor (name, port, certificate, one call with the credential, clock) and Redis. The exit code is 1
    when something fails; a warning alone is none.
    """
    # What goes wrong is told below; the log would say it once more.
    logs.configure("error", "console")
    findings = asyncio.run(examine(config or config_path(), offline=offline))
    failed = any(each.level is Level.FAIL for each in findings)
    if machine:
        as_json({"ok": not failed, "findings": [_plain(each) for each in findings]})
    else:
        _show(findings)
    if failed:
        raise Exit(PROBLEM)


def _plain(finding: Finding) -> dict[str, str]:
    told = {
        "level": str(finding.level),
        "check": finding.check,
        "about": finding.about,
        "message": finding.message,
        "advice": finding.advice,
    }
    return {name: value for name, value in told.items() if value}


def _show(findings: Sequence[Finding]) -> None:
    width = max(len(each.check) for each in findings)
    for each in findings:
        level = click.style(f"{each.level:<4}", fg=_COLOURS[each.level], bold=each.level is Level.FAIL)
        told = f"{each.about}: {each.message}" if each.about else each.message
        advice = f"; {each.advice}" if each.advice else ""
        click.echo(f"{level}  {each.check:<{width}}  {printable(told + advice)}")
    counts = Counter(each.level for each in findings)
    click.echo(f"\n{counts[Level.OK]} fine, {counts[Level.WARN]} to look at, {counts[Level.FAIL]} failed")
