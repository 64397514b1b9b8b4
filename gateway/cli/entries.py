"""A caller's entry in the configuration, as it is to be pasted there."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from gateway.settings import CallerLimitSettings, CallerSettings
from gateway.settings.yaml_nodes import plain


def entry_of(caller: CallerSettings) -> str:
    """Return the lines under `callers:` that stand for a caller; what is as by default is left out."""
    return "\n".join(_lines(caller))


def _lines(caller: CallerSettings) -> Iterator[str]:
    yield f"  - name: {_text(caller.name)}"
    yield f"    key_hashes: [{', '.join(caller.key_hashes)}]"
    if caller.retiring_keys:
        yield "    retiring_keys:"
    for key in caller.retiring_keys:
        yield f"      - hash: {key.hash}"
        yield f"        expires: {moment_text(key.expires)}"
    if caller.connections != "all":
        yield f"    connections: [{', '.join(map(_text, caller.connections))}]"
    if caller.rights != CallerSettings.model_fields["rights"].default:
        yield f"    rights: [{', '.join(caller.rights)}]"
    limits = caller.limits.model_dump(exclude_defaults=True)
    if caller.limits != CallerLimitSettings():
        yield f"    limits: {{{_pairs(limits.items())}}}"
    if caller.expires is not None:
        yield f"    expires: {moment_text(caller.expires)}"


def moment_text(moment: datetime) -> str:
    """Return a time as the configuration has it: UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _pairs(pairs: Iterable[tuple[str, float]]) -> str:
    return ", ".join(f"{name}: {value:.12g}" for name, value in pairs)


def _text(name: str) -> str:
    """Return a name so that it is read as a text: one such as 2027 or null only is in quotes."""
    return name if plain(name) == name else f'"{name}"'
