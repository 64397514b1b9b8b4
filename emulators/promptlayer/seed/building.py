"""Builders of the seed: nodes, edges, releases, workflows."""

import uuid
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from emulators.promptlayer.records import Document, ExternalId, Version, Workflow
from emulators.promptlayer.state import State

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://promptlayer.example/emulator")
LOOP_VARIABLES = frozenset({"loop_index", "previous_outputs", "_iterator_item"})


def at(text: str) -> datetime:
    """Return a UTC time from `2026-09-01T08:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Release:
    """One version as it was saved; labels it took away from an earlier one move."""

    at: datetime
    message: str | None
    nodes: Sequence[Document]
    edges: Sequence[Document] = ()
    variables: Mapping[str, str] | None = field(default_factory=dict)
    labels: Sequence[str] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    dated: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """One workflow of the seed."""

    workflow_id: int
    name: str
    author: int | None
    releases: Sequence[Release]
    folder: int | None = None
    created: datetime | None = None
    external_ids: Sequence[ExternalId] = ()
    deleted: bool = False


def release_all(state: State, drafts: Sequence[Draft]) -> None:
    """Add every workflow, then every version in the order of its time, so that numbers grow with time."""
    for draft in drafts:
        born = draft.created or draft.releases[0].at
        state.workflows[draft.workflow_id] = Workflow(
            draft.workflow_id, draft.name, draft.author, draft.folder, born, born, draft.deleted
        )
        state.workflows[draft.workflow_id].external_ids += draft.external_ids
        state.reserve("workflow", draft.workflow_id)
    released = [(draft, release) for draft in drafts for release in draft.releases]
    for draft, release in sorted(released, key=lambda pair: (pair[1].at, pair[0].workflow_id)):
        _save(state, state.workflows[draft.workflow_id], release)


def _save(state: State, workflow: Workflow, release: Release) -> None:
    number = len(workflow.versions) + 1
    version = Version(
        number=number,
        version_id=state.number("version"),
        nodes=_with_ids(release.nodes, f"{workflow.workflow_id}/{number}/node"),
        edges=_with_ids(release.edges, f"{workflow.workflow_id}/{number}/edge"),
        variables=None if release.variables is None else dict(release.variables),
        commit_message=release.message,
        created_at=release.at if release.dated else None,
        extra=dict(release.extra),
    )
    workflow.versions.append(version)
    workflow.updated_at = release.at
    state.set_labels(workflow, release.labels, version)


def _with_ids(documents: Sequence[Document], path: str) -> list[Document]:
    return [
        {"id": str(uuid.uuid5(NAMESPACE, f"{path}/{index}")), **deepcopy(document)}
        for index, document in enumerate(documents)
    ]


def node(
    name: str, kind: str, configuration: Mapping[str, Any], needs: Sequence[str] = (), *, output: bool = False
) -> Document:
    """Return a node of any type."""
    return {
        "name": name,
        "node_type": kind,
        "is_output_node": output,
        "configuration": dict(configuration),
        "dependencies": list(dict.fromkeys(needs)),
    }


def prompt(
    name: str,
    template: str,
    mappings: Mapping[str, str],
    *,
    after: Sequence[str] = (),
    output: bool = False,
    **reference: object,
) -> Document:
    """Return a prompt node that refers to a registered template; `label` or `version_number` pin it."""
    configuration = {
        "template": {"name": template, **reference},
        "prompt_template_variable_mappings": dict(mappings),
    }
    return node(name, "PROMPT_TEMPLATE", configuration, [*mappings.values(), *after], output=output)


def inline(
    name: str, system: str, user: str, model: str, mappings: Mapping[str, str], *, output: bool = False
) -> Document:
    """Return a prompt node that carries its own messages; `model` is `provider/name@temperature`."""
    provider, _, rest = model.partition("/")
    model_name, _, temperature = rest.partition("@")
    messages = [
        {"role": role, "content": [{"type": "text", "text": text}], "template_format": "f-string"}
        for role, text in (("system", system), ("user", user))
    ]
    parameters = {"temperature": float(temperature or 1), "max_tokens": 800}
    configuration = {
        "inline_template": {
            "inline": True,
            "prompt_template": {"type": "chat", "messages": messages},
            "metadata": {"model": {"provider": provider, "name": model_name, "parameters": parameters}},
        },
        "prompt_template_variable_mappings": dict(mappings),
    }
    return node(name, "PROMPT_TEMPLATE", configuration, list(mappings.values()), output=output)


def constant(name: str, value: Any) -> Document:
    """Return a VARIABLE node: text as it is, everything else as JSON."""
    kind = "string" if isinstance(value, str) else "json"
    return node(name, "VARIABLE", {"value": {"type": kind, "value": value}})


def code(name: str, source: str, *needs: str, language: str = "PYTHON", output: bool = False) -> Document:
    """Return a CODE_EXECUTION node."""
    return node(name, "CODE_EXECUTION", {"code": source, "language": language}, needs, output=output)


def of_source(kind: str, name: str, source: str, *, output: bool = False, **configuration: Any) -> Document:
    """Return a node that looks at one other: JSON_PATH, COUNT, REGEX, ..."""
    return node(name, kind, {"source": source, **configuration}, [source], output=output)


def of_sources(kind: str, name: str, *sources: str, output: bool = False, **configuration: Any) -> Document:
    """Return a node that looks at several others: COMPARE, COALESCE, MATH_OPERATOR, ..."""
    return node(name, kind, {"sources": list(sources), **configuration}, sources, output=output)


def calling(
    kind: str, name: str, mappings: Mapping[str, str], *, output: bool = False, **configuration: Any
) -> Document:
    """Return a node that hands values to something else: WORKFLOW, MCP."""
    needs = list(mappings.values())
    return node(name, kind, {**configuration, "input_mappings": dict(mappings)}, needs, output=output)


def loop(
    kind: str, name: str, mappings: Mapping[str, str], *, output: bool = False, **configuration: Any
) -> Document:
    """Return a FOR_LOOP or WHILE_LOOP; the loop's own variables are not dependencies."""
    named = [
        *mappings.values(),
        *([configuration["iterator_source"]] if "iterator_source" in configuration else []),
    ]
    needs = [value for value in named if value not in LOOP_VARIABLES]
    return node(name, kind, {**configuration, "variable_mappings": dict(mappings)}, needs, output=output)


def edge(source: str, target: str, *rules: Document, any_of: bool = False) -> Document:
    """Return a conditional edge."""
    return {
        "source_node_name": source,
        "target_node_name": target,
        "is_and": not any_of,
        "conditionals": [{"position": position, **rule} for position, rule in enumerate(rules)],
    }


def rule(operator: str, left: str, right: Any = None) -> Document:
    """Return a conditional between a node and a constant."""
    return {
        "operator": operator,
        "left_config": _named(left),
        "right_config": {"type": "static_value", "static_value": right},
    }


def rule_between(operator: str, left: str, right: str) -> Document:
    """Return a conditional between two nodes."""
    return {"operator": operator, "left_config": _named(left), "right_config": _named(right)}


def _named(name: str) -> Document:
    return {"type": "source", "source": {"name": name}}
