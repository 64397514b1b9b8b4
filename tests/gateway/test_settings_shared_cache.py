"""The section `cache.shared`: what it takes, what it refuses, and that its URL shows nowhere."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.settings import SHARED_PASSWORD, SHARED_URL, ConfigInvalid, Settings, masked, read_credentials
from gateway.settings.store_url import parse_store_url
from tests.cache.certificates import certificate_for
from tests.gateway.settings_helpers import MINIMAL, load_text, refusals

PASSWORD = "p4ss%2Fw%23rd"
URL = f"rediss://gateway:{PASSWORD}@cache.example.com:6380/2"


def with_shared(section: str) -> str:
    return f"cache:\n  shared: {section}\n{MINIMAL}"


def loaded(folder: Path, section: str) -> Settings:
    return load_text(folder, with_shared(section))


def read(settings: Settings, url: str | None = None) -> dict[str, str]:
    environment = {"ACME_KEY": "k"} | ({} if url is None else {"REDIS_URL": url})
    return {name: secret.reveal() for name, secret in read_credentials(settings, environment).items()}


@pytest.mark.parametrize("section", ["null", "", "~"])
def test_without_the_section_nothing_is_shared(tmp_path: Path, section: str) -> None:
    settings = loaded(tmp_path, section)
    assert settings.cache.shared is None
    assert read(settings) == {"main": "k"}
    assert masked(settings, {})["cache"]["shared"] is None


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://localhost:6379/0",
        "rediss://cache.example.com:6380/15",
        "redis://user@[::1]:6379/",
        "unix:///run/redis.sock",
        "unix:///run/redis.sock?db=3",
    ],
)
def test_a_url_without_a_password_may_stand_in_the_file(tmp_path: Path, url: str) -> None:
    settings = loaded(tmp_path, f'{{url: "{url}"}}')
    assert read(settings) == {"main": "k", SHARED_URL: url}
    assert masked(settings, {})["cache"]["shared"]["url"] == url


def test_a_url_with_a_password_comes_from_a_variable_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "redis-url").write_text(URL + "\n")
    for reference in ("env:REDIS_URL", "file:redis-url"):
        settings = loaded(tmp_path, f"{{url: '{reference}'}}")
        assert read(settings, URL) == {"main": "k", SHARED_URL: URL, SHARED_PASSWORD: "p4ss/w#rd"}


REFUSED = {
    "": "expected env:NAME or file:PATH, or a URL without a password",
    "localhost:6379": "expected env:NAME or file:PATH, or a URL without a password",
    "http://localhost": "expected env:NAME or file:PATH, or a URL without a password",
    "env:no-name": "after env: comes the name of an environment variable",
    "redis://:sekret@localhost": "put the whole URL in an environment variable",
    "unix://user:sekret@/run/redis.sock": "put the whole URL in an environment variable",
    "redis:localhost": "a host is missing",
    "redis://": "a host is missing",
    "redis:///0": "a host is missing",
    "redis://localhost:x": "the host or the port",
    "redis://localhost:65536": "the host or the port",
    "redis://localhost:6379/zero": "at most the number of a database",
    "redis://localhost:6379/0/1": "at most the number of a database",
    "redis://localhost?password=sekret": "holds no query",
    "rediss://localhost/0?ssl_cert_reqs=none": "holds no query",
    "redis://localhost#0": "holds no fragment",
    "redis://local host": "holds no blanks",
    "redis://lücke": "holds no blanks and only ASCII",
    "unix://run/redis.sock": "absolute path of a socket",
    "unix:///run/": "absolute path of a socket",
    "unix:///run/redis.sock?password=sekret": "at most ?db=0",
}


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_no_url_is_refused_without_being_repeated(tmp_path: Path, url: str) -> None:
    (told,) = refusals(tmp_path, with_shared(f'{{url: "{url}"}}'))
    assert told.startswith("2: cache.shared.url: ")
    assert REFUSED[url] in told
    assert "sekret" not in told


@pytest.mark.parametrize(
    "url", ["sekret", "redis://:sekret/@host", "redis://:sekret@", "http://:sekret@host", "redis://h?sekret"]
)
def test_what_is_no_url_in_a_variable_is_refused_without_being_repeated(tmp_path: Path, url: str) -> None:
    settings = loaded(tmp_path, "{url: 'env:REDIS_URL'}")
    with pytest.raises(ConfigInvalid) as raised:
        read(settings, url)
    (issue,) = raised.value.issues
    assert (issue.key, "env:REDIS_URL: " in issue.message) == (SHARED_URL, True)
    assert "sekret" not in str(raised.value)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1))
def test_whatever_text_is_taken_apart_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        found = parse_store_url(text)
        assert found.whole.reveal() == text
        assert text.lower().startswith(found.scheme)


def test_a_url_that_is_not_there_is_named_with_the_credentials_that_are_not(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "{url: 'env:REDIS_URL'}")
    with pytest.raises(ConfigInvalid) as raised:
        read_credentials(settings, {})
    assert [issue.key for issue in raised.value.issues] == [SHARED_URL, "connections.main.credential"]


def test_nothing_is_looked_up_while_the_cache_is_off(tmp_path: Path) -> None:
    text = f"cache: {{enabled: false, shared: {{url: 'env:REDIS_URL'}}}}\n{MINIMAL}"
    assert read(load_text(tmp_path, text)) == {"main": "k"}


def test_the_shown_configuration_has_the_reference_and_not_the_url(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "{url: 'env:REDIS_URL', prefix: other}")
    shown = masked(settings, {"REDIS_URL": URL})["cache"]["shared"]
    assert shown["url"] == {"reference": "env:REDIS_URL", "state": "set"}
    assert shown["prefix"] == "other"
    assert masked(settings, {})["cache"]["shared"]["url"]["state"] == "missing"
    everything = json.dumps(masked(settings, {"REDIS_URL": URL})) + repr(settings)
    assert PASSWORD not in everything
    assert "cache.example.com" not in everything


def test_what_was_taken_apart_does_not_show_itself() -> None:
    assert PASSWORD not in repr(parse_store_url(URL))
    assert "p4ss" not in repr(parse_store_url(URL))


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("{}", "2: cache.shared.url: is required"),
        ("true", "2: cache.shared: expected a mapping (key: value), got a true or false"),
        (
            "{url: 'redis://h', prefx: a}",
            "2: cache.shared.prefx: is not a known key; did you mean prefix?",
        ),
        (
            "{url: 'redis://h', tls: {ca: a}}",
            "2: cache.shared.tls.ca: is not a known key; known here: ca_file, certificate_file, key_file",
        ),
        (
            "{url: 'redis://h', prefix: 'a:b'}",
            "2: cache.shared.prefix: a prefix is 1 to 40 of a-z, A-Z, 0-9, - and _",
        ),
        ("{url: 'redis://h', connections: 0}", "2: cache.shared.connections: must be at least 1"),
        (
            "{url: 'redis://h', tls: {ca_file: ' '}}",
            "2: cache.shared.tls.ca_file: expected the path of a file",
        ),
    ],
)
def test_what_is_wrong_in_the_section_is_told_with_its_key(tmp_path: Path, section: str, told: str) -> None:
    assert refusals(tmp_path, with_shared(section)) == [told]


def test_without_the_package_the_start_stops_and_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.settings.checks.find_spec", lambda _: None)
    (told,) = refusals(tmp_path, with_shared("{url: 'redis://h'}"))
    assert told.startswith("2: cache.shared: ")
    assert "pip install 'workflow-gateway[redis]'" in told
    assert load_text(tmp_path, MINIMAL).cache.shared is None


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    key, certificate = certificate_for("a", folder)
    (folder / "both.pem").write_text(key.read_text() + certificate.read_text())
    (folder / "odd.pem").write_text("no certificate")
    return folder


@pytest.mark.parametrize(
    ("scheme", "tls", "told"),
    [
        ("rediss", "ca_file: cert.pem", []),
        ("rediss", "certificate_file: cert.pem, key_file: key.pem", []),
        ("rediss", "certificate_file: both.pem", []),
        ("redis", "ca_file: cert.pem", ["cache.shared.tls"]),
        ("rediss", "ca_file: odd.pem", ["cache.shared.tls.ca_file"]),
        ("rediss", "ca_file: absent.pem", ["cache.shared.tls.ca_file"]),
        ("rediss", "certificate_file: cert.pem", ["cache.shared.tls.certificate_file"]),
        ("rediss", "key_file: key.pem", ["cache.shared.tls.certificate_file"]),
        (
            "rediss",
            "ca_file: odd.pem, certificate_file: absent.pem",
            ["cache.shared.tls.ca_file", "cache.shared.tls.certificate_file"],
        ),
    ],
)
def test_certificates_that_cannot_be_used_stop_the_start(
    certificates: Path, scheme: str, tls: str, told: list[str]
) -> None:
    settings = loaded(certificates, f"{{url: '{scheme}://h', tls: {{{tls}}}}}")
    if not told:
        assert read(settings)[SHARED_URL] == f"{scheme}://h"
        return
    with pytest.raises(ConfigInvalid) as raised:
        read(settings)
    assert [issue.key for issue in raised.value.issues] == told
