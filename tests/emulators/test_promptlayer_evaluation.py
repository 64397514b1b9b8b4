"""PromptLayer emulator: what the nodes of a run come to."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from emulators.contract import EmulatorOptions
from emulators.promptlayer.evaluate import play
from emulators.promptlayer.records import Version
from emulators.promptlayer.seed.building import edge, node, rule, rule_between
from emulators.registry import load

KEY = "pl_demo_promptlayer"
LATER = timedelta(minutes=1)
Document = dict[str, Any]


def played(*nodes: Document, edges: tuple[Document, ...] = (), **inputs: Any) -> dict[str, Document]:
    return play(Version(1, 1, list(nodes), list(edges), None, None, None), inputs)


def value_of(kind: str, configuration: Document, **inputs: Any) -> Any:
    result = played(node("it", kind, configuration), **inputs)["it"]
    assert result["status"] == "SUCCESS", result
    return result["value"]


@pytest.mark.parametrize(
    ("kind", "configuration", "expected"),
    [
        ("VARIABLE", {"value": {"type": "json", "value": [1, {"a": None}]}}, [1, {"a": None}]),
        ("ENDPOINT", {"url": "https://a.example/x"}, {"status": 200, "url": "https://a.example/x"}),
        ("COMPARE", {"sources": ["text", "text"]}, True),
        ("COMPARE", {"sources": ["text", "number"]}, False),
        ("CONTAINS", {"source": "text", "value": "SECOND"}, True),
        ("CONTAINS", {"source": "text", "value_source": "number"}, False),
        ("REGEX", {"source": "text", "regex_pattern": "^First"}, True),
        ("REGEX_EXTRACTION", {"source": "text", "regex_pattern": r"\w+\."}, ["one.", "two."]),
        ("COSINE_SIMILARITY", {"sources": ["text", "text"]}, 1.0),
        ("ABSOLUTE_NUMERIC_DISTANCE", {"sources": ["number", "other"]}, 4.5),
        ("JSON_PATH", {"source": "tree", "json_path": "$.a[1].b-c"}, "leaf"),
        ("JSON_PATH", {"source": "json_text", "json_path": "$.k"}, 1),
        ("PARSE_VALUE", {"source": "number_text", "type": "number"}, -12.5),
        ("PARSE_VALUE", {"source": "yes", "type": "boolean"}, True),
        ("PARSE_VALUE", {"source": "text", "type": "object"}, {"text": "First one.\n\nSecond two."}),
        ("PARSE_VALUE", {"source": "number", "type": "string"}, "3"),
        ("ASSERT_VALID", {"source": "tree", "type": "object"}, True),
        ("COALESCE", {"sources": ["absent", "number"]}, 3),
        ("COALESCE", {"sources": ["absent"]}, None),
        ("COMBINE_COLUMNS", {"sources": ["number", "absent"]}, {"number": 3, "absent": None}),
        ("COUNT", {"source": "text", "type": "chars"}, 23),
        ("COUNT", {"source": "text", "type": "words"}, 4),
        ("COUNT", {"source": "text", "type": "sentences"}, 2),
        ("COUNT", {"source": "text", "type": "paragraphs"}, 2),
        ("MATH_OPERATOR", {"sources": ["number"], "operator": "lt", "value": 3}, False),
        ("MATH_OPERATOR", {"sources": ["number"], "operator": "le", "value": 3}, True),
        ("MATH_OPERATOR", {"sources": ["other", "number"], "operator": "gt"}, True),
        ("MATH_OPERATOR", {"sources": ["number", "other"], "operator": "ge"}, False),
        ("MIN_MAX", {"source": "numbers", "type": "min"}, 2),
        ("MIN_MAX", {"source": "numbers", "type": "max"}, 9),
        ("LLM_ASSERTION", {"source": "text", "prompt": "?"}, True),
        ("CODE_EXECUTION", {"code": "return 1", "language": "PYTHON"}, "computed by it"),
        (
            "FOR_LOOP",
            {"iterator_source": "numbers"},
            {
                "iterations": 3,
                "outputs": ["round 1 of it", "round 2 of it", "round 3 of it"],
                "final_output": "round 3 of it",
            },
        ),
        (
            "WHILE_LOOP",
            {"max_iterations": 1},
            {"iterations": 1, "outputs": ["round 1 of it"], "final_output": "round 1 of it"},
        ),
        ("FOR_LOOP", {"iterator_source": "nothing"}, {"iterations": 0, "outputs": [], "final_output": None}),
    ],
)
def test_values(kind: str, configuration: Document, expected: object) -> None:
    inputs = {
        "text": "First one.\n\nSecond two.",
        "number": 3,
        "other": 7.5,
        "number_text": "about -12.5 kg",
        "yes": "Yes",
        "tree": {"a": [0, {"b-c": "leaf"}]},
        "json_text": '{"k": 1}',
        "numbers": [4, 9, 2],
        "nothing": [],
    }
    assert value_of(kind, configuration, **inputs) == expected


@pytest.mark.parametrize(
    ("kind", "configuration"),
    [
        ("UNHEARD_OF", {}),
        ("VARIABLE", {}),
        ("ENDPOINT", {"url": "https://a.invalid"}),
        ("ENDPOINT", {"url": 5}),
        ("COMPARE", {"sources": ["a"]}),
        ("REGEX", {"source": "a", "regex_pattern": "("}),
        ("JSON_PATH", {"source": "a", "json_path": "$.b"}),
        ("MIN_MAX", {"source": "a", "type": "min"}),
        ("MATH_OPERATOR", {"sources": ["a"], "operator": "gt", "value": 1}),
        ("ABSOLUTE_NUMERIC_DISTANCE", {"sources": ["huge", "huge"]}),
        ("ABSOLUTE_NUMERIC_DISTANCE", {"sources": ["endless", "endless"]}),
        ("FOR_LOOP", {"max_iterations": "many"}),
    ],
)
def test_configurations_that_do_not_fit_fail(kind: str, configuration: Document) -> None:
    result = played(node("it", kind, configuration), a="text", huge=10**400, endless="inf")["it"]
    assert (result["status"], result["value"]) == ("FAILED", None)
    assert result["error_message"]
    assert result["raw_error_message"]


def test_a_node_without_a_configuration_fails() -> None:
    broken = {**node("it", "VARIABLE", {}), "configuration": None}
    assert played(broken)["it"]["status"] == "FAILED"


@pytest.mark.parametrize(
    ("operator", "left", "right", "passes"),
    [
        ("=", 1, 1, True),
        ("=", "1", 1, False),
        ("!=", 1, 2, True),
        ("<", 1, 2, True),
        ("<", "1", 2, False),
        ("<=", 2, 2, True),
        (">", 3, 2, True),
        (">=", 1, 2, False),
        ("in", "a", ["a"], True),
        ("in", "a", "cab", True),
        ("in", "a", None, False),
        ("not_in", "a", ["b"], True),
        ("not_in", "a", None, True),
        ("is_null", None, None, True),
        ("is_null", 0, None, False),
        ("is_not_null", 0, None, True),
    ],
)
def test_operators(operator: str, left: object, right: object, *, passes: bool) -> None:
    nodes = (
        node("left", "VARIABLE", {"value": {"value": left}}),
        node("right", "VARIABLE", {"value": {"value": right}}),
        node("it", "CODE_EXECUTION", {}, ["left", "right"]),
    )
    expected = "SUCCESS" if passes else "SKIPPED"
    for condition in (rule(operator, "left", right), rule_between(operator, "left", "right")):
        assert played(*nodes, edges=(edge("left", "it", condition),))["it"]["status"] == expected


@pytest.mark.parametrize(("any_of", "expected"), [(False, "SKIPPED"), (True, "SUCCESS")])
def test_all_or_any_of_the_conditionals(any_of: bool, expected: str) -> None:
    nodes = (node("a", "VARIABLE", {"value": {"value": 1}}), node("it", "CODE_EXECUTION", {}, ["a"]))
    both = edge("a", "it", rule("=", "a", 1), rule("=", "a", 2), any_of=any_of)
    assert played(*nodes, edges=(both,))["it"]["status"] == expected


def test_a_join_takes_what_is_there() -> None:
    nodes = (
        node("left", "ENDPOINT", {"url": "https://a.invalid"}),
        node("right", "VARIABLE", {"value": {"value": 2}}),
        node("join", "COALESCE", {"sources": ["left", "right"]}, ["left", "right"]),
        node("strict", "CODE_EXECUTION", {}, ["left", "right"]),
        node("alone", "COALESCE", {"sources": ["left"]}, ["left"]),
    )
    results = played(*nodes)
    assert results["join"]["value"] == 2
    assert (results["strict"]["status"], results["alone"]["status"]) == ("SKIPPED", "SKIPPED")


def test_nodes_run_behind_what_they_need_and_circles_come_last() -> None:
    nodes = (
        node("b", "COALESCE", {"sources": ["a"]}, ["a"]),
        node("x", "COALESCE", {"sources": ["y"]}, ["y"]),
        node("y", "COALESCE", {"sources": ["x"]}, ["x"]),
        node("a", "VARIABLE", {"value": {"value": 1}}, ["a", "an_input"]),
    )
    results = played(*nodes)
    assert list(results) == ["a", "b", "x", "y"]
    assert results["b"]["value"] == 1


@pytest.fixture
async def client(in_process: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    times = [datetime(2026, 11, 2, tzinfo=UTC)]

    def clock() -> datetime:
        times.append(times[-1] + LATER)
        return times[-1]

    async with in_process(load("promptlayer"), EmulatorOptions(api_key=KEY, clock=clock)) as connected:
        connected.headers["X-API-KEY"] = KEY
        yield connected


async def test_of_the_seeded_workflows_only_two_fail(client: httpx.AsyncClient) -> None:
    failed = {}
    for item in (await client.get("/workflows", params={"per_page": 100})).json()["items"]:
        if item["is_deleted"] or item["latest_version_number"] is None:
            continue
        started = (await client.post(f"/workflows/{item['id']}/run", json={"input_variables": {}})).json()
        query = {
            "workflow_version_execution_id": started["workflow_version_execution_id"],
            "return_all_outputs": "true",
        }
        answer = await client.get("/workflow-version-execution-results", params=query)
        assert answer.status_code == 200
        broken = [name for name, result in answer.json().items() if result["status"] == "FAILED"]
        failed.update({item["name"]: broken} if broken else {})
    assert failed == {"status-page-update": ["probe"], "legacy-import (broken)": ["classify"]}
