"""One request on its way to its handler."""

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from starlette.requests import Request

from emulators.promptlayer.errors import refusal


@dataclass(frozen=True, slots=True)
class Call:
    """A routed request.

    Attributes:
        request: the request itself.
        captured: the path segments that stand for values, decoded, in order.
    """

    request: Request
    captured: tuple[str, ...] = ()

    @property
    def query(self) -> dict[str, str]:
        """The query parameters, the last value of each."""
        return dict(self.request.query_params)

    async def body(self) -> dict[str, Any]:
        """Return the request's JSON object.

        Raises:
            ApiError: 400, the body is not one.
        """
        try:
            value = json.loads(await self.request.body(), parse_constant=_no_constants)
            # A lone surrogate and 1e999 can be read but not be answered again.
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError) as error:
            raise refusal(400, "Invalid request body") from error
        if not isinstance(value, dict):
            raise refusal(400, "Invalid request body")
        return value


def _no_constants(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
