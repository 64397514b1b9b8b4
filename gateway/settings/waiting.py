"""What a running process cannot change about itself: where it listens, and what it has to remember."""

from typing import Final

from adapters.addresses import is_loopback
from gateway.settings.issues import ConfigInvalid, Issue
from gateway.settings.models import Settings

_LASTING: Final = ("host", "port", "workers", "idempotency_bytes")


def ports(settings: Settings) -> dict[str, int]:
    """Return the ports of connections that have one of their own."""
    return {
        name: connection.passthrough.port
        for name, connection in settings.connections.items()
        if connection.passthrough.enabled and connection.passthrough.port is not None
    }


def held_back(running: Settings, wanted: Settings) -> tuple[Settings, tuple[str, ...]]:
    """Return what can be taken over of other settings, and the keys whose change waits for a restart.

    Args:
        running: what the process was started with.
        wanted: what the file says now.

    Raises:
        ConfigInvalid: what could be taken over would let everybody in.
    """
    if not wanted.callers and not is_loopback(running.server.host):
        message = "the gateway listens beyond this machine, which needs at least one caller"
        raise ConfigInvalid([Issue(str(wanted.source), None, "callers", message)])
    needed = [
        f"server.{key}" for key in _LASTING if getattr(running.server, key) != getattr(wanted.server, key)
    ]
    server = wanted.server.model_copy(update={key: getattr(running.server, key) for key in _LASTING})
    before, after = ports(running), ports(wanted)
    changed = sorted(name for name in before | after if before.get(name) != after.get(name))
    needed += [f"connections.{name}.passthrough.port" for name in changed]
    cache = wanted.cache
    if _remembers(running) != _remembers(wanted):
        # Idempotency keys are remembered elsewhere then, and a request sent again would be carried out again.
        needed.append("cache.shared")
        update = {"shared": running.cache.shared, "enabled": running.cache.enabled}
        cache = cache.model_copy(update=update)
    return wanted.model_copy(update={"server": server, "cache": cache}), tuple(needed)


def _remembers(settings: Settings) -> tuple[bool, bool]:
    shared = settings.cache.shared is not None
    return shared, shared and settings.cache.enabled
