"""What every answer tells a browser, should one ever show it: that it is data, and nothing in it may act."""

import base64
import hashlib
import re
from collections.abc import Iterable
from typing import Final, TypeAlias

Header: TypeAlias = tuple[bytes, bytes]

POLICY: Final = b"content-security-policy"

SECURITY: Final[tuple[Header, ...]] = (
    # A vendor's document never becomes a script or a page because of how it begins.
    (b"x-content-type-options", b"nosniff"),
    # Whatever comes through the pass-through has no script, form, frame or origin of ours.
    (POLICY, b"default-src 'none'; frame-ancestors 'none'; sandbox"),
    # No page of another origin can load it into its own process.
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
)
"""Whether a browser may keep to https is said by whatever ends TLS in front of the gateway."""

_INLINE: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def secured(headers: Iterable[Header]) -> list[Header]:
    """Return headers with those of `SECURITY` that are not among them."""
    given = list(headers)
    names = {name for name, _ in given}
    return [*given, *(pair for pair in SECURITY if pair[0] not in names)]


def page_policy(page: bytes) -> str:
    """Return the policy of a page of our own: its very scripts and what this server gives, and nobody else's.

    Args:
        page: HTML; each script in it is allowed by its hash.
    """
    hashes = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in _INLINE.findall(page))
    scripts = " ".join(["'self'", *(f"'sha256-{digest}'" for digest in hashes)])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
