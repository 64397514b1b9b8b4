"""`vendors check`: a description alone, and against servers that answer as real ones did."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Command
from tests.described.captures import CAPTURED, DESCRIPTIONS, KEY
from tests.described.replay import replay, serving
from tests.described.sketch import sketch


@pytest.fixture(scope="module")
def n8n() -> Iterator[str]:
    with serving(replay("n8n")) as url:
        yield url


@pytest.fixture
def against(n8n: str) -> tuple[str, ...]:
    return ("--against", n8n, "--credential", "env:KEY")


def changed(folder: Path, **values: object) -> str:
    """A description of n8n with values of its own at the top."""
    content = yaml.safe_load((DESCRIPTIONS / "n8n.yaml").read_text())
    path = folder / "other.yaml"
    path.write_text(yaml.safe_dump({**content, **values}))
    return str(path)


@pytest.mark.parametrize("name", sorted(path.stem for path in DESCRIPTIONS.glob("*.yaml")))
def test_a_shipped_description_is_fine(run: Command, name: str) -> None:
    result = run("vendors", "check", str(DESCRIPTIONS / f"{name}.yaml"))
    assert result.exit_code == 0, result.output
    assert "list workflows, get workflow" in result.stdout


def test_every_fault_is_named_with_line_and_key(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(yaml.safe_dump(sketch(workflow__name="[", titel="x"), sort_keys=False))
    result = run("vendors", "check", str(path))
    assert result.exit_code == 2
    assert "workflow.name: is no JMESPath expression" in result.stderr
    assert "titel: is not a known key; did you mean title?" in result.stderr


def test_a_file_that_is_not_there_is_told(run: Command, tmp_path: Path) -> None:
    result = run("vendors", "check", str(tmp_path / "acme.yaml"))
    assert result.exit_code == 2
    assert "there is no such file" in result.stderr


@pytest.mark.parametrize("vendor", [vendor for vendor in CAPTURED if vendor != "flowise"])
def test_a_description_is_tried_against_a_server(run: Command, vendor: str) -> None:
    with serving(replay(vendor)) as url:
        options = ("--against", url, "--credential", "env:KEY")
        result = run("vendors", "check", str(DESCRIPTIONS / f"{vendor}.yaml"), *options, KEY=KEY)
    assert result.exit_code == 0, result.output
    assert "listed     " in result.stdout
    assert " nodes, " in result.stdout
    assert "written back it is the same" in result.stdout
    assert KEY not in result.output


def test_a_refused_key_is_told_with_what_to_look_at(run: Command, against: tuple[str, ...]) -> None:
    result = run("vendors", "check", str(DESCRIPTIONS / "n8n.yaml"), *against, KEY="another")
    assert result.exit_code == 1
    assert "! list_workflows failed" in result.stdout
    assert "it says: Unauthorized" in result.stdout
    assert "credential.header" in result.stdout
    assert "another" not in result.output


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"list_workflows": {"path": ["api", "v1", "workflows"], "items": "items"}},
            "look at list_workflows: where",
        ),
        ({"list_workflows": {"path": ["nowhere"], "items": "data"}}, "look at list_workflows.path"),
        ({"get_workflow": {"path": ["nowhere", "{id}"]}}, "look at get_workflow.path"),
        ({"workflow": {"id": "uid", "name": "name"}}, "look at workflow.id"),
        ({"workflow": {"id": "id", "name": "title"}}, "look at workflow.name"),
        ({"graph": {"nodes": "steps"}}, "look at graph.at, graph.encoded and graph.nodes"),
        ({"graph": {"node": {"type": "kind"}, "edges": {"at": "none"}}}, "look at graph.node.type"),
        ({"graph": {"edges": {"style": "wires", "at": "wires"}}}, "look at graph.edges.style"),
    ],
)
def test_what_is_wrong_is_said_with_the_key_to_look_at(
    run: Command, against: tuple[str, ...], tmp_path: Path, values: dict[str, object], words: str
) -> None:
    result = run("vendors", "check", changed(tmp_path, **values), *against, KEY=KEY)
    assert result.exit_code == 1, result.output
    assert any(words in line for line in result.stdout.splitlines() if line.startswith("! ")), result.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--against", "https://a.example"), "--against needs --credential"),
        (("--against", "https://a.example", "--credential", "sk-plain"), "expected env:NAME or file:PATH"),
        (
            ("--against", "https://a.example", "--credential", "env:NONE"),
            "the environment variable is not set",
        ),
        (("--against", "a.example", "--credential", "env:KEY"), "must begin with https://"),
        (("--against", "http://a.example", "--credential", "env:KEY"), "would send the key unencrypted"),
    ],
)
def test_wrong_usage_is_refused_before_any_call(run: Command, options: tuple[str, ...], words: str) -> None:
    result = run("vendors", "check", str(DESCRIPTIONS / "n8n.yaml"), *options, KEY=KEY)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "sk-plain" not in result.output


def test_a_vendor_is_still_shown_by_its_name(run: Command) -> None:
    assert run("vendors", "n8n").stdout == run("vendors", "show", "n8n").stdout != ""
