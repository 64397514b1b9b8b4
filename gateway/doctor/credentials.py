"""Are the credentials where the configuration says, and for nobody else to read?"""

import stat
from collections.abc import Iterator, Mapping
from typing import Final

from gateway.doctor.findings import Finding, fail, ok, warn
from gateway.environment import Secret, parse_reference
from gateway.settings import SHARED_URL, ConfigInvalid, Settings, read_credentials

CHECK: Final = "credentials"
_OTHERS: Final = stat.S_IROTH | stat.S_IWOTH


def check_credentials(settings: Settings) -> tuple[tuple[Finding, ...], Mapping[str, Secret]]:
    """Return what is to say of the credentials, and those that could be read."""
    found: list[Finding] = []
    secrets: dict[str, Secret] = {}
    alone = settings.cache.model_copy(update={"shared": None})
    for name, connection in settings.connections.items():
        one = settings.model_copy(update={"connections": {name: connection}, "cache": alone})
        found += _read(one, name, secrets) or _modes(settings, name, connection.credential)
    shared = settings.cache.shared
    if shared is not None:
        of_store = _read(settings.model_copy(update={"connections": {}}), SHARED_URL, secrets)
        found += of_store or (_modes(settings, SHARED_URL, shared.url) if ":/" not in shared.url else [])
    return tuple(found), secrets


def _read(settings: Settings, name: str, secrets: dict[str, Secret]) -> list[Finding]:
    """Read what there is; returns what is wrong."""
    try:
        secrets.update(read_credentials(settings))
    except ConfigInvalid as error:
        return [fail(CHECK, name, *_told(issue.message)) for issue in error.issues]
    return []


def _told(message: str) -> tuple[str, str]:
    """Return a message in two: what is wrong, and what to do."""
    wrong, _, advice = message.rpartition("; ")
    return (wrong, advice) if wrong else (message, "mend it")


def _modes(settings: Settings, name: str, reference: str) -> list[Finding]:
    """Return who may read the file of a credential that is in one."""
    parsed = parse_reference(reference)
    if parsed.kind == "file":
        mode = (settings.folder / parsed.place).stat().st_mode
        if mode & _OTHERS:
            message = (
                f"{reference} can be read or written by everybody on this machine ({stat.S_IMODE(mode):04o})"
            )
            return [warn(CHECK, name, message, f"chmod o-rwx {parsed.place}")]
    return list(_fine(name, reference))


def _fine(name: str, reference: str) -> Iterator[Finding]:
    yield ok(CHECK, name, f"{reference} holds one")
