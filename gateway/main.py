"""The entry points of a server process: from the environment's configuration to a running application."""

from collections.abc import Mapping
from pathlib import Path

import uvicorn
from pydantic import ValidationError

from adapters.contract import Vendor
from adapters.registry import load_all
from gateway.app import create_app
from gateway.edge.asgi import Application
from gateway.environment import Secret, config_path
from gateway.settings import (
    ConfigInvalid,
    Issue,
    ServerSettings,
    Settings,
    load_with_vendors,
    read_credentials,
)
from gateway.settings.values import is_loopback
from gateway.telemetry import logs


def create() -> Application:
    """Return the application of the configuration that the environment names; for any ASGI server's factory option.

    Raises:
        ConfigInvalid: the configuration or a credential cannot be used.
    """
    settings, vendors, secrets = prepare(config_path())
    return build(settings, vendors, secrets)


def prepare(
    path: Path, *, host: str | None = None, port: int | None = None
) -> tuple[Settings, Mapping[str, Vendor], Mapping[str, Secret]]:
    """Return checked settings, the vendors and the connections' credentials.

    Args:
        path: the configuration file.
        host: where to listen, instead of the file's.
        port: likewise.

    Raises:
        ConfigInvalid: the configuration or a credential cannot be used.
    """
    loaded, vendors = load_with_vendors(path, load_all())
    settings = _listening(loaded, host, port)
    return settings, vendors, read_credentials(settings)


def _listening(settings: Settings, host: str | None, port: int | None) -> Settings:
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    try:
        server = ServerSettings.model_validate({**settings.server.model_dump(), **given})
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigInvalid([Issue(f"--{first['loc'][0]}", None, "", str(first["msg"]))]) from error
    if not settings.callers and not is_loopback(server.host):
        message = "listening beyond this machine needs at least one caller in the configuration"
        raise ConfigInvalid([Issue("--host", None, "", message)])
    return settings.model_copy(update={"server": server})


def build(settings: Settings, vendors: Mapping[str, Vendor], secrets: Mapping[str, Secret]) -> Application:
    """Return the application, with logs set up so that they show no credential."""
    hidden = [secret.reveal() for secret in secrets.values()]
    logs.configure(settings.server.log_level, settings.server.log_format, hidden)
    return create_app(settings, vendors, secrets)


def server(application: Application, host: str, port: int) -> uvicorn.Server:
    """Return a server for the application that is not started yet."""
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
        lifespan="on",
    )
    return uvicorn.Server(config)
