"""Requests that two readers could read differently, each with a second one hidden where one of them would see it."""

from dataclasses import dataclass
from typing import Final

from tests.house import KEY

WHO: Final = b"host: gateway.test\r\nx-api-key: " + KEY.encode() + b"\r\n"
PATH: Final = b"/passthrough/main/v1/x"
HIDDEN: Final = b"GET /passthrough/main/hidden HTTP/1.1\r\n" + WHO + b"\r\n"
LAST: Final = b"GET /healthz HTTP/1.1\r\n" + WHO + b"connection: close\r\n\r\n"
"""Has the gateway hang up."""
END: Final = b"0\r\n\r\n"


@dataclass(frozen=True)
class Shape:
    """A request that is refused.

    Attributes:
        what: a few words for people.
        sent: the bytes.
        status: of the one answer; the connection is closed after it.
    """

    what: str
    sent: bytes
    status: int = 400


def post(
    lines: bytes,
    body: bytes = b"",
    target: bytes = PATH,
    method: bytes = b"POST",
    version: bytes = b"HTTP/1.1",
) -> bytes:
    return method + b" " + target + b" " + version + b"\r\n" + WHO + lines + b"\r\n" + body


def chunked(body: bytes) -> bytes:
    return post(b"transfer-encoding: chunked\r\n", body + HIDDEN)


def length(value: bytes) -> bytes:
    return post(b"content-length: " + value + b"\r\n", b"abc" + HIDDEN)


def coding(value: bytes) -> bytes:
    return post(b"transfer-encoding:" + value + b"\r\n", END + HIDDEN)


def line(text: bytes) -> bytes:
    return post(text + b"\r\ncontent-length: 0\r\n")


def target(text: bytes) -> bytes:
    return post(b"content-length: 0\r\n", target=text)


