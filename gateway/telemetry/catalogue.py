"""Every metric there is, with what it counts. The reference page is written from here."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Labels: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """Something counted or read.

    Attributes:
        name: as monitoring knows it; a counter's ends with `_total`.
        kind: a counter only rises, a histogram counts durations, a gauge goes up and down.
        meaning: the help text.
        labels: what its series are told apart by.
        per_worker: every worker tells its own in a series labelled `worker`; otherwise all workers' are added up.
        parts: what is told in whole numbers is so many times what monitoring reads.
    """

    name: str
    kind: Literal["counter", "histogram", "gauge"]
    meaning: str
    labels: Labels = ()
    per_worker: bool = False
    parts: int = 1


REQUESTS: Final = Metric(
    "workflow_gateway_requests_total",
    "counter",
    "Requests answered, by operation and status (2xx, 304, 4xx, 5xx, or other), added up over all workers.",
    ("route", "status"),
)
REQUEST_SECONDS: Final = Metric(
    "workflow_gateway_request_seconds",
    "histogram",
    "How long requests took from their arrival to the answer's last byte, added up over all workers.",
    ("route",),
)
CACHE_READS: Final = Metric(
    "workflow_gateway_cache_reads_total",
    "counter",
    "Reads by where their answer came from, added up over all workers.",
    ("connection", "kind", "outcome"),
)
VENDOR_CALLS: Final = Metric(
    "workflow_gateway_vendor_calls_total",
    "counter",
    "Calls to vendors: ok, not_modified, or the code of the problem, added up over all workers.",
    ("connection", "outcome"),
)
VENDOR_SECONDS: Final = Metric(
    "workflow_gateway_vendor_seconds",
    "histogram",
    "How long calls to vendors took, added up over all workers.",
    ("connection",),
)
VENDOR_RETRIES: Final = Metric(
    "workflow_gateway_vendor_retries_total",
    "counter",
    "Attempts made again, by why: unreachable, timeout, limited or unavailable, added up over all workers.",
    ("connection", "reason"),
)
VENDOR_REFUSALS: Final = Metric(
    "workflow_gateway_vendor_refusals_total",
    "counter",
    "Attempts not made: the breaker was open, or the queue gave no place, added up over all workers.",
    ("connection", "reason"),
)
QUEUE_SECONDS: Final = Metric(
    "workflow_gateway_queue_seconds",
    "histogram",
    "How long those attempts waited for a place that had to, added up over all workers.",
    ("connection",),
)
BYTES_SAVED: Final = Metric(
    "workflow_gateway_bytes_saved_total",
    "counter",
    "Bytes answered without asking a vendor, added up over all workers.",
)
WEBSOCKETS: Final = Metric(
    "workflow_gateway_websockets_total",
    "counter",
    "Websockets opened to vendors, added up over all workers.",
    ("connection",),
)
REFUSED: Final = Metric(
    "workflow_gateway_refused_total",
    "counter",
    "Requests refused before anything was done for them, by the problem's code, added up over all workers.",
    ("reason",),
)
AUDIT_FAILED: Final = Metric(
    "workflow_gateway_audit_failed_total",
    "counter",
    "Lines that could not be written to the audit log, added up over all workers.",
)
CACHE_BYTES: Final = Metric(
    "workflow_gateway_cache_bytes", "gauge", "Bytes in a worker's own cache.", per_worker=True
)
CACHE_ENTRIES: Final = Metric(
    "workflow_gateway_cache_entries", "gauge", "Entries in a worker's own cache.", per_worker=True
)
CACHE_EVICTIONS: Final = Metric(
    "workflow_gateway_cache_evictions_total",
    "counter",
    "Entries that a worker's cache dropped for want of room since the worker started.",
    per_worker=True,
)
SHARED_UP: Final = Metric(
    "workflow_gateway_shared_tier_up",
    "gauge",
    "Whether a worker uses the shared tier: 1, or 0 while it goes on without.",
    per_worker=True,
)
SHARED_PENDING: Final = Metric(
    "workflow_gateway_shared_tier_pending",
    "gauge",
    "Writes that a worker has still to send.",
    per_worker=True,
)
SHARED_FAILED: Final = Metric(
    "workflow_gateway_shared_tier_failed_total",
    "counter",
    "Calls of the shared tier that failed since the worker started.",
    per_worker=True,
)
BREAKER_STATE: Final = Metric(
    "workflow_gateway_breaker_state",
    "gauge",
    "Whether a worker calls a vendor: 0 it does, 1 once to see, 2 it leaves it alone.",
    ("connection",),
    per_worker=True,
)
CALLS_UNDER_WAY: Final = Metric(
    "workflow_gateway_vendor_calls_under_way",
    "gauge",
    "Calls of a worker to a vendor now.",
    ("connection",),
    per_worker=True,
)
CALLS_WAITING: Final = Metric(
    "workflow_gateway_vendor_calls_waiting",
    "gauge",
    "Calls of a worker that wait for a place now.",
    ("connection",),
    per_worker=True,
)
WEBSOCKETS_OPEN: Final = Metric(
    "workflow_gateway_websockets_open",
    "gauge",
    "Websockets that a worker has open to vendors.",
    per_worker=True,
)
LOOP_LAG: Final = Metric(
    "workflow_gateway_event_loop_lag_seconds",
    "gauge",
    "The most that a worker's event loop was late with a timer, of the last half a minute to a minute.",
    per_worker=True,
    parts=1_000_000,
)
OPEN_FILES: Final = Metric(
    "workflow_gateway_open_files",
    "gauge",
    "Files and sockets that a worker holds open, where the system tells.",
    per_worker=True,
)
RESIDENT_BYTES: Final = Metric(
    "workflow_gateway_resident_bytes",
    "gauge",
    "Memory that a worker takes, what it shares with others included, where the system tells.",
    per_worker=True,
)
BUILD: Final = Metric(
    "workflow_gateway_build_info", "gauge", "Always 1; its labels say what runs.", ("version", "python")
)
WORKERS: Final = Metric("workflow_gateway_workers", "gauge", "Workers that there should be.")
WORKER_UP: Final = Metric(
    "workflow_gateway_worker_up", "gauge", "Whether a worker is alive: 1, or 0.", per_worker=True
)
WORKER_STARTS: Final = Metric(
    "workflow_gateway_worker_starts_total",
    "counter",
    "How often a worker was started; more than once means that it died.",
    per_worker=True,
)

COUNTED: Final = (
    REQUESTS,
    REQUEST_SECONDS,
    CACHE_READS,
    VENDOR_CALLS,
    VENDOR_SECONDS,
    VENDOR_RETRIES,
    VENDOR_REFUSALS,
    QUEUE_SECONDS,
    BYTES_SAVED,
    WEBSOCKETS,
    REFUSED,
    AUDIT_FAILED,
)
"""Counted where it happens."""

READ: Final = (
    *(CACHE_BYTES, CACHE_ENTRIES, CACHE_EVICTIONS, SHARED_UP, SHARED_PENDING, SHARED_FAILED),
    *(WEBSOCKETS_OPEN, LOOP_LAG, OPEN_FILES, RESIDENT_BYTES),
    *(BREAKER_STATE, CALLS_UNDER_WAY, CALLS_WAITING),
)
"""Read from the parts of the gateway when somebody asks; left out where nobody tells."""

OWN: Final = (BUILD, WORKERS, WORKER_UP, WORKER_STARTS)
"""Known without anybody's help."""

METRICS: Final = (*COUNTED, *READ, *OWN)

BOUNDS: Final = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025),
    *(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
"""Upper bounds of every histogram's buckets, in seconds: hits take microseconds, vendors up to their time limit."""

STATUSES: Final = ("2xx", "304", "4xx", "5xx", "other")

REASONS: Final = (
    *("not_authenticated", "not_allowed", "not_passed_on", "unknown_connection"),
    *("rate_limited", "concurrency_limited", "audit_unavailable"),
)
"""The codes of problems that count as refused."""

OTHER: Final = "other"
"""The route of requests that no operation answers."""


LEFT: Final = 499
"""Stands for a status where nobody was left to answer: the log says so, and figures count it as `other`."""


def status_label(status: int) -> str:
    """Return the label of an HTTP status."""
    if status == 304:
        return "304"
    name = f"{status // 100}xx"
    return name if name in STATUSES and status != LEFT else "other"
