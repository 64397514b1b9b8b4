"""Runs the commands that an operator runs, on good configurations and on spoilt ones."""

import logging
from collections.abc import Iterator

import structlog
from click.testing import CliRunner

from gateway.cli.root import root
from tests.canary.campaign import SPOILT
from tests.canary.installation import Installation
from tests.canary.planted import Place


def said_by_commands(house: Installation) -> Iterator[Place]:
    """Yield what every command says."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    try:
        yield from _all(house)
    finally:
        structlog.configure(**before)
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)


def _all(house: Installation) -> Iterator[Place]:
    config = ("--config", str(house.config))
    house.write()
    yield _run(house, "config", "show", str(house.config))
    yield _run(house, "config", "show", "--json", str(house.config))
    yield _run(house, "keys", "list", *config)
    yield _run(house, "keys", "rotate", "operator", *config)
    for way in ("refuses", "finds fault in an envelope", "shows a page"):
        house.parrot.way = way
        for connection in ("parrot-noxus", "parrot-promptlayer", "noxus"):
            yield _run(house, "workflows", "list", "--connection", connection, *config)
            yield _run(house, "workflows", "get", connection, "x", *config)
        yield _run(house, "connections", "--probe", *config)
        yield _run(house, "doctor", *config)
    key = house.keys.wrong
    yield _run(house, "workflows", "list", "--url", "http://127.0.0.1:9", "--key", key)
    yield _run(house, "reload", "--url", house.parrot.url, "--key", key)
    for spoil in SPOILT.values():
        spoil(house)
        yield _run(house, "config", "check", str(house.config))
        yield _run(house, "config", "show", str(house.config))
        yield _run(house, "doctor", *config)
        yield _run(house, "serve", *config)
    house.write()


def _run(house: Installation, *command: str) -> Place:
    done = CliRunner().invoke(root, command, prog_name="workflow-gateway", env=house.variables())
    words = " ".join(part for part in command if "/" not in part and not part.startswith("wg_"))
    assert done.exception is None or isinstance(done.exception, SystemExit), (words, done.exception)
    return Place(f"command {words}", done.output.encode())
