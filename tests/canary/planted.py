"""Recognisable secrets, each of which is nowhere else, so that a find names where it came from."""

import hashlib
import re
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import accumulate
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

MARK: Final = "ca9a"
"""What every half of a secret begins with, so that one look finds them all."""
HALF: Final = 16
"""A half is looked for, so that a secret that was cut off is found too; no two secrets share one."""

_ESCAPE: Final = re.compile(rb"\\u00([0-7][0-9a-fA-F])")
_ENTITY: Final = re.compile(rb"&#x([0-7][0-9a-fA-F]);")
_GAP: Final = b"\n\x00\n"


class Place(NamedTuple):
    """Something that came out of the gateway.

    Attributes:
        name: where it came out.
        data: what came out.
        told: what whoever reads it had said in the path or query of the very request.
    """

    name: str
    data: bytes
    told: frozenset[str] = frozenset()


class Find(NamedTuple):
    """A secret, and where it is."""

    secret: str
    place: str


class May(NamedTuple):
    """What may be somewhere, and why. Both names are shell patterns."""

    secret: str
    place: str
    reason: str


class Planted:
    """All secrets, by name."""

    def __init__(self) -> None:
        self._cores: dict[str, str] = {}
        self._forms: dict[int, dict[bytes, str]] = {}

    def __call__(self, name: str, form: str = "{}") -> str:
        """Return the secret of that name, in a form that is usual where it is planted."""
        if name not in self._cores:
            digits = hashlib.sha256(b"canary " + name.encode()).hexdigest()
            halves = [MARK + digits[at : at + HALF - len(MARK)] for at in (0, 32)]
            self._cores[name] = "".join(halves)
            for half in halves:
                for number, text in enumerate(_forms(half.encode())):
                    self._forms.setdefault(number, {})[text] = name
        return form.format(self._cores[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._cores)

    def found(self, places: Iterable[Place]) -> set[Find]:
        """Return every secret with every place that holds a half of it, in whatever form."""
        places = [place for place in places if place.data]
        blob = _GAP.join(place.data for place in places)
        starts = list(accumulate((len(place.data) + len(_GAP) for place in places), initial=0))
        finds = {
            Find(name, places[bisect_right(starts, where) - 1].name)
            for name, where in self._all_in(blob)
            if name not in places[bisect_right(starts, where) - 1].told
        }
        # Decoding moves everything, so whatever holds escapes is looked through again on its own.
        for place in places:
            for plain in _decoded(place.data):
                finds |= {Find(name, place.name) for name, _ in self._all_in(plain) if name not in place.told}
        return finds

    def names_in(self, data: bytes) -> frozenset[str]:
        """Return the secrets that something holds."""
        return frozenset(find.secret for find in self.found([Place("", data)]))

    def _all_in(self, data: bytes) -> Iterator[tuple[str, int]]:
        low = data.lower()
        for number, forms in self._forms.items():
            hay = low if number < CASELESS else data
            begins, size = _common(forms), len(next(iter(forms)))
            where = hay.find(begins)
            while where >= 0:
                name = forms.get(hay[where : where + size])
                if name is not None:
                    yield name, where
                where = hay.find(begins, where + 1)


def _common(forms: Iterable[bytes]) -> bytes:
    """Return what all forms begin with."""
    first, last = min(forms), max(forms)
    return first[
        : next((at for at, pair in enumerate(zip(first, last, strict=True)) if pair[0] != pair[1]), None)
    ]


CASELESS: Final = 2
"""So many of the forms are the same in capitals."""


def _forms(half: bytes) -> Iterator[bytes]:
    yield half
    yield half.hex().encode()
    # Somebody may have put it into capitals before.
    for text in (half, half.upper()):
        yield from in_base64(text)


def in_base64(text: bytes) -> Iterator[bytes]:
    """Return what base64 makes of a text within another, without the characters that both share."""
    for before in range(3):
        whole = b64encode(b"\0" * before + text).rstrip(b"=")
        yield whole[(before * 8 + 5) // 6 : (before + len(text)) * 8 // 6]


def _decoded(data: bytes) -> Iterator[bytes]:
    if b"%" in data:
        yield unquote_to_bytes(data)
    if b"\\u00" in data:
        yield _ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), data)
    if b"&#x" in data:
        yield _ENTITY.sub(lambda match: bytes.fromhex(match[1].decode()), data)


def not_allowed(finds: Iterable[Find], table: Iterable[May]) -> set[Find]:
    """Return the finds that no row of a table allows."""
    rows = list(table)
    return {
        find
        for find in finds
        if not any(
            fnmatchcase(find.secret, row.secret) and fnmatchcase(find.place, row.place) for row in rows
        )
    }
