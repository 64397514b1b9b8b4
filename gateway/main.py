"""The entry points of a server process: from the environment's configuration to a running application."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from pydantic import ValidationError

from adapters.addresses import is_loopback
from adapters.contract import Vendor
from adapters.registry import load_all
from gateway.app import create_app
from gateway.audit.building import try_audit_file
from gateway.edge.asgi import Application
from gateway.edge.clients import Clients
from gateway.edge.hits import HitLayer
from gateway.edge.protocol import GuardedProtocol, ShortWayProtocol
from gateway.environment import Secret, config_path
from gateway.generations import Generations
from gateway.passthrough.ports import PortLayer
from gateway.plan import Plan
from gateway.settings import (
    ConfigInvalid,
    Issue,
    ServerSettings,
    Settings,
    load_with_vendors,
    read_credentials,
)
from gateway.telemetry import logs
from gateway.telemetry.metrics import Metrics


def create() -> Application:
    """Return the application of the configuration that the environment names; for any ASGI server's factory option.

    Raises:
        ConfigInvalid: the configuration or a credential cannot be used.
    """
    path = config_path()
    return living(lambda: prepare(path))


def prepare(
    path: Path, *, host: str | None = None, port: int | None = None, workers: int | None = None
) -> tuple[Settings, Mapping[str, Vendor], Mapping[str, Secret]]:
    """Return checked settings, the vendors and the connections' credentials.

    Args:
        path: the configuration file.
        host: where to listen, instead of the file's.
        port: likewise.
        workers: how many processes, instead of the file's.

    Raises:
        ConfigInvalid: the configuration, a credential or the audit log cannot be used.
    """
    loaded, vendors = load_with_vendors(path, load_all())
    settings = _listening(loaded, {"host": host, "port": port, "workers": workers})
    try_audit_file(settings)
    return settings, vendors, read_credentials(settings)


def _listening(settings: Settings, asked: Mapping[str, str | int | None]) -> Settings:
    given = {name: value for name, value in asked.items() if value is not None}
    try:
        server = ServerSettings.model_validate({**settings.server.model_dump(), **given})
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigInvalid([Issue(f"--{first['loc'][0]}", None, "", str(first["msg"]))]) from error
    if not settings.callers and not is_loopback(server.host):
        message = "listening beyond this machine needs at least one caller in the configuration"
        raise ConfigInvalid([Issue("--host", None, "", message)])
    return settings.model_copy(update={"server": server})


def build(
    settings: Settings,
    vendors: Mapping[str, Vendor],
    secrets: Mapping[str, Secret],
    metrics: Metrics | None = None,
) -> Application:
    """Return the application, with logs set up so that they show no credential.

    Args:
        settings: checked settings.
        vendors: every vendor by name.
        secrets: as `read_credentials` returns them.
        metrics: this worker's; when None there is no other worker.
    """
    set_up_logs(settings, secrets)
    return create_app(settings, vendors, secrets, metrics=metrics)


def living(
    read: Callable[[], tuple[Settings, Mapping[str, Vendor], Mapping[str, Secret]]],
) -> Generations:
    """Return the application of what is read, that can read it anew, with logs set up so that they show no credential.

    Raises:
        ConfigInvalid: the configuration or a credential cannot be used.
    """
    first = Plan(*read())
    set_up_logs(first.settings, first.secrets)
    return Generations(first, lambda: Plan(*read()))


def set_up_logs(settings: Settings, *secrets: Mapping[str, Secret]) -> None:
    """Set up the logs so that they show no credential, be it of this configuration or of one before."""
    hidden = [secret.reveal() for each in secrets for secret in each.values()]
    logs.configure(settings.server.log_level, settings.server.log_format, hidden)


def server(application: Application, host: str, port: int, clients: Clients | None = None) -> uvicorn.Server:
    """Return a server for the application that is not started yet.

    Args:
        application: with the short way in front, where it has one.
        host: an address of this machine.
        port: 0 to 65535.
        clients: the connections of the process; None for a server that is the only one.
    """
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        http=_protocol(application, clients or Clients(ServerSettings())),
        **_plainly(),
        lifespan="on",
    )
    return uvicorn.Server(config)


def port_server(
    application: Application, connection: str, listening: tuple[str, int], clients: Clients | None = None
) -> uvicorn.Server:
    """Return a server for a connection's own port, beside the one that starts and ends the application.

    Args:
        application: as for `server`.
        connection: its name.
        listening: host and port.
        clients: as for `server`.
    """
    host, port = listening
    config = uvicorn.Config(
        PortLayer(application, connection),
        host=host,
        port=port,
        http=_plain_protocol(clients or Clients(ServerSettings())),
        **_plainly(),
        lifespan="off",
    )
    return uvicorn.Server(config)


def _plainly() -> dict[str, Any]:
    """Return what every server leaves out of what uvicorn could do."""
    return {
        "proxy_headers": False,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "timeout_graceful_shutdown": 10,
        # What one read of a socket brings could unpack to a thousand times as much, before anybody could count it.
        "ws_per_message_deflate": False,
    }


def _protocol(application: Application, clients: Clients) -> Any:
    """Return what uvicorn speaks HTTP with: with the short way where the application has one."""
    if isinstance(application, HitLayer | Generations):
        return partial(ShortWayProtocol, application, clients)
    return _plain_protocol(clients)


def _plain_protocol(clients: Clients) -> Any:
    return partial(GuardedProtocol, clients)
