"""What is as documented is read in a quick way, which must give what the careful way gives."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.evidence import Evidence, Findings
from adapters.promptlayer.configuration import names_in, names_only
from adapters.promptlayer.edges import Links
from tests.vendors.promptlayer.documents import (
    NAMES,
    configurations,
    exact,
    messy_edges,
    names,
    some,
    sound_edge,
)


@given(messy_edges | sound_edge("a", "b"), st.booleans())
def test_a_plain_edge_reads_as_it_does_by_the_careful_way(entry: Any, inputs: bool) -> None:
    if not isinstance(entry, dict):
        return
    links = Links(
        {name: {"node": name, "exists": True} for name in ("a", "b")}, frozenset(NAMES if inputs else ())
    )
    plain, findings = links.plain_edge(entry), Findings()
    if plain is not None:
        assert exact(plain) == exact(links.odd_edge(Evidence(entry, findings)))
        assert findings.all() == ()


@given(sound_edge("a", "b"))
def test_a_sound_edge_is_plain(entry: Any) -> None:
    links = Links({name: {"node": name, "exists": True} for name in ("a", "b")}, frozenset())
    assert links.plain_edge(entry) is not None


@given(some(st.lists(names, max_size=4)))
def test_plain_dependencies_read_as_they_do_by_the_careful_way(dependencies: Any) -> None:
    links, findings = Links({"a": {"node": "a", "exists": True}}, frozenset(("b", "c"))), Findings()
    read = links.odd_names(Evidence({"dependencies": dependencies}, findings))
    assert links.are_plain(dependencies) == (findings.all() == ())
    if links.are_plain(dependencies):
        assert read == dependencies


@given(configurations, st.lists(st.sampled_from(NAMES), max_size=4))
def test_a_configuration_said_to_name_only_what_is_known_names_nothing_else(
    configuration: Any, known: list[str]
) -> None:
    if isinstance(configuration, dict) and names_only(configuration, known):
        assert {name for _, name in names_in(configuration)} <= set(known)


def test_a_sound_configuration_is_not_looked_at_twice() -> None:
    inner = {"source": "b", "variable_mappings": {"x": "a"}}
    configuration = {"source": "a", "sources": ["a", "b"], "prompt_config": inner, "other": {"source": "c"}}
    assert names_only(configuration, ["a", "b"])
    assert not names_only(configuration, ["a"])
