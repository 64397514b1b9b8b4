"""The seeded company and its people, and the ids of everything."""

import random
import string
from dataclasses import dataclass
from datetime import UTC, datetime

from emulators.aitronos.records import User


@dataclass(frozen=True, slots=True)
class Company:
    """An organization and who in it made the key."""

    organization_id: str
    key_owner: User


def make_id(prefix: str, slug: str) -> str:
    """Return an id of the vendor's form, always the same for one slug."""
    source = random.Random(f"{prefix}{slug}")
    return prefix + "".join(source.choices(string.ascii_lowercase + string.digits, k=12))


def at(moment: str) -> int:
    """Return the Unix seconds of an ISO date and time in UTC."""
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())


def user(name: str) -> User:
    """Return a person of the company by full name."""
    local = name.lower().replace(" ", ".").replace("é", "e").replace("ü", "u")
    return User(make_id("usr_", local), name, f"{local}@bergquell.example")


def company() -> Company:
    """Return the company whose key the emulator takes."""
    return Company(make_id("org_", "bergquell"), user("Mara Keller"))


def other_organization_id() -> str:
    """Return an organization whose records this key may not see."""
    return make_id("org_", "talwind")
