import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.settings import ConfigInvalid, load
from gateway.settings.models import (
    CacheSettings,
    CacheTimes,
    CallerSettings,
    ConnectionSettings,
    LimitSettings,
    ServerSettings,
    SettingsFile,
)
from tests.gateway.settings_helpers import MINIMAL, load_text, refusals, vendors, write

HASH = "sha256:" + "0" * 64
NO_TAGS = "tags (!name) are not understood; write the value alone"
TOP_KEYS = "server, cache, tracing, callers, vendor_descriptions, connections"
CONNECTION_KEYS = (
    "vendor, credential, title, base_url, allow_insecure_http, allow_private_addresses, require_if_match, limits, "
    "cache, passthrough"
)


def test_the_smallest_file(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, MINIMAL)
    assert loaded.connections["main"].credential == "env:ACME_KEY"
    assert loaded.server.host == "127.0.0.1"
    assert loaded.source == tmp_path / "gateway.yaml"
    assert loaded.folder == tmp_path


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode()
    assert load_text(tmp_path, text) == load_text(tmp_path, MINIMAL)


def test_a_plain_credential_is_told_as_a_person_would(tmp_path: Path) -> None:
    text = "# ours\n\nconnections:\n  noxus-eu:\n    vendor: acme\n    credential: sk-secret\n"
    (issue,) = refusals(tmp_path, text)
    assert issue == (
        "6: connections.noxus-eu.credential: expected env:NAME or file:PATH, got a plain value; a key in this file "
        "ends up in backups and version control, so put it in an environment variable and write env:ITS_NAME"
    )


def test_an_issue_names_the_file_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "connections: {}\n")
    with pytest.raises(ConfigInvalid, match=r"^gateway.yaml:1: connections: needs at least 1 entry$"):
        load(Path("gateway.yaml"), vendors())


def test_a_list_whose_only_entry_is_wrong_is_not_called_empty_too(tmp_path: Path) -> None:
    text = "callers:\n  - {name: one, key_hashes: [sha256:abc]}\nconnections: {a: {vendor: acme, credential: env:A}}\n"
    (issue,) = refusals(tmp_path, text)
    assert issue.startswith("2: callers[0].key_hashes[0]: expected sha256:")


