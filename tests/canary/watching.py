"""Looks at everything that stays somewhere: in Redis, in files, in what processes said."""

import re
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import redis

from gateway.codings import zstd
from tests.cache.redis_server import RedisServer
from tests.canary.planted import Place

_PACKED: Final = re.compile(rb"\x28\xb5\x2f\xfd|\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")


def kept_in_redis(server: RedisServer, password: str) -> Iterator[Place]:
    """Yield every key with its value, and with whatever is packed in it unpacked."""
    with server.client(password) as client:
        for key in client.scan_iter(count=1000):
            data = b"\n".join((key, *_values(client, key)))
            yield Place("Redis", b"\n".join((data, *unpacked(data))))


def _values(client: "redis.Redis", key: bytes) -> list[bytes]:
    kind = client.type(key)
    read: dict[bytes, Any] = {
        b"string": lambda: [client.get(key)],
        b"hash": lambda: [part for pair in client.hgetall(key).items() for part in pair],
        b"set": lambda: client.smembers(key),
        b"list": lambda: client.lrange(key, 0, -1),
        b"zset": lambda: client.zrange(key, 0, -1),
    }
    return [value for value in read[kind]() if value is not None]


def unpacked(data: bytes) -> Iterator[bytes]:
    """Yield what everything holds that begins like something compressed."""
    for match in _PACKED.finditer(data):
        with suppress(zlib.error, zstd.ZstdError, EOFError):
            if match[0][:1] == b"\x28":
                yield zstd.ZstdDecompressor().decompress(data[match.start() :])
            else:
                yield zlib.decompressobj(47).decompress(data[match.start() :])


@contextmanager
def overhearing(server: RedisServer, password: str) -> Iterator[list[Place]]:
    """Give a list of what instances tell each other meanwhile."""
    heard: list[Place] = []
    client = server.client(password)
    listener = client.pubsub()
    listener.psubscribe("*")
    over = threading.Event()

    def listen() -> None:
        with suppress(redis.RedisError, OSError, ValueError):
            while not over.is_set():
                message = listener.get_message(timeout=0.2)
                if message is not None:
                    heard.append(Place("messages in Redis", repr(message).encode()))

    thread = threading.Thread(target=listen, name="overhearing", daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        over.set()
        thread.join(20)
        listener.close()
        client.close()


def left_over(folder: Path, *known: Path) -> Iterator[Place]:
    """Yield every file below a folder but for those that are known."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path not in known:
            yield Place(f"file {path.relative_to(folder)}", path.read_bytes() + str(path).encode())
