import os
import re
import tempfile
import time
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualdiff.errors import ConfigError
from visualdiff.listing import Listing
from visualdiff.model import Pair
from visualdiff.pairing import find_pairs, pair_folders
from visualdiff.settings import Config
from visualdiff.variants import find_baselines


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    return tmp_path


def configure(project: Path, **more: Any) -> Config:
    return Config(folder=project, baselines=project / "old", candidates=project / "new", **more)


def fill(folder: Path, *names: str) -> None:
    """Make empty files: pairing looks at names, never at content."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def show(path: Path | None, folder: Path) -> str | None:
    return path.relative_to(folder).as_posix() if path else None


def pair_up(
    project: Path, old: list[str], new: list[str], **more: tuple[str, ...]
) -> list[tuple[str, str | None, str | None]]:
    """Return name and both sides, relative to their folders, of all pairs of these files."""
    fill(project / "old", *old)
    fill(project / "new", *new)
    return [
        (
            pair.name,
            show(pair.baseline, project / "old"),
            show(pair.candidate, project / "new"),
        )
        for pair in find_pairs(configure(project, **more))
    ]


def test_images_pair_by_relative_name_sorted(project: Path) -> None:
    old = ["z.png", "a.png", "x/a.png", "x/y/deep.png", "Z.png"]
    assert pair_up(project, old, old) == [
        (name, name, name) for name in ["Z.png", "a.png", "x/a.png", "x/y/deep.png", "z.png"]
    ]


def test_an_image_without_partner_keeps_its_side_only(project: Path) -> None:
    assert pair_up(project, ["a.png", "b.png"], ["b.png", "c.png"]) == [
        ("a.png", "a.png", None),
        ("b.png", "b.png", "b.png"),
        ("c.png", None, "c.png"),
    ]


def test_the_same_name_in_another_folder_is_another_image(project: Path) -> None:
    assert pair_up(project, ["x/a.png"], ["y/a.png"]) == [
        ("x/a.png", "x/a.png", None),
        ("y/a.png", None, "y/a.png"),
    ]


def test_one_empty_folder_is_no_mistake(project: Path) -> None:
    assert pair_up(project, [], ["a.png"]) == [("a.png", None, "a.png")]


@pytest.mark.parametrize(
    "name",
    [
        *("a.png", "a.jpg", "a.jpeg", "a.webp", "a.bmp", "a.tif", "a.tiff", "a.gif", "a.avif"),
        *("A.PNG", "a.JpEg", "a.b.c.png"),
    ],
)
def test_every_supported_format_is_found_in_any_case(project: Path, name: str) -> None:
    assert pair_up(project, [name], [name]) == [(name, name, name)]


@pytest.mark.parametrize(
    "name",
    [
        *("a.txt", "a.svg", "a.png.bak", "png", "a", "a.html", ".hidden.png", ".png"),
        *(".git/a.png", "x/.cache/a.png", "Thumbs.db", "a.png~"),
    ],
)
def test_what_is_no_image_or_hidden_is_left_out(project: Path, name: str) -> None:
    assert pair_up(project, ["a.gif", name], [name]) == [("a.gif", "a.gif", None)]


def test_a_folder_with_the_name_of_an_image_is_searched_and_is_no_image(project: Path) -> None:
    assert pair_up(project, ["a.png/b.png"], []) == [("a.png/b.png", "a.png/b.png", None)]


def test_a_link_to_an_image_in_its_folder_is_an_image(project: Path) -> None:
    pair_up(project, ["real.png"], ["link.png", "real.png"])
    (project / "old" / "link.png").symlink_to(project / "old" / "real.png")
    found = pair_up(project, [], [])
    assert ("link.png", "link.png", "link.png") in found


def test_a_link_that_leads_out_of_its_folder_is_told_and_not_read(project: Path) -> None:
    fill(project / "old", "link.png", "loop.png")
    fill(project / "new", "link.png", "loop.png")
    (project / "secret.png").touch()
    for path, target in (
        (project / "new" / "link.png", project / "secret.png"),
        (project / "new" / "loop.png", project / "new" / "loop.png"),
    ):
        path.unlink(missing_ok=True)
        path.symlink_to(target)
    pairs = find_pairs(configure(project))
    told = "is a link that leads out of its folder (follow_links: false)"
    assert [pair.problem for pair in pairs] == [f"link.png {told}", f"loop.png {told}"]
    assert [pair.problem for pair in find_pairs(configure(project, follow_links=True))] == ["", ""]


def test_a_broken_link_is_found_so_that_the_check_can_say_what_is_wrong(project: Path) -> None:
    (project / "old" / "link.png").symlink_to(project / "nowhere.png")
    assert pair_up(project, [], ["link.png"]) == [("link.png", "link.png", "link.png")]


@pytest.mark.parametrize(
    "name",
    [
        "a b.png",
        "100%.png",
        "#1?.png",
        'it\'s "x".png',
        "<b>&amp;.png",
        "größe-日本語-😀.png",
        "e\u0301.png",
        "new\nline.png",
        "tab\t.png",
        "-rf.png",
        "a\\b.png",
        "[1].png",
        "{a,b}.png",
        "x" * 251 + ".png",
    ],
)
def test_odd_names_pair_and_stay_as_they_are(project: Path, name: str) -> None:
    assert pair_up(project, [name], [name]) == [(name, name, name)]


def test_a_name_that_is_not_utf_8_can_be_shown_and_opened(project: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    fill(project / "old", name)
    fill(project / "new", name)
    (pair,) = find_pairs(configure(project))
    assert pair.name == r"caf\xe9.png"
    assert pair.name.encode("utf-8")
    assert pair.baseline is not None
    assert pair.candidate is not None
    assert pair.baseline.exists()
    assert os.fsencode(pair.candidate.name) == b"caf\xe9.png"


# Other extensions.


def test_images_of_other_formats_pair_by_name_without_extension(project: Path) -> None:
    assert pair_up(project, ["home.png", "x/a.b.png"], ["home.webp", "x/a.b.jpg"]) == [
        ("home.png", "home.png", "home.webp"),
        ("x/a.b.png", "x/a.b.png", "x/a.b.jpg"),
    ]


def test_an_extension_in_upper_case_pairs_with_one_in_lower_case(project: Path) -> None:
    assert pair_up(project, ["home.PNG"], ["home.png"]) == [("home.PNG", "home.PNG", "home.png")]


def test_the_very_same_name_goes_before_other_extensions(project: Path) -> None:
    assert pair_up(project, ["a.png", "b.png"], ["a.png", "a.webp", "b.webp"]) == [
        ("a.png", "a.png", "a.png"),
        ("a.webp", None, "a.webp"),
        ("b.png", "b.png", "b.webp"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param(
            ["x/a.png"],
            ["x/a.webp", "x/a.gif"],
            "ambiguous: candidate x/a.gif or x/a.webp for baseline x/a.png; keep one of each",
            id="two candidates",
        ),
        pytest.param(
            ["x/a.png", "x/a.bmp"],
            ["x/a.gif"],
            "ambiguous: candidate x/a.gif for baseline x/a.bmp or x/a.png; keep one of each",
            id="two baselines",
        ),
        pytest.param(
            ["x/a.png", "x/a.bmp"],
            ["x/a.gif", "x/a.tif"],
            "ambiguous: candidate x/a.gif or x/a.tif for baseline x/a.bmp or x/a.png; "
            "keep one of each",
            id="two of each",
        ),
    ],
)
def test_an_ambiguous_name_is_a_pair_with_a_problem(
    project: Path, old: list[str], new: list[str], problem: str
) -> None:
    fill(project / "old", *old, "z.png")
    fill(project / "new", *new, "z.png")
    first, second = find_pairs(configure(project))
    assert first == Pair(name="x/a", baseline=None, candidate=None, problem=problem)
    assert (second.name, second.problem) == ("z.png", "")


def test_two_formats_on_one_side_only_are_two_images(project: Path) -> None:
    assert pair_up(project, ["a.png", "a.gif"], ["b.png"]) == [
        ("a.gif", "a.gif", None),
        ("a.png", "a.png", None),
        ("b.png", None, "b.png"),
    ]


# Filters.

NAMES = ["a.png", "b.webp", "x/a.png", "x/drafts/c.png", "x/drafts/d/e.png"]


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        pytest.param({"include": ("*.png",)}, [0, 2, 3, 4], id="include at any depth"),
        pytest.param({"include": ("x/*.png",)}, [2], id="include one folder"),
        pytest.param({"include": ("*.webp", "x/*")}, [1, 2], id="include any of"),
        pytest.param({"exclude": ("x/drafts/**",)}, [0, 1, 2], id="exclude a tree"),
        pytest.param({"exclude": ("a.png", "*.webp")}, [3, 4], id="exclude any of"),
        pytest.param({"only": ("b*",)}, [1], id="only"),
        pytest.param({"only": ("b*", "x/a*")}, [1, 2], id="only any of"),
        pytest.param(
            {"include": ("*.png",), "exclude": ("a.png",), "only": ("x/**",)}, [3, 4], id="all"
        ),
    ],
)
def test_filters_apply_to_both_sides(
    project: Path, filters: dict[str, tuple[str, ...]], kept: list[int]
) -> None:
    found = pair_up(project, NAMES, NAMES, **filters)
    assert found == [(NAMES[index], NAMES[index], NAMES[index]) for index in kept]


# Mistakes.


def test_missing_folders_are_mistakes_told_together(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        find_pairs(configure(tmp_path))
    assert caught.value.mistakes == (
        f"baselines: {tmp_path / 'old'} is not a folder",
        f"candidates: {tmp_path / 'new'} is not a folder",
    )


def test_a_file_in_place_of_a_folder_is_a_mistake(project: Path) -> None:
    (project / "new").rmdir()
    fill(project, "new")
    fill(project / "old", "a.png")
    with pytest.raises(ConfigError, match=r"^candidates: .*new is not a folder$"):
        find_pairs(configure(project))


def test_the_same_folder_twice_is_a_mistake_even_through_a_link(project: Path) -> None:
    # Everything would pass: each image would be compared with itself.
    (project / "new").rmdir()
    (project / "new").symlink_to(project / "old")
    fill(project / "old", "a.png")
    with pytest.raises(ConfigError, match="are the same folder"):
        find_pairs(configure(project))


def test_nothing_found_is_a_mistake_that_tells_the_formats(project: Path) -> None:
    fill(project / "old", "a.txt")
    words = rf"no image in {project}/old or {project}/new \(\.avif, \.bmp, .*\.webp\); an empty"
    with pytest.raises(ConfigError, match=words):
        find_pairs(configure(project))


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"only": ("zzz*", "y")}, "with --only zzz* y; an empty run never passes"),
        ({"include": ("*.gif",)}, "with include ['*.gif']; an"),
        ({"exclude": ("*",)}, "with exclude ['*']; an"),
        (
            {"include": ("*.gif",), "exclude": ("b",), "only": ("c",)},
            "with include ['*.gif'] and exclude ['b'] and --only c; an",
        ),
    ],
)
def test_filters_that_leave_nothing_are_a_mistake_that_names_them(
    project: Path, filters: dict[str, tuple[str, ...]], words: str
) -> None:
    fill(project / "old", "a.png")
    fill(project / "new", "a.png")
    with pytest.raises(ConfigError) as caught:
        find_pairs(configure(project, **filters))
    assert words in str(caught.value)


# Any two folders.

IMAGE_NAMES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "x/", "x/y/"]),
    st.sampled_from("abcdé"),
    st.sampled_from([".png", ".PNG", ".webp", ".gif"]),
)
SIDES = st.sets(IMAGE_NAMES, max_size=12)


@given(SIDES, SIDES)
@settings(deadline=None, max_examples=150)
def test_every_file_lands_in_exactly_one_pair(old: set[str], new: set[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "old").mkdir()
        (project / "new").mkdir()
        fill(project / "old", *old)
        fill(project / "new", *new)
        if not old | new:
            with pytest.raises(ConfigError, match="nothing to compare"):
                find_pairs(configure(project))
            return
        pairs = find_pairs(configure(project))
    names = [pair.name for pair in pairs]
    assert names == sorted(set(names))
    ambiguous = {pair.name for pair in pairs if pair.problem}
    for side, files in (("baseline", old), ("candidate", new)):
        found = [path for pair in pairs if (path := getattr(pair, side))]
        base = project / ("old" if side == "baseline" else "new")
        told = [path.relative_to(base).as_posix() for path in found]
        assert len(told) == len(set(told))
        left = files - set(told)
        assert all(PurePosixPath(name).with_suffix("").as_posix() in ambiguous for name in left)
    for name in old & new:
        assert names.count(name) == 1
    for pair in pairs:
        if pair.baseline and pair.candidate:
            sides = pair.baseline.relative_to(project), pair.candidate.relative_to(project)
            assert sides[0].parts[1:-1] == sides[1].parts[1:-1]
            assert sides[0].stem == sides[1].stem


def test_a_linked_folder_is_refused_rather_than_left_untested(tmp_path: Path) -> None:
    for side in ("old", "new", "elsewhere"):
        (tmp_path / side).mkdir()
        (tmp_path / side / "a.png").touch()
    (tmp_path / "new" / "more").symlink_to(tmp_path / "elsewhere")
    config = Config(folder=tmp_path, baselines=tmp_path / "old", candidates=tmp_path / "new")
    with pytest.raises(ConfigError, match="more is a link to a folder, which is not followed"):
        find_pairs(config)


def test_a_folder_that_cannot_be_listed_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for side in ("old", "new"):
        (tmp_path / side / "deep").mkdir(parents=True)
        (tmp_path / side / "deep" / "a.png").touch()
    scandir = os.scandir

    def refuse(path: "os.PathLike[str]") -> object:
        # The tests may run as root, whom no permission stops.
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    config = Config(folder=tmp_path, baselines=tmp_path / "old", candidates=tmp_path / "new")
    with pytest.raises(ConfigError, match="deep: cannot be listed: Permission denied"):
        find_pairs(config)


# Several baselines, platforms and browsers.

CHAIN = ("{name}-{platform}-{browser}", "{name}-{platform}", "{name}")
FOLDERS = ("{platform}/{name}", "{name}")


def pair_variants(
    project: Path, old: list[str], new: list[str], variants: tuple[str, ...] = CHAIN, **more: Any
) -> tuple[list[tuple[str, list[str], str | None]], list[str]]:
    """Return name, baselines and candidate of all pairs, or its problem, and what is elsewhere.

    The machine runs Linux.
    """
    fill(project / "old", *old)
    fill(project / "new", *new)
    more.setdefault("variables", {"platform": "linux"})
    found = pair_folders(configure(project, variants=variants, **more))
    pairs = []
    for pair in found.pairs:
        paths = [*([pair.baseline] if pair.baseline else []), *pair.alternates]
        names = [path.relative_to(project / "old").as_posix() for path in paths]
        pairs.append((pair.name, names or [pair.problem], show(pair.candidate, project / "new")))
    return pairs, list(found.elsewhere)


def test_numbered_baselines_are_alternates_of_the_first(project: Path) -> None:
    old = ["home.png", "home@10.png", "home@2.png", "x/a@3.png", "logo@2x.png", "gone@2.png"]
    new = ["home.png", "x/a.png", "logo@2x.png"]
    assert pair_variants(project, old, new, ("{name}",)) == (
        [
            ("gone.png", ["gone@2.png"], None),
            ("home.png", ["home.png", "home@2.png", "home@10.png"], "home.png"),
            ("logo@2x.png", ["logo@2x.png"], "logo@2x.png"),
            ("x/a.png", ["x/a@3.png"], "x/a.png"),
        ],
        [],
    )


def test_a_numbered_baseline_with_a_candidate_of_its_name_is_a_pair_of_its_own(
    project: Path,
) -> None:
    names = ["home.png", "home@2.png", "home@3.png", "home@2@5.png"]
    assert pair_variants(project, names, ["home.png", "home@2.png"], ("{name}",))[0] == [
        ("home.png", ["home.png", "home@3.png"], "home.png"),
        ("home@2.png", ["home@2.png", "home@2@5.png"], "home@2.png"),
    ]


def test_a_missing_image_with_several_baselines_is_missing_once(project: Path) -> None:
    assert pair_variants(project, ["a.png", "a@2.png", "b.png"], ["b.png"])[0] == [
        ("a.png", ["a.png", "a@2.png"], None),
        ("b.png", ["b.png"], "b.png"),
    ]


def test_an_alternate_of_another_format_is_missing_rather_than_left_out(project: Path) -> None:
    assert pair_variants(project, ["a.png", "a@2.webp"], ["a.png"])[0] == [
        ("a.png", ["a.png"], "a.png"),
        ("a.webp", ["a@2.webp"], None),
    ]


def test_alternates_pair_by_name_without_extension_too(project: Path) -> None:
    assert pair_variants(project, ["a.png", "a@2.png"], ["a.webp"])[0] == [
        ("a.png", ["a.png", "a@2.png"], "a.webp")
    ]


def test_the_first_variant_that_exists_is_taken(project: Path) -> None:
    old = ["a-linux-firefox.png", "a-linux.png", "a.png", "b-linux@2.png", "b.png", "c.png"]
    pairs, elsewhere = pair_variants(
        project,
        old,
        ["a.png", "b.png", "c.png", "d.png"],
        variables={"platform": "linux", "browser": "firefox"},
    )
    assert pairs == [
        ("a.png", ["a-linux-firefox.png"], "a.png"),
        ("b.png", ["b-linux@2.png"], "b.png"),
        ("c.png", ["c.png"], "c.png"),
        ("d.png", [""], "d.png"),
    ]
    assert elsewhere == ["a-linux.png", "a.png", "b.png"]


def test_baselines_of_other_environments_are_not_missing_but_told(project: Path) -> None:
    old = [
        "a-macos.png",
        "a-macos@2.png",
        "a-windows-my-browser.png",
        "a-amiga.png",
        "b-macos.png",
    ]
    pairs, elsewhere = pair_variants(project, old, ["a.png"])
    assert pairs == [
        ("a-amiga.png", ["a-amiga.png"], None),
        ("a.png", [""], "a.png"),
        ("b-macos.png", ["b-macos.png"], None),
    ]
    assert elsewhere == ["a-macos.png", "a-windows-my-browser.png"]


def test_variants_may_be_folders(project: Path) -> None:
    old = ["linux/x/a.png", "macos/x/a.png", "x/a.png", "linux/x/b.png", "solaris/x/a.png"]
    assert pair_variants(project, old, ["x/a.png"], FOLDERS) == (
        [
            ("linux/x/b.png", ["linux/x/b.png"], None),
            ("solaris/x/a.png", ["solaris/x/a.png"], None),
            ("x/a.png", ["linux/x/a.png"], "x/a.png"),
        ],
        ["macos/x/a.png", "x/a.png"],
    )


def test_other_formats_pair_by_the_variant_without_extension(project: Path) -> None:
    old = ["a-linux.png", "a-macos.png", "a.png"]
    assert pair_variants(project, old, ["a.webp"]) == (
        [("a.png", ["a-linux.png"], "a.webp")],
        ["a-macos.png", "a.png"],
    )


def test_the_very_same_extension_goes_before_a_more_specific_variant(project: Path) -> None:
    # The other is told as missing: it was not compared.
    assert pair_variants(project, ["a-linux.png", "a.webp"], ["a.webp"])[0] == [
        ("a-linux.png", ["a-linux.png"], None),
        ("a.webp", ["a.webp"], "a.webp"),
    ]


def test_a_fallback_of_another_pair_is_no_baseline_of_another_format(project: Path) -> None:
    old = ["a-linux.png", "a.png"]
    assert pair_variants(project, old, ["a.png", "a.webp"]) == (
        [("a.png", ["a-linux.png"], "a.png"), ("a.webp", [""], "a.webp")],
        ["a.png"],
    )


def test_a_baseline_of_two_candidates_is_a_problem(project: Path) -> None:
    problem = (
        "ambiguous: candidate a-linux.png or a.png for baseline a-linux.png; keep one of each"
    )
    assert pair_variants(project, ["a-linux.png"], ["a.png", "a-linux.png"])[0] == [
        ("a-linux.png", [problem], None)
    ]


def test_a_baseline_that_no_variant_names_is_missing_beside_the_pair_of_its_name(
    project: Path,
) -> None:
    old = ["linux/a.png", "a.png", "linux/b.png", "linux/linux/b.png"]
    found = pair_variants(project, old, ["a.png", "linux/b.png"], ("{platform}/{name}",))
    assert found[0] == [
        ("a.png", ["linux/a.png"], "a.png"),
        ("linux/b.png", ["linux/linux/b.png"], "linux/b.png"),
        ("old/a.png", ["a.png"], None),
        ("old/linux/b.png", ["linux/b.png"], None),
    ]


@pytest.mark.parametrize("filters", [{"include": ("*.png", "x/*")}, {"only": ("a.*", "x/*")}])
def test_a_glob_that_brings_nothing_is_refused_though_others_bring_something(
    project: Path, filters: dict[str, tuple[str, ...]]
) -> None:
    key = {"include": "include", "only": "--only"}[next(iter(filters))]
    with pytest.raises(ConfigError, match=rf"^{key}: 'x/\*' matches no image in .*old or .*new$"):
        pair_variants(project, ["a.png"], ["a.png"], **filters)


@pytest.mark.parametrize(
    ("filters", "pairs"),
    [
        pytest.param({"only": ("a.png",)}, ["a.png"], id="only keeps its variants"),
        pytest.param({"include": ("a.*",)}, ["a.png"], id="include keeps its variants"),
        pytest.param({"only": ("b.png",)}, ["b-linux.png"], id="only finds what is missing"),
        pytest.param({"exclude": ("b.png",)}, ["a.png"], id="exclude takes all variants away"),
        pytest.param({"exclude": ("*-linux*",)}, ["a.png"], id="exclude takes one variant away"),
    ],
)
def test_filters_mean_images_in_all_their_variants(
    project: Path, filters: dict[str, tuple[str, ...]], pairs: list[str]
) -> None:
    old = ["a-linux.png", "a-linux@2.png", "a-macos.png", "b-linux.png", "b-linux@2.png"]
    found, _ = pair_variants(project, old, ["a.png"], **filters)
    assert [name for name, _, _ in found] == pairs
    baselines = {name: old for name, old, _ in found}
    excluded = filters.get("exclude") == ("*-linux*",)
    if "a.png" in pairs:
        assert baselines["a.png"] == ([""] if excluded else ["a-linux.png", "a-linux@2.png"])


def test_a_filter_gives_no_baseline_to_another_image(project: Path) -> None:
    names = ["a.png", "a@2.png", "b.png"]
    assert pair_variants(project, names, names, only=("a.png",)) == (
        [("a.png", ["a.png"], "a.png")],
        [],
    )
    fill(project / "old", "b-linux.png")
    fill(project / "new", "b-linux.png")
    ((_, told, _),) = pair_variants(project, [], [], only=("b.png",))[0]
    assert told[0].startswith("ambiguous: candidate b-linux.png or b.png for baseline b-linux.png")


VARIANT_NAMES = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "linux/", "macos/", "x/"]),
    st.sampled_from(["a", "b", "a-linux", "a-macos", "b-linux-ff", "a-b"]),
    st.sampled_from(["", "@2", "@3", "@2x"]),
    st.sampled_from([".png", ".webp"]),
)
VARIANTS = st.sampled_from(
    [CHAIN, FOLDERS, ("{name}",), ("{platform}/{name}",), ("{name}-{browser}", "{name}")]
)
VARIANT_SIDES = st.sets(VARIANT_NAMES, max_size=8)


@given(VARIANT_SIDES, VARIANT_SIDES, VARIANTS, st.sampled_from(["ff", "b", "linux"]))
@settings(max_examples=60)
def test_every_file_is_accounted_for_exactly_once(
    old: set[str], new: set[str], variants: tuple[str, ...], browser: str
) -> None:
    if not old | new:
        return
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "old").mkdir()
        (project / "new").mkdir()
        variables = {"platform": "linux", "browser": browser}
        pairs, elsewhere = pair_variants(
            project, sorted(old), sorted(new), variants, variables=variables
        )
    names = [name for name, _, _ in pairs]
    assert names == sorted(set(names))
    problems = " ".join(told for _, (told, *_), _ in pairs if told.startswith("ambiguous"))
    candidates = [candidate for _, _, candidate in pairs if candidate]
    assert len(candidates) == len(set(candidates))
    assert all(f" {name} " in problems for name in new - set(candidates))
    baselines = [name for _, files, _ in pairs for name in files if name in old]
    assert len(baselines) == len(set(baselines))
    # What was left out is a variant of an image that was found, or an alternate of such a one.
    for name in old - set(baselines):
        first = re.sub(r"@[23](?=\.)", "", name)
        told = re.search(rf" {re.escape(first)}[ ;]", problems)
        assert told or {first, name} & set(elsewhere)


@given(VARIANT_SIDES, VARIANT_NAMES, VARIANTS)
@settings(max_examples=60)
def test_the_baselines_of_one_name_are_found_as_those_of_a_folder(
    old: set[str], name: str, variants: tuple[str, ...]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "old").mkdir()
        variables = {"platform": "linux", "browser": "ff"}
        fill(project / "old", *old)
        fill(project / "new", name)
        config = configure(project, variants=variants, variables=variables)
        (pair,) = (pair for pair in find_pairs(config) if pair.candidate)
        found = find_baselines(config, name)
    if found.baseline:
        assert (found.baseline, found.alternates) == (pair.baseline, pair.alternates)
    else:
        assert pair.baseline is None or pair.baseline.suffix != Path(name).suffix


def test_20_000_images_in_three_variants_pair_in_linear_time(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{index % 50}/{index}" for index in range(20_000)]
    sides = {
        project / "old": [
            (f"{name}{variant}.png", project / "old")
            for name in names
            for variant in ("-linux-chromium", "-macos-chromium", "-linux-my-firefox", "@2")
        ],
        project / "new": [(f"{name}.png", project / "new") for name in names],
    }
    monkeypatch.setattr(
        "visualdiff.pairing.list_images", lambda folder: Listing(dict(sides[folder]))
    )
    variables = {"platform": "linux", "browser": "chromium"}
    start = time.process_time()
    found = pair_folders(configure(project, variants=CHAIN, variables=variables))
    assert len(found.pairs) == 20_000
    assert len(found.elsewhere) == 60_000
    # Measured: 2 s, and 1 s for half of them.
    assert time.process_time() - start < 10
