"""The Makefile, CI, the image and the compose file do what they say, and name only what is there."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from adapters.registry import load_all
from docs.pages.http_api import openapi
from gateway.environment import CONFIG_VARIABLE
from gateway.names import NAMES
from gateway.settings import load
from gateway.settings.models import ServerSettings

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
DESCRIBED = dict(re.findall(r"^([a-z-]+):[^=\n]*## (.+)$", MAKEFILE, re.MULTILINE))
TARGETS = set(re.findall(r"^([a-z-]+):(?!=)", MAKEFILE, re.MULTILINE))
CALLED = re.compile(r"(?:^|[`;&|]\s*|=\S+ )make((?: [a-z-]+)+)", re.MULTILINE)


def made(*arguments: str) -> str:
    # The tests may be run by make itself, which tells its children how it was called.
    ours = {
        name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"
    }
    done = subprocess.run(
        ("make", *arguments), cwd=ROOT, env=ours, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def called_in(name: str) -> set[str]:
    """The targets that a page tells its reader to make."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return {target for line in CALLED.findall(text) for target in line.split()}


def test_help_lists_every_described_target() -> None:
    listed = dict(re.findall(r"^  make ([a-z-]+) +(.+)$", made("--silent", "help"), re.MULTILINE))
    assert listed == DESCRIBED
    assert set(DESCRIBED) >= {"setup", "demo", "test", "check"}


def test_help_is_what_make_does_unasked() -> None:
    assert made("--silent") == made("--silent", "help")


def test_every_target_of_people_is_described_and_phony() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.+setup.+)$", MAKEFILE, re.MULTILINE)
    assert set(phony.split()) == set(DESCRIBED)
    assert TARGETS - set(DESCRIBED) == {"format-check", "test-house"}


@pytest.mark.parametrize("target", sorted(DESCRIBED))
def test_a_target_names_only_files_that_are_there(target: str) -> None:
    planned = made("--dry-run", "--always-make", target)
    named = re.findall(r"(?<![\w./-])((?:docs|bench|requirements|tests)/[\w./-]+)", planned)
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_what_a_page_says_to_make_can_be_made(page: str) -> None:
    called = called_in(page)
    assert called
    assert called <= TARGETS


def test_ci_runs_what_the_readme_says() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").startswith("#!")
    subprocess.run(("bash", "-n", script), check=True, timeout=10)
    commands = [line for line in script.read_text(encoding="utf-8").splitlines() if line.startswith("make ")]
    assert commands == ["make check"]
    assert "test" in called_in("README.md")
    (needed,) = re.findall(r"^check: ([^#\n]+)", MAKEFILE, re.MULTILINE)
    assert {"format-check", "lint", "types", "test"} <= set(needed.split())


def test_check_runs_every_tool() -> None:
    planned = made("--dry-run", "check")
    for tool in ("ruff format --check", "ruff check", "/mypy", "/pytest -q -n", "-c tests/sdks/pytest.ini"):
        assert tool in planned


def stages() -> list[list[tuple[str, str]]]:
    """The Dockerfile's instructions, stage by stage."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    found: list[list[tuple[str, str]]] = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            if word == "FROM":
                found.append([])
            found[-1].append((word, rest.strip()))
    return found


def copied(stage: list[tuple[str, str]]) -> list[str]:
    """What a stage copies from the checkout."""
    lines = [shlex.split(rest) for word, rest in stage if word == "COPY"]
    return [source for line in lines if not line[0].startswith("--from") for source in line[:-1]]


def test_the_image_is_built_in_two_stages() -> None:
    build, final = stages()
    assert build[0][1].endswith(" AS build")
    assert not any("pip" in rest for word, rest in final if word == "RUN")
    assert any("--from=build" in rest for word, rest in final if word == "COPY")


def test_the_image_runs_as_nobody_in_particular() -> None:
    final = stages()[-1]
    words = [word for word, _ in final]
    (user,) = [rest for word, rest in final if word == "USER"]
    assert user.isdigit()
    assert int(user) > 0
    assert words.index("USER") < words.index("CMD")


def test_the_image_is_asked_for_its_health() -> None:
    final = stages()[-1]
    (check,) = [rest for word, rest in final if word == "HEALTHCHECK"]
    (path,) = re.findall(r"http://127\.0\.0\.1:8080(/\w+)", check)
    assert path in openapi()["paths"]
    (exposed,) = [rest for word, rest in final if word == "EXPOSE"]
    assert int(exposed) == ServerSettings().port


def test_the_image_copies_what_is_there_and_what_docker_may_see() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    seen = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    sources = [source for stage in stages() for source in copied(stage)]
    assert {*NAMES, "pyproject.toml", "LICENSE"} <= set(sources)
    assert ignored[0] == "*"
    for source in sources:
        assert (ROOT / source).exists()
        assert source in seen or source.partition("/")[0] in seen


def compose() -> dict[str, dict[str, object]]:
    services: dict[str, dict[str, object]] = yaml.safe_load(
        (ROOT / "compose.yaml").read_text(encoding="utf-8")
    )["services"]
    return services


def test_compose_mounts_the_configuration_where_the_image_reads_it() -> None:
    service = compose()["gateway"]
    (volume,) = service["volumes"]  # type: ignore[misc]
    source, target, mode = volume.split(":")
    (environment,) = [rest for word, rest in stages()[-1] if word == "ENV"]
    assert f"{CONFIG_VARIABLE}={target}" in environment.split()
    assert mode == "ro"
    # The file is the reader's own; what it is to be copied from stands in the page's head, and is not committed.
    head = (ROOT / "compose.yaml").read_text(encoding="utf-8").partition("services:")[0]
    (example,) = re.findall(rf"cp (\S+) {source.removeprefix('./')}", head)
    assert source.removeprefix("./") in (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    settings = load(ROOT / example, load_all())
    assert settings.callers
    assert settings.server.host == "0.0.0.0"


def test_compose_lets_in_this_machine_only_and_gives_away_nothing() -> None:
    service = compose()["gateway"]
    assert service["build"] == "."
    assert service["ports"] == [f"127.0.0.1:8080:{ServerSettings().port}"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert all("ports" not in other for name, other in compose().items() if name != "gateway")


def test_compose_waits_for_services_that_can_tell_their_health() -> None:
    services = compose()
    for service in services.values():
        for needed, how in service.get("depends_on", {}).items():  # type: ignore[attr-defined]
            assert how == {"condition": "service_healthy"}
            assert "healthcheck" in services[needed]
