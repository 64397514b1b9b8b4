"""`workflows list|get|graph|versions`; those that change something are in `gateway.cli.writing`."""

import sys
from collections.abc import Callable
from typing import Any

import click

from gateway.cli.client import Client, needs_client, read
from gateway.cli.failures import INCOMPLETE
from gateway.cli.output import as_json, as_lines, as_table, moment, printable
from schemas.workflow import WorkflowStatus

PAGE = 200


@click.group()
def workflows() -> None:
    """List, read and write workflows of every connection."""


def _one(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the arguments that name one workflow."""
    return click.argument("connection")(click.argument("workflow")(command))


def _at(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that choose a version."""
    version = click.option("--version", help="At this version: the vendor's number or id.")
    label = click.option("--label", help="At the version that this release label points at.")
    return version(label(command))


@workflows.command("list")
@click.option("--connection", multiple=True, help="Only this connection; may be repeated.")
@click.option("--vendor", multiple=True, help="Only this vendor; may be repeated.")
@click.option(
    "--status", type=click.Choice([status.value for status in WorkflowStatus]), help="Only this status."
)
@click.option("--label", help="Only with this release label.")
@click.option("--tag", help="Only with this tag.")
@click.option("--text", help="Only with this text in id, name, description or tags.")
@click.option("--updated-since", metavar="TIME", help="Only changed since, such as 2026-09-01T00:00:00Z.")
@click.option("--limit", type=click.IntRange(min=1), default=500, show_default=True, help="The most to show.")
@click.option("--json", "machine", is_flag=True, help="Print JSON for machines.")
@needs_client
def list_workflows(client: Client, *, limit: int, machine: bool, **filters: object) -> None:
    """List workflows over all connections."""
    items, problems, more = _walk(client, filters, limit)
    if machine:
        as_json({"items": items, "complete": not problems, "problems": problems})
    else:
        rows = [_row(item) for item in items]
        as_table(("CONNECTION", "ID", "NAME", "STATUS", "VERSION", "LABELS", "UPDATED"), rows, "no workflows")
    if more:
        click.echo(f"the first {len(items)} are shown; --limit shows more", err=True)
    for found in problems:
        said = f"warning: {found.get('connection', '')}: {found['title']}: {found['detail']}"
        click.echo(printable(said), err=True)
    if problems:
        sys.exit(INCOMPLETE)


@workflows.command("get")
@_one
@_at
@click.option("--native", is_flag=True, help="Print the vendor's own document.")
@click.option("--json", "machine", is_flag=True, help="Print JSON for machines.")
@needs_client
def get_workflow(
    client: Client, *, connection: str, workflow: str, native: bool, machine: bool, **at: str | None
) -> None:
    """Show one workflow of a CONNECTION."""
    path = ("v1", "connections", connection, "workflows", workflow)
    if native:
        as_json(read(client, *path, "native", query=at))
        return
    document = read(client, *path, query=at)
    if machine:
        as_json(document)
    else:
        _show(document)


@workflows.command("graph")
@_one
@_at
@click.option(
    "--format",
    "form",
    type=click.Choice(["mermaid", "dot", "json"]),
    default="mermaid",
    show_default=True,
    help="The language of the diagram.",
)
@needs_client
def show_graph(client: Client, *, connection: str, workflow: str, form: str, **at: str | None) -> None:
    """Print the graph of a workflow as a diagram."""
    path = ("v1", "connections", connection, "workflows", workflow, "graph")
    query = {**at, "format": form}
    if form == "json":
        as_json(read(client, *path, query=query))
    else:
        as_lines(client.get(*path, query=query).decode("utf-8", "replace").rstrip("\n"))


@workflows.command("versions")
@_one
@click.option("--json", "machine", is_flag=True, help="Print JSON for machines.")
@needs_client
def list_versions(client: Client, *, connection: str, workflow: str, machine: bool) -> None:
    """List the versions of a workflow."""
    path = ("v1", "connections", connection, "workflows", workflow, "versions")
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = read(client, *path, query={"limit": PAGE, "cursor": cursor})
        items += page["items"]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
    if machine:
        as_json({"items": items})
        return
    rows = [
        (
            item.get("number", item.get("id")),
            item.get("name") or item.get("note"),
            item["labels"],
            "yes" if item.get("current") else "",
            moment(item.get("created_at")),
        )
        for item in items
    ]
    as_table(("VERSION", "NAME OR NOTE", "LABELS", "CURRENT", "CREATED"), rows, "no versions")


def _walk(
    client: Client, filters: dict[str, object], limit: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], bool]:
    items: list[dict[str, Any]] = []
    problems: dict[str, dict[str, Any]] = {}
    cursor: str | None = None
    while True:
        page = read(client, "v1", "workflows", query={**filters, "limit": PAGE, "cursor": cursor})
        items += page["items"]
        for found in page["problems"]:
            problems.setdefault(f"{found.get('connection')} {found['code']}", found)
        cursor = page.get("next_cursor")
        if cursor is None or len(items) >= limit:
            return items[:limit], list(problems.values()), cursor is not None or len(items) > limit


def _row(item: dict[str, Any]) -> tuple[object, ...]:
    version = item.get("version", {})
    return (
        item["connection"],
        item["id"],
        item.get("name"),
        item["status"],
        version.get("number", ""),
        item["labels"],
        moment(item.get("updated_at")),
    )


def _show(document: dict[str, Any]) -> None:
    click.echo(click.style(printable(document.get("name") or document["id"]), bold=True))
    facts = (
        ("connection", document["connection"]),
        ("id", document["id"]),
        ("description", document.get("description")),
        ("status", document["status"]),
        ("version", document.get("version", {}).get("number")),
        ("labels", document["labels"]),
        ("tags", document["tags"]),
        ("updated", moment(document.get("updated_at"))),
        ("digest", document["digest"]),
    )
    for name, value in facts:
        if value not in (None, "", []):
            click.echo(f"  {name:<13}{printable(value)}")
    graph = document["graph"]
    click.echo(f"  {'graph':<13}{len(graph['nodes'])} nodes, {len(graph['edges'])} edges ({graph['form']})\n")
    rows = [
        (node.get("name") or node["key"], node["role"], node.get("type"), node["models"])
        for node in graph["nodes"]
    ]
    as_table(("NODE", "ROLE", "TYPE", "MODELS"), rows, "no nodes")
    for found in document["diagnostics"]:
        place = found["path"] or "whole document"
        click.echo(printable(f"{found['severity']}: {found['message']} ({place})"))
