"""The command line in this process, asking the house: through a running gateway, or on its own."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
import yaml
from click.testing import CliRunner, Result

from emulators.registry import load_all as load_emulators
from gateway.cli.root import root
from tests.house import KEY, House, running_house

Command = Callable[..., Result]
VARIABLES = ("WORKFLOW_GATEWAY_URL", "WORKFLOW_GATEWAY_KEY", "WORKFLOW_GATEWAY_CONFIG", "PORT")


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Put the logs back: a command sends them to a standard error that ends with it."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    yield
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """The house as it starts; whoever changes something in it takes `spoilt_house`."""
    with running_house() as house:
        yield house


@pytest.fixture
def spoilt_house(house: House) -> Iterator[House]:
    """The same, put back in order afterwards."""
    yield house
    house.reset()


@pytest.fixture
def run() -> Command:
    """`run("workflows", "list")` runs the command as if a pipe read it."""

    def command(*arguments: str, **variables: str) -> Result:
        return CliRunner().invoke(root, arguments, prog_name="workflow-gateway", env=variables)

    return command


@pytest.fixture
def config_file(house: House, tmp_path: Path) -> Path:
    """A configuration with a connection to every emulator, the keys in files beside it."""
    for name, emulator in load_emulators().items():
        (tmp_path / f"{name}.key").write_text(emulator.default_key + "\n", encoding="utf-8")
    connections = {
        f"{name}-test": {
            "vendor": name,
            "base_url": url,
            "credential": f"file:{name}.key",
            "limits": {"timeout_seconds": 1.5},
        }
        for name, url in house.emulators.items()
    }
    path = tmp_path / "gateway.yaml"
    path.write_text(yaml.safe_dump({"connections": connections}), encoding="utf-8")
    return path


@pytest.fixture
def at_gateway(house: House) -> tuple[str, ...]:
    """The options that ask the running gateway."""
    return ("--url", house.gateway, "--key", KEY)


@pytest.fixture(params=["on its own", "through a gateway"])
def asking(request: pytest.FixtureRequest, config_file: Path, at_gateway: tuple[str, ...]) -> tuple[str, ...]:
    """Both ways to ask; they must not be told apart by what they answer."""
    return at_gateway if request.param == "through a gateway" else ("--config", str(config_file))
