"""The canonical vocabulary as JSON Schema documents, for those who read it in another language."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.base import CanonicalModel, JsonObject
from schemas.diagnostics import Diagnostic, Loss
from schemas.graph import Graph
from schemas.listing import LabelPage, VersionPage, WorkflowPage
from schemas.problem import Problem
from schemas.runs import Run, RunEvent
from schemas.settings import Settings
from schemas.support import Support
from schemas.workflow import Label, Version, Workflow, WorkflowSummary
from schemas.writes import (
    AssistantResult,
    Conversion,
    LabelResult,
    LabelTarget,
    NewVersion,
    NewWorkflow,
    Promotion,
    RunStart,
    VersionResult,
    WriteResult,
)

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

MODELS: Final[Mapping[str, type[CanonicalModel]]] = MappingProxyType(
    {
        "workflow": Workflow,
        "workflow-summary": WorkflowSummary,
        "workflow-page": WorkflowPage,
        "version": Version,
        "version-page": VersionPage,
        "label": Label,
        "label-page": LabelPage,
        "graph": Graph,
        "settings": Settings,
        "diagnostic": Diagnostic,
        "loss": Loss,
        "problem": Problem,
        "support": Support,
        "new-workflow": NewWorkflow,
        "new-version": NewVersion,
        "label-target": LabelTarget,
        "promotion": Promotion,
        "conversion": Conversion,
        "run-start": RunStart,
        "write-result": WriteResult,
        "version-result": VersionResult,
        "label-result": LabelResult,
        "assistant-result": AssistantResult,
        "run": Run,
        "run-event": RunEvent,
    }
)
"""What is published, by the name in the document's address."""


def published() -> Mapping[str, JsonObject]:
    """Return every published JSON Schema document (draft 2020-12) by name, made anew.

    Each one is self-contained and describes what the gateway sends, `/schemas/<name>.json` being its `$id`.
    """
    return MappingProxyType({name: document(name) for name in MODELS})


def document(name: str) -> JsonObject:
    """Return one published document.

    Raises:
        KeyError: nothing is published under that name.
    """
    schema = MODELS[name].model_json_schema(mode="serialization")
    title = name.replace("-", " ").capitalize()
    return {"$schema": DIALECT, "$id": f"/schemas/{name}.json", **schema, "title": title}
