"""The small types of a configuration: names, sizes, addresses, references, hashes and times."""

import ipaddress
import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from gateway.environment import parse_reference
from gateway.settings.store_url import parse_store_url
from schemas.base import Moment

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_KEY_HASH: Final = re.compile(r"sha256:[0-9a-f]{64}")
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_URL_CHARACTERS: Final = re.compile(r"[\x21-\x7e]+")
_PREFIX: Final = re.compile(r"[a-zA-Z0-9_-]{1,40}")
_SIZE: Final = re.compile(r"([0-9]{1,12}) ?(KiB|MiB|GiB)")
_PATTERN: Final = re.compile(r"/[A-Za-z0-9_.~%!$&'()*+,;=:@/-]*")
_HEADER: Final = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]{1,100}")
_NOT_PASSED_ON: Final = frozenset(
    {
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "cookie",
        "expect",
        "forwarded",
        "host",
    }
    | {"keep-alive", "location", "set-cookie", "set-cookie2", "te", "trailer", "transfer-encoding", "upgrade"}
    | {"via", "x-api-key"}
    | {"content-security-policy", "cross-origin-resource-policy", "referrer-policy", "x-content-type-options"}
)
_UNITS: Final[Mapping[str, int]] = MappingProxyType({"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3})


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError("a name is 1 to 63 of a-z, 0-9 and -, and begins with a letter or a digit")
    return text


def _host(text: str) -> str:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        if not _HOST.fullmatch(text):
            raise ValueError("expected a host name or an IP address, without a port") from None
    return text


def _size(value: object) -> object:
    """Return the bytes that a text such as `64MiB` stands for; what is no text is left to the integer's own check."""
    if not isinstance(value, str):
        return value
    match = _SIZE.fullmatch(value)
    if match is None:
        raise ValueError("expected a whole number of bytes, or one with KiB, MiB or GiB, such as 64MiB")
    return int(match[1]) * _UNITS[match[2]]


def _moment(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("expected a date or a time as in 2027-01-31 or 2027-01-31T09:00:00Z") from None


def _base_url(text: str) -> str:
    """Return an absolute URL without the slash at its end; the text is never repeated, it may hold a password."""
    if not _URL_CHARACTERS.fullmatch(text) or "\\" in text:
        raise ValueError("a URL holds no blanks and only ASCII; write an international host in its xn-- form")
    try:
        parts = urlsplit(text)
        host = parts.hostname
        _ = parts.port  # refuses ports that are no number up to 65535
    except ValueError:
        raise ValueError("the host or the port of this URL is not valid") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError("expected an absolute URL that begins with https:// or http://")
    _refuse_extras(text, parts)
    return text.rstrip("/")


def _refuse_extras(text: str, parts: SplitResult) -> None:
    if "@" in parts.netloc:
        raise ValueError("a URL holds no user or password here; the key belongs in credential")
    if "?" in text or "#" in text:
        raise ValueError("a base URL holds no query (?) and no fragment (#)")
    if any(segment in {".", ".."} for segment in parts.path.split("/")):
        raise ValueError("a base URL's path holds no . and no .. segments")


def _credential(value: object) -> str:
    """Return a reference to a secret; whatever else it is counts as a plain secret."""
    text = value if isinstance(value, str) else ""
    parse_reference(text)
    return text


def _store_address(value: object) -> str:
    """Return a reference to a URL, or the URL itself if it holds no password."""
    text = value if isinstance(value, str) else ""
    if text.startswith(("env:", "file:")):
        parse_reference(text)
    elif not text.startswith(("redis:", "rediss:", "unix:")):
        raise ValueError(
            "expected env:NAME or file:PATH, or a URL without a password such as redis://localhost:6379/0"
        )
    elif parse_store_url(text).password is not None:
        raise ValueError(
            "a password in this file ends up in backups and version control; put the whole URL in an environment "
            "variable and write env:ITS_NAME"
        )
    return text


def _prefix(text: str) -> str:
    if not _PREFIX.fullmatch(text):
        raise ValueError("a prefix is 1 to 40 of a-z, A-Z, 0-9, - and _")
    return text


def _file_path(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("expected the path of a file")
    return text


def _key_hash(value: object) -> str:
    text = value.lower() if isinstance(value, str) else ""
    if not _KEY_HASH.fullmatch(text):
        raise ValueError(
            "expected sha256: and the 64 hex digits of the key's SHA-256; the key itself does not belong in this file"
        )
    return text


def _visible(value: object) -> object:
    if value == "all":
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ValueError("expected the word all, or a list of connection names")


def _origin(text: str) -> str:
    """Return an origin as browsers send it (RFC 6454 section 6.2): lower case, no path, no port that goes unsaid."""
    if text == "*":
        raise ValueError("every page there is may not call with a key; list the origins, each exactly")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    given = f":{port}" if port is not None and port != {"https": 443, "http": 80}.get(parts.scheme) else ""
    name = parts.hostname or ""
    plain = f"{parts.scheme}://{f'[{name}]' if ':' in name else name}{given}"
    known = ":" in name or _HOST.fullmatch(name)
    if parts.scheme not in {"http", "https"} or not known or text != plain:
        raise ValueError(
            "expected an origin as browsers send it, such as https://app.example.com, without a path"
        )
    return text


def _path_pattern(text: str) -> str:
    if not _PATTERN.fullmatch(text) or any(part in {"", ".", ".."} for part in text[1:].split("/")):
        raise ValueError(
            "expected a path as it is sent, such as /v1/workflows/**; * is one segment, ** any number of them"
        )
    return text


def _header_name(text: str) -> str:
    name = text.lower()
    if not _HEADER.fullmatch(name):
        raise ValueError("expected the name of a header")
    if name in _NOT_PASSED_ON or name.startswith(("access-control-", "proxy-", "sec-", "x-forwarded-")):
        raise ValueError(
            "this header is about the connection, the caller or the gateway and is never passed on"
        )
    return name


class Right(StrEnum):
    """What a caller may do."""

    READ = "read"
    """Read what the connections hold."""
    WRITE = "write"
    """Change what the connections hold; what a change leaves behind is told."""
    RUN = "run"
    """Run workflows, and see what runs are given and give."""
    PASSTHROUGH = "passthrough"
    """Use a vendor's own API through the gateway, reading and changing alike."""
    ADMIN = "admin"
    """See how the gateway does, and purge its cache."""


def _rights(value: object) -> object:
    if isinstance(value, (list, tuple)):
        known = [right.value for right in Right]
        unknown = [item for item in value if item not in known]
        if value and not unknown and len(set(value)) == len(value):
            return tuple(Right(item) for item in value)
    raise ValueError(f"expected a list of rights without repeats, out of {', '.join(Right)}")


Name = Annotated[str, AfterValidator(_name)]
"""A connection's or a caller's name: part of URLs, logs and metrics."""

Host = Annotated[str, AfterValidator(_host)]
"""A host name or an IP address to listen on."""

ByteSize = Annotated[int, BeforeValidator(_size)]
"""Bytes: a whole number, or a text with KiB, MiB or GiB."""

Seconds = Annotated[float, Field(allow_inf_nan=False)]
"""A span of time."""

CacheSeconds = Annotated[float, Field(ge=0, le=31_536_000, allow_inf_nan=False)]
"""How long an answer stays fresh, up to a year; 0 switches off."""

ExpiryMoment = Annotated[Moment, BeforeValidator(_moment)]
"""A point in time; a date alone is its first moment, and without a zone it is UTC."""

BaseUrl = Annotated[str, AfterValidator(_base_url)]
"""An absolute http or https URL without user, query, fragment and final slash."""

CredentialReference = Annotated[str, BeforeValidator(_credential)]
"""`env:NAME` or `file:PATH`."""

StoreAddress = Annotated[str, BeforeValidator(_store_address)]
"""`env:NAME` or `file:PATH` of a redis, rediss or unix URL, or such a URL without a password."""

Origin = Annotated[str, AfterValidator(_origin)]
"""A web page's origin: scheme, host, and a port that is not the usual one."""

Prefix = Annotated[str, AfterValidator(_prefix)]
"""What the names of one installation begin with."""

PathPattern = Annotated[str, AfterValidator(_path_pattern)]
"""A path as it is sent, with `*` for a segment and `**` for any number of them."""

HeaderName = Annotated[str, AfterValidator(_header_name)]
"""The name of a header that may be passed on, in lower case."""

Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
"""An HTTP method that may be passed on."""

FilePath = Annotated[str, AfterValidator(_file_path)]
"""A file's path, relative to the configuration's folder."""

KeyHash = Annotated[str, BeforeValidator(_key_hash)]
"""`sha256:` and 64 lower-case hex digits."""

Rights = Annotated[tuple[Right, ...], BeforeValidator(_rights)]
"""Rights, each once."""

VisibleConnections = Annotated[Literal["all"] | tuple[str, ...], BeforeValidator(_visible)]
"""`all`, or connection names."""
