"""The command's tree. A command's module is imported when the command is run, so that `--help` is quick."""

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import click
from typing_extensions import override

COMMANDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "demo": ("demonstration", "Run the gateway in front of an emulator of every vendor."),
        "serve": ("running", "Run the gateway."),
        "emulate": ("emulation", "Run a stand-in server that speaks a vendor's own API."),
        "vendors": ("catalogue", "Show what each vendor can do, and why not."),
        "connections": ("catalogue", "Show the configured connections and their health."),
        "workflows": ("writing", "List, read and write workflows of every connection."),
        "runs": ("writing", "Run workflows."),
        "reload": ("administration", "Have a running gateway read its configuration anew."),
        "doctor": ("doctor", "Check whether the gateway can work here, and say what to do."),
        "config": ("configuration", "Check the configuration file, or show what it amounts to."),
        "keys": ("keys", "Make, replace and list the keys of the gateway's callers."),
    }
)
"""Name of a command to its module in this package and its sentence."""

EPILOG: Final = """
\b
Exit codes:
  0  done
  1  the gateway or a vendor answered with a problem, or the doctor found one
  2  wrong usage, or a configuration that cannot be used
  3  done, but something is missing from the listing; standard error says what

The commands vendors, connections, workflows and runs ask a running gateway when --url is given,
and otherwise do the work themselves; then no gateway needs to run.
"""


class LazyGroup(click.Group):
    """A group whose commands are imported one by one."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"gateway.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(package_name="workflow-gateway", prog_name="workflow-gateway")
def root() -> None:
    """One API in front of the AI workflow platforms."""
