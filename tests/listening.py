"""Listens to what is logged, whatever level a gateway in the same process has set."""

import contextlib
from collections.abc import Iterator, MutableMapping
from typing import Any

import structlog
from structlog.testing import capture_logs


@contextlib.contextmanager
def heard() -> Iterator[list[MutableMapping[str, Any]]]:
    """Give a list that fills with the events of the block."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(0))
    try:
        with capture_logs() as events:
            yield events
    finally:
        structlog.configure(**before)
