"""No secret of the gateway leaves, no path escapes its vendor, and nothing is smuggled: whatever is sent."""

import asyncio
import string
from collections.abc import Iterator
from urllib.parse import quote, unquote, unquote_to_bytes

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.errors import InvalidParameter
from gateway.passthrough.admission import holds
from gateway.passthrough.heads import ANSWER, framing, location, to_caller, to_vendor
from gateway.passthrough.paths import Allowed, checked, matches
from gateway.settings.models import PassthroughSettings
from tests.adapters.loopback import Loopback, Received, answer
from tests.house import KEY
from tests.passthrough.conftest import SECRET, Build

ATOMS = (
    ".",
    "..",
    "/",
    "\\",
    ";",
    "%",
    "2e",
    "2F",
    "5c",
    "00",
    "c0%ae",
    "25",
    "a",
    "é",
    " ",
    "?",
    "#",
    "\n",
    "\t",
    "~",
)
segments = st.lists(st.sampled_from(ATOMS), max_size=6).map("".join)


def encodings(text: str) -> Iterator[str]:
    """Yield the ways in which a text may be sent."""
    yield text
    yield quote(text, safe="%")
    yield quote(text, safe="")
    yield quote(quote(text, safe=""), safe="")
    yield "".join(f"%{byte:02X}" for byte in text.encode())


paths = st.lists(segments.flatmap(lambda text: st.sampled_from(tuple(encodings(text)))), max_size=5).map(
    "/".join
)


def readings(path: str) -> Iterator[str]:
    """Yield everything that a lax server may read into a path."""
    for _ in range(6):
        yield path
        yield path.replace("\\", "/")
        yield "/".join(part.partition(";")[0] for part in path.split("/"))
        path = unquote(path, errors="replace")


def climbs(path: str) -> bool:
    """Say whether a path leads above where it begins."""
    return any(part.strip() in {".", ".."} for part in path.split("/"))


@settings(max_examples=1500)
@given(paths)
def test_no_path_escapes_its_vendor(path: str) -> None:
    raw = f"/{path}".encode()
    try:
        found = checked(raw, b"")
    except InvalidParameter:
        return
    assert "/" + "/".join(found) == raw.decode(), "it is not changed on its way"
    for reading in readings(raw.decode()):
        assert not climbs(reading)
        assert not any(ord(character) < 32 or character == "\x7f" for character in reading)
    assert "?" not in path
    assert "#" not in path
    assert all(found[:-1])


@given(st.text(string.ascii_letters + string.digits + "-_~ äß本", min_size=1, max_size=30))
def test_every_harmless_name_passes(name: str) -> None:
    assume(name.strip())
    assert checked(f"/v1/{quote(name, safe='')}".encode(), b"a=%2e%2e/") == ("v1", quote(name, safe=""))


@pytest.mark.parametrize("name", ["a/b", "a//b", "...", ".hidden", "a..b", "50%", "a\\b;c"])
def test_names_with_signs_in_them_pass_encoded(name: str) -> None:
    assert checked(f"/{quote(name, safe='')}".encode(), b"")


@pytest.mark.parametrize(
    "path",
    [
        "//x",
        "/a//b",
        "/.",
        "/..",
        "/a/../b",
        "/%2e%2e/b",
        "/%2E./b",
        "/a%2f..%2fb",
        "/a%5c..%5cb",
        "/..;/b",
        "/%252e%252e/b",
        "/%25252525252e",
        "/a\\b",
        "/a%00",
        "/a%0d%0a",
        "/%c0%ae%c0%ae/",
        "/%",
        "/%zz",
        "/a b",
        "/a?b",
        "/a#b",
        "/é",
        "relative",
        "",
        "/%2e%2e ",
        "/%20..%20/x",
        "/" + "a" * 20_000,
    ],
)
def test_a_path_that_could_lead_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(InvalidParameter):
        checked(path.encode(), b"")


@pytest.mark.parametrize("query", [b"a b", b"a#b", b"a\r\nb", b"\x00", b"\xff"])
def test_a_query_that_cannot_travel_is_refused(query: bytes) -> None:
    with pytest.raises(InvalidParameter):
        checked(b"/x", query)


