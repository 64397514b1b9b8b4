import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from gateway.environment import (
    MAX_SECRET_BYTES,
    Reference,
    ReferenceInvalid,
    Secret,
    SecretUnavailable,
    collector_secrets,
    config_path,
    parse_reference,
    resolve,
)

TEXT = "sk-very-secret"


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret(TEXT)
    assert secret.reveal() == TEXT
    for shown in (str(secret), repr(secret), f"{secret}", f"{[secret]}", f"{secret!r}"):
        assert TEXT not in shown
        assert "********" in shown


def test_a_secret_inside_a_record_does_not_reach_json() -> None:
    @dataclass
    class Record:
        secret: Secret

    assert orjson.dumps(Record(Secret(TEXT))) == b'{"secret":{}}'


def test_a_secret_cannot_change() -> None:
    with pytest.raises(AttributeError):
        Secret(TEXT)._text = "other"  # type: ignore[misc]


def test_the_fingerprint_tells_secrets_apart_without_being_one() -> None:
    assert Secret(TEXT).fingerprint == hashlib.sha256(TEXT.encode()).hexdigest()[:16]
    assert Secret(TEXT).fingerprint != Secret(TEXT + "x").fingerprint


@pytest.mark.parametrize("name", ["KEY", "_key", "Key_2"])
def test_env_reference(name: str) -> None:
    assert parse_reference(f"env:{name}") == Reference("env", name)
    assert resolve(f"env:{name}", {name: TEXT}).reveal() == TEXT


@pytest.mark.parametrize(
    "reference",
    ["sk-1234", "", "ENV:KEY", "env:", "env:2KEY", "env:MY-KEY", "env:KEY ", "env:KEY\n", "file:", "file: ",
     "file:a\nb", "http://host/key"],
)  # fmt: skip
def test_what_is_no_reference_is_refused_without_repeating_it(reference: str) -> None:
    with pytest.raises(ReferenceInvalid) as raised:
        resolve(reference, {"KEY": TEXT, "MY-KEY": TEXT})
    for part in ("sk-1234", "2KEY", "MY-KEY", "http://"):
        assert part not in str(raised.value)


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WFGW_TEST_KEY", TEXT)
    assert resolve("env:WFGW_TEST_KEY").reveal() == TEXT


def test_an_unset_variable_is_named() -> None:
    with pytest.raises(SecretUnavailable, match=r"^env:ABSENT: .*not set"):
        resolve("env:ABSENT", {})


@pytest.mark.parametrize(
    ("content", "secret"),
    [("key", "key"), ("key\n", "key"), ("key\r\n", "key"), ("two words\n", "two words")],
)
def test_one_newline_at_the_end_is_dropped(tmp_path: Path, content: str, secret: str) -> None:
    (tmp_path / "key").write_bytes(content.encode())
    assert resolve(f"file:{tmp_path}/key").reveal() == secret
    assert resolve("file:key", folder=tmp_path).reveal() == secret
    assert resolve("env:KEY", {"KEY": content}).reveal() == secret


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        ("\n", "empty"),
        (" \n", "empty"),
        ("key\n\n", "blank lines"),
        (" key", "blanks"),
        ("key ", "blanks"),
        ("key\r\nX-Other: 1", "line breaks"),
        ("key\nX-Other: 1", "line breaks"),
        ("ke\x00y", "control"),
        ("ke\x7fy", "control"),
        ("ke\u2028y", "ASCII"),
        ("schlüssel", "ASCII"),
        ("k" * (MAX_SECRET_BYTES + 1), "64 KiB"),
    ],
)
def test_what_cannot_travel_in_a_header_is_refused_without_showing_it(
    tmp_path: Path, content: str, reason: str
) -> None:
    (tmp_path / "secret").write_bytes(content.encode())
    for reference in ("file:secret", "env:SECRET"):
        with pytest.raises(SecretUnavailable, match=f"^{reference}: .*{reason}") as raised:
            resolve(reference, {"SECRET": content}, tmp_path)
        assert "X-Other" not in str(raised.value)
        assert "kkk" not in str(raised.value)


def test_the_longest_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("k" * MAX_SECRET_BYTES)
    assert len(resolve("file:secret", folder=tmp_path).reveal()) == MAX_SECRET_BYTES


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"ke\xffy")
    with pytest.raises(SecretUnavailable, match="ASCII"):
        resolve("file:secret", folder=tmp_path)


def test_variables_that_are_no_text_are_refused() -> None:
    with pytest.raises(SecretUnavailable, match="ASCII"):
        resolve("env:KEY", {"KEY": os.fsdecode(b"ke\xffy")})


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for reference in ("file:absent", "file:."):
        with pytest.raises(SecretUnavailable, match=f"^{reference}: there is no such file"):
            resolve(reference, folder=tmp_path)


def test_a_pipe_does_not_stop_the_start(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SecretUnavailable, match="no such file"):
        resolve("file:pipe", folder=tmp_path)


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text(TEXT)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SecretUnavailable, match=r"^file:secret: .*Permission denied") as raised:
        resolve("file:secret", folder=tmp_path)
    assert TEXT not in str(raised.value)


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "data").write_text(TEXT)
    (tmp_path / "key").symlink_to("data")
    assert resolve("file:key", folder=tmp_path).reveal() == TEXT


def test_where_the_configuration_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert config_path({}) == Path("config/gateway.yaml")
    assert config_path({"WORKFLOW_GATEWAY_CONFIG": ""}) == Path("config/gateway.yaml")
    assert config_path({"WORKFLOW_GATEWAY_CONFIG": "/etc/gateway.yaml"}) == Path("/etc/gateway.yaml")
    monkeypatch.setenv("WORKFLOW_GATEWAY_CONFIG", "other.yaml")
    assert config_path() == Path("other.yaml")


def test_the_headers_for_a_collector_give_their_last_words() -> None:
    given = {
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20abc==, x-tenant=a%20b ,,odd",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "x-key=xyz",
    }
    assert collector_secrets(given) == ("abc==", "b", "xyz")
    assert collector_secrets({}) == ()
