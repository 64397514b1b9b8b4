"""Makes the audit log that a configuration asks for."""

from collections.abc import Callable, Mapping

from gateway.audit.log import AuditFile, AuditLog
from gateway.environment import Secret
from gateway.settings import ConfigInvalid, Issue, Settings
from gateway.telemetry.counting import Counting


def build_audit_log(
    settings: Settings,
    secrets: Mapping[str, Secret],
    clock: Callable[[], float],
    counting: Counting | None = None,
) -> AuditLog:
    """Return the log; nothing is opened yet.

    Args:
        settings: a checked configuration.
        secrets: as `read_credentials` returns them; never shown.
        clock: seconds of the wall clock.
        counting: counts the lines that could not be written.
    """
    return AuditLog(
        _file(settings),
        clock,
        required=settings.server.audit.required,
        secrets=[secret.reveal() for secret in secrets.values()],
        counting=counting,
    )


def try_audit_file(settings: Settings) -> None:
    """Open the file once and close it: a gateway that cannot write down what it does does not start.

    Raises:
        ConfigInvalid: it cannot be opened.
    """
    file = _file(settings)
    if file is None:
        return
    try:
        file.open()
    except OSError as error:
        name = settings.server.audit.file
        message = f"{name} cannot be written ({error.strerror}); let the gateway's user write there"
        raise ConfigInvalid([Issue(str(settings.source), None, "server.audit.file", message)]) from error
    finally:
        file.close()


def _file(settings: Settings) -> AuditFile | None:
    name = settings.server.audit.file
    return None if name is None else AuditFile(settings.folder / name)
