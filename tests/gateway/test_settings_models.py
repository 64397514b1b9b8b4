from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from pydantic import BaseModel, ValidationError

from adapters.addresses import is_loopback
from adapters.limits import Limits
from gateway.runtime import limits_of
from gateway.settings.access import (
    AuditSettings,
    CallerLimitSettings,
    CallerSettings,
    CorsSettings,
    RetiringKeySettings,
)
from gateway.settings.base import SettingsModel
from gateway.settings.models import (
    BreakerSettings,
    CacheSettings,
    CacheTimes,
    ConnectionSettings,
    LimitSettings,
    PassthroughRule,
    PassthroughSettings,
    RetrySettings,
    ServerSettings,
    Settings,
    SettingsFile,
)
from schemas.docstrings import sentences

HASH = "sha256:" + "0" * 64
MODELS = (
    ServerSettings,
    CacheSettings,
    CallerSettings,
    CallerLimitSettings,
    RetiringKeySettings,
    AuditSettings,
    CorsSettings,
    LimitSettings,
    RetrySettings,
    BreakerSettings,
    CacheTimes,
    PassthroughRule,
    PassthroughSettings,
    ConnectionSettings,
    SettingsFile,
)


def fields() -> list[tuple[type[BaseModel], str]]:
    return [(model, name) for model in MODELS for name in model.model_fields]


def connection(**values: object) -> ConnectionSettings:
    return ConnectionSettings.model_validate({"vendor": "acme", "credential": "env:KEY", **values})


def caller(**values: object) -> CallerSettings:
    return CallerSettings.model_validate({"name": "a", "key_hashes": [HASH], **values})


@pytest.mark.parametrize(("model", "name"), fields())
def test_every_key_has_its_sentence(model: type[BaseModel], name: str) -> None:
    assert sentences(model)[name].endswith(".")


@pytest.mark.parametrize(("model", "name"), fields())
def test_only_what_cannot_have_a_default_is_required(model: type[BaseModel], name: str) -> None:
    required = {
        (CallerSettings, "name"),
        (CallerSettings, "key_hashes"),
        (RetiringKeySettings, "hash"),
        (RetiringKeySettings, "expires"),
        (ConnectionSettings, "vendor"),
        (ConnectionSettings, "credential"),
        (SettingsFile, "connections"),
    }
    assert model.model_fields[name].is_required() == ((model, name) in required)


def test_the_limits_are_the_transport_s() -> None:
    account = connection()
    assert limits_of(account) == Limits()
    assert {**LimitSettings().model_dump(), "private_addresses": False} == asdict(Limits())


@pytest.mark.parametrize("model", [*MODELS, Settings])
def test_settings_are_frozen_strict_and_closed(model: type[BaseModel]) -> None:
    assert issubclass(model, SettingsModel)
    assert model.model_config.get("frozen")
    assert model.model_config.get("strict")
    assert model.model_config.get("extra") == "forbid"


def test_settings_cannot_change() -> None:
    with pytest.raises(ValidationError):
        ServerSettings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize("port", [0, 1, 65535])
def test_ports(port: int) -> None:
    assert ServerSettings(port=port).port == port


@pytest.mark.parametrize("port", [-1, 65536, "8080", 80.0, True, None])
def test_what_is_no_port(port: object) -> None:
    with pytest.raises(ValidationError):
        ServerSettings.model_validate({"port": port})


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "::1", "0.0.0.0", "::", "localhost", "gateway.internal", "gw-1"]
)
def test_hosts(host: str) -> None:
    assert ServerSettings(host=host).host == host


@pytest.mark.parametrize(
    "host", ["", " ", "[::1]", "localhost:80", "http://localhost", "-a", "a b", "a\n", "*"]
)
def test_what_is_no_host(host: str) -> None:
    with pytest.raises(ValidationError, match="host name or an IP address"):
        ServerSettings(host=host)


@pytest.mark.parametrize(
    ("size", "count"),
    [(65536, 65536), ("64KiB", 65536), ("1 MiB", 1024**2), ("2GiB", 2 * 1024**3)],
)
def test_sizes(size: object, count: int) -> None:
    assert CacheSettings.model_validate({"max_bytes": size}).max_bytes == count


@pytest.mark.parametrize(
    "size",
    ["", "64", "64MB", "64mib", "-1MiB", "1.5MiB", "64MiB ", "\u0663MiB", 65536.0, True, "9999999GiB", 1],
)
def test_what_is_no_size(size: object) -> None:
    with pytest.raises(ValidationError):
        CacheSettings.model_validate({"max_bytes": size})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://api.example.com", "https://api.example.com"),
        ("https://api.example.com/", "https://api.example.com"),
        ("https://api.example.com:8443/a/b//", "https://api.example.com:8443/a/b"),
        ("http://127.0.0.1:8101", "http://127.0.0.1:8101"),
        ("http://[::1]:8101/x", "http://[::1]:8101/x"),
        ("HTTPS://api.example.com/a%20b", "HTTPS://api.example.com/a%20b"),
    ],
)
def test_base_urls(given: str, kept: str) -> None:
    assert connection(base_url=given).base_url == kept


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "blanks"),
        ("api.example.com", "absolute"),
        ("//api.example.com", "absolute"),
        ("ftp://api.example.com", "absolute"),
        ("https://", "absolute"),
        ("https:api.example.com", "absolute"),
        ("https://:443", "absolute"),
        ("https://sk-1@api.example.com", "user or password"),
        ("https://me:sk-1@api.example.com", "user or password"),
        ("https://@api.example.com", "user or password"),
        ("https://api.example.com?key=sk-1", "query"),
        ("https://api.example.com/?", "query"),
        ("https://api.example.com/#sk-1", "fragment"),
        ("https://api.example.com/a/../b", "segments"),
        ("https://api.example.com/.", "segments"),
        ("https://api.example.com:99999", "port"),
        ("https://api.example.com:x", "port"),
        ("https://[::1", "host"),
        ("https://api.exa mple.com", "blanks"),
        ("https://api.example.com\n", "blanks"),
        ("https://api.example.com\\@evil.example", "blanks"),
        ("https://münchen.example", "xn--"),
    ],
)
def test_what_is_no_base_url(url: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message) as raised:
        connection(base_url=url)
    assert "sk-1" not in str(raised.value)


