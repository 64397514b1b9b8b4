"""Every key of the configuration file."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_type_hints

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from docs.pages.markdown import code, one_line, page, table
from docs.pages.types import in_words, is_model, referred
from gateway.environment import CONFIG_VARIABLE, DEFAULT_CONFIG, MAX_SECRET_BYTES
from gateway.settings import values
from gateway.settings.models import SettingsFile
from schemas.docstrings import sentences

TITLE: Final = "Configuration"

_NAMED: Final = (
    (values.Name, "name"),
    (values.Host, "host name or IP address"),
    (values.ByteSize, "size"),
    (values.Seconds, "seconds"),
    (values.CacheSeconds, "seconds"),
    (values.ExpiryMoment, "date or time"),
    (values.BaseUrl, "URL"),
    (values.StoreAddress, "`env:NAME`, `file:PATH` or URL"),
    (values.Prefix, "name"),
    (values.FilePath, "path"),
    (values.CredentialReference, "`env:NAME` or `file:PATH`"),
    (tuple[values.KeyHash, ...], "list of key hashes"),
    (tuple[values.Origin, ...], "list of origins"),
    (values.KeyHash, "key hash"),
    (tuple[values.PathPattern, ...], "list of paths"),
    (tuple[values.HeaderName, ...], "list of header names"),
    (tuple[values.Method, ...], "list of methods"),
    (Mapping[values.Name, Any], "sections by name"),
)
_UNITS: Final = (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024))


def text() -> str:
    """Return the page."""
    blocks = [f"## {heading}\n\n{sentence}\n\n{keys}" for heading, sentence, keys in _sections()]
    return page(TITLE, "the models in `gateway/settings`", _introduction(), *blocks)


def every_key(model: type[BaseModel] = SettingsFile, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Return every key with its dotted path, such as `connections.<name>.limits.queue`."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        yield path, field
        for inner in filter(is_model, referred(field.annotation)):
            yield from every_key(inner, f"{path}{_step(field)}.")


def _introduction() -> str:
    return (
        f"The gateway reads one YAML file: `{DEFAULT_CONFIG}`, or the one that the environment variable "
        f"`{CONFIG_VARIABLE}` names. Every key is optional unless its default says *required*. A key that is not "
        "listed here stops the start, and so does a value that cannot be used; `workflow-gateway config check` "
        "names the line of each fault.\n\n"
        "Sizes are whole numbers of bytes, or texts such as `64MiB` with KiB, MiB or GiB. A credential is a "
        "reference to a place, never the secret itself: an environment variable, or a file of at most "
        f"{MAX_SECRET_BYTES // 1024} KiB that holds nothing else."
    )


def _sections() -> Iterator[tuple[str, str, str]]:
    yield "The file", one_line(SettingsFile.__doc__), _keys_table(SettingsFile)
    for path, field in every_key():
        for model in filter(is_model, referred(field.annotation)):
            yield code(f"{path}{_step(field)}"), one_line(model.__doc__), _keys_table(model)


def _step(field: FieldInfo) -> str:
    """Return what stands between a key and the keys inside it."""
    words = str(field.annotation)
    return "[]" if words.startswith("tuple") else ".<name>" if "Mapping" in words else ""


def _keys_table(model: type[BaseModel]) -> str:
    hints = get_type_hints(model, include_extras=True)
    rows = [
        (
            code(name),
            _type(hints[name], field),
            _default(hints[name], field),
            one_line(sentences(model).get(name)),
        )
        for name, field in model.model_fields.items()
    ]
    return table(("key", "type", "default", "what it does"), rows)


def _type(hint: Any, field: FieldInfo) -> str:
    if any(is_model(kind) for kind in referred(hint)):
        step = _step(field)
        return {"": "section", "[]": "list of sections"}.get(step, "sections by name")
    bounds = _bounds(hint, field)
    return f"{_words(hint)}, {bounds}" if bounds else _words(hint)


def _words(hint: Any) -> str:
    for named, words in _NAMED:
        if hint in (named, named | None):
            return words
    return in_words(hint, lambda kind: kind.__name__)


def _bounds(hint: Any, field: FieldInfo) -> str:
    found: dict[type, Any] = {type(bound): bound for bound in field.metadata}
    if Ge in found and Le in found:
        return f"{_value(hint, found[Ge].ge)} to {_value(hint, found[Le].le)}"
    if Gt in found and Le in found:
        return f"more than {_value(hint, found[Gt].gt)}, at most {_value(hint, found[Le].le)}"
    if MinLen in found and MaxLen in found:
        unit = "characters" if _words(hint) == "text" else "entries"
        return f"{found[MinLen].min_length} to {found[MaxLen].max_length} {unit}"
    return ""


def _default(hint: Any, field: FieldInfo) -> str:
    if field.is_required():
        return "*required*"
    if is_model(type(field.default)):
        return "the defaults below"
    return code(_value(hint, field.default))


def _value(hint: Any, value: object) -> str:
    """Return a value as it is written in the file."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    if hint == values.ByteSize and isinstance(value, int):
        return _size(value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _size(number: int) -> str:
    for unit, size in _UNITS:
        if number and number % size == 0:
            return f"{number // size}{unit}"
    return str(number)
