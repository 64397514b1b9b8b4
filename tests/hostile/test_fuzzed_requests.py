"""Whatever a caller writes into ids, parameters, headers and cursors, the answer is one, and never a failure inside."""

import asyncio
import base64
import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.registry import load_all
from gateway.app import create_app
from gateway.cache.directives import RequestDirectives, parse
from gateway.callers import hash_key
from gateway.cursor import Walk, decode, encode
from gateway.environment import Secret
from gateway.errors import InvalidHeader, InvalidParameter
from gateway.idempotency.keys import read_key
from gateway.settings import CallerSettings, Settings
from tests.adapters.loopback import Loopback, answer
from tests.cache.reading import Clock
from tests.gateway.in_process import Reply, started
from tests.hostile.conftest import VENDORS
from tests.hostile.test_vendor_bodies import recording
from tests.house import KEY

NARROW = "key-for-one-connection"
Asking = Callable[..., Reply]
Pairs = list[tuple[str, str]]

NO_FAULT = {400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 501, 502, 504}
"""Of the caller, of the vendor that is played here, or of `only-if-cached`."""

ROUTES = (
    "/v1/vendors/{a}",
    "/v1/connections/{a}",
    "/v1/connections/noxus/workflows",
    "/v1/connections/promptlayer/workflows/{a}",
    "/v1/connections/aitronos/workflows/{a}/native",
    "/v1/connections/noxus/workflows/{a}/graph",
    "/v1/connections/noxus/workflows/{a}/versions",
    "/v1/connections/noxus/workflows/{a}/versions/{b}",
    "/v1/connections/promptlayer/workflows/{a}/labels/{b}",
    "/v1/connections/noxus/workflows/{a}/runs/{b}",
    "/v1/connections/aitronos/assistants/{a}/workflow",
    "/passthrough/noxus/{a}/{b}",
    "/problems/{a}",
    "/schemas/{a}",
    "/docs/{a}",
    "/{a}",
)
PARAMETERS = (
    "limit",
    "cursor",
    "version",
    "label",
    "include",
    "format",
    "text",
    "updated_since",
    "connection",
    "status",
    "dry_run",
    "strict",
    "nothing",
)
HEADERS = (
    "accept",
    "accept-encoding",
    "if-none-match",
    "if-match",
    "if-modified-since",
    "cache-control",
    "pragma",
    "prefer",
    "idempotency-key",
    "traceparent",
    "x-request-id",
    "content-type",
    "content-encoding",
    "origin",
    "range",
    "forwarded",
    "last-event-id",
)
ODD_VALUES = (
    "",
    "*",
    '"a"',
    'W/"a", "b',
    '"' * 50,
    ",,,,",
    "max-age=99999999999999999999",
    "max-age=-1",
    'no-cache="a, b',
    "only-if-cached",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "99999999999999999999",
    "0",
    "-1",
    "1e3",
    "true",
    "canonical,native",
    "0001-01-01T00:00:00-14:00",
    "9999-12-31T23:59:59+14:00",
    "text/*;q=2, */*;q=nan",
    "application/json;charset=utf-7",
    "\xff\xfe",
    "a" * 4000,
)
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"])
VALUES = st.sampled_from(ODD_VALUES) | st.text(
    st.characters(min_codepoint=32, max_codepoint=255), max_size=40
)
SEGMENTS = st.sampled_from(
    ["w1", ".", "..", "%2e%2e", "a%2Fb", "%00", "%ff", "%", "%zz", "a;b", "", "a" * 3000, "%f0%9f%98%80"]
) | st.text(max_size=20).map(lambda text: quote(text.encode("utf-8", "replace"), safe=""))


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    """Ask a gateway that lives as long as the module; the vendor behind it always answers with one workflow."""

    async def opened(stack: contextlib.AsyncExitStack) -> Any:
        vendor = await stack.enter_async_context(Loopback())
        vendor.respond = answer(200, recording("noxus"))
        callers = (
            CallerSettings(
                name="all",
                key_hashes=(hash_key(KEY),),
                rights=("read", "write", "run", "passthrough", "admin"),
            ),
            CallerSettings(name="narrow", key_hashes=(hash_key(NARROW),), connections=("noxus",)),
        )
        connections = {
            name: {
                "vendor": name,
                "base_url": vendor.url,
                "credential": "env:UNUSED",
                "passthrough": {"enabled": True},
            }
            for name in VENDORS
        }
        given = {"source": __file__, "callers": callers, "connections": connections}
        settings = Settings.model_validate(given, strict=False)
        secrets = {name: Secret("sk-hostile-4f9d2c71") for name in VENDORS}
        clock = Clock(1_800_000_000.0)
        return await stack.enter_async_context(
            started(create_app(settings, load_all(), secrets, clock), clock)
        )

    with asyncio.Runner() as runner:
        stack = contextlib.AsyncExitStack()
        gateway = runner.run(opened(stack))
        yield lambda *given, **more: runner.run(gateway.ask(*given, **more))
        runner.run(stack.aclose())


