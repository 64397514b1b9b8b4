"""Lenient reading: a value or None, each oddity noted once where it lies, nothing raised, nothing changed."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.evidence import MAX_DIAGNOSTICS, Evidence, Findings, pointer
from schemas.diagnostics import DiagnosticCode, Severity
from tests.schemas.strategies import JSON_VALUES

ABSENT = object()
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MISSING, WRONG, NO_TIME = (
    DiagnosticCode.MISSING_FIELD,
    DiagnosticCode.WRONG_TYPE,
    DiagnosticCode.UNREADABLE_TIME,
)

READERS: dict[str, Callable[..., Any]] = {
    "raw": Evidence.raw,
    "text": Evidence.text,
    "identifier": Evidence.identifier,
    "integer": Evidence.integer,
    "number": Evidence.number,
    "boolean": Evidence.boolean,
    "texts": Evidence.texts,
    "array": Evidence.array,
    "object": Evidence.object,
    "objects": lambda evidence, name, **options: list(evidence.objects(name, **options)),
    "iso_time": Evidence.iso_time,
    "unix_time": Evidence.unix_time,
}
REQUIRING = sorted(set(READERS) - {"number", "texts"})


def evidence(value: Any = ABSENT, path: str = "/nodes/0") -> Evidence:
    return Evidence({} if value is ABSENT else {"f": value}, Findings(), path)


def codes(read: Evidence) -> list[DiagnosticCode]:
    return [found["code"] for found in read.findings.all()]


@pytest.mark.parametrize(
    ("reader", "value", "result", "noted"),
    [
        ("raw", {"x": [1]}, {"x": [1]}, []),
        ("text", "a", "a", []),
        ("text", "", "", []),
        ("text", 7, "7", [WRONG]),
        ("text", 1.5, "1.5", [WRONG]),
        ("text", 2**70, str(2**70), [WRONG]),
        ("text", True, None, [WRONG]),
        ("text", ["a"], None, [WRONG]),
        ("identifier", "a", "a", []),
        ("identifier", 7, "7", []),
        ("identifier", -7, "-7", []),
        ("identifier", 7.5, "7.5", [WRONG]),
        ("identifier", False, None, [WRONG]),
        ("identifier", {}, None, [WRONG]),
        ("integer", 7, 7, []),
        ("integer", 2**70, 2**70, []),
        ("integer", 7.0, 7, [WRONG]),
        ("integer", 7.5, None, [WRONG]),
        ("integer", "7", 7, [WRONG]),
        ("integer", "-7", -7, [WRONG]),
        ("integer", "+7", 7, [WRONG]),
        ("integer", "7 ", None, [WRONG]),
        ("integer", "٣", None, [WRONG]),
        ("integer", "-", None, [WRONG]),
        ("integer", "9" * 19, None, [WRONG]),
        ("integer", True, None, [WRONG]),
        ("integer", [], None, [WRONG]),
        ("number", 0.5, 0.5, []),
        ("number", 3, 3.0, []),
        ("number", "3", 3.0, [WRONG]),
        ("number", "x", None, [WRONG]),
        ("number", False, None, [WRONG]),
        ("number", 10**400, None, [WRONG]),
        ("boolean", False, False, []),
        ("boolean", "True", True, [WRONG]),
        ("boolean", "false", False, [WRONG]),
        ("boolean", "yes", None, [WRONG]),
        ("boolean", 1, None, [WRONG]),
        ("texts", ["a", "b"], ("a", "b"), []),
        ("texts", ["a", 1, None, "b"], ("a", "b"), [WRONG, WRONG]),
        ("texts", "a", (), [WRONG]),
        ("array", [1, {}], [1, {}], []),
        ("array", {}, [], [WRONG]),
        ("object", [], None, [WRONG]),
        ("objects", [1, None], [], [DiagnosticCode.UNREADABLE_PART] * 2),
        ("objects", "x", [], [WRONG]),
        ("iso_time", "2026-05-01T12:00:00Z", NOON, []),
        ("iso_time", "2026-05-01T14:00:00+02:00", NOON, []),
        ("iso_time", "2026-05-01T12:00:00", NOON, []),
        ("iso_time", 1777636800, NOON, [WRONG]),
        ("iso_time", "yesterday", None, [NO_TIME]),
        ("iso_time", "0001-01-01T00:00:00+10:00", None, [NO_TIME]),
        ("iso_time", "\ud800", None, [NO_TIME]),
        ("iso_time", True, None, [NO_TIME]),
        ("iso_time", [], None, [NO_TIME]),
        ("unix_time", 1777636800, NOON, []),
        ("unix_time", 1777636800.0, NOON, []),
        ("unix_time", "2026-05-01T12:00:00Z", NOON, [WRONG]),
        ("unix_time", 10**30, None, [NO_TIME]),
        ("unix_time", "soon", None, [NO_TIME]),
        ("unix_time", {}, None, [NO_TIME]),
    ],
)
def test_a_value_is_read_and_its_oddity_noted(
    reader: str, value: Any, result: Any, noted: list[DiagnosticCode]
) -> None:
    read = evidence(value)
    got = READERS[reader](read, "f")
    assert (got, type(got)) == (result, type(result))
    assert codes(read) == noted
    assert all(found["path"].startswith("/nodes/0/f") for found in read.findings.all())


EMPTY: dict[str, Any] = {"texts": (), "array": [], "objects": []}


@pytest.mark.parametrize("value", [ABSENT, None])
@pytest.mark.parametrize("reader", READERS)
def test_an_optional_field_may_be_absent_or_null(reader: str, value: Any) -> None:
    read = evidence(value)
    assert READERS[reader](read, "f") == EMPTY.get(reader)
    assert codes(read) == []


@pytest.mark.parametrize(("value", "state"), [(ABSENT, "absent"), (None, "null")])
@pytest.mark.parametrize("reader", REQUIRING)
def test_a_required_field_is_missed_once(reader: str, value: Any, state: str) -> None:
    read = evidence(value)
    assert READERS[reader](read, "f", required=True) == EMPTY.get(reader)
    (found,) = read.findings.all()
    assert (found["code"], found["path"], found["message"]) == (MISSING, "/nodes/0/f", f"f is {state}")
    assert found["severity"] is Severity.WARNING


@given(JSON_VALUES)
def test_any_value_is_read_without_raising_or_changing_it(value: Any) -> None:
    read = evidence(value)
    before = copy.deepcopy(read.fields)
    for name, reader in READERS.items():
        reader(read, "f", **({"required": True} if name in REQUIRING else {}))
    assert repr(read.fields) == repr(before)


def test_objects_know_where_they_lie() -> None:
    read = Evidence({"a/b": {"~c": 1}, "items": [1, {"x": 2}]}, Findings())
    inner = read.object("a/b")
    assert inner is not None
    assert inner.at("~c") == "/a~1b/~0c"
    ((index, second),) = read.objects("items")
    assert (index, second.path, second.fields) == (1, "/items/1", {"x": 2})
    second.note(DiagnosticCode.CONTRADICTION, "odd", "x", 0, severity=Severity.INFO)
    noted = read.findings.all()[-1]
    assert (noted["code"], noted["path"], noted["severity"]) == (
        DiagnosticCode.CONTRADICTION,
        "/items/1/x/0",
        Severity.INFO,
    )


def test_an_item_that_is_no_object_is_an_error_at_its_place() -> None:
    read = evidence([{}, 7])
    list(read.objects("f"))
    (found,) = read.findings.all()
    assert (found["path"], found["severity"]) == ("/nodes/0/f/1", Severity.ERROR)
    assert found["message"] == "f holds a number, not an object"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "a boolean"),
        (1, "a number"),
        (1.5, "a number"),
        ("a", "a text"),
        ([], "an array"),
        ({}, "an object"),
    ],
)
def test_a_wrong_type_is_named(value: Any, kind: str) -> None:
    read = evidence(value)
    for name in ("array", "object"):
        READERS[name](read, "f")
    assert read.findings.all()[0]["message"].startswith(f"f is {kind}, not an ")


def test_presence_and_the_rest() -> None:
    read = Evidence({"a": 0, "b": None, "c": 3}, Findings())
    assert [read.has(name) for name in "abcd"] == [True, False, True, False]
    assert read.rest("a", "d") == {"b": None, "c": 3}
    assert list(read.rest()) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [((), ""), (("a", 0), "/a/0"), (("a/b", "m~n"), "/a~1b/m~0n"), (("",), "/"), (("~1",), "/~01")],
)
def test_a_pointer_is_that_of_rfc_6901(parts: tuple[str | int, ...], expected: str) -> None:
    assert pointer(*parts) == expected


@given(st.lists(st.text(max_size=5)))
def test_a_pointer_can_be_read_back(parts: list[str]) -> None:
    names = [part.replace("~1", "/").replace("~0", "~") for part in pointer(*parts).split("/")[1:]]
    assert names == parts


@pytest.mark.parametrize("extra", [0, 1, 5_000])
def test_diagnostics_are_capped_and_the_rest_counted(extra: int) -> None:
    findings = Findings()
    for number in range(MAX_DIAGNOSTICS + extra):
        findings.note(WRONG, f"/{number}", "odd")
    found = findings.all()
    assert [diagnostic["path"] for diagnostic in found[:3]] == ["/0", "/1", "/2"]
    assert len(found) == MAX_DIAGNOSTICS + (1 if extra else 0)
    assert found == findings.all()
    if extra:
        assert found[-1]["message"] == f"{extra} further diagnostics are not shown"
