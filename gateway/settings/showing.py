"""Shows a configuration without what should not be seen."""

from collections.abc import Mapping

from gateway.environment import SecretUnavailable, resolve
from gateway.settings.models import Settings
from schemas.base import JsonObject

_SHOWN_DIGITS = 8


def masked(settings: Settings, environment: Mapping[str, str] | None = None) -> JsonObject:
    """Return the configuration with every default filled in, as JSON values.

    A credential, and the URL of a shared cache, is shown as its reference and whether it is there (`set`, or `missing`
    with the problem); a key hash by its first digits, enough to tell keys apart.

    Args:
        settings: a checked configuration.
        environment: the variables; the process's own when None.
    """
    document: JsonObject = settings.model_dump(mode="json")
    for caller in document["callers"]:
        caller["key_hashes"] = [shortened(key_hash) for key_hash in caller["key_hashes"]]
        for key in caller["retiring_keys"]:
            key["hash"] = shortened(key["hash"])
    for connection in document["connections"].values():
        connection["credential"] = _credential(connection["credential"], settings, environment)
    shared = document["cache"]["shared"]
    if shared is not None and shared["url"].startswith(("env:", "file:")):
        shared["url"] = _credential(shared["url"], settings, environment)
    return document


def shortened(key_hash: str) -> str:
    """Return a key's hash by its first digits, enough to tell keys apart."""
    algorithm, _, digits = key_hash.partition(":")
    return f"{algorithm}:{digits[:_SHOWN_DIGITS]}..."


def _credential(reference: str, settings: Settings, environment: Mapping[str, str] | None) -> JsonObject:
    try:
        resolve(reference, environment, settings.folder)
    except SecretUnavailable as error:
        return {"reference": reference, "state": "missing", "problem": str(error)}
    return {"reference": reference, "state": "set"}
