"""Who and what a workflow is: everything but its content, by the places of a description."""

from collections.abc import Mapping
from typing import Any

from adapters.errors import VendorSurprise
from adapters.generic.description import Kinds, Statuses, VersionPlaces, WorkflowPlaces
from adapters.generic.expressions import Expression
from adapters.generic.reading import Reader, told, word
from schemas.diagnostics import DiagnosticCode
from schemas.drafts import PlaceDraft, VersionDraft
from schemas.workflow import WorkflowKind, WorkflowStatus


def summary_fields(record: Reader, places: WorkflowPlaces) -> dict[str, Any]:
    """Return the fields that a workflow and its short form share, without connection and vendor.

    Raises:
        VendorSurprise: there is no id.
    """
    identifier = record.identifier(places.id)
    if not identifier:
        raise VendorSurprise("the vendor gave a workflow without an id")
    kind, native_kind = _kind(record, places.kind)
    status, native_status = _status(record, places.status)
    external = record.identifier(places.external_id)
    assistant = record.identifier(places.assistant_id)
    return {
        "id": identifier,
        "kind": kind,
        "status": status,
        "labels": record.texts(places.labels),
        "tags": record.texts(places.tags),
        "external_ids": ({"id": external},) if external else (),
        **told(
            name=record.text(places.name, required=True),
            description=record.text(places.description),
            native_kind=native_kind,
            native_status=native_status,
            published=record.boolean(places.published),
            version=None if places.version is None else read_version(record, places.version, places.times),
            created_at=record.time(places.created_at, places.times),
            updated_at=record.time(places.updated_at, places.times),
            deleted_at=record.time(places.deleted_at, places.times),
            author=_person(record, places.author_id, places.author_name),
            workspace=_place(record, places.workspace_id, places.workspace_name),
            folder=_place(record, places.folder_id, places.folder_name),
            assistant={"assistant_id": assistant} if assistant else None,
            statistics=_statistics(record, places),
        ),
    }


def read_version(record: Reader, places: VersionPlaces, times: str) -> VersionDraft:
    """Return the version whose facts lie in an object."""
    version: VersionDraft = {"mutable": places.mutable, "labels": record.texts(places.labels)}
    fields: Mapping[str, Any] = told(
        number=record.integer(places.number),
        id=record.identifier(places.id),
        name=record.text(places.name),
        note=record.text(places.note),
        created_at=record.time(places.created_at, times),
        author=_person(record, places.author_id, places.author_name),
        native_hash=record.text(places.native_hash),
        current=places.current,
    )
    return {**version, **fields}  # type: ignore[typeddict-item]


def _kind(record: Reader, kinds: Kinds | None) -> tuple[WorkflowKind, str | None]:
    """Return the kind and the vendor's own word for it; what an expression made up is no word of the vendor."""
    if kinds is None:
        return WorkflowKind.UNKNOWN, None
    native = word(record.value(kinds.at))
    if native is not None and native not in kinds.words:
        _note_word(record, kinds.at, native)
    own = native if kinds.at.names is not None else None
    return kinds.words.get(native or "", WorkflowKind.UNKNOWN), own


def _status(record: Reader, statuses: Statuses | None) -> tuple[WorkflowStatus, str | None]:
    """Return the status and the vendor's own word for it, where it has one and no boolean."""
    if statuses is None:
        return WorkflowStatus.UNKNOWN, None
    value = record.value(statuses.at)
    native = word(value)
    if native is not None and native not in statuses.words:
        _note_word(record, statuses.at, native)
    own = value if isinstance(value, str) and statuses.at.names is not None else None
    return statuses.words.get(native or "", WorkflowStatus.UNKNOWN), own


def _note_word(record: Reader, where: Expression, native: str) -> None:
    holder, name = record.place(where)
    holder.note(
        DiagnosticCode.UNKNOWN_VALUE, f"{native[:80]!r} is not among the words that are described", name
    )


def _person(
    record: Reader, identifier: Expression | None, name: Expression | None
) -> Mapping[str, Any] | None:
    return told(id=record.identifier(identifier), name=record.text(name)) or None


def _place(record: Reader, identifier: Expression | None, name: Expression | None) -> PlaceDraft | None:
    found = record.identifier(identifier)
    if not found:
        return None
    place: PlaceDraft = {"id": found}
    named = record.text(name)
    return place if named is None else {**place, "name": named}


def _statistics(record: Reader, places: WorkflowPlaces) -> Mapping[str, Any] | None:
    return (
        told(runs=record.integer(places.runs), last_run_at=record.time(places.last_run_at, places.times))
        or None
    )
