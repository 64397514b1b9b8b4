"""Builds definitions in the vendor's two flow versions from short notes, with fixed ids."""

import itertools
import re
from copy import deepcopy
from typing import Any, Self

from emulators.noxus.catalogue import node_catalogue
from emulators.noxus.connectors import KEYED
from emulators.noxus.records import workflow
from emulators.noxus.state import OWNER_ID, Record, State, seeded_id

_POINT = re.compile(r"(?P<alias>[^.#]+)(\.(?P<connector>[^#]+))?(#(?P<key>.+))?")
_TOKEN = re.compile(r":var\[([a-z_]+)\.")
COLUMN = 350


def workflow_id(key: str) -> str:
    """Return the id of a seeded workflow."""
    return seeded_id(f"workflow: {key}")


def version_id(key: str, name: str) -> str:
    """Return the id of a seeded version."""
    return seeded_id(f"version: {key}: {name}")


class FlowV1:
    """A v1 definition. Nodes go by short aliases; `alias.connector#key` names an end of an edge."""

    def __init__(self, key: str, *, copies: bool = True) -> None:
        self.key = key
        self.copies = copies
        self.types = {entry["type"]: entry for entry in node_catalogue()}
        self.nodes: dict[str, Record] = {}
        self.edges: list[Record] = []

    def node(self, alias: str, kind: str, /, name: str | None = None, **config: Any) -> Self:
        """Add a node; its connectors and settings are copied from the catalogue, as the vendor does."""
        entry = deepcopy(self.types.get(kind)) if self.copies else None
        node: Record = {
            "type": kind,
            "id": self.id_of(alias),
            "name": name if name is not None else self.types.get(kind, {}).get("title", kind),
            "display": {"position": {"x": COLUMN * (len(self.nodes) + 1), "y": 0}},
            "node_config": config,
            "connector_config": {},
            "config_definition": {},
            "subflow_config": None,
            "subflow_id": None,
            "inputs": [],
            "outputs": [],
        }
        self.nodes[alias] = node
        if entry is not None:
            self._copy(node, entry)
        return self

    def with_fields(self, alias: str, **fields: Any) -> Self:
        """Set fields of a node that are no configuration."""
        self.nodes[alias].update(fields)
        return self

    def calls(self, alias: str, other: str, name: str) -> Self:
        """Let a node call another seeded workflow."""
        target = workflow_id(other)
        about = {"workflow_id": target, "workflow_name": name, "workflow_nodes": []}
        return self.with_fields(alias, subflow_id=target, subflow_config=about)

    def link(self, start: str, *ends: str) -> Self:
        """Add an edge from one point to each of the others; default connectors are the first ones."""
        for end in ends:
            self.edges.append(
                {
                    "from_id": self._point(start, "outputs"),
                    "to_id": self._point(end, "inputs"),
                    "id": seeded_id(f"edge: {self.key}: {start} -> {end}"),
                }
            )
        return self

    def definition(self) -> Record:
        """Return the definition."""
        return {"flow_version": "v1", "nodes": list(self.nodes.values()), "edges": self.edges}

    def id_of(self, alias: str) -> str:
        """Return a node's id."""
        return seeded_id(f"node: {self.key}: {alias}")

    def _copy(self, node: Record, entry: Record) -> None:
        node["connector_config"] = {side: entry[side] for side in ("inputs", "outputs")}
        node["config_definition"] = entry["config"]
        node["inputs"] = [
            {"node_id": node["id"], "name": one["name"], "fixed_value": None, "type": one["type"]}
            for one in entry["inputs"]
        ]
        node["outputs"] = [
            {"node_id": node["id"], "name": one["name"], "type": one["type"]} for one in entry["outputs"]
        ]

    def _point(self, text: str, side: str) -> Record:
        found = _POINT.fullmatch(text)
        assert found is not None, text  # noqa: S101 - a slip of the seed itself
        alias, connector, key = found["alias"], found["connector"], found["key"]
        kind = self.nodes[alias]["type"] if alias in self.nodes else ""
        connectors = self.types.get(kind, {}).get(side) or [{"name": side.removesuffix("s"), "type": ""}]
        name = connector or connectors[0]["name"]
        if key is not None and alias in self.nodes:
            self._declare(self.nodes[alias]["connector_config"].get(side, []), name, key)
        return {"node_id": self.id_of(alias), "connector_name": name, "key": key, "optional": False}

    @staticmethod
    def _declare(connectors: list[Record], name: str, key: str) -> None:
        for one in connectors:
            if one["name"] == name and one["type"] in KEYED and key not in one["keys"]:
                one["keys"].append(key)
                one["type_definitions"][key] = dict(one["definition"])


