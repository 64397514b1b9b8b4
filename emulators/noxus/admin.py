"""Who the key is, and which nodes there are: the two calls every SDK client makes first."""

from emulators.noxus.catalogue import node_catalogue
from emulators.noxus.state import KEY_ID, KEY_NAME, Record
from emulators.noxus.web import Call, RouteTable

DELETE_HISTORY = "resource:delete_history"


def permissions(call: Call) -> list[str]:
    """Return the key's permissions; only a platform administrator can grant the deleting of runs."""
    return [] if call.variant("no_delete_history") else [DELETE_HISTORY]


def me(call: Call) -> Record:
    """Describe the caller's key; showing only its beginning is a guess."""
    key = call.backend.options.api_key
    return {
        "id": KEY_ID,
        "name": KEY_NAME,
        "tenant_admin": False,
        "value": f"{key[:6]}...",
        "permissions": permissions(call),
    }


def nodes(call: Call) -> list[Record]:
    """List the node types."""
    return node_catalogue()


ROUTES: RouteTable = (
    ("GET", "/v1/admin/me", me),
    ("GET", "/v1/nodes", nodes),
)
