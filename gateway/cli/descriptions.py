"""`vendors check`: a description of a vendor without code, alone and against a server."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

import click

from adapters.addresses import is_loopback
from adapters.contract import GetsWorkflow, ListsWorkflows, NativePage, PageRequest, Vendor
from adapters.errors import (
    AdapterError,
    VendorError,
    VendorForbids,
    VendorNotFound,
    VendorRefusedCredential,
    VendorRejected,
    VendorSurprise,
)
from adapters.limits import Limits
from adapters.transport import Transport
from gateway.cli.failures import Failure, ProblemFailure
from gateway.cli.output import printable
from gateway.environment import ReferenceInvalid, SecretUnavailable, resolve
from gateway.settings import ConfigInvalid, read_description
from schemas.diagnostics import Severity
from schemas.graph import GraphForm
from schemas.support import Ability
from schemas.workflow import Workflow, WorkflowSummary

ITEMS: Final = 5
"""So many workflows are listed to see whether they can be read."""

_ADVICE: Final[Mapping[type[VendorError], str]] = MappingProxyType(
    {
        VendorRefusedCredential: "look at credential.header and credential.prefix, and at the credential itself",
        VendorForbids: "look at credential.header and credential.prefix, and at what the credential may do",
        VendorNotFound: "look at {call}.path and at the URL",
        VendorRejected: "look at {call}.parameters, and at paging",
        VendorSurprise: "look at {call}: where its answer holds what is wanted, and whether it wants final_slash",
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `wrong` when there is something to mend."""

    text: str
    wrong: bool = False


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--against", metavar="URL", help="Also list and read one workflow of the API that is here.")
@click.option("--credential", metavar="REFERENCE", help="With --against: env:NAME or file:PATH of the key.")
@click.option(
    "--allow-insecure-http",
    is_flag=True,
    help="With --against: let the key travel unencrypted beyond this machine.",
)
def check(file: Path, against: str | None, credential: str | None, *, allow_insecure_http: bool) -> None:
    """Check the description of a vendor without code.

    Every fault of FILE is named with its line and key. With --against the API there is tried with it: workflows are
    listed and one is read, and what was found is shown with what to mend.
    """
    try:
        vendor = read_description(file)
    except ConfigInvalid as error:
        raise Failure(str(error)) from error
    click.echo(f"{file}: fine")
    click.echo(f"  vendor     {vendor.name} ({printable(vendor.title)})")
    can = [ability.replace("_", " ") for ability in Ability if vendor.support[ability].available]
    click.echo(f"  abilities  {', '.join(can)}")
    if against is None:
        return
    secret = _secret(credential)
    _refuse_unencrypted(against, allowed=allow_insecure_http)
    wrong = False
    for finding in asyncio.run(_try(vendor, against, secret)):
        wrong = wrong or finding.wrong
        click.echo(printable(("! " if finding.wrong else "  ") + finding.text))
    if wrong:
        raise ProblemFailure("the lines that begin with ! say what to mend")


def _secret(credential: str | None) -> str:
    if credential is None:
        raise click.UsageError("--against needs --credential env:NAME or --credential file:PATH")
    try:
        return resolve(credential).reveal()
    except (ReferenceInvalid, SecretUnavailable) as error:
        raise Failure(f"--credential: {error}") from error


def _refuse_unencrypted(url: str, *, allowed: bool) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise Failure("--against is no URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise Failure("--against must begin with https:// or http:// and name a host")
    if parts.scheme == "http" and not allowed and not is_loopback(host):
        raise Failure(
            "--against http:// would send the key unencrypted; use https://, or --allow-insecure-http"
        )


async def _try(vendor: Vendor, url: str, secret: str) -> list[Finding]:
    # Whoever types an address means it.
    async with Transport(vendor, url, secret, Limits(private_addresses=True)) as http:
        if not isinstance(vendor.api, ListsWorkflows) or not isinstance(vendor.api, GetsWorkflow):
            return [Finding("it neither lists nor reads workflows", wrong=True)]
        try:
            page = await vendor.api.page(http, PageRequest(ITEMS))
        except AdapterError as error:
            return [_failed("list_workflows", error)]
        found, summaries = _listed(vendor, page)
        if not summaries:
            return found
        try:
            fetched = await vendor.api.fetch(http, summaries[0].id)
            workflow = vendor.mapping.parse(fetched, "check")
        except AdapterError as error:
            return [*found, _failed("get_workflow", error)]
        same = vendor.mapping.render(workflow, fetched.document).document == fetched.document
        return [*found, *_read(workflow), Finding("written back it is the same", wrong=not same)]


def _failed(call: str, error: AdapterError) -> Finding:
    said = error.said.message if isinstance(error, VendorError) else None
    advice = next((text for kind, text in _ADVICE.items() if type(error) is kind), "")
    parts = (f"{call} failed: {error}", said and f"it says: {said}", advice.format(call=call))
    return Finding("; ".join(part for part in parts if part), wrong=True)


def _listed(vendor: Vendor, page: NativePage) -> tuple[list[Finding], Sequence[WorkflowSummary]]:
    of = "" if page.total is None else f" of {page.total}"
    more = ", and there are more" if page.next_position is not None else ""
    found = [Finding(f"listed     {len(page.items)}{of}{more}")]
    summaries: list[WorkflowSummary] = []
    for item in page.items:
        try:
            summaries.append(vendor.mapping.parse_summary(item, "check"))
        except VendorSurprise as error:
            found.append(
                Finding(f"an item of the listing cannot be read: {error}; look at workflow.id", wrong=True)
            )
    if not page.items:
        found.append(
            Finding("nothing is listed; make a workflow there, or look at list_workflows.items", wrong=True)
        )
    if summaries:
        found.append(Finding(f"ids        {', '.join(summary.id for summary in summaries)}"))
    if summaries and not any(summary.name for summary in summaries):
        found.append(Finding("no item has a name; look at workflow.name", wrong=True))
    return found, summaries


def _read(workflow: Workflow) -> Iterator[Finding]:
    graph = workflow.graph
    yield Finding(f"read       {workflow.name or workflow.id}")
    yield Finding(f"graph      {len(graph.nodes)} nodes, {len(graph.edges)} edges ({graph.form})")
    if graph.form is not GraphForm.GRAPH:
        yield Finding("no graph was found; look at graph.at, graph.encoded and graph.nodes", wrong=True)
    elif not any(node.type for node in graph.nodes):
        yield Finding("no node has a type; look at graph.node.type", wrong=True)
    if len(graph.nodes) > 1 and not graph.edges:
        yield Finding("no edge was found; look at graph.edges.style and graph.edges.at", wrong=True)
    facts: Mapping[str, Any] = {
        "status": workflow.status,
        "updated": workflow.updated_at,
        "version": workflow.version and workflow.version.reference,
        "tags": ", ".join(workflow.tags),
    }
    for name, value in facts.items():
        if value:
            yield Finding(f"{name:<11}{value}")
    for found in workflow.diagnostics:
        place = found.path or "whole document"
        yield Finding(f"{found.severity}: {found.message} ({place})", wrong=found.severity is Severity.ERROR)
