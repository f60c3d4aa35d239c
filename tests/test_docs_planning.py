"""The page that plans a million pairs a day: its tables are computed, and add up."""

from pathlib import Path

import pytest
from test_cli import draw

from benchmarks import kinds
from benchmarks.figures import KINDS, MIXES, REPORT_FILES, REQUEST_MS
from benchmarks.planning import (
    PRICES,
    RUNS,
    Load,
    count_cpu_hours,
    count_gigabytes,
    count_requests,
    count_workers,
    list_tables,
    price,
)
from visualdiff import load_config, run

PAGE = (Path(__file__).resolve().parents[1] / "docs/planning.md").read_text("utf-8")
TABLES = list(list_tables())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.partition("\n")[0])
def test_the_tables_are_what_the_script_prints(table: str) -> None:
    assert f"\n\n{table}\n\n" in PAGE, "paste what `python -m benchmarks.planning` prints"


def test_the_page_has_no_other_table() -> None:
    assert PAGE.count("\n|---|") == len(TABLES)


@pytest.mark.parametrize("mix", MIXES)
def test_a_mix_is_all_pairs(mix: str) -> None:
    assert sum(MIXES[mix].values()) == pytest.approx(100)
    assert MIXES[mix].keys() <= KINDS.keys()


def test_the_kinds_are_those_that_are_measured() -> None:
    assert KINDS.keys() == kinds.KINDS.keys()


def test_requests_of_a_day_are_those_of_its_pairs() -> None:
    # 950 identical, 32 small, 8 large, 10 new in each of two runs.
    asked = count_requests(Load(2, 1_000, "usual", cached=False))
    assert asked.images == pytest.approx(2 * (950 + 2 * 32 + 2 * 8 + 10))
    assert (asked.found, asked.absent, asked.entries) == (0, 0, 0)
    assert asked.pages == 2 * REPORT_FILES
    assert asked.deletes == 2
    assert asked.lists == 2 * (1 + 1 + 1)


def test_a_cache_knows_what_did_not_change() -> None:
    asked = count_requests(Load(2, 1_000, "usual", cached=True))
    assert asked.images == pytest.approx(2 * (2 * 32 + 2 * 8 + 10))
    assert (asked.found, asked.absent, asked.entries) == pytest.approx((1900, 100, 100))
    compared, _ = count_cpu_hours(Load(2, 1_000, "usual", cached=True))
    everything, _ = count_cpu_hours(Load(2, 1_000, "usual", cached=False))
    saved = 2 * 950 * KINDS["identical"].cpu_ms / 3.6e6
    assert everything - compared == pytest.approx(saved)


def test_new_pairs_have_no_baseline_to_be_listed() -> None:
    # 1,000 of 20,000 are new, so 20 and 19 pages of names, and those of the pictures.
    asked = count_requests(Load(1, 20_000, "redesign", cached=False))
    assert asked.lists - asked.deletes == 20 + 19


def test_a_day_costs_the_sum_of_what_it_takes() -> None:
    load = Load(1, 1_000_000, "usual", cached=True)
    asked, costs = count_requests(load), price(load)
    assert costs["CPU"] == pytest.approx(sum(count_cpu_hours(load)) * PRICES["cpu"])
    assert costs["network"] == pytest.approx(sum(count_gigabytes(load)) * PRICES["sent"])
    gets = asked.images + asked.found + asked.absent
    puts = asked.entries + asked.pictures + asked.pages + asked.lists
    assert costs["requests"] == pytest.approx(
        gets / 1000 * PRICES["get"] + puts / 1000 * PRICES["put"]
    )


def test_half_the_time_takes_twice_the_workers() -> None:
    assert count_workers(7.0, 1.0) == 10
    assert count_workers(7.0, 0.5) == 20
    assert count_workers(0.1, 24.0) == 1


def test_every_kind_of_request_has_a_title_and_a_cost() -> None:
    assert len(TABLES[1].splitlines()) == 2 + len(REQUEST_MS)
    assert all(value > 0 for value in REQUEST_MS.values())


def test_the_largest_run_is_the_million_of_the_title() -> None:
    assert RUNS[-1].total == 1_000_000


def test_a_report_has_as_many_files_as_are_planned(tmp_path: Path) -> None:
    draw(tmp_path / "old/a.png")
    draw(tmp_path / "new/a.png", square=255)
    (tmp_path / "visualdiff.yaml").write_text(
        "baselines: old\ncandidates: new\nexecutor: serial\n"
    )
    config = load_config(tmp_path / "visualdiff.yaml")
    run(config)
    files = [path.name for path in config.report.iterdir() if path.is_file()]
    # A lock is for processes of one machine.
    assert len([name for name in files if name != ".visualdiff-lock"]) == REPORT_FILES


def test_the_numbers_between_the_tables_are_theirs() -> None:
    usual, anew, redesign = (Load(50, 20_000, mix, cached=False) for mix in MIXES)
    hours = [sum(count_cpu_hours(load)) for load in (usual, anew, redesign)]
    gets = [count_requests(load).images for load in (usual, anew)]
    told = " ".join(PAGE.split())
    assert f"they take about {hours[0]:.0f} CPU hours" in told
    times = (
        f"takes {hours[1] / hours[0]:.1f} times the CPU and {gets[1] / gets[0]:.1f} times the GETs"
    )
    assert times in told
    assert round(hours[2] / hours[0]) == 9
    assert "A redesign takes nine times the CPU" in told
    for value in PRICES.values():
        assert f" {value:g} for " in told
