"""Who may call, how much, from where, and what is written down of it."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from gateway.settings.base import SettingsModel, empty_list, empty_mapping
from gateway.settings.values import (
    ExpiryMoment,
    FilePath,
    KeyHash,
    Name,
    Origin,
    Right,
    Rights,
    Seconds,
    VisibleConnections,
)


class AuditSettings(SettingsModel):
    """The record of every write and every denied attempt."""

    file: FilePath | None = None
    """The file that it is appended to, relative to this file's folder; null for the log."""
    required: bool = False
    """Whether a write is refused with 503 when it cannot be written down beforehand; needs `file`."""


class CorsSettings(SettingsModel):
    """Web pages of other origins that may call, with a key, from a browser."""

    origins: Annotated[tuple[Origin, ...], BeforeValidator(empty_list)] = Field(default=(), strict=False)
    """Their origins, each exactly as in https://app.example.com; none when empty."""
    max_age_seconds: int = Field(default=600, ge=0, le=86_400)
    """How long a browser may remember what it was told of an origin."""


class RetiringKeySettings(SettingsModel):
    """A key that is being replaced."""

    hash: KeyHash
    """`sha256:` and 64 hex digits."""
    expires: ExpiryMoment
    """From when on this key is refused, as a date or a time (UTC unless it says otherwise)."""


class CallerLimitSettings(SettingsModel):
    """Bounds on what a caller may ask; all its keys share them."""

    requests_per_second: Seconds | None = Field(default=None, gt=0, le=1_000_000)
    """Requests that all workers answer together, in the long run; null for no bound."""
    burst: int | None = Field(default=None, ge=1, le=1_000_000)
    """Requests that may come at once after a rest; as many as in a second when null."""
    concurrency: int | None = Field(default=None, ge=1, le=100_000)
    """Requests under way at once in each worker, an open websocket counted too; null for no bound."""


class CallerSettings(SettingsModel):
    """Somebody with a gateway key."""

    name: Name
    """Who it is, in logs and metrics: a-z, 0-9 and -."""
    key_hashes: tuple[KeyHash, ...] = Field(min_length=1, max_length=8, strict=False)
    """`sha256:` and 64 hex digits of each key."""
    retiring_keys: Annotated[tuple[RetiringKeySettings, ...], BeforeValidator(empty_list)] = Field(
        default=(), max_length=8, strict=False
    )
    """Keys that are being replaced, each with its own end: `workflow-gateway keys rotate` writes them."""
    connections: VisibleConnections = "all"
    """The connections there are for this caller: `all`, or a list of names."""
    rights: Rights = (Right.READ,)
    """A list of `read`, `write`, `run`, `passthrough` (vendors' own APIs), `admin` (the gateway)."""
    limits: Annotated[CallerLimitSettings, BeforeValidator(empty_mapping)] = CallerLimitSettings()
    """Bounds on what the caller may ask; all its keys share them."""
    expires: ExpiryMoment | None = None
    """From when on all keys are refused, as a date or a time (UTC unless it says otherwise); null for never."""
