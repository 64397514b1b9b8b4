"""How one setting is read from, and written to, the flat `settings` object: pairs of small functions."""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from adapters.evidence import Evidence, Findings
from adapters.noxus.rewriting import rewritten
from adapters.noxus.texts import read_text, write_text
from schemas.base import CanonicalModel, JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode
from schemas.drafts import McpServerDraft, ToolDraft
from schemas.settings import McpServer, Tool


class Codec(NamedTuple):
    """Reads a setting as its canonical value (None if unreadable) and writes one back; None takes it away."""

    read: Callable[[Evidence, str], Any]
    write: Callable[[JsonObject, str, Any], None]
    plain: type | None = None
    """A value of exactly this type reads as itself, so that nobody has to be asked."""


def _put(settings: JsonObject, name: str, value: Any) -> None:
    if value is None:
        settings.pop(name, None)
    else:
        settings[name] = list(value) if isinstance(value, tuple) else value


def _put_number(settings: JsonObject, name: str, value: float | None) -> None:
    _put(settings, name, int(value) if value is not None and value.is_integer() else value)


def _texts(settings: Evidence, name: str) -> tuple[str, ...]:
    """Return the texts of an array; a single text stands for an array of one."""
    value = settings.fields.get(name)
    if isinstance(value, str):
        settings.note(
            DiagnosticCode.WRONG_TYPE, f"{name} is a text, not an array; read as its only item", name
        )
        return (value,)
    return settings.texts(name)


def _integers(settings: Evidence, name: str) -> tuple[int, ...]:
    values = settings.array(name)
    integers = tuple([value for value in values if type(value) is int])
    for index, value in enumerate(values if len(integers) != len(values) else ()):
        if type(value) is not int:
            message = f"{name} holds something else than integers"
            settings.note(DiagnosticCode.WRONG_TYPE, message, name, index)
    return integers


def read_word(settings: Evidence, name: str) -> str | None:
    """Return a word such as `Low` in lower case."""
    word = settings.text(name)
    return None if word is None else word.lower()


def write_word(settings: JsonObject, name: str, value: str | None) -> None:
    """Write a lower-case word with the vendor's capital letter."""
    _put(settings, name, value and value.capitalize())


def _read_choice(settings: Evidence, name: str) -> str | None:
    """Return the value of a `{value, label}` choice."""
    if isinstance(settings.fields.get(name), str):
        return settings.text(name)
    choice = settings.object(name)
    return None if choice is None else choice.text("value", required=True)


def _write_choice(settings: JsonObject, name: str, value: str | None) -> None:
    as_text = isinstance(settings.get(name), str)
    _put(settings, name, value if value is None or as_text else {"value": value, "label": value})


def _read_choices(settings: Evidence, name: str) -> tuple[str, ...]:
    """Return the values of a list of `{value, label}` choices, or of plain texts."""
    values = [_choice_value(item) for item in settings.array(name)]
    for index, value in enumerate(values):
        if value is None:
            settings.note(DiagnosticCode.UNREADABLE_PART, "the choice has no value; left out", name, index)
    return tuple([value for value in values if value is not None])


def _choice_value(item: JsonValue) -> str | None:
    value = item.get("value") if isinstance(item, dict) else item
    return value if isinstance(value, str) else None


def _write_choices(settings: JsonObject, name: str, values: tuple[str, ...]) -> None:
    def build(value: Any) -> JsonValue:
        return {"value": value, "label": value}

    settings[name] = _relisted(settings.get(name), values, _choice_value, build)


def _read_tools(settings: Evidence, name: str) -> tuple[ToolDraft, ...]:
    tools = [_tool(entry) for _, entry in settings.objects(name)]
    return tuple([tool for tool in tools if tool is not None])


def _tool(entry: Evidence) -> ToolDraft | None:
    kind = entry.text("type", required=True)
    if kind is None:
        return None
    tool: ToolDraft = {"type": kind, "config": entry.rest("type", "enabled")}
    enabled = entry.boolean("enabled")
    if enabled is not None:
        tool["enabled"] = enabled
    return tool


def _write_tools(settings: JsonObject, name: str, tools: tuple[Tool, ...]) -> None:
    def build(tool: Any) -> JsonValue:
        enabled = {} if tool.enabled is None else {"enabled": tool.enabled}
        return {"type": tool.type, **enabled, **tool.config}

    settings[name] = _relisted(settings.get(name), tools, _quietly(_tool, Tool), build)


def _read_servers(settings: Evidence, name: str) -> tuple[McpServerDraft, ...]:
    return tuple([_server(entry) for _, entry in settings.objects(name)])


def _server(entry: Evidence) -> McpServerDraft:
    """Return an MCP server; the vendor documents no form, so both usual words for its name are tried."""
    word = "label" if entry.has("label") else "name"
    server: McpServerDraft = {"config": entry.rest(word, "url")}
    label, url = entry.text(word), entry.text("url")
    if label is not None:
        server["label"] = label
    if url is not None:
        server["url"] = url
    return server


def _write_servers(settings: JsonObject, name: str, servers: tuple[McpServer, ...]) -> None:
    def build(server: Any) -> JsonValue:
        named = {} if server.label is None else {"name": server.label}
        located = {} if server.url is None else {"url": server.url}
        return {**named, **located, **server.config}

    settings[name] = _relisted(settings.get(name), servers, _quietly(_server, McpServer), build)


def _quietly(read: Callable[[Evidence], Any], model: type[CanonicalModel]) -> Callable[[JsonValue], Any]:
    """Return the same reading of a bare JSON value, as a model, its diagnostics dropped; None for no object."""

    def reading(item: JsonValue) -> Any:
        draft = read(Evidence(item, Findings())) if isinstance(item, dict) else None
        return None if draft is None else model.model_validate(draft)

    return reading


def _relisted(
    old: JsonValue, wanted: Iterable[Any], read: Callable[[JsonValue], Any], build: Callable[[Any], JsonValue]
) -> list[JsonValue]:
    """Return a native list of the wanted items: unchanged ones as they stand, unreadable ones kept."""
    natives = old if isinstance(old, list) else []
    readings = {index: value for index, item in enumerate(natives) if (value := read(item)) is not None}
    free = list(readings)
    kept: list[tuple[int | None, JsonValue]] = []
    for value in wanted:
        index = next((index for index in free if readings[index] == value), None)
        if index is not None:
            free.remove(index)
        kept.append((index, build(value) if index is None else natives[index]))
    return rewritten(natives, readings, kept)


TEXT: Final = Codec(Evidence.text, _put, str)
BOOLEAN: Final = Codec(Evidence.boolean, _put, bool)
INTEGER: Final = Codec(Evidence.integer, _put, int)
NUMBER: Final = Codec(Evidence.number, _put_number, float)
TEXTS: Final = Codec(_texts, _put)
INTEGERS: Final = Codec(_integers, _put)
WORD: Final = Codec(read_word, write_word)
CHOICE: Final = Codec(_read_choice, _write_choice)
CHOICES: Final = Codec(_read_choices, _write_choices)
RICH_TEXT: Final = Codec(read_text, write_text)
TOOLS: Final = Codec(_read_tools, _write_tools)
SERVERS: Final = Codec(_read_servers, _write_servers)
