"""The standard plan's rate limit: a token bucket of 100 requests a minute with a first burst of 120.

The daily limit of 10 000 requests is left out. The page that documents all this is marked as in development.
"""

import math

RATE = 100 / 60
BURST = 120
TOKENS_A_MINUTE = 200_000
"""Language model tokens, which these endpoints use none of; the figure is invented."""


class Bucket:
    """Counts requests of one key. Times are Unix seconds."""

    def __init__(self) -> None:
        self._level = float(BURST)
        self._at: float | None = None

    def take(self, now: float) -> bool:
        """Take one request out; returns False, and takes nothing, when there is none left."""
        elapsed = 0.0 if self._at is None else max(0.0, now - self._at)
        self._level = min(BURST, self._level + elapsed * RATE)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True

    def wait(self) -> int:
        """Return the whole seconds until there is a request again, at least 1."""
        return max(1, math.ceil((1 - self._level) / RATE))

    def headers(self, now: float, *, split: bool) -> dict[str, str]:
        """Return the quota headers in the rate limit page's form, or in the debugging page's if split."""
        reset = str(math.ceil(now + (BURST - self._level) / RATE))
        facts = {"limit": "100", "remaining": str(int(self._level)), "reset": reset}
        if not split:
            return {f"x-ratelimit-{name}": value for name, value in facts.items()}
        tokens = {"limit": str(TOKENS_A_MINUTE), "remaining": str(TOKENS_A_MINUTE), "reset": reset}
        by_kind = {f"x-ratelimit-{name}-requests": value for name, value in facts.items()}
        return by_kind | {f"x-ratelimit-{name}-tokens": value for name, value in tokens.items()}
