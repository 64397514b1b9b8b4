"""Entries and messages as bytes: what goes in comes out, and anything else is refused without a sound."""

import struct
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache import messages
from gateway.cache.encoding import VERSION, decode, encode
from gateway.cache.messages import Filled, Message
from gateway.cache.shared_names import SharedNames, by_connection
from gateway.cache.store import Entry, Forgotten
from schemas.json_codec import dumps
from tests.cache.stores import entry

ANY_TEXT = st.text(st.characters())
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
ENTRIES = st.builds(
    Entry,
    parts=st.dictionaries(ANY_TEXT, st.binary(max_size=200), max_size=3),
    stored_at=NUMBERS,
    fresh_seconds=NUMBERS,
    etag=ANY_TEXT,
    stale_while_revalidate=NUMBERS,
    stale_if_error=NUMBERS,
    digest=ANY_TEXT,
    validators=st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=2),
    tags=st.lists(ANY_TEXT, max_size=3).map(tuple),
    absent=st.none() | ANY_TEXT,
    immutable=st.booleans(),
    whole=st.booleans(),
)
SAMPLE = encode(replace(entry("content", "connection:c"), validators={"etag": '"v"'}))


@given(ENTRIES)
def test_every_entry_comes_back(each: Entry) -> None:
    assert decode(encode(each)) == each


def test_variants_stay_in_this_process() -> None:
    each = entry()
    each.variants["canonical;gzip"] = b"made of it"
    assert replace(each).variants == {}
    found = decode(encode(each))
    assert found == each
    assert found.variants == {}


def test_a_lone_surrogate_comes_back() -> None:
    each = replace(entry("x", "workflow:c:\ud800"), absent="\udfff")
    assert decode(encode(each)) == each


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_not_read_as_something_else(number: float) -> None:
    assert decode(encode(replace(entry(), stored_at=number))) is None


def test_what_is_cut_off_is_nothing() -> None:
    assert [length for length in range(len(SAMPLE)) if decode(SAMPLE[:length]) is not None] == []


@given(st.data())
def test_what_is_altered_is_nothing(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(SAMPLE) - 1))
    other = data.draw(st.integers(1, 255))
    altered = bytearray(SAMPLE)
    altered[place] ^= other
    assert decode(bytes(altered)) is None


@given(st.binary(max_size=100))
def test_what_is_foreign_is_nothing(data: bytes) -> None:
    assert decode(data) is None
    assert decode(SAMPLE + data) is None or data == b""
    assert messages.read(data) is None


def test_another_version_is_nothing() -> None:
    assert SAMPLE[3] == VERSION
    assert decode(SAMPLE[:3] + bytes([VERSION + 1]) + SAMPLE[4:]) is None


GOOD = {
    "stored_at": 1.0,
    "fresh_seconds": 1.0,
    "stale_while_revalidate": 0.0,
    "stale_if_error": 0.0,
    "etag": "",
    "digest": "",
    "validators": {},
    "tags": [],
    "absent": None,
    "immutable": False,
    "whole": False,
    "parts": [["canonical", 3]],
}


def _sealed(metadata: bytes, parts: bytes = b"abc") -> bytes:
    content = metadata + parts
    return struct.pack(">3sBII", b"wge", VERSION, len(metadata), zlib.crc32(content)) + content


@pytest.mark.parametrize(
    "odd",
    [
        *({name: None} for name in GOOD if name != "absent"),
        *(
            {name: 1}
            for name in GOOD
            if name in ("etag", "digest", "validators", "tags", "absent", "immutable", "whole", "parts")
        ),
        *({name: value} for name in ("stored_at", "fresh_seconds") for value in ("1", True, 10**400)),
        {"tags": [1]},
        {"validators": {"etag": 1}},
        *(
            {"parts": value}
            for value in ([], [["canonical", 2]], [["canonical", 4]], [["canonical"]], [[1, 3]])
        ),
        *(
            {"parts": value}
            for value in ([["a", -1], ["b", 4]], [["a", 3.0]], [["a", True], ["b", 2]], ["canonical"])
        ),
    ],
    ids=str,
)
def test_metadata_of_another_shape_is_nothing_however_well_sealed(odd: dict[str, object]) -> None:
    assert decode(_sealed(dumps(GOOD))) is not None
    assert decode(_sealed(dumps(GOOD | odd))) is None


@pytest.mark.parametrize("metadata", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 5000])
def test_metadata_that_is_no_object_is_nothing(metadata: bytes) -> None:
    assert decode(_sealed(metadata)) is None


TEXTS = st.lists(ANY_TEXT, max_size=3).map(tuple)


@given(ANY_TEXT, st.builds(Forgotten, TEXTS, TEXTS, st.booleans()) | st.builds(Filled, ANY_TEXT))
def test_every_message_comes_back(sender: str, news: messages.News) -> None:
    message = Message(sender, news)
    assert messages.read(messages.write(message)) == message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"1",
        b"[]",
        b"{}",
        b'{"sender":"a"}',
        b'{"sender":1,"filled":"k"}',
        b'{"filled":"k"}',
        b'{"sender":"a","filled":1}',
        b'{"sender":"a","keys":[],"tags":[]}',
        b'{"sender":"a","keys":[1],"tags":[],"everything":false}',
        b'{"sender":"a","keys":[],"tags":"t","everything":false}',
        b'{"sender":"a","keys":[],"tags":[],"everything":1}',
    ],
)
def test_a_message_of_another_shape_is_not_understood(data: bytes) -> None:
    assert messages.read(data) is None


@given(st.lists(ANY_TEXT, unique=True), st.lists(ANY_TEXT, unique=True))
def test_no_two_things_have_one_name(keys: list[str], tags: list[str]) -> None:
    names = SharedNames()
    made = [*map(names.entry, keys), *map(names.lock, keys), *map(names.era, tags), names.era_of_everything]
    assert len(set(made)) == len(made)


def test_what_belongs_to_one_connection_lives_in_one_place() -> None:
    names = SharedNames("wg")
    assert names.entry("1:conn-a:f:workflow:0") == b"wg:{conn-a}:entry:1:conn-a:f:workflow:0"
    assert names.era("workflow:conn-a:x") == b"wg:{conn-a}:era:workflow:conn-a:x"
    assert names.era("odd") == b"wg:{-}:era:odd"
    assert names.era("t:{}:x") == b"wg:{%7B%7D}:era:t:{}:x"
    assert by_connection(names.eras(["connection:a", "connection:b", "listing:a"])) == {
        b"a": [b"wg:{a}:era:connection:a", b"wg:{a}:era:listing:a"],
        b"b": [b"wg:{b}:era:connection:b"],
        b"-": [b"wg:{-}:era"],
    }


@pytest.mark.parametrize("prefix", ["", "a:b", "{a}", "a b", "ä"])
def test_a_prefix_that_would_change_the_place_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        SharedNames(prefix)
