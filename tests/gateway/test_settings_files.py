"""The configuration files that the project ships."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel

from gateway.callers import Caller, Callers
from gateway.settings import Settings, load, read_credentials
from gateway.settings.access import (
    AuditSettings,
    CallerLimitSettings,
    CallerSettings,
    CorsSettings,
    RetiringKeySettings,
)
from gateway.settings.models import (
    BreakerSettings,
    CacheSettings,
    CacheTimes,
    ConnectionSettings,
    LimitSettings,
    PassthroughRule,
    PassthroughSettings,
    RefreshTimes,
    RescueTimes,
    RetrySettings,
    ServerSettings,
    SettingsFile,
    SharedBreakerSettings,
    SharedCacheSettings,
    TlsSettings,
)
from gateway.settings.values import Right
from gateway.settings.yaml_nodes import read_yaml
from schemas.docstrings import sentences
from tests.gateway.settings_helpers import vendor

FOLDER = Path(__file__).parents[2] / "config"
PLACES: dict[tuple[str, ...], type[BaseModel]] = {
    (): SettingsFile,
    ("server",): ServerSettings,
    ("server", "audit"): AuditSettings,
    ("server", "cors"): CorsSettings,
    ("cache",): CacheSettings,
    ("cache", "shared"): SharedCacheSettings,
    ("cache", "shared", "tls"): TlsSettings,
    ("cache", "shared", "breaker"): SharedBreakerSettings,
    ("callers", "0"): CallerSettings,
    ("callers", "0", "retiring_keys", "0"): RetiringKeySettings,
    ("callers", "0", "limits"): CallerLimitSettings,
    ("connections", "aitronos"): ConnectionSettings,
    ("connections", "aitronos", "limits"): LimitSettings,
    ("connections", "aitronos", "limits", "retries"): RetrySettings,
    ("connections", "aitronos", "limits", "breaker"): BreakerSettings,
    ("connections", "aitronos", "cache"): CacheTimes,
    ("connections", "aitronos", "cache", "stale_while_revalidate"): RefreshTimes,
    ("connections", "aitronos", "cache", "stale_if_error"): RescueTimes,
    ("connections", "aitronos", "passthrough"): PassthroughSettings,
    ("connections", "aitronos", "passthrough", "allow", "0"): PassthroughRule,
}


def shipped(name: str) -> Settings:
    known = {vendor_name: vendor(vendor_name) for vendor_name in ("aitronos", "promptlayer", "noxus")}
    return load(FOLDER / name, known)


def loaded_from(text: str, folder: Path) -> Settings:
    path = folder / "gateway.yaml"
    path.write_text(text)
    return load(path, {name: vendor(name) for name in ("aitronos", "promptlayer", "noxus")})


EXAMPLES = {"callers: []\n": "callers", "  shared: null\n": "  shared", "      allow: []\n": "      allow"}
"""A line of the reference file, and what its example begins with."""


def with_examples(text: str) -> str:
    """Put every example in place of the line above it, as the file tells its reader to do."""
    for line, begin in EXAMPLES.items():
        indent = begin[: len(begin) - len(begin.lstrip())]
        start = text.index(f"{indent}# {begin.strip()}:\n")
        block = re.match(rf"(?:{indent}#.*\n)+", text[start:])
        assert block is not None
        example = re.sub(rf"(?m)^{indent}# ", indent, block[0])
        assert text.count(line) == 1
        text = text[:start].replace(line, "") + example + text[start + block.end() :]
    return text


def section(document: object, place: tuple[str, ...]) -> dict[str, object]:
    found = document
    for part in place:
        found = found[int(part)] if isinstance(found, list) else found[part]  # type: ignore[index]
    assert isinstance(found, dict)
    return found


def comments(text: str) -> str:
    lines = (line.strip().lstrip("# ") for line in text.splitlines() if line.strip().startswith("#"))
    return " ".join(lines)


def keys() -> list[tuple[tuple[str, ...], str]]:
    return [(place, name) for place, model in PLACES.items() for name in model.model_fields]


@pytest.fixture(scope="module")
def reference() -> str:
    return with_examples((FOLDER / "gateway.yaml").read_text())


@pytest.mark.parametrize(("place", "name"), keys())
def test_the_reference_file_has_every_key_with_its_default_and_its_sentence(
    reference: str, place: tuple[str, ...], name: str, tmp_path: Path
) -> None:
    field = PLACES[place].model_fields[name]
    assert name in section(read_yaml(reference).value, place)
    assert sentences(PLACES[place])[name] in comments(reference)
    if not field.is_required() and place[:1] != ("callers",) and "allow" not in place:
        loaded: object = shipped("gateway.yaml")
        if place[1:2] == ("shared",):
            loaded = loaded_from(reference, tmp_path)
        for part in place:
            loaded = loaded[part] if isinstance(loaded, dict) else getattr(loaded, part)
        assert getattr(loaded, name) == field.default


def test_the_reference_file_with_its_examples(reference: str, tmp_path: Path) -> None:
    loaded = loaded_from(reference, tmp_path)
    (example,) = loaded.callers
    assert (example.name, example.connections, example.expires) == ("dashboard", "all", None)
    assert loaded.cache.shared == SharedCacheSettings(url="env:REDIS_URL")


def test_the_reference_file_has_one_connection_per_vendor() -> None:
    loaded = shipped("gateway.yaml")
    assert {name: connection.vendor for name, connection in loaded.connections.items()} == {
        "aitronos": "aitronos",
        "promptlayer": "promptlayer",
        "noxus": "noxus",
    }
    environment = {"AITRONOS_API_KEY": "a", "PROMPTLAYER_API_KEY": "p", "NOXUS_API_KEY": "n"}
    found = read_credentials(loaded, environment)
    assert {name: secret.reveal() for name, secret in found.items()} == {
        "aitronos": "a",
        "promptlayer": "p",
        "noxus": "n",
    }


def test_the_reference_file_lets_nobody_in_by_a_key_everybody_knows() -> None:
    loaded = shipped("gateway.yaml")
    assert loaded.callers == ()
    assert loaded.server.host == "127.0.0.1"


def test_the_production_example() -> None:
    loaded = shipped("production.example.yaml")
    noxus = [connection for connection in loaded.connections.values() if connection.vendor == "noxus"]
    assert [connection.base_url for connection in noxus] == [None, "https://noxus.internal.example.com/api"]
    assert loaded.server.host == "0.0.0.0"
    assert {caller.name: caller.connections for caller in loaded.callers} == {
        "operations-dashboard": "all",
        "migration-tool": ("noxus-eu", "noxus-self-hosted"),
        "partner": ("promptlayer",),
    }
    kinds = {connection.credential.partition(":")[0] for connection in loaded.connections.values()}
    assert kinds == {"env", "file"}


def test_the_demo() -> None:
    loaded = shipped("demo.yaml")
    environment = {"DEMO_AITRONOS_KEY": "a", "DEMO_PROMPTLAYER_KEY": "p", "DEMO_NOXUS_KEY": "n"}
    assert set(read_credentials(loaded, environment)) == {"aitronos-demo", "promptlayer-demo", "noxus-demo"}
    assert [connection.base_url for connection in loaded.connections.values()] == [
        "http://127.0.0.1:8101",
        "http://127.0.0.1:8102",
        "http://127.0.0.1:8103",
    ]
    assert all(connection.cache.listing <= 5 for connection in loaded.connections.values())
    assert all(connection.cache.workflow <= 5 for connection in loaded.connections.values())


def test_the_demo_s_caller_is_known_by_demo_key() -> None:
    loaded = shipped("demo.yaml")
    (declared,) = loaded.callers
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    assert Callers.from_settings(loaded.callers).identify("demo-key", moment.timestamp()) == Caller(
        declared.name, rights=frozenset({Right.READ, Right.WRITE, Right.RUN})
    )
    assert loaded.server.host == "127.0.0.1"
