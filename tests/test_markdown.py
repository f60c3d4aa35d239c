"""summary.md, as a renderer of Markdown that knows nothing of it shows it."""

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from outcomes import hostile, make_comparison, make_one_of_each, make_pair, make_region, make_run

from visualdiff.model import RunResult, Status
from visualdiff.report.markdown import MOST_BYTES, render_markdown
from visualdiff.settings import Policy

RENDERER = MarkdownIt("commonmark").enable("table")
OURS = {
    *("h3", "h4", "h5", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "p"),
    *("code", "a", "img", "details", "summary"),
}


class Page(HTMLParser):
    """The elements of a page, and the texts in cells, items, code and headings."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(RENDERER.render(markdown))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs
        if tag != "img":
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag][-1] += data

    def list_urls(self, key: str) -> list[str | None]:
        return [value for name, value in self.attributes if name == key]


def write(run: RunResult, *place: Any) -> str:
    return b"".join(render_markdown(run, *place)).decode()


def show(run: RunResult, *place: Any) -> Page:
    return Page(write(run, *place))


def make_many(total: int, **settings: Any) -> RunResult:
    def change(number: int) -> Any:
        region = make_region(change="1a2b3c4d5e6f")
        return make_comparison(Status.FAILED, region, diff_pixels=number + 1)

    pairs = (make_pair(f"{n:04}.png", comparison=change(n)) for n in range(total))
    return make_run(*pairs, **settings)


def test_counts_and_verdict_come_first() -> None:
    page = show(make_one_of_each())
    assert page.texts["h3"] == ["visualdiff failed: 4 of 5 screenshots need a look"]
    assert page.texts["th"][:5] == ["failed", "error", "missing", "new", "passed"]
    assert page.texts["td"][:5] == ["1"] * 5


def test_what_policies_ignore_is_counted_only() -> None:
    pairs = make_pair("a.png", Status.NEW), make_pair("b.png", Status.PASSED)
    run = make_run(*pairs, on_new=Policy.IGNORE)
    page = show(run)
    assert page.texts["h3"] == ["visualdiff passed: 2 screenshots match"]
    assert "a.png" not in "".join(page.texts.get("p", []))
    assert page.texts["td"] == ["0", "0", "0", "1", "1"]


def test_the_worst_pairs_are_told_in_words_the_others_in_a_collapsed_table() -> None:
    page = show(make_many(14))
    assert page.texts["h4"] == ["The worst 10 of 14"]
    assert [text.split(":")[0] for text in page.texts["h5"]] == [
        f"{number:04}.png" for number in range(13, 3, -1)
    ]
    assert page.texts["h5"][0] == "0013.png: failed, score 0.5000, wanted ≥ 0.99"
    assert "score 0.5 < threshold 0.99 (red)" in page.texts["li"]
    words = "recoloured #2563eb → #dc2626: 120 × 40 px at (10, 20), 1,240 px differ"
    assert page.texts["li"].count(words) == 10
    assert page.texts["summary"] == ["4 more"]
    assert page.texts["td"][-4:] == [
        "failed",
        "0000.png",
        "0.5000",
        "score 0.5 < threshold 0.99 (red)",
    ]
    shared = "the same change in 14 screenshots: recoloured #2563eb → #dc2626"
    assert page.texts["li"][0] == f"{shared} (group 1a2b3c4d5e6f)"


def test_scores_never_round_across_the_threshold() -> None:
    comparison = make_comparison(Status.FAILED, score=0.989999)
    page = show(make_run(make_pair("a.png", comparison=comparison)))
    assert page.texts["h5"] == ["a.png: failed, score 0.989999, wanted ≥ 0.99"]


def test_of_many_regions_and_warnings_the_first_are_told() -> None:
    regions = [make_region(f"moved {number}") for number in range(5)]
    pair = make_pair("a.png", comparison=make_comparison(Status.FAILED, *regions))
    passed = make_pair("b.png", Status.PASSED, warnings=("text re-rasterised",))
    run = make_run(pair, passed, warnings=tuple(f"{number}" for number in range(12)))
    items = show(run).texts["li"]
    assert items[:2] == ["warning: 0", "warning: 1"]
    assert items[10] == "... and 3 more: see the report"
    assert [item.split(":")[0] for item in items[12:]] == [
        "moved 0",
        "moved 1",
        "moved 2",
        "... and 2 more regions",
    ]
    assert show(make_run(passed)).texts["li"] == [
        "b.png passed with a warning: text re-rasterised"
    ]


@pytest.mark.parametrize(
    ("place", "start"),
    [
        ("", ""),
        ("../report", "../report/"),
        ("https://example.com/run-1", "https://example.com/run-1/"),
        ("https://example.com/run-1/", "https://example.com/run-1/"),
    ],
)
def test_pictures_and_links_begin_where_the_report_is(place: str, start: str) -> None:
    page = show(make_run(make_pair("a.png")), place)
    sides = ("baseline", "candidate", "diff")
    assert page.list_urls("src") == [f"{start}assets/{side}.webp" for side in sides]
    urls = page.list_urls("href")
    assert urls[0] == f"{start}index.html"
    assert str(urls[1]).startswith(f"{start}index.html#pair=")
    assert urls[2:] == [f"{start}assets/{side}.png" for side in sides]
    assert page.list_urls("alt") == [f"{side} of a.png" for side in sides]


def test_without_a_place_nothing_is_linked_and_without_a_page_no_page() -> None:
    page = show(make_run(make_pair("a.png")), None)
    assert {name for name, _ in page.attributes} == {"style"}
    assert page.texts["code"] == ["a.png"]
    urls = show(make_run(make_pair("a.png"), reports=("json", "markdown"))).list_urls("href")
    assert urls == [f"assets/{side}.png" for side in ("baseline", "candidate", "diff")]


@given(hostile, hostile, st.sampled_from([Status.FAILED, Status.NEW, Status.ERROR]), st.booleans())
def test_nothing_that_others_wrote_breaks_the_page(
    name: str, words: str, status: Status, listed: bool
) -> None:
    def make(name: str, words: str) -> RunResult:
        more: dict[str, Any] = {"reasons": (words,), "warnings": (words,), "test": words or "x"}
        if status is Status.FAILED:
            more["comparison"] = make_comparison(status, make_region(words), make_region(words))
        worse = make_comparison(Status.FAILED, make_region(), diff_pixels=9999)
        before = [make_pair("a.png", comparison=worse)] * 10 * listed
        return make_run(*before, make_pair(name, status, **more), warnings=(words,))

    page, tame = show(make(name, words)), show(make("x", "x"))
    assert set(page.elements) <= OURS
    assert page.elements == tame.elements
    if name.isprintable() and name.strip() == name and "  " not in name:
        assert name in page.texts["code"]


@given(st.integers(0, 30), st.integers(0, 6000))
def test_it_never_gets_larger_than_allowed_and_tells_what_is_left_out(
    total: int, most: int
) -> None:
    run = make_many(total)
    text = write(run, "", most)
    assert len(text.encode()) <= most
    if text:
        page = Page(text)
        told = len(page.texts.get("h5", [])) + page.texts["td"].count("failed")
        left = [text for text in page.texts.get("p", []) if text.startswith("... and ")]
        assert left == ([f"... and {total - told} more: see the report"] if told < total else [])


def test_a_run_of_ten_thousand_failures_fits_into_a_summary() -> None:
    text = write(make_many(10_000))
    assert MOST_BYTES * 0.99 < len(text.encode()) <= MOST_BYTES < 1024 * 1024
    assert text.endswith(" more: see the report\n")
    assert "</details>" in text


def test_a_long_reason_is_cut() -> None:
    page = show(make_run(make_pair("a.png", Status.ERROR, reasons=("x" * 10_000,))))
    assert page.texts["li"] == ["x" * 497 + "..."]
