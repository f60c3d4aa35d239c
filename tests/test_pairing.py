import os
import tempfile
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualdiff.errors import ConfigError
from visualdiff.model import Pair
from visualdiff.pairing import find_pairs
from visualdiff.settings import Config


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    return tmp_path


def configure(project: Path, **more: tuple[str, ...]) -> Config:
    return Config(
        folder=project,
        baselines=project / "old",
        candidates=project / "new",
        **more,  # type: ignore[arg-type]  # filters only
    )


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


def test_a_symbolic_link_to_an_image_is_an_image(project: Path) -> None:
    fill(project, "real.png")
    (project / "old" / "link.png").symlink_to(project / "real.png")
    assert pair_up(project, [], ["link.png"]) == [("link.png", "link.png", "link.png")]


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
