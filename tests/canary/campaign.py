"""Drives an installation through everything, and keeps all that came out."""

import asyncio
import json
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import Any, Final

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.canary.driving import Driver, Route, ask_by_every_key, ask_raw, routes_of
from tests.canary.installation import PARROTS, Installation, Process
from tests.canary.parrot import WAYS
from tests.canary.planted import Place
from tests.canary.watching import kept_in_redis, overhearing

FAULTS: Final[tuple[dict[str, Any], ...]] = (
    {"fault": "latency", "seconds": 0.01},
    {"fault": "status", "status": 500},
    {"fault": "status", "status": 401},
    {"fault": "status", "status": 429, "retry_after": "1"},
    {"fault": "html"},
    {"fault": "empty"},
    {"fault": "wrong_shape"},
    {"fault": "truncated"},
    {"fault": "invalid_json"},
    {"fault": "redirect"},
    {"fault": "reset"},
    {"fault": "reset_header"},
    {"fault": "reset_body"},
    {"fault": "drip", "seconds": 0.001, "chunk": 512},
    {"fault": "huge", "size": 600_000},
    {"fault": "bomb", "size": 600_000},
)


@dataclass
class Campaign:
    """What came out, by where."""

    installation: Installation
    places: list[Place] = field(default_factory=list)
    statuses: dict[str, set[int]] = field(default_factory=dict)
    routes: set[str] = field(default_factory=set)

    def run(self) -> None:
        """Do everything that a gateway of one process can be put through."""
        house = self.installation
        house.write()
        with (
            overhearing(house.redis, house.password) as heard,
            house.serving("one process") as process,
        ):
            self.places.append(Place("command line", process.seen_by_others()))
            driver = Driver(process.url, house.planted)
            asyncio.run(self._drive(driver, process))
            process.running.process.send_signal(signal.SIGTERM)
            process.running.process.wait(60)
        self.places += [*driver.places, *heard]
        self.statuses = driver.statuses

    async def _drive(self, driver: Driver, process: Process) -> None:
        house = self.installation
        async with httpx.AsyncClient(base_url=driver.url, trust_env=False) as client:
            description = (await client.get("/openapi.json")).json()
        routes = [*routes_of(description, house.planted("content of a write"))]
        self.routes = {f"{route.method} {route.path}" for route in routes}
        await self._vendors_as_they_are(driver, routes)
        await self._parrots(driver, routes)
        await ask_by_every_key(
            driver, ("/v1/workflows", "/v1/connections/noxus/workflows", "/metrics", "/docs")
        )
        await ask_raw(driver, self._heads())
        await self._websockets(driver)
        self.places += kept_in_redis(house.redis, house.password)
        await self._without_redis(driver, routes)
        await self._reloaded(driver, process, routes)
        self.places += kept_in_redis(house.redis, house.password)

    async def _vendors_as_they_are(self, driver: Driver, routes: list[Route]) -> None:
        """Ask the emulators: all of them while all is well, then with each fault one after the other."""
        house = self.installation
        headers = {"x-api-key": house.keys.good}
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            listed = await client.get(f"{driver.url}/v1/workflows?limit=200", headers=headers)
            found = _names(listed.json()["items"])
            for connection, names in found.items():
                # What deletes comes last, so that the others find something.
                for methods in (("GET",), ("POST", "PATCH", "PUT"), ("DELETE",)):
                    some = [route for route in routes if route.method in methods]
                    await driver.ask_routes(some, [connection], names, "well")
            other = [
                replace(route, method=method, body=None) for route in routes for method in ("HEAD", "OPTIONS")
            ]
            await driver.ask_routes(other, ["noxus"], found["noxus"], "other")
            for fault, connection in zip(FAULTS, cycle(found), strict=False):
                control = f"{house.emulators[connection]}/__emulator__"
                await client.put(f"{control}/faults", json=[fault])
                await driver.ask_routes(
                    routes, [connection], found[connection], "-".join(map(str, fault.values()))
                )
                await client.post(f"{control}/reset")

    async def _parrots(self, driver: Driver, routes: list[Route]) -> None:
        """Ask the parrot for every vendor in every way; what a vendor cannot do is asked for once."""
        house = self.installation
        own = [route for route in routes if route.has_connection]
        everywhere = [
            route for route in routes if route.path in ("/v1/connections", "/v1/workflows", "/metrics")
        ]
        offered = dict.fromkeys(PARROTS, own)
        for number, (way, name) in enumerate(zip(WAYS, cycle(PARROTS), strict=False)):
            house.parrot.way = way
            names = {"workflow": f"w{number}", "assistant": f"a{number}", "run": f"r{number}"}
            for vendor in PARROTS:
                statuses = await driver.ask_routes(offered[vendor], [f"parrot-{vendor}"], names, way)
                offered[vendor] = [
                    route for route, status in zip(offered[vendor], statuses, strict=True) if status != 501
                ]
            await driver.ask_routes(_passed(), [f"parrot-{name}"], names, way)
            probe = Route("GET", "/v1/connections/{connection}?probe=true", (), None, "")
            await driver.ask_routes([probe, *everywhere], [f"parrot-{name}"], {}, way)

    def _heads(self) -> list[bytes]:
        planted, key = self.installation.planted, self.installation.keys.good
        host = b"Host: localhost\r\n"
        raw, own = planted("raw head").encode(), f"X-API-Key: {key}\r\n".encode()
        return [
            b"GET /%b HTTP/1.1\r\n%bX-Bad\x00: %b\r\n%b\r\n" % (raw, host, raw, own),
            b"GET /v1/workflows HTTP/1.1\r\n%bContent-Length: 1\r\nContent-Length: 2\r\n%b\r\n" % (host, own),
            b"%b\r\n\r\n" % raw,
            b"GET /v1/workflows?%b HTTP/1.1\r\n%b%bX-Long: %b\r\n\r\n" % (raw, host, own, raw * 3000),
            b'POST /v1/connections/noxus/workflows HTTP/1.1\r\n%b%bContent-Length: 900\r\n\r\n{"%b'
            % (host, own, raw),
            b"POST /v1/connections/noxus/workflows HTTP/1.1\r\n%b%bContent-Type: application/json\r\n"
            b'Content-Length: 42\r\nConnection: close\r\n\r\n["%b", NaN]' % (host, own, raw),
        ]

    async def _websockets(self, driver: Driver) -> None:
        house = self.installation
        keys = house.keys
        house.parrot.way = "refuses"
        secret = house.planted("websocket's token")
        for key in (keys.good, keys.wrong, keys.expired):
            for path in (
                "parrot-noxus/socket",
                "promptlayer/connection/websocket",
                f"noxus/{keys.wrong}",
                "nobody/x",
            ):
                url = f"{driver.url.replace('http', 'ws')}/passthrough/{path}?token={secret}"
                data = b""
                try:
                    async with connect(
                        url,
                        additional_headers={**driver.headers, "x-api-key": key},
                        proxy=None,
                        open_timeout=20,
                    ) as socket:
                        await socket.send(json.dumps({"id": 1, "connect": {"token": secret}}))
                        data = repr(await asyncio.wait_for(socket.recv(), 10)).encode()
                except (WebSocketException, TimeoutError, OSError) as error:
                    response = getattr(error, "response", None)
                    head = (
                        b"" if response is None else str(response.headers).encode() + (response.body or b"")
                    )
                    data = repr(error).encode() + head
                target = f"/passthrough/{path}"
                told = house.planted.names_in(target.encode())
                driver.places.append(Place(f"answer to WEBSOCKET {target}", data, told))

    async def _without_redis(self, driver: Driver, routes: list[Route]) -> None:
        """Ask while Redis is gone, and while it does not take our password any more."""
        house = self.installation
        few = [route for route in routes if "/versions" not in route.path and "/runs" not in route.path]
        house.redis.kill()
        await driver.ask_routes(few, ["noxus"], {"workflow": "x"}, "redis-gone")
        # Not in another thread: the server ends with the one that started it.
        house.redis.start()
        with house.redis.client(house.password) as client:
            client.config_set("requirepass", house.planted("another password of Redis"))
        await driver.ask_routes(few, ["noxus"], {"workflow": "y"}, "redis-strange")
        with house.redis.client(house.planted("another password of Redis")) as client:
            client.config_set("requirepass", house.password)
        await driver.ask_routes(few, ["noxus"], {"workflow": "z"}, "redis-back")

    async def _reloaded(self, driver: Driver, process: Process, routes: list[Route]) -> None:
        """Reload files that cannot be used, and one with other credentials, by signal and by request."""
        house = self.installation
        reload = [route for route in routes if route.path in ("/v1/admin/reload", "/v1/admin/configuration")]
        assert len(reload) == 2
        for spoil in SPOILT.values():
            spoil(house)
            await driver.ask_routes(reload, [""], {}, "bad-file")
            os.kill(process.number, signal.SIGHUP)
        house.write()
        (house.folder / "noxus.key").write_text(house.planted("credential after a reload", "sk/{}+/=&x"))
        await driver.ask_routes(reload, [""], {}, "good-file")
        few = [route for route in routes if route.has_connection]
        for way in ("refuses", "finds fault in an envelope", "fails as if all were well"):
            house.parrot.way = way
            names = {"workflow": f"after-{way[:3]}", "assistant": "after", "run": "after"}
            await driver.ask_routes([*few, *reload], ["parrot-noxus"], names, "after-reload")


