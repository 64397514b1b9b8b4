"""The calls that write a changed document: decided before the first of them is made."""

from dataclasses import dataclass
from typing import Final

from adapters.errors import InvalidRequest, VendorSurprise
from adapters.evidence import Evidence, Findings
from adapters.paths import encode
from adapters.promptlayer.bodies import content
from adapters.promptlayer.history import LABELS, NOTE
from adapters.promptlayer.identity import ID_PLACES, NUMBER_PLACES, Source, read_id, read_integer
from adapters.promptlayer.parts import check_changeable, check_replaceable, parts
from adapters.promptlayer.variables import EXTERNAL_IDS
from adapters.rendering import same
from adapters.writing import Change
from schemas.base import JsonObject

WORKFLOWS: Final = "workflows"
REST_WORKFLOWS: Final[tuple[str, ...]] = ("rest", WORKFLOWS)

ExternalKey = tuple[str, str]
"""Source and id."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What writes a change.

    Attributes:
        base: what the vendor has now.
        method: of the call that makes the new version.
        segments: its path.
        body: its body.
        differs: whether the new version is another than the one that there is.
        attached: external ids that are new.
        detached: external ids that go.
    """

    base: JsonObject
    method: str
    segments: tuple[str, ...]
    body: JsonObject
    differs: bool
    attached: tuple[ExternalKey, ...]
    detached: tuple[ExternalKey, ...]

    @property
    def workflow_id(self) -> str | None:
        """Return the id that the vendor gave the workflow."""
        return _id_in(self.base)

    @property
    def mappings(self) -> tuple[str, ...]:
        """Return the path of the workflow's external ids, where no name is taken."""
        return (WORKFLOWS, str(number_of_workflow(self.base)), "external-ids")


def plan_change(workflow_id: str, change: Change, note: str | None = None) -> Plan:
    """Return what writes a change.

    Args:
        workflow_id: the workflow's number or name, as the caller gave it.
        change: what is to be written.
        note: what the new version says of itself; else what the document says, where that changed.

    Raises:
        InvalidRequest: something differs that no call can change, or only at the risk of a loss.
    """
    base, wanted = change.base.document, change.document
    check_changeable(base, wanted)
    before, after = _external_keys(base), _external_keys(wanted)
    detached = tuple(key for key in before if key not in after)
    for segment in (segment for key in detached for segment in key):
        encode(segment)  # refused now, and not when half of the plan is done
    about, changed = _about_version(change, note), parts(base, wanted)
    if changed is None:
        check_replaceable(base)
        check_replaceable(wanted)
        method, segments = "POST", REST_WORKFLOWS
        body: JsonObject = {"workflow_id": number_of_workflow(base), **content(wanted), **about}
    else:
        method, segments = "PATCH", (*REST_WORKFLOWS, workflow_id)
        body = {**_base_version(base), **changed, **about}
    return Plan(
        base,
        method,
        segments,
        body,
        differs=changed is None or bool(changed or about),
        attached=tuple(key for key in after if key not in before),
        detached=detached,
    )


def number_of_workflow(document: JsonObject) -> int:
    """Return the number that a document says its workflow has.

    Raises:
        VendorSurprise: it does not say.
    """
    found = _id_in(document)
    if found is None or not (found.isascii() and found.isdigit()):
        raise VendorSurprise("the document does not tell the workflow's number")
    return int(found)


def _id_in(document: JsonObject) -> str | None:
    return Source.of(Evidence(document, Findings())).first(ID_PLACES, read_id)


def _base_version(base: JsonObject) -> JsonObject:
    number = Source.of(Evidence(base, Findings())).first(NUMBER_PLACES, read_integer)
    return {} if number is None else {"base_version": number}


def _about_version(change: Change, note: str | None) -> JsonObject:
    """Return the note and the labels of the version to be; labels that it does not name stay where they are."""
    base, wanted = change.base.document, change.document
    about: JsonObject = {}
    if note is None:
        note = change.note
    said = wanted.get(NOTE)
    if note is None and isinstance(said, str) and not same(said, base.get(NOTE)):
        note = said
    if note is not None:
        about[NOTE] = note
    before, after = _labels(base), _labels(wanted)
    gone = [label for label in before if label not in after]
    if gone:
        message = (
            f"PromptLayer cannot take the label {gone[0]!r:.80} away; it moves when another version gets it"
        )
        raise InvalidRequest(message, "labels")
    labels = list(dict.fromkeys([*(after if after != before else ()), *change.labels]))
    if labels:
        about[LABELS] = labels
    return about


def _labels(document: JsonObject) -> tuple[str, ...]:
    return Evidence(document, Findings()).texts(LABELS)


def _external_keys(document: JsonObject) -> list[ExternalKey]:
    keys = []
    for _, entry in Evidence(document, Findings()).objects(EXTERNAL_IDS):
        source, identifier = entry.fields.get("source"), entry.fields.get("external_id")
        if isinstance(source, str) and isinstance(identifier, str):
            keys.append((source, identifier))
    return keys
