"""What the gateway logs, gathered line by line."""

import contextlib
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from gateway.telemetry import logs

Lines = Callable[[], list[dict[str, Any]]]


@contextlib.contextmanager
def logged() -> Iterator[Lines]:
    """Gather what is logged from now on; what is given returns the lines since it was last asked."""
    root, gathered = logging.getLogger(), io.StringIO()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", gathered)
        logs.configure("info", "json")

    def lines() -> list[dict[str, Any]]:
        told = gathered.getvalue().splitlines()
        gathered.seek(0)
        gathered.truncate()
        return [json.loads(line) for line in told]

    try:
        yield lines
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.configure(**before)
