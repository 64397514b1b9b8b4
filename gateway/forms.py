"""The forms in which something kept is given out, each made from the kept bytes alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from adapters.errors import VendorNotFound
from gateway.api.negotiation import GraphFormat
from gateway.documents import CANONICAL, NATIVE
from gateway.graph_export import dot, mermaid
from gateway.paging import paged
from schemas.graph import Graph
from schemas.json_codec import dumps, loads

JSON_TYPE: Final = "application/json"

Parts: TypeAlias = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Form:
    """One form.

    Attributes:
        name: tells the forms of one entry apart.
        media_type: of the body.
        body: makes it of an entry's parts.
        varies_by_accept: the `Accept` header chose it.
    """

    name: str
    media_type: str
    body: Callable[[Parts], bytes]
    varies_by_accept: bool = False


def whole(parts: Parts) -> bytes:
    """Return the canonical document."""
    return parts[CANONICAL]


def native(parts: Parts) -> bytes:
    """Return the vendor's own document."""
    return parts[NATIVE]


def with_native(parts: Parts) -> bytes:
    """Return the canonical JSON object with the native document as its last member."""
    return parts[CANONICAL][:-1] + b',"native":' + parts[NATIVE] + b"}"


CANONICAL_FORM: Final = Form("canonical", JSON_TYPE, whole)
NATIVE_FORM: Final = Form("native", JSON_TYPE, native)
WITH_NATIVE_FORM: Final = Form("canonical+native", JSON_TYPE, with_native)


def graph_form(wanted: GraphFormat, *, by_accept: bool) -> Form:
    """Return the graph alone, as JSON or as a diagram."""

    def body(parts: Parts) -> bytes:
        graph = loads(parts[CANONICAL])["graph"]
        if wanted is GraphFormat.JSON:
            return dumps(graph)
        drawn = Graph.model_validate(graph)
        return (mermaid(drawn) if wanted is GraphFormat.MERMAID else dot(drawn)).encode()

    return Form(f"graph.{wanted}", wanted.media_type, body, varies_by_accept=by_accept)


def page_form(limit: int, cursor: str | None) -> Form:
    """Return one page of a kept list.

    Making the body raises:
        InvalidParameter: the cursor is none of ours.
    """

    def body(parts: Parts) -> bytes:
        items, following = paged(loads(parts[CANONICAL]), limit, cursor)
        page: dict[str, Any] = {} if following is None else {"next_cursor": following}
        return dumps({**page, "complete": True, "problems": (), "items": items})

    return Form(f"page.{limit}.{cursor or ''}", JSON_TYPE, body)


def named_form(name: str, absent: str) -> Form:
    """Return the one record of a kept list that has a name.

    Args:
        name: the record's.
        absent: what to say when there is none.

    Making the body raises:
        VendorNotFound: there is none.
    """

    def body(parts: Parts) -> bytes:
        for record in loads(parts[CANONICAL]):
            if record["name"] == name:
                return dumps(record)
        raise VendorNotFound(absent, status=404)

    return Form(f"named.{name}", JSON_TYPE, body)
