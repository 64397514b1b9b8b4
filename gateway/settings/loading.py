"""Reads a configuration file and says everything that is wrong with it at once."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from pydantic import ValidationError

from adapters.contract import Vendor
from gateway.environment import CONFIG_VARIABLE
from gateway.settings.checks import Parts, check
from gateway.settings.issues import ConfigInvalid, Fault, Issue, KeyPath, shown
from gateway.settings.messages import faults_of
from gateway.settings.models import (
    CacheSettings,
    CallerSettings,
    ConnectionSettings,
    ServerSettings,
    Settings,
    SettingsFile,
    SettingsModel,
)
from gateway.settings.yaml_nodes import PlainValue, YamlDocument, YamlUnreadable, read_yaml

MAX_FILE_BYTES: Final = 1024 * 1024

_UNREAD_CALLER: Final[Mapping[str, PlainValue]] = MappingProxyType(
    {"name": "could-not-be-read", "key_hashes": ["sha256:" + "dead" * 16]}
)
_UNREAD_CONNECTION: Final[Mapping[str, PlainValue]] = MappingProxyType(
    {"vendor": "could not be read", "credential": "env:COULD_NOT_BE_READ"}
)

_Part = TypeVar("_Part", bound=SettingsModel)
_Key = TypeVar("_Key")


def load(path: Path, vendors: Mapping[str, Vendor]) -> Settings:
    """Return the checked configuration. Credentials are not looked up: see `read_credentials`.

    Args:
        path: a YAML file.
        vendors: those there are, by name.

    Raises:
        ConfigInvalid: the file cannot be used.
    """
    document = _document(path)
    content = document.value
    if content is None:
        raise _invalid(path, "the file is empty; it needs at least connections")
    if not isinstance(content, dict):
        raise _invalid(path, "expected keys with values, such as connections:, at the top of the file", 1)
    faults = [*document.faults]
    settings: SettingsFile | None = None
    try:
        settings = SettingsFile.model_validate(content)
    except ValidationError as error:
        faults += faults_of(error, SettingsFile)
    # A check says nothing about a key that is told to be wrong already: it saw something invented in its place.
    told = {fault.path for fault in faults}
    faults += [fault for fault in check(_parts(content), vendors) if not {fault.path, fault.path[:3]} & told]
    if faults or settings is None:
        raise ConfigInvalid(_issues(path, faults, document.lines))
    return Settings(source=path, **{name: getattr(settings, name) for name in SettingsFile.model_fields})


def _document(path: Path) -> YamlDocument:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise _invalid(path, f"there is no such file; {CONFIG_VARIABLE} says which one to read") from error
    except OSError as error:
        raise _invalid(path, f"the file cannot be read: {error.strerror or type(error).__name__}") from error
    if len(content) > MAX_FILE_BYTES:
        raise _invalid(path, "the file is larger than 1 MiB; this cannot be a configuration")
    try:
        return read_yaml(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _invalid(path, "the file is not UTF-8; save it as UTF-8", line) from error
    except YamlUnreadable as error:
        raise _invalid(path, str(error), error.line) from error


def _parts(content: Mapping[str, PlainValue]) -> Parts:
    callers = content.get("callers")
    connections = content.get("connections")
    listed = dict(enumerate(callers)) if isinstance(callers, list) else {}
    named = connections if isinstance(connections, dict) else {}
    return Parts(
        cache=_readable(CacheSettings, content.get("cache") or {}, {}),
        server=_readable(ServerSettings, content.get("server") or {}, {}),
        callers=_all_readable(CallerSettings, listed, _UNREAD_CALLER),
        connections=_all_readable(ConnectionSettings, named, _UNREAD_CONNECTION),
        names=frozenset(named) or None,
        anonymous=not callers,
    )


def _all_readable(
    model: type[_Part], values: Mapping[_Key, PlainValue], unread: Mapping[str, PlainValue]
) -> Mapping[_Key, _Part]:
    found = {key: _readable(model, value, unread) for key, value in values.items()}
    return {key: part for key, part in found.items() if part is not None}


def _readable(model: type[_Part], value: PlainValue, unread: Mapping[str, PlainValue]) -> _Part | None:
    """Return a part with what can be read of it; what is wrong the check of the whole document reports.

    Args:
        model: the part's.
        value: the part as it stands in the file.
        unread: what stands in for required keys that cannot be read.
    """
    if not isinstance(value, dict):
        return None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        wrong = {details["loc"][0] for details in error.errors(include_input=False)}
    return model.model_validate({**unread, **{key: kept for key, kept in value.items() if key not in wrong}})


def _issues(path: Path, faults: Iterable[Fault], lines: Mapping[KeyPath, int]) -> Iterable[Issue]:
    for fault in faults:
        yield Issue(str(path), fault.line or _line(fault.path, lines), shown(fault.path), fault.message)


def _line(path: KeyPath, lines: Mapping[KeyPath, int]) -> int | None:
    """Return the line of a key, or of the nearest key around one that is not there."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _invalid(path: Path, message: str, line: int | None = None) -> ConfigInvalid:
    return ConfigInvalid([Issue(str(path), line, "", message)])
