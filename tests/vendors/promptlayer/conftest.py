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


class WritingHttp(RecordedHttp):
    """Answers changes too, by method and path segments, and keeps what was sent; an answer may be an error."""

    def __init__(self, answers: Mapping[tuple[str, ...], Any], status: int) -> None:
        super().__init__(answers, {})
        self.status = status
        self.sent: list[tuple[tuple[str, ...], Any]] = []

    async def send(
        self, method: str, *segments: str, parameters: Parameters | None = None, body: Any = None
    ) -> Answer:
        assert parameters is None
        self.sent.append(((method, *segments), body))
        document = self.answers[method, *segments]
        if isinstance(document, Exception):
            raise document
        return Answer(self.status, self.headers, json.dumps(document).encode(), document)


Answering = Callable[..., RecordedHttp]
Taking = Callable[..., WritingHttp]


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
def taking() -> Taking:
    """Make an `Http` that also takes changes, and answers from the same table."""
    return lambda answers, status=201: WritingHttp(answers, status)


@pytest.fixture
def two(load: Load) -> Any:
    """A workflow with two conditional branches; the native document."""
    return load("get_two_branches")
