"""Reads a YAML file that people write, and ties what is wrong with it to its lines."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from gateway.settings.issues import ConfigInvalid, Fault, Issue, KeyPath, shown
from gateway.settings.yaml_nodes import YamlDocument, YamlUnreadable, read_yaml

MAX_FILE_BYTES: Final = 1024 * 1024


def read_document(path: Path, absent: str = "there is no such file") -> YamlDocument:
    """Return the file's one document with the line of every key; `absent` is said where there is no file.

    Raises:
        ConfigInvalid: the file cannot be read, or is no YAML.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise invalid(path, absent) from error
    except OSError as error:
        raise invalid(path, f"the file cannot be read: {error.strerror or type(error).__name__}") from error
    if len(content) > MAX_FILE_BYTES:
        raise invalid(path, "the file is larger than 1 MiB; this cannot be a configuration")
    try:
        return read_yaml(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise invalid(path, "the file is not UTF-8; save it as UTF-8", line) from error
    except YamlUnreadable as error:
        raise invalid(path, str(error), error.line) from error


def issues_of(path: Path, faults: Iterable[Fault], lines: Mapping[KeyPath, int]) -> Iterable[Issue]:
    """Yield the faults of a file as people see them."""
    for fault in faults:
        yield Issue(str(path), fault.line or _line(fault.path, lines), shown(fault.path), fault.message)


def _line(path: KeyPath, lines: Mapping[KeyPath, int]) -> int | None:
    """Return the line of a key, or of the nearest key around one that is not there."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def invalid(path: Path, message: str, line: int | None = None) -> ConfigInvalid:
    """Return what is wrong with a file as a whole, or at a line of it."""
    return ConfigInvalid([Issue(str(path), line, "", message)])
