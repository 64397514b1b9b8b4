"""Configurations that are almost right: each is read, or refused with what is wrong and where."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.registry import load_all
from gateway.settings import ConfigInvalid, Settings, load, read_description
from tests.hostile.mutations import texts

ROOT = Path(__file__).resolve().parents[2]
WORDS = [
    "",
    "null",
    "~",
    "yes",
    "-1",
    "1e999",
    ".inf",
    ".nan",
    "0x7fffffffffffffffffff",
    "9" * 400,
    "1_000",
    "12:30:45",
    "2026-13-45",
    "0001-01-01",
    "[",
    "]",
    "{",
    "[[[[[[[[",
    "{a: {a: {a: 1}}}",
    "&anchor",
    "*anchor",
    "*missing",
    "&a [*a, *a]",
    "<<: *short",
    "!!python/object/apply:os.system ['true']",
    "!!binary AAAA",
    "!!set {a, b}",
    "? [a, b]",
    "? {a: b}",
    "--- a",
    "...",
    "%YAML 9.9",
    "%TAG ! tag:x",
    '"\\ud800"',
    '"\\x00"',
    '"unclosed',
    "'unclosed",
    "|",
    ">-",
    "@at",
    "`tick",
    "\x07",
    "\u2028",
    "\ufeff",
    "http://[::1",
    "http://10.0.0.1",
    "https://a\\b",
    "env:",
    "file:/etc/passwd",
    "64TiB",
    "sha256:00",
    "- - - -",
    "a: b: c",
]
WITHOUT_LINE = ("is required", "the file ")
FILES = [ROOT / "config" / name for name in ("gateway.yaml", "demo.yaml", "production.example.yaml")]
DESCRIPTIONS = sorted((ROOT / "config" / "vendors").glob("*.yaml"))
ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@ONE_FOLDER
@given(data=st.data())
def test_a_changed_configuration_is_settings_or_says_what_is_wrong(
    path: Path, data: st.DataObject, tmp_path: Path
) -> None:
    changed = data.draw(texts(path.read_text(encoding="utf-8"), WORDS))
    target = tmp_path / "gateway.yaml"
    target.write_text(changed, encoding="utf-8")
    try:
        assert isinstance(load(target, load_all()), Settings)
    except ConfigInvalid as error:
        assert_told(error, target)


@pytest.mark.parametrize("path", DESCRIPTIONS, ids=lambda path: path.name)
@ONE_FOLDER
@given(data=st.data())
def test_a_changed_description_is_a_vendor_or_says_what_is_wrong(
    path: Path, data: st.DataObject, tmp_path: Path
) -> None:
    changed = data.draw(texts(path.read_text(encoding="utf-8"), WORDS))
    target = tmp_path / path.name
    target.write_text(changed, encoding="utf-8")
    try:
        assert read_description(target).name == path.stem
    except ConfigInvalid as error:
        assert_told(error, target)


@ONE_FOLDER
@given(
    content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_are_no_configuration(content: bytes, tmp_path: Path) -> None:
    target = tmp_path / "gateway.yaml"
    target.write_bytes(content)
    with pytest.raises(ConfigInvalid) as caught:
        load(target, load_all())
    assert_told(caught.value, target)


def assert_told(error: ConfigInvalid, path: Path) -> None:
    lines = path.read_bytes().count(b"\n") + 2
    assert error.issues
    for issue in error.issues:
        assert issue.message
        if issue.line is None:
            # It concerns the whole file, or a key that is nowhere in it.
            assert issue.message.startswith(WITHOUT_LINE), issue
        else:
            assert 1 <= issue.line <= lines
