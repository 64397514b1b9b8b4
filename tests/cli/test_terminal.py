"""Nothing that a vendor or its users wrote steers the terminal."""

import json
import sys
from collections.abc import Callable, Iterator

import httpx
import pytest

from emulators.registry import load as load_emulator
from gateway.cli.failures import ProblemFailure, fail_with_problem
from gateway.cli.output import as_json, as_lines, as_table, printable
from tests.cli.conftest import Command
from tests.house import House

HOSTILE = "\x1b[31mred\x1b]0;owned\x07 \x9b2J \u202eback\u2066 \r\n\x08end"


@pytest.fixture(scope="module")
def hostile(house: House) -> Iterator[str]:
    """A workflow on an emulator whose texts would steer a terminal; its id."""
    emulator = load_emulator("noxus")
    node = {"id": "a", "type": "TextGenerationNode", "name": HOSTILE, "node_config": {"label": HOSTILE}}
    body = {
        "name": HOSTILE,
        "description": HOSTILE,
        "type": "flow",
        "definition": {"flow_version": "v1", "nodes": [node], "edges": []},
    }
    answer = httpx.post(
        f"{house.emulators['noxus']}/v1/workflows",
        json=body,
        headers={"x-api-key": emulator.default_key},
        trust_env=False,
    )
    assert answer.is_success, answer.text
    yield answer.json()["id"]
    house.reset()


@pytest.mark.parametrize(
    "command",
    [
        ("list", "--connection", "noxus-test"),
        ("list", "--connection", "noxus-test", "--json"),
        ("get", "noxus-test", "ID"),
        ("get", "noxus-test", "ID", "--json"),
        ("get", "noxus-test", "ID", "--native"),
        ("graph", "noxus-test", "ID"),
        ("graph", "noxus-test", "ID", "--format", "dot"),
        ("graph", "noxus-test", "ID", "--format", "json"),
    ],
    ids=" ".join,
)
def test_no_control_character_reaches_the_terminal(
    run: Command, asking: tuple[str, ...], hostile: str, command: tuple[str, ...]
) -> None:
    arguments = [hostile if part == "ID" else part for part in command]
    result = run("workflows", *arguments, *asking)
    assert result.exit_code == 0, result.output
    assert "red" in result.stdout
    assert "back" in result.stdout
    steering = {
        character for character in result.output if not (character.isprintable() or character == "\n")
    }
    assert steering == set()


def test_json_keeps_what_it_cannot_show(run: Command, at_gateway: tuple[str, ...], hostile: str) -> None:
    shown = run("workflows", "get", "noxus-test", hostile, "--json", *at_gateway)
    assert json.loads(shown.stdout)["name"] == HOSTILE


@pytest.mark.parametrize("show", [printable, lambda text: as_lines(text) or ""])
def test_a_text_is_shown_without_what_steers(
    show: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    shown = show(HOSTILE) + capsys.readouterr().out
    assert all(character.isprintable() or character == "\n" for character in shown)
    assert "red" in shown


@pytest.mark.parametrize(
    "code", [*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066, 0x200B, 0x2028, 0xFEFF, 0xD800]
)
def test_json_escapes_what_it_does_not_show(code: int, capsys: pytest.CaptureFixture[str]) -> None:
    as_json({"name": f"a{chr(code)}b"})
    shown = capsys.readouterr().out
    assert all(character.isprintable() or character == "\n" for character in shown)
    assert json.loads(shown) == {"name": f"a{chr(code)}b"}


def test_json_shows_letters_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    as_json("翻訳 🌏 é תקציר")
    assert capsys.readouterr().out == '"翻訳 🌏 é תקציר"\n'


def test_a_row_is_text_and_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    as_table(("NAME", "LABELS"), [("[red]stop[/red]", ["a", "b"]), (None, [])], "none")
    assert capsys.readouterr().out == "NAME             LABELS\n[red]stop[/red]  a, b\n\n"


def test_a_terminal_gets_a_bold_header_and_whole_rows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    as_table(("ID", "NAME"), [("f4654750-7523-50a2-8df3-fdec32ca7b5f", "Voice desk pilot")], "none")
    header, row = capsys.readouterr().out.splitlines()
    assert header.startswith("\x1b[1mID")
    assert row == "f4654750-7523-50a2-8df3-fdec32ca7b5f  Voice desk pilot"


def test_a_vendors_words_in_a_problem_do_not_steer(run: Command) -> None:
    problem = {
        "title": "Rejected",
        "code": "c",
        "detail": HOSTILE,
        "errors": [{"name": HOSTILE, "detail": HOSTILE}],
    }
    with pytest.raises(ProblemFailure) as failed:
        fail_with_problem(json.dumps(problem | {"request_id": HOSTILE}).encode(), 422)
    assert all(character.isprintable() or character == "\n" for character in failed.value.message)
    assert len(failed.value.message.splitlines()) == 3
