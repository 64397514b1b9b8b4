"""`/v1/workflows/{id}/versions`: named, mutable copies of a definition, told apart by their UUID only."""

from emulators.noxus.graph import check_definition
from emulators.noxus.state import OWNER_ID, Record, newest_first
from emulators.noxus.validation import OBJECT, TEXT, Fields
from emulators.noxus.web import Call, RouteTable


def list_versions(call: Call) -> list[Record]:
    """List a workflow's versions as a bare array, the newest first."""
    return newest_first(call.state.versions.get(call.workflow()["id"], {}).values())


def create_version(call: Call) -> Record:
    """Save a version; the workflow's own definition stays as it is."""
    workflow = call.workflow()
    fields = Fields(call.body())
    name, definition = fields.required("name", TEXT), fields.required("definition", OBJECT)
    description = fields.optional("description", TEXT)
    check_definition(fields, definition)
    fields.check()
    version = {
        "id": call.state.new_id(),
        "name": name,
        "description": description,
        "created_at": call.state.now(),
        "created_by": OWNER_ID,
        "definition": definition,
    }
    call.state.versions.setdefault(workflow["id"], {})[version["id"]] = version
    return version


def update_version(call: Call) -> Record:
    """Change a version in place; keys that are absent stay as they are."""
    version = call.state.version(call.workflow()["id"], call.path_id("version_id"))
    fields = Fields(call.body())
    name, definition = fields.not_null("name", TEXT), fields.not_null("definition", OBJECT)
    description = fields.optional("description", TEXT)
    check_definition(fields, definition)
    fields.check()
    given = {"name": name, "description": description, "definition": definition}
    version.update({key: value for key, value in given.items() if key in fields.body})
    return version


ROUTES: RouteTable = (
    ("GET", "/v1/workflows/{workflow_id}/versions", list_versions),
    ("POST", "/v1/workflows/{workflow_id}/versions", create_version),
    ("PATCH", "/v1/workflows/{workflow_id}/versions/{version_id}", update_version),
)
