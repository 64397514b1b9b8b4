"""What lies in folders, under /api/public/v2/folders/entities: browse, move, delete.

Deleting a workflow is only possible here. The workspace of the emulator holds folders and workflows, so
the other entity types are known words that name nothing.
"""

from collections.abc import Sequence

from starlette.responses import JSONResponse, Response

from emulators.promptlayer import listing, views
from emulators.promptlayer.calls import Call
from emulators.promptlayer.errors import refusal
from emulators.promptlayer.folders import check_name, check_workspace, query_workspace
from emulators.promptlayer.records import Document, Folder, Workflow
from emulators.promptlayer.shared import Shared
from emulators.promptlayer.validation import Body, Complaints, Query

ENTITY_TYPES = (
    "FOLDER",
    "PROMPT",
    "SNIPPET",
    "WORKFLOW",
    "DATASET",
    "REPORT",
    "AB_TEST",
    "INPUT_VARIABLE_SET",
)


class EntityHandlers:
    """What lies in folders: browse, move, delete."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared

    async def browse(self, call: Call) -> Response:
        """GET /api/public/v2/folders/entities; there is no paging."""
        query_workspace(self.shared, call)
        complaints = Complaints()
        query = Query(call.query, complaints)
        folder_id = query.integer("folder_id")
        flatten, metadata = query.boolean("flatten"), query.boolean("include_metadata")
        semantic, search = query.boolean("semantic_search"), query.text("search_query")
        types = call.request.query_params.getlist("filter_type")
        for _ in [word for word in types if word not in ENTITY_TYPES]:
            query.choice("filter_type", ENTITY_TYPES)
        filters = listing.read_filters(query)
        if semantic and search is None:
            raise refusal(422, "semantic_search requires search_query")
        if folder_id is not None and folder_id not in self.shared.state.folders:
            raise refusal(404, "Folder not found")
        # Nothing here carries a tag, so a filter by tags leaves nothing.
        records = [] if "tags" in call.query else self._records(folder_id, flatten)
        kept = [
            record
            for record in records
            if filters.keep(record, self.shared.state.users)
            and (not types or _type(record) in types)
            and (search or "").casefold() in record.name.casefold()
        ]
        if filters.sort_by is not None:
            kept.sort(key=listing.sort_key(filters.sort_by), reverse=filters.descending)
        return JSONResponse({"entities": [self._entity(record, metadata) for record in kept]})

    def _records(self, folder_id: int | None, flatten: bool) -> list[Folder | Workflow]:  # noqa: FBT001 - private
        folders, workflows = self.shared.state.inside(folder_id)
        below = [self._records(folder.folder_id, flatten) for folder in folders] if flatten else []
        return [*folders, *workflows, *(record for records in below for record in records)]

    def _entity(self, record: Folder | Workflow, metadata: bool) -> Document:  # noqa: FBT001 - private
        parent_id = record.parent_id if isinstance(record, Folder) else record.folder_id
        state, on = self.shared.state, self.shared.variants
        document: Document = {
            "id": record.entity_id,
            "name": record.name,
            "type": _type(record),
            "created_at": views.moment(record.created_at, on),
            "updated_at": views.moment(record.updated_at, on),
            "folder_id": parent_id,
            "path": [folder.name for folder in state.folder_path(parent_id)],
            "metadata": None,
            "created_by_email": None if record.user_id is None else state.users.get(record.user_id),
            "external_ids": views.external_ids(record.external_ids),
        }
        if metadata:
            latest = record.version() if isinstance(record, Workflow) else None
            document["metadata"] = (
                {}
                if isinstance(record, Folder)
                else {"latest_version_number": latest.number if latest else None}
            )
        return document

    async def move(self, call: Call) -> Response:
        """POST /api/public/v2/folders/entities: into a folder, or to the root."""
        complaints = Complaints()
        body = Body(await call.body(), complaints)
        references = _read_references(body)
        folder_id = body.integer("folder_id", nullable=True)
        workspace_id = body.integer("workspace_id")
        complaints.settle()
        check_workspace(workspace_id)
        records = self._named(references)
        if folder_id is not None and folder_id not in self.shared.state.folders:
            raise refusal(404, "Folder not found")
        above = self.shared.state.folder_path(folder_id)
        folders = [record for record in records if isinstance(record, Folder)]
        for folder in folders:
            if folder in above:
                raise refusal(400, "A folder cannot be moved into itself")
            if folder.parent_id != folder_id:
                check_name(self.shared, folder.name, folder_id)
        for record in records:
            if isinstance(record, Folder):
                record.parent_id = folder_id
            else:
                record.folder_id = folder_id
        return JSONResponse({"moved_count": len(records)})

    async def delete(self, call: Call) -> Response:
        """DELETE /api/public/v2/folders/entities; a workflow is marked deleted (inferred), its id stays."""
        complaints = Complaints()
        body = Body(await call.body(), complaints)
        references = _read_references(body)
        cascade = body.boolean("cascade")
        workspace_id = body.integer("workspace_id")
        complaints.settle()
        check_workspace(workspace_id)
        records = self._named(references)
        for record in records:
            if isinstance(record, Folder) and not cascade and any(self._inside(record)):
                raise refusal(400, "Folder is not empty. Use cascade=true to delete its contents")
        for record in records:
            self._remove(record)
        # The OpenAPI file has this name for deletions too.
        return JSONResponse({"moved_count": len(records)})

    def _inside(self, folder: Folder) -> tuple[list[Folder], list[Workflow]]:
        return self.shared.state.inside(folder.folder_id)

    def _remove(self, record: Folder | Workflow) -> None:
        if isinstance(record, Workflow):
            record.is_deleted = True
            return
        for inner in [inner for group in self._inside(record) for inner in group]:
            self._remove(inner)
        self.shared.state.folders.pop(record.folder_id, None)

    def _named(self, references: Sequence[tuple[str, int]]) -> list[Folder | Workflow]:
        records: list[Folder | Workflow] = []
        for kind, number in references:
            record = self._one(kind, number)
            if record is None:
                raise refusal(404, f"{kind} {number} not found")
            records.append(record)
        return records

    def _one(self, kind: str, number: int) -> Folder | Workflow | None:
        if kind == "FOLDER":
            return self.shared.state.folders.get(number)
        return self.shared.state.by_id(number) if kind == "WORKFLOW" else None


def _read_references(body: Body) -> list[tuple[str, int]]:
    read = [
        (entry.text("type", required=True), entry.integer("id", required=True, least=1))
        for entry in body.objects("entities", required=True)
    ]
    body.complaints.settle()
    for kind, _ in read:
        if kind not in ENTITY_TYPES:
            raise refusal(400, f"Invalid entity type: {kind}")
    return [(kind or "", number or 0) for kind, number in read]


def _type(record: Folder | Workflow) -> str:
    return "FOLDER" if isinstance(record, Folder) else "WORKFLOW"
