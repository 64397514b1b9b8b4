"""How a command ends when it does not end well."""

import json
from typing import Any, NoReturn

import click

from gateway.cli.output import printable

PROBLEM = 1
USAGE = 2
INCOMPLETE = 3


class Failure(click.ClickException):
    """Ends the command with a message on standard error and an exit code."""

    exit_code = USAGE


class ProblemFailure(Failure):
    """The gateway or a vendor answered with a problem, or not at all."""

    exit_code = PROBLEM


def fail_with_problem(body: bytes, status: int) -> NoReturn:
    """End the command with a problem's words.

    Raises:
        ProblemFailure: always.
    """
    try:
        found = json.loads(body)
        lines = [f"{found['title']} ({found['code']}, status {status})", f"  {found['detail']}"]
        lines += [f"  {field['name']}: {field['detail']}" for field in _further(found)]
        if "request_id" in found:
            lines.append(f"  request id {found['request_id']}")
    except (ValueError, KeyError, TypeError):
        lines = [f"the answer has status {status} and is none of a gateway's; is --url right?"]
    raise ProblemFailure("\n".join(map(printable, lines)))


def _further(found: dict[str, Any]) -> list[dict[str, str]]:
    """Return the faults of single fields that the detail does not tell already."""
    return [field for field in found.get("errors", []) if field["detail"] not in found["detail"]]