def _names(items: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Return by connection the names of things that are there: of the workflow of which most is known."""
    found: dict[str, dict[str, str]] = {}
    for item in items:
        assistant = item.get("assistant", {}).get("assistant_id", "")
        names = {
            "workflow": item["id"],
            "version": str(item.get("version", {}).get("number", "")),
            "label": next(iter(item.get("labels", [])), ""),
            "assistant": assistant,
        }
        given = {name: value for name, value in names.items() if value}
        if len(given) > len(found.get(item["connection"], {})):
            found[item["connection"]] = given
    fixed = {"vendor": "noxus", "name": "workflow.json", "code": "not_found"}
    return {connection: {**given, **fixed} for connection, given in found.items()}


def _passed() -> list[Route]:
    """Return the pass-through as routes."""
    path = "/passthrough/{connection}/{workflow}"
    asked = [Route(method, path, (), None, "") for method in ("GET", "HEAD", "OPTIONS")]
    changing = ("POST", "PUT", "PATCH", "DELETE")
    return asked + [Route(method, path, (), b'{"a": 1}', "application/json") for method in changing]


def _literal(house: Installation) -> None:
    document = house.document()
    document["connections"]["noxus"]["credential"] = house.planted(
        "credential written into the file", "sk-{}"
    )
    house.write(connections=document["connections"])


def _in_the_url(house: Installation) -> None:
    document = house.document()
    secret = house.planted("password in a base URL")
    document["connections"]["noxus"]["base_url"] = f"https://user:{secret}@vendor.example"
    house.write(connections=document["connections"])


def _in_redis_url(house: Installation) -> None:
    secret = house.planted("password in the address of Redis")
    house.write(cache={"shared": {"url": f"redis://:{secret}@127.0.0.1:1/0"}})


def _unknown(house: Installation) -> None:
    secret = house.planted("value of an unknown key")
    house.write(api_key=secret, server={"port": secret, "password": secret})


def _key_itself(house: Installation) -> None:
    house.write(
        callers=[{"name": "x", "key_hashes": [house.planted("key in place of its hash", "wg_{}-0123456789")]}]
    )


def _no_yaml(house: Installation) -> None:
    house.config.write_text(f"connections: {{a: [\n  token: {house.planted('line that is no YAML')}\n\t:")


def _no_certificate(house: Installation) -> None:
    path = f"/nowhere/{house.planted('path of a TLS file')}.pem"
    shared = {
        "url": "rediss://127.0.0.1:1/0",
        "tls": {"ca_file": path, "key_file": path, "certificate_file": path},
    }
    house.write(cache={"shared": shared})


def _unusable(house: Installation) -> None:
    house.write()
    house.folder.joinpath("noxus.key").write_text(f"{house.planted('credential of two lines')}\nand more\n")


SPOILT: Final[dict[str, Callable[[Installation], None]]] = {
    "literal credential": _literal,
    "base URL": _in_the_url,
    "Redis URL": _in_redis_url,
    "unknown keys": _unknown,
    "key, no hash": _key_itself,
    "no YAML": _no_yaml,
    "TLS": _no_certificate,
    "unusable credential": _unusable,
}
