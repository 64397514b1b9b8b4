import json
from pathlib import Path

import pytest

from gateway.settings import ConfigInvalid, Settings, masked, read_credentials
from tests.gateway.settings_helpers import MINIMAL, load_text

HASH = "sha256:0123456789" + "ab" * 27
SECRET = "sk-secret"


@pytest.fixture
def loaded(tmp_path: Path) -> Settings:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "good").write_text(SECRET + "\n")
    (tmp_path / "keys" / "bad").write_text(SECRET + "\r\nX-Other: 1\n")
    other = HASH.replace("0123", "4567")
    retiring = f"retiring_keys: [{{hash: {other}, expires: 2026-12-31}}]"
    text = f"callers:\n  - {{name: one, key_hashes: [{HASH}], {retiring}, expires: 2027-01-31}}\n{MINIMAL}"
    for name in ("good", "bad", "absent"):
        text += f"  {name}: {{vendor: acme, credential: 'file:keys/{name}'}}\n"
    return load_text(tmp_path, text)


def test_credentials_are_read_relative_to_the_file(loaded: Settings) -> None:
    connections = {name: loaded.connections[name] for name in ("main", "good")}
    usable = loaded.model_copy(update={"connections": connections})
    found = read_credentials(usable, {"ACME_KEY": "k"})
    assert {name: secret.reveal() for name, secret in found.items()} == {"main": "k", "good": SECRET}


def test_every_missing_credential_is_named_at_once(loaded: Settings) -> None:
    with pytest.raises(ConfigInvalid) as raised:
        read_credentials(loaded, {})
    assert [issue.key for issue in raised.value.issues] == [
        "connections.absent.credential",
        "connections.bad.credential",
        "connections.main.credential",
    ]
    assert "env:ACME_KEY: the environment variable is not set" in str(raised.value)
    assert SECRET not in str(raised.value)


def test_what_is_shown(loaded: Settings) -> None:
    shown = masked(loaded, {"ACME_KEY": SECRET})
    credentials = {name: connection["credential"] for name, connection in shown["connections"].items()}
    assert credentials["main"] == {"reference": "env:ACME_KEY", "state": "set"}
    assert credentials["good"] == {"reference": "file:keys/good", "state": "set"}
    assert credentials["bad"]["state"] == credentials["absent"]["state"] == "missing"
    assert "no such file" in credentials["absent"]["problem"]
    assert shown["callers"] == [
        {
            "name": "one",
            "key_hashes": ["sha256:01234567..."],
            "retiring_keys": [{"hash": "sha256:45674567...", "expires": "2026-12-31T00:00:00Z"}],
            "connections": "all",
            "rights": ["read"],
            "limits": {"requests_per_second": None, "burst": None, "concurrency": None},
            "expires": "2027-01-31T00:00:00Z",
        }
    ]
    assert shown["server"]["port"] == 8080
    assert shown["connections"]["main"]["limits"]["concurrency"] == 32
    assert shown["source"] == str(loaded.source)


def test_nothing_secret_is_shown(loaded: Settings) -> None:
    text = json.dumps(masked(loaded, {"ACME_KEY": SECRET}))
    assert SECRET not in text
    assert HASH not in text


def test_showing_changes_nothing(loaded: Settings) -> None:
    before = loaded.model_dump()
    masked(loaded, {})
    assert loaded.model_dump() == before
