"""The one place that reads environment variables and files with secrets."""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote

from typing_extensions import override

CONFIG_VARIABLE: Final = "WORKFLOW_GATEWAY_CONFIG"
COLLECTOR_VARIABLES: Final = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")
"""Read by OpenTelemetry itself; here only so that nothing shows them."""
DEFAULT_CONFIG: Final = Path("config/gateway.yaml")
ALLOCATOR_VARIABLES: Final = ("MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")
"""Read by the C library itself (mallopt(3), ld.so(8))."""
MAX_SECRET_BYTES: Final = 64 * 1024
MASK: Final = "********"

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PRINTABLE: Final = re.compile(r"[\x20-\x7e]+")


class ReferenceInvalid(ValueError):
    """A text that is not a reference to a secret. The message never repeats it: it may be the secret itself."""


class SecretUnavailable(Exception):
    """A reference leads to no usable secret; the message says which reference and what to do, never the secret."""


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A secret that does not show itself in logs, tracebacks or formatted texts."""

    _text: str = field()

    def reveal(self) -> str:
        """Return the secret as it is."""
        return self._text

    @property
    def fingerprint(self) -> str:
        """The first 16 hex digits of the secret's SHA-256: tells secrets apart, in cache keys, without being one."""
        return hashlib.sha256(self._text.encode()).hexdigest()[:16]

    @override
    def __repr__(self) -> str:
        return f"Secret({MASK})"

    @override
    def __str__(self) -> str:
        return MASK


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a secret is kept: an environment variable's name or a file's path."""

    kind: Literal["env", "file"]
    place: str


def config_path(environment: Mapping[str, str] | None = None) -> Path:
    """Return the configuration file's path: `WORKFLOW_GATEWAY_CONFIG`, or `config/gateway.yaml` when unset or empty."""
    given = _variables(environment).get(CONFIG_VARIABLE, "")
    return Path(given) if given else DEFAULT_CONFIG


def parse_reference(text: str) -> Reference:
    """Return the parts of `env:NAME` or `file:PATH`.

    Raises:
        ReferenceInvalid: the text is neither.
    """
    kind, _, place = text.partition(":")
    if kind == "env":
        if not _VARIABLE.fullmatch(place):
            raise ReferenceInvalid(
                "after env: comes the name of an environment variable: letters, digits and _, no digit first"
            )
        return Reference("env", place)
    if kind == "file":
        if not place.strip() or not place.isprintable():
            raise ReferenceInvalid("after file: comes the path of a file")
        return Reference("file", place)
    raise ReferenceInvalid(
        "expected env:NAME or file:PATH, got a plain value; a key in this file ends up in backups and version "
        "control, so put it in an environment variable and write env:ITS_NAME"
    )


def resolve(
    reference: str,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Secret:
    """Return the secret that a reference leads to; one newline at its end is dropped.

    Args:
        reference: `env:NAME` or `file:PATH`.
        environment: the variables; the process's own when None.
        folder: what a relative path starts from; the working directory when None.

    Raises:
        ReferenceInvalid: the text is not a reference.
        SecretUnavailable: there is nothing there, or nothing that can travel in an HTTP header.
    """
    parsed = parse_reference(reference)
    if parsed.kind == "env":
        text = _variables(environment).get(parsed.place)
        if text is None:
            message = f"{reference}: the environment variable is not set; set it before the gateway starts"
            raise SecretUnavailable(message)
    else:
        text = _file_text(reference, (folder or Path()) / parsed.place)
    return _usable(reference, _without_newline(text))


def collector_secrets(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return what the headers hold with which OpenTelemetry shows itself to a collector.

    Each header's last word: before it stands how it is to be read, as in `Bearer <token>`.

    Args:
        environment: the variables; the process's own when None.
    """
    given = [_variables(environment).get(name, "") for name in COLLECTOR_VARIABLES]
    values = [pair.partition("=")[2] for text in given for pair in text.split(",")]
    return tuple(words[-1] for value in values if (words := unquote(value).split()))


def allocator_is_set(environment: Mapping[str, str] | None = None) -> bool:
    """Say whether somebody has decided how the C library takes its memory."""
    given = _variables(environment)
    return any(given.get(name) for name in ALLOCATOR_VARIABLES)


def _variables(environment: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environment is None else environment


def _file_text(reference: str, path: Path) -> str:
    try:
        if not path.is_file():
            raise SecretUnavailable(
                f"{reference}: there is no such file; write the key into it, or mend the path"
            )
        with path.open("rb") as stream:
            content = stream.read(MAX_SECRET_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"{reference}: the file cannot be read ({reason}); let the gateway's user read it"
        raise SecretUnavailable(message) from error
    return content.decode("utf-8", "replace")


def _without_newline(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text


def _usable(reference: str, text: str) -> Secret:
    if not text.strip():
        raise SecretUnavailable(f"{reference}: it is empty; put the key there")
    if len(text.encode("utf-8", "surrogateescape")) > MAX_SECRET_BYTES:
        raise SecretUnavailable(f"{reference}: it is longer than 64 KiB; put the key alone there")
    if text != text.strip():
        raise SecretUnavailable(
            f"{reference}: it begins or ends with blanks or blank lines; put the key alone there"
        )
    if not _PRINTABLE.fullmatch(text):
        raise SecretUnavailable(
            f"{reference}: it holds line breaks, control characters or characters beyond ASCII, which no HTTP "
            "header carries; put the key alone there"
        )
    return Secret(text)
