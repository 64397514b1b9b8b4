"""`RateLimit` and `RateLimit-Policy`: what somebody may still ask, under as many policies as there are.

After draft-ietf-httpapi-ratelimit-headers-10. Whoever knows a quota adds it to the request's scope with `add_quota`;
the outermost layer writes the headers, once, for all of them.
"""

import math
from collections.abc import Iterable, MutableMapping
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

QUOTAS: Final = "gateway.quotas"
"""Key in the ASGI scope: the list of quotas that the answer shall tell."""

POLICY_HEADER: Final = b"ratelimit-policy"
LEFT_HEADER: Final = b"ratelimit"

_LARGEST: Final = 10**15 - 1

_Header: TypeAlias = tuple[bytes, bytes]


class Quota(NamedTuple):
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
    policies = [
        _policy(each.policy, each.most, each.window_seconds) for each in told if each.most is not None
    ]
    left = [_left(each) for each in told]
    found = [(POLICY_HEADER, ", ".join(policies)), (LEFT_HEADER, ", ".join(left))]
    return [(name, value.encode("ascii")) for name, value in found if value]


@lru_cache(256)
def _policy(policy: str, most: float, window_seconds: float | None) -> str:
    member = f"{_name(policy)};q={_whole(most)}"
    return member if window_seconds is None else f"{member};w={_whole(window_seconds, 1)}"


def _left(quota: Quota) -> str:
    member = f"{_name(quota.policy)};r={_whole(quota.left)}"
    return member if quota.reset_seconds is None else f"{member};t={_whole(quota.reset_seconds)}"


def _whole(value: float, least: int = 0) -> int:
    """Return a number as an integer of structured fields (RFC 9651 section 3.3.1), rounded up."""
    return math.ceil(min(max(value, least), _LARGEST))


@lru_cache(256)
def _name(policy: str) -> str:
    """Return the name as a string of structured fields (RFC 9651 section 3.3.3)."""
    plain = "".join(letter for letter in policy if " " <= letter <= "~")
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