REFUSED: Final = (
    Shape(
        "`Content-Length` and `Transfer-Encoding`",
        post(b"content-length: 4\r\ntransfer-encoding: chunked\r\n", END + HIDDEN),
    ),
    Shape(
        "`Transfer-Encoding` and `Content-Length`",
        post(b"transfer-encoding: chunked\r\ncontent-length: 4\r\n", END + HIDDEN),
    ),
    Shape("two lengths, different", post(b"content-length: 3\r\ncontent-length: 0\r\n", b"abc" + HIDDEN)),
    Shape("two lengths, equal", post(b"content-length: 3\r\ncontent-length: 3\r\n", b"abc" + HIDDEN)),
    Shape("a list of lengths", length(b"3, 3")),
    Shape("a length with a sign", length(b"+3")),
    Shape("a negative length", length(b"-3")),
    Shape("a length in hexadecimal", length(b"0x3")),
    Shape("a length with a blank inside", length(b"3 0")),
    Shape("a length with an underscore", length(b"1_0")),
    Shape("an empty length", length(b"")),
    Shape("a length in other digits", length("٣".encode())),
    Shape("a length beyond 64 bits", length(b"99999999999999999999999")),
    Shape("an unknown transfer coding", coding(b" xchunked"), 501),
    Shape("the coding `identity`", coding(b" identity"), 501),
    Shape("compressed and chunked", coding(b" gzip, chunked"), 501),
    Shape("a quoted coding", coding(b' "chunked"'), 501),
    Shape("chunked, but not last", coding(b" chunked, identity")),
    Shape("chunked on two lines", coding(b" chunked\r\ntransfer-encoding: chunked")),
    Shape("an empty coding", coding(b" ")),
    Shape("a coding after a vertical tab", coding(b" \x0bchunked")),
    Shape("a coding on a folded line", coding(b"\r\n chunked")),
    Shape("a coding with a blank before the colon", post(b"transfer-encoding : chunked\r\n", END + HIDDEN)),
    Shape("chunked in HTTP/1.0", post(b"transfer-encoding: chunked\r\n", END + HIDDEN, version=b"HTTP/1.0")),
    Shape("a chunk's size with a prefix", chunked(b"0x3\r\nabc\r\n" + END)),
    Shape("a chunk's size with a sign", chunked(b"+3\r\nabc\r\n" + END)),
    Shape("a negative size", chunked(b"-3\r\nabc\r\n" + END)),
    Shape("a size beyond 64 bits", chunked(b"10000000000000003\r\nabc\r\n" + END)),
    Shape("a size with a blank behind", chunked(b"3 \r\nabc\r\n" + END)),
    Shape("a size that ends in a bare line feed", chunked(b"3\nabc\r\n" + END)),
    Shape("an extension with a bare line feed", chunked(b"3;\nxx\r\nabc\r\n" + END)),
    Shape("an extension with a line end in quotes", chunked(b'3;a="\r\n0\r\n\r\n')),
    Shape("a chunk longer than its size", chunked(b"3\r\nabcdef\r\n" + END)),
    Shape("a chunk that ends in a bare line feed", chunked(b"3\r\nabc\n0\n\n")),
    Shape("a header on a folded line", line(b"accept: a\r\n b")),
    Shape("a folded line before all headers", b"GET " + PATH + b" HTTP/1.1\r\n " + WHO + b"\r\n" + HIDDEN),
    Shape("lines that end in bare line feeds", post(b"").replace(b"\r\n", b"\n") + HIDDEN),
    Shape("a bare line feed in a value", line(b"accept: a\nx-hidden: 1")),
    Shape("a bare carriage return in a value", line(b"accept: a\rx-hidden: 1")),
    Shape("a NUL in a value", line(b"accept: a\x00b")),
    Shape("a NUL in a name", line(b"acc\x00ept: a")),
    Shape("a blank before the colon", line(b"accept : a")),
    Shape("a blank in a name", line(b"acc ept: a")),
    Shape("a line without a colon", line(b"accept")),
    Shape("a header without a name", line(b": a")),
    Shape(
        "a trailer that is half a request",
        post(b"transfer-encoding: chunked\r\n", b"0\r\nGET / HTTP/1.1\r\n\r\n"),
    ),
    Shape("no `Host`", b"GET " + PATH + b" HTTP/1.1\r\nx-api-key: " + KEY.encode() + b"\r\n\r\n" + HIDDEN),
    Shape("two of `Host`", line(b"host: other.test")),
    Shape("a `Host` that is none", post(b"").replace(b"gateway.test", b"a b/c@d") + HIDDEN),
    Shape("a target on another host", target(b"http://other.test" + PATH)),
    Shape("a target that is a host", b"CONNECT other.test:80 HTTP/1.1\r\n" + WHO + b"\r\n" + HIDDEN),
    Shape("a target without a slash", target(b"passthrough/main/v1")),
    Shape("a target with a fragment", target(PATH + b"#part")),
    Shape("a blank in the target", target(PATH + b" b")),
    Shape("a tab in the target", target(PATH + b"\tb")),
    Shape("a NUL in the target", target(PATH + b"\x00b")),
    Shape("8 bits in the target", target(PATH + b"\xff")),
    Shape("HTTP/2 from the first byte", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    Shape("another version of HTTP", post(b"", HIDDEN, version=b"HTTP/2.0"), 505),
    Shape("a version that is none", post(b"", HIDDEN, version=b"HTTP/1.1x")),
    Shape("an unknown method", post(b"content-length: 0\r\n", HIDDEN, method=b"FOO")),
    Shape("a method in small letters", post(b"content-length: 0\r\n", HIDDEN, method=b"post")),
    Shape("a tab behind the method", post(b"").replace(b"POST ", b"POST\t") + HIDDEN),
    Shape("a line before the request", b"xx\r\n" + post(b"") + HIDDEN),
    Shape("TLS where none is spoken", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    Shape("a long target", target(b"/" + b"a" * 70_000), 431),
    Shape("a long header", line(b"accept: " + b"a" * 70_000), 431),
    Shape("many headers", line(b"\r\n".join([b"x-a: b"] * 300)), 431),
)


@dataclass(frozen=True)
class Taken:
    """A request that is taken, and for what.

    Attributes:
        what: a few words for people.
        sent: the bytes.
        target: that the vendor is asked for; None where it is not asked.
        body: that the vendor is given.
        status: of the answer.
    """

    what: str
    sent: bytes
    target: bytes | None = b"/v1/x"
    body: bytes = b""
    status: int = 200


ABC: Final = b"3\r\nabc\r\n" + END

TAKEN: Final = (
    Taken("blanks behind a length", post(b"content-length: 3 \r\n", b"abc"), body=b"abc"),
    Taken("the coding in other letters", post(b"transfer-encoding: ChUnKeD\r\n", ABC), body=b"abc"),
    Taken("the coding behind a tab", post(b"transfer-encoding:\tchunked\r\n", ABC), body=b"abc"),
    Taken(
        "an extension of a chunk",
        post(b"transfer-encoding: chunked\r\n", b"3;a=b\r\nabc\r\n" + END),
        body=b"abc",
    ),
    Taken(
        "trailers",
        post(b"transfer-encoding: chunked\r\n", b"3\r\nabc\r\n0\r\nx-api-key: other\r\nx-late: 1\r\n\r\n"),
        body=b"abc",
    ),
    Taken(
        "HTTP/1.0",
        post(b"content-length: 3\r\nconnection: keep-alive\r\n", b"abc", version=b"HTTP/1.0"),
        body=b"abc",
    ),
    Taken("a target with the gateway's own host", post(b"", target=b"http://gateway.test" + PATH)),
    Taken("an empty line before the request", b"\r\n" + post(b"")),
    Taken("a body of a GET", post(b"content-length: 3\r\n", b"abc", method=b"GET"), body=b"abc"),
    Taken(
        "a body that waits to be asked for",
        post(b"content-length: 3\r\nexpect: 100-continue\r\n", b"abc"),
        body=b"abc",
        status=100,
    ),
    Taken(
        "an offer of HTTP/2",
        post(
            b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAA\r\ncontent-length: 3\r\n",
            b"abc",
        ),
        body=b"abc",
    ),
    Taken(
        "headers that end here",
        line(b"connection: accept\r\naccept: a\r\nte: trailers\r\nkeep-alive: 1\r\nproxy-authorization: x"),
    ),
    Taken("an encoded slash", target(b"/passthrough/main/v1%2Fx"), target=b"/v1%2Fx"),
    Taken("two slashes", target(b"//passthrough/main/v1/x"), target=None, status=404),
    Taken("two slashes and a host", target(b"//other.test/v1"), target=None, status=404),
    Taken("a backslash for a slash", target(b"/passthrough\\main/v1"), target=None, status=404),
    Taken("a segment that leads upwards", target(b"/passthrough/main/../x"), target=None, status=400),
    Taken("the same, encoded", target(b"/passthrough/main/%2e%2E/x"), target=None, status=400),
    Taken(
        "a line end in the path, encoded",
        target(b"/passthrough/main/a%0d%0ax-hidden:1"),
        target=None,
        status=400,
    ),
    Taken("two keys", line(b"x-api-key: other"), target=None, status=401),
)
