"""Requests made: path segments become a URL that stays on the connection's host, and the credential is presented."""

from collections.abc import Iterable
from typing import Final

import httpx
from cachetools import LRUCache

from adapters.contract import Parameters, Vendor
from adapters.errors import InvalidRequest
from adapters.forwarding import Forward
from adapters.onlooking import TRACE_HEADERS
from adapters.outgoing import Outgoing
from adapters.paths import encode, query
from adapters.pieces import Upload
from schemas.base import JsonValue
from schemas.json_codec import dumps

_MAY_HOLD_CONTENT: Final = frozenset({"POST", "PUT", "PATCH"})
_OURS: Final = frozenset({b"host", b"accept-encoding", b"content-length", b"transfer-encoding"})
USER_AGENT: Final = b"workflow-gateway"
MOST_KEPT: Final = 1024
"""URLs of a connection: the same few workflows are asked for again and again."""
LONGEST_KEPT: Final = 512
"""Characters of one that is kept."""


class Composer:
    """Makes the requests to one connection's vendor."""

    def __init__(self, vendor: Vendor, base_url: str, secret: str) -> None:
        """Make a composer.

        Args:
            vendor: its title and credential presentation are used.
            base_url: absolute http or https URL; a path in it is kept in front of every request's.
            secret: the credential.

        Raises:
            ValueError: the secret holds characters that cannot travel in a header.
        """
        # The HTTP library would refuse it too, with the secret in the words of its error.
        if not (secret.isascii() and secret.isprintable()):
            raise ValueError(f"the credential for {vendor.title} cannot travel in a header")
        base = httpx.URL(base_url.rstrip("/"))
        self.base_url = str(base.copy_with(query=None, fragment=None)).rstrip("/")
        presented = vendor.credential
        self._credential = (presented.header.encode("ascii"), (presented.prefix + secret).encode("ascii"))
        self._host = base.netloc
        self._headers: list[tuple[bytes, bytes]] = [
            (b"Host", self._host),
            (b"Accept", b"application/json"),
            (b"Accept-Encoding", b"gzip, deflate"),
            (b"User-Agent", USER_AGENT),
            self._credential,
        ]
        self._urls: LRUCache[str, httpx.URL] = LRUCache(MOST_KEPT)

    def url(self, segments: Iterable[str], parameters: Parameters | None = None) -> httpx.URL:
        """Return the URL of a call.

        Raises:
            InvalidSegment: a segment is empty, `.`, `..`, too long, or cannot travel in a path.
            InvalidRequest: a parameter, or the whole, cannot travel in a URL.
        """
        text = "/".join([self.base_url, *map(encode, segments)])
        try:
            if parameters:
                text = f"{text}?{query(parameters)}"
            return self._parsed(text)
        except UnicodeEncodeError as error:
            raise InvalidRequest("a parameter cannot hold lone surrogates", "query") from error
        except httpx.InvalidURL as error:
            raise InvalidRequest("the ids and parameters are too long for one URL", "query") from error

    def _parsed(self, text: str) -> httpx.URL:
        """Return a URL; parsing one takes a quarter of the time of a whole call, and what is parsed never changes."""
        url = self._urls.get(text)
        if url is None:
            url = httpx.URL(text)
            if len(text) <= LONGEST_KEPT:
                self._urls[text] = url
        return url

    def request(
        self,
        method: str,
        segments: Iterable[str],
        parameters: Parameters | None = None,
        body: JsonValue = None,
        conditions: Iterable[tuple[bytes, bytes]] = (),
    ) -> httpx.Request:
        """Return a request with the credential; `conditions` are headers of its own.

        Raises:
            InvalidSegment, InvalidRequest: see `url`.
        """
        url = self.url(segments, parameters)
        content = b""
        headers = [*self._headers, *conditions]
        if body is not None:
            content = dumps(body)
            headers.append((b"Content-Type", b"application/json"))
        if content or method in _MAY_HOLD_CONTENT:
            headers.append((b"Content-Length", b"%d" % len(content)))
        # Given a stream, httpx adds no headers of its own and looks at nothing twice.
        return httpx.Request(method, url, headers=headers, stream=httpx.ByteStream(content))

    def passed_on(self, forward: Forward, upload: Upload | None) -> httpx.Request:
        """Return a caller's request, and its body as it comes, with our host, credential and framing."""
        own = _OURS | TRACE_HEADERS | {self._credential[0].lower()}
        headers = [(b"Host", self._host), (b"Accept-Encoding", b"identity"), self._credential]
        headers += [pair for pair in forward.headers if pair[0] not in own]
        stream: httpx.AsyncByteStream = httpx.ByteStream(b"") if upload is None else Outgoing(upload)
        if upload is not None and forward.length is None:
            headers.append((b"Transfer-Encoding", b"chunked"))
        elif upload is not None or forward.method in _MAY_HOLD_CONTENT:
            headers.append((b"Content-Length", b"%d" % (forward.length or 0)))
        url = httpx.URL(self.base_url)
        target = url.raw_path.rstrip(b"/") + forward.target
        # The library would write the target in its own way; this one travels as it is (see `adapters.pool`).
        return httpx.Request(
            forward.method, url, headers=headers, stream=stream, extensions={"target": target}
        )
