"""What the transport sends: one segment stays one segment, on the configured host, with the credential."""

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.composing import LONGEST_KEPT, MOST_KEPT
from adapters.contract import CredentialPresentation
from adapters.errors import InvalidRequest, InvalidSegment, VendorSurprise
from adapters.paths import MAX_SEGMENT_LENGTH, encode
from adapters.transport import Transport
from tests.adapters.conftest import SECRET, Connect
from tests.adapters.loopback import Loopback, answer, made_up_vendor

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
HOSTILE = st.sampled_from(
    (
        *(
            "",
            ".",
            "..",
            "...",
            "a/b",
            "../x",
            "..\\x",
            "%2e%2e",
            "%2F",
            "a?b=c",
            "a#b",
            "a;b",
            "//h",
            "http://h/",
        ),
        *(
            " ",
            "a b",
            "\x00",
            "\r\nX: y",
            "\u2028",
            "\ud800",
            "\u202e",
            "日本",
            "a@b:1",
            "~",
            "*",
            "%",
            "%zz",
            "+",
        ),
    )
)


def transport(base_url: str = "http://127.0.0.1:1/base", **vendor: Any) -> Transport:
    return Transport(made_up_vendor(**vendor), base_url, SECRET)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(segment=ANY_TEXT | HOSTILE)
async def test_any_text_is_refused_or_is_one_segment_on_the_wire(
    segment: str, connect: Connect, loopback: Loopback
) -> None:
    async with connect("/base") as client:
        loopback.received.clear()
        try:
            await client.get("things", segment, "end")
        except InvalidSegment:
            assert loopback.received == []
            return
    (request,) = loopback.received
    empty, base, things, travelled, end = request.target.split("/")
    assert (empty, base, things, end) == ("", "base", "things", "end")
    assert unquote(travelled, errors="strict") == segment
    assert travelled not in ("", ".", "..")
    assert not set(travelled) & set("?#\\; ")


@pytest.mark.parametrize(
    "segment", ["", ".", "..", "\x00", "a\nb", "a\r\nX: y", "\x7f", "\x85", "\u2028", "\udfff"]
)
def test_what_cannot_be_one_segment_is_refused(segment: str) -> None:
    with pytest.raises(InvalidSegment):
        encode(segment)


def test_the_longest_segment_is_sent_and_a_longer_one_refused() -> None:
    assert encode("é" * MAX_SEGMENT_LENGTH) == "%C3%A9" * MAX_SEGMENT_LENGTH
    with pytest.raises(InvalidSegment, match="at most 1024"):
        encode("x" * (MAX_SEGMENT_LENGTH + 1))


@pytest.mark.parametrize(
    ("segment", "encoded"),
    [
        ("wf_1-2.3~4", "wf_1-2.3~4"),
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("%2e%2e", "%252e%252e"),
        ("...", "..."),
        ("a?b#c", "a%3Fb%23c"),
        ("日", "%E6%97%A5"),
        ("a@b:c", "a%40b%3Ac"),
    ],
)
def test_a_segment_is_encoded_to_the_last_mark(segment: str, encoded: str) -> None:
    assert encode(segment) == encoded
    assert str(transport().composer.url([segment])) == f"http://127.0.0.1:1/base/{encoded}"


@pytest.mark.parametrize(
    ("base", "target"),
    [
        ("", "/v1/x"),
        ("/", "/v1/x"),
        ("/deep/base", "/deep/base/v1/x"),
        ("/deep/base//", "/deep/base/v1/x"),
        ("/caf%C3%A9/a%2Fb", "/caf%C3%A9/a%2Fb/v1/x"),
    ],
)
async def test_a_path_of_the_base_url_is_kept(
    base: str, target: str, connect: Connect, loopback: Loopback
) -> None:
    async with connect(base) as client:
        await client.get("v1", "x")
    assert [request.target for request in loopback.received] == [target]


def test_a_url_that_was_asked_for_before_is_not_parsed_again() -> None:
    composer = transport().composer
    first = composer.url(["v1", "wf_1"], parameters={"page": 2})
    assert composer.url(["v1", "wf_1"], parameters={"page": 2}) is first
    assert composer.url(["v1", "wf_1"], parameters={"page": 3}) != first


def test_only_so_many_urls_are_kept_and_no_long_ones() -> None:
    composer = transport().composer
    first = composer.url(["wf_0"])
    for number in range(MOST_KEPT):
        composer.url([f"wf_{number + 1}"])
    assert composer.url(["wf_0"]) is not first
    long = ["x" * LONGEST_KEPT]
    assert composer.url(long) is not composer.url(long)


