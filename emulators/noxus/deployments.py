"""Deployments: an agent on a channel (widget, chat program, form), inactive until activated."""

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from emulators.noxus.errors import ApiError, not_found
from emulators.noxus.state import GROUP_ID, Record, newest_first
from emulators.noxus.validation import OBJECT, TEXT, UUID, Fields, canonical_uuid, one_of
from emulators.noxus.web import Call, RouteTable, page
from emulators.noxus.workflows import deleted

CHANNELS: Mapping[str, str] = {
    "embed_widget": "Website widget",
    "form": "Form",
    "slack": "Slack",
    "teams": "Microsoft Teams",
    "whatsapp": "WhatsApp",
    "email": "E-mail",
}


def list_channels(call: Call) -> list[Record]:
    """List the channels an agent can be deployed to."""
    return [{"channel_type": kind, "label": label, "available": True} for kind, label in CHANNELS.items()]


def _deployment(call: Call) -> Record:
    agent_id = call.agent()["id"]
    deployment = call.state.deployments.get(call.path_id("deployment_id"))
    if deployment is None or deployment["assistant_id"] != agent_id:
        raise not_found("Deployment")
    return deployment


def _version_id(call: Call, agent_id: str, given: str | None) -> str | None:
    versions = {version["id"] for version in call.state.agent_versions.get(agent_id, [])}
    if given is not None and canonical_uuid(given) not in versions:
        raise not_found("Agent version")
    return canonical_uuid(given) if given else None


def _free_alias(call: Call, alias: str | None, own: str | None = None) -> str | None:
    """Return an alias nobody else has; that a taken one is 409 is a guess."""
    taken = {one["alias"]: one["id"] for one in call.state.deployments.values() if one["alias"]}
    if alias in taken and taken[alias] != own:
        raise ApiError(409, "Alias already in use")
    return alias


def list_deployments(call: Call) -> list[Record]:
    """List an agent's deployments as a bare array."""
    agent_id = call.agent()["id"]
    found = [one for one in call.state.deployments.values() if one["assistant_id"] == agent_id]
    return newest_first(found)


def get_deployment(call: Call) -> Record:
    """Read a deployment."""
    return _deployment(call)


def create_deployment(call: Call) -> Response:
    """Create a deployment, inactive; answers 201 as the SDK's own tests have it."""
    record, fields, state = call.agent(), Fields(call.body()), call.state
    kind = fields.required("channel_type", one_of(tuple(CHANNELS)))
    name, alias = fields.optional("name", TEXT), fields.optional("alias", TEXT)
    config = fields.optional("config", OBJECT, {})
    version_id = fields.optional("assistant_version_id", UUID)
    fields.check()
    deployment = {
        "id": state.new_id(),
        "group_id": GROUP_ID,
        "assistant_id": record["id"],
        "assistant_version_id": _version_id(call, record["id"], version_id),
        "channel_type": kind,
        "name": name or CHANNELS[kind],
        "alias": _free_alias(call, alias),
        "config": config,
        "is_active": False,
        "created_at": state.now(),
        "updated_at": state.now(),
    }
    state.deployments[deployment["id"]] = deployment
    return JSONResponse(deployment, status_code=201)


def update_deployment(call: Call) -> Record:
    """Change the given fields of a deployment; a null alias clears it."""
    deployment, fields = _deployment(call), Fields(call.body())
    changes = {"name": fields.not_null("name", TEXT), "config": fields.not_null("config", OBJECT)}
    alias, version_id = fields.optional("alias", TEXT), fields.optional("assistant_version_id", UUID)
    fields.check()
    changes["alias"] = _free_alias(call, alias, deployment["id"])
    changes["assistant_version_id"] = _version_id(call, deployment["assistant_id"], version_id)
    deployment.update({name: value for name, value in changes.items() if name in fields.body})
    deployment["updated_at"] = call.state.now()
    return deployment


def delete_deployment(call: Call) -> Record | Response:
    """Delete a deployment, active or not."""
    del call.state.deployments[_deployment(call)["id"]]
    return deleted(call)


def activate(call: Call) -> Record:
    """Put a deployment live.

    Raises:
        ApiError: 400 without a pinned version; the vendor names the condition, not the status.
    """
    deployment = _deployment(call)
    if deployment["assistant_version_id"] is None:
        raise ApiError(400, "Pin an agent version before activating")
    deployment.update(is_active=True, updated_at=call.state.now())
    return deployment


def deactivate(call: Call) -> Record:
    """Take a deployment down."""
    deployment = _deployment(call)
    deployment.update(is_active=False, updated_at=call.state.now())
    return deployment


def list_deployment_events(call: Call) -> Record:
    """List what a deployment's trigger received."""
    deployment_id = _deployment(call)["id"]
    events = [one for one in call.state.deployment_events if one["deployment_id"] == deployment_id]
    return page(call, newest_first(events))


_ALL = "/v1/agents/{agent_id}/deployments"
_ONE = f"{_ALL}/{{deployment_id}}"
ROUTES: RouteTable = (
    ("GET", "/v1/channels", list_channels),
    ("GET", _ALL, list_deployments),
    ("POST", _ALL, create_deployment),
    ("GET", _ONE, get_deployment),
    ("PATCH", _ONE, update_deployment),
    ("DELETE", _ONE, delete_deployment),
    ("POST", f"{_ONE}/activate", activate),
    ("POST", f"{_ONE}/deactivate", deactivate),
    ("GET", f"{_ONE}/events", list_deployment_events),
)
