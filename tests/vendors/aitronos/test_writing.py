"""What is sent to make, change and delete workflows, and what is made of the answers."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.aitronos.api import Api
from adapters.contract import Fetched, Http
from adapters.errors import InvalidRequest, VendorBroken, VendorLimited, VendorSurprise
from adapters.writing import Change, Written
from schemas.writes import Conversion, Promotion
from tests.vendors.aitronos.helpers import FakeHttp, record

CREATE = "POST v1/workflows"
UPDATE = "PATCH v1/workflows/flow_1"
DEFINITION = {"nodes": [], "connections": {}}


def change(base: Any, **fields: Any) -> Change:
    return Change({**base, **fields}, Fetched(base))


async def test_a_workflow_is_made_of_what_the_vendor_does_not_set_itself() -> None:
    made = record(DEFINITION, id="flow_new")
    http = FakeHttp(made, headers={"etag": "1"}, status=201)
    document = record(
        DEFINITION,
        description=None,
        external_id="x",
        created_by="user_1",
        assistant_id="asst_1",
        has_assistant=True,
        x_new={"a": 1},
    )
    written = await Api().create(http, document)
    assert http.sent == [
        (
            CREATE,
            {
                "name": "A flow",
                "definition": DEFINITION,
                "description": None,
                "external_id": "x",
                "x_new": {"a": 1},
            },
        )
    ]
    assert written.workflow_id == "flow_new"
    assert written.fetched is not None
    assert (written.fetched.document, written.fetched.validators) == (made, {"etag": "1"})


@pytest.mark.parametrize(
    ("external_id", "status", "version", "created"),
    [
        (None, 201, 1, True),
        (None, 200, 4, True),
        ("x", 201, 1, None),
        ("x", 201, 2, False),
        ("x", 200, 1, False),
        ("x", 201, None, None),
        ("x", 201, True, None),
    ],
)
async def test_whether_a_workflow_was_there_before_is_told_only_when_it_is_sure(
    external_id: str | None, status: int, version: Any, created: bool | None
) -> None:
    http = FakeHttp(record(DEFINITION, version=version), status=status)
    written = await Api().create(http, {"name": "A", "definition": {}, "external_id": external_id})
    assert written.created is created


@pytest.mark.parametrize(
    ("fields", "parameter"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": 7}, "name"),
        ({"definition": None}, "definition"),
        ({"definition": []}, "definition"),
    ],
)
async def test_what_a_workflow_needs_is_asked_for_before_anything_is_sent(
    fields: Any, parameter: str
) -> None:
    http = FakeHttp()
    with pytest.raises(InvalidRequest) as caught:
        await Api().create(http, {**record({}), **fields})
    assert caught.value.parameter == parameter
    assert http.sent == []


@pytest.mark.parametrize("wanted", [True, False])
async def test_a_workflow_made_in_the_other_state_is_put_right(wanted: bool) -> None:
    http = FakeHttp(record({}, is_active=not wanted), record({}, is_active=wanted), status=201)
    written = await Api().create(http, record({}, is_active=wanted))
    assert [call for call, _ in http.sent] == [CREATE, UPDATE]
    assert http.bodies[1] == {"is_active": wanted}
    assert written.fetched is not None
    assert written.fetched.document["is_active"] is wanted
    assert written.created is True


@pytest.mark.parametrize("wanted", [None, 0, "no", True])
async def test_one_call_makes_a_workflow_whose_state_is_as_wanted(wanted: Any) -> None:
    http = FakeHttp(record({}), status=201)
    await Api().create(http, record({}, is_active=wanted))
    assert [call for call, _ in http.sent] == [CREATE]


async def test_a_workflow_that_is_half_made_is_named() -> None:
    failure: Any = VendorLimited("too many calls", status=429)
    http = FakeHttp(record({}), failure, status=201)
    with pytest.raises(VendorSurprise, match=r"flow_1 is made, but .*: too many calls") as caught:
        await Api().create(http, record({}, is_active=False))
    assert (caught.value.status, caught.value.retryable) == (429, False)


@pytest.mark.parametrize("answer", [None, [], "made", {}, {"id": True}, {"id": ""}])
async def test_an_answer_to_a_write_has_to_name_the_workflow(answer: Any) -> None:
    with pytest.raises(VendorSurprise):
        await Api().create(FakeHttp(answer, status=201), record({}))
    with pytest.raises(VendorSurprise):
        await Api().update(FakeHttp(answer), "flow_1", change(record({}), name="B"))


BASE = record(DEFINITION, description="d", external_id="x", x_new=1, created_by=None)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "B"},
        {"description": None},
        {"description": ""},
        {"definition": {**DEFINITION, "meta": 1}},
        {"is_active": False},
        {"external_id": "y"},
        {"external_id": None},
        {"name": "B", "is_active": False},
    ],
)
async def test_only_what_differs_is_sent(fields: Any) -> None:
    http = FakeHttp({**BASE, **fields})
    written = await Api().update(http, "flow_1", change(BASE, **fields))
    assert http.sent == [(UPDATE, fields)]
    assert (written.workflow_id, written.created) == ("flow_1", False)
    assert written.fetched is not None
    assert written.fetched.document == {**BASE, **fields}


@pytest.mark.parametrize(("was", "becomes"), [(1, 1.0), (1, True), (0, False), ([1], [1.0])])
async def test_values_that_python_holds_equal_differ(was: Any, becomes: Any) -> None:
    base = record({"x": was})
    http = FakeHttp(base)
    await Api().update(http, "flow_1", change(base, definition={"x": becomes}))
    assert [str(body) for body in http.bodies] == [str({"definition": {"x": becomes}})]


async def test_nothing_is_sent_when_nothing_differs() -> None:
    http = FakeHttp()
    base = Fetched(record(DEFINITION))
    written = await Api().update(http, "flow_1", Change(record(DEFINITION, description=None), base))
    assert http.sent == []
    assert written == Written("flow_1", base, created=False)


@pytest.mark.parametrize(
    ("fields", "parameter"),
    [
        ({"x_new": 2}, "x_new"),
        ({"x_newer": 1}, "x_newer"),
        ({"x_new": None}, "x_new"),
        ({"name": "B", "version": 2}, "version"),
        ({"organization_id": "org_2"}, "organization_id"),
        ({"created_by": "user_2"}, "created_by"),
        ({"name": None}, "name"),
        ({"definition": None}, "definition"),
        ({"is_active": None}, "is_active"),
    ],
)
async def test_what_cannot_be_changed_is_refused_by_name(fields: Any, parameter: str) -> None:
    http = FakeHttp()
    with pytest.raises(InvalidRequest, match=parameter) as caught:
        await Api().update(http, "flow_1", change(BASE, **fields))
    assert caught.value.parameter == parameter
    assert http.sent == []


async def test_a_field_that_is_taken_away_is_refused_by_name() -> None:
    without = {name: value for name, value in BASE.items() if name != "x_new"}
    with pytest.raises(InvalidRequest) as caught:
        await Api().update(FakeHttp(), "flow_1", Change(without, Fetched(BASE)))
    assert caught.value.parameter == "x_new"


async def test_an_assistants_workflow_is_changed_through_the_assistant() -> None:
    http = FakeHttp({**BASE, "name": "B"})
    written = await Api().update_assistant_workflow(http, "asst_1", change(BASE, name="B"))
    assert http.sent == [("PATCH v1/assistants/asst_1/workflow", {"name": "B"})]
    assert written.workflow_id == "flow_1"
    same = await Api().update_assistant_workflow(FakeHttp(), "asst_1", change(BASE))
    assert same == Written("flow_1", Fetched(BASE), created=False)


@pytest.mark.parametrize("answer", [None, {"message": "Workflow deleted."}, []])
async def test_whatever_a_deletion_answers_is_not_read(answer: Any) -> None:
    http = FakeHttp(answer)
    await Api().delete(http, "flow_1")
    assert http.sent == [("DELETE v1/workflows/flow_1", None)]


@pytest.mark.parametrize("workflow_id", ["flow_1", None])
async def test_a_link_is_ended_whether_or_not_there_is_one(workflow_id: str | None) -> None:
    http = FakeHttp({"assistant_id": "asst_1", "workflow_id": workflow_id, "message": "Done."})
    result = await Api().detach_assistant_workflow(http, "asst_1")
    assert http.sent == [("DELETE v1/assistants/asst_1/workflow", None)]
    assert (result.assistant_id, result.workflow_id, result.message) == ("asst_1", workflow_id, "Done.")


@pytest.mark.parametrize(
    ("promotion", "body"),
    [
        (Promotion(), {}),
        (Promotion(name="A", primary_node_id="n1"), {"name": "A", "primary_node_id": "n1"}),
        (Promotion(description=""), {"description": ""}),
    ],
)
async def test_an_assistant_is_made_of_what_is_given(promotion: Promotion, body: Any) -> None:
    http = FakeHttp({"assistant_id": "asst_9", "workflow_id": "flow_1", "message": "Done."}, status=201)
    result = await Api().promote_to_assistant(http, "flow_1", promotion)
    assert http.sent == [("POST v1/workflows/flow_1/promote-to-assistant", body)]
    assert (result.assistant_id, result.workflow_id, result.message) == ("asst_9", "flow_1", "Done.")


@pytest.mark.parametrize(
    ("conversion", "body"),
    [(Conversion(), {}), (Conversion(name="A", description="b"), {"workflow_name": "A", "description": "b"})],
)
async def test_a_workflow_is_made_of_an_assistant(conversion: Conversion, body: Any) -> None:
    answer = {"assistant_id": "asst_1", "workflow_id": "flow_9", "workflow": record({}, id="flow_9")}
    http = FakeHttp(answer, status=201)
    result = await Api().convert_assistant(http, "asst_1", conversion)
    assert http.sent == [("POST v1/assistants/asst_1/convert-to-workflow", body)]
    assert (result.assistant_id, result.workflow_id, result.message) == ("asst_1", "flow_9", None)


LINKING: list[Callable[[Http], Awaitable[Any]]] = [
    lambda http: Api().detach_assistant_workflow(http, "asst_1"),
    lambda http: Api().promote_to_assistant(http, "flow_1", Promotion()),
    lambda http: Api().convert_assistant(http, "asst_1", Conversion()),
]


@pytest.mark.parametrize("call", LINKING, ids=["detach", "promote", "convert"])
async def test_an_answer_about_a_link_has_to_be_an_object(call: Any) -> None:
    for answer in (None, [], "done"):
        with pytest.raises(VendorSurprise):
            await call(FakeHttp(answer))


@pytest.mark.parametrize("call", LINKING[1:], ids=["promote", "convert"])
async def test_what_was_made_has_to_be_named(call: Any) -> None:
    for answer in ({}, {"assistant_id": None, "workflow_id": False}, {"assistant_id": "", "workflow_id": ""}):
        with pytest.raises(VendorSurprise):
            await call(FakeHttp(answer))


async def test_a_number_as_an_id_is_read_as_it_is_elsewhere() -> None:
    written = await Api().update(
        FakeHttp({**BASE, "id": 4711}), "4711", change({**BASE, "id": 4711}, name="B")
    )
    assert written.workflow_id == "4711"


async def test_errors_of_the_vendor_pass_as_they_are() -> None:
    failure: Any = VendorBroken("no", status=500)
    with pytest.raises(VendorBroken):
        await Api().update(FakeHttp(failure), "flow_1", change(BASE, name="B"))
