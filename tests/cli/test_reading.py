"""What the reading commands show, through a gateway and on their own."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.registry import load_all
from emulators.registry import load as load_emulator
from gateway.environment import DEFAULT_CONFIG
from gateway.settings import vendors_beside
from tests.cli.conftest import Command
from tests.house import House

CONNECTIONS = ["aitronos-test", "noxus-test", "promptlayer-test"]


def rows(table: str) -> list[list[str]]:
    """The cells of a table that a pipe reads: at least two blanks stand between them."""
    return [re.split(r" {2,}", line) for line in table.splitlines()]


def listed(run: Command, asking: tuple[str, ...], *options: str) -> list[dict[str, Any]]:
    result = run("workflows", "list", "--json", *options, *asking)
    assert result.exit_code == 0, result.output
    items: list[dict[str, Any]] = json.loads(result.stdout)["items"]
    return items


def found(run: Command, asking: tuple[str, ...], connection: str, name: str) -> str:
    (one,) = [item for item in listed(run, asking, "--connection", connection) if item.get("name") == name]
    identity: str = one["id"]
    return identity


def test_vendors_show_the_matrix_without_any_configuration(run: Command) -> None:
    result = run("vendors")
    assert result.exit_code == 0
    header, *abilities = rows(result.stdout)
    known = vendors_beside(DEFAULT_CONFIG, load_all())
    assert header == ["ABILITY", *(vendor.title for vendor in known.values())]
    assert ["list workflows", *["yes"] * len(known)] in abilities


def test_vendors_are_those_beside_the_configuration_and_a_fault_there_is_told(
    run: Command, tmp_path: Path
) -> None:
    config = str(tmp_path / "gateway.yaml")
    items = json.loads(run("vendors", "--json", WORKFLOW_GATEWAY_CONFIG=config).stdout)["items"]
    assert [item["name"] for item in items] == list(load_all())
    Path(config).write_text("connections: {}\n")
    (tmp_path / "vendors").mkdir()
    (tmp_path / "vendors" / "acme.yaml").write_text("titel: Acme\n")
    result = run("vendors", WORKFLOW_GATEWAY_CONFIG=config)
    assert result.exit_code == 2
    assert "acme.yaml:1: titel: is not a known key; did you mean title?" in result.stderr


def test_a_gateways_vendors_are_the_same(run: Command, at_gateway: tuple[str, ...]) -> None:
    assert run("vendors", *at_gateway).stdout == run("vendors").stdout
    assert run("vendors", "--json", *at_gateway).stdout == run("vendors", "--json").stdout


def test_one_vendor_shows_its_reasons(run: Command) -> None:
    result = run("vendors", "aitronos")
    assert result.exit_code == 0
    lacking = [row for row in rows(result.stdout) if row[:2] == ["list versions", "vendor lacks it"]]
    assert len(lacking[0][2]) > 20


def test_vendors_as_json(run: Command) -> None:
    items = json.loads(run("vendors", "--json").stdout)["items"]
    assert [item["name"] for item in items] == list(vendors_beside(DEFAULT_CONFIG, load_all()))
    (one,) = json.loads(run("vendors", "noxus", "--json").stdout)["items"]
    assert one["support"]["list_workflows"]["level"] == "native"


def test_connections_are_shown_with_their_address(
    run: Command, asking: tuple[str, ...], house: House
) -> None:
    result = run("connections", *asking)
    assert result.exit_code == 0, result.output
    header, *shown = rows(result.stdout)
    assert header == ["CONNECTION", "VENDOR", "BASE URL", "HEALTH", "LATEST"]
    assert [row[0] for row in shown] == CONNECTIONS
    assert [row[2] for row in shown] == [house.emulators[name] for name in sorted(house.emulators)]


def test_a_probe_tells_healthy_from_failing(
    run: Command, asking: tuple[str, ...], spoilt_house: House
) -> None:
    spoilt_house.control("noxus", "PUT", "faults", [{"fault": "status", "status": 500}])
    result = run("connections", "--probe", *asking)
    assert result.exit_code == 0, result.output
    states = {row[0]: row[3:] for row in rows(result.stdout)[1:]}
    assert states["aitronos-test"][0] == "healthy"
    assert states["noxus-test"][0] == "failing"
    assert "500" in states["noxus-test"][-1]


def test_connections_as_json(run: Command, asking: tuple[str, ...]) -> None:
    items = json.loads(run("connections", "--json", *asking).stdout)["items"]
    assert [item["name"] for item in items] == CONNECTIONS
    assert all("state" in item["health"] for item in items)


def test_the_listing_has_one_line_for_each_workflow(run: Command, asking: tuple[str, ...]) -> None:
    result = run("workflows", "list", *asking)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    items = listed(run, asking)
    assert lines[0].split() == ["CONNECTION", "ID", "NAME", "STATUS", "VERSION", "LABELS", "UPDATED"]
    assert len(lines) == len(items) + 1
    assert all(line == line.rstrip() for line in lines)
    for line, item in zip(lines[1:], items, strict=True):
        assert line.split()[:2] == [item["connection"], item["id"]]


def test_the_listing_is_the_same_both_ways(
    run: Command, config_file: object, at_gateway: tuple[str, ...]
) -> None:
    own = listed(run, ("--config", str(config_file)))
    assert own == listed(run, at_gateway)
    assert {item["connection"] for item in own} == set(CONNECTIONS)


@pytest.mark.parametrize(
    ("options", "fits"),
    [
        (("--vendor", "noxus"), lambda item: item["vendor"] == "noxus"),
        (("--connection", "aitronos-test"), lambda item: item["connection"] == "aitronos-test"),
        (("--status", "inactive"), lambda item: item["status"] == "inactive"),
        (("--label", "production"), lambda item: "production" in item["labels"]),
        (("--text", "TRIAGE"), lambda item: "triage" in json.dumps(item).lower()),
        (("--tag", "support"), lambda item: "support" in item["tags"]),
    ],
)
def test_filters_reach_the_listing(
    run: Command, at_gateway: tuple[str, ...], options: tuple[str, ...], fits: Any
) -> None:
    items = listed(run, at_gateway, *options)
    assert items
    assert all(map(fits, items))
    assert len(items) < len(listed(run, at_gateway))


def test_two_connections_can_be_named(run: Command, at_gateway: tuple[str, ...]) -> None:
    options = ("--connection", "aitronos-test", "--connection", "noxus-test")
    connections = {item["connection"] for item in listed(run, at_gateway, *options)}
    assert connections == {"aitronos-test", "noxus-test"}


def test_a_limit_says_that_there_is_more(run: Command, asking: tuple[str, ...]) -> None:
    result = run("workflows", "list", "--limit", "4", *asking)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 5
    assert result.stderr == "the first 4 are shown; --limit shows more\n"


def test_nothing_found_is_said(run: Command, asking: tuple[str, ...]) -> None:
    result = run("workflows", "list", "--text", "no workflow says this", *asking)
    assert (result.exit_code, result.stdout) == (0, "no workflows\n")


def test_one_workflow_is_shown(run: Command, asking: tuple[str, ...]) -> None:
    identity = found(run, asking, "noxus-test", "Support ticket triage")
    result = run("workflows", "get", "noxus-test", identity, *asking)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "Support ticket triage"
    facts = dict(line.split(maxsplit=1) for line in lines[1 : lines.index("")])
    assert facts["id"] == identity
    assert facts["digest"].startswith("sha256:")
    assert re.fullmatch(r"\d+ nodes, \d+ edges \(graph\)", facts["graph"])
    assert any(line.split() == ["NODE", "ROLE", "TYPE", "MODELS"] for line in lines)


def test_what_was_odd_is_shown(run: Command, asking: tuple[str, ...]) -> None:
    identity = found(run, asking, "aitronos-test", "Imported: customer chat (old)")
    result = run("workflows", "get", "aitronos-test", identity, *asking)
    assert re.search(r"^warning: .+ \(/definition/.+\)$", result.stdout, re.MULTILINE)


def test_a_name_with_a_slash_is_one_id(run: Command, asking: tuple[str, ...]) -> None:
    result = run("workflows", "get", "promptlayer-test", "Help Centre / RAG answers", "--json", *asking)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["name"] == "Help Centre / RAG answers"


def test_a_workflow_as_json_is_the_apis_answer(run: Command, asking: tuple[str, ...], house: House) -> None:
    identity = found(run, asking, "noxus-test", "Support ticket triage")
    shown = json.loads(run("workflows", "get", "noxus-test", identity, "--json", *asking).stdout)
    with house.client() as client:
        assert shown == client.get(f"/v1/connections/noxus-test/workflows/{identity}").json()


def test_the_native_document_is_the_vendors(run: Command, asking: tuple[str, ...], house: House) -> None:
    identity = found(run, asking, "noxus-test", "Support ticket triage")
    shown = json.loads(run("workflows", "get", "noxus-test", identity, "--native", *asking).stdout)
    headers = {"x-api-key": load_emulator("noxus").default_key}
    answer = httpx.get(
        f"{house.emulators['noxus']}/v1/workflows/{identity}", headers=headers, trust_env=False
    )
    assert shown == answer.json()


@pytest.mark.parametrize(
    ("form", "beginning"), [("mermaid", "flowchart TD"), ("dot", "digraph"), ("json", "{")]
)
def test_a_graph_is_drawn(run: Command, asking: tuple[str, ...], form: str, beginning: str) -> None:
    result = run("workflows", "graph", "promptlayer-test", "support-triage", "--format", form, *asking)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(beginning)
    assert "classify" in result.stdout


def test_a_version_and_a_label_can_be_read(run: Command, asking: tuple[str, ...]) -> None:
    first = json.loads(
        run(
            "workflows", "get", "promptlayer-test", "support-triage", "--version", "1", "--json", *asking
        ).stdout
    )
    labelled = json.loads(
        run(
            *("workflows", "get", "promptlayer-test", "support-triage"),
            *("--label", "production", "--json", *asking),
        ).stdout
    )
    assert first["version"]["number"] == 1
    assert "production" in labelled["version"]["labels"]
    assert first["digest"] != labelled["digest"]


def test_versions_are_listed(run: Command, asking: tuple[str, ...]) -> None:
    result = run("workflows", "versions", "promptlayer-test", "support-triage", *asking)
    assert result.exit_code == 0, result.output
    header, *shown = rows(result.stdout)
    assert header == ["VERSION", "NAME OR NOTE", "LABELS", "CURRENT", "CREATED"]
    assert [row[0] for row in shown] == ["4", "3", "2", "1"]
    asked = run("workflows", "versions", "promptlayer-test", "support-triage", "--json", *asking)
    assert [item["number"] for item in json.loads(asked.stdout)["items"]] == [4, 3, 2, 1]


def test_the_variables_stand_in_for_the_options(run: Command, house: House, config_file: object) -> None:
    remote = {"WORKFLOW_GATEWAY_URL": house.gateway, "WORKFLOW_GATEWAY_KEY": "test-key-for-everything"}
    assert run("connections", **remote).exit_code == 0
    assert run("connections", WORKFLOW_GATEWAY_CONFIG=str(config_file)).exit_code == 0
