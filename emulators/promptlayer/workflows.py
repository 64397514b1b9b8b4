"""Handlers of the workflow routes: list, read, labels, create, patch."""

from starlette.responses import JSONResponse, Response

from emulators.promptlayer import graph, listing, views
from emulators.promptlayer import variants as v
from emulators.promptlayer.calls import Call
from emulators.promptlayer.errors import refusal
from emulators.promptlayer.external_ids import check_free, read_external_ids
from emulators.promptlayer.records import ExternalId, Version, Workflow
from emulators.promptlayer.shared import Shared
from emulators.promptlayer.state import Content
from emulators.promptlayer.validation import Body, Complaints, Query


class WorkflowHandlers:
    """Reads and writes of workflows."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared

    async def list_all(self, call: Call) -> Response:
        """GET /workflows."""
        page, per_page = listing.read_page(call.query)
        filters = listing.read_filters(Query(call.query, Complaints()))
        state, hide = self.shared.state, v.DELETED_HIDDEN in self.shared.variants
        found = [
            workflow
            for workflow in state.workflows.values()
            if filters.keep(workflow, state.users) and not (hide and workflow.is_deleted)
        ]
        found.sort(key=listing.sort_key(filters.sort_by), reverse=filters.descending)
        return JSONResponse(listing.page_of(found, page, per_page))

    async def read(self, call: Call) -> Response:
        """GET /workflows/{id_or_name}."""
        complaints = Complaints()
        query = Query(call.query, complaints)
        number, label = query.integer("version", above=0), query.text("label")
        complaints.settle()
        self.shared.forbid_both(number, label, "version and label are mutually exclusive")
        workflow = self.shared.workflow(call.captured[0])
        version = self.shared.version(workflow, number, label)
        return JSONResponse(views.workflow(workflow, version, self.shared.variants))

    async def labels(self, call: Call) -> Response:
        """GET /workflows/{id_or_name}/labels."""
        return JSONResponse(views.labels(self.shared.workflow(call.captured[0])))

    async def create(self, call: Call) -> Response:
        """POST /rest/workflows: a new workflow, or a new version of one that is there."""
        complaints = Complaints()
        body = Body(await call.body(), complaints)
        content = Content(
            nodes=graph.read_nodes(body),
            edges=graph.read_edges(body) or [],
            variables=body.string_mapping("required_input_variables") or {},
            commit_message=body.text("commit_message", nullable=True),
        )
        labels = body.strings("release_labels", nullable=True)
        mappings = read_external_ids(body)
        target = _Target(body)
        complaints.settle()
        graph.check(content.nodes, content.edges, content.variables)
        workflow = self._target(target, mappings)
        return self._store(workflow, content, None, labels)

    def _target(self, target: "_Target", mappings: list[ExternalId]) -> Workflow:
        """Find or add the workflow a creation is for, and attach its external ids."""
        state = self.shared.state
        existing = target.existing(self.shared)
        check_free(state, mappings, existing)
        if existing is None:
            target.check_new(self.shared)
            existing = state.add_workflow(target.name, target.folder_id)
        existing.external_ids += [entry for entry in mappings if entry not in existing.external_ids]
        return existing

    async def patch(self, call: Call) -> Response:
        """PATCH /rest/workflows/{id_or_name}: a new version merged from a base version."""
        complaints = Complaints()
        body = Body(await call.body(), complaints)
        number = body.integer("base_version", nullable=True)
        message = body.text("commit_message", nullable=True)
        changes = graph.read_changes(body, complaints)
        variables = body.string_mapping("required_input_variables", nullable=True)
        edges = graph.read_edges(body)
        labels = body.strings("release_labels", nullable=True)
        complaints.settle()
        workflow = self.shared.workflow(call.captured[0])
        base = workflow.version(number)
        if base is None:
            raise refusal(404, "Base version not found")
        removed = [name for name, change in changes.items() if change is None]
        content = Content(
            nodes=graph.merge_nodes(base, changes),
            edges=graph.copied_edges(base, removed) if edges is None else edges,
            variables=base.variables if variables is None else variables,
            commit_message=message,
            # What nobody documented is taken for something that a merge copies too (inferred).
            extra=dict(base.extra),
        )
        graph.check(content.nodes, content.edges, content.variables)
        return self._store(workflow, content, base, labels)

    def _store(
        self, workflow: Workflow, content: Content, base: Version | None, labels: list[str] | None
    ) -> Response:
        version = self.shared.state.add_version(workflow, content)
        self.shared.state.set_labels(workflow, labels or [], version)
        number = base.number if base else None
        document = views.written(workflow, version, number, labels, self.shared.variants)
        return JSONResponse(document, status_code=201)


class _Target:
    """What a creation says about where its version belongs."""

    def __init__(self, body: Body) -> None:
        self.name = body.text("name", nullable=True, longest=graph.LONGEST_NAME)
        self.workflow_id = body.integer("workflow_id", nullable=True)
        self.workflow_name = body.text("workflow_name", nullable=True)
        self.folder_id = body.integer("folder_id", nullable=True)

    def existing(self, shared: Shared) -> Workflow | None:
        """Return the workflow a new version is for, or None when a new workflow is wanted."""
        if self.workflow_id is None and self.workflow_name is None:
            return None
        if self.name is not None or (self.workflow_id is not None and self.workflow_name is not None):
            raise refusal(400, "Provide one of name, workflow_id and workflow_name")
        state = shared.state
        if self.workflow_id is not None:
            found = state.by_id(self.workflow_id)
        else:
            found = next((one for one in state.living() if one.name == self.workflow_name), None)
        if found is None:
            raise refusal(404, "Workflow not found")
        return found

    def check_new(self, shared: Shared) -> None:
        """Refuse a name that is taken and a folder that is not there."""
        if any(workflow.name == self.name for workflow in shared.state.living()):
            raise refusal(400, f"A workflow named '{self.name}' already exists")
        if self.folder_id is not None and self.folder_id not in shared.state.folders:
            raise refusal(404, "Folder not found")
