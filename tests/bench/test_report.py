"""What a run prints, and the page that is written from it."""

import json
from pathlib import Path

import pytest

from bench import memory, report, run, workers, zipf
from bench.measuring import Table, least_squares, markdown, text
from tests.bench import samples


def test_every_part_is_printed_and_has_a_place_on_the_page() -> None:
    results = samples.results()
    assert set(report.PARTS) == set(run.PARTS) == set(results) - {"machine"}
    page = report.page(results)
    for name, part in run.PARTS.items():
        assert part.shown(results[name])
        assert f"## {report.PARTS[name][0]}" in page


def test_the_page_says_how_cost_grows() -> None:
    page = report.page(samples.results())
    for sentence in (
        "A hit costs 50 us at 2,000 bytes, 62 us at 20,000 bytes, 200 us at 200,000 bytes: 0.90, 0.90, 0.90 of",
        "A 304 costs 40 us, whatever the document",
        "100 us for 20,000 bytes, 12 ms for 2,000,000: 120 times the time for 100 times the bytes",
        "4 MiB: 75% hits, each 0.50 ms (median)",
        "A cached byte takes 1.50 bytes; over 200,000 requests",
        "0.50 ms for every connection from the vendors (2.00 ms for the first)",
        "2 workers answer 1.80 times as many hits as one",
        "hits 1.02 (0.98 to 1.07), reads of another connection -",
    ):
        assert sentence in page


def test_a_304_that_did_not_come_is_not_praised() -> None:
    results = {"machine": samples.results()["machine"], "hits": samples.hits()}
    results["hits"]["sizes"]["20 KB"]["cases"]["304"]["faults"] = ["it answered 200, not 304"]
    page = report.page(results)
    assert "A 304 costs" not in page
    assert "gateway, 304 is not valid: it answered 200, not 304" in page
    assert "nginx is not installed" in page


def test_parts_that_were_not_measured_are_left_out() -> None:
    page = report.page({"machine": samples.results()["machine"]})
    assert "##" not in page


def test_the_page_can_be_written_from_the_last_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, page = tmp_path / "latest.json", tmp_path / "performance.md"
    monkeypatch.setattr(run, "RESULTS", kept)
    monkeypatch.setattr(run.report, "PAGE", page)
    with pytest.raises(SystemExit):
        run.main(["--no-measuring", "--write-docs"])
    kept.write_text(json.dumps(samples.results()))
    assert run.main(["--no-measuring", "--write-docs"]) == 0
    assert page.read_text() == report.page(samples.results())


def test_workers_that_the_gateway_does_not_know_are_skipped_with_a_sentence() -> None:
    result = {"skipped": ["the gateway has no setting server.workers"]}
    assert "no setting server.workers" in workers.shown(result)
    assert "no setting server.workers" in markdown(workers.tables(result))


def test_memory_beyond_what_is_allowed_is_plain_to_see() -> None:
    assert " NO " in memory.shown(samples.memory(most_mebibytes=131))
    assert " yes " in memory.shown(samples.memory(most_mebibytes=129))


def test_growth_is_that_of_the_second_half() -> None:
    filling = [(1000 * number, 10_000 * number) for number in range(10)]
    steady = [(10_000 + 1000 * number, 100_000 + 500 * number) for number in range(10)]
    assert memory.slope(filling + steady) == pytest.approx(0.5)
    assert least_squares([(1, 2)]) == 0


def test_a_cache_for_everything_could_answer_everything() -> None:
    assert zipf.possible(zipf.WORKFLOWS * 2) == 1
    assert 0 < zipf.possible(1) < zipf.possible(100) < 1


def test_tables_are_written_for_terminals_and_as_markdown() -> None:
    table = Table("Title", ("", "a|b"), (("one", "1"), ("two", "20")), ("* one is odd",))
    assert text([table]) == "Title\n\n     a|b\n--------\none    1\ntwo   20\n* one is odd"
    assert (
        markdown([table])
        == "### Title\n\n|  | a/b |\n| :--- | ---: |\n| one | 1 |\n| two | 20 |\n\n* one is odd"
    )
    assert markdown([Table("Nothing", ("a",), (), ("why",))]) == "### Nothing\n\n* why"


def test_the_machine_is_described() -> None:
    machine = run.machine()
    assert machine["processors"]
    assert "uvicorn" in machine["versions"]
    assert run.processor(Path("/nowhere"))