@pytest.mark.parametrize("credential", ["sk-1234", "env:MY KEY", "file:", "", 1234, None, ["env:KEY"]])
def test_a_plain_secret_is_refused_and_not_shown(credential: object) -> None:
    with pytest.raises(ValidationError) as raised:
        connection(credential=credential)
    assert "1234" not in str(raised.value)


@pytest.mark.parametrize("field", sorted(set(LimitSettings.model_fields) - {"retries", "breaker"}))
@pytest.mark.parametrize("value", [-1, 10**12, True, "1"])
def test_limits_have_bounds(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        connection(limits={field: value})


@pytest.mark.parametrize(
    "field", sorted(set(LimitSettings.model_fields) - {"attempt_seconds", "retries", "breaker"})
)
def test_limits_cannot_be_null(field: str) -> None:
    with pytest.raises(ValidationError):
        connection(limits={field: None})


@pytest.mark.parametrize("field", ["timeout_seconds", "connect_seconds"])
@pytest.mark.parametrize("value", [0, float("nan"), float("inf")])
def test_time_limits_are_real(field: str, value: float) -> None:
    with pytest.raises(ValidationError):
        connection(limits={field: value})


@pytest.mark.parametrize("field", [name for name in CacheTimes.model_fields if not name.startswith("stale")])
def test_cache_times_may_be_zero_but_not_less(field: str) -> None:
    assert getattr(connection(cache={field: 0}).cache, field) == 0
    for value in (-1, 10**9, float("nan"), True, "60"):
        with pytest.raises(ValidationError):
            connection(cache={field: value})


@pytest.mark.parametrize("section", ["stale_while_revalidate", "stale_if_error"])
def test_stale_times_are_set_by_kind(section: str) -> None:
    given = getattr(connection(cache={section: {"workflow": 7}}).cache, section)
    assert given == type(given)(workflow=7)
    assert getattr(connection(cache={section: None}).cache, section) == type(given)()
    for value in ({"workflow": -1}, {"not_found": 1}, 5):
        with pytest.raises(ValidationError):
            connection(cache={section: value})


def test_an_empty_section_is_its_defaults() -> None:
    given = SettingsFile.model_validate(
        {
            "server": None,
            "cache": None,
            "callers": None,
            "connections": {"a": {"vendor": "acme", "credential": "env:KEY", "limits": None, "cache": None}},
        }
    )
    assert given == SettingsFile(connections={"a": ConnectionSettings(vendor="acme", credential="env:KEY")})


@pytest.mark.parametrize("name", ["a", "0", "noxus-eu", "a" * 63, "a-"])
def test_names(name: str) -> None:
    assert caller(name=name).name == name
    assert name in SettingsFile.model_validate({"connections": {name: connection()}}).connections


@pytest.mark.parametrize("name", ["", "-a", "A", "a_b", "a/b", "a.b", "a b", "a" * 64, "é", "a\n"])
def test_what_is_no_name(name: str) -> None:
    for refused in (
        {"callers": [{"name": name, "key_hashes": [HASH]}]},
        {"connections": {name: connection()}},
    ):
        with pytest.raises(ValidationError, match="1 to 63"):
            SettingsFile.model_validate({"connections": {"ok": connection()}, **refused})


def test_key_hashes_are_lower_case() -> None:
    assert caller(key_hashes=["SHA256:" + "AB" * 32]).key_hashes == ("sha256:" + "ab" * 32,)


@pytest.mark.parametrize(
    "hashes",
    [[], HASH, [HASH] * 9, ["wg_plain"], ["sha256:12"], ["md5:" + "0" * 64], [HASH + "0"], [None], None],
)
def test_what_are_no_key_hashes(hashes: object) -> None:
    with pytest.raises(ValidationError) as raised:
        caller(key_hashes=hashes)
    assert "wg_plain" not in str(raised.value)


def test_visible_connections() -> None:
    assert caller().connections == "all"
    assert caller(connections="all").connections == "all"
    assert caller(connections=["a", "b"]).connections == ("a", "b")
    assert caller(connections=[]).connections == ()


@pytest.mark.parametrize("connections", [None, "a", "ALL", [1], {"a": 1}, True])
def test_what_are_no_visible_connections(connections: object) -> None:
    with pytest.raises(ValidationError, match="the word all, or a list"):
        caller(connections=connections)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T09:00:00Z", datetime(2027, 1, 31, 9, tzinfo=UTC)),
        ("2027-01-31T09:00:00+02:00", datetime(2027, 1, 31, 7, tzinfo=UTC)),
        ("2027-01-31 09:00", datetime(2027, 1, 31, 9, tzinfo=UTC)),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    assert caller(expires=text).expires == moment


@pytest.mark.parametrize("text", ["soon", "", "2027-02-30", "31.01.2027", 1801440000, True])
def test_what_is_no_moment(text: object) -> None:
    with pytest.raises(ValidationError):
        caller(expires=text)


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True),
        ("0.0.0.0", False), ("::", False), ("10.0.0.1", False), ("", False), ("localhost.example.com", False),
        ("127.1", False), ("127.0.0.1.nip.io", False), ("::ffff:10.0.0.1", False),
    ],
)  # fmt: skip
def test_loopback(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone
