"""Export bundles: base64 text (v3) or several YAML documents (v4), and back.

The inside of the vendor's bundles is not documented; ours holds a header and one document per artifact.
"""

import base64
import binascii
import json
from typing import Any

import yaml
from starlette.responses import Response

from emulators.noxus.errors import ApiError
from emulators.noxus.graph import check_definition
from emulators.noxus.state import Record
from emulators.noxus.validation import OBJECT, TEXT, Fields, one_of
from emulators.noxus.web import Call

FORMATS = ("auto", "v3", "v4")
MODES = ("clone", "version", "replace")


def export_response(call: Call, header: Record, artifacts: list[Record]) -> Response:
    """Return a bundle in the format the query asks for: `auto` is v3.

    Raises:
        ApiError: 422 for a query the export does not know.
    """
    wanted = call.query.word("version", FORMATS, "auto")
    header = header | {"set_active_on_import": call.query.flag("set_active_on_import")}
    if wanted == "v4":
        documents = [{"nx": "v4"} | header, *artifacts]
        text = yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True)
        return Response(text.encode(), media_type="application/yaml")
    bundle = {"version": "v3"} | header | {"artifacts": artifacts}
    encoded = base64.b64encode(json.dumps(bundle).encode())
    return Response(encoded, media_type="application/octet-stream")


def read_bundle(call: Call) -> tuple[Record, list[Record]]:
    """Return the header and the artifacts of the bundle in the body.

    Raises:
        ApiError: 422 for a body without one, 400 for a bundle that cannot be read.
    """
    fields = Fields(call.body())
    text = fields.required("definition", TEXT)
    wanted = fields.optional("version", one_of(FORMATS), "auto")
    fields.check()
    bundle = _decoded(text) if wanted != "v4" else None
    if bundle is None and wanted != "v3":
        bundle = _documents(text)
    if bundle is None or not bundle[1]:
        raise ApiError(400, "Invalid bundle")
    return bundle


def _decoded(text: str) -> tuple[Record, list[Record]] | None:
    try:
        bundle = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(bundle, dict):
        return None
    artifacts = bundle.pop("artifacts", None)
    return (bundle, artifacts) if _are_artifacts(artifacts) else None


def _documents(text: str) -> tuple[Record, list[Record]] | None:
    try:
        documents = list(yaml.safe_load_all(text))
        json.dumps(documents)
    except (yaml.YAMLError, TypeError, ValueError, RecursionError):
        return None
    if not documents or not isinstance(documents[0], dict) or not _are_artifacts(documents[1:]):
        return None
    return documents[0], documents[1:]


def _are_artifacts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and not _problems(one) for one in value)


def _problems(artifact: Record) -> list[Record]:
    fields = Fields(artifact)
    for name in ("id", "name"):
        fields.required(name, TEXT)
    check_definition(fields, fields.required("definition", OBJECT))
    for name, kind in {
        "description": TEXT,
        "error_handler": TEXT,
        "meta": OBJECT,
        "settings": OBJECT,
    }.items():
        fields.optional(name, kind)
    return fields.problems
