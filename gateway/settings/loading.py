"""Reads a configuration file and says everything that is wrong with it at once."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from pydantic import ValidationError

from adapters.contract import Vendor
from gateway.environment import CONFIG_VARIABLE
from gateway.settings.access import CallerSettings
from gateway.settings.base import SettingsModel
from gateway.settings.checks import Parts, check
from gateway.settings.descriptions import read_descriptions
from gateway.settings.files import invalid, issues_of, read_document
from gateway.settings.issues import ConfigInvalid, Fault, Issue
from gateway.settings.messages import faults_of
from gateway.settings.models import (
    DESCRIPTIONS_FOLDER,
    DESCRIPTIONS_KEY,
    CacheSettings,
    ConnectionSettings,
    ServerSettings,
    Settings,
    SettingsFile,
    TracingSettings,
)
from gateway.settings.yaml_nodes import PlainValue

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
        vendors: those that are code, by name.

    Raises:
        ConfigInvalid: the file, or a description of a vendor beside it, cannot be used.
    """
    return load_with_vendors(path, vendors)[0]


def load_with_vendors(path: Path, vendors: Mapping[str, Vendor]) -> tuple[Settings, Mapping[str, Vendor]]:
    """Return the checked configuration, and all vendors: those given and those that are described.

    Raises:
        ConfigInvalid: the file, or a description of a vendor beside it, cannot be used.
    """
    document = read_document(path, f"there is no such file; {CONFIG_VARIABLE} says which one to read")
    content = document.value
    if content is None:
        raise invalid(path, "the file is empty; it needs at least connections")
    if not isinstance(content, dict):
        raise invalid(path, "expected keys with values, such as connections:, at the top of the file", 1)
    faults = [*document.faults]
    settings: SettingsFile | None = None
    try:
        settings = SettingsFile.model_validate(content)
    except ValidationError as error:
        faults += faults_of(error, SettingsFile)
    described, issues = _described(path, content, vendors)
    faults += _missing_folder(path, content)
    known = {**vendors, **described}
    # A check says nothing about a key that is told to be wrong already: it saw something invented in its place.
    told = {fault.path for fault in faults}
    faults += [fault for fault in check(_parts(content), known) if not {fault.path, fault.path[:3]} & told]
    issues = [*issues_of(path, faults, document.lines), *issues]
    if issues or settings is None:
        raise ConfigInvalid(issues)
    fields = {name: getattr(settings, name) for name in SettingsFile.model_fields}
    return Settings(source=path, **fields), MappingProxyType(dict(sorted(known.items())))


def vendors_beside(path: Path, vendors: Mapping[str, Vendor]) -> Mapping[str, Vendor]:
    """Return all vendors: those given, and those that are described beside a configuration; it need not be there.

    Raises:
        ConfigInvalid: a description cannot be used, or the configuration is no YAML.
    """
    content = read_document(path).value if path.is_file() else None
    described, issues = _described(path, content, vendors) if isinstance(content, dict) else ({}, [])
    if issues:
        raise ConfigInvalid(issues)
    return MappingProxyType(dict(sorted({**vendors, **described}.items())))


def _described(
    path: Path, content: Mapping[str, PlainValue], vendors: Mapping[str, Vendor]
) -> tuple[Mapping[str, Vendor], list[Issue]]:
    """Return the vendors of the folder that the file names, and what is wrong with them."""
    folder = content.get(DESCRIPTIONS_KEY, DESCRIPTIONS_FOLDER)
    if not isinstance(folder, str) or not folder.strip():
        return {}, []
    return read_descriptions(path.parent / folder, vendors)


def _missing_folder(path: Path, content: Mapping[str, PlainValue]) -> Iterator[Fault]:
    folder = content.get(DESCRIPTIONS_KEY, DESCRIPTIONS_FOLDER)
    if isinstance(folder, str) and folder != DESCRIPTIONS_FOLDER and not (path.parent / folder).is_dir():
        yield Fault((DESCRIPTIONS_KEY,), f"there is no folder {folder!r} beside this file")


def _parts(content: Mapping[str, PlainValue]) -> Parts:
    callers = content.get("callers")
    connections = content.get("connections")
    listed = dict(enumerate(callers)) if isinstance(callers, list) else {}
    named = connections if isinstance(connections, dict) else {}
    return Parts(
        cache=_readable(CacheSettings, content.get("cache") or {}, {}),
        tracing=_readable(TracingSettings, content.get("tracing") or {}, {}),
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
