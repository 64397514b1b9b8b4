"""`RateLimit` and `RateLimit-Policy`: what somebody may still ask, under as many policies as there are.

After draft-ietf-httpapi-ratelimit-headers-10. Whoever knows a quota adds it to the request's scope with `add_quota`;
the outermost layer writes the headers, once, for all of them.
"""

import math
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

QUOTAS: Final = "gateway.quotas"
"""Key in the ASGI scope: the list of quotas that the answer shall tell."""

POLICY_HEADER: Final = b"ratelimit-policy"
LEFT_HEADER: Final = b"ratelimit"

_Header: TypeAlias = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left under one policy.

    Attributes:
        policy: its name; of it only printable ASCII is told.
        most: how much there is in one window; None where nobody says.
        window_seconds: how long a window is; None where nobody says.
        left: how much there still is.
        reset_seconds: until all of it is there again; None where nobody says.
    """

    policy: str
    left: int
    most: int | None = None
    window_seconds: float | None = None
    reset_seconds: float | None = None


def add_quota(scope: MutableMapping[str, Any], quota: Quota) -> None:
    """Have the answer to a request tell of a quota; the last word on a policy counts."""
    quotas = scope.get(QUOTAS)
    if quotas is not None:
        quotas[:] = [other for other in quotas if other.policy != quota.policy] + [quota]


def ratelimit_headers(quotas: Iterable[Quota]) -> list[_Header]:
    """Return the headers that tell of quotas: none for none, and no policy where no quota tells how much there is."""
    told = list(quotas)
    policies = [_policy(quota) for quota in told if quota.most is not None]
    left = [_left(quota) for quota in told]
    found = [(POLICY_HEADER, ", ".join(policies)), (LEFT_HEADER, ", ".join(left))]
    return [(name, value.encode("ascii")) for name, value in found if value]


def _policy(quota: Quota) -> str:
    member = f"{_name(quota)};q={max(0, quota.most or 0)}"
    return member if quota.window_seconds is None else f"{member};w={max(1, math.ceil(quota.window_seconds))}"


def _left(quota: Quota) -> str:
    member = f"{_name(quota)};r={max(0, quota.left)}"
    return member if quota.reset_seconds is None else f"{member};t={max(0, math.ceil(quota.reset_seconds))}"


def _name(quota: Quota) -> str:
    """Return the name as a string of structured fields (RFC 9651 section 3.3.3)."""
    plain = "".join(letter for letter in quota.policy if " " <= letter <= "~")
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
