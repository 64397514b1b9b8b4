"""What every canonical model promises: frozen, closed, times in UTC, reasons given."""

import inspect
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

import schemas.diagnostics
import schemas.graph
import schemas.listing
import schemas.problem
import schemas.settings
import schemas.support
import schemas.workflow
from schemas.base import CanonicalModel, to_utc
from schemas.json_codec import dumps, loads
from schemas.listing import ListingPage
from schemas.problem import Problem
from schemas.support import Ability, Support, SupportLevel
from schemas.workflow import Label, RunStatistics, Version, Workflow
from tests.schemas.strategies import WORKFLOWS, models

MODULES = (
    schemas.diagnostics,
    schemas.graph,
    schemas.listing,
    schemas.problem,
    schemas.settings,
    schemas.support,
    schemas.workflow,
)
EVERY_MODEL = [
    member
    for module in MODULES
    for name, member in inspect.getmembers(module, inspect.isclass)
    if issubclass(member, CanonicalModel) and member.__module__ == module.__name__ and "[" not in name
]


@pytest.mark.parametrize("model", EVERY_MODEL)
def test_a_model_is_frozen_closed_and_explained(model: type[CanonicalModel]) -> None:
    assert model.model_config.get("frozen")
    assert model.model_config.get("extra") == "forbid"
    assert (model.__doc__ or BaseModel.__doc__) != BaseModel.__doc__


@given(st.data())
def test_no_field_can_be_set_and_none_added(data: st.DataObject) -> None:
    model = data.draw(
        st.sampled_from([model for model in EVERY_MODEL if model not in (Support, ListingPage)])
    )
    instance = data.draw(models(model))
    for name in (*model.model_fields, "added"):
        with pytest.raises(ValidationError):
            setattr(instance, name, None)
    with pytest.raises(ValidationError):
        model.model_validate(instance.model_dump() | {"added": 1})


@given(WORKFLOWS)
def test_a_workflow_survives_both_ways_through_json(workflow: Workflow) -> None:
    by_pydantic = workflow.model_dump_json().encode()
    assert Workflow.model_validate_json(by_pydantic) == workflow
    assert loads(dumps(workflow.model_dump())) == loads(by_pydantic)


def test_lone_surrogates_and_times_can_be_written_together() -> None:
    moment = datetime(2026, 5, 1, 12, 0, 0, 5, UTC)
    body = dumps(RunStatistics(last_run_at=moment).model_dump() | {"\ud800": "\ud800"})
    assert loads(body) == {"runs": None, "last_run_at": "2026-05-01T12:00:00.000005Z", "\ud800": "\ud800"}


ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=ZONES))  # noqa: DTZ001
def test_a_moment_is_the_same_moment_in_utc(moment: datetime) -> None:
    kept = RunStatistics(last_run_at=moment).last_run_at
    assert kept == moment
    assert kept is not None
    assert kept.tzinfo is UTC


def test_a_time_without_zone_is_taken_as_utc() -> None:
    kept = RunStatistics(last_run_at=datetime(2026, 5, 1, 12)).last_run_at  # noqa: DTZ001 - the point of it
    assert kept == datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_moment_is_written_with_z() -> None:
    written = RunStatistics(last_run_at=datetime(2026, 5, 1, 12, tzinfo=UTC)).model_dump(mode="json")
    assert written["last_run_at"] == "2026-05-01T12:00:00Z"


@pytest.mark.parametrize(
    "edge",
    [
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
    ],
)
def test_a_time_beyond_the_calendar_is_refused_in_words(edge: datetime) -> None:
    with pytest.raises(ValueError, match="out of range in UTC"):
        to_utc(edge)
    with pytest.raises(ValidationError, match="out of range in UTC"):
        RunStatistics(last_run_at=edge)


@pytest.mark.parametrize("level", [level for level in SupportLevel if level is not SupportLevel.NATIVE])
@pytest.mark.parametrize("reason", [None, ""])
def test_every_level_but_native_needs_a_reason(level: SupportLevel, reason: str | None) -> None:
    with pytest.raises(ValidationError, match="needs a reason"):
        Support(level=level, reason=reason)
    assert Support(level=level, reason="because").reason == "because"


def test_native_needs_none() -> None:
    assert Support(level=SupportLevel.NATIVE).available


@pytest.mark.parametrize(
    ("level", "available"),
    [
        (SupportLevel.NATIVE, True),
        (SupportLevel.EMULATED, True),
        (SupportLevel.NOT_YET, False),
        (SupportLevel.VENDOR_LACKS_IT, False),
        (SupportLevel.NEVER, False),
    ],
)
def test_only_native_and_emulated_can_be_used(level: SupportLevel, available: bool) -> None:
    assert Support(level=level, reason="because").available is available


def test_abilities_are_named_as_they_are_spelled() -> None:
    assert all(ability.value == ability.name.lower() for ability in Ability)


@pytest.mark.parametrize(
    ("fields", "reference"),
    [({"number": 4, "id": "x"}, "4"), ({"number": 0, "id": "x"}, "0"), ({"id": "x"}, "x"), ({}, None)],
)
def test_a_version_is_referred_to_by_number_before_id(fields: dict[str, Any], reference: str | None) -> None:
    assert Version(mutable=True, **fields).reference == reference


def test_a_problem_is_not_retryable_unless_it_says_so() -> None:
    problem = Problem(type="/problems/x", title="X", status=500, detail="no", code="x")
    assert problem.retryable is False


def test_ids_are_texts() -> None:
    with pytest.raises(ValidationError):
        Label.model_validate({"name": "production", "id": 3})
