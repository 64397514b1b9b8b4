"""Small native documents, and small edits of canonical ones."""

import copy
from collections.abc import Callable
from typing import Any

from adapters.contract import Rendered
from schemas.diagnostics import DiagnosticCode
from schemas.graph import (
    Edge,
    EdgeKind,
    Endpoint,
    Node,
    Operand,
    OperandKind,
    Operator,
    Rule,
)
from schemas.workflow import (
    Workflow,
)


def changed(workflow: Workflow, **changes: Any) -> Workflow:
    return workflow.model_copy(update=changes)


def with_nodes(workflow: Workflow, *nodes: Node) -> Workflow:
    return changed(workflow, graph=workflow.graph.model_copy(update={"nodes": nodes}))


def with_edges(workflow: Workflow, *edges: Edge) -> Workflow:
    return changed(workflow, graph=workflow.graph.model_copy(update={"edges": edges}))


def with_node(workflow: Workflow, index: int, **changes: Any) -> Workflow:
    nodes = list(workflow.graph.nodes)
    nodes[index] = nodes[index].model_copy(update=changes)
    return with_nodes(workflow, *nodes)


def with_edge(workflow: Workflow, index: int, **changes: Any) -> Workflow:
    edges = list(workflow.graph.edges)
    edges[index] = edges[index].model_copy(update=changes)
    return with_edges(workflow, *edges)


def link(source: str, target: str, kind: EdgeKind = EdgeKind.DEPENDENCY, **more: Any) -> Edge:
    return Edge(kind=kind, source=Endpoint(node=source), target=Endpoint(node=target), **more)


def rule(left: str, operator: Operator, right: Any = None, **more: Any) -> Rule:
    reference = Operand(kind=OperandKind.REFERENCE, reference=left)
    value = Operand(kind=OperandKind.VALUE, value=right)
    return Rule(left=reference, operator=operator, right=value, **more)


def paths(rendered: Rendered) -> list[str]:
    return [loss.path for loss in rendered.losses]


def edited(document: Any, edit: Callable[[Any], None]) -> Any:
    wanted = copy.deepcopy(document)
    edit(wanted)
    return wanted


def node(name: Any, *dependencies: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": f"id of {name}",
        "name": name,
        "node_type": "CODE_EXECUTION",
        "is_output_node": False,
        "configuration": {},
        "dependencies": list(dependencies),
        **more,
    }


def edge(source: str, target: str, *conditionals: Any, **more: Any) -> dict[str, Any]:
    ends = {"source_node_name": source, "target_node_name": target}
    return {"id": f"{source}>{target}", **ends, "is_and": True, "conditionals": list(conditionals), **more}


def document(*nodes: Any, edges: Any = (), **more: Any) -> dict[str, Any]:
    identity = {"workflow_id": 1, "workflow_name": "n", "version": 1, "workflow_version_id": 1}
    return {**identity, "nodes": list(nodes), "edges": list(edges), **more}


def links(workflow: Any) -> list[tuple[str, str, str]]:
    return [(link.kind, link.source.node, link.target.node) for link in workflow.graph.edges]


def found(workflow: Any) -> list[tuple[DiagnosticCode, str]]:
    return [(diagnostic.code, diagnostic.path) for diagnostic in workflow.diagnostics]
