"""Takes secrets out of what is shown, in the forms in which others repeat them.

A vendor that refuses a credential may quote it: as it is, in other letter case, percent-encoded, with JSON's or HTML's
escapes, as hex digits, or in base64, alone or within something longer (`Basic` credentials, tokens).
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final
from urllib.parse import quote, quote_plus

from schemas.json_codec import dumps

MASK: Final = "********"
SHORTEST: Final = 8
"""Of a secret, and of a form of it: a shorter one would be found in innocent words."""


class Mask:
    """Hides secrets; without any it changes nothing."""

    def __init__(self, *secrets: str, shortest: int = SHORTEST) -> None:
        """Make a mask.

        Args:
            secrets: what is hidden.
            shortest: secrets of fewer characters are not looked for.
        """
        forms = {form.lower() for secret in secrets if len(secret) >= shortest for form in _forms(secret)}
        # The longest first, so that nothing of it is left over where a shorter one begins it.
        self._texts = tuple(sorted(forms, key=len, reverse=True))
        self._forms = tuple(form.encode("utf-8", "surrogatepass") for form in self._texts)
        self._pattern = re.compile("|".join(map(re.escape, self._texts)), re.IGNORECASE | re.ASCII)

    def __bool__(self) -> bool:
        """Say whether there is anything to hide."""
        return bool(self._forms)

    def hides(self, text: str) -> bool:
        """Say whether a text holds a secret."""
        low = text.lower()
        return any(form in low for form in self._texts)

    def text(self, text: str) -> str:
        """Return a text with `MASK` in place of each secret."""
        return self._pattern.sub(MASK, text) if self.hides(text) else text

    def holds(self, data: bytes) -> bool:
        """Say whether bytes hold a secret."""
        low = data.lower()
        return any(form in low for form in self._forms)

    def data(self, data: bytes) -> bytes:
        """Return bytes with as many asterisks in place of each secret as it has bytes."""
        low = data.lower()
        found = [form for form in self._forms if form in low]
        for form in found:
            start = low.find(form)
            while start >= 0:
                data = data[:start] + b"*" * len(form) + data[start + len(form) :]
                start = low.find(form, start + 1)
        return data

    def without(self, headers: Sequence[tuple[bytes, bytes]]) -> Sequence[tuple[bytes, bytes]]:
        """Return those of some headers that hold no secret."""
        # One look at all of them is enough nearly always.
        if not self.holds(b"\n".join(map(b": ".join, headers))):
            return headers
        return [pair for pair in headers if not self.holds(b": ".join(pair))]

    def begun(self, data: bytes) -> int:
        """Return how many bytes at the end could be the beginning of a secret."""
        longest = len(self._forms[0]) - 1 if self._forms else 0
        tail = data[-longest:].lower() if longest else b""
        return max((_begun(form, tail) for form in self._forms), default=0)


def _begun(form: bytes, tail: bytes) -> int:
    start = tail.find(form[:1], max(0, len(tail) - len(form) + 1))
    while start >= 0:
        if form.startswith(tail[start:]):
            return len(tail) - start
        start = tail.find(form[:1], start + 1)
    return 0


def _forms(secret: str) -> Iterator[str]:
    quoted = dumps(secret).decode("ascii", "replace")[1:-1]
    yield from (secret, quoted, secret.replace("/", "\\/"), escape(secret))
    yield from (quote(secret), quote(secret, safe=""), quote_plus(secret), secret.encode().hex())
    yield from _in_base64(secret.encode())


def _in_base64(secret: bytes) -> Iterable[str]:
    """Return what every base64 text has in common that holds the secret: it begins at one of three places."""
    for before in range(3):
        whole = b64encode(b"\0" * before + secret).decode("ascii").rstrip("=")
        # The first characters depend on what stands before, and the last one on what comes after.
        first = (before * 8 + 5) // 6
        last = (before + len(secret)) * 8 // 6
        form = whole[first:last]
        if len(form) >= SHORTEST:
            yield from (form, form.replace("+", "-").replace("/", "_"))
