"""The URL of a store that instances share: taken apart and checked. It may hold a password: no message repeats it."""

import re
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import SplitResult, unquote, urlsplit

from gateway.environment import Secret

_CHARACTERS: Final = re.compile(r"[\x21-\x7e]+")
_DATABASE: Final = re.compile(r"/?|/[0-9]{1,5}")
_DATABASE_OF_A_SOCKET: Final = re.compile(r"(db=[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class StoreUrl:
    """A URL that can be used.

    Attributes:
        whole: the URL.
        scheme: `redis`, `rediss` (encrypted) or `unix`.
        password: percent-decoded; None without one.
    """

    whole: Secret
    scheme: Literal["redis", "rediss", "unix"]
    password: Secret | None


def parse_store_url(text: str) -> StoreUrl:
    """Return the parts of `redis://`, `rediss://` or `unix://`.

    Raises:
        ValueError: it is something else, or asks for what this gateway does not do.
    """
    if not _CHARACTERS.fullmatch(text) or "\\" in text:
        raise ValueError("a URL holds no blanks and only ASCII; write other characters percent-encoded")
    try:
        parts = urlsplit(text)
        _ = parts.port  # refuses ports that are no number up to 65535
    except ValueError:
        raise ValueError(
            "the host or the port of this URL is not valid; in a password write / # ? @ : percent-encoded"
        ) from None
    if "#" in text:
        raise ValueError("a URL holds no fragment here; in a password write # as %23")
    password = Secret(unquote(parts.password)) if parts.password else None
    match parts.scheme:
        case "redis" | "rediss" as scheme:
            _check_address(parts)
            return StoreUrl(Secret(text), scheme, password)
        case "unix":
            _check_socket(parts)
            return StoreUrl(Secret(text), "unix", password)
    raise ValueError("expected a URL that begins with redis://, rediss:// (encrypted) or unix://")


def _check_address(parts: SplitResult) -> None:
    if not parts.hostname:
        raise ValueError("a host is missing after the slashes of this URL")
    if not _DATABASE.fullmatch(parts.path):
        raise ValueError("after the host comes at most the number of a database, as in redis://host:6379/0")
    if parts.query:
        raise ValueError("a URL holds no query (?) here; the options have keys of their own")


def _check_socket(parts: SplitResult) -> None:
    if parts.hostname or not parts.path.startswith("/") or parts.path.endswith("/"):
        raise ValueError(
            "after unix:// comes the absolute path of a socket, as in unix:///run/redis.sock?db=0"
        )
    if not _DATABASE_OF_A_SOCKET.fullmatch(parts.query):
        raise ValueError("after the path of a socket comes at most ?db=0; the options have keys of their own")
