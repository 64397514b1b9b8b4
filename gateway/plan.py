"""What a running gateway is built from, and which of its parts two of them have in common."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.contract import Vendor
from gateway.environment import Secret
from gateway.settings import SHARED_PASSWORD, SHARED_URL, Settings


@dataclass(frozen=True, slots=True)
class Plan:
    """What a runtime is built from.

    Attributes:
        settings: checked settings.
        vendors: every vendor by name.
        secrets: as `read_credentials` returns them.
    """

    settings: Settings
    vendors: Mapping[str, Vendor]
    secrets: Mapping[str, Secret]

    def of_connection(self, name: str) -> tuple[object, ...] | None:
        """Return all that makes a connection what it is; None where there is none of that name."""
        configured = self.settings.connections.get(name)
        if configured is None:
            return None
        vendor = self.vendors[configured.vendor]
        speaks = vendor if vendor.made_from is None else vendor.made_from
        return configured, speaks, self.secrets[name], self.settings.cache.jitter, self.settings.folder

    @property
    def shared_secrets(self) -> Mapping[str, Secret]:
        """Return the secrets of the shared cache, that a file which does not speak of it any more does not name."""
        return {name: self.secrets[name] for name in (SHARED_URL, SHARED_PASSWORD) if name in self.secrets}

    @property
    def of_store(self) -> tuple[object, ...]:
        """Return all that makes the cache what it is."""
        cache = self.settings.cache.model_copy(update={"jitter": 0.0})
        return cache, self.secrets.get(SHARED_URL), self.settings.folder

    @property
    def of_keys(self) -> tuple[object, ...]:
        """Return all that makes the memory of idempotency keys what it is."""
        cache = self.settings.cache
        shared = None if cache.shared is None else (cache.shared, cache.enabled, self.settings.folder)
        return shared, self.secrets.get(SHARED_URL), self.settings.server.workers
