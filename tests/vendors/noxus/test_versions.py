"""What is sent to make and to rewrite versions."""

from typing import Any

import pytest

from adapters.contract import Fetched
from adapters.errors import InvalidRequest, VendorSurprise
from adapters.noxus.api import NoxusApi
from adapters.writing import Change, VersionContent
from schemas.base import JsonObject, JsonValue
from tests.vendors.noxus.helpers import WORKFLOW, FakeHttp, flow, node, record, recording

API = NoxusApi()
FIRST, SECOND = recording("versions_bare_array")[1]["id"], recording("versions_bare_array")[0]["id"]
CREATE = f"POST v1/workflows/{WORKFLOW}/versions"
UPDATE = f"PATCH v1/workflows/{WORKFLOW}/versions/{FIRST}"
OTHER = flow([node("a")])["definition"]


def version(**fields: JsonValue) -> JsonObject:
    return {**recording("versions_bare_array")[1], **fields}


def at_version(**fields: JsonValue) -> Change:
    """A change over a version whose definition is not that of the workflow."""
    held = version(definition={"nodes": [], "edges": [], "held": 1})
    base = {**record(), "definition": held["definition"]}
    return Change({**base, **fields}, Fetched(record(), version_document=held, version_base=base))


async def test_a_version_holds_a_name_a_note_and_the_definition() -> None:
    http = FakeHttp({}, writes={CREATE: version(name="First", description="why")})
    made = await API.create_version(
        http, WORKFLOW, VersionContent(Change(record(), Fetched(record())), "First", "why")
    )
    sent = {"name": "First", "description": "why", "definition": record()["definition"]}
    assert http.sent == [(CREATE, sent)]
    assert (made.id, made.name, made.note, made.mutable) == (FIRST, "First", "why", True)


async def test_a_version_can_hold_another_definition_than_the_workflow() -> None:
    http = FakeHttp({}, writes={CREATE: version()})
    change = Change(record(definition=OTHER), Fetched(record()), note="of the change")
    await API.create_version(http, WORKFLOW, VersionContent(change, "Other"))
    assert http.sent == [(CREATE, {"name": "Other", "definition": OTHER, "description": "of the change"})]


@pytest.mark.parametrize(
    ("content", "parameter"),
    [
        (VersionContent(Change(record(), Fetched(record()))), "name"),
        (VersionContent(Change(record(), Fetched(record())), ""), "name"),
        (VersionContent(Change(record(), Fetched(record()), labels=("production",)), "v"), "labels"),
        (VersionContent(Change(record(name="Another"), Fetched(record())), "v"), "name"),
        (VersionContent(Change(record(settings={}), Fetched(record())), "v"), "settings"),
        (VersionContent(Change(record(definition=None), Fetched(record())), "v"), "definition"),
    ],
)
async def test_what_a_version_cannot_hold_is_refused(content: VersionContent, parameter: str) -> None:
    http = FakeHttp({})
    with pytest.raises(InvalidRequest) as caught:
        await API.create_version(http, WORKFLOW, content)
    assert caught.value.parameter == parameter
    if parameter != "name" or content.name:
        with pytest.raises(InvalidRequest):
            await API.update_version(http, WORKFLOW, FIRST, content)
    assert http.sent == []


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        (VersionContent(at_version(), "Renamed"), {"name": "Renamed"}),
        (VersionContent(at_version(), None, "why"), {"description": "why"}),
        (VersionContent(at_version(definition=OTHER)), {"definition": OTHER}),
        (
            VersionContent(at_version(definition=OTHER), "Renamed", "why"),
            {"name": "Renamed", "description": "why", "definition": OTHER},
        ),
    ],
)
async def test_only_what_differs_of_a_version_is_sent(content: VersionContent, sent: JsonObject) -> None:
    http = FakeHttp({}, writes={UPDATE: version()})
    assert (await API.update_version(http, WORKFLOW, FIRST, content)).id == FIRST
    assert http.sent == [(UPDATE, sent)]


async def test_a_version_that_does_not_change_is_not_sent() -> None:
    http = FakeHttp({})
    content = VersionContent(at_version(), version()["name"])
    assert (await API.update_version(http, WORKFLOW, FIRST, content)).name == version()["name"]
    assert http.sent == []


@pytest.mark.parametrize("answer", [None, [], "made"])
async def test_what_is_no_version_is_a_surprise(answer: Any) -> None:
    http = FakeHttp({}, writes={CREATE: answer, UPDATE: answer})
    with pytest.raises(VendorSurprise):
        await API.create_version(http, WORKFLOW, VersionContent(at_version(), "v"))
    with pytest.raises(VendorSurprise):
        await API.update_version(http, WORKFLOW, FIRST, VersionContent(at_version(), "v"))
