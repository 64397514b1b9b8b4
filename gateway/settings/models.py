"""The configuration as frozen records. Every key has its sentence; every key that can have a default has one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from gateway.settings.access import AuditSettings, CallerSettings, CorsSettings
from gateway.settings.base import SettingsModel, empty_list, empty_mapping
from gateway.settings.values import (
    BaseUrl,
    ByteSize,
    CacheSeconds,
    CredentialReference,
    FilePath,
    HeaderName,
    Host,
    Method,
    Name,
    PathPattern,
    Prefix,
    Seconds,
    StoreAddress,
)

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

DESCRIPTIONS_KEY = "vendor_descriptions"
DESCRIPTIONS_FOLDER = "vendors"


class ServerSettings(SettingsModel):
    """Where and how the gateway listens."""

    host: Host = "127.0.0.1"
    """The address to listen on; beyond this machine only with at least one caller."""
    port: int = Field(default=8080, ge=0, le=65535)
    """The port to listen on; 0 takes a free one."""
    workers: int = Field(default=1, ge=1, le=64)
    """How many processes answer on that port, each with a cache of its own; about one for each core."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important thing that is logged."""
    log_format: Literal["auto", "console", "json"] = "auto"
    """Logs for people (`console`) or for machines (`json`); `auto` looks whether a terminal reads them."""
    docs: bool = True
    """Whether to serve the API's documentation under /docs."""
    request_bytes: ByteSize = Field(default=8 * MIB, ge=KIB, le=256 * MIB)
    """The largest body that a caller may send, in bytes or with KiB, MiB, GiB."""
    request_objects: int = Field(default=100_000, ge=100, le=10_000_000)
    """The most JSON objects and arrays in a caller's body."""
    listing_pages: int = Field(default=10, ge=1, le=1000)
    """The most pages that one listing asks of a connection while filters let nothing through; its cursor goes on."""
    listing_patience_seconds: Seconds = Field(default=5.0, gt=0, le=600)
    """How long a listing over several connections waits for one of them before it goes on without it."""
    connections: int = Field(default=1000, ge=1, le=1_000_000)
    """The most client connections at once in each process; whoever comes beyond that is answered 503 at once."""
    head_seconds: Seconds = Field(default=10.0, ge=0.1, le=600)
    """How long a client may take to send the head of a request."""
    body_idle_seconds: Seconds = Field(default=30.0, ge=0.1, le=600)
    """How long a client may let pass between two pieces of a request's body."""
    keep_alive_seconds: Seconds = Field(default=5.0, ge=0.1, le=3600)
    """How long a connection stays open for its next request; longer than a load balancer in front keeps it."""
    write_seconds: Seconds = Field(default=60.0, ge=0.1, le=3600)
    """How long a client may take nothing of an answer or a websocket before it is cut off."""
    drain_seconds: Seconds = Field(default=0.0, ge=0, le=600)
    """How long everything is still answered after SIGTERM while /readyz says 503; 5 or more behind a load balancer."""
    graceful_seconds: Seconds = Field(default=10.0, ge=0, le=600)
    """How long requests under way may then take to end."""
    retire_seconds: Seconds = Field(default=300.0, ge=1, le=86_400)
    """How long requests and streams from before a reload may go on with the configuration they began with."""
    deadline_seconds: Seconds = Field(default=30.0, gt=0, le=3600)
    """The longest that a request may take; callers may ask for less with `Prefer: wait=<seconds>`."""
    idempotency_bytes: ByteSize = Field(default=32 * MIB, ge=MIB, le=16 * GIB)
    """What idempotency keys and their answers may weigh in a process's own memory; the oldest answers go first."""
    log_hits_every: int = Field(default=1000, ge=0, le=1_000_000)
    """One of so many answers out of the cache is logged: 1 logs all of them, at ten times their cost, 0 none."""
    audit: Annotated[AuditSettings, BeforeValidator(empty_mapping)] = AuditSettings()
    """The record of every write and every denied attempt."""
    cors: Annotated[CorsSettings, BeforeValidator(empty_mapping)] = CorsSettings()
    """Web pages of other origins that may call, with a key, from a browser."""


class TlsSettings(SettingsModel):
    """Certificates for `rediss://`, as PEM files; paths are relative to this file's folder."""

    ca_file: FilePath | None = None
    """Whom the server's certificate must come from; the system's authorities when null."""
    certificate_file: FilePath | None = None
    """The certificate that the gateway shows, for servers that ask for one."""
    key_file: FilePath | None = None
    """The key of that certificate; null when the same file holds both."""


