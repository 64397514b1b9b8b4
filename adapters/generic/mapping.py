"""A described vendor's documents and the canonical model. Pure: no I/O, inputs never changed."""

from typing import Any, cast

from adapters.contract import Fetched, Rendered
from adapters.errors import VendorSurprise
from adapters.evidence import Evidence, Findings
from adapters.generic.description import Description, VersionPlaces, WorkflowPlaces
from adapters.generic.expressions import Expression
from adapters.generic.graph import graph_reading, read_graph
from adapters.generic.reading import Reader, Tree, rest, tree_of
from adapters.generic.render import render
from adapters.generic.settings import read_settings, settings_of
from adapters.generic.summary import read_version, summary_fields
from schemas.base import JsonObject, JsonValue
from schemas.drafts import WorkflowDraft, WorkflowSummaryDraft
from schemas.workflow import Workflow, WorkflowSummary


class DescribedMapping:
    """Implements `adapters.contract.Translates`."""

    __slots__ = ("_description", "_graph", "_name", "_settings", "_tree")

    def __init__(self, name: str, description: Description) -> None:
        """Make the reading of a vendor's documents ready."""
        self._name = name
        self._description = description
        self._graph = graph_reading(description, name)
        self._settings = settings_of(description.workflow.settings)
        self._tree = workflow_tree(description)

    def draft(self, fetched: Fetched, connection: str) -> WorkflowDraft:
        """Return the canonical workflow as plain values.

        With a version document the graph is that version's, and so is `version`; everything else is the workflow's.

        Raises:
            VendorSurprise: it is no object, or has no id.
        """
        findings = Findings()
        record = Reader(Evidence(_checked(fetched.document), findings))
        places = self._description.workflow
        fields = summary_fields(record, places)
        content = record
        if fetched.version_document is not None:
            content = Reader(Evidence(fetched.version_document, findings))
            fields["version"] = read_version(content, self._version_places(), places.times)
        graph, decoded = read_graph(content, self._graph)
        settings = read_settings(record, self._settings)
        handler = record.identifier(places.error_handler)
        draft = {
            "connection": connection,
            "vendor": self._name,
            **fields,
            "inputs": (),
            "outputs": (),
            "graph": graph,
            "extensions": self._extensions(record.evidence.fields, decoded),
            "digest": "",
            "diagnostics": findings.all(),
        }
        if settings is not None:
            draft["settings"] = settings
        if handler:
            draft["error_handler"] = {"id": handler}
        return cast("WorkflowDraft", draft)

    def draft_summary(self, item: JsonValue, connection: str) -> WorkflowSummaryDraft:
        """Return the short form of one item of a listing as plain values.

        Raises:
            VendorSurprise: it is no object, or has no id.
        """
        record = Reader(Evidence(_checked(item), Findings()))
        fields = summary_fields(record, self._description.workflow)
        return cast("WorkflowSummaryDraft", {"connection": connection, "vendor": self._name, **fields})

    def parse(self, fetched: Fetched, connection: str) -> Workflow:
        """Return the canonical workflow."""
        return Workflow.model_validate(self.draft(fetched, connection))

    def parse_summary(self, item: JsonValue, connection: str) -> WorkflowSummary:
        """Return the short form of one item of a listing."""
        return WorkflowSummary.model_validate(self.draft_summary(item, connection))

    def render(self, workflow: Workflow, base: JsonObject | None = None) -> Rendered:
        """Return a native document, written over `base` where there is one."""
        places = self._description.workflow
        if base is None:
            return render(workflow, None, {}, places)
        return render(workflow, self.parse(Fetched(base), workflow.connection), base, places)

    def _version_places(self) -> VersionPlaces:
        description = self._description
        for call in (description.get_version, description.get_label, description.list_versions):
            if call is not None and call.version is not None:
                return call.version
        return description.workflow.version or VersionPlaces()

    def _extensions(self, document: JsonObject, decoded: JsonObject) -> dict[str, JsonObject]:
        left = rest(document, self._tree)
        at = self._description.graph.at.names
        if decoded and at:
            branch = self._tree
            for name in at:
                branch = branch.get(name, {})
            inner = rest(decoded, decoded_tree(self._description))
            if inner:
                left[at[-1]] = inner
        return {self._name: left} if left else {}


def workflow_tree(description: Description) -> Tree:
    """Return the fields of a workflow that have a place."""
    graph, edges = description.graph, description.graph.edges
    at = graph.at.names or ()
    content = [graph.nodes] if edges.style == "wires" else [graph.nodes, edges.at]
    inside = (_below(at, place) for place in content)
    return tree_of((*places_of(description.workflow), *([graph.at] if graph.encoded else inside)))


def decoded_tree(description: Description) -> Tree:
    """Return the fields that are read, or left out, of a graph that was JSON in a text."""
    graph = description.graph
    at = graph.at.names or ()
    below = [
        Expression(place.text, place.names[len(at) :], place.search)
        for place in description.workflow.left_out
        if place.names is not None and place.names[: len(at)] == at and len(place.names) > len(at)
    ]
    return tree_of((graph.nodes, graph.edges.at, *below))


def places_of(places: WorkflowPlaces) -> list[Expression]:
    """Return every place that a description gives for a workflow's facts."""
    parts: list[Any] = [getattr(places, name) for name in WorkflowPlaces.model_fields]
    parts += [places.kind and places.kind.at, places.status and places.status.at]
    if places.version is not None:
        parts += [getattr(places.version, name) for name in VersionPlaces.model_fields]
    for group in places.settings.values():
        parts += group.values()
    return [part for part in (*parts, *places.left_out) if isinstance(part, Expression)]


def _below(at: tuple[str, ...], place: Expression) -> Expression:
    return Expression(place.text, (*at, *(place.names or ())), place.search)


def _checked(document: JsonValue) -> JsonObject:
    if not isinstance(document, dict):
        raise VendorSurprise("the vendor gave something that is not a workflow")
    return document
