"""The page on logs names every line that there is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "observing.md").read_text(encoding="utf-8")
LEVELS = {"info", "warning", "error", "critical", "exception"}
LOGGERS = re.compile(r"log$|get_logger\(|_stream$")


def events() -> Iterator[str]:
    """Yield what the gateway logs, but for what only somebody who looks for faults of it needs."""
    for module in sorted((ROOT / "gateway").rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=logger, attr=level), args=[ast.Constant(value=str(event)), *_]
                ) if level in LEVELS and LOGGERS.search(ast.unparse(logger)):
                    yield event


def test_every_line_that_is_logged_is_on_the_page() -> None:
    logged = set(events())
    assert {"listening", "vendor call failed", "websocket closed", "audit"} <= logged
    named = set(re.findall(r"`([^`\n]+)`", PAGE)) | set(re.findall(r'"event": "([^"]+)"', PAGE))
    assert logged - named == set()