def split(path: str) -> list[str]:
    return path[1:].split("/")


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/**", "/", True),
        ("/**", "/a/b", True),
        ("/a/**", "/a", True),
        ("/a/**", "/a/b/c", True),
        ("/a/**", "/b", False),
        ("/a/*", "/a/", False),
        ("/a/*", "/a/b", True),
        ("/a/*", "/a/b/c", False),
        ("/**/runs/**", "/v1/x/runs", True),
        ("/**/runs/**", "/runs/1", True),
        ("/**/runs/**", "/v1/run", False),
        ("/**/**/a", "/a", True),
    ],
)
def test_patterns_go_by_segments(pattern: str, path: str, expected: bool) -> None:
    assert matches(split(pattern), split(path)) is expected


@given(
    st.lists(st.sampled_from(["**", "*", "a"]), max_size=8), st.lists(st.sampled_from(["a", "b"]), max_size=8)
)
def test_patterns_match_what_their_words_say(pattern: list[str], path: list[str]) -> None:
    def plainly(wanted: list[str], given: list[str]) -> bool:
        if not wanted:
            return not given
        if wanted[0] == "**":
            return any(plainly(wanted[1:], given[start:]) for start in range(len(given) + 1))
        return bool(given) and wanted[0] in ("*", given[0]) and plainly(wanted[1:], given[1:])

    assert matches(pattern, path) == plainly(pattern, path)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/w/x/runs",
        "/v1/w/x%2Fruns",
        "/v1%2fw/x/runs",
        "/v1/w/x%252fruns",
        "/v1/w/x/%72uns",
        "/v1/w/x%5Cruns",
    ],
)
def test_what_a_vendor_may_take_for_a_closed_path_is_closed(path: str) -> None:
    rules = PassthroughSettings.model_validate(
        {
            "allow": [{"paths": ["/v1/w/*"]}],
            "never_kept": ["/v1/w/*/runs"],
            "keyless_websockets": ["/v1/w/*"],
        },
        strict=False,
    )
    allowed, found = Allowed(rules), checked(path.encode(), b"")
    assert not allowed.passes("GET", found)
    assert not allowed.may_be_kept(found)
    assert not allowed.needs_no_key(found)


@pytest.mark.parametrize("pattern", ["/v1/help%20centre", "/v1/a%2Fb", "/v1/50%25", "/v1/%FF", "/v1/*/*"])
def test_a_pattern_is_written_as_paths_are_sent(pattern: str) -> None:
    allowed = Allowed(PassthroughSettings.model_validate({"allow": [{"paths": [pattern]}]}, strict=False))
    for path in ("/v1/help%20centre", "/v1/a%2Fb", "/v1/50%25"):
        assert allowed.passes("GET", checked(path.encode(), b"")) is (path == pattern)


header_names = st.sampled_from(
    [
        b"accept",
        b"user-agent",
        b"prefer",
        b"X-API-Key",
        b"Authorization",
        b"cookie",
        b"x-odd",
        b"range",
        b"Connection",
    ]
)
planted = st.tuples(st.text(string.ascii_letters, max_size=5), st.text(string.ascii_letters, max_size=5)).map(
    lambda around: f"{around[0]}{KEY}{around[1]}".encode()
)
values = st.one_of(planted, st.binary(max_size=10), st.just(KEY.encode()))


@given(st.lists(st.tuples(header_names, values), max_size=8))
def test_the_gateway_s_key_reaches_no_vendor_in_a_header(headers: list[tuple[bytes, bytes]]) -> None:
    for name, value in to_vendor(headers, ("x-odd",), KEY):
        assert KEY.encode() not in value
        assert name not in {b"x-api-key", b"authorization", b"cookie", b"connection"}


@given(
    st.text(string.ascii_letters + "/=&", max_size=8),
    st.text(string.ascii_letters + "/=&", max_size=8),
    st.data(),
)
def test_the_gateway_s_key_is_seen_in_a_target_however_it_is_written(
    before: str, after: str, data: st.DataObject
) -> None:
    spelt = "".join(
        data.draw(st.sampled_from((character, f"%{ord(character):02X}", f"%{ord(character):02x}")))
        for character in KEY
    )
    assert holds(KEY, f"/{before}{spelt}{after}".encode())
    assert not holds(KEY, f"/{before}{KEY[:-1]}".encode())


