"""`keys`: made, replaced with an overlap, and listed; a file is never changed."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.registry import load_all
from gateway.callers import Callers, hash_key
from gateway.settings import Settings, load
from tests.cli.conftest import Command

NOW = datetime.now(UTC)
OLD = "the-old-key"
CONNECTIONS = "connections:\n  main: {vendor: aitronos, credential: env:A}\n"


def written(folder: Path, entries: str) -> Path:
    path = folder / "gateway.yaml"
    path.write_text(f"callers:\n{entries}\n{CONNECTIONS}", encoding="utf-8")
    return path


def pasted(folder: Path, output: str) -> Settings:
    return load(written(folder, output[output.index("  - name:") :]), load_all())


def key_in(output: str) -> str:
    (key,) = re.findall(r"^  (wg_\S+)$", output, re.MULTILINE)
    return str(key)


def is_let_in(settings: Settings, key: str, moment: datetime = NOW) -> bool:
    return Callers.from_settings(settings.callers).identify(key, moment.timestamp()) is not None


def entry(name: str = "dashboard", more: str = "") -> str:
    return f"  - name: {name}\n    key_hashes: [{hash_key(OLD)}]\n{more}"


def test_an_entry_says_all_that_was_asked_for(run: Command, tmp_path: Path) -> None:
    result = run(
        *("keys", "create", "tool", "--expires", "2099-01-31", "--connection", "main"),
        *("--right", "read", "--right", "write"),
    )
    assert result.exit_code == 0, result.output
    settings = pasted(tmp_path, result.stdout)
    (caller,) = settings.callers
    assert caller.connections == ("main",)
    assert [right.value for right in caller.rights] == ["read", "write"]
    assert caller.expires == datetime(2099, 1, 31, tzinfo=UTC)
    assert is_let_in(settings, key_in(result.stdout))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--expires", "tomorrow"), "Invalid value for --expires: expected a date or a time"),
        (("--expires", "2020-01-31"), "Invalid value for --expires: is over already"),
        (("--right", "everything"), "is not one of"),
    ],
)
def test_what_the_configuration_would_refuse_is_refused(
    run: Command, arguments: tuple[str, ...], said: str
) -> None:
    result = run("keys", "create", "tool", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "wg_" not in result.output


def test_a_replaced_key_works_until_the_overlap_is_over(run: Command, tmp_path: Path) -> None:
    more = "    rights: [read, run]\n    limits: {requests_per_second: 2.5, concurrency: 3}\n"
    path = written(tmp_path, entry(more=more))
    before = path.read_bytes()
    result = run("keys", "rotate", "dashboard", "--config", str(path), "--overlap", "12h")
    assert result.exit_code == 0, result.output
    assert path.read_bytes() == before
    settings = pasted(tmp_path, result.stdout)
    (caller,) = settings.callers
    assert [right.value for right in caller.rights] == ["read", "run"]
    assert (caller.limits.requests_per_second, caller.limits.concurrency) == (2.5, 3)
    for key, hours, let_in in (
        (key_in(result.stdout), 0, True),
        (key_in(result.stdout), 24 * 400, True),
        (OLD, 11, True),
        (OLD, 13, False),
    ):
        assert is_let_in(settings, key, NOW + timedelta(hours=hours)) is let_in
    assert OLD not in result.output


def test_a_key_replaced_twice_ends_when_it_was_to_end(run: Command, tmp_path: Path) -> None:
    path = written(tmp_path, entry())
    first = run("keys", "rotate", "dashboard", "--config", str(path), "--overlap", "1h").stdout
    pasted(tmp_path, first)
    second = run("keys", "rotate", "dashboard", "--config", str(path), "--overlap", "2w").stdout
    settings = pasted(tmp_path, second)
    later = NOW + timedelta(hours=2)
    assert [is_let_in(settings, key, later) for key in (OLD, key_in(first), key_in(second))] == [
        False,
        True,
        True,
    ]


def test_without_an_overlap_the_old_key_ends_at_once(run: Command, tmp_path: Path) -> None:
    path = written(tmp_path, entry())
    result = run("keys", "rotate", "dashboard", "--config", str(path), "--overlap", "0")
    settings = pasted(tmp_path, result.stdout)
    assert not is_let_in(settings, OLD)
    assert is_let_in(settings, key_in(result.stdout))
    assert settings.callers[0].retiring_keys == ()


def test_a_caller_whose_time_is_over_needs_a_new_one(run: Command, tmp_path: Path) -> None:
    path = written(tmp_path, entry(more="    expires: 2020-01-01\n"))
    refused = run("keys", "rotate", "dashboard", "--config", str(path))
    assert refused.exit_code == 2
    assert "give --expires" in refused.stderr
    assert "wg_" not in refused.output
    result = run("keys", "rotate", "dashboard", "--config", str(path), "--expires", "2099-01-01")
    settings = pasted(tmp_path, result.stdout)
    assert is_let_in(settings, key_in(result.stdout))


@pytest.mark.parametrize("overlap", ["7", "d", "-1d", "1y", "99999999d", ""])
def test_an_overlap_that_is_no_span_is_refused(run: Command, tmp_path: Path, overlap: str) -> None:
    path = written(tmp_path, entry())
    result = run("keys", "rotate", "dashboard", "--config", str(path), "--overlap", overlap)
    assert result.exit_code == 2
    assert "expected a span of time" in result.stderr


def test_a_caller_that_is_not_there(run: Command, tmp_path: Path) -> None:
    path = written(tmp_path, entry())
    result = run("keys", "rotate", "dashbord", "--config", str(path))
    assert result.exit_code == 2
    assert "has no caller 'dashbord'; callers: dashboard" in result.stderr


@pytest.fixture
def listed(run: Command, tmp_path: Path) -> Callable[..., str]:
    def command(*more: str) -> str:
        soon = (datetime.now(UTC) + timedelta(days=3, minutes=5)).isoformat()
        gone = f"[{{hash: {hash_key('o')}, expires: 2020-01-01}}]"
        entries = (
            entry("valid"),
            f"  - name: ending\n    key_hashes: [{hash_key('e')}]\n    expires: {soon}",
            f"  - name: gone\n    key_hashes: [{hash_key('g')}]\n    expires: 2020-01-01",
            f"  - name: replaced\n    key_hashes: [{hash_key('n')}]\n    retiring_keys: {gone}",
        )
        result = run("keys", "list", "--config", str(written(tmp_path, "\n".join(entries))), *more)
        assert result.exit_code == 0, result.output
        assert hash_key(OLD) not in result.output
        return result.stdout

    return command


def test_the_list_tells_how_every_key_stands(listed: Callable[..., str]) -> None:
    found = json.loads(listed("--json"))
    assert [(each["caller"], each["state"]) for each in found] == [
        ("valid", "valid"),
        ("ending", "expires in 3 days"),
        ("gone", "expired"),
        ("replaced", "valid"),
        ("replaced", "expired"),
    ]
    assert found[0]["key"] == f"{hash_key(OLD)[:15]}..."


def test_the_list_can_be_read_by_people(listed: Callable[..., str]) -> None:
    header, *rows = listed().splitlines()
    assert header.split()[:4] == ["caller", "key", "state", "expires"]
    assert len(rows) == 5


def test_a_list_of_nobody(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(CONNECTIONS, encoding="utf-8")
    assert "no callers" in run("keys", "list", "--config", str(path)).stdout
