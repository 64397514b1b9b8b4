"""How the reading commands reach the API: a running gateway, or one made for this command alone."""

import asyncio
import contextlib
import functools
import http.client
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias
from urllib.parse import quote, urlencode, urlsplit

import click
from typing_extensions import override

from adapters.addresses import is_loopback
from gateway.app import create_api
from gateway.callers import Caller
from gateway.cli.failures import Failure, ProblemFailure, fail_with_problem
from gateway.edge.asgi import Application, Message, Receive, Scope, Send
from gateway.edge.authentication import CALLER
from gateway.edge.context import ContextLayer
from gateway.environment import config_path
from gateway.main import prepare
from gateway.settings import ConfigInvalid
from gateway.settings.values import Right
from gateway.telemetry import logs
from schemas.json_codec import InvalidJsonError, loads

Query: TypeAlias = Mapping[str, object]
TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Sending:
    """What is sent besides the address.

    Attributes:
        method: of the request.
        body: None for none.
        headers: by lower-case name.
    """

    method: str = "GET"
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Client(Protocol):
    """Asks the API."""

    def get(self, *segments: str, query: Query | None = None) -> bytes:
        """Return the body of a successful answer.

        Raises:
            Failure: the answer is a problem, or there is none.
        """
        ...

    def send(self, sending: Sending, *segments: str, query: Query | None = None) -> bytes:
        """Return the body of a successful answer to any other request.

        Raises:
            Failure: the answer is a problem, or there is none.
        """
        ...


def target(segments: Sequence[str], query: Query | None) -> str:
    """Return the path and query of a request; each segment is encoded on its own, None values are left out.

    Raises:
        Failure: a segment is empty, which would lead to another route.
    """
    if "" in segments:
        raise Failure("the name of a connection and the id of a workflow must not be empty")
    path = "".join("/" + quote(segment, safe="") for segment in segments)
    given = {name: value for name, value in (query or {}).items() if value not in (None, (), "")}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Takes a redirect as an answer: the key is for the gateway alone."""

    @override
    def redirect_request(self, *_: object) -> None:
        return None


class RemoteClient(Client):
    """Asks a running gateway over HTTP."""

    def __init__(self, url: str, key: str | None) -> None:
        host = _host(url)
        if key is not None and not (key.isascii() and key.isprintable()):
            raise Failure("--key holds characters that no HTTP header carries")
        self._url = url.rstrip("/")
        self._key = key
        # A proxy cannot reach this machine's own loopback.
        own = [urllib.request.ProxyHandler({})] if is_loopback(host) else []
        self._opener = urllib.request.build_opener(_NoRedirect, *own)

    @override
    def get(self, *segments: str, query: Query | None = None) -> bytes:
        return self.send(Sending(), *segments, query=query)

    @override
    def send(self, sending: Sending, *segments: str, query: Query | None = None) -> bytes:
        request = urllib.request.Request(  # noqa: S310 - scheme checked above
            self._url + target(segments, query), sending.body, dict(sending.headers), method=sending.method
        )
        if self._key:
            request.add_header("X-API-Key", self._key)
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as response:
                body: bytes = response.read()
                return body
        except urllib.error.HTTPError as error:
            with error:
                fail_with_problem(error.read(), error.code)
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise ProblemFailure(f"no gateway answers at {self._url}: {reason}") from error


class LocalClient(Client):
    """Asks an application made from the configuration file, in this process."""

    def __init__(self, config: Path) -> None:
        try:
            settings, vendors, secrets = prepare(config)
        except ConfigInvalid as error:
            raise Failure(str(error)) from error
        logs.configure("error", "console", [secret.reveal() for secret in secrets.values()])
        self._api: Application = create_api(settings, vendors, secrets)

    @override
    def get(self, *segments: str, query: Query | None = None) -> bytes:
        return self.send(Sending(), *segments, query=query)

    @override
    def send(self, sending: Sending, *segments: str, query: Query | None = None) -> bytes:
        status, body = asyncio.run(_ask(self._api, sending, target(segments, query)))
        if status >= 400:
            fail_with_problem(body, status)
        return body


def at_gateway(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which running gateway to ask."""
    url = click.option(
        "--url",
        envvar="WORKFLOW_GATEWAY_URL",
        metavar="URL",
        help="Ask the gateway running here.  [env: WORKFLOW_GATEWAY_URL]",
    )
    key = click.option(
        "--key",
        envvar="WORKFLOW_GATEWAY_KEY",
        metavar="KEY",
        help="The gateway key for --url.  [env: WORKFLOW_GATEWAY_KEY]",
    )
    return url(key(command))


def needs_client(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say where to ask, and a client as its first argument."""

    @at_gateway
    @click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Without --url: the configuration.  [env: WORKFLOW_GATEWAY_CONFIG]  [default: config/gateway.yaml]",
    )
    @functools.wraps(command)
    def with_client(url: str | None, key: str | None, config: Path | None, **rest: Any) -> None:
        client = RemoteClient(url, key) if url else LocalClient(config or config_path())
        command(client, **rest)

    return with_client


def read(client: Client, *segments: str, query: Query | None = None) -> Any:
    """Return the JSON value of an answer.

    Raises:
        Failure: the answer is a problem or no JSON, or there is none.
    """
    body = client.get(*segments, query=query)
    try:
        return loads(body)
    except InvalidJsonError as error:
        raise ProblemFailure("what answers there is no gateway; is --url right?") from error


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port  # refuses ports that are no number up to 65535
    except ValueError as error:
        raise Failure(f"--url {url!r} has a host or a port that cannot be") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Failure(f"--url must begin with http:// or https:// and name a host, not {url!r}")
    return parts.hostname


async def _ask(api: Application, sending: Sending, path_and_query: str) -> tuple[int, bytes]:
    path, _, query = path_and_query.partition("?")
    headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in sending.headers.items()]
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": sending.method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": [(b"host", b"localhost"), *headers],
        # Whoever holds the configuration holds the vendors' credentials.
        CALLER: Caller("command line", rights=frozenset({Right.READ, Right.WRITE, Right.RUN})),
    }
    status, chunks = 500, []

    async def receive() -> Message:
        return {"type": "http.request", "body": sending.body or b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    async with _started(api):
        await ContextLayer(api)(scope, receive, send)
    return status, b"".join(chunks)


@contextlib.asynccontextmanager
async def _started(api: Application) -> AsyncIterator[None]:
    """Run the application's lifespan (ASGI lifespan protocol 2.0) around a block."""
    to_app: asyncio.Queue[Message] = asyncio.Queue()
    from_app: asyncio.Queue[Message] = asyncio.Queue()
    receive: Receive = to_app.get
    send: Send = from_app.put
    task = asyncio.ensure_future(api({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send))
    await to_app.put({"type": "lifespan.startup"})
    started = await from_app.get()
    if started["type"] != "lifespan.startup.complete":
        raise Failure(f"the gateway did not start: {started.get('message', '')}")
    try:
        yield
    finally:
        await to_app.put({"type": "lifespan.shutdown"})
        await task
