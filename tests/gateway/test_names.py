import subprocess
import sys
from pathlib import Path

import pytest

import gateway
from gateway.names import NAMES, check_names

HOME = Path(gateway.__path__[0]).parent
CHECK = """
import sys
sys.path[:] = [entry for entry in sys.path if entry not in ("", {home!r})]
sys.path[:0] = {first!r}
from gateway.names import NameCollision, check_names
import sys
{before}
try:
    check_names()
except NameCollision as collision:
    print(collision)
    print(sorted(set(sys.modules) & {{"adapters", "schemas", "emulators"}}))
    sys.exit(3)
"""


def run(*first: Path, before: str = "") -> tuple[int, str]:
    """Check the names in a fresh interpreter whose import path begins with the given folders."""
    code = CHECK.format(home=str(HOME), first=[str(folder) for folder in first], before=before)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert not done.stderr
    return done.returncode, done.stdout


def foreign(
    folder: Path, name: str, source: str = "raise SystemExit('imported')\n", owner: str | None = None
) -> None:
    """Put somebody else's package into a folder, and its distribution's metadata if it has an owner."""
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text(source)
    if owner is not None:
        metadata = folder / f"{owner}-9.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {owner}\nVersion: 9.0\n")
        (metadata / "top_level.txt").write_text(f"{name}\n")


def copy_of_ours(folder: Path, *, without: str = "") -> None:
    """Put packages with our names into a folder, the gateway's guard among them."""
    for name in set(NAMES) - {without}:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text('DISTRIBUTION = "workflow-gateway"\n')
    (folder / "gateway" / "names.py").write_text((HOME / "gateway" / "names.py").read_text())


def test_our_own_names_pass() -> None:
    check_names()


def test_our_own_names_pass_before_anything_is_imported() -> None:
    assert run(HOME) == (0, "")


def test_the_other_distribution_is_named_and_not_imported(tmp_path: Path) -> None:
    foreign(tmp_path, "adapters", owner="adapters")
    code, output = run(tmp_path, HOME)
    assert code == 3
    assert "'adapters' is taken by the distribution adapters" in output
    assert str(tmp_path) in output
    assert "environment of its own" in output
    assert output.endswith("[]\n")


def test_a_package_without_a_distribution(tmp_path: Path) -> None:
    foreign(tmp_path, "schemas")
    code, output = run(tmp_path, HOME)
    assert code == 3
    assert f"'schemas' is taken by a package in {tmp_path}" in output


def test_a_package_installed_over_ours(tmp_path: Path) -> None:
    copy_of_ours(tmp_path, without="adapters")
    foreign(tmp_path, "adapters", owner="adapters")
    code, output = run(tmp_path)
    assert code == 3
    assert "'adapters' is taken by the distribution adapters" in output


def test_a_copy_of_ours_passes(tmp_path: Path) -> None:
    copy_of_ours(tmp_path)
    assert run(tmp_path) == (0, "")


def test_a_package_that_pretends_is_told_by_its_folder(tmp_path: Path) -> None:
    foreign(tmp_path, "schemas", 'DISTRIBUTION = "workflow-gateway"\n')
    code, output = run(tmp_path, HOME, before="import schemas")
    assert code == 3
    assert "'schemas' is taken" in output


def test_an_imported_package_is_asked_itself(tmp_path: Path) -> None:
    copy_of_ours(tmp_path)
    assert run(tmp_path, before="import emulators; del emulators.DISTRIBUTION")[0] == 3


@pytest.mark.parametrize("leftover", [False, True])
def test_a_missing_package(tmp_path: Path, leftover: bool) -> None:
    copy_of_ours(tmp_path, without="emulators")
    if leftover:
        (tmp_path / "emulators").mkdir()
    code, output = run(tmp_path)
    assert code == 3
    assert "'emulators' is missing" in output
