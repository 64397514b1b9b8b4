"""What it costs to turn a vendor's document into canonical JSON, beside the cost of merely reading it."""

import importlib.util
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import GenericAlias
from typing import Any, Final

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from adapters.contract import Fetched, Vendor
from adapters.registry import load_all
from bench.measuring import Row, Table, median_seconds, milliseconds, text
from gateway.process_memory import calm_collector
from schemas.digest import digest_of
from schemas.drafts import WorkflowDraft
from schemas.json_codec import dumps, loads

RECORDINGS: Final = Path(__file__).resolve().parents[1] / "tests" / "vendors"
SIZES: Final = {"20 KB": 20_000, "200 KB": 200_000, "2 MB": 2_000_000}
BUDGET_SECONDS: Final = 3.0
"""For all rounds of one measurement."""


@dataclass(frozen=True)
class Source:
    """A recording that can be grown: where its nodes are, and what else grows along with them."""

    recording: str
    nodes: tuple[str, ...]
    links: tuple[str, ...]


SOURCES: Final = {
    "aitronos": Source("get_n8n_twelve_nodes", ("definition", "nodes"), ("definition", "connections")),
    "noxus": Source("get_workflow_typical_v1_three_nodes", ("definition", "nodes"), ("definition", "edges")),
    "promptlayer": Source("get_twelve_nodes", ("nodes",), ("edges",)),
}


def measure() -> dict[str, Any]:
    """Return seconds by vendor and size."""
    vendors = load_all()
    calm_collector()  # as in every process that serves
    return {
        name: {size: _measured(name, vendors[name], grown(name, least)) for size, least in SIZES.items()}
        for name in SOURCES
    }


def shown(result: dict[str, Any]) -> str:
    """Return the result for a terminal."""
    return text(tables(result))


def tables(result: dict[str, Any]) -> list[Table]:
    """Return the result as one table."""
    rows: list[Row] = [
        (
            f"{vendor} {size}",
            str(one["nodes"]),
            milliseconds(one["json_loads_seconds"]),
            milliseconds(one["typed_seconds"]),
            milliseconds(one["around_seconds"]),
            milliseconds(one["seconds"]),
            f"{one['seconds'] / one['json_loads_seconds']:.1f}",
            f"{one['seconds'] / one['around_seconds']:.1f}",
            f"{(one['seconds'] - one['around_seconds']) / one['nodes'] * 1e6:.1f} us",
        )
        for vendor, sizes in result.items()
        for size, one in sizes.items()
    ]
    columns = (
        *("native document", "nodes", "json.loads", "typed", "around", "to canonical"),
        *("to loads", "to around", "mapped, a node"),
    )
    notes = (
        f"The typed parse is {typed_by()}'s.",
        "Around the mapping: the native JSON read and checked, the digest taken, the canonical JSON written.",
    )
    return [Table("From a native document to canonical JSON", columns, tuple(rows), notes)]


def typed_by() -> str:
    """Return the library that parses typed: the fastest one that is installed."""
    return "msgspec" if importlib.util.find_spec("msgspec") else "pydantic"


def typed_parser(name: str, document: dict[str, Any]) -> Callable[[bytes], object]:
    """Return what parses a vendor's documents with every key known and names checked, and does nothing else."""
    shape = _shape(document, SOURCES[name].nodes)
    if typed_by() == "msgspec":
        import msgspec  # noqa: PLC0415

        return msgspec.json.Decoder(shape).decode
    return TypeAdapter(shape).validate_json


def grown(name: str, least: int) -> dict[str, Any]:
    """Return the vendor's recording with its graph repeated under fresh names, to at least so many bytes."""
    source = SOURCES[name]
    path = RECORDINGS / name / "recordings" / f"{source.recording}.json"
    document: dict[str, Any] = json.loads(path.read_bytes())
    nodes, links = _at(document, source.nodes), _at(document, source.links)
    names = frozenset(_names(nodes))
    first_nodes, first_links = json.loads(json.dumps(nodes)), json.loads(json.dumps(links))
    copies = _copies(document, (first_nodes, first_links), least)
    for number in range(1, copies + 1):
        nodes += _renamed(first_nodes, names, number)
        fresh = _renamed(first_links, names, number)
        links.update(fresh) if isinstance(links, dict) else links.extend(fresh)
    return document


def normalised(vendor: Vendor, body: bytes) -> bytes:
    """Return the canonical JSON of a native document's bytes: what the gateway does when its cache is cold."""
    draft = vendor.mapping.draft(Fetched(loads(body), body=body), "bench")
    draft["digest"] = digest_of(draft)
    return dumps(draft)


def around(draft: WorkflowDraft, body: bytes) -> bytes:
    """Do the same but for the mapping, whose draft is there already: no mapping can make it faster than this."""
    loads(body)
    draft["digest"] = digest_of(draft)
    return dumps(draft)


def _measured(name: str, vendor: Vendor, document: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps(document, separators=(",", ":")).encode()
    canonical = json.loads(normalised(vendor, body))
    parse = typed_parser(name, document)
    draft = vendor.mapping.draft(Fetched(loads(body), body=body), "bench")
    plain, typed, outside, whole = median_seconds(
        (
            lambda: json.loads(body),
            lambda: parse(body),
            lambda: around(draft, body),
            lambda: normalised(vendor, body),
        ),
        BUDGET_SECONDS,
    )
    return {
        "bytes": len(body),
        "nodes": len(canonical["graph"]["nodes"]),
        "diagnostics": len(canonical["diagnostics"]),
        "json_loads_seconds": plain,
        "typed_seconds": typed,
        "around_seconds": outside,
        "seconds": whole,
    }


def _shape(part: dict[str, Any], way: tuple[str, ...]) -> Any:
    """Return the type of an object, in which the nodes lie this way; without a way, of a node."""
    words = ("id", "name", "type")
    fields: dict[str, Any] = {key: str | int | None if key in words else Any for key in part}
    if way:
        inner, last = part[way[0]], len(way) == 1
        deeper: Any = _shape({key: None for node in inner for key in node} if last else inner, way[1:])
        fields[way[0]] = GenericAlias(list, (deeper,)) if last else deeper
    make: Any = TypedDict
    return make("Shape", fields, total=False)


def _copies(document: Any, repeated: Any, least: int) -> int:
    missing = least - len(json.dumps(document, separators=(",", ":")))
    return max(0, -(-missing // len(json.dumps(repeated, separators=(",", ":")))))


def _at(document: Any, place: Iterable[str]) -> Any:
    for key in place:
        document = document[key]
    return document


def _names(nodes: Iterable[dict[str, Any]]) -> Iterable[str]:
    for node in nodes:
        yield from (node[key] for key in ("id", "name") if isinstance(node.get(key), str))


def _renamed(value: Any, names: frozenset[str], number: int) -> Any:
    """Return a value with every mention of a node, be it a key or a text, made the mention of its copy."""
    if isinstance(value, str):
        return f"{value} {number}" if value in names else value
    if isinstance(value, list):
        return [_renamed(item, names, number) for item in value]
    if isinstance(value, dict):
        return {_renamed(key, names, number): _renamed(item, names, number) for key, item in value.items()}
    return value