@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"server", b"set-cookie", b"link", b"www-authenticate", b"date", b"via"]),
            st.binary(max_size=9),
        )
    )
)
def test_what_is_about_the_connection_reaches_no_caller(headers: list[tuple[bytes, bytes]]) -> None:
    assert {name for name, _ in to_caller(headers, ())} == {b"cache-control"}
    assert not ANSWER & {
        b"set-cookie",
        b"location",
        b"link",
        b"www-authenticate",
        b"connection",
        b"transfer-encoding",
    }


SMUGGLED = [
    [(b"content-length", b"1"), (b"content-length", b"2")],
    [(b"content-length", b"1"), (b"content-length", b"1")],
    [(b"content-length", b"1, 1")],
    [(b"content-length", b"+1")],
    [(b"content-length", b"0x1")],
    [(b"content-length", b"")],
    [(b"content-length", b"-1")],
    [(b"content-length", b"\xd9\xa1")],
    [(b"content-length", b"1"), (b"transfer-encoding", b"chunked")],
    [(b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"identity")],
    [(b"transfer-encoding", b"gzip, chunked")],
    [(b"transfer-encoding", b"xchunked")],
    [(b"accept", b"a\r\ncontent-length: 5")],
    [(b"accept", b"a\nb")],
    [(b"accept", b"a\0")],
    [(b"acc ept", b"a")],
    [(b"accept:", b"a")],
    [(b"", b"a")],
]


@pytest.mark.parametrize("headers", SMUGGLED)
async def test_what_two_readers_could_read_differently_reaches_no_vendor(
    headers: list[tuple[bytes, bytes]], gateway: Build, vendor: Loopback
) -> None:
    with pytest.raises(InvalidParameter):
        framing(headers)
    async with gateway() as running:
        got = await running.ask("/passthrough/main/x", headers, "POST", [b"a"])
    assert got.status == 400
    assert not vendor.received


@given(st.text(max_size=40), st.sampled_from(["", "/base"]))
def test_no_redirect_leads_past_the_gateway(told: str, path: str) -> None:
    base = f"https://api.acme.example{path}"
    found = location(told, f"{base}/v1/x", base, "/passthrough/main")
    assert found is None or found.startswith("/passthrough/main/")


@pytest.mark.parametrize("base", ["https://v.example", "https://v.example/api"])
@pytest.mark.parametrize(
    "rest",
    ["//evil.example/x", "/\\evil.example", "/..//evil.example", "/%2e%2e/x", "/a/%2e%2e%2fx", "/a//b", "/é"],
)
@pytest.mark.parametrize("prefix", ["", "/passthrough/main"])
def test_a_redirect_that_a_client_could_read_otherwise_is_dropped(base: str, rest: str, prefix: str) -> None:
    assert location(base + rest, f"{base}/a", base, prefix) is None


async def echo(request: Received, writer: asyncio.StreamWriter) -> None:
    """Answer with everything that came, as a vendor may that explains what is wrong with a key."""
    told = repr(request).encode()
    credential = request.headers["authorization"]
    head = [("x-request-id", credential), ("etag", f'"{SECRET}"'), ("x-ratelimit-key", SECRET)]
    await answer(401, told, head)(request, writer)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    target=st.lists(
        st.sampled_from(["v1", "..", "%2e%2e", KEY, SECRET, "a%2Fb", "x?y=", "\\", "//"]), max_size=5
    ),
    headers=st.lists(st.tuples(header_names, planted), max_size=4),
)
async def test_through_the_whole_gateway_no_secret_leaves_and_no_path_escapes(
    target: list[str], headers: list[tuple[bytes, bytes]], gateway: Build, vendor: Loopback
) -> None:
    vendor.received.clear()
    vendor.respond = echo
    own = [(name, value) for name, value in headers if name.lower() not in {b"x-api-key", b"authorization"}]
    async with gateway(path="/base") as running:
        got = await running.ask("/passthrough/main/" + "/".join(target), own)
    for seen in vendor.received:
        assert seen.target.startswith("/base/")
        assert ".." not in unquote(unquote(seen.target)).replace("\\", "/").partition("?")[0].split("/")
        assert KEY.encode() not in unquote_to_bytes(seen.target)
        assert not any(KEY in value for value in seen.headers.values())
    if vendor.received or SECRET not in target:
        # A problem names the path that was asked for, whatever the caller wrote there.
        assert SECRET.encode() not in got.body
    assert not any(SECRET.encode() in value for _, value in got.head)
