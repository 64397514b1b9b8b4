"""Looks up the credential of every connection."""

from collections.abc import Mapping

from gateway.environment import Secret, SecretUnavailable, resolve
from gateway.settings.issues import ConfigInvalid, Issue
from gateway.settings.models import Settings


def read_credentials(
    settings: Settings, environment: Mapping[str, str] | None = None
) -> Mapping[str, Secret]:
    """Return every connection's credential by the connection's name.

    Args:
        settings: a checked configuration.
        environment: the variables; the process's own when None.

    Raises:
        ConfigInvalid: at least one is missing or cannot be used; all of them are named.
    """
    found: dict[str, Secret] = {}
    issues: list[Issue] = []
    for name, connection in settings.connections.items():
        try:
            found[name] = resolve(connection.credential, environment, settings.folder)
        except SecretUnavailable as error:
            issues.append(Issue(str(settings.source), None, f"connections.{name}.credential", str(error)))
    if issues:
        raise ConfigInvalid(issues)
    return found
