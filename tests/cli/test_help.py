"""Whoever asks for help gets it, whichever command."""

import importlib
from collections.abc import Iterator

import click
import pytest

from gateway.cli.root import COMMANDS, root
from tests.cli.conftest import Command


def every_command(command: click.Command = root, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from every_command(inner, (*path, name))


@pytest.mark.parametrize("option", ["--help", "-h"])
@pytest.mark.parametrize("path", list(every_command()), ids=" ".join)
def test_help_says_in_a_sentence_what_a_command_does(
    run: Command, path: tuple[str, ...], option: str
) -> None:
    result = run(*path, option)
    assert result.exit_code == 0, result.output
    usage, _, rest = result.stdout.partition("\n\n")
    assert usage.startswith(" ".join(("Usage: workflow-gateway", *path)))
    sentence = " ".join(rest.partition("\n\n")[0].split())
    assert sentence[0].isupper()
    assert sentence.endswith((".", ")."))


@pytest.mark.parametrize("path", list(every_command()), ids=" ".join)
def test_every_option_is_explained(path: tuple[str, ...]) -> None:
    command: click.Command = root
    for name in path:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), name) or command
    unexplained = [
        option.name for option in command.params if isinstance(option, click.Option) and not option.help
    ]
    assert unexplained == []


def test_the_tree_shows_every_command_with_its_sentence(run: Command) -> None:
    result = run("--help")
    for name, (module, sentence) in COMMANDS.items():
        assert f"  {name} " in result.stdout
        assert sentence in result.stdout
        assert isinstance(getattr(importlib.import_module(f"gateway.cli.{module}"), name), click.Command)


def test_the_exit_codes_are_told(run: Command) -> None:
    assert "3  done, but something is missing from the listing" in run("--help").stdout


def test_the_version(run: Command) -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout == "workflow-gateway, version 0.1.0\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nonsense",), "No such command 'nonsense'"),
        (("workflows", "nonsense"), "No such command 'nonsense'"),
        (("workflows", "list", "--nonsense"), "No such option"),
        (("workflows", "list", "--status", "asleep"), "'asleep' is not one of"),
        (("workflows", "list", "--limit", "0"), "0 is not in the range"),
        (("workflows", "get", "somewhere"), "Missing argument 'WORKFLOW'"),
        (("vendors", "nobody"), "there is no vendor named 'nobody'; there are: "),
        (("emulate", "nobody"), "'nobody' is not one of"),
        (("serve", "--port", "65536"), "65536 is not in the range"),
        (("demo", "--port", "x"), "'x' is not a valid integer"),
    ],
)
def test_wrong_usage_ends_with_two(run: Command, arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_without_a_command_the_tree_is_shown(run: Command) -> None:
    result = run()
    assert result.exit_code == 2
    assert "Commands:" in result.output
