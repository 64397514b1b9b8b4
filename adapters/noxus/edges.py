"""Native edges as canonical edges: v1 joins connectors and carries data, v2 joins nodes and fixes their order."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from adapters.evidence import Evidence
from adapters.noxus.summary import VENDOR_NAME
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.drafts import EdgeDraft, EndpointDraft, NodeDraft
from schemas.graph import EdgeKind

ON_ERROR: Final = "on_error"
"""The output that is taken when a node fails."""

FROM: Final = "from_id"
TO: Final = "to_id"
POINT_FIELDS: Final = ("node_id", "connector_name", "key")
OPTIONAL: Final = "optional"
ADDRESS_SEPARATOR: Final = "::"
"""Between the parts of a point in its text form: `node::connector::key`."""

V2_ENDS: Final = (("source", "source_handle"), ("target", "target_handle"))
POINT_NAMES: Final = frozenset({*POINT_FIELDS, OPTIONAL})
V1_FIELDS: Final = frozenset({"id", FROM, TO})
V2_FIELDS: Final = frozenset({"id", *V2_ENDS[0], *V2_ENDS[1]})


# The usual kinds: looking up a member of an enumeration costs as much as ten comparisons.
DATA: Final = EdgeKind.DATA
CONTROL: Final = EdgeKind.CONTROL
ERROR: Final = EdgeKind.ERROR


class Known(NamedTuple):
    """What an edge needs to know of the nodes.

    Attributes:
        keys: what edges can refer to.
        branches: key of a deciding node to the ports that are its ways out.
    """

    keys: frozenset[str]
    branches: Mapping[str, frozenset[str | None]]


def known(nodes: Iterable[NodeDraft], keys: frozenset[str]) -> Known:
    """Return what the edges of these nodes need."""
    branches = {
        node["key"]: frozenset(branch.get("port") for branch in node["branches"])
        for node in nodes
        if node["branches"]
    }
    return Known(keys, branches)


def plain_edge(edge: JsonObject, nodes: Known) -> EdgeDraft | None:
    """Return a native edge that is as documented and joins nodes that are there; None when it is not so plain."""
    pointed = is_pointed(edge)
    if pointed:
        source, target = _plain_point(edge.get(FROM), nodes), _plain_point(edge.get(TO), nodes)
    else:
        source, target = _plain_end(edge, *V2_ENDS[0], nodes), _plain_end(edge, *V2_ENDS[1], nodes)
    if source is None or target is None or not isinstance(edge.get("id"), str):
        return None
    return {
        "kind": _kind(source, nodes, pointed=pointed),
        "source": source,
        "target": target,
        "id": edge["id"],
        "derived": False,
        "extensions": _extensions(edge, pointed=pointed),
    }


def read_edge(edge: Evidence, nodes: Known) -> EdgeDraft | None:
    """Return a native edge of either form; None, and a note, when it does not say what it joins."""
    pointed = is_pointed(edge.fields)
    source = _point(edge, FROM, nodes) if pointed else _end(edge, *V2_ENDS[0], nodes)
    target = _point(edge, TO, nodes) if pointed else _end(edge, *V2_ENDS[1], nodes)
    if source is None or target is None:
        message = "the edge does not say which nodes it joins; left out"
        edge.note(DiagnosticCode.UNREADABLE_PART, message, severity=Severity.ERROR)
        return None
    draft: EdgeDraft = {
        "kind": _kind(source, nodes, pointed=pointed),
        "source": source,
        "target": target,
        "derived": False,
        "extensions": _extensions(edge.fields, pointed=pointed),
    }
    if (identifier := edge.identifier("id")) is not None:
        draft["id"] = identifier
    return draft


def is_pointed(fields: JsonObject) -> bool:
    """Say whether an edge has v1's form."""
    return FROM in fields or TO in fields


def point_rest(point: object) -> JsonObject:
    """Return what a point holds beyond its address; `optional: false` is the default and says nothing."""
    if not isinstance(point, dict) or (
        POINT_NAMES.issuperset(point) and point.get(OPTIONAL) in (False, None)
    ):
        return {}
    return {
        name: value
        for name, value in point.items()
        if name not in POINT_FIELDS and not (name == OPTIONAL and value in (False, None))
    }


def _kind(source: EndpointDraft, nodes: Known, *, pointed: bool) -> EdgeKind:
    port = source.get("port")
    if port == ON_ERROR:
        return ERROR
    if nodes.branches and port is not None and port in nodes.branches.get(source["node"], ()):
        return EdgeKind.CONDITIONAL
    return DATA if pointed else CONTROL


def _plain_point(point: JsonValue, nodes: Known) -> EndpointDraft | None:
    if not isinstance(point, dict):
        return None
    return _plain_endpoint(point.get("node_id"), point.get("connector_name"), point.get("key"), nodes)


def _plain_end(edge: JsonObject, name: str, handle: str, nodes: Known) -> EndpointDraft | None:
    return _plain_endpoint(edge.get(name), edge.get(handle), None, nodes)


def _plain_endpoint(node: JsonValue, port: JsonValue, key: JsonValue, nodes: Known) -> EndpointDraft | None:
    if not isinstance(node, str) or node not in nodes.keys:
        return None
    if (port is not None and not isinstance(port, str)) or (key is not None and not isinstance(key, str)):
        return None
    return endpoint(node, port, key, exists=True)


def _point(edge: Evidence, name: str, nodes: Known) -> EndpointDraft | None:
    address = edge.fields.get(name)
    if isinstance(address, str):
        edge.note(DiagnosticCode.WRONG_TYPE, f"{name} is an address in text form; read", name)
        node, _, rest = address.partition(ADDRESS_SEPARATOR)
        connector, _, key = rest.partition(ADDRESS_SEPARATOR)
        return _endpoint(edge, (name,), nodes, (node, connector or None, key or None))
    point = edge.object(name, required=True)
    if point is None:
        return None
    where = (point.identifier("node_id", required=True), point.text("connector_name"), point.text("key"))
    return _endpoint(edge, (name, "node_id"), nodes, where)


def _end(edge: Evidence, name: str, handle: str, nodes: Known) -> EndpointDraft | None:
    where = (edge.identifier(name, required=True), edge.text(handle), None)
    return _endpoint(edge, (name,), nodes, where)


def _endpoint(
    edge: Evidence, path: tuple[str, ...], nodes: Known, where: tuple[str | None, str | None, str | None]
) -> EndpointDraft | None:
    node, port, key = where
    if not node:
        return None
    exists = node in nodes.keys
    if not exists:
        edge.note(DiagnosticCode.DANGLING_EDGE, f"the edge refers to {node!r}, which is not there", *path)
    return endpoint(node, port, key, exists=exists)


def endpoint(node: str, port: str | None, key: str | None, *, exists: bool) -> EndpointDraft:
    """Return one end of an edge."""
    end: EndpointDraft = {"node": node, "exists": exists}
    if port is not None:
        end["port"] = port
    if key is not None:
        end["key"] = key
    return end


def _extensions(edge: JsonObject, *, pointed: bool) -> dict[str, JsonObject]:
    fields = V1_FIELDS if pointed else V2_FIELDS
    rest = {} if fields.issuperset(edge) else {name: edge[name] for name in edge if name not in fields}
    if pointed:
        if source := point_rest(edge.get(FROM)):
            rest[FROM] = source
        if target := point_rest(edge.get(TO)):
            rest[TO] = target
    return {VENDOR_NAME: rest} if rest else {}
