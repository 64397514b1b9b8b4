"""Native edges as canonical edges: v1 joins connectors and carries data, v2 joins nodes and fixes their order."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from adapters.evidence import Evidence
from adapters.noxus.summary import VENDOR_NAME
from schemas.base import JsonObject
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.graph import Edge, EdgeKind, Endpoint, Node

ON_ERROR: Final = "on_error"
"""The output that is taken when a node fails."""

FROM: Final = "from_id"
TO: Final = "to_id"
POINT_FIELDS: Final = ("node_id", "connector_name", "key")
OPTIONAL: Final = "optional"
ADDRESS_SEPARATOR: Final = "::"
"""Between the parts of a point in its text form: `node::connector::key`."""

V2_ENDS: Final = (("source", "source_handle"), ("target", "target_handle"))
V1_FIELDS: Final = frozenset({"id", FROM, TO})
V2_FIELDS: Final = frozenset({"id", *V2_ENDS[0], *V2_ENDS[1]})


class Known(NamedTuple):
    """What an edge needs to know of the nodes.

    Attributes:
        keys: what edges can refer to.
        branches: key of a deciding node to the ports that are its ways out.
    """

    keys: frozenset[str]
    branches: Mapping[str, frozenset[str | None]]


def known(nodes: tuple[Node, ...], keys: frozenset[str]) -> Known:
    """Return what the edges of these nodes need."""
    branches = {
        node.key: frozenset(branch.port for branch in node.branches) for node in nodes if node.branches
    }
    return Known(keys, branches)


def read_edge(edge: Evidence, nodes: Known) -> Edge | None:
    """Return a native edge of either form; None, and a note, when it does not say what it joins."""
    pointed = FROM in edge.fields or TO in edge.fields
    source = _point(edge, FROM, nodes) if pointed else _end(edge, *V2_ENDS[0], nodes)
    target = _point(edge, TO, nodes) if pointed else _end(edge, *V2_ENDS[1], nodes)
    if source is None or target is None:
        message = "the edge does not say which nodes it joins; left out"
        edge.note(DiagnosticCode.UNREADABLE_PART, message, severity=Severity.ERROR)
        return None
    return Edge(
        kind=_kind(source, nodes, EdgeKind.DATA if pointed else EdgeKind.CONTROL),
        source=source,
        target=target,
        id=edge.identifier("id"),
        extensions=_extensions(edge, pointed=pointed),
    )


def is_pointed(fields: JsonObject) -> bool:
    """Say whether an edge has v1's form."""
    return FROM in fields or TO in fields


def point_rest(point: object) -> JsonObject:
    """Return what a point holds beyond its address; `optional: false` is the default and says nothing."""
    if not isinstance(point, dict):
        return {}
    return {
        name: value
        for name, value in point.items()
        if name not in POINT_FIELDS and not (name == OPTIONAL and value in (False, None))
    }


def _kind(source: Endpoint, nodes: Known, otherwise: EdgeKind) -> EdgeKind:
    if source.port == ON_ERROR:
        return EdgeKind.ERROR
    if source.port is not None and source.port in nodes.branches.get(source.node, ()):
        return EdgeKind.CONDITIONAL
    return otherwise


def _point(edge: Evidence, name: str, nodes: Known) -> Endpoint | None:
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


def _end(edge: Evidence, name: str, handle: str, nodes: Known) -> Endpoint | None:
    where = (edge.identifier(name, required=True), edge.text(handle), None)
    return _endpoint(edge, (name,), nodes, where)


def _endpoint(
    edge: Evidence, path: tuple[str, ...], nodes: Known, where: tuple[str | None, str | None, str | None]
) -> Endpoint | None:
    node, port, key = where
    if not node:
        return None
    exists = node in nodes.keys
    if not exists:
        edge.note(DiagnosticCode.DANGLING_EDGE, f"the edge refers to {node!r}, which is not there", *path)
    return Endpoint(node=node, exists=exists, port=port, key=key)


def _extensions(edge: Evidence, *, pointed: bool) -> dict[str, JsonObject]:
    rest = edge.rest(*(V1_FIELDS if pointed else V2_FIELDS))
    if pointed:
        points = {name: point_rest(edge.fields.get(name)) for name in (FROM, TO)}
        rest.update({name: part for name, part in points.items() if part})
    return {VENDOR_NAME: rest} if rest else {}
