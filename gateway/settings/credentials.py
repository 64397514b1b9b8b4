"""Looks up the secrets that a configuration refers to."""

import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from gateway.environment import Secret, SecretUnavailable, resolve
from gateway.settings.issues import ConfigInvalid, Issue
from gateway.settings.models import Settings, SharedCacheSettings
from gateway.settings.store_url import StoreUrl, parse_store_url

# No connection has a name with a dot.
SHARED_URL: Final = "cache.shared.url"
"""Under this name is the whole URL of the shared cache."""
SHARED_PASSWORD: Final = "cache.shared.password"  # noqa: S105 - the name, not the password
"""Under this name is the password out of that URL, if there is one, so that logs do not show it either."""


def read_credentials(
    settings: Settings, environment: Mapping[str, str] | None = None
) -> Mapping[str, Secret]:
    """Return every connection's credential by the connection's name, and the shared cache's as told above.

    Args:
        settings: a checked configuration.
        environment: the variables; the process's own when None.

    Raises:
        ConfigInvalid: at least one is missing or cannot be used, or a certificate of the shared cache cannot; all of
            them are named.
    """
    found: dict[str, Secret] = {}
    issues: list[Issue] = []
    for name, connection in settings.connections.items():
        try:
            found[name] = resolve(connection.credential, environment, settings.folder)
        except SecretUnavailable as error:
            issues.append(Issue(str(settings.source), None, f"connections.{name}.credential", str(error)))
    found |= _shared(settings, environment, issues)
    if issues:
        raise ConfigInvalid(issues)
    return found


def _shared(
    settings: Settings, environment: Mapping[str, str] | None, issues: list[Issue]
) -> Mapping[str, Secret]:
    shared = settings.cache.shared
    if shared is None or not settings.cache.enabled:
        return {}
    try:
        url = _url(shared.url, environment, settings.folder)
    except (SecretUnavailable, ValueError) as error:
        issues.append(Issue(str(settings.source), None, SHARED_URL, str(error)))
        return {}
    for key, message in _tls_faults(shared, url, settings.folder):
        issues.append(Issue(str(settings.source), None, f"cache.shared.tls{key}", message))
    return {SHARED_URL: url.whole} | ({} if url.password is None else {SHARED_PASSWORD: url.password})


def _url(address: str, environment: Mapping[str, str] | None, folder: Path) -> StoreUrl:
    if not address.startswith(("env:", "file:")):
        return parse_store_url(address)
    text = resolve(address, environment, folder).reveal()
    try:
        return parse_store_url(text)
    except ValueError as error:
        raise ValueError(f"{address}: {error}") from None


def _tls_faults(shared: SharedCacheSettings, url: StoreUrl, folder: Path) -> Iterator[tuple[str, str]]:
    """Read the certificates now: a file that cannot be used should stop the start and not the shared cache."""
    tls = shared.tls
    files = {key: str(folder / path) for key, path in tls.model_dump().items() if path is not None}
    if not files:
        return
    if url.scheme != "rediss":
        yield "", "certificates are used with rediss:// only; use it, or take them out"
    if tls.key_file is not None and tls.certificate_file is None:
        yield ".certificate_file", "is required where there is a key_file"
    context = ssl.create_default_context()
    try:
        if tls.ca_file is not None:
            context.load_verify_locations(files["ca_file"])
    except OSError as error:
        yield ".ca_file", _unusable(error)
    try:
        if tls.certificate_file is not None:
            context.load_cert_chain(files["certificate_file"], files.get("key_file"), password="")
    except OSError as error:
        yield ".certificate_file", _unusable(error)


def _unusable(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return "the file is no PEM file that can be used, or its key is missing, another's or encrypted"
    return f"the file cannot be read: {error.strerror or type(error).__name__}"