def test_everything_wrong_is_told_at_once_in_the_file_s_order(tmp_path: Path) -> None:
    text = f"""\
servre:
  port: 1
server:
  host: 0.0.0.0
  port: eighty
  docs: yes
  log_level: inform
  log_format: yaml
cache:
  max_bytes: 64MB
callers:
  - name: one
    key_hash: {HASH}
  - name: two
    key_hashes: {HASH}
    connections: [mian]
connections:
  main:
    vendor: acme
    credential: env:ACME_KEY
    timeout: 3
    limits:
      concurency: 3
      queue: 1.5
      timeout_seconds: 0
    cache:
      listing: -1
      listing: 5
  Bad_Name:
    vendor: amce
  empty:
  list: []
  lonely:
    vendor: homebrew
    credential: env:OTHER
  open:
    vendor: homebrew
    credential: env:OTHER
    base_url: http://vendor.example.com
"""
    expected = [
        "1: servre: is not a known key; did you mean server?",
        "5: server.port: expected a whole number, got a text",
        "6: server.docs: expected true or false, got a text",
        "7: server.log_level: expected one of debug, info, warning, error; did you mean info?",
        "8: server.log_format: expected one of auto, console, json",
        "10: cache.max_bytes: expected a whole number of bytes, or one with KiB, MiB or GiB, such as 64MiB",
        "12: callers[0].key_hashes: is required",
        "13: callers[0].key_hash: is not a known key; did you mean key_hashes?",
        "15: callers[1].key_hashes: expected a list, got a text",
        "16: callers[1].connections[0]: there is no connection 'mian'; did you mean main?",
        f"21: connections.main.timeout: is not a known key; known here: {CONNECTION_KEYS}",
        "23: connections.main.limits.concurency: is not a known key; did you mean concurrency?",
        "24: connections.main.limits.queue: expected a whole number, got a number with a fraction",
        "25: connections.main.limits.timeout_seconds: must be more than 0",
        "27: connections.main.cache.listing: must be at least 0",
        "28: connections.main.cache.listing: is given twice, first in line 27; keep one",
        "29: connections.Bad_Name: a name is 1 to 63 of a-z, 0-9 and -, and begins with a letter or a digit",
        "29: connections.Bad_Name.credential: is required",
        "30: connections.Bad_Name.vendor: there is no vendor 'amce'; known vendors: acme, homebrew",
        "31: connections.empty: expected a mapping (key: value), got nothing",
        "32: connections.list: expected a mapping (key: value), got a list",
        "33: connections.lonely.base_url: is required: every installation of Homebrew has its own address",
    ]
    *found, last = refusals(tmp_path, text)
    assert found == expected
    assert last.startswith("39: connections.open.base_url: http:// sends the credential unencrypted")


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        ("", "the file is empty; it needs at least connections"),
        ("# nothing\n", "the file is empty; it needs at least connections"),
        ("[]\n", "1: expected keys with values, such as connections:, at the top of the file"),
        ("connections\n", "1: expected keys with values, such as connections:, at the top of the file"),
        ("server: {}\n", "connections: is required"),
        ("connections: []\n", "1: connections: expected a mapping (key: value), got a list"),
        ("connections:\n", "1: connections: expected a mapping (key: value), got nothing"),
        ("callers: {}\n" + MINIMAL, "1: callers: expected a list, got a mapping"),
        ("callers: [x]\n" + MINIMAL, "1: callers[0]: expected a mapping (key: value), got a text"),
        ("server: on\n" + MINIMAL, "1: server: expected a mapping (key: value), got a text"),
        ("source: x\n" + MINIMAL, f"1: source: is not a known key; known here: {TOP_KEYS}"),
        ("server:\n\tport: 1\n", "2: not valid YAML: found a tab; indent with blanks"),
        (b"a: 1\nb: \xff\n", "2: the file is not UTF-8; save it as UTF-8"),
        (b"#" * (1024 * 1024 + 1), "the file is larger than 1 MiB; this cannot be a configuration"),
        (MINIMAL + "    title: !x y\n", f"5: connections.main.title: {NO_TAGS}"),
        (MINIMAL + "    title: ''\n", "5: connections.main.title: must not be empty"),
        (MINIMAL + "    title: 7\n", "5: connections.main.title: expected a text, got a whole number"),
        (MINIMAL + "    <<: {}\n", f"5: connections.main.<<: is not a known key; known here: {CONNECTION_KEYS}"),
    ],
)  # fmt: skip
def test_one_thing_wrong(tmp_path: Path, text: str | bytes, issue: str) -> None:
    assert refusals(tmp_path, text) == [issue]


def test_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "absent.yaml"
    with pytest.raises(ConfigInvalid) as raised:
        load(path, vendors())
    assert (
        str(raised.value) == f"{path}: there is no such file; WORKFLOW_GATEWAY_CONFIG says which one to read"
    )


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="cannot be read: Is a directory"):
        load(tmp_path, vendors())


def test_aliases_share_a_value(tmp_path: Path) -> None:
    text = (
        MINIMAL
        + "    cache: &short {listing: 1}\n  other: {vendor: acme, credential: env:B, cache: *short}\n"
    )
    loaded = load_text(tmp_path, text)
    assert loaded.connections["main"].cache == loaded.connections["other"].cache
    assert loaded.connections["other"].cache.listing == 1


SECRET = "topsecret"
MODELS = (
    ServerSettings,
    CacheSettings,
    CallerSettings,
    LimitSettings,
    CacheTimes,
    ConnectionSettings,
    SettingsFile,
)
KEYS = sorted({name for model in MODELS for name in model.model_fields} | {"main", "other"})


def documents() -> st.SearchStrategy[object]:
    scalars = st.sampled_from(
        [SECRET, f"env:{SECRET}-x", f"https://{SECRET}@h", 1, -1, 1.5, True, None, "acme", "all"]
    )
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
        max_leaves=30,
    )


def flow(value: object) -> str:
    """Write a value as YAML in flow style, with repeated keys and plain texts where they come."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return {None: "null", True: "true"}.get(value, str(value)) if not isinstance(value, float) else str(value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), documents(), max_size=6))
def test_whatever_is_wrong_is_told_without_values_that_may_be_secrets(
    tmp_path: Path, document: object
) -> None:
    path = write(tmp_path, flow(document))
    with pytest.raises(ConfigInvalid) as raised:
        load(path, {})
    said = [str(issue) for issue in raised.value.issues if not issue.key.endswith(".vendor")]
    assert raised.value.issues
    assert not [sentence for sentence in said if SECRET in sentence]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet=string.printable))
def test_no_text_does_worse_than_being_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigInvalid):
        load(write(tmp_path, text), {})
