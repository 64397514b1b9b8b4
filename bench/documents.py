"""Documents of a wanted size, as texts for the stand-in vendor, with places for an id and a serial number."""

import json
from typing import Any, Final

from adapters.contract import Vendor
from adapters.registry import load_all
from bench.normalise import RECORDINGS, grown, normalised
from bench.stand_in import ID, SERIAL

PADDED: Final = "noxus"
"""Whose documents are cut to size: a description, which is padded, and a listing that is simple."""
SMALL: Final = "get_workflow_minimal_required_fields_only"


def native(name: str, least: int) -> str:
    """Return a vendor's grown document of at least so many bytes, as the vendor sends it.

    Where the id is a text it is the one that is asked for, and the name ends in the serial number.
    """
    return _marked(grown(name, least))


def canonical(size: int) -> str:
    """Return a native document whose canonical form has so many bytes, but for the digits of ids."""
    vendor = load_all()[PADDED]
    document = _nearly(vendor, size)
    document["description"] = ""
    missing = size - _canonical_size(vendor, document)
    document["description"] = _prose(missing)
    return _marked(document)


def listing(items: int) -> str:
    """Return one page that is the only one, with so many small workflows on it."""
    first = _small()
    every = [{**first, "id": f"w-{number:08d}", "name": f"Workflow {number}"} for number in range(items)]
    page = {"items": every, "total": items, "page": 1, "size": items, "pages": 1}
    return json.dumps(page, separators=(",", ":"))


def _nearly(vendor: Vendor, size: int) -> dict[str, Any]:
    """Return the largest document that stays below a size: the recording grown, or a small one."""
    least = size
    while least > 1000:
        document = grown(PADDED, least)
        if _canonical_size(vendor, document) < size - 200:
            return document
        least = least * 3 // 4
    return _small()


def _small() -> dict[str, Any]:
    path = RECORDINGS / PADDED / "recordings" / f"{SMALL}.json"
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


def _canonical_size(vendor: Vendor, document: dict[str, Any]) -> int:
    return len(normalised(vendor, _marked(document).replace(ID.decode(), "w-00000000").encode()))


def _prose(length: int) -> str:
    words = "The quick brown fox reads the ticket, looks up the order and answers the customer. "
    return (words * (length // len(words) + 1))[:length]


def _marked(document: dict[str, Any]) -> str:
    marked = {**document, "name": f"Workflow {SERIAL.decode()}"}
    if isinstance(document.get("id"), str):
        marked["id"] = ID.decode()
    return json.dumps(marked, separators=(",", ":"))
