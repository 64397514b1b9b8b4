"""JSON merge patches (RFC 7396) on the canonical workflow."""

from typing import Final

from pydantic import ValidationError

from adapters.evidence import pointer
from gateway.errors import BodyInvalid
from gateway.writing.validation import faults_of, validated
from schemas.base import JsonObject, JsonValue
from schemas.json_codec import loads
from schemas.serialising import to_json
from schemas.workflow import Workflow

OWN: Final = frozenset({"connection", "vendor", "id", "native"})
"""They say which workflow it is, and a patch cannot make it another."""

DERIVED: Final = frozenset({"digest", "diagnostics"})
"""They follow from the rest; what a patch says of them counts for nothing."""


def merged(target: JsonValue, patch: JsonValue) -> JsonValue:
    """Return what a merge patch makes of a JSON value; the inputs are not changed."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def patched(workflow: Workflow, patch: JsonObject, at: str = "") -> Workflow:
    """Return the workflow as the patch makes it. What the patch does not name stays the very value it was.

    Args:
        workflow: as it is.
        patch: on its canonical form.
        at: JSON Pointer to the patch in the body, for what is told of faults.

    Raises:
        BodyInvalid: the patch names fields that there are not, or makes one something else than it can be.
    """
    before = loads(to_json(workflow))
    assert isinstance(before, dict)  # noqa: S101 - a model is written as an object
    after = merged(before, patch)
    faults = [
        (pointer(name), "says which workflow this is, and cannot be changed")
        for name in sorted(OWN & patch.keys())
        if after.get(name) != before.get(name)
    ]
    touched = patch.keys() - OWN - DERIVED
    # Only what is touched is read anew; the model's own values stay for the rest, to the last digit.
    wanted = {**before, **{name: after[name] for name in touched if name in after}}
    for name in touched - after.keys():
        wanted.pop(name, None)
    # Taking away what there is not would leave no trace, and a mistyped name would be taken for done.
    wanted |= dict.fromkeys(touched - Workflow.model_fields.keys())
    read = read_workflow(wanted, at, faults)
    return workflow.model_copy(update={name: getattr(read, name) for name in touched})


def read_workflow(
    document: JsonObject, at: str = "", faults: list[tuple[str, str]] | None = None
) -> Workflow:
    """Return the workflow that a JSON object describes; no value is bent into another type.

    Args:
        document: a canonical workflow.
        at: JSON Pointer to it in the body.
        faults: found already, without `at`.

    Raises:
        BodyInvalid: there are faults, or it is no workflow.
    """
    found = list(faults or ())
    read = None
    try:
        read = validated(Workflow, document)
    except ValidationError as error:
        found += faults_of(error)
    if read is None or found:
        raise BodyInvalid([(at + name, detail) for name, detail in found])
    return read
