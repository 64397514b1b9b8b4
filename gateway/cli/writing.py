"""`workflows create|update|delete` and `runs start|get`."""

from collections.abc import Callable
from typing import Any, BinaryIO

import click

from gateway.cli.client import Client, Sending, needs_client
from gateway.cli.output import as_json
from gateway.cli.workflows import workflows
from schemas.json_codec import InvalidJsonError, dumps, loads

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


def _dry_run(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--dry-run", is_flag=True, help="Tell what would be sent to the vendor; send nothing."
    )(command)


def _strict(command: Callable[..., None]) -> Callable[..., None]:
    return click.option("--strict", is_flag=True, help="Refuse what the vendor cannot hold whole.")(command)


def _if_match(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--if-match", metavar="ETAG", help="Only if it still is what this ETag was given for."
    )(command)


def _file(command: Callable[..., None]) -> Callable[..., None]:
    return click.argument("file", type=click.File("rb"))(command)


@workflows.command("create")
@click.argument("connection")
@_file
@click.option("--native", is_flag=True, help="FILE is the vendor's own document.")
@_strict
@_dry_run
@needs_client
def create_workflow(client: Client, *, connection: str, file: BinaryIO, native: bool, **wishes: bool) -> None:
    """Make a workflow of FILE, a canonical document in JSON; - reads standard input."""
    body = {"native" if native else "workflow": _object(file)}
    path = ("v1", "connections", connection, "workflows")
    _tell(client.send(Sending("POST", dumps(body), {"content-type": JSON}), *path, query=_said(wishes)))


@workflows.command("update")
@click.argument("connection")
@click.argument("workflow")
@_file
@_if_match
@_strict
@_dry_run
@needs_client
def update_workflow(
    client: Client, *, connection: str, workflow: str, file: BinaryIO, if_match: str | None, **wishes: bool
) -> None:
    """Change a workflow by FILE, a JSON merge patch on its canonical form; - reads standard input."""
    sending = Sending("PATCH", dumps(_object(file)), {"content-type": MERGE_PATCH, **_condition(if_match)})
    path = ("v1", "connections", connection, "workflows", workflow)
    _tell(client.send(sending, *path, query=_said(wishes)))


@workflows.command("delete")
@click.argument("connection")
@click.argument("workflow")
@_if_match
@_dry_run
@needs_client
def delete_workflow(
    client: Client, *, connection: str, workflow: str, if_match: str | None, **wishes: bool
) -> None:
    """Delete a workflow."""
    sending = Sending("DELETE", None, _condition(if_match))
    _tell(client.send(sending, "v1", "connections", connection, "workflows", workflow, query=_said(wishes)))


@click.group()
def runs() -> None:
    """Run workflows."""


@runs.command("start")
@click.argument("connection")
@click.argument("workflow")
@click.option(
    "--inputs", type=click.File("rb"), help="A file with the inputs, a JSON object; - for standard input."
)
@click.option("--version", help="Run this version: the vendor's number or id.")
@click.option("--label", help="Run the version that this release label points at.")
@needs_client
def start_run(
    client: Client, *, connection: str, workflow: str, inputs: BinaryIO | None, **at: str | None
) -> None:
    """Start a run and print how it stands."""
    body: dict[str, Any] = {name: value for name, value in at.items() if value is not None}
    if inputs is not None:
        body["inputs"] = _object(inputs)
    path = ("v1", "connections", connection, "workflows", workflow, "runs")
    _tell(client.send(Sending("POST", dumps(body), {"content-type": JSON}), *path))


@runs.command("get")
@click.argument("connection")
@click.argument("workflow")
@click.argument("run")
@needs_client
def get_run(client: Client, *, connection: str, workflow: str, run: str) -> None:
    """Print how a run stands."""
    _tell(client.get("v1", "connections", connection, "workflows", workflow, "runs", run))


def _object(file: BinaryIO) -> Any:
    try:
        return loads(file.read())
    except InvalidJsonError as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="FILE") from error


def _said(wishes: dict[str, bool]) -> dict[str, object]:
    return {name: "true" for name, wish in wishes.items() if wish}


def _condition(if_match: str | None) -> dict[str, str]:
    return {} if if_match is None else {"if-match": if_match}


def _tell(body: bytes) -> None:
    if body:
        as_json(loads(body))
