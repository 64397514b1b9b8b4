"""`python -m emulators VENDOR`: run one emulator until interrupted."""

import argparse
import asyncio
import socket
import sys

from emulators.contract import Emulator, EmulatorOptions
from emulators.control import PREFIX, build
from emulators.registry import load, names
from emulators.server import server


async def run(emulator: Emulator, options: EmulatorOptions, host: str, port: int) -> None:
    """Serve one emulator until the process is interrupted; prints where it listens once it does.

    Raises:
        OSError: the port is taken.
    """
    listener = server(build(emulator, options), host, port)
    taken = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    serving = asyncio.create_task(listener.serve(sockets=[taken]))
    while not listener.started and not serving.done():  # noqa: ASYNC110 - uvicorn has a flag, no event
        await asyncio.sleep(0.01)
    if listener.started:
        address = f"http://{f'[{host}]' if ':' in host else host}:{taken.getsockname()[1]}"
        print(f"{emulator.title} emulator on {address}  key {options.api_key}", flush=True)  # noqa: T201
        print(f"faults and journal under {address}{PREFIX}/", flush=True)  # noqa: T201
    await serving


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and serve; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m emulators", description=__doc__)
    parser.add_argument("vendor", choices=names())
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, help="0 takes a free port (default: the vendor's own)")
    parser.add_argument("--key", help="the only key accepted")
    parser.add_argument("--variant", action="append", default=[], help="switch on a documented contradiction")
    parser.add_argument("--empty", action="store_true", help="start without the seeded workflows")
    given = parser.parse_args(arguments)
    emulator = load(given.vendor)
    unknown = sorted(set(given.variant) - set(emulator.variants))
    if unknown:
        parser.error(
            f"unknown variant {', '.join(unknown)}; there are: {', '.join(emulator.variants) or 'none'}"
        )
    options = EmulatorOptions(
        api_key=given.key or emulator.default_key,
        variants=frozenset(given.variant),
        seeded=not given.empty,
    )
    port = emulator.default_port if given.port is None else given.port
    try:
        asyncio.run(run(emulator, options, given.host, port))
    except OSError as error:
        print(f"cannot listen on {given.host} port {port}: {error.strerror}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
