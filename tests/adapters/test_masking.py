"""A secret is hidden in every form in which others repeat it, and nothing else is."""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import FieldFault, VendorMessage, VendorSurprise
from adapters.masking import MASK, Mask

SECRET = 'sk/4f&9d2+c71=="q~x'

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "in a URL": quote,
    "as one segment of a URL": lambda secret: quote(secret, safe=""),
    "in a form": quote_plus,
    "in a URL, in small letters": lambda secret: quote(secret, safe="").lower(),
    "in JSON": lambda secret: json.dumps(secret)[1:-1],
    "in JSON with slashes escaped": lambda secret: secret.replace("/", "\\/"),
    "in HTML": html.escape,
    "in hex": lambda secret: secret.encode().hex(),
    "in hex capitals": lambda secret: secret.encode().hex().upper(),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_hidden(form: str) -> None:
    shown = FORMS[form](SECRET)
    mask = Mask(SECRET)
    assert mask.hides(f"key {shown} is wrong")
    assert mask.holds(f"key {shown} is wrong".encode())
    assert mask.text(f"key {shown} is wrong") == f"key {MASK} is wrong"
    assert mask.data(f"key {shown} is wrong".encode()) == b"key %b is wrong" % (b"*" * len(shown))


@given(st.binary(max_size=12), st.binary(max_size=12))
def test_what_base64_holds_is_hidden_wherever_it_begins(before: bytes, after: bytes) -> None:
    whole = before + SECRET.encode() + after
    for encode, decode in (
        (base64.b64encode, base64.b64decode),
        (base64.urlsafe_b64encode, base64.urlsafe_b64decode),
    ):
        shown = Mask(SECRET).data(encode(whole))
        left = decode(shown.replace(b"*", b"A"))
        # The first and the last byte share a character with what is around.
        secret = SECRET[1:-1].encode()
        assert not any(
            secret[place : place + 3] in left[len(before) : len(whole) - len(after)]
            for place in range(len(secret) - 2)
        )


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_what_holds_no_secret_stays_as_it_is(text: str) -> None:
    mask = Mask("a-secret-that-nobody-writes")
    assert mask.text(text) == text
    assert mask.data(text.encode()) == text.encode()


def test_several_are_hidden_and_short_ones_are_not_looked_for() -> None:
    mask = Mask("first-secret", "second-secret", "short")
    assert mask.text("first-secret, SECOND-SECRET, short") == f"{MASK}, {MASK}, short"
    assert not Mask("short")
    assert not Mask()
    assert Mask("short", shortest=5).text("is it short") == f"is it {MASK}"


def test_headers_that_hold_a_secret_are_left_out() -> None:
    headers = [(b"a", b"1"), (b"b", b"Bearer first-secret"), (b"x-FIRST-SECRET", b"2")]
    assert Mask("first-secret").without(headers) == [(b"a", b"1")]
    assert Mask("another-secret").without(headers) == headers


def test_the_beginning_of_a_secret_at_the_end_is_noticed() -> None:
    mask = Mask("abcdefgh")
    assert mask.begun(b"x abc") == 3
    assert mask.begun(b"x ABCDEFG") == 7
    assert mask.begun(b"x abcx") == 0
    assert mask.begun(b"") == 0
    assert Mask().begun(b"abc") == 0


def test_letters_that_change_their_length_in_small_letters_do_no_harm() -> None:
    text = "İİ abcdefgh İ"
    assert Mask("abcdefgh").text(text) == f"İİ {MASK} İ"


def test_an_error_is_freed_of_a_secret_as_a_whole() -> None:
    said = VendorMessage("no abcdefgh", "ABCDEFGH", (FieldFault("h/abcdefgh", "is abcdefgh"),), "abcdefgh")
    error = VendorSurprise("it says: no abcdefgh", said=said, plain="it says abcdefgh")
    error.hide(Mask("abcdefgh"))
    assert (str(error), error.plain) == (f"it says: no {MASK}", f"it says {MASK}")
    assert error.said == VendorMessage(f"no {MASK}", MASK, (FieldFault(f"h/{MASK}", f"is {MASK}"),), MASK)
