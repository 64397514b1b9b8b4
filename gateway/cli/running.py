"""`serve`."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import structlog

from adapters.contract import Vendor
from gateway import main
from gateway.app import board
from gateway.cli.failures import Failure, ProblemFailure
from gateway.cli.servers import Together, address, listen, on_stop
from gateway.cli.supervision import Link, Supervisor
from gateway.environment import Secret, config_path
from gateway.settings import ConfigInvalid, Settings
from gateway.telemetry.metrics import Board, Metrics

_PUBLISH_SECONDS = 1.0
"""How old what a worker tells of itself may be when another worker is asked for it."""

_MARGIN_SECONDS = 2.0
"""How much longer than its requests a worker may take to end."""


@click.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The configuration.  [env: WORKFLOW_GATEWAY_CONFIG]  [default: config/gateway.yaml]",
)
@click.option("--host", help="Listen here instead of where the configuration says.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Listen on this port instead; 0 takes a free one."
)
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Run so many processes instead, all on the same port."
)
def serve(config: Path | None, host: str | None, port: int | None, workers: int | None) -> None:
    """Run the gateway until it is told to stop (SIGTERM or Ctrl-C)."""
    try:
        settings, vendors, secrets = main.prepare(
            config or config_path(), host=host, port=port, workers=workers
        )
    except ConfigInvalid as error:
        raise Failure(str(error)) from error
    own = settings.server
    listening = listen(own.host, own.port, "choose another with --port or server.port")
    ports = {
        name: listen(own.host, connection.passthrough.port, f"choose another for {name} in passthrough.port")
        for name, connection in settings.connections.items()
        if connection.passthrough.enabled and connection.passthrough.port is not None
    }
    gateway = _Gateway(settings, vendors, secrets, listening, ports)
    if own.workers == 1:
        gateway.run_alone()
    else:
        gateway.run_workers()


@dataclass(frozen=True, slots=True)
class _Gateway:
    """What every worker is made of."""

    settings: Settings
    vendors: Mapping[str, Vendor]
    secrets: Mapping[str, Secret]
    listening: socket.socket
    ports: Mapping[str, socket.socket]

    def run_alone(self) -> None:
        running = self.servers(Metrics(board(self.settings)))
        try:
            with asyncio.Runner(loop_factory=running.loop_factory) as runner:
                runner.run(_run(running, self))
        except SystemExit as error:
            # uvicorn's way to say so, with a code that means something else here.
            raise ProblemFailure("the gateway could not start; the log says why") from error

    def run_workers(self) -> None:
        main.set_up_logs(self.settings, self.secrets)
        workers = self.settings.server.workers
        crew = _Crew(self, board(self.settings, workers))
        Supervisor(crew, workers, main.GRACEFUL_SECONDS + _MARGIN_SECONDS).run()
        structlog.get_logger("gateway.server").info("stopped")

    def servers(self, metrics: Metrics) -> Together:
        application = main.build(self.settings, self.vendors, self.secrets, metrics)
        main.calm_collector()
        own = self.settings.server
        pairs = [(main.server(application, own.host, own.port), self.listening)]
        for name, listening in self.ports.items():
            port = listening.getsockname()[1]
            pairs.append((main.port_server(application, name, own.host, port), listening))
        return Together(pairs)

    def tell_ports(self) -> None:
        log = structlog.get_logger("gateway.server")
        for name, listening in self.ports.items():
            log.info("listening", url=address(listening), connection=name)


@dataclass(frozen=True, slots=True)
class _Crew:
    """What the workers do, and the supervisor for them."""

    gateway: _Gateway
    cells: Board

    def work(self, link: Link) -> None:
        metrics = Metrics(self.cells, link.number)
        running = self.gateway.servers(metrics)
        with asyncio.Runner(loop_factory=running.loop_factory) as runner:
            runner.run(_run_linked(running, link, metrics))

    def all_answer(self) -> None:
        log = structlog.get_logger("gateway.server")
        log.info("listening", url=address(self.gateway.listening), workers=self.cells.workers)
        self.gateway.tell_ports()

    def stopping(self) -> None:
        # Whoever comes now is refused, instead of waiting for a worker that will not come.
        for listening in (self.gateway.listening, *self.gateway.ports.values()):
            listening.close()


async def _run(running: Together, gateway: _Gateway) -> None:
    log = structlog.get_logger("gateway.server")
    # The second Ctrl-C does not wait for requests under way any more.
    on_stop(running.handle_exit)
    task = await running.start()
    log.info("listening", url=address(gateway.listening))
    gateway.tell_ports()
    await task
    log.info("stopped")


async def _run_linked(running: Together, link: Link, metrics: Metrics) -> None:
    """Run as one of several workers."""
    loop = asyncio.get_running_loop()

    def end() -> None:
        loop.remove_reader(link.lifeline.fileno())
        running.handle_exit(signal.SIGTERM)

    loop.add_reader(link.lifeline.fileno(), end)
    loop.add_signal_handler(signal.SIGTERM, end)
    task = await running.start()
    link.ready.send(link.number)
    publishing = asyncio.create_task(_publish(metrics))
    await task
    publishing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await publishing


async def _publish(metrics: Metrics) -> None:
    while True:
        metrics.publish()
        await asyncio.sleep(_PUBLISH_SECONDS)