class SharedBreakerSettings(SettingsModel):
    """When Redis is left alone."""

    failures: int = Field(default=3, ge=1, le=1000)
    """So many calls in a row without an answer in time stop the calls."""
    rest_seconds: Seconds = Field(default=1.0, ge=0.05, le=60)
    """How long no call is made then; whether it is back is found out beside the requests."""


class SharedCacheSettings(SettingsModel):
    """A Redis or Valkey that several instances share, behind the memory of each. It needs the extra `redis`."""

    url: StoreAddress
    """Where it is: `env:NAME` or `file:PATH` of a URL, or a URL without a password (redis://, rediss://, unix://)."""
    tls: Annotated[TlsSettings, BeforeValidator(empty_mapping)] = TlsSettings()
    """Certificates for `rediss://`, as PEM files; paths are relative to this file's folder."""
    prefix: Prefix = "wg"
    """What all names there begin with; keeps several installations in one Redis apart."""
    patience_seconds: Seconds = Field(default=0.004, ge=0.001, le=1)
    """How long a request waits for an answer; when one is late, no request waits until it is there or has failed."""
    call_seconds: Seconds = Field(default=0.05, ge=0.001, le=5)
    """The longest that one call may take, beside the requests, before it counts as failed."""
    connect_seconds: Seconds = Field(default=1.0, ge=0.01, le=30)
    """The longest that connecting may take, beside the requests."""
    connections: int = Field(default=10, ge=1, le=1000)
    """The most network connections for calls; one more listens."""
    longest_seconds: Seconds = Field(default=604_800.0, ge=1, le=31_536_000)
    """The longest that anything is kept there."""
    largest_bytes: ByteSize = Field(default=8 * MIB, ge=KIB, le=256 * MIB)
    """Answers beyond that are not shared, in bytes or with KiB, MiB, GiB."""
    breaker: Annotated[SharedBreakerSettings, BeforeValidator(empty_mapping)] = SharedBreakerSettings()
    """When Redis is left alone."""


class CacheSettings(SettingsModel):
    """How much may be kept."""

    enabled: bool = True
    """Whether answers are kept at all."""
    max_bytes: ByteSize = Field(default=64 * MIB, ge=64 * KIB, le=64 * GIB)
    """The most that is kept, in bytes or with KiB, MiB, GiB; beyond it the least used goes."""
    jitter: float = Field(default=0.1, ge=0, le=1, allow_inf_nan=False)
    """By how much a time to be fresh is shortened at random, at most, so that not everything expires at once."""
    shared: SharedCacheSettings | None = None
    """The Redis or Valkey that instances share; null for none, every process then keeps its own."""


class TracingSettings(SettingsModel):
    """Traces: whom they are told, and whether OpenTelemetry records them."""

    enabled: bool = False
    """Whether spans go to the collector that `OTEL_EXPORTER_OTLP_ENDPOINT` names. It needs the extra `otel`."""
    sample_ratio: float = Field(default=0.1, ge=0, le=1, allow_inf_nan=False)
    """The part of the traces begun here that is recorded; whoever calls with a trace decides for that one."""
    to_vendors: bool = True
    """Whether vendors are told which trace a call belongs to: `traceparent`, and the caller's `tracestate`."""


class RetrySettings(SettingsModel):
    """How calls to a vendor are made again: reads, and what surely was not done; never what is passed through."""

    attempts: int = Field(default=3, ge=1, le=10)
    """How often a call is made at most, the first time included."""
    base_seconds: Seconds = Field(default=0.1, ge=0, le=60)
    """The longest pause before the second attempt, of which a random part is waited; it doubles each time."""
    cap_seconds: Seconds = Field(default=2.0, ge=0, le=600)
    """The longest of these pauses; a vendor's `Retry-After` is obeyed besides where there is time for it."""
    budget: float = Field(default=0.2, ge=0, le=10, allow_inf_nan=False)
    """How many attempts may be made again for each call, on the average: 0.2 is one for five calls, 0 none."""


class BreakerSettings(SettingsModel):
    """When a vendor that does not answer is left alone."""

    failures: int = Field(default=5, ge=0, le=1000)
    """So many attempts in a row without an answer, or with a server error, stop the calls; 0 for never."""
    rest_seconds: Seconds = Field(default=5.0, ge=0.05, le=600)
    """How long no call is made then; after that one at a time, until one is answered."""


