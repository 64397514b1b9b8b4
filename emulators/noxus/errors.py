"""Error answers in the vendor's form: FastAPI's `detail`, a text or a list of problems, and no machine code."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse, Response

DETAILS: Mapping[int, str] = {
    400: "Bad request",
    401: "Invalid API key",
    403: "Not allowed",
    404: "Workflow not found",
    409: "Run count changed",
    429: "Rate limit exceeded",
}
SERVER_ERROR = "Internal Server Error"


class ApiError(Exception):
    """An answer that is not a success; raised anywhere below a handler."""

    def __init__(self, status: int, detail: str | list[dict[str, Any]]) -> None:
        super().__init__(f"{status} {detail}")
        self.status = status
        self.detail = detail

    def response(self) -> Response:
        """Return the answer the vendor sends."""
        return JSONResponse({"detail": self.detail}, status_code=self.status)


def not_found(kind: str) -> ApiError:
    """Return the 404 for a kind of record, such as `Workflow`."""
    return ApiError(404, f"{kind} not found")


def problem(location: list[str | int], message: str, code: str) -> dict[str, Any]:
    """Return one entry of a 422 answer: where, what, and the validator's code."""
    return {"loc": location, "msg": message, "type": code}


def invalid(location: list[str | int], message: str, code: str) -> ApiError:
    """Return a 422 with a single problem."""
    return ApiError(422, [problem(location, message, code)])


def error_body(status: int) -> object:
    """Return the body of an error status: JSON below 500, a bare text from there on, as the framework does."""
    if status >= 500:
        return SERVER_ERROR if status == 500 else HTTPStatus(status).phrase
    if status == 422:
        message = "Input should be a valid UUID"
        return {"detail": [problem(["path", "workflow_id"], message, "uuid_parsing")]}
    known = {code.value: code.phrase for code in HTTPStatus}
    return {"detail": DETAILS.get(status) or known.get(status, "Error")}
