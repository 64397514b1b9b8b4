"""The names of ASGI's parts, and answers made without the framework."""

import math
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from schemas.problem import Problem
from schemas.serialising import to_json

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Header: TypeAlias = tuple[bytes, bytes]

PROBLEM_TYPE = "application/problem+json"


def header(scope: Scope, name: bytes) -> str | None:
    """Return a request header's value; None when it is absent, or there more than once."""
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1") if len(values) == 1 else None


def problem_headers(problem: Problem) -> dict[str, str]:
    """Return the headers that a problem asks for beyond its body."""
    headers = {"cache-control": "no-store"}
    if problem.status == 401:
        headers["www-authenticate"] = 'ApiKey realm="workflow-gateway", Bearer realm="workflow-gateway"'
    if problem.retry_after is not None:
        headers["retry-after"] = str(max(1, math.ceil(problem.retry_after)))
    return headers


async def send_problem(send: Send, problem: Problem) -> None:
    """Answer with a problem."""
    body = to_json(problem)
    headers = {
        "content-type": PROBLEM_TYPE,
        "content-length": str(len(body)),
        **problem_headers(problem),
    }
    raw = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