class LimitSettings(SettingsModel):
    """Bounds on the calls to one connection's vendor."""

    timeout_seconds: Seconds = Field(default=10.0, gt=0, le=600)
    """For a whole call, from the queue to the last byte, with every further attempt."""
    attempt_seconds: Seconds | None = Field(default=None, gt=0, le=600)
    """For one attempt of a call, once it has its place; null for what is left of the call's time."""
    connect_seconds: Seconds = Field(default=3.0, gt=0, le=60)
    """To open a network connection."""
    concurrency: int = Field(default=32, ge=1, le=1000)
    """Calls at once."""
    queue: int = Field(default=128, ge=0, le=10_000)
    """Calls that may wait for one of those places; more are refused at once."""
    queue_seconds: Seconds = Field(default=2.0, ge=0, le=600)
    """How long each of them waits before it is refused too."""
    response_bytes: ByteSize = Field(default=16 * MIB, ge=KIB, le=GIB)
    """The largest answer, after decompression, in bytes or with KiB, MiB, GiB."""
    objects: int = Field(default=200_000, ge=100, le=10_000_000)
    """The most JSON objects and arrays in one answer: a workflow's node or edge takes from one to a dozen."""
    idle_seconds: Seconds = Field(default=60.0, gt=0, le=3600)
    """Between two pieces of what is passed on as it comes, such as a run's events; it has no bound as a whole."""
    retries: Annotated[RetrySettings, BeforeValidator(empty_mapping)] = RetrySettings()
    """How calls to a vendor are made again: reads, and what surely was not done; never what is passed through."""
    breaker: Annotated[BreakerSettings, BeforeValidator(empty_mapping)] = BreakerSettings()
    """When a vendor that does not answer is left alone."""


class RefreshTimes(SettingsModel):
    """How many seconds longer each kind is given out at once while the vendor is asked anew; 0 waits for the vendor."""

    listing: CacheSeconds = 30.0
    """Lists of workflows."""
    workflow: CacheSeconds = 60.0
    """A workflow as it is now, canonical or native."""
    label: CacheSeconds = 0.0
    """A workflow at a release label: a moved label is seen as soon as its time is over."""
    version: CacheSeconds = 60.0
    """A workflow at a version that the vendor may still change."""
    pinned: CacheSeconds = 86_400.0
    """A workflow at a version that never changes."""
    versions: CacheSeconds = 60.0
    """The list of a workflow's versions."""
    labels: CacheSeconds = 0.0
    """The list of a workflow's labels."""
    passthrough: CacheSeconds = 0.0
    """What was read with the vendor's own API, see `passthrough`."""


class RescueTimes(SettingsModel):
    """How many seconds longer each kind is given out when the vendor fails; 0 gives out the failure."""

    listing: CacheSeconds = 3_600.0
    """Lists of workflows."""
    workflow: CacheSeconds = 86_400.0
    """A workflow as it is now, canonical or native."""
    label: CacheSeconds = 86_400.0
    """A workflow at a release label."""
    version: CacheSeconds = 86_400.0
    """A workflow at a version that the vendor may still change."""
    pinned: CacheSeconds = 604_800.0
    """A workflow at a version that never changes."""
    versions: CacheSeconds = 86_400.0
    """The list of a workflow's versions."""
    labels: CacheSeconds = 86_400.0
    """The list of a workflow's labels."""
    passthrough: CacheSeconds = 3_600.0
    """What was read with the vendor's own API, see `passthrough`."""


class CacheTimes(SettingsModel):
    """How many seconds each kind of answer stays fresh; 0 asks the vendor every time and keeps nothing."""

    listing: CacheSeconds = 30.0
    """Lists of workflows."""
    workflow: CacheSeconds = 60.0
    """A workflow as it is now, canonical or native."""
    label: CacheSeconds = 30.0
    """A workflow at a release label."""
    version: CacheSeconds = 60.0
    """A workflow at a version that the vendor may still change."""
    pinned: CacheSeconds = 86_400.0
    """A workflow at a version that never changes."""
    versions: CacheSeconds = 60.0
    """The list of a workflow's versions."""
    labels: CacheSeconds = 30.0
    """The list of a workflow's labels."""
    passthrough: CacheSeconds = 5.0
    """What was read with the vendor's own API, see `passthrough`."""
    not_found: CacheSeconds = 10.0
    """The answer that there is no such thing."""
    stale_while_revalidate: Annotated[RefreshTimes, BeforeValidator(empty_mapping)] = RefreshTimes()
    """How many seconds longer each kind is given out at once while the vendor is asked anew; 0 waits for the vendor."""
    stale_if_error: Annotated[RescueTimes, BeforeValidator(empty_mapping)] = RescueTimes()
    """How many seconds longer each kind is given out when the vendor fails; 0 gives out the failure."""