def look_at(reply: Reply) -> None:
    """Check what holds for every answer."""
    assert reply.status < 400 or reply.status in NO_FAULT, reply
    kind = reply.header("content-type") or ""
    if reply.status >= 400 and reply.body:
        told = json.loads(reply.body)
        assert kind == "application/problem+json" or reply.header("x-vendor-request-id") is None
        assert told["status"] == reply.status
    for name, value in reply.head:
        assert b"\r" not in name + value
        assert b"\n" not in name + value


@given(
    st.sampled_from(ROUTES),
    st.tuples(SEGMENTS, SEGMENTS),
    st.lists(st.tuples(st.sampled_from(PARAMETERS), VALUES), max_size=4),
    st.lists(st.tuples(st.sampled_from(HEADERS), VALUES), max_size=4),
    METHODS,
)
def test_every_request_has_an_answer(
    asking: Asking, route: str, ids: tuple[str, str], parameters: Pairs, headers: Pairs, method: str
) -> None:
    a, b = ids
    query = "&".join(f"{name}={quote(value.encode('utf-8'), safe='')}" for name, value in parameters)
    body = b"{}" if method in ("POST", "PATCH", "PUT") else None
    look_at(asking(f"{route.format(a=a, b=b)}?{query}", *headers, method=method, body=body))


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60))
@example("%")
@example("a=%ff")
@example("limit=1&limit=2")
def test_any_query_has_an_answer(asking: Asking, query: str) -> None:
    look_at(asking(f"/v1/workflows?{query}"))


@given(
    st.one_of(
        st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["question", "size", "open", "left_out", "x"]), inner, max_size=4
                )
            ),
        ).map(lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode()),
        st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40),
    )
)
def test_a_forged_cursor_is_refused(asking: Asking, cursor: str) -> None:
    reply = asking(f"/v1/workflows?cursor={quote(cursor, safe='')}")
    look_at(reply)
    assert reply.status == 400
    with pytest.raises(InvalidParameter):
        decode(cursor, "q", frozenset(VENDORS))


POSITIONS = st.none() | st.text(st.characters(exclude_categories=()), max_size=30) | st.integers().map(str)


@given(st.dictionaries(st.sampled_from(VENDORS), POSITIONS, min_size=1), st.integers(1, 1000))
def test_a_cursor_comes_back_as_it_was(positions: dict[str, str | None], size: int) -> None:
    walk = Walk(question="q", size=size, open=positions)
    assert decode(encode(walk), "q", frozenset(VENDORS)) == walk


@given(st.sampled_from(VENDORS), POSITIONS)
def test_a_position_that_no_vendor_gave_is_told(asking: Asking, vendor: str, position: str | None) -> None:
    """Forge a cursor with all but the position true."""
    first = asking("/v1/workflows?limit=3")
    genuine = json.loads(first.body).get("next_cursor")
    question = "" if genuine is None else json.loads(base64.urlsafe_b64decode(genuine + "==="))["question"]
    cursor = encode(Walk(question=question, size=1, open={vendor: position}))
    look_at(asking(f"/v1/workflows?limit=3&cursor={cursor}"))


@pytest.mark.parametrize("cut", [0, 1, 7, -1, -2, -9])
def test_a_cursor_of_somebody_who_sees_more_or_a_cut_one_is_refused(asking: Asking, cut: int) -> None:
    cursor = encode(Walk(question="q", size=1, open=dict.fromkeys(VENDORS)))
    reply = asking(f"/v1/workflows?cursor={cursor[:cut] if cut else cursor}", key=NARROW)
    assert reply.status == 400
    assert b"aitronos" not in reply.body


@given(VALUES)
def test_an_idempotency_key_is_read_or_refused(value: str) -> None:
    try:
        key = read_key(value)
    except InvalidHeader:
        return
    assert 1 <= len(key) <= 255
    assert key.isascii()
    assert key.isprintable()


@given(VALUES, VALUES)
def test_cache_directives_are_advice_and_never_a_fault(value: str, pragma: str) -> None:
    found = parse(value, pragma)
    assert isinstance(found, RequestDirectives)
    for seconds in (found.max_age, found.max_stale, found.min_fresh):
        assert seconds is None or 0 <= seconds <= 2**31
