"""Reads with a vendor's own API, kept like every other read."""

import hashlib
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from adapters.errors import VendorError, VendorSurprise, error_class
from adapters.forwarding import Forward, Forwarded
from gateway.answers import RawHeader
from gateway.asking import Ask
from gateway.cache import policy
from gateway.cache.conditional import http_date, may_answer_304
from gateway.cache.filler import Got
from gateway.cache.keys import connection_tag, passthrough_tag
from gateway.cache.lifetimes import Kind
from gateway.cache.store import Entry
from gateway.cache.trace import Outcome
from gateway.errors import GatewayError
from gateway.passthrough.calls import Call, opened
from gateway.passthrough.heads import NOT_IN_THE_KEY
from gateway.service import Reading, Service
from schemas.json_codec import dumps, loads

BODY: Final = "body"
HEAD: Final = "head"
"""The parts of an entry: the vendor's bytes, and the headers that the caller is given, as JSON."""

MOST_OF_AN_ERROR: Final = 1024 * 1024
_VALIDATORS: Final = ("etag", "last-modified")
_CONDITIONS: Final = frozenset({b"if-none-match", b"if-modified-since"})
_KEPT_IN_304: Final = frozenset({b"etag", b"cache-control", b"vary", b"last-modified"})


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: tuple[RawHeader, ...]
    body: bytes


class NotKept(GatewayError):
    """An answer that is not kept; with `answer` where it is whole, else it has to be asked for again."""

    def __init__(self, answer: Answer | None = None) -> None:
        super().__init__("this answer is not kept")
        self.answer = answer


class Said(Exception):
    """The cause of a `VendorError` that has a body."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"status {answer.status}")
        self.answer = answer


def may_be_kept(call: Call) -> bool:
    """Say whether the answer to a request can be kept at all."""
    if call.method != "GET" or call.framing.has_body or call.header(b"range"):
        return False
    return b"text/event-stream" not in call.header(b"accept").lower()


def parameters(call: Call) -> Mapping[str, str]:
    """Return all that the answer depends on: path, query and headers, letter by letter."""
    told = [
        [name.decode("latin-1"), value.decode("latin-1")]
        for name, value in sorted(call.headers)
        if name not in NOT_IN_THE_KEY
    ]
    return {
        "path": call.path.decode("ascii"),
        "query": call.query.decode("ascii"),
        "headers": dumps(told).decode(),
        # Redirects and ports are told as they look from there.
        "mount": call.mount,
    }


def name_of(call: Call) -> bytes:
    """Return a name for all that the answer depends on: as short for the longest path and headers as for any."""
    about = [call.connection.name, *parameters(call).values()]
    return hashlib.sha256(dumps(about)).digest()


async def read(service: Service, call: Call, ask: Ask) -> Reading:
    """Return the answer to a GET through the cache.

    Raises:
        NotKept: it is not kept.
        NotCached: only something kept was wanted.
        VendorError: there is no answer, or one that is no success; its cause is then `Said`.
    """

    async def fill(kept: Entry | None) -> Got:
        try:
            return await _filled(call, kept)
        except NotKept:
            # No cache had a part in it.
            ask.trace.outcome = None
            raise

    return await service.passed_through(call.connection, parameters(call), fill, ask)


def given(call: Call, entry: Entry, now: float) -> Answer:
    """Return the answer out of an entry: 304 where the caller has it already (RFC 9110 section 13)."""
    head = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in loads(entry.parts[HEAD])]
    known = {name: value.decode("latin-1") for name, value in head}
    age = (b"age", b"%d" % policy.age(entry, now))
    changed = http_date(known.get(b"last-modified", "")) or entry.stored_at
    none_match, since = (
        call.header(name).decode("latin-1") or None for name in (b"if-none-match", b"if-modified-since")
    )
    if may_answer_304(none_match, since, known.get(b"etag", ""), changed):
        return Answer(304, (*(pair for pair in head if pair[0] in _KEPT_IN_304), age), b"")
    return Answer(200, (*head, age), entry.parts[BODY])


async def _filled(call: Call, kept: Entry | None) -> Got:
    """Ask the vendor, conditionally where it told what it gave."""
    connection = call.connection
    headers = [pair for pair in call.headers if pair[0] not in _CONDITIONS]
    if kept is not None and "etag" in kept.validators:
        headers.append((b"if-none-match", kept.validators["etag"].encode("latin-1")))
    most = connection.settings.passthrough.response_bytes
    forward = Forward(call.method, call.target, tuple(headers), most_bytes=most)
    times = connection.lifetimes.of(Kind.PASSTHROUGH)
    async with AsyncExitStack() as stack:
        answer = await opened(call, forward, stack)
        now = connection.now().timestamp()
        if answer.status == 304 and kept is not None:
            return Got(_confirmed(kept, answer, now, times.fresh), Outcome.REVALIDATED)
        if answer.status != 200:
            raise await _other(call, answer)
        if not _is_json(answer):
            raise NotKept
        body = await _whole(answer, connection.settings.limits.response_bytes)
        if body is None:
            raise NotKept
        head = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in call.head_of(answer)]
        entry = Entry(
            {BODY: body, HEAD: dumps(head)},
            now,
            times.fresh,
            stale_while_revalidate=times.stale_while_revalidate,
            stale_if_error=times.stale_if_error,
            validators=_validators(answer),
            tags=(connection_tag(connection.name), passthrough_tag(connection.name)),
        )
        if _is_unchanged(kept, entry):
            return Got(entry, Outcome.UNCHANGED)
        return Got(entry)


def _confirmed(kept: Entry, answer: Forwarded, now: float, fresh: float) -> Entry:
    validators = _validators(answer)
    if not policy.may_confirm(kept, validators):
        raise VendorSurprise("the vendor says that something else is unchanged", status=304)
    return policy.confirmed(kept, now, fresh, validators)


def _is_unchanged(kept: Entry | None, entry: Entry) -> bool:
    return kept is not None and dict(kept.parts) == dict(entry.parts)


async def _other(call: Call, answer: Forwarded) -> VendorError | NotKept:
    """Return what to raise for an answer that is not 200."""
    body = await _whole(answer, MOST_OF_AN_ERROR)
    if body is None:
        return NotKept()
    told = Answer(answer.status, tuple(call.head_of(answer)), body)
    if answer.status < 400:
        return NotKept(told)
    error = error_class(answer.status)(f"the vendor answered {answer.status}", status=answer.status)
    error.__cause__ = Said(told)
    return error


def _is_json(answer: Forwarded) -> bool:
    """Say whether an answer is JSON that may be kept, as far as its head tells."""
    kind = b"".join(value for name, value in answer.headers if name == b"content-type")
    media_type = kind.partition(b";")[0].strip().lower()
    control = b",".join(value.lower() for name, value in answer.headers if name == b"cache-control")
    varies = [value.strip() for name, value in answer.headers if name == b"vary"]
    is_json = media_type == b"application/json" or media_type.endswith(b"+json")
    return is_json and b"no-store" not in control and b"*" not in varies


async def _whole(answer: Forwarded, most_bytes: int) -> bytes | None:
    """Return a body, or None when it is larger than that."""
    pieces, seen = [], 0
    async for piece in answer.body:
        seen += len(piece)
        if seen > most_bytes:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _validators(answer: Forwarded) -> dict[str, str]:
    found = {name.decode("ascii", "replace"): value.decode("latin-1") for name, value in answer.headers}
    return {name: found[name] for name in _VALIDATORS if name in found}
