"""What nodes are called in the document to be written: PromptLayer's links refer to nodes by unique names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from adapters.evidence import pointer
from adapters.promptlayer.configuration import names_in
from adapters.rendering import lost
from schemas.diagnostics import Loss
from schemas.graph import Condition, Edge, Endpoint, Node, Operand, OperandKind, Rule


@dataclass(slots=True)
class Names:
    """The native name of every node that links can refer to, by key.

    Attributes:
        by_key: names of nodes to be, without the nameless.
        nameless: keys of nodes to be that have no name, or share that of an earlier one: no link can lead from
            them, and no entry of `edges` to them; they have dependencies all the same.
        renamed: old name to new name of the nodes that get another one.
        losses: names that could not be kept.
    """

    by_key: dict[str, str] = field(default_factory=dict)
    nameless: set[str] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)

    def endpoint(self, endpoint: Endpoint) -> Endpoint | None:
        """Return the endpoint with its native name; None when no link can lead there."""
        if not endpoint.exists:
            return endpoint
        name = self.by_key.get(endpoint.node)
        return None if name is None else endpoint.model_copy(update={"node": name})

    def edge(self, edge: Edge) -> Edge | None:
        """Return the edge with native names throughout; None when an end has none."""
        source, target = self.endpoint(edge.source), self.endpoint(edge.target)
        if target is None and edge.target.node in self.nameless:
            target = edge.target
        if source is None or target is None:
            return None
        changes: dict[str, object] = {"source": source, "target": target}
        if self.renamed and edge.condition is not None:
            changes["condition"] = self._condition(edge.condition)
        return edge.model_copy(update=changes)

    def stale(self, nodes: tuple[Node, ...]) -> Iterator[Loss]:
        """Yield the places in configurations that still say an old name."""
        for index, node in enumerate(nodes) if self.renamed else ():
            for way, name in names_in(node.config):
                if name in self.renamed:
                    path = pointer("graph", "nodes", index, "config", *way)
                    yield lost(
                        path, f"the configuration still says {name!r:.80}, now {self.renamed[name]!r:.80}"
                    )

    def _condition(self, condition: Condition) -> Condition:
        return condition.model_copy(update={"rules": tuple(self._rule(rule) for rule in condition.rules)})

    def _rule(self, rule: Rule) -> Rule:
        return rule.model_copy(update={"left": self._operand(rule.left), "right": self._operand(rule.right)})

    def _operand(self, operand: Operand | None) -> Operand | None:
        if operand is None or operand.reference not in self.renamed:
            return operand
        name = self.renamed[operand.reference]
        changes: dict[str, object] = {"reference": name}
        if operand.kind is OperandKind.OTHER and isinstance(operand.value, dict):
            source = operand.value.get("source")
            if isinstance(source, dict):
                changes["value"] = {**operand.value, "source": {**source, "name": name}}
        return operand.model_copy(update=changes)


def assign_names(before: Mapping[str, Node], after: tuple[Node, ...]) -> Names:
    """Return the names of all nodes to be: unchanged ones keep theirs, the others take what is free."""
    names = Names()
    kept = {node.key for node in after if node.key in before and before[node.key].name == node.name}
    names.by_key.update({key: key for key in kept if before[key].name == key})
    names.nameless.update(kept - names.by_key.keys())
    taken = {node.name for node in after if node.key in kept and node.name is not None}
    numbers: dict[str, int] = {}
    for index, node in enumerate(after):
        if node.key in kept:
            continue
        name = _free(node.name or node.key, node.key, taken, numbers)
        if name != node.name:
            reason = f"PromptLayer needs unique names; written as {name!r:.80}"
            names.losses.append(lost(pointer("graph", "nodes", index, "name"), reason))
        taken.add(name)
        names.by_key[node.key] = name
        if node.key != name and node.key in before and before[node.key].name == node.key:
            names.renamed[node.key] = name
    return names


def _free(wanted: str, key: str, taken: set[str], numbers: dict[str, int]) -> str:
    """Return a name that is free; `numbers` keeps the last one tried for each, so that none is tried twice."""
    name, number = wanted, numbers.get(wanted, 1)
    if name in taken:
        name = key
    while name in taken:
        number += 1
        name = f"{wanted} {number}"
    numbers[wanted] = number
    return name
