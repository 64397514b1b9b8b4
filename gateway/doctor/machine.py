"""Does this machine have what the gateway needs: its ports, and enough open files?"""

import errno
import http.client
import json
import os
import resource
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from gateway.doctor.findings import Finding, fail, ok, warn
from gateway.settings import Settings

PORT: Final = "port"
FILES: Final = "files"
AUDIT: Final = "audit"
_ASK_SECONDS: Final = 2.0
_ALIVE: Final = b'{"status":"alive"}'
_LISTENING: Final = "0A"
"""The state of a listening socket in the kernel's tables."""


def check_ports(settings: Settings) -> Iterator[Finding]:
    """Look whether the gateway can listen where it should."""
    host = settings.server.host
    ports = {"server.port": settings.server.port}
    for name, connection in settings.connections.items():
        own = connection.passthrough
        if own.enabled and own.port is not None:
            ports[f"connections.{name}.passthrough.port"] = own.port
    for key, port in ports.items():
        yield _port(key, host, port)


def check_files(settings: Settings) -> Finding:
    """Compare how many files a process may hold open with how many its sockets can come to."""
    needed = settings.server.connections
    for connection in settings.connections.values():
        needed += connection.limits.concurrency
        if connection.passthrough.enabled:
            # Each has two ends here, and there may be as many again without a key.
            needed += 4 * connection.passthrough.websockets
    if settings.cache.shared is not None:
        needed += settings.cache.shared.connections + 1
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if most == resource.RLIM_INFINITY or most >= needed:
        return ok(FILES, "", f"a process may hold {_number(most)} files open; its limits come to {needed}")
    message = f"a process may hold {most} files open, and its limits come to {needed}"
    return warn(FILES, "", message, f"raise it: ulimit -n {2 * needed}, or LimitNOFILE= in its service")


def check_audit(settings: Settings) -> Iterator[Finding]:
    """Look whether the audit log can be written; nothing is."""
    name = settings.server.audit.file
    if name is None:
        return
    path = settings.folder / name
    place = path if path.exists() else path.parent
    if path.is_dir() or not os.access(place, os.W_OK):
        yield fail(
            AUDIT, "server.audit.file", f"{name} cannot be written", "let the gateway's user write there"
        )
    else:
        yield ok(AUDIT, "server.audit.file", f"{name} can be written")


def _number(most: int) -> str:
    return "any number of" if most == resource.RLIM_INFINITY else str(most)


def _port(key: str, host: str, port: int) -> Finding:
    if port == 0:
        return ok(PORT, key, "a free port is taken")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            message = f"nobody may listen on {host} port {port} here ({error.strerror})"
            return fail(PORT, key, message, "choose another host or port, or give the process the right to")
        if _is_ours(host, port):
            return ok(PORT, key, f"a gateway answers on {host} port {port} already")
        message = f"port {port} on {host} is taken by {_holder(port) or 'another program'}"
        return fail(PORT, key, message, "choose another, or stop that program")
    return ok(PORT, key, f"port {port} on {host} is free")


def _is_ours(host: str, port: int) -> bool:
    """Say whether it is a gateway that listens there."""
    asked = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not listened on
    with (
        suppress(OSError, http.client.HTTPException),
        closing(http.client.HTTPConnection(asked, port, timeout=_ASK_SECONDS)) as asking,
    ):
        asking.request("GET", "/healthz")
        answer = asking.getresponse()
        return answer.status == 200 and "x-request-id" in answer.headers and answer.read(64) == _ALIVE
    return False


def _holder(port: int) -> str | None:
    """Return which process listens on a port, as far as the kernel tells and we may know; None otherwise."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for process in Path("/proc").glob("[0-9]*") if sockets else ():
        with suppress(OSError):
            if any(held in sockets for held in _held(process)):
                name = (process / "comm").read_text("utf-8", "replace").strip()
                return f"{json.dumps(name)} (process {process.name})"
    return None


def _held(process: Path) -> Iterator[str]:
    """Yield what a process holds open, but for what it closes while we look."""
    for link in (process / "fd").iterdir():
        with suppress(OSError):
            yield str(link.readlink())


def _inodes(port: int) -> Iterator[str]:
    """Yield the numbers of the sockets that listen on a port."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text("ascii").splitlines()[1:]:
                columns = line.split()
                if columns[3] == _LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                    yield columns[9]
