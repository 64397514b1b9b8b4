"""Every route, out of the OpenAPI document."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from docs.pages.canonical_model import BESIDE, reachable
from docs.pages.markdown import anchor, code, one_line, page, table
from gateway.app import create_api
from gateway.settings import ConnectionSettings, Settings
from schemas.publish import MODELS

TITLE: Final = "HTTP API"
_USUAL: Final = ("application/json", "application/problem+json")
METHODS: Final = ("get", "post", "put", "patch", "delete")


def text() -> str:
    """Return the page."""
    document = openapi()
    blocks = []
    for tag in document["tags"]:
        operations = [found for found in operations_of(document) if found[2]["tags"][0] == tag["name"]]
        if operations:
            blocks.append(f"## {tag['name'].capitalize()}\n\n{tag['description']}")
            blocks += [_operation(*found) for found in operations]
    return page(TITLE, "the OpenAPI document", _introduction(), *blocks)


def openapi() -> dict[str, Any]:
    """Return the OpenAPI document that the gateway serves."""
    connections = {"example": ConnectionSettings(vendor="example", credential="env:EXAMPLE_API_KEY")}
    return create_api(Settings(source=Path("example.yaml"), connections=connections), {}, {}).openapi()


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return the method, path and description of every operation."""
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield method.upper(), path, methods[method]


def _introduction() -> str:
    rows = [
        (code(name), one_line(described["description"]))
        for name, described in openapi()["components"]["headers"].items()
    ]
    told = (
        "A running gateway serves this as an OpenAPI document at `/openapi.json`, and as a page to try it out at "
        "`/docs`. A key travels as `X-API-Key: <key>` or `Authorization: Bearer <key>`. Errors are "
        "[problems](problems.md). Ids travel percent-encoded in one path segment: `my/prompt` is `my%2Fprompt`.\n\n"
        "Headers of answers, where an operation names them:"
    )
    return told + "\n\n" + table(("header", "meaning"), rows)


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    key = "a key" if operation.get("security") else "no key"
    parts = (
        f"### {method} {path}",
        one_line(operation["summary"]) + ".",
        operation.get("description", ""),
        f"Operation `{operation['operationId']}`, needs {key}.",
        _parameters(operation.get("parameters", [])),
        _body(operation),
        _statuses(operation["responses"]),
        _headers(operation["responses"]),
    )
    return "\n\n".join(filter(None, parts))


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = [
        (
            code(parameter["name"]),
            parameter["in"],
            _type(parameter["schema"]) + (", required" if parameter.get("required") else ""),
            one_line(parameter.get("description")),
        )
        for parameter in parameters
    ]
    return table(("parameter", "in", "type", "meaning"), rows)


def _body(operation: dict[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    kinds = [f"{_type(media.get('schema', {}))} ({code(name)})" for name, media in content.items()]
    return f"Body: {' or '.join(kinds)}." if kinds else ""


def _statuses(responses: dict[str, Any]) -> str:
    rows = [
        (status, _content(answer), _meaning(status, answer["description"]))
        for status, answer in responses.items()
    ]
    return table(("status", "answer", "meaning"), sorted(rows))


def _headers(responses: dict[str, Any]) -> str:
    names = sorted({name for answer in responses.values() for name in answer.get("headers", {})})
    return f"Headers of answers: {', '.join(map(code, names))}." if names else ""


def _meaning(status: str, description: str) -> str:
    # The framework's word for every success tells nothing.
    return (
        "Done." if status.startswith("2") and description == "Successful Response" else one_line(description)
    )


def _content(answer: dict[str, Any]) -> str:
    found = []
    for name, media in answer.get("content", {}).items():
        kind = _type(media.get("schema", {}))
        found.append(kind if name in _USUAL else f"{kind} ({code(name)})")
    return ", ".join(found)


def _type(schema: dict[str, Any]) -> str:
    """Return a JSON Schema in words."""
    if "$ref" in schema:
        return _named(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        kinds = [_type(kind) for kind in schema["anyOf"] if kind != {"type": "null"}]
        return " or ".join(kinds) + _limits(schema)
    if "enum" in schema or "const" in schema:
        return ", ".join(code(value) for value in schema.get("enum", [schema.get("const")]))
    if "data" in schema.get("properties", {}):
        return _type(schema["properties"]["data"]["contentSchema"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return _words(schema) + _limits(schema)


def _words(schema: dict[str, Any]) -> str:
    words = {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "`true` or `false`",
        "object": "JSON object",
    }
    if schema.get("format") == "date-time":
        return "time"
    return words.get(schema.get("type", ""), "any JSON value")


def _limits(schema: dict[str, Any]) -> str:
    least, most, default = (schema.get(name) for name in ("minimum", "maximum", "default"))
    bounds = f" from {least} to {most}" if least is not None and most is not None else ""
    return bounds + (f", default `{default}`" if default is not None else "")


def _named(name: str) -> str:
    return f"[{name}](canonical-model.md#{anchor(name)})" if name in _described() else code(name)


@cache
def _described() -> frozenset[str]:
    """Return the names that the page about the canonical model has a part for."""
    return frozenset(kind.__name__ for kind in reachable((*MODELS.values(), *BESIDE)))
