"""A vendor's host is not where our own network is, whatever its name leads to."""

import asyncio
import socket
from collections.abc import Callable

import pytest

from adapters.addresses import is_private_literal, is_public, may_be_dialled
from adapters.dialling import Names, dial
from adapters.errors import VendorSurprise, VendorUnreachable
from adapters.limits import Limits
from adapters.transport import Transport
from adapters.websocket import Sockets
from tests.adapters.loopback import Loopback, made_up_vendor

PUBLIC = ["1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1"]
PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.9.9.9",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "100::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
DISGUISED = ["::ffff:{0}", "64:ff9b::{0}", "64:ff9b:1::{0}"]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)
    assert not is_private_literal(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_every_other_address_is_not(address: str) -> None:
    assert not is_public(address)
    assert is_private_literal(address)


@pytest.mark.parametrize("disguise", DISGUISED)
@pytest.mark.parametrize("address", [address for address in PRIVATE if ":" not in address])
def test_an_ipv4_address_inside_one_of_ipv6_is_seen(address: str, disguise: str) -> None:
    assert not is_public(disguise.format(address))


@pytest.mark.parametrize("address", ["::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1"])
def test_a_public_address_inside_one_of_ipv6_is_public(address: str) -> None:
    assert is_public(address)


def test_a_private_address_behind_6to4_is_seen() -> None:
    assert not is_public("2002:a00:1::1")
    assert not is_public("2002:7f00:1::1")


@pytest.mark.parametrize("host", ["10.1", "0x0a000001", "167772161", "012.0.0.1", "2130706433", "0"])
def test_an_address_in_an_old_spelling_is_a_literal_too(host: str) -> None:
    assert is_private_literal(host)


@pytest.mark.parametrize("host", ["api.example.com", "localhost", "10.example.com", "", "ü", "1.1.1.1"])
def test_a_name_and_a_public_address_are_no_private_literals(host: str) -> None:
    assert not is_private_literal(host)


@pytest.mark.parametrize(
    ("address", "host", "private", "may"),
    [
        ("127.0.0.1", "127.0.0.1", False, True),
        ("127.0.0.1", "localhost", False, True),
        ("::1", "localhost", False, True),
        ("10.0.0.1", "localhost", False, False),
        ("127.0.0.1", "api.example.com", False, False),
        ("10.0.0.1", "10.0.0.1", False, False),
        ("10.0.0.1", "api.example.com", True, True),
        ("1.1.1.1", "api.example.com", False, True),
    ],
)
def test_only_this_machine_by_its_own_name_needs_no_leave(
    address: str, host: str, private: bool, may: bool
) -> None:
    assert may_be_dialled(address, host, private=private) is may


Leads = Callable[..., None]


@pytest.fixture
def leads(monkeypatch: pytest.MonkeyPatch) -> Leads:
    """Have every name lead to the addresses of each look-up in turn; the last stay."""

    def lead(*answers: list[str]) -> None:
        told = list(answers)

        def getaddrinfo(*_: object, **__: object) -> list[object]:
            found = told.pop(0) if len(told) > 1 else told[0]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in found]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return lead


def named(loopback: Loopback) -> str:
    """Return where the server is, by a name of the internet."""
    return loopback.url.replace("127.0.0.1", "api.example.com")


async def test_a_name_that_leads_to_a_private_address_is_not_called(loopback: Loopback, leads: Leads) -> None:
    leads(["127.0.0.1", "10.0.0.1"])
    async with Transport(made_up_vendor(), named(loopback), "secret-key") as http:
        with pytest.raises(VendorUnreachable, match="allow_private_addresses: true") as caught:
            await http.get("workflows")
    assert caught.value.never_left
    assert not caught.value.retryable
    assert loopback.connections == 0


async def test_a_connection_may_be_given_leave(loopback: Loopback, leads: Leads) -> None:
    leads(["127.0.0.1"])
    limits = Limits(private_addresses=True)
    async with Transport(made_up_vendor(), named(loopback), "secret-key", limits) as http:
        assert (await http.get("workflows")).status == 200


async def test_localhost_is_this_machine_or_nothing(loopback: Loopback, leads: Leads) -> None:
    url = loopback.url.replace("127.0.0.1", "localhost")
    async with Transport(made_up_vendor(), url, "secret-key") as http:
        leads(["127.0.0.1"])
        assert (await http.get("workflows")).status == 200
        leads(["10.0.0.1"])
        with pytest.raises(VendorUnreachable, match="private address"):
            await http.get("workflows")


async def test_of_several_addresses_only_the_public_ones_are_dialled(leads: Leads) -> None:
    leads(["10.0.0.1", "1.1.1.1", "fd00::1", "127.0.0.1", "2606:4700::1111"])
    assert await Names("api.example.com", 443).addresses() == ["1.1.1.1", "2606:4700::1111"]
    assert len(await Names("api.example.com", 443, private=True).addresses()) == 5


async def test_the_address_that_was_judged_is_the_one_that_is_dialled(leads: Leads) -> None:
    leads(["1.1.1.1"], ["127.0.0.1"])
    dialled: list[str] = []

    async def create_connection(_: object, host: str, *__: object, **___: object) -> None:
        dialled.append(host)
        raise ConnectionRefusedError

    asyncio.get_running_loop().create_connection = create_connection  # type: ignore[assignment, method-assign]
    with pytest.raises(ConnectionRefusedError):
        await dial(Names("api.example.com", 443), None, asyncio.Protocol)
    assert dialled == ["1.1.1.1"]


async def test_a_websocket_is_not_opened_to_a_private_address(loopback: Loopback, leads: Leads) -> None:
    leads(["127.0.0.1"])
    sockets = Sockets(made_up_vendor(), named(loopback), "secret-key", Limits())
    with pytest.raises(VendorUnreachable, match="allow_private_addresses: true") as caught:
        async with sockets.opened(b"/run", [], 1000, with_credential=True):
            pass
    assert caught.value.never_left
    assert not caught.value.retryable
    assert loopback.connections == 0


async def test_a_websocket_to_a_dead_address_tries_the_next(loopback: Loopback, leads: Leads) -> None:
    leads(["::1", "127.0.0.1"])
    sockets = Sockets(made_up_vendor(), named(loopback), "secret-key", Limits(private_addresses=True))
    with pytest.raises(VendorSurprise, match="answered 200 to a websocket"):
        async with sockets.opened(b"/run", [], 1000, with_credential=True):
            pass
    assert loopback.connections == 1
