"""Who may call, and for how long still?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from gateway.doctor.findings import Finding, fail, ok, warn
from gateway.settings import CallerSettings, Settings

CHECK: Final = "callers"
SOON: Final = timedelta(days=14)
_ADVICE: Final = "make new ones with workflow-gateway keys create"


def check_callers(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look at the callers' keys.

    Args:
        settings: checked; they do not let strangers in beyond this machine.
        now: with a zone.
    """
    if not settings.callers:
        yield ok(CHECK, "", "nobody is listed: everyone on this machine may call, and nobody else")
        return
    if all(caller.expires is not None and caller.expires <= now for caller in settings.callers):
        yield fail(CHECK, "", "every caller's keys have expired: nobody may call", _ADVICE)
    for caller in settings.callers:
        yield _caller(caller, now)
        yield from _retiring(caller, now)


def _caller(caller: CallerSettings, now: datetime) -> Finding:
    if caller.expires is None:
        return ok(CHECK, caller.name, "its keys do not expire")
    day = f"{caller.expires:%Y-%m-%d}"
    if caller.expires <= now:
        return warn(CHECK, caller.name, f"its keys expired on {day}", f"{_ADVICE}, or take the entry out")
    left = caller.expires - now
    if left <= SOON:
        when = "within a day" if left.days < 1 else f"in {left.days} days" if left.days > 1 else "in a day"
        return warn(CHECK, caller.name, f"its keys expire {when}, on {day}", _ADVICE)
    return ok(CHECK, caller.name, f"its keys are good until {day}")


def _retiring(caller: CallerSettings, now: datetime) -> Iterator[Finding]:
    """Look at the keys that are being replaced."""
    over = [key for key in caller.retiring_keys if key.expires <= now]
    if over:
        message = (
            f"{len(over)} of its retiring_keys ended, the last on {max(key.expires for key in over):%Y-%m-%d}"
        )
        yield warn(CHECK, caller.name, message, "take them out of the configuration")
    left = [key.expires for key in caller.retiring_keys if key.expires > now]
    if left:
        yield ok(CHECK, caller.name, f"old keys still work until {max(left):%Y-%m-%d}")
