"""Importing any module defines things and does nothing else."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.architecture import import_probe
from tests.architecture.source import ROOT, read_modules

SECONDS: Final = 120


def probed(root: Path, *modules: str) -> list[list[str]]:
    """Import the modules in a fresh interpreter; returns pairs of module and what it did."""
    command = [sys.executable, "-B", import_probe.__file__, str(root), *modules]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS, cwd=root)
    noted: list[list[str]] = json.loads(done.stdout)
    return noted


def test_importing_the_house_does_nothing() -> None:
    names = [module.name.removesuffix(".__init__") for module in read_modules()]
    assert probed(ROOT, *names) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import os\nos.environ['HOME']", "reads the environment variable HOME"),
        ("import os\nos.environ.get('HOME')", "reads the environment variable HOME"),
        ("import os\nos.getenv('HOME')", "reads the environment variable HOME"),
        ("import os\n'X' in os.environ", "reads the environment variable X"),
        ("import os\ndict(os.environ)", "reads the environment variable (all)"),
        ("import os\nos.environ['X'] = '1'", "os.putenv"),
        ("open('written', 'w').close()", "opens written for writing"),
        ("import os\nos.close(os.open('written', os.O_CREAT | os.O_WRONLY))", "opens written for writing"),
        ("import os\nos.mkdir('made')", "os.mkdir"),
        (
            "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()",
            "starts a thread",
        ),
        ("import socket\nsocket.socket()", "socket.__new__"),
        ("import socket\nsocket.create_connection(('127.0.0.1', 9))", "socket.getaddrinfo"),
        ("import subprocess\nsubprocess.run(['true'])", "subprocess.Popen"),
        ("raise ValueError('no')", "ValueError: no"),
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
    ],
)
def test_the_probe_catches(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "culprit.py").write_text(text)
    noted = probed(tmp_path, "culprit")
    assert ["culprit", told] in noted


@pytest.mark.parametrize(
    "text",
    [
        "import os, socket, threading, subprocess, asyncio, http.client\nNAMES = ('HOME',)\n",
        "open(__file__).close()",
        "import logging\nlog = logging.getLogger(__name__)",
    ],
)
def test_the_probe_lets_pass(text: str, tmp_path: Path) -> None:
    (tmp_path / "honest.py").write_text(text)
    assert probed(tmp_path, "honest") == []
