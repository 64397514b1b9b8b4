"""`config` and `keys`: a configuration is told to be good or bad, and shown without its secrets."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from adapters.registry import load_all
from gateway.callers import Callers
from gateway.settings import load
from tests.cli.conftest import Command

SECRET = "canary-secret-0c4e"
HASH = "sha256:" + "ab" * 32


@pytest.fixture
def good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NOXUS_TEST_KEY", SECRET)
    path = tmp_path / "good.yaml"
    path.write_text(
        f"callers:\n  - name: dashboard\n    key_hashes: [{HASH}]\n"
        "connections:\n  main:\n    vendor: noxus\n    base_url: https://noxus.example.com\n"
        "    credential: env:NOXUS_TEST_KEY\n",
        encoding="utf-8",
    )
    return path


def test_a_good_file_is_said_to_be_fine(run: Command, good: Path) -> None:
    result = run("config", "check", str(good))
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == f"{good}: fine"
    assert "main" in result.stdout
    assert "dashboard" in result.stdout


def test_every_fault_is_named_with_its_line_and_key(run: Command, good: Path) -> None:
    text = (
        good.read_text(encoding="utf-8")
        .replace("vendor: noxus", "vendor: nokus")
        .replace("callers:", "caller:")
    )
    good.write_text(text, encoding="utf-8")
    result = run("config", "check", str(good))
    assert result.exit_code == 2
    assert f"{good}:1: caller: is not a known key; did you mean callers?" in result.stderr
    assert f"{good}:6: connections.main.vendor: there is no vendor 'nokus'" in result.stderr
    assert result.stdout == ""


def test_a_missing_credential_is_a_fault_unless_it_is_not_asked_for(
    run: Command, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOXUS_TEST_KEY")
    result = run("config", "check", str(good))
    assert result.exit_code == 2
    assert "connections.main.credential: env:NOXUS_TEST_KEY" in result.stderr
    assert run("config", "check", "--no-credentials", str(good)).exit_code == 0


@pytest.mark.parametrize("command", ["check", "show"])
def test_a_missing_file(run: Command, tmp_path: Path, command: str) -> None:
    result = run("config", command, str(tmp_path / "missing.yaml"))
    assert result.exit_code == 2
    assert "there is no such file; WORKFLOW_GATEWAY_CONFIG says which one to read" in result.stderr


@pytest.mark.parametrize("command", ["check", "show"])
def test_without_a_file_it_is_the_gateways_own(run: Command, good: Path, command: str) -> None:
    assert run("config", command, WORKFLOW_GATEWAY_CONFIG=str(good)).exit_code == 0


def test_the_shown_settings_are_whole_and_masked(run: Command, good: Path) -> None:
    shown = run("config", "show", str(good))
    document = yaml.safe_load(shown.stdout)
    assert document == json.loads(run("config", "show", "--json", str(good)).stdout)
    assert document["server"]["port"] == 8080
    assert document["connections"]["main"]["limits"]["queue"] == 128
    assert document["connections"]["main"]["credential"] == {
        "reference": "env:NOXUS_TEST_KEY",
        "state": "set",
    }
    assert SECRET not in shown.output
    assert HASH not in shown.output


def test_a_credential_that_is_not_there_is_shown_as_missing(
    run: Command, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOXUS_TEST_KEY")
    shown = run("config", "show", "--json", str(good))
    assert shown.exit_code == 0
    assert json.loads(shown.stdout)["connections"]["main"]["credential"]["state"] == "missing"


@pytest.mark.parametrize("name", ["dashboard", "2027", "null", "true", "0x1f"])
def test_a_new_key_is_let_in_once_its_entry_is_pasted(run: Command, tmp_path: Path, name: str) -> None:
    result = run("keys", "create", name)
    assert result.exit_code == 0, result.output
    (key,) = re.findall(r"^  (wg_\S+)$", result.stdout, re.MULTILINE)
    entry = result.stdout[result.stdout.index("  - name:") :]
    path = tmp_path / "pasted.yaml"
    path.write_text(
        f"callers:\n{entry}\nconnections:\n  a: {{vendor: aitronos, credential: env:A}}\n", encoding="utf-8"
    )
    callers = Callers.from_settings(load(path, load_all()).callers)
    found = callers.identify(key, datetime.now(UTC).timestamp())
    assert found is not None
    assert found.name == name
    assert callers.identify(key + "x", datetime.now(UTC).timestamp()) is None


def test_two_keys_are_never_the_same(run: Command) -> None:
    assert run("keys", "create", "one").stdout != run("keys", "create", "one").stdout


@pytest.mark.parametrize("name", ["", "Bad Name", "a" * 64, "-x", "a_b"])
def test_a_name_that_the_configuration_would_refuse(run: Command, name: str) -> None:
    result = run("keys", "create", "--", name)
    assert result.exit_code == 2
    assert "a name is 1 to 63 of a-z, 0-9 and -" in result.stderr
    assert "wg_" not in result.output
