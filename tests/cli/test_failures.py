"""How a command ends when something is wrong: in words, with an exit code, without a traceback."""

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result

from gateway.cli.failures import fail_with_problem
from tests.cli.conftest import Command
from tests.cli.processes import free_port
from tests.house import KEY, NARROW_KEY, House


def ended_in_words(result: Result, code: int) -> str:
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert result.stderr
    return result.stderr


def test_a_problem_is_told_in_words_with_the_request_id(run: Command, asking: tuple[str, ...]) -> None:
    result = run("workflows", "get", "noxus-test", "00000000-0000-4000-8000-000000000000", *asking)
    first, detail, request = ended_in_words(result, 1).splitlines()
    assert first == "Error: Not found (not_found, status 404)"
    assert detail.startswith("  ")
    assert request.removeprefix("  request id ").isalnum()


def test_what_is_wrong_is_not_said_twice(run: Command, asking: tuple[str, ...]) -> None:
    said = ended_in_words(run("workflows", "get", "noxus-test", "..", *asking), 1)
    assert said.count("'..' cannot be an id") == 1


def test_further_faults_are_listed(run: Command) -> None:
    problem = {
        "title": "Rejected",
        "code": "vendor_rejected",
        "detail": "two things are wrong",
        "errors": [{"name": "/a", "detail": "too long"}, {"name": "/b", "detail": "too short"}],
    }
    with pytest.raises(Exception, match=r"(?s)status 422.*/a: too long\n  /b: too short"):
        fail_with_problem(json.dumps(problem).encode(), 422)


def test_what_a_vendor_lacks_is_told_with_the_reason(run: Command, asking: tuple[str, ...]) -> None:
    said = ended_in_words(run("workflows", "versions", "aitronos-test", "flow_x", *asking), 1)
    assert "unsupported, status 501" in said
    assert "Aitronos" in said


@pytest.mark.parametrize(
    "command", [("workflows", "get", "nowhere", "x"), ("workflows", "list", "--connection", "nowhere")]
)
def test_an_unknown_connection(run: Command, asking: tuple[str, ...], command: tuple[str, ...]) -> None:
    said = ended_in_words(run(*command, *asking), 1)
    assert "No such connection (unknown_connection, status 404)" in said
    assert "'nowhere'" in said


def test_an_empty_id_is_refused_before_anybody_is_asked(run: Command, asking: tuple[str, ...]) -> None:
    assert "must not be empty" in ended_in_words(run("workflows", "get", "noxus-test", "", *asking), 2)


def test_a_broken_vendor_leaves_the_listing_incomplete(
    run: Command, asking: tuple[str, ...], spoilt_house: House
) -> None:
    spoilt_house.control("promptlayer", "PUT", "faults", [{"fault": "status", "status": 500}])
    result = run("workflows", "list", *asking)
    said = ended_in_words(result, 3)
    assert said.startswith("warning: promptlayer-test: The vendor failed: ")
    shown = {line.split()[0] for line in result.stdout.splitlines()[1:]}
    assert shown == {"aitronos-test", "noxus-test"}


def test_an_incomplete_listing_says_so_in_json_too(
    run: Command, asking: tuple[str, ...], spoilt_house: House
) -> None:
    spoilt_house.control("promptlayer", "PUT", "faults", [{"fault": "reset"}])
    result = run("workflows", "list", "--json", *asking)
    ended_in_words(result, 3)
    document = json.loads(result.stdout)
    assert document["complete"] is False
    assert [problem["connection"] for problem in document["problems"]] == ["promptlayer-test"]
    assert document["items"]


def test_a_wrong_and_a_missing_key_are_told_apart(run: Command, house: House) -> None:
    wrong = ended_in_words(run("workflows", "list", "--url", house.gateway, "--key", "wrong"), 1)
    assert "status 401" in wrong
    assert "not one of this gateway's" in wrong
    assert "no key was sent" in ended_in_words(run("workflows", "list", "--url", house.gateway), 1)


def test_a_key_that_sees_one_connection_sees_one(run: Command, house: House) -> None:
    shown = run("connections", "--json", "--url", house.gateway, "--key", NARROW_KEY).stdout
    assert [item["name"] for item in json.loads(shown)["items"]] == ["noxus-test"]


def test_no_gateway_there(run: Command) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    said = ended_in_words(run("workflows", "list", "--url", url), 1)
    assert said.startswith(f"Error: no gateway answers at {url}: ")


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://example.com", "http://", "http://127.0.0.1:x", "http://[::1"]
)
@pytest.mark.parametrize("command", [("vendors",), ("workflows", "list")])
def test_an_address_that_is_none(run: Command, command: tuple[str, ...], url: str) -> None:
    assert "--url" in ended_in_words(run(*command, "--url", url), 2)


@pytest.mark.parametrize("key", ["two\nlines", "schl\u00fcssel"])
def test_a_key_that_no_header_carries(run: Command, house: House, key: str) -> None:
    said = ended_in_words(run("vendors", "--url", house.gateway, "--key", key), 2)
    assert key not in said


@contextlib.contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[tuple[str, list[str | None]]]:
    """A server that is no gateway; notes the keys it was shown."""
    seen: list[str | None] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("X-API-Key"))
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", seen
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"<html>"), (404, b"<html>"), (500, b""), (404, b'{"detail": "no"}'), (418, b"[]")],
)
def test_what_is_no_gateway_is_not_taken_for_one(run: Command, status: int, body: bytes) -> None:
    with answering(status, body) as (url, _):
        said = ended_in_words(run("workflows", "list", "--url", url, "--key", KEY), 1)
    assert "is --url right?" in said
    assert KEY not in said


def test_the_key_does_not_follow_a_redirect(run: Command) -> None:
    with answering(200, b"{}") as (elsewhere, seen), answering(307, b"", location=elsewhere) as (url, asked):
        said = ended_in_words(run("workflows", "list", "--url", url, "--key", KEY), 1)
    assert "status 307" in said
    assert (asked, seen) == ([KEY], [])


def test_a_proxy_is_not_asked_for_this_machine(
    run: Command, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    assert run("vendors", "--url", house.gateway, "--key", KEY).exit_code == 0


@pytest.mark.parametrize("command", [("connections",), ("workflows", "list"), ("serve",)])
def test_a_configuration_that_is_not_there(run: Command, tmp_path: Path, command: tuple[str, ...]) -> None:
    missing = tmp_path / "missing.yaml"
    said = ended_in_words(run(*command, "--config", str(missing)), 2)
    assert said.startswith(f"Error: {missing}: there is no such file")


def test_a_credential_that_is_not_there(run: Command, config_file: Path) -> None:
    (config_file.parent / "noxus.key").unlink()
    said = ended_in_words(run("workflows", "list", "--config", str(config_file)), 2)
    assert "connections.noxus-test.credential" in said
