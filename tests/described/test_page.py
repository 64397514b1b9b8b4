"""What the page about descriptions says is true: its example works, and it has every key."""

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from adapters.contract import Fetched, Vendor
from adapters.generic import Description, check, described
from tests.described.captures import ROOT

PAGE = (ROOT / "docs" / "describing-a-vendor.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def example() -> Vendor:
    description = Description.model_validate(yaml.safe_load(blocks("yaml")[0]))
    assert list(check(description)) == []
    return described("acme", description)


def test_the_worked_example_reads_its_documents() -> None:
    listing, document = (json.loads(block) for block in blocks("json"))
    mapping = example().mapping
    assert mapping.parse_summary(listing["flows"][0], "mail").name == "Sort mail"
    workflow = mapping.parse(Fetched(document), "mail")
    assert (workflow.status, workflow.tags, workflow.diagnostics) == ("active", ("mail",), ())
    assert [node.role for node in workflow.graph.nodes] == ["trigger", "llm"]
    (edge,) = workflow.graph.edges
    assert (edge.source.node, edge.target.node, edge.id) == ("a", "b", "l1")
    assert workflow.settings is not None
    assert workflow.extensions == {}
    assert mapping.render(workflow, document).document == document


def keys(model: type[BaseModel], seen: frozenset[type] = frozenset()) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for kind in (field.annotation, *get_args(field.annotation)):
            inner: Any = kind
            if isinstance(inner, type) and issubclass(inner, BaseModel) and inner not in seen:
                yield from keys(inner, seen | {model})


@pytest.mark.parametrize("key", sorted(set(keys(Description))))
def test_the_page_has_every_key(key: str) -> None:
    assert re.search(rf"[`.]{key}[`:]", PAGE), f"{key} is not explained"