class PassthroughRule(SettingsModel):
    """What may be passed through: a request has to match one of its methods and one of its paths."""

    methods: tuple[Method, ...] = Field(default=(), strict=False)
    """Of GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE; all of them when empty. A websocket counts as GET."""
    paths: tuple[PathPattern, ...] = Field(default=(), strict=False)
    """Paths below the base URL, with `*` for one segment and `**` for any number of them; every path when empty."""


class PassthroughSettings(SettingsModel):
    """The vendor's own API under `/passthrough/<connection>/`, with the connection's credential."""

    enabled: bool = False
    """Whether it is there at all; callers need the right `passthrough` too."""
    headers: tuple[HeaderName, ...] = Field(default=(), strict=False)
    """Further headers that travel in both directions, beside those that HTTP itself needs."""
    never_kept: tuple[PathPattern, ...] = Field(default=("/**/runs/**", "/**/conversations/**"), strict=False)
    """Paths whose answers are asked for every time, because they change by themselves."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """A port of its own on the server's host, where the vendor's paths begin at the root; null for none."""
    keyless_websockets: tuple[PathPattern, ...] = Field(default=(), strict=False)
    """Paths where a websocket needs no gateway key: for vendors that want a token of their own in its first message."""
    websockets: int = Field(default=32, ge=0, le=10_000)
    """Websockets at once in each process, and as many again without a key."""
    request_bytes: ByteSize = Field(default=16 * MIB, ge=KIB, le=16 * GIB)
    """The largest body that a caller may send, in bytes or with KiB, MiB, GiB."""
    response_bytes: ByteSize = Field(default=64 * MIB, ge=KIB, le=16 * GIB)
    """The largest answer, in bytes or with KiB, MiB, GiB; a stream of events has no bound."""
    allow: tuple[PassthroughRule, ...] = Field(default=(), strict=False)
    """What may be passed through, a list of methods and paths; everything when empty."""


class ConnectionSettings(SettingsModel):
    """An account on a vendor."""

    vendor: str
    """The vendor's name."""
    credential: CredentialReference
    """Where the vendor's key is kept: `env:NAME`, or `file:PATH` (relative to this file's folder)."""
    title: str | None = Field(default=None, min_length=1, max_length=100)
    """The name that people see; the connection's own name when null."""
    base_url: BaseUrl | None = None
    """Where the vendor's API is; its public address when null."""
    allow_insecure_http: bool = False
    """Whether the credential may travel unencrypted (http://) beyond this machine."""
    allow_private_addresses: bool = False
    """Whether the vendor may be at a private address, such as one of your own network."""
    require_if_match: bool = False
    """Whether only what the caller has seen may be changed or deleted: without `If-Match` the answer is 428."""
    limits: Annotated[LimitSettings, BeforeValidator(empty_mapping)] = LimitSettings()
    """Bounds on the calls to the vendor."""
    cache: Annotated[CacheTimes, BeforeValidator(empty_mapping)] = CacheTimes()
    """How many seconds each kind of answer stays fresh; 0 asks the vendor every time and keeps nothing."""
    passthrough: Annotated[PassthroughSettings, BeforeValidator(empty_mapping)] = PassthroughSettings()
    """The vendor's own API under `/passthrough/<connection>/`, with the connection's credential."""


class SettingsFile(SettingsModel):
    """The content of a configuration file."""

    server: Annotated[ServerSettings, BeforeValidator(empty_mapping)] = ServerSettings()
    """Where and how the gateway listens."""
    cache: Annotated[CacheSettings, BeforeValidator(empty_mapping)] = CacheSettings()
    """How much may be kept."""
    tracing: Annotated[TracingSettings, BeforeValidator(empty_mapping)] = TracingSettings()
    """Traces: whom they are told, and whether OpenTelemetry records them."""
    callers: Annotated[tuple[CallerSettings, ...], BeforeValidator(empty_list)] = Field(
        default=(), strict=False
    )
    """Who may call; with nobody listed everyone on this machine may, and nobody else."""
    vendor_descriptions: FilePath | None = DESCRIPTIONS_FOLDER
    """The folder with descriptions of vendors without code, relative to this file's folder; null for none."""
    connections: Mapping[Name, ConnectionSettings] = Field(min_length=1)
    """The accounts on vendors, by the name that callers use: a-z, 0-9 and -."""


class Settings(SettingsFile):
    """A checked configuration."""

    source: Path
    """The file it was read from."""

    @property
    def folder(self) -> Path:
        """What relative paths in the file start from."""
        return self.source.parent
