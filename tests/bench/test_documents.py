"""The documents that are measured are what they are said to be."""

import json
from collections import Counter

import pytest

from adapters.contract import Fetched
from adapters.registry import load_all
from bench import normalise, run, startup
from schemas.diagnostics import DiagnosticCode

REPEATED = {
    DiagnosticCode.DUPLICATE_NODE_ID,
    DiagnosticCode.DUPLICATE_NODE_NAME,
    DiagnosticCode.DANGLING_EDGE,
}


def test_every_vendor_is_measured() -> None:
    assert set(normalise.SOURCES) == set(load_all())


@pytest.mark.parametrize("size", [20_000, 200_000])
@pytest.mark.parametrize("vendor", sorted(normalise.SOURCES))
def test_a_grown_document_is_the_recording_many_times(vendor: str, size: int) -> None:
    small, large = normalise.grown(vendor, 0), normalise.grown(vendor, size)
    body = json.dumps(large, separators=(",", ":"))
    assert size <= len(body) < size * 1.3
    parse = load_all()[vendor].mapping.parse
    one, many = parse(Fetched(small), "bench"), parse(Fetched(large), "bench")
    copies, rest = divmod(len(many.graph.nodes), len(one.graph.nodes))
    assert rest == 0
    assert len(many.graph.edges) == copies * len(one.graph.edges)
    assert len({node.key for node in many.graph.nodes}) == len(many.graph.nodes)
    before, after = (Counter(found.code for found in workflow.diagnostics) for workflow in (one, many))
    assert all(after[code] <= copies * before[code] for code in REPEATED)


@pytest.mark.parametrize("vendor", sorted(normalise.SOURCES))
def test_the_measured_way_gives_the_canonical_document(vendor: str) -> None:
    body = json.dumps(normalise.grown(vendor, 0)).encode()
    canonical = json.loads(normalise.normalised(load_all()[vendor], body))
    assert canonical["digest"].startswith("sha256:")
    assert canonical["graph"]["nodes"]


@pytest.mark.parametrize("parser", ["msgspec", "pydantic"])
@pytest.mark.parametrize("vendor", sorted(normalise.SOURCES))
def test_the_typed_parse_reads_everything(vendor: str, parser: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if parser == "msgspec":
        pytest.importorskip("msgspec")
    monkeypatch.setattr(normalise, "typed_by", lambda: parser)
    document = normalise.grown(vendor, 0)
    assert normalise.typed_parser(vendor, document)(json.dumps(document).encode()) == document


def test_results_are_shown_as_ratios() -> None:
    walls = {"python": 0.02, "fastapi": 0.52, "gateway": 1.02}
    result = {
        "import_seconds": walls,
        "import_cpu_seconds": walls,
        "first_answer_seconds": 1.04,
        "idle_memory_bytes": 64 * 1024 * 1024,
    }
    text = startup.shown(result)
    assert "2.00" in text
    assert "1040 ms  (2.00 x import fastapi)" in text
    assert "64.0 MiB" in text
    one = {"nodes": 2, "json_loads_seconds": 0.001, "typed_seconds": 0.002}
    one |= {"around_seconds": 0.0025, "seconds": 0.004}
    assert normalise.shown({"noxus": {"20 KB": one}}).splitlines()[-3].split() == [
        *(
            "noxus",
            "20",
            "KB",
            "2",
            "1",
            "ms",
            "2",
            "ms",
            "2.5",
            "ms",
            "4",
            "ms",
            "4.0",
            "1.6",
            "750.0",
            "us",
        ),
    ]


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run.main(["nonsense"])
    assert stopped.value.code == 2
    assert (
        "there is no part nonsense; there are: startup, normalise, transport, hits" in capsys.readouterr().err
    )
