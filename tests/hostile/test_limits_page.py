"""The page tells every limit with the number that the code has."""

import re
from pathlib import Path
from typing import get_args

from pydantic import BaseModel

from adapters import answers, evidence, pool
from gateway import problems
from gateway.api import parameters
from gateway.edge import strict_heads
from gateway.settings.models import SettingsFile
from schemas import json_codec

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
MIB = 1024 * 1024


def section() -> str:
    text = PAGE.read_text(encoding="utf-8")
    return text.partition("\n## Limits\n")[2].partition("\n## ")[0]


def default_of(key: str) -> object:
    model: type[BaseModel] = SettingsFile
    *sections, last = key.replace("connections.<name>", "connections").split(".")
    for name in sections:
        annotation = model.model_fields[name].annotation
        found = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)]
        model = next(kind for kind in found if issubclass(kind, BaseModel))
    return model.model_fields[last].default


def written(default: object) -> str:
    if isinstance(default, int) and default >= MIB and default % MIB == 0:
        return f"{default // MIB} MiB"
    return f"{default:g}" if isinstance(default, float) else str(default)


def test_every_setting_stands_there_with_its_default() -> None:
    rows = re.findall(r"^\| `([a-z_.<>]+)` \| ([^|]+) \|", section(), re.MULTILINE)
    assert {key: told.strip() for key, told in rows} == {key: written(default_of(key)) for key, _ in rows}
    assert len(rows) >= 15


def test_what_is_the_same_everywhere_is_what_the_code_has() -> None:
    rows = re.findall(r"^\| (\d+(?: KiB)?) \| ([^|]+) \|", section(), re.MULTILINE)
    assert {what.strip(): told for told, what in rows} == {
        "the head of a request": f"{strict_heads.MOST_HEAD_BYTES // 1024} KiB",
        "lines in it": str(strict_heads.MOST_HEADERS),
        "the head of a vendor's answer": f"{pool.MAX_HEAD_BYTES // 1024} KiB",
        "layers of compression of a vendor's answer": "1",
        "JSON arrays and objects inside each other": str(json_codec.MAX_DEPTH),
        "digits of a whole number": str(json_codec.MOST_DIGITS),
        "items on a page of a listing": str(parameters.MAX_LIMIT),
        "diagnostics of a document": str(evidence.MAX_DIAGNOSTICS),
        "faults in a problem's `errors`": str(problems.MOST_FIELDS),
        "characters of each thing that a vendor says in an error": str(answers.MOST_SAID),
        "characters of an `Idempotency-Key`": "255",
    }
