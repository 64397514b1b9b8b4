"""PromptLayer's error bodies: `{success, message}` for most, FastAPI's `{detail: [...]}` for a 422."""

from collections.abc import Collection, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from starlette.responses import JSONResponse

from emulators.promptlayer.variants import ERROR_KEY, MESSAGE_422

Detail: TypeAlias = dict[str, Any]
"""One entry of a 422: `{loc, msg, type}`."""

_MESSAGES: Final = MappingProxyType(
    {
        400: "Invalid request body",
        401: "Invalid API key",
        403: "API key does not have access to the requested resource",
        404: "Workflow not found",
        405: "Method Not Allowed",
        409: "External ID is already attached to another entity",
        429: "Rate limit exceeded. Please retry later.",
    }
)


class ApiError(Exception):
    """An answer that is not a success; `body` is the JSON of it, with the names of the default variant."""

    def __init__(self, status: int, body: dict[str, Any], headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers


def refusal(status: int, message: str) -> ApiError:
    """Return the usual error: `{success: false, message}`."""
    return ApiError(status, {"success": False, "message": message})


def unprocessable(details: Sequence[Detail]) -> ApiError:
    """Return a 422 in FastAPI's shape."""
    return ApiError(422, {"detail": list(details)})


def detail(location: Sequence[str | int], message: str, kind: str) -> Detail:
    """Return one entry of a 422."""
    return {"loc": list(location), "msg": message, "type": kind}


def response_of(error: ApiError, variants: Collection[str]) -> JSONResponse:
    """Render an error as the vendor sends it, with the variants of the error bodies applied."""
    body = error.body
    if "detail" in body and MESSAGE_422 in variants:
        body = {"success": False, "message": "; ".join(_sentence(entry) for entry in body["detail"])}
    if "message" in body and ERROR_KEY in variants:
        body = {("error" if key == "message" else key): value for key, value in body.items()}
    return JSONResponse(body, error.status, headers=dict(error.headers))


def _sentence(entry: Detail) -> str:
    return f"{'.'.join(map(str, entry['loc']))}: {entry['msg']}"


def sample(status: int) -> object:
    """Return the body an injected fault of this status carries; a server error is plain text (inferred)."""
    if status >= 500:
        return "Internal Server Error"
    if status == 422:
        return {"detail": [detail(["query", "version"], "Input should be greater than 0", "greater_than")]}
    return {"success": False, "message": _MESSAGES.get(status, "Request failed")}
