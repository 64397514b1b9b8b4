"""Why a network connection failed, in the system's own words."""

import os
import socket
import ssl


def system_reason(error: BaseException) -> str | None:
    """Return what the system, or TLS, says of a failure, such as `Connection refused`; None where neither does.

    Libraries' own words are left out: they may hold an address with a password.

    Args:
        error: the failure, or what was made of it.
    """
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, ssl.SSLError):
            said: str | None = getattr(found, "verify_message", None) or found.reason
            return said
        if isinstance(found, socket.gaierror):
            return found.strerror
        if isinstance(found, OSError) and found.errno:
            return os.strerror(found.errno)
        found = found.__cause__ or found.__context__
    return None