class FlowV2:
    """A v2 definition. In configuration, `:var[alias.output]` becomes a reference to that node's output."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.nodes: dict[str, Record] = {}
        self.edges: list[Record] = []

    def node(self, alias: str, kind: str, /, name: str | None = None, **config: Any) -> Self:
        """Add a node; most of them have no name."""
        self.nodes[alias] = {
            "id": self.id_of(alias),
            "type": kind,
            "name": name,
            "node_config": self._resolved(config),
            "variable_bindings": {},
            "iterate_overrides": {},
            "parent_id": None,
            "display": {"position": {"x": COLUMN * (len(self.nodes) + 1), "y": 0}},
        }
        return self

    def bind(self, alias: str, field: str, source: str, *, each: bool = False) -> Self:
        """Bind a field to an upstream `alias.output`; `each` makes the node run per item of it."""
        upstream, _, output = source.partition(".")
        node = self.nodes[alias]
        node["variable_bindings"][field] = f"{self.id_of(upstream)}.{output}"
        if each:
            node["iterate_overrides"][field] = True
        connector, separator, key = field.partition("__")
        if separator:
            keys = node["node_config"].setdefault("__var_keys", {}).setdefault(connector, [])
            keys.append(key)
        return self

    def inside(self, scope: str, *aliases: str) -> Self:
        """Put nodes into the scope of a loop."""
        for alias in aliases:
            self.nodes[alias]["parent_id"] = self.id_of(scope)
        return self

    def edge(self, *aliases: str, source_handle: str | None = None, target_handle: str | None = None) -> Self:
        """Chain nodes in order; edges carry no data."""
        for source, target in itertools.pairwise(aliases):
            self.edges.append(
                {
                    "id": seeded_id(f"edge: {self.key}: {source} -> {target}: {source_handle}"),
                    "source": self.id_of(source),
                    "target": self.id_of(target),
                    "source_handle": source_handle,
                    "target_handle": target_handle,
                }
            )
        return self

    def definition(self) -> Record:
        """Return the definition."""
        return {"flow_version": "v2", "nodes": list(self.nodes.values()), "edges": self.edges}

    def id_of(self, alias: str) -> str:
        """Return a node's id."""
        return seeded_id(f"node: {self.key}: {alias}")

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, str):
            return _TOKEN.sub(lambda found: f":var[{self.id_of(found[1])}.", value)
        if isinstance(value, list):
            return [self._resolved(item) for item in value]
        if isinstance(value, dict):
            return {key: self._resolved(item) for key, item in value.items()}
        return value


def put(state: State, flow: FlowV1 | FlowV2, name: str, created_at: str, /, **fields: Any) -> Record:
    """Put a workflow into the state and return it; `fields` override those of a fresh record."""
    record = workflow(workflow_id(flow.key), name, flow.definition(), created_at, **fields)
    state.workflows[record["id"]] = record
    return record


def put_version(
    state: State, flow: FlowV1 | FlowV2, name: str, created_at: str, note: str | None = None
) -> Record:
    """Put a version of a workflow into the state and return it."""
    version: Record = {
        "id": version_id(flow.key, name),
        "name": name,
        "description": note,
        "created_at": created_at,
        "created_by": OWNER_ID if note else None,
        "definition": deepcopy(flow.definition()),
    }
    state.versions.setdefault(workflow_id(flow.key), {})[version["id"]] = version
    return version
