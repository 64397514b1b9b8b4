"""The OpenAPI document: what the framework derives, completed with problems and examples."""

from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI

from gateway.api.answer_headers import COMPONENTS, headers_of
from gateway.api.examples import examples, problem_example
from gateway.api.responses import documented
from gateway.api.write_examples import answers, bodies
from gateway.edge.asgi import PROBLEM_TYPE
from schemas.graph import Graph
from schemas.problem import Problem
from schemas.runs import RunEvent
from schemas.writes import Conversion, LabelTarget, NewVersion, NewWorkflow, Promotion, RunStart

BODIES: Final = (NewWorkflow, NewVersion, LabelTarget, Promotion, Conversion, RunStart)
"""What callers send, which the framework does not read and so does not describe."""


def facts() -> dict[str, Any]:
    """Return what the document says of the whole API."""
    return {
        "title": "workflow-gateway",
        "version": version("workflow-gateway"),
        "summary": "One API in front of the AI workflow platforms.",
        "description": (
            "Every workflow of every connection in one canonical shape, whatever the vendor.\n\n"
            "Ids travel percent-encoded in one path segment. A field that is absent is one that the vendor does "
            "not tell. Errors are RFC 9457 problems with a stable `code`. Listings answer `items`, `next_cursor`, "
            "`complete` and `problems`."
        ),
        "license_info": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        "openapi_tags": [
            {"name": "workflows", "description": "List and read workflows, their versions and labels."},
            {"name": "writing", "description": "Make, change and delete workflows, versions and labels."},
            {"name": "assistants", "description": "Workflows by the assistant that runs through them."},
            {"name": "runs", "description": "Run workflows and follow what happens."},
            {
                "name": "catalogue",
                "description": "Vendors, what each can do, and the configured connections.",
            },
            {"name": "administration", "description": "For whoever operates the gateway."},
            {"name": "operations", "description": "Health, published schemas and the meaning of problems."},
        ],
    }


def install(application: FastAPI) -> None:
    """Complete the document that the framework makes, once, when it is first asked for."""
    derive = application.openapi

    def complete() -> dict[str, Any]:
        if application.openapi_schema is None:
            document = derive()
            _add_schemas(document)
            _drop_framework_errors(document)
            _add_refusals(document)
            _add_conditions(document)
            _add_headers(document)
            _add_examples(document)
            application.openapi_schema = document
        return application.openapi_schema

    application.openapi = complete  # type: ignore[method-assign]


def _add_schemas(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for model in (Problem, Graph, *BODIES, RunEvent):
        described = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(described.pop("$defs", {}))
        schemas[model.__name__] = described


def _drop_framework_errors(document: dict[str, Any]) -> None:
    """Remove the framework's own 422: an invalid request is a 400 problem here."""
    for operation in _operations(document):
        content = operation["responses"].get("422", {}).get("content", {})
        if "HTTPValidationError" in str(content):
            del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)


def _add_refusals(document: dict[str, Any]) -> None:
    """Add how every operation that needs a key refuses a caller, or an unknown parameter, before anything is done."""
    for operation in _operations(document):
        if "security" in operation:
            refusals = {str(status): answer for status, answer in documented(400, 401, 429).items()}
            operation["responses"] = dict(sorted({**refusals, **operation["responses"]}.items()))


def _add_conditions(document: dict[str, Any]) -> None:
    """Add what reads with conditions end with: 304 where the caller has it already, 412 where it is another."""
    for operation in _operations(document):
        if "If-None-Match" in _header_parameters(operation):
            unchanged = {"description": "The caller has it already."}
            ends = {"304": unchanged, "412": documented(412)[412]}
            operation["responses"] = dict(sorted({**ends, **operation["responses"]}.items()))


def _add_headers(document: dict[str, Any]) -> None:
    """Add the headers of answers, described once and referred to."""
    document["components"]["headers"] = {name: dict(described) for name, described in COMPONENTS.items()}
    for operation in _operations(document):
        for status, answer in operation["responses"].items():
            if found := headers_of(status, _header_parameters(operation)):
                answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in found}


def _header_parameters(operation: dict[str, Any]) -> frozenset[str]:
    return frozenset(found["name"] for found in operation.get("parameters", ()) if found["in"] == "header")


def _add_examples(document: dict[str, Any]) -> None:
    shown, sent = {**examples(), **answers()}, bodies()
    for operation in _operations(document):
        name = operation["operationId"]
        for media in operation.get("requestBody", {}).get("content", {}).values():
            media["example"] = sent[name]
        for answer in operation["responses"].values():
            if PROBLEM_TYPE in answer.get("content", {}):
                answer["content"][PROBLEM_TYPE]["example"] = problem_example()
        # Where 202 is the rule, 200 tells of a dry run.
        for status in ("201", "202") if "202" in operation["responses"] else ("200", "201"):
            media = operation["responses"].get(status, {}).get("content", {}).get("application/json")
            if media is not None and name in shown:
                media["example"] = shown[name]


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]
