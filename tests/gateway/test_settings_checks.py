from pathlib import Path

import pytest

from gateway.settings import load
from tests.gateway.settings_helpers import MINIMAL, load_text, refusals, vendors, write

FIRST, SECOND = "sha256:" + "1" * 64, "sha256:" + "2" * 64


def test_an_unknown_vendor_lists_the_known_ones(tmp_path: Path) -> None:
    text = "connections:\n  main:\n    vendor: amce\n    credential: env:KEY\n"
    assert refusals(tmp_path, text) == [
        "3: connections.main.vendor: there is no vendor 'amce'; known vendors: acme, homebrew"
    ]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "gateway.internal"])
@pytest.mark.parametrize("callers", ["", "callers:\n", "callers: []\n"])
def test_listening_beyond_this_machine_needs_a_caller(tmp_path: Path, host: str, callers: str) -> None:
    (issue,) = refusals(tmp_path, f"server:\n  host: '{host}'\n{callers}{MINIMAL}")
    assert issue.startswith("2: server.host: listening beyond this machine without callers")


def test_listening_beyond_this_machine_with_a_caller(tmp_path: Path) -> None:
    text = f"server: {{host: 0.0.0.0}}\ncallers: [{{name: a, key_hashes: ['{FIRST}']}}]\n{MINIMAL}"
    assert load_text(tmp_path, text).server.host == "0.0.0.0"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_needs_no_caller(tmp_path: Path, host: str) -> None:
    assert load_text(tmp_path, f"server: {{host: '{host}'}}\n{MINIMAL}").callers == ()


def test_callers_that_collide(tmp_path: Path) -> None:
    text = f"""\
callers:
  - name: one
    key_hashes: [{FIRST}]
  - name: one
    key_hashes:
      - {SECOND}
      - {FIRST.upper()}
{MINIMAL}"""
    assert refusals(tmp_path, text) == [
        "4: callers[1].name: another caller has the name 'one' already (callers[0].name)",
        "7: callers[1].key_hashes[1]: the same key is listed already (callers[0].key_hashes[0]); give each its own",
    ]


def test_a_key_listed_twice_for_one_caller(tmp_path: Path) -> None:
    text = f"callers:\n  - name: one\n    key_hashes: [{FIRST}, {FIRST}]\n{MINIMAL}"
    (issue,) = refusals(tmp_path, text)
    assert issue.startswith("3: callers[0].key_hashes[1]: the same key")


def test_a_caller_of_an_unknown_connection(tmp_path: Path) -> None:
    text = f"callers:\n  - name: one\n    key_hashes: [{FIRST}]\n    connections:\n"
    text += f"      - main\n      - mian\n{MINIMAL}"
    assert refusals(tmp_path, text) == [
        "6: callers[0].connections[1]: there is no connection 'mian'; did you mean main?"
    ]


def test_a_connection_that_cannot_be_read_is_still_known_to_callers(tmp_path: Path) -> None:
    text = f"callers:\n  - name: one\n    key_hashes: [{FIRST}]\n    connections: [main]\n"
    text += "connections:\n  main:\n    vendor: acme\n"
    assert refusals(tmp_path, text) == ["6: connections.main.credential: is required"]


@pytest.mark.parametrize(
    "line",
    ["base_url: https://1.1.1.1", "base_url: http://127.0.0.1:1", "base_url: http://localhost", "base_url: http://[::1]",
     "{base_url: http://1.1.1.1, allow_insecure_http: true}",
     "{base_url: https://10.0.0.1, allow_private_addresses: true}"],
)  # fmt: skip
def test_where_the_credential_may_go(tmp_path: Path, line: str) -> None:
    extra = line.strip("{}").replace(", ", "\n    ")
    assert load_text(tmp_path, f"{MINIMAL}    {extra}\n").connections["main"].base_url


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "169.254.169.254", "[fd00::1]", "[::ffff:10.0.0.1]", "0x0a000001", "0"]
)
def test_a_private_address_needs_leave(tmp_path: Path, host: str) -> None:
    (issue,) = refusals(tmp_path, f"{MINIMAL}    base_url: https://{host}/api\n")
    assert issue.startswith("5: connections.main.base_url: this address is not one of the internet")
    assert "allow_private_addresses: true" in issue


def test_a_vendor_without_an_address_of_its_own(tmp_path: Path) -> None:
    text = MINIMAL.replace("acme", "homebrew")
    (issue,) = refusals(tmp_path, text)
    assert issue.startswith("2: connections.main.base_url: is required")
    assert load_text(tmp_path, text + "    base_url: https://brew.example.com\n").connections


def test_no_vendor_at_all(tmp_path: Path) -> None:
    path = write(tmp_path, MINIMAL)
    assert load(path, vendors())
    with pytest.raises(Exception, match="known vendors: none"):
        load(path, {})
