"""How a command ends when it does not end well."""

import json
from typing import NoReturn

import click
from typing_extensions import override

PROBLEM = 1
USAGE = 2
INCOMPLETE = 3


class Failure(click.ClickException):
    """Ends the command with a message on standard error and an exit code."""

    exit_code = USAGE

    @override
    def show(self, file: object = None) -> None:
        """Print the message; it may span lines."""
        click.echo(f"error: {self.message}", err=True)


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
        lines += [f"  {field['name']}: {field['detail']}" for field in found.get("errors", ())]
        if "request_id" in found:
            lines.append(f"  request id {found['request_id']}")
    except (ValueError, KeyError, TypeError):
        lines = [f"the gateway answered {status} with something that is not a problem; is --url right?"]
    raise ProblemFailure("\n".join(lines))
