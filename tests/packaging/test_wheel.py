"""What is shipped: the four packages, whole, and nothing else; and it works outside the checkout."""

import email
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import httpx
import pytest

from gateway.names import NAMES
from tests.cli.processes import PATIENCE, environment, started

ROOT = Path(__file__).resolve().parents[2]
LEFT_BEHIND = shutil.ignore_patterns(".git", ".venv*", ".hypothesis", ".*_cache", ".coverage*", "__pycache__")


@dataclass(frozen=True)
class Built:
    """A copy of the checkout and what was built from it."""

    source: Path
    wheel: Path
    sdist: Path

    def shipped(self) -> set[str]:
        """The files of the packages as they are in the copy, caches left out."""
        return {
            path.relative_to(self.source).as_posix()
            for name in NAMES
            for path in (self.source / name).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }

    def members(self) -> set[str]:
        with zipfile.ZipFile(self.wheel) as archive:
            return {name for name in archive.namelist() if not name.endswith("/")}

    def text(self, suffix: str) -> str:
        """The one file of the wheel's dist-info whose path ends so."""
        with zipfile.ZipFile(self.wheel) as archive:
            (name,) = [name for name in archive.namelist() if name.endswith(f".dist-info/{suffix}")]
            return archive.read(name).decode()

    def metadata(self) -> Message:
        return email.message_from_string(self.text("METADATA"))


def call(command: Sequence[str | Path], folder: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE * 2,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sdist, and the wheel made from the sdist, as `python -m build` makes them."""
    folder = tmp_path_factory.mktemp("build")
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=LEFT_BEHIND)
    # What a working checkout has lying around, and nobody may ship.
    for stray in (
        "tests/test_stray.py",
        "gateway/__pycache__/stray.cpython-311.pyc",
        "build/lib/stray.py",
        ".env",
    ):
        (source / stray).parent.mkdir(parents=True, exist_ok=True)
        (source / stray).write_text("", encoding="utf-8")
    call((sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", source), folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    return Built(source, wheel, sdist)


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel was installed into."""
    target = tmp_path_factory.mktemp("installed")
    options = ("--no-deps", "--no-index", "--no-compile", "--quiet", "--disable-pip-version-check")
    call((sys.executable, "-m", "pip", "install", *options, "--target", target, built.wheel), target)
    return target


@pytest.fixture
def command(installed: Path) -> Callable[..., list[str]]:
    """`command("serve")` runs what was installed, with the checkout out of reach."""
    code = (
        f"import sys; sys.path[:] = [{str(installed)!r}, *(p for p in sys.path if p not in ('', {str(ROOT)!r}))]; "
        "from gateway.cli import main; main()"
    )
    return lambda *arguments: [sys.executable, "-c", code, *arguments]


def test_the_wheel_holds_the_packages_and_nothing_else(built: Built) -> None:
    tops = {name.partition("/")[0] for name in built.members()}
    assert tops == {*NAMES, "workflow_gateway-0.1.0.dist-info"}


def test_the_wheel_holds_every_file_of_the_packages(built: Built) -> None:
    members = {name for name in built.members() if ".dist-info/" not in name}
    assert members == built.shipped()
    assert len(members) > 100


def test_no_cache_no_test_and_no_secret_is_shipped(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        sources = {name.partition("/")[2] for name in archive.getnames()}
    for name in built.members() | sources:
        parts = name.split("/")
        assert not {"__pycache__", "tests", "bench", "build", ".env", ".venv"} & set(parts), name
        assert not name.endswith((".pyc", ".key", ".lock")), name
    assert not any("docs" in name.split("/") for name in built.members())


def test_the_sdist_has_what_a_reader_needs(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        sources = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "config/gateway.yaml", "PKG-INFO"}
    assert wanted <= sources
    assert built.shipped() <= sources


def test_it_cannot_be_uploaded_by_accident(built: Built) -> None:
    assert "Private :: Do Not Upload" in (built.metadata().get_all("Classifier") or [])


def test_the_metadata_say_whose_it_is(built: Built) -> None:
    metadata = built.metadata()
    assert (metadata["Name"], metadata["Version"]) == ("workflow-gateway", "0.1.0")
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert built.text("licenses/LICENSE") == (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert metadata["Requires-Python"] == ">=3.11"


def test_the_command_is_an_entry_point(built: Built) -> None:
    points = built.text("entry_points.txt").split()
    assert points[:4] == ["[console_scripts]", "workflow-gateway", "=", "gateway.cli:main"]


def test_the_installed_version_is_told(command: Callable[..., list[str]], tmp_path: Path) -> None:
    assert call(command("--version"), tmp_path) == "workflow-gateway, version 0.1.0\n"


def test_the_installed_packages_are_the_ones_that_run(installed: Path, tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path[:] = [{str(installed)!r}, *(p for p in sys.path if p not in ('', {str(ROOT)!r}))]\n"
        "import adapters.registry, emulators.registry, gateway.app, schemas.publish\n"
        "print(*(sys.modules[n].__file__ for n in ('adapters', 'emulators', 'gateway', 'schemas')), sep='\\n')\n"
        "print(*adapters.registry.load_all())"
    )
    *files, vendors = call((sys.executable, "-c", code), tmp_path).splitlines()
    assert all(Path(file).is_relative_to(installed) for file in files)
    assert vendors == "aitronos noxus promptlayer"


def test_the_installed_demo_answers(command: Callable[..., list[str]], tmp_path: Path) -> None:
    with started(command("demo", "--port", "0"), tmp_path) as running:
        url = running.wait_for("workflow-gateway is on ").split()[3]
        running.wait_for("Ctrl-C stops everything.")
        headers = {"x-api-key": "demo-key"}
        answers = {
            path: httpx.get(url + path, headers=headers, timeout=30, trust_env=False)
            for path in ("/readyz", "/v1/workflows", "/docs", "/schemas/workflow.json", "/openapi.json")
        }
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, 200)
    listing = answers["/v1/workflows"].json()
    assert listing["complete"]
    assert len({item["vendor"] for item in listing["items"]}) == 3
