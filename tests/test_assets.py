"""Pictures that the page takes in: all of a pair or none, the worst pairs first."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualdiff.model import PairResult, Status
from visualdiff.report.assets import choose_inlined, embed, measure_assets, say_size


def make_pair(name: str, **artifacts: str) -> PairResult:
    return PairResult(
        name=name,
        status=Status.FAILED,
        reasons=(),
        baseline=None,
        candidate=None,
        artifacts=artifacts,
    )


@pytest.fixture
def report(tmp_path: Path) -> Path:
    for name, size in {"a.png": 30_000, "b.webp": 300, "c.png": 60_000, "d.png": 900}.items():
        (tmp_path / name).write_bytes(bytes(size))
    return tmp_path


WORST = make_pair("worst", baseline="a.png", baseline_thumbnail="b.webp")
LARGE = make_pair("large", baseline="c.png", baseline_thumbnail="b.webp")
SMALL = make_pair("small", baseline="d.png", candidate="a.png")


def test_what_two_pairs_share_is_counted_once(report: Path) -> None:
    assert measure_assets(report, [WORST, LARGE, SMALL]) == (4, 91_200)
    assert measure_assets(report, [replace(WORST, artifacts={})]) == (0, 0)


def test_a_file_that_is_gone_weighs_nothing(report: Path) -> None:
    (report / "c.png").unlink()
    assert measure_assets(report, [WORST, LARGE]) == (3, 30_300)


def test_a_pair_that_does_not_fit_makes_way_for_smaller_ones(report: Path) -> None:
    everything = choose_inlined(report, [WORST, LARGE, SMALL], 1)
    assert everything == (("a.png", "b.webp", "c.png", "d.png"), 0)
    # Base64 of the first takes 40,400 bytes; the third shares its largest file.
    assert choose_inlined(report, [WORST, LARGE, SMALL], 0.05) == (("a.png", "b.webp", "d.png"), 1)
    assert choose_inlined(report, [WORST, LARGE, SMALL], 0) == ((), 3)


@given(limit=st.floats(0, 0.2))
def test_the_limit_holds_for_what_is_written(
    tmp_path_factory: pytest.TempPathFactory, limit: float
) -> None:
    folder = tmp_path_factory.mktemp("assets")
    for name, size in {"a.png": 30_001, "b.webp": 302, "c.png": 60_000, "d.png": 900}.items():
        (folder / name).write_bytes(bytes(size))
    paths, _ = choose_inlined(folder, [WORST, LARGE, SMALL], limit)
    written = sum(len(embed(folder, path)[1].partition(",")[2]) for path in paths)
    assert written <= limit * 1e6


def test_an_asset_becomes_a_data_url(report: Path) -> None:
    url, data = embed(report, "b.webp")
    kind, _, text = data.partition(";base64,")
    assert (url, kind, base64.b64decode(text)) == ("b.webp", "data:image/webp", bytes(300))
    (report / "e.css").write_text(':root{--visualdiff-pixels:"eJwD+/="}')
    assert embed(report, "e.css")[1] == 'data:text/css,:root{--visualdiff-pixels:"eJwD+/="}'


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 KB"), (999_400, "999 KB"), (48_260_000, "48.3 MB")]
)
def test_sizes_are_told_in_words(size: int, words: str) -> None:
    assert say_size(size) == words
