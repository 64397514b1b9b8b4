"""A description that cannot be used is refused as a whole, every fault with file, line and key."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.registry import load_all
from gateway.main import prepare
from gateway.settings import ConfigInvalid, load_with_vendors, read_description, read_descriptions
from tests.described.captures import DESCRIPTIONS, described
from tests.described.sketch import SMALLEST, refusals, sketch

CONNECTION = (
    "connections:\n  main:\n    vendor: acme\n    base_url: https://a.example\n    credential: env:ACME_KEY\n"
)


def test_the_smallest_description_is_a_vendor(tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(yaml.safe_dump(SMALLEST))
    vendor = read_description(path)
    assert (vendor.name, vendor.title, vendor.base_url) == ("acme", "Acme", None)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"titel": "x"}, "titel: is not a known key; did you mean title?"),
        (
            {"docs_url": "docs.example.com"},
            "docs_url: expected an absolute URL that begins with https://",
        ),
        (
            {"credential__header": "X Key"},
            "credential.header: a header's name is made of letters, digits and -",
        ),
        ({"workflow__name": "name["}, "workflow.name: is no JMESPath expression: "),
        ({"workflow__name": ""}, "workflow.name: is no JMESPath expression: "),
        ({"workflow__name": 7}, "workflow.name: "),
        (
            {"workflow__status": {"at": "on", "words": {"yes": "aktive"}}},
            "workflow.status.words.yes: Input should be",
        ),
        ({"workflow__times": "unixx"}, "workflow.times: expected one of iso, unix; did you mean unix?"),
        ({"workflow__settings": {"samplng": {}}}, "workflow.settings.samplng: is no group of settings"),
        (
            {"workflow__settings": {"sampling": {"heat": "heat"}}},
            "workflow.settings.sampling.heat: is no setting of this group; known here: temperature, ",
        ),
        (
            {"workflow__left_out": ["a[0]"]},
            "workflow.left_out[0]: must be a plain path: names joined by dots",
        ),
        ({"graph__at": "data | [0]"}, "graph.at: must be a plain path: names joined by dots"),
        ({"graph__edges__style": "wire"}, "graph.edges.style: expected one of objects, connections, wires"),
        ({"graph__node": {"roles": {"x": "robot"}}}, "graph.node.roles.x: Input should be"),
        (
            {"get_workflow__path": ["flows"]},
            "get_workflow.path: needs a segment, or a parameter, that is {id}",
        ),
        (
            {"get_workflow__path": ["{id}", "{version}"]},
            "get_workflow.path[1]: {version} stands for nothing here",
        ),
        ({"get_workflow__path": []}, "get_workflow.path: needs at least 1 entry"),
        (
            {"get_workflow__parameters": {"x": "{who}"}},
            "get_workflow.parameters.x: {who} stands for nothing here; known here: {id}",
        ),
        (
            {"list_workflows__paging": {"style": "cursor", "size_parameter": "n", "position_parameter": "c"}},
            "list_workflows.paging.next: is required when style is cursor",
        ),
        (
            {"list_workflows__paging": {"next": "next"}},
            "list_workflows.paging.next: means nothing when style is none",
        ),
        ({"list_workflows__paging": {"max_size": 0}}, "list_workflows.paging.max_size: must be at least 1"),
        (
            {"abilities": {"probe": {"level": "never", "reason": "It is described already."}}},
            "abilities.probe: is described above, so it needs no reason",
        ),
        (
            {"abilities": {"get_run": {"level": "native", "reason": "It can do this, surely."}}},
            "abilities.get_run.level: nothing describes how, so it cannot be native",
        ),
        ({"abilities": {"fly": {"level": "never", "reason": "Workflows do not fly."}}}, "abilities.fly: "),
        (
            {"list_versions": {"path": ["{id}"], "items": "@", "whole": True, "version": {}}},
            "list_versions.version.id: is required when versions are read out of the list",
        ),
    ],
)
def test_a_fault_is_named_with_its_key_and_its_line(
    changes: dict[str, Any], refusal: str, tmp_path: Path
) -> None:
    (found,) = refusals(tmp_path, sketch(**changes))
    line, _, rest = found.partition(": ")
    assert rest.startswith(refusal), found
    assert line.isdigit()


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = "title: ''\ncredential: {header: X-Key, prefx: y}\nworkflow:\n  id: id\n  name: '['\ngraph: {}\n"
    found = refusals(tmp_path, text)
    assert [line.split(": ")[1] for line in found[-3:]] == ["title", "credential.prefx", "workflow.name"]
    assert {"docs_url: is required", "get_workflow: is required", "list_workflows: is required"} <= set(found)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", "1: expected keys with values"),
        ("- a\n", "1: expected keys with values"),
        ("title: [\n", "2: not valid YAML"),
        ("title: !python/object:os.system x\n", "1: title: tags (!name) are not understood"),
    ],
)
def test_what_is_no_mapping_or_no_yaml_is_refused(text: str, refusal: str, tmp_path: Path) -> None:
    assert any(found.startswith(refusal) for found in refusals(tmp_path, text))


@pytest.mark.parametrize("name", ["Acme.yaml", "acme.yml", "a_c.yaml", "-acme.yaml"])
def test_a_file_is_named_after_its_vendor(name: str, tmp_path: Path) -> None:
    (found,) = refusals(tmp_path, SMALLEST, name)
    assert "a vendor's file is named by a-z, 0-9 and -" in found


def test_described_vendors_join_those_that_are_code(tmp_path: Path) -> None:
    config = tmp_path / "gateway.yaml"
    config.write_text(CONNECTION)
    (tmp_path / "vendors").mkdir()
    (tmp_path / "vendors" / "acme.yaml").write_text(yaml.safe_dump(SMALLEST))
    (tmp_path / "vendors" / "notes.txt").write_text("no description")
    (tmp_path / "vendors" / ".#acme.yaml").write_text("what an editor leaves behind")
    settings, vendors = load_with_vendors(config, load_all())
    assert settings.connections["main"].vendor == "acme"
    assert set(vendors) == {*load_all(), "acme"}
    assert list(vendors) == sorted(vendors)


def test_a_name_that_is_taken_stops_the_start(tmp_path: Path) -> None:
    taken = next(iter(load_all()))
    (tmp_path / f"{taken}.yaml").write_text(yaml.safe_dump(SMALLEST))
    _, issues = read_descriptions(tmp_path, load_all())
    assert [str(issue) for issue in issues] == [
        f"{tmp_path}/{taken}.yaml: the name {taken!r} is taken by a vendor that is code; give the file another name"
    ]


def test_a_broken_description_stops_the_start_beside_the_faults_of_the_configuration(tmp_path: Path) -> None:
    config = tmp_path / "gateway.yaml"
    config.write_text("server: {prt: 1}\n" + CONNECTION)
    (tmp_path / "vendors").mkdir()
    (tmp_path / "vendors" / "acme.yaml").write_text(yaml.safe_dump(sketch(workflow__name="[")))
    with pytest.raises(ConfigInvalid) as raised:
        prepare(config)
    told = [(Path(issue.source).name, issue.key) for issue in raised.value.issues]
    assert ("gateway.yaml", "server.prt") in told
    assert ("acme.yaml", "workflow.name") in told


def test_no_folder_is_no_fault_unless_it_was_named(tmp_path: Path) -> None:
    config = tmp_path / "gateway.yaml"
    noxus = CONNECTION.replace("acme", "noxus")
    for text in (noxus, "vendor_descriptions: null\n" + noxus, "vendor_descriptions: vendors\n" + noxus):
        config.write_text(text)
        assert set(load_with_vendors(config, load_all())[1]) == set(load_all())
    config.write_text("vendor_descriptions: elsewhere\n" + noxus)
    with pytest.raises(
        ConfigInvalid, match=r"gateway\.yaml:1: vendor_descriptions: there is no folder 'elsewhere'"
    ):
        load_with_vendors(config, load_all())


def test_every_shipped_description_is_fine() -> None:
    assert set(described()) == {path.stem for path in DESCRIPTIONS.glob("*.yaml")}
    assert {"n8n", "langflow", "flowise", "node-red", "noxus-described"} <= set(described())
