"""Recordings of PromptLayer, and an `Http` that answers from a table."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Answer, Fetched, Parameters
from adapters.errors import VendorNotFound
from adapters.promptlayer import VENDOR
from schemas.workflow import Workflow

FOLDER = Path(__file__).resolve().parent

Load = Callable[[str], Any]
Parse = Callable[[Any], Workflow]


class RecordedHttp:
    """Answers by path segments and keeps what was asked."""

    def __init__(self, answers: Mapping[tuple[str, ...], Any], headers: Mapping[str, str]) -> None:
        self.answers = answers
        self.headers = headers
        self.asked: list[tuple[tuple[str, ...], dict[str, str | int | bool]]] = []

    async def get(self, *segments: str, parameters: Parameters | None = None) -> Answer:
        self.asked.append((segments, dict(parameters or {})))
        if segments not in self.answers:
            raise VendorNotFound("no such thing", status=404)
        document = self.answers[segments]
        return Answer(200, self.headers, json.dumps(document).encode(), document)

    async def send(
        self, method: str, *segments: str, parameters: Parameters | None = None, body: Any = None
    ) -> Answer:
        raise AssertionError(f"reading sent {method} {segments}")


Answering = Callable[..., RecordedHttp]


@pytest.fixture
def load() -> Load:
    """Read a recording."""
    return lambda name: json.loads((FOLDER / "recordings" / f"{name}.json").read_bytes())


@pytest.fixture
def expected() -> Load:
    """Read the canonical form that a recording is to give."""
    return lambda name: json.loads((FOLDER / "expected" / f"{name}.json").read_bytes())


@pytest.fixture
def parse() -> Parse:
    """Parse a native document."""
    return lambda document: VENDOR.mapping.parse(Fetched(document), "demo")


@pytest.fixture
def answering() -> Answering:
    """Make an `Http` that answers from a table of path segments."""

    def make(answers: Mapping[tuple[str, ...], Any], **headers: str) -> RecordedHttp:
        return RecordedHttp(answers, {name.replace("_", "-"): value for name, value in headers.items()})

    return make


@pytest.fixture
def two(load: Load) -> Any:
    """A workflow with two conditional branches; the native document."""
    return load("get_two_branches")
