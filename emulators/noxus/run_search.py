"""`POST /v1/runs/search`: the reference and the SDK disagree about its body, and both are understood."""

import json
from dataclasses import dataclass
from typing import Any

from emulators.noxus.runs import Run
from emulators.noxus.state import Record, newest_first
from emulators.noxus.validation import FLAG, LIST, NUMBER, TEXT, WHOLE, Fields, one_of
from emulators.noxus.web import LARGEST_PAGE, Call, page

PARTS = ("input", "output", "other", "run_id")


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: the words, where, and, in the SDK's way, which slice."""

    query: str
    parts: tuple[str, ...]
    exact: bool
    limit: int | None
    offset: int


def _wanted(call: Call) -> Search:
    fields = Fields(call.body())
    query = fields.required("query", TEXT)
    fields.optional("similarity_threshold", NUMBER)
    if call.variant("search_as_documented"):
        fields.check()
        return Search(query, PARTS, exact=False, limit=None, offset=0)
    limit, offset = fields.optional("limit", WHOLE), fields.optional("offset", WHOLE, 0)
    _bounds(fields, limit, offset)
    exact = fields.optional("exact", FLAG, default=True)
    parts = fields.optional("search_in", LIST, list(PARTS)) or []
    for index, part in enumerate(parts):
        if part not in PARTS:
            fields.complain(one_of(PARTS).message, "literal_error", "search_in", index)
    fields.check()
    return Search(query, tuple(parts), exact, limit, offset)


def _bounds(fields: Fields, limit: int | None, offset: int | None) -> None:
    if limit is not None and not 1 <= limit <= LARGEST_PAGE:
        fields.complain(f"Input should be between 1 and {LARGEST_PAGE}", "value_error", "limit")
    if offset is not None and offset < 0:
        fields.complain("Input should be greater than or equal to 0", "greater_than_equal", "offset")


def _texts(run: Run) -> dict[str, str]:
    document = run.document()
    other = (document["status"], run.fault or "", *(str(node.get("name")) for node in run.nodes))
    return {
        "input": json.dumps(document["input"], ensure_ascii=False),
        "output": json.dumps(document["output"], ensure_ascii=False),
        "other": " ".join(other),
        "run_id": run.id,
    }


def _found_in(run: Run, search: Search) -> list[str]:
    """Return the parts that match: the whole phrase when exact, else any of its words."""
    phrase = search.query.casefold()
    words = [phrase] if search.exact else phrase.split()
    texts = _texts(run)
    return [part for part in search.parts if any(word in texts[part].casefold() for word in words)]


def search_runs(call: Call) -> Any:
    """Find runs by what went in, came out, or happened."""
    search = _wanted(call)
    matches = {run.id: _found_in(run, search) for run in call.state.runs.values()}
    found = newest_first(call.state.runs[run_id].document() for run_id, parts in matches.items() if parts)
    answer = page(call, found)
    if search.limit is not None:
        answer = _slice(found, search.limit, search.offset)
    items: list[Record] = [
        item | {"search_data": {"matched_in": matches[item["id"]], "score": 1.0}} for item in answer["items"]
    ]
    return answer | {"items": items}


def _slice(found: list[Record], limit: int, offset: int) -> Record:
    return {
        "items": found[offset : offset + limit],
        "total": len(found),
        "page": offset // limit + 1,
        "size": limit,
        "pages": -(-len(found) // limit),
    }
