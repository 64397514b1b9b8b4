"""Folders under /api/public/v2: create, rename, resolve a path."""

from starlette.responses import JSONResponse, Response

from emulators.promptlayer import variants as v
from emulators.promptlayer import views
from emulators.promptlayer.calls import Call
from emulators.promptlayer.errors import refusal
from emulators.promptlayer.external_ids import check_free, read_external_ids
from emulators.promptlayer.records import Folder
from emulators.promptlayer.shared import Shared
from emulators.promptlayer.state import WORKSPACE
from emulators.promptlayer.validation import Body, Complaints, Query, integer_of

LONGEST_NAME = 255


class FolderHandlers:
    """One folder at a time: create, rename, resolve."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared

    async def create(self, call: Call) -> Response:
        """POST /api/public/v2/folders."""
        complaints = Complaints()
        body = Body(await call.body(), complaints)
        name = body.text("name", required=True, longest=LONGEST_NAME)
        parent_id = body.integer("parent_id", nullable=True)
        workspace_id = body.integer("workspace_id", least=1)
        mappings = read_external_ids(body)
        complaints.settle()
        check_workspace(workspace_id)
        state = self.shared.state
        if parent_id is not None and parent_id not in state.folders:
            raise refusal(404, "Parent folder not found")
        check_name(self.shared, name or "", parent_id)
        check_free(state, mappings, None)
        folder = state.add_folder(name or "", parent_id)
        folder.external_ids += mappings
        return self._answer(folder, 201)

    async def rename(self, call: Call) -> Response:
        """PATCH /api/public/v2/folders/{folder_id}."""
        complaints = Complaints()
        number = integer_of(call.captured[0])
        if number is None:
            message = "Input should be a valid integer, unable to parse string as an integer"
            complaints.add(("path", "folder_id"), message, "int_parsing")
        name = Body(await call.body(), complaints).text("name", required=True, longest=LONGEST_NAME)
        complaints.settle()
        folder = self.shared.state.folders.get(number or 0)
        if folder is None:
            raise refusal(404, "Folder not found")
        if name != folder.name:
            check_name(self.shared, name or "", folder.parent_id)
        folder.name = name or ""
        folder.updated_at = self.shared.state.clock()
        return self._answer(folder, 200)

    def _answer(self, folder: Folder, status: int) -> Response:
        above = self.shared.state.folder_path(folder.parent_id)
        document = {"success": True, "folder": views.folder(folder, above, self.shared.variants)}
        return JSONResponse(document, status)

    async def resolve(self, call: Call) -> Response:
        """GET /api/public/v2/folders/resolve-id: the id behind a path of names with dots between."""
        query_workspace(self.shared, call)
        complaints = Complaints()
        path = Query(call.query, complaints).text("path", required=True)
        complaints.settle()
        state = self.shared.state
        for folder in state.folders.values():
            if ".".join(one.name for one in state.folder_path(folder.folder_id)) == path:
                return JSONResponse({"id": folder.folder_id})
        raise refusal(404, "Folder path not found")


def check_workspace(workspace_id: int | None) -> None:
    """Refuse a workspace the key does not belong to.

    Raises:
        ApiError: 400.
    """
    if workspace_id not in (None, WORKSPACE):
        raise refusal(400, "Invalid workspace_id")


def query_workspace(shared: Shared, call: Call) -> None:
    """Refuse a query without a workspace_id (unless the variant allows it) or with a foreign one.

    Raises:
        ApiError: 400 missing or foreign, 422 not an integer.
    """
    complaints = Complaints()
    workspace_id = Query(call.query, complaints).integer("workspace_id")
    complaints.settle()
    if workspace_id is None and v.NO_WORKSPACE_NEEDED not in shared.variants:
        raise refusal(400, "Missing workspace_id")
    check_workspace(workspace_id)


def check_name(shared: Shared, name: str, parent_id: int | None) -> None:
    """Refuse a folder name that a sibling has.

    Raises:
        ApiError: 400; the dossier's 409 is, in the OpenAPI file, for external ids.
    """
    siblings, _ = shared.state.inside(parent_id)
    if any(sibling.name == name for sibling in siblings):
        raise refusal(400, f"A folder named '{name}' already exists at this level")
