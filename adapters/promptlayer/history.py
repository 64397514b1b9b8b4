"""Versions and release labels.

A version is an integer per workflow, beside an integer id that is unique everywhere; its content never changes.
A label points at one version and moves. There is no listing of versions: every number from 1 to the latest is one.
"""

from collections.abc import Mapping
from typing import Final

from adapters.errors import VendorSurprise
from adapters.evidence import Evidence, Findings
from adapters.promptlayer.identity import NUMBER_PLACES, Source, read_integer
from schemas.base import JsonObject, JsonValue
from schemas.drafts import VersionDraft
from schemas.workflow import Label, Version

LABELS: Final = "release_labels"
NOTE: Final = "commit_message"

MOST_VERSIONS: Final = 100_000
"""A document that claims more than this is not believed."""


def read_version(source: Source) -> VersionDraft | None:
    """Return the version that a workflow document is; None when nothing in it tells."""
    document = source.document
    number = source.first(NUMBER_PLACES, read_integer)
    version_id = document.integer("workflow_version_id", required=True)
    note = document.text(NOTE)
    created_at = document.iso_time("created_at")
    if number is None and version_id is None and note is None and created_at is None:
        return None
    version: VersionDraft = {"labels": document.texts(LABELS), "mutable": False}
    if number is not None:
        version["number"] = number
    if version_id is not None:
        version["id"] = str(version_id)
    if note is not None:
        version["note"] = note
    if created_at is not None:
        version["created_at"] = created_at
    return version


def read_labels(document: JsonObject) -> tuple[Label, ...]:
    """Return the labels of an answer of the labels endpoint.

    Raises:
        VendorSurprise: there is no list of labels, or one has no name.
    """
    entries = document.get(LABELS)
    if not isinstance(entries, list):
        raise VendorSurprise(f"the answer has no list of {LABELS}")
    return tuple(_label(entry) for entry in entries)


def _label(entry: JsonValue) -> Label:
    fields = Evidence(entry if isinstance(entry, dict) else {}, Findings())
    name = fields.text("release_label")
    if not name:
        raise VendorSurprise("a release label has no name")
    return Label(
        name=name,
        id=_digits(fields, "release_label_id"),
        version_number=fields.integer("workflow_version_number"),
        version_id=_digits(fields, "workflow_version_id"),
    )


def enumerate_versions(latest: JsonObject, labels: tuple[Label, ...]) -> tuple[Version, ...]:
    """Return the versions from the latest down to 1, as far as the latest document and the labels tell.

    Empty when the latest document tells of no version; only that one when it has no number to count from.

    Raises:
        VendorSurprise: the latest document has a version number that cannot be true.
    """
    read = read_version(Source.of(Evidence(latest, Findings())))
    if read is None:
        return ()
    newest = Version.model_validate(read)
    if newest.number is None:
        return (newest.model_copy(update={"current": True}),)
    if newest.number > MOST_VERSIONS:
        raise VendorSurprise(f"the latest version claims to be number {newest.number}")
    names, ids = _by_number(labels)
    told = {
        "id": newest.id or ids.get(newest.number),
        "labels": tuple(names.get(newest.number, ())),
        "current": True,
    }
    current = newest.model_copy(update=told)
    older = (
        Version(
            number=number,
            id=ids.get(number),
            labels=tuple(names.get(number, ())),
            mutable=False,
            current=False,
        )
        for number in range(newest.number - 1, 0, -1)
    )
    return (current, *older)


def _by_number(labels: tuple[Label, ...]) -> tuple[Mapping[int, list[str]], Mapping[int, str]]:
    names: dict[int, list[str]] = {}
    ids: dict[int, str] = {}
    for label in labels:
        if label.version_number is not None:
            names.setdefault(label.version_number, []).append(label.name)
            if label.version_id is not None:
                ids[label.version_number] = label.version_id
    return names, ids


def _digits(fields: Evidence, name: str) -> str | None:
    number = fields.integer(name)
    return None if number is None else str(number)
