"""What the logs show, and what they never show."""

import base64
import io
import json
import logging
import re
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from gateway.edge.context import NOTES, ContextLayer
from gateway.telemetry import logs
from tests.listening import heard

CANARY = "canary-secret-1234567890"


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_fields_named_like_secrets_and_known_secrets_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json", [CANARY])
    structlog.get_logger().info(
        f"calling with {CANARY}",
        authorization="Bearer x",
        headers={"X-API-Key": "k", "accept": "json"},
        nested=[{"deep": CANARY}],
        path="/v1/workflows",
    )
    (line,) = lines(capsys)
    assert line["event"] == "calling with ********"
    assert line["authorization"] == "********"
    assert line["headers"] == {"X-API-Key": "********", "accept": "json"}
    assert line["nested"] == [{"deep": "********"}]
    assert line["path"] == "/v1/workflows"
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


def test_nothing_that_is_logged_steers_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "console")
    word = "\x1b]0;owned\x07\x9b2J\u202e"
    steering = f"{word}\r\n2026 forged"
    structlog.get_logger().warning(steering, vendor_request_id=word, nested=[steering])
    logging.getLogger("uvicorn.error").error(steering, exc_info=ValueError(steering))
    said = capsys.readouterr().err
    own = re.compile(r"\x1b\[[0-9;]*m")
    assert all(letter.isprintable() or letter == "\n" for letter in own.sub("", said))
    assert "owned" in said
    # Nothing begins a line but what the gateway says, and the words of the error in its traceback.
    assert sum(line.startswith("2026 forged") for line in said.splitlines()) == 1


def test_tracebacks_and_the_standard_librarys_logs_are_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json", [CANARY])
    try:
        int(CANARY)
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("uvicorn.error").exception("also %s", CANARY)
    text = capsys.readouterr().err
    assert CANARY not in text
    assert text.count("ValueError: ") == 2


def test_short_texts_are_not_hunted_for(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json", ["a"])
    structlog.get_logger().info("a cat")
    assert lines(capsys)[0]["event"] == "a cat"


def test_the_level_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning", "json")
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in lines(capsys)] == ["loud"]


def test_console_lines_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "console", [CANARY])
    structlog.get_logger().info("hello", who=CANARY)
    text = capsys.readouterr().err
    assert "hello" in text
    assert CANARY not in text
    assert "\x1b" not in text, "nobody's terminal"


def test_a_library_that_repeats_itself_is_heard_once_in_a_while(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    for said in ("first", "second"):
        logging.getLogger("opentelemetry.exporter").warning("no collector: %s", said)
        logging.getLogger("opentelemetries").warning("another: %s", said)
    logging.getLogger("opentelemetry.exporter").warning("something else")
    assert [line["event"] for line in lines(capsys)] == [
        "no collector: first",
        "another: first",
        "another: second",
        "something else",
    ]


def test_once_in_a_while_is_told_again() -> None:
    seldom = logs.Seldom("noisy", seconds=60)
    record = logging.LogRecord("noisy", logging.WARNING, "code.py", 1, "again", None, None)
    passed = []
    for moment in (0.0, 59.0, 61.0):
        record.created = moment
        passed.append(seldom.filter(record))
    assert passed == [True, False, True]


async def _ask(inner: Any, **scope: Any) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    whole = {"type": "http", "method": "GET", "path": "/x y", "raw_path": b"/x%20y", "headers": []} | scope
    await ContextLayer(inner)(whole, receive, send)
    return sent


async def test_one_line_per_request(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")

    async def inner(scope: Any, _: Any, send: Any) -> None:
        assert scope["path"] == "/x%20y"
        scope[NOTES]["connection"] = "c"
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    sent = await _ask(inner, headers=[(b"x-request-id", b"abc")])
    assert (b"x-request-id", b"abc") in sent[0]["headers"]
    (line,) = lines(capsys)
    assert (line["event"], line["request_id"], line["status"]) == ("request", "abc", 204)
    assert (line["method"], line["path"], line["connection"]) == ("GET", "/x%20y", "c")
    assert line["milliseconds"] >= 0


async def test_a_failure_inside_is_answered_and_logged_with_its_id(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info", "json", [CANARY])

    async def inner(*_: Any) -> None:
        raise RuntimeError(CANARY)

    sent = await _ask(inner)
    body = json.loads(sent[1]["body"])
    assert sent[0]["status"] == body["status"] == 500
    assert body["code"] == "internal_error"
    assert CANARY not in json.dumps(body)
    failure, request = lines(capsys)
    assert failure["request_id"] == request["request_id"] == body["request_id"]
    assert "RuntimeError" in failure["exception"]
    assert CANARY not in json.dumps(failure)


async def test_a_failure_after_the_start_of_an_answer_adds_nothing_to_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info", "json")

    async def inner(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("half way")

    sent = await _ask(inner)
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert lines(capsys)[0]["event"] == "request failed"


def test_secrets_are_masked_in_every_form_and_gateway_keys_whosever_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info", "json", [CANARY])
    shown = base64.b64encode(f"user:{CANARY}".encode()).decode()
    structlog.get_logger().info(f"sent {CANARY.upper()}", tried=shown, path="/v1/wg_3q2-7wAbCdEfGhIjKlMn_o")
    (line,) = lines(capsys)
    assert (line["event"], line["path"]) == ("sent ********", "/v1/********")
    assert shown[8:-4] not in line["tried"]


def test_the_key_for_a_collector_of_traces_is_masked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"x-tenant=some-tenant,authorization=Bearer%20{CANARY}")
    logs.configure("info", "json")
    logging.getLogger("opentelemetry.exporter").error("refused: %s", CANARY)
    assert [line["event"] for line in lines(capsys)] == ["refused: ********"]


def test_what_nobody_catches_is_logged_with_secrets_masked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in (
        (sys, "excepthook"),
        (sys, "unraisablehook"),
        (threading, "excepthook"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name))
    logs.configure("info", "json", [CANARY])
    logs.catch_the_rest()

    def fail() -> None:
        raise ValueError(f"with {CANARY}")

    class Unraisable:
        def __del__(self) -> None:
            fail()

    Unraisable()
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    try:
        fail()
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    found = lines(capsys)
    assert [line["event"] for line in found] == ["nobody caught this"] * 3
    for line in found:
        assert "ValueError: with ********" in line["exception"]
        assert line["level"] == "critical"


def test_every_line_is_written_at_once_so_that_lines_of_threads_do_not_mix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[str] = []

    class Stream(io.StringIO):
        def write(self, text: str) -> int:
            written.append(text)
            return len(text)

    monkeypatch.setattr(sys, "stderr", Stream())
    logs.configure("info", "json")
    structlog.get_logger().info("told")
    logging.getLogger("other").warning("told too")
    assert [text[-2:] for text in written] == ["}\n", "}\n"]


async def test_a_path_that_holds_the_key_it_came_with_is_not_logged() -> None:
    async def inner(scope: Any, _: Any, __: Any) -> None:
        raise ValueError(f"{scope['headers']}")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"x-api-key", b"hand/made-key")]
    path = b"/v1/hand%2Fmade-key"
    scope = {"type": "http", "method": "GET", "path": path.decode(), "raw_path": path, "headers": headers}
    with heard() as events:
        await ContextLayer(inner)(scope, None, send)  # type: ignore[arg-type]
    assert [event["path"] for event in events] == ["********", "********"]
    assert "hand/made-key" not in repr(events)
    assert sent[0]["status"] == 500
