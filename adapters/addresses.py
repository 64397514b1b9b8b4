"""Which addresses belong to the internet, and which to somebody's own network."""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_INTERNET: Final = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that is given out (RFC 4291 section 2.4); the rest is local, reserved or for several at once."""

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")

_NOT_PUBLIC: Final = (
    ipaddress.ip_network("192.0.0.0/24"),
    ipaddress.ip_network("192.88.99.0/24"),
    # Azure's service for its machines, which looks like an address of the internet and is none.
    ipaddress.ip_network("168.63.129.16/32"),
    ipaddress.ip_network("3fff::/20"),
)
"""What `ipaddress` takes for public in some or all of Python's versions."""


class AddressRefused(OSError):
    """A host has addresses, and every one of them is private."""


def is_loopback(host: str) -> bool:
    """Return whether a host is surely this machine alone: `localhost`, 127.0.0.0/8 or ::1."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Return whether an address is one of the internet: not of a private network, this machine, a link or a group.

    An IPv6 address that stands for one of IPv4 is as public as that one is.

    Args:
        address: an IP address; a zone behind `%` is allowed.

    Raises:
        ValueError: it is none.
    """
    return all(map(_is_public, _meanings(ipaddress.ip_address(address))))


def is_private_literal(host: str) -> bool:
    """Return whether a host is written as an address, in whatever way a system takes, that is not public."""
    try:
        return not is_public(host)
    except ValueError:
        pass
    try:
        # 10.1, 0x0a000001 and 167772161 are all taken for 10.0.0.1.
        return not is_public(socket.inet_ntoa(socket.inet_aton(host)))
    except (OSError, UnicodeError):
        return False


def may_be_dialled(address: str, host: str, *, private: bool) -> bool:
    """Say whether a connection may be opened to an address.

    Args:
        address: one that the host's name leads to.
        host: as it is configured; one that is this machine by its very words may lead to this machine.
        private: whether private addresses are allowed.
    """
    return private or is_public(address) or (is_loopback(host) and is_loopback(address))


def _is_public(address: Address) -> bool:
    if any(address in network for network in _NOT_PUBLIC if network.version == address.version):
        return False
    if isinstance(address, ipaddress.IPv6Address) and address not in _INTERNET:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _meanings(address: Address) -> Iterator[Address]:
    """Yield the addresses that are reached with one."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
        return
    last = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.ipv4_mapped is not None or address in _NAT64:
        yield last
    elif address.sixtofour is not None:
        yield address.sixtofour
    else:
        yield address
