"""All checks, at once where they wait, each with a bound."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from adapters.contract import Vendor
from adapters.registry import load_all
from adapters.transport import Transport
from gateway.connections import Connection
from gateway.doctor import callers, credentials, machine, redis, vendors
from gateway.doctor.findings import Finding, fail, ok, without
from gateway.environment import Secret
from gateway.names import NameCollision, check_names
from gateway.runtime import connection_alone
from gateway.settings import SHARED_URL, ConfigInvalid, Settings, load_with_vendors

MOST_SECONDS: Final = 15.0
"""For one check that waits for somebody else."""

CONFIGURATION: Final = "configuration"
NAMES: Final = "names"


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at.

    Attributes:
        settings: checked.
        vendors: by name.
        secrets: those that could be read.
        clock: seconds of the wall clock.
        most_seconds: for one check.
    """

    settings: Settings
    vendors: Mapping[str, Vendor]
    secrets: Mapping[str, Secret]
    clock: Callable[[], float] = time.time
    most_seconds: float = MOST_SECONDS


async def examine(
    path: Path,
    *,
    offline: bool = False,
    clock: Callable[[], float] = time.time,
    most_seconds: float = MOST_SECONDS,
) -> tuple[Finding, ...]:
    """Return what all checks found, those of the configuration first.

    Args:
        path: the configuration file.
        offline: ask nobody beyond this machine.
        clock: seconds of the wall clock.
        most_seconds: for one check that waits.
    """
    found = [_names()]
    try:
        settings, known = load_with_vendors(path, load_all())
    except ConfigInvalid as error:
        faults = [fail(CONFIGURATION, "", str(issue), "") for issue in error.issues]
        return (*found, *faults)
    found.append(_configuration(settings, known))
    of_credentials, secrets = credentials.check_credentials(settings)
    found += of_credentials
    found += callers.check_callers(settings, datetime.fromtimestamp(clock(), UTC))
    found += await asyncio.to_thread(lambda: tuple(machine.check_ports(settings)))
    found.append(machine.check_files(settings))
    found += machine.check_audit(settings)
    if not offline:
        found += await _beyond(Patient(settings, known, secrets, clock, most_seconds))
    return without(found, [secret.reveal() for secret in secrets.values()])


def _names() -> Finding:
    try:
        check_names()
    except NameCollision as error:
        return fail(NAMES, "", str(error), "install the gateway in an environment of its own")
    return ok(NAMES, "", "every import name leads to the gateway's own packages")


def _configuration(settings: Settings, known: Mapping[str, Vendor]) -> Finding:
    described = len(known) - len(load_all())
    message = f"{settings.source} is fine: {_of(len(settings.connections), 'connection')}"
    return ok(CONFIGURATION, "", f"{message}, {_of(described, 'described vendor')}")


def _of(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


async def _beyond(patient: Patient) -> list[Finding]:
    """Ask everybody else, all at once."""
    checks = [
        _bounded(vendors.CHECK, name, _vendor(patient, name), patient.most_seconds)
        for name in patient.settings.connections
        if name in patient.secrets
    ]
    if SHARED_URL in patient.secrets:
        asking = redis.check_redis(patient.settings, patient.secrets)
        checks.append(_bounded(redis.CHECK, "", asking, patient.most_seconds))
    return [finding for found in await asyncio.gather(*checks) for finding in found]


async def _vendor(patient: Patient, name: str) -> tuple[Finding, ...]:
    vendor = patient.vendors[patient.settings.connections[name].vendor]
    connection = connection_alone(name, patient.settings, vendor, patient.secrets[name])
    try:
        return await vendors.check_vendor(connection, patient.clock)
    finally:
        await _closed(connection)


async def _closed(connection: Connection) -> None:
    if isinstance(connection.http, Transport):
        await connection.http.close()


async def _bounded(
    check: str, about: str, asking: Awaitable[Iterable[Finding]], most_seconds: float
) -> tuple[Finding, ...]:
    try:
        async with asyncio.timeout(most_seconds):
            return tuple(await asking)
    except TimeoutError:
        message = f"nothing came back within {most_seconds:g} seconds"
        return (
            fail(check, about, message, "look whether it is there, and at firewalls that swallow packets"),
        )
