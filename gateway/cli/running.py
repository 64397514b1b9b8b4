"""`serve`."""

import asyncio
import signal
from pathlib import Path

import click
import structlog

from gateway import main
from gateway.app import board
from gateway.cli.crew import Crew
from gateway.cli.failures import Failure, ProblemFailure
from gateway.cli.servers import NotStarted, Together, address, listen, on_stop, stopping
from gateway.cli.serving import Serving
from gateway.cli.supervision import Supervisor
from gateway.environment import config_path
from gateway.errors import GatewayError
from gateway.generations import Generations
from gateway.plan import Plan
from gateway.settings import ConfigInvalid, ports
from gateway.telemetry import logs


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
    """Run the gateway until it is told to stop (SIGTERM or Ctrl-C); SIGHUP has it read its configuration anew."""
    path = config or config_path()

    def read() -> Plan:
        return Plan(*main.prepare(path, host=host, port=port, workers=workers))

    try:
        plan = read()
    except ConfigInvalid as error:
        raise Failure(str(error)) from error
    own = plan.settings.server
    listening = listen(own.host, own.port, "choose another with --port or server.port")
    beside = {
        name: listen(own.host, number, f"choose another for {name} in passthrough.port")
        for name, number in ports(plan.settings).items()
    }
    serving = Serving(read, plan, listening, beside)
    main.set_up_logs(plan.settings, plan.secrets)
    logs.catch_the_rest()
    if own.workers == 1:
        _run_alone(serving)
    else:
        Supervisor(Crew(serving, board(plan.settings, own.workers)), own.workers).run()
        structlog.get_logger("gateway.server").info("stopped")


def _run_alone(serving: Serving) -> None:
    application = Generations(serving.plan, serving.read)
    running = serving.servers(application)
    try:
        with asyncio.Runner(loop_factory=running.loop_factory) as runner:
            runner.run(_run(running, serving))
    except (NotStarted, SystemExit) as error:
        # The latter is uvicorn's way to say so, with a code that means something else here.
        raise ProblemFailure("the gateway could not start; the log says why") from error


async def _run(running: Together, serving: Serving) -> None:
    log = structlog.get_logger("gateway.server")
    # The second Ctrl-C does not wait for requests under way any more.
    on_stop(lambda _: _stop(running))
    started = asyncio.Event()
    reloading: set[asyncio.Task[None]] = set()

    def reload() -> None:
        under_way = asyncio.create_task(_reload(running.application, started))
        reloading.add(under_way)
        under_way.add_done_callback(reloading.discard)

    # Before it starts: until somebody listens to it, this signal ends the process.
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)
    task = await running.start()
    started.set()
    log.info("listening", url=address(serving.listening))
    serving.tell_ports()
    await task
    log.info("stopped")


def _stop(running: Together) -> None:
    structlog.get_logger("gateway.server").info(stopping(again=running.application.stopping))
    running.stop()


async def _reload(application: Generations, started: asyncio.Event) -> None:
    """Take the configuration over once it has started, or go on as before: the log says which."""
    await started.wait()
    try:
        await application.reload()
    except GatewayError as error:
        structlog.get_logger("gateway.reload").debug("no reload", reason=str(error))
    except Exception:  # noqa: BLE001 - whatever it is, the gateway goes on
        structlog.get_logger("gateway.reload").exception(
            "the gateway failed to reload, and goes on as before"
        )
