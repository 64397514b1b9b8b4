"""Whoever looks for secrets finds them in every form, and says which it was."""

import json
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.canary.planted import Find, May, Place, Planted, not_allowed

FORMS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": bytes,
    "in capitals": bytes.upper,
    "the first half": lambda secret: secret[:16],
    "the second half": lambda secret: secret[16:],
    "percent-encoded": lambda secret: "".join(f"%{each:02x}" for each in secret).encode(),
    "in hex": lambda secret: secret.hex().encode(),
    "in JSON escapes": lambda secret: "".join(f"\\u00{each:02x}" for each in secret).encode(),
    "in HTML escapes": lambda secret: "".join(f"&#x{each:02x};" for each in secret).encode(),
    "in base64": b64encode,
    "in base64 behind something": lambda secret: b64encode(b"key:" + secret + b":"),
    "in base64 and capitals": lambda secret: b64encode(b"x" + secret.upper()),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_found_in_every_form(form: str) -> None:
    planted = Planted()
    secret = planted("one", "sk-{}").removeprefix("sk-")
    planted("another")
    shown = b"[" + FORMS[form](secret.encode()) + b"]"
    places = [Place("before", b"nothing"), Place("there", shown), Place("after", b"nothing %41")]
    assert planted.found(places) == {Find("one", "there")}


def test_what_whoever_asked_had_said_is_no_find() -> None:
    planted = Planted()
    path = f"/x/{planted('one')}"
    told = planted.names_in(quote(path).encode())
    answer = json.dumps({"instance": path, "detail": planted("two")}).encode()
    assert planted.found([Place("answer", answer, told)]) == {Find("two", "answer")}


def test_a_table_allows_by_secret_and_place() -> None:
    finds = {Find("content of a write", "answer to GET /x"), Find("content of a write", "log")}
    table = [May("content of *", "answer to *", "it is what was asked for")]
    assert not_allowed(finds, table) == {Find("content of a write", "log")}