def test_no_segments_give_the_base_url() -> None:
    assert str(transport().composer.url([])) == "http://127.0.0.1:1/base"
    assert str(transport("http://127.0.0.1:1/").composer.url([])) in (
        "http://127.0.0.1:1",
        "http://127.0.0.1:1/",
    )


async def test_parameters_are_encoded_and_typed(connect: Connect, loopback: Loopback) -> None:
    async with connect() as client:
        await client.get("x", parameters={"q": "a&b=c d+e?/#é", "on": True, "off": False, "n": 3})
        await client.get("x", parameters={})
    assert [request.target for request in loopback.received] == [
        "/x?q=a%26b%3Dc%20d%2Be%3F%2F%23%C3%A9&on=true&off=false&n=3",
        "/x",
    ]


@pytest.mark.parametrize("value", ["\ud800", "x" * 70_000])
def test_a_parameter_that_cannot_travel_is_the_callers_mistake(value: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        transport().composer.url(["x"], parameters={"q": value})
    assert caught.value.parameter == "query"


def test_segments_too_long_together_are_the_callers_mistake() -> None:
    with pytest.raises(InvalidRequest, match="too long"):
        transport().composer.url(["\N{OK HAND SIGN}" * MAX_SEGMENT_LENGTH] * 6)


@pytest.mark.parametrize(
    ("presentation", "name", "value"),
    [
        (CredentialPresentation("Authorization", "Bearer "), "authorization", f"Bearer {SECRET}"),
        (CredentialPresentation("X-API-KEY"), "x-api-key", SECRET),
    ],
)
async def test_the_credential_is_presented_as_the_vendor_wants(
    presentation: CredentialPresentation, name: str, value: str, loopback: Loopback
) -> None:
    async with Transport(made_up_vendor(credential=presentation), loopback.url, SECRET) as client:
        await client.get("x")
    (request,) = loopback.received
    assert request.headers[name] == value
    assert sum(SECRET in sent for sent in request.headers.values()) == 1
    assert request.headers["accept"] == "application/json"
    assert request.headers["user-agent"] == "workflow-gateway"


@pytest.mark.parametrize(
    "secret", ["se\ncret-1234", "se\r\nX-Other: 1", "secrét-1234", "sec\x00ret", "se\u2028cret"]
)
def test_a_credential_that_cannot_be_a_header_is_refused_without_being_told(secret: str) -> None:
    with pytest.raises(ValueError, match="the credential for Acme cannot travel") as caught:
        Transport(made_up_vendor(), "http://127.0.0.1:1", secret)
    assert secret not in repr(caught.value)
    assert caught.value.__context__ is None


async def test_a_body_is_sent_as_json_and_none_as_nothing(connect: Connect, loopback: Loopback) -> None:
    async with connect() as client:
        await client.send("POST", "x", body={"a": [1, "é", 2**70]})
        await client.send("DELETE", "x")
        await client.send("PUT", "x", body=[])
    assert [(request.method, request.body) for request in loopback.received] == [
        ("POST", b'{"a":[1,"\\u00e9",1180591620717411303424]}'),
        ("DELETE", b""),
        ("PUT", b"[]"),
    ]
    types = [request.headers.get("content-type") for request in loopback.received]
    assert types == ["application/json", None, "application/json"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(status: int, connect: Connect, loopback: Loopback) -> None:
    loopback.respond = answer(status, b"", [("location", f"{loopback.url}/elsewhere")])
    async with connect() as client:
        with pytest.raises(VendorSurprise) as caught:
            await client.get("x")
    assert caught.value.status == status
    assert [request.target for request in loopback.received] == ["/x"]


async def test_proxies_and_passwords_of_the_environment_are_ignored(
    connect: Connect, loopback: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with connect() as client:
        await client.get("x")
    (request,) = loopback.received
    assert request.target == "/x"
    assert request.headers["authorization"] == f"Bearer {SECRET}"


async def test_no_cookie_of_one_answer_travels_with_the_next_call(
    connect: Connect, loopback: Loopback
) -> None:
    loopback.respond = answer(headers=[("set-cookie", "session=1; Path=/")])
    async with connect() as client:
        await client.get("x")
        await client.get("x")
    assert ["cookie" in request.headers for request in loopback.received] == [False, False]
