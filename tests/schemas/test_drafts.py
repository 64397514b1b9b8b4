"""Drafts and models say the same: the same fields, required in the same places."""

from typing import get_type_hints

import pytest
from pydantic import BaseModel

import schemas.diagnostics
import schemas.graph
import schemas.settings
import schemas.workflow
from schemas import drafts

PAIRS = [
    pytest.param(draft, getattr(module, name.removesuffix("Draft")), id=name)
    for name, draft in vars(drafts).items()
    if name.endswith("Draft")
    for module in (schemas.workflow, schemas.graph, schemas.settings, schemas.diagnostics)
    if hasattr(module, name.removesuffix("Draft"))
    and getattr(module, name.removesuffix("Draft")).__module__ == module.__name__
]


def test_every_draft_has_its_model() -> None:
    found = [name for name in vars(drafts) if name.endswith("Draft")]
    assert sorted(found) == sorted(str(pair.id) for pair in PAIRS)


@pytest.mark.parametrize(("draft", "model"), PAIRS)
def test_a_draft_has_the_fields_of_its_model(draft: type, model: type[BaseModel]) -> None:
    # The native document is put beside the draft when it is asked for.
    left_out = {"native"} if model is schemas.workflow.Workflow else set()
    assert get_type_hints(draft).keys() == model.model_fields.keys() - left_out


@pytest.mark.parametrize(("draft", "model"), PAIRS)
def test_what_has_no_default_is_required(draft: type, model: type[BaseModel]) -> None:
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    assert required == draft.__required_keys__  # type: ignore[attr-defined]
