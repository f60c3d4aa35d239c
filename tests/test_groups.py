"""Changes that several screenshots share: found in a run, told in results.json and in words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from drawing import BLUE_600, INK, draw_page, rectangle, text
from jsonschema import Draft202012Validator

from visualdiff import RunResult, compare_images, load_config, run
from visualdiff.groups import find_groups, list_groups
from visualdiff.images import encode_png
from visualdiff.model import Group, PairResult, Region, RegionKind, Status
from visualdiff.report.results import load_results_schema, render_results
from visualdiff.tiles import Pixels

RED_600: Final = (220, 38, 38)
DARK: Final = (17, 24, 39)


@dataclass(frozen=True)
class Site:
    """A page of a site below a header that all pages share, and what a release changed on it."""

    width: int
    lines: int
    paper: tuple[int, int, int]
    button: bool = False
    logo: bool = False
    banner: int = 0
    typo: bool = False

    def draw(self, *, new: bool) -> Pixels:
        seed = self.width + self.lines
        page = np.minimum(draw_page(self.lines, seed, self.width), self.paper).astype(np.uint8)
        header = np.full((80, self.width, 3), DARK, np.uint8)
        # The logo moves by a little, the button becomes red.
        shift = 6 if new and self.logo else 0
        colour = RED_600 if new and self.button else BLUE_600
        text(20 + shift, 50, "Acme", (240, 240, 240), 1)(header)
        rectangle(180, 20, 120, 40, colour)(header)
        text(196, 46, "Sign up", (255, 255, 255))(header)
        page = np.concatenate((header, page))
        if new and self.typo:
            text(100, 200, f"{self.lines} lines", INK)(page)
        if new and self.banner:
            banner = np.full((50, self.width, 3), (253, 230, 138), np.uint8)
            text(24, 34, "Sale ends on Monday", INK)(banner)
            page = np.insert(page, self.banner, banner, axis=0)
        return page


# Pages of other widths, lengths, content and background.
SITE: Final = {
    "about.png": Site(400, 20, (255, 255, 255), button=True, logo=True),
    "blog/first.png": Site(400, 40, (255, 255, 255), button=True, banner=80),
    "blog/second.png": Site(512, 30, (255, 255, 255), button=True, banner=80),
    "contact.png": Site(640, 20, (243, 244, 246), button=True, logo=True, typo=True),
    "imprint.png": Site(352, 25, (254, 243, 199), button=True, typo=True),
    "press.png": Site(480, 22, (255, 255, 255)),
    "shop.png": Site(720, 24, (219, 234, 254), button=True, logo=True, banner=380),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder = tmp_path_factory.mktemp("site")
    for name, page in SITE.items():
        for place in ("baselines", "screenshots"):
            path = folder / place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode_png(page.draw(new=place == "screenshots")))
    (folder / "screenshots" / "extra.png").write_bytes(
        encode_png(SITE["press.png"].draw(new=True))
    )
    config = folder / "visualdiff.yaml"
    config.write_text("baselines: baselines\ncandidates: screenshots\nexecutor: serial\n")
    return run(load_config(config))


def name_pairs(group: Group, result: RunResult) -> list[str]:
    return [result.results[place].name for place in group.pairs]


def test_a_release_is_a_few_changes_in_many_screenshots(site: RunResult) -> None:
    groups = find_groups(site.results)
    assert [(group.description, name_pairs(group, site)) for group in groups] == [
        (
            "recoloured #2563eb → #dc2626",
            [name for name, page in SITE.items() if page.button],
        ),
        ("moved by 6 px to the right", [name for name, page in SITE.items() if page.logo]),
        ("50 rows inserted", [name for name, page in SITE.items() if page.banner]),
    ]
    # What is on one page only is in no group, nor is any other region left.
    regions = [
        region
        for item in site.results
        if item.comparison
        for region in item.comparison.regions
        if region.change not in {group.id for group in groups}
    ]
    assert len(regions) == 2


def test_results_list_the_groups_and_which_region_is_of_which(site: RunResult) -> None:
    document = json.loads((site.config.report / "results.json").read_text("utf-8"))
    Draft202012Validator(load_results_schema()).validate(document)
    button = document["groups"][0]
    assert (button["kind"], button["count"]) == ("recoloured", 6)
    assert button["pairs"][0] == {"name": "about.png", "test": None}
    holding = [
        {"name": entry["name"], "test": None}
        for entry in document["results"]
        if any(region["change"] == button["id"] for region in entry["regions"])
    ]
    assert holding == button["pairs"]


def test_ids_do_not_depend_on_what_else_is_compared(site: RunResult, tmp_path: Path) -> None:
    names = ("about.png", "shop.png")
    again = run(replace(site.config, report=tmp_path / "r", only=names))
    assert {group.id for group in find_groups(again.results)} == {
        group.id for group in find_groups(site.results)[:2]
    }


def region(change: str, description: str = "added", **more: Any) -> Region:
    values: Mapping[str, Any] = {
        "x": 0,
        "y": 0,
        "width": 9,
        "height": 9,
        "diff_pixels": 9,
        "kind": RegionKind.ADDED,
        "space": "candidate",
        "channel": "red",
        **more,
    }
    return Region(change=change * 12, description=description, **values)


def make(*regions: Region, name: str = "a.png", **more: Any) -> PairResult:
    """Return a result with regions."""
    found = compare_images(np.zeros((9, 9), np.uint8), np.zeros((9, 9), np.uint8))
    values: Mapping[str, Any] = {"status": Status.FAILED, "reasons": (), **more}
    return PairResult(
        name=name,
        baseline=None,
        candidate=None,
        comparison=replace(found, regions=regions),
        **values,
    )


def test_a_pair_counts_once() -> None:
    results = [make(region("a"), region("a", x=20)), make(region("b")), make(region("a"))]
    (group,) = find_groups(results)
    assert (group.id, group.pairs) == ("a" * 12, (0, 2))
    assert find_groups([make(region("a"), region("a", x=20)), make(region("b"))]) == ()


def test_only_what_did_not_pass_counts() -> None:
    passed = make(region("a"), status=Status.PASSED)
    new = replace(make(), status=Status.NEW, comparison=None)
    assert find_groups([passed, make(region("a")), new]) == ()


def test_a_region_without_an_id_is_in_no_group() -> None:
    assert find_groups([make(region("")), make(region(""))]) == ()


def test_the_change_in_most_pairs_comes_first_then_by_id() -> None:
    results = [make(region("c"), region("b")), make(region("b"), region("c"), region("d"))]
    results += [make(region("d")), make(region("d"))]
    assert [group.id[0] for group in find_groups(iter(results))] == ["d", "b", "c"]


@pytest.mark.parametrize(
    ("one", "other", "kind", "words"),
    [
        (("added", "added"), ("added", "added"), "added", "added"),
        (("added", "added"), ("removed", "removed"), "changed", "changed"),
        (("added", "added"), ("changed", "changed"), "changed", "changed"),
        (
            ("resized", "resized from 9×9 to 9×12"),
            ("resized", "resized from 5×5 to 5×8"),
            "resized",
            "resized",
        ),
        (
            ("content", "text or picture changed"),
            ("content", "text or picture changed, and recoloured #111111 → #222222"),
            "content",
            "text or picture changed",
        ),
        (
            ("opacity", "opacity changed: colours 40% nearer to their background"),
            ("opacity", "opacity changed: colours 41% nearer to their background"),
            "opacity",
            "opacity changed",
        ),
        (
            ("removed rows", "1 row removed at y = 1,234"),
            ("removed rows", "1 row removed at y = 8"),
            "removed rows",
            "1 row removed",
        ),
    ],
    ids=str,
)
def test_a_group_says_no_more_than_all_of_its_regions(
    one: tuple[str, str], other: tuple[str, str], kind: str, words: str
) -> None:
    # However many say something else.
    each = [
        make(region("a", said, kind=RegionKind(of))) for of, said in (one, other, other, other)
    ]
    for results in (each, each[::-1]):
        (group,) = find_groups(results)
        assert (group.kind, group.description) == (kind, words)


def test_five_groups_are_told_and_how_many_more_there_are() -> None:
    regions = [region(letter, f"recoloured {letter}") for letter in "abcdef"]
    lines = list(list_groups([make(*regions), make(*regions), make(regions[3])]))
    assert lines[0] == "the same change in 3 screenshots: recoloured d (group dddddddddddd)"
    assert lines[5:] == ["... and 1 more change that screenshots share: see the report"]
    assert list(list_groups([make(*regions[:5]), make(*regions[:5])]))[5:] == []
    more = [*regions, region("7"), region("8")]
    (last,) = list(list_groups([make(*more), make(*more)]))[5:]
    assert last == "... and 3 more changes that screenshots share: see the report"
    assert list(list_groups([make(*regions)])) == []


def test_pairs_of_one_name_are_told_by_their_tests(site: RunResult) -> None:
    results = tuple(make(region("a"), test=test) for test in ("test_a", "test_b"))
    document = json.loads(b"".join(render_results(replace(site, results=results))))
    Draft202012Validator(load_results_schema()).validate(document)
    (group,) = document["groups"]
    assert group["pairs"] == [{"name": "a.png", "test": f"test_{letter}"} for letter in "ab"]
