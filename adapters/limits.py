"""Bounds on calls."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on the calls of one connection.

    Attributes:
        timeout_seconds: for a whole call, from the queue to the last byte.
        connect_seconds: to open a connection.
        concurrency: calls at once.
        queue: calls that may wait for one of those places.
        response_bytes: the largest body, after decompression; not of what is passed on as it comes.
        idle_seconds: between two pieces of what is passed on as it comes, which has no deadline as a whole.
        objects: JSON objects and arrays in one answer; not of what is passed on as it comes.
        private_addresses: whether the vendor may be at a private address, see `adapters.addresses`.
    """

    timeout_seconds: float = 10.0
    connect_seconds: float = 3.0
    concurrency: int = 32
    queue: int = 128
    response_bytes: int = 16 * 1024 * 1024
    idle_seconds: float = 60.0
    objects: int = 200_000
    private_addresses: bool = False
