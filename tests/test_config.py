import dataclasses
import json
import re
import string
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from visualdiff.config import (
    build_config,
    config_schema,
    load_config,
    parse_settings,
)
from visualdiff.errors import ConfigError
from visualdiff.settings import Config, Focus, Mask, Override, Policy, Settings
from visualdiff.strict_yaml import parse_yaml

ROOT = Path(__file__).parent.parent
PLACE = 'pixels (a whole number) or a share such as "12.5%"'
SIZE = 'pixels (a whole number, at least 1) or a share such as "12.5%"'
COLOUR = 'a colour in quotes such as "#ff00ff", or none'
RELATIVE = 'a relative path, without .., hidden names and any of \\ : * ? " < > | @'
VALUE = "letters, digits, spaces and any of . _ + -, beginning with one of the first"
NO_QUOTES = "without quotes YAML takes it for a comment"
FOLDERS = "baselines: old\ncandidates: new\n"
OVERRIDE_KEYS = (
    "align, antialiasing, focus, mask_colour, mask_images, masks, match, max_diff_pixels, "
    "max_diff_ratio, max_shift_rows, min_region_pixels, on_renderer_change, on_shift, "
    "on_size_mismatch, preset, rasterising, ssim, threshold, tolerance, transparent"
)


def read(text: str, **changes: object) -> Config:
    """Return the configuration that a file at /project/visualdiff.yaml would give."""
    document = parse_yaml(text.encode())
    return build_config(document, Path("/project/visualdiff.yaml"), changes)


def list_mistakes(text: str, **changes: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text, **changes)
    return [line.removeprefix("/project/visualdiff.yaml:") for line in caught.value.mistakes]


# Reading.


def test_a_file_with_the_two_folders_gives_the_defaults() -> None:
    assert read(FOLDERS) == Config(
        folder=Path("/project"),
        baselines=Path("/project/old"),
        candidates=Path("/project/new"),
        report=Path("/project/visualdiff-report"),
    )


def test_every_key_of_a_file_arrives() -> None:
    config = read(
        """
baselines: old
candidates: ../shots
report: /srv/report
include: ["**/*.png", "a/*.webp"]
exclude: ["drafts/**"]
threshold: 1
max_diff_pixels: 5
max_diff_ratio: 0.25
tolerance: 2
antialiasing: count
align: none
on_shift: warn
max_shift_rows: 7
masks: [{x: 1, y: 2, width: 3, height: 4}, {x: -10%, y: -5, width: 100%, height: 0.5%}]
mask_images: [masks/a.png, /srv/b.png]
mask_colour: "#F0f"
focus: [{x: 5, y: 6, width: 7, height: 8, threshold: 0.5}]
on_renderer_change: fail
ssim: gaussian
workers: 3
pair_timeout: 1.5
max_image_pixels: 1000
variants: ["{platform}/{name}-{browser}{view}", "{name}"]
variables: {platform: macos, view: "1280"}
on_new: warn
on_missing: ignore
overrides:
  - {match: "*.png", threshold: 0.5, masks: [{x: 0, y: 0, width: 1, height: 1}]}
  - {match: "b/*", max_diff_pixels: null, mask_images: [c.png], mask_colour: none}
"""
    )
    assert config == Config(
        folder=Path("/project"),
        baselines=Path("/project/old"),
        candidates=Path("/project/../shots"),
        report=Path("/srv/report"),
        include=("**/*.png", "a/*.webp"),
        exclude=("drafts/**",),
        threshold=1.0,
        max_diff_pixels=5,
        max_diff_ratio=0.25,
        tolerance=2.0,
        antialiasing="count",
        align="none",
        on_shift=Policy.WARN,
        max_shift_rows=7,
        masks=(
            Mask(x=1, y=2, width=3, height=4),
            Mask(x="-10%", y=-5, width="100%", height="0.5%"),
        ),
        mask_images=(Path("/project/masks/a.png"), Path("/srv/b.png")),
        mask_colour="#F0f",
        focus=(Focus(x=5, y=6, width=7, height=8, threshold=0.5),),
        on_renderer_change=Policy.FAIL,
        ssim="gaussian",
        workers=3,
        pair_timeout=1.5,
        max_image_pixels=1000,
        variants=("{platform}/{name}-{browser}{view}", "{name}"),
        variables={"platform": "macos", "view": "1280"},
        on_new=Policy.WARN,
        on_missing=Policy.IGNORE,
        overrides=(
            Override(
                match="*.png",
                changes={"threshold": 0.5, "masks": (Mask(x=0, y=0, width=1, height=1),)},
            ),
            Override(
                match="b/*",
                changes={
                    "max_diff_pixels": None,
                    "mask_images": (Path("/project/c.png"),),
                    "mask_colour": "none",
                },
            ),
        ),
    )
    assert isinstance(config.threshold, float)
    assert isinstance(config.on_new, Policy)


def test_paths_are_relative_to_the_file_wherever_the_process_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "visualdiff.yaml").write_text(FOLDERS)
    monkeypatch.chdir(tmp_path)
    config = load_config("project/visualdiff.yaml")
    assert config.folder == tmp_path / "project"
    assert config.baselines == tmp_path / "project" / "old"
    monkeypatch.chdir(tmp_path / "project")
    assert load_config() == config


def test_a_scheduler_file_is_relative_to_the_file_too_but_an_address_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def find(text: str, **changes: object) -> str:
        return read(f"{FOLDERS}\nscheduler: {text}\n", **changes).scheduler

    assert find("shared/scheduler.json") == "/project/shared/scheduler.json"
    assert find("/shared/scheduler.json") == "/shared/scheduler.json"
    for address in ("local", "tcp://host:8786"):
        assert find(address) == address
    monkeypatch.chdir(tmp_path)
    assert find("local", scheduler=Path("here.json")) == str(tmp_path / "here.json")


def test_a_file_that_is_absent_is_a_mistake_with_a_hint(tmp_path: Path) -> None:
    words = r"nowhere\.yaml: cannot be read: No such file or directory; `visualdiff init` writes"
    with pytest.raises(ConfigError, match=words):
        load_config(tmp_path / "nowhere.yaml")


def test_a_folder_in_place_of_the_file_is_a_mistake_without_the_hint(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read: Is a directory$"):
        load_config(tmp_path)


def test_a_file_that_is_no_yaml_is_a_mistake_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "visualdiff.yaml"
    path.write_text("baselines: old\nbaselines: new\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert caught.value.mistakes == (
        f"{path}:2:1: duplicate key 'baselines', first seen in line 1",
    )


# Mistakes.


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    assert list_mistakes(
        """\
thresold: 0.9
workers: 0
baselines: 3
masks:
  - {x: 1, y: 2%, width: 0, heigth: 3}
  - 4
overrides:
  - match: 3
    treshold: 1
  - {threshold: 5, workers: 3}
  - a
on_new: no
ssim: [x]
include: []
max_diff_pixels: 1.5
tolerance: "1"
antialiasing: true
exclude: "*.png"
pair_timeout: 0
max_image_pixels: null
"""
    ) == [
        "1:1: candidates: missing, but required",
        "1:1: thresold: unknown key, did you mean `threshold`?",
        "2:10: workers: got 0, wanted at least 1 or 'auto'",
        "3:12: baselines: got 3, wanted text (in quotes)",
        "5:5: masks[0].height: missing, but required",
        f"5:26: masks[0].width: got 0, wanted {SIZE}",
        "5:29: masks[0].heigth: unknown key, did you mean `height`?",
        "6:5: masks[1]: got 4, wanted a mapping of `key: value`",
        "8:12: overrides[0].match: got 3, wanted text (in quotes)",
        "9:5: overrides[0].treshold: unknown key, did you mean `threshold`?",
        "10:5: overrides[1].match: missing, but required",
        "10:17: overrides[1].threshold: got 5, wanted at most 1",
        f"10:20: overrides[1].workers: unknown key; known here: {OVERRIDE_KEYS}",
        '11:5: overrides[2]: got "a", wanted a mapping of `key: value`',
        "12:9: on_new: got \"no\", wanted 'fail', 'warn' or 'ignore'",
        "13:7: ssim: got [\"x\"], wanted 'uniform' or 'gaussian'",
        "14:10: include: got [], wanted at least one item",
        "15:18: max_diff_pixels: got 1.5, wanted a whole number",
        '16:12: tolerance: got "1", wanted a number',
        "17:15: antialiasing: got true, wanted 'ignore' or 'count'",
        '18:10: exclude: got "*.png", wanted a list',
        "19:15: pair_timeout: got 0, wanted a number above 0",
        "20:19: max_image_pixels: got null, wanted a whole number",
    ]


def test_missing_folders_are_told_both() -> None:
    assert list_mistakes("") == [
        "1:1: baselines: missing, but required",
        "1:1: candidates: missing, but required",
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("max_diff_ratio: 1.01", "3:17: max_diff_ratio: got 1.01, wanted at most 1"),
        ("max_diff_ratio: -0.1", "3:17: max_diff_ratio: got -0.1, wanted at least 0"),
        ("max_diff_pixels: -1", "3:18: max_diff_pixels: got -1, wanted at least 0"),
        ("max_diff_pixels: true", "3:18: max_diff_pixels: got true, wanted a whole number"),
        ("threshold: -0.01", "3:12: threshold: got -0.01, wanted at least 0"),
        ("threshold: .nan", '3:12: threshold: got ".nan", wanted a number'),
        ("threshold: true", "3:12: threshold: got true, wanted a number"),
        ("threshold: ü", '3:12: threshold: got "ü", wanted a number'),
        ("threshold:", "3:11: threshold: got null, wanted a number"),
        ("tolerance: 100.5", "3:12: tolerance: got 100.5, wanted at most 100"),
        ("max_image_pixels: 0", "3:19: max_image_pixels: got 0, wanted at least 1"),
        ("workers: many", "3:10: workers: got \"many\", wanted a whole number or 'auto'"),
        ("workers: 1.0", "3:10: workers: got 1.0, wanted a whole number or 'auto'"),
        ("overrides: {}", "3:12: overrides: got {}, wanted a list"),
        ("report: [a]", '3:9: report: got ["a"], wanted text (in quotes)'),
        ("include: [1]", "3:11: include[0]: got 1, wanted text (in quotes)"),
        ("masks: [{x: 1.5}]", f"3:13: masks[0].x: got 1.5, wanted {PLACE}"),
        ('masks: [{x: "5%\\n"}]', f'3:13: masks[0].x: got "5%\\n", wanted {PLACE}'),
        ("masks: [{x: true}]", f"3:13: masks[0].x: got true, wanted {PLACE}"),
        ("masks: [{x: 5 %}]", f'3:13: masks[0].x: got "5 %", wanted {PLACE}'),
        ("masks: [{x: 1000%}]", f'3:13: masks[0].x: got "1000%", wanted {PLACE}'),
        ("focus: [{width: -5%}]", f'3:17: focus[0].width: got "-5%", wanted {SIZE}'),
        ("focus: [{width: 0.0%}]", f'3:17: focus[0].width: got "0.0%", wanted {SIZE}'),
        ("focus: [{width: -1}]", f"3:17: focus[0].width: got -1, wanted {SIZE}"),
        ("focus: [{threshold: 2}]", "3:21: focus[0].threshold: got 2, wanted at most 1"),
        ("mask_images: a.png", '3:14: mask_images: got "a.png", wanted a list'),
        ("mask_images: [1]", "3:15: mask_images[0]: got 1, wanted text (in quotes)"),
        ("mask_colour: magenta", f'3:14: mask_colour: got "magenta", wanted {COLOUR}'),
        ('mask_colour: "#ff00f"', f'3:14: mask_colour: got "#ff00f", wanted {COLOUR}'),
        ("variants: '{name}'", '3:11: variants: got "{name}", wanted a list'),
        ("variants: []", "3:11: variants: got [], wanted at least one item"),
        ("variants: [1]", "3:12: variants[0]: got 1, wanted text (in quotes)"),
        ("variants: [x]", '3:12: variants[0]: got "x", wanted {name} in it, once'),
        (
            "variants: ['{name}', '../{name}']",
            f'3:22: variants[1]: got "../{{name}}", wanted {RELATIVE}',
        ),
        (
            "variants: ['{name}-{os}']\nvariables: {view: a}",
            (
                '3:12: variants[0]: got "{name}-{os}", wanted only {browser}, {name}, {platform}, '
                "{view}; give `os` a value under `variables`"
            ),
        ),
        ("variables: [a]", '3:12: variables: got ["a"], wanted a mapping of `key: value`'),
        ("variables: {view: 12}", "3:19: variables.view: got 12, wanted text (in quotes)"),
        ("variables: {view: ''}", f'3:19: variables.view: got "", wanted {VALUE}'),
        (
            "variants: ['{name}-{a b}']\nvariables: {a b: /}",
            f'4:18: variables.a b: got "/", wanted {VALUE}',
        ),
        (
            "variables: {name: a}",
            (
                '3:12: variables: got {"name": "a"}, wanted names of letters, digits and _, '
                "and none called `name`"
            ),
        ),
        (
            "mask_colour: #ff00ff",
            f"3:13: mask_colour: got null, wanted {COLOUR}; {NO_QUOTES}",
        ),
    ],
)
def test_a_wrong_value_is_told_with_place_key_got_and_wanted(text: str, mistake: str) -> None:
    for key in ("x", "y", "width", "height"):
        if "[{" in text and f"{key}: " not in text:
            text = text.replace("}", f", {key}: 1}}")
    assert list_mistakes(FOLDERS + text) == [mistake]


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("baseline", "baselines"),
        ("candidate", "candidates"),
        ("max_diff_pixel", "max_diff_pixels"),
        ("override", "overrides"),
        ("max-diff-ratio", "max_diff_ratio"),
        ("tolerence", "tolerance"),
        ("worker", "workers"),
    ],
)
def test_an_unknown_key_suggests_the_nearest(key: str, meant: str) -> None:
    expected = f"3:1: {key}: unknown key, did you mean `{meant}`?"
    assert list_mistakes(f"{FOLDERS}{key}: 1") == [expected]


@pytest.mark.parametrize("key", ["folder", "only", "qqq", "1"])
def test_an_unknown_key_like_none_lists_what_is_known(key: str) -> None:
    (mistake,) = list_mistakes(f"{FOLDERS}{key}: x")
    start, _, known = mistake.partition("known here: ")
    assert start == f"3:1: {key}: unknown key; "
    assert known.split(", ") == sorted(config_schema()["properties"])


def test_an_unknown_key_of_a_mask_lists_those_of_a_mask() -> None:
    text = FOLDERS + "overrides: [{match: a, masks: [{x: 1, y: 1, width: 1, height: 1, z: 2}]}]"
    assert list_mistakes(text) == [
        "3:66: overrides[0].masks[0].z: unknown key; known here: height, width, x, y"
    ]


def test_an_unknown_key_near_match_is_told_so() -> None:
    assert list_mistakes(FOLDERS + "overrides: [{match: a, macth: b}]") == [
        "3:24: overrides[0].macth: unknown key, did you mean `match`?"
    ]


def test_a_mistake_in_a_merged_mapping_is_told_where_it_stands() -> None:
    text = f"{FOLDERS}overrides:\n  - &a {{match: a, threshold: 7}}\n  - {{<<: *a, match: b}}\n"
    assert list_mistakes(text) == [
        "4:30: overrides[0].threshold: got 7, wanted at most 1",
        "4:30: overrides[1].threshold: got 7, wanted at most 1",
    ]


def test_a_merged_value_that_is_replaced_is_told_where_it_was_replaced() -> None:
    text = f"{FOLDERS}overrides:\n  - &a {{match: a, threshold: 0.7}}\n"
    text += "  - <<: *a\n    threshold: 8\n"
    assert list_mistakes(text) == ["6:16: overrides[1].threshold: got 8, wanted at most 1"]


# Changes, as from the command line.


def test_changes_replace_what_the_file_says() -> None:
    config = read(
        FOLDERS + "threshold: 0.5\nworkers: auto\nexclude: [a]",
        threshold=0.75,
        workers=2,
        only=("b*",),
        exclude=("c", "d"),
        max_diff_pixels=0,
    )
    assert (config.threshold, config.workers, config.only) == (0.75, 2, ("b*",))
    assert (config.exclude, config.max_diff_pixels) == (("c", "d"), 0)


def test_options_that_were_not_given_change_nothing() -> None:
    text = FOLDERS + "threshold: 0.5\nexclude: [a]"
    assert read(text, threshold=None, exclude=(), only=(), baselines=None) == read(text)


def test_a_threshold_of_zero_is_a_change() -> None:
    assert read(FOLDERS, threshold=0.0).threshold == 0


def test_folders_can_come_from_options_alone_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = read("", baselines=Path("a"), candidates=Path("/b"), report=Path("c"))
    assert config.baselines == tmp_path / "a"
    assert config.candidates == Path("/b")
    assert config.report == tmp_path / "c"


def test_masks_can_be_given_as_masks() -> None:
    mask = Mask(x=1, y=2, width=3, height=4)
    assert read(FOLDERS, masks=(mask,)).masks == (mask,)


def test_variables_are_replaced_one_by_one() -> None:
    text = FOLDERS + "variables: {browser: firefox, view: wide}\nvariants: ['{name}-{theme}']"
    config = read(text, variables={"browser": "webkit", "theme": "dark"})
    assert config.variables == {"browser": "webkit", "view": "wide", "theme": "dark"}
    assert read(text.replace("-{theme}", ""), variables=None).variables["browser"] == "firefox"
    assert read(FOLDERS, variables={"browser": "webkit"}).variables == {"browser": "webkit"}


def test_mistakes_in_variables_are_told_where_they_were_made() -> None:
    text = FOLDERS + "variables: {browser: '', view: /}"
    assert list_mistakes(text, variables={"browser": "a/b", "theme": ".."}) == [
        f'--variable browser: got "a/b", wanted {VALUE}',
        f'--variable theme: got "..", wanted {VALUE}',
        f'3:32: variables.view: got "/", wanted {VALUE}',
    ]
    assert list_mistakes(FOLDERS, variables={"view": "\udce9"}) == [
        r"--variable: got {'view': '\udce9'}, wanted text in UTF-8"
    ]
    wrong = FOLDERS + "variables: no"
    assert list_mistakes(wrong, variables={"browser": "firefox"}) == [
        '3:12: variables: got "no", wanted a mapping of `key: value`'
    ]


def test_mistakes_in_options_are_named_as_options_and_come_first() -> None:
    assert list_mistakes(
        FOLDERS + "tolerance: -1", threshold=2.0, max_diff_pixels=-3, workers="many"
    ) == [
        "--max-diff-pixels: got -3, wanted at least 0",
        "--threshold: got 2.0, wanted at most 1",
        "--workers: got \"many\", wanted a whole number or 'auto'",
        "3:12: tolerance: got -1, wanted at least 0",
    ]


def test_an_option_mends_a_mistake_in_the_file() -> None:
    assert read(FOLDERS + "threshold: 7", threshold=0.7).threshold == 0.7


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_threshold_that_is_no_number_is_a_mistake(value: float) -> None:
    (mistake,) = list_mistakes(FOLDERS, threshold=value)
    assert mistake.startswith("--threshold: got ")


def test_a_path_that_is_not_utf_8_is_a_mistake_not_a_crash() -> None:
    # Paths with other bytes reach Python as half characters, which JSON cannot hold.
    assert list_mistakes(FOLDERS, candidates=Path("/shots/caf\udce9")) == [
        r"--candidates: got '/shots/caf\udce9', wanted text in UTF-8"
    ]


@pytest.mark.parametrize(
    ("value", "workers"), [("auto", "auto"), ("1", 1), ("64", 64)], ids=["auto", "one", "many"]
)
def test_the_number_of_workers(value: str, workers: int | str) -> None:
    assert read(f"{FOLDERS}workers: {value}").workers == workers


# Settings as keyword arguments.


def test_settings_from_keywords() -> None:
    mask = Mask(x=1, y=2, width=3, height=4)
    assert parse_settings({}) == Settings()
    values = {"threshold": 0.5, "masks": [mask, dataclasses.asdict(mask)], "ssim": "gaussian"}
    assert parse_settings(values) == Settings(threshold=0.5, masks=(mask, mask), ssim="gaussian")


def test_all_mistakes_in_keywords_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_settings(
            {
                "threshold": 2,
                "tolerance": float("nan"),
                "thresold": 1,
                "baselines": "a",
                "masks": [{"x": 1, "y": 1, "width": 0}],
                "max_diff_pixels": object,
                "ssim": "x",
            }
        )
    assert sorted(caught.value.mistakes) == [
        f"baselines: unknown key; known here: {OVERRIDE_KEYS.replace(' match, ', ' ')}",
        "masks[0].height: missing, but required",
        f"masks[0].width: got 0, wanted {SIZE}",
        "max_diff_pixels: got \"<class 'object'>\", wanted a whole number",
        "ssim: got \"x\", wanted 'uniform' or 'gaussian'",
        "threshold: got 2, wanted at most 1",
        "thresold: unknown key, did you mean `threshold`?",
        "tolerance: got NaN, wanted at most 100",
    ]


def test_a_mask_that_was_made_wrong_is_a_mistake_and_not_a_crash() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_settings({"masks": [4, Mask(x="left", y=0, width=1, height=1)]})
    assert caught.value.mistakes == (
        "masks[0]: got 4, wanted a mapping of `key: value`",
        f'masks[1].x: got "left", wanted {PLACE}',
    )


def test_masks_that_are_no_list_are_a_mistake() -> None:
    with pytest.raises(ConfigError, match=r"^masks: got 3, wanted a list$"):
        parse_settings({"masks": 3})


# Any valid settings.

SHARES = st.decimals(0, 100, places=2).map("{}%".format)
PLACES = st.integers(-(10**6), 10**6) | SHARES | SHARES.map("-{}".format)
SIZES = st.integers(1, 10**6) | st.integers(1, 100).map("{}%".format)
RECTANGLE: dict[str, st.SearchStrategy[Any]] = {
    "x": PLACES,
    "y": PLACES,
    "width": SIZES,
    "height": SIZES,
}
MASKS = st.fixed_dictionaries(RECTANGLE)
SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "threshold": st.floats(0, 1),
    "max_diff_pixels": st.none() | st.integers(0, 10**9),
    "max_diff_ratio": st.none() | st.floats(0, 1),
    "tolerance": st.floats(0, 100),
    "antialiasing": st.sampled_from(["ignore", "count"]),
    "masks": st.lists(MASKS, max_size=3),
    "mask_images": st.lists(st.text(string.ascii_letters, min_size=1, max_size=8), max_size=2),
    "mask_colour": st.just("none") | st.from_regex("#[0-9a-fA-F]{6}", fullmatch=True),
    "focus": st.lists(
        st.fixed_dictionaries(RECTANGLE | {"threshold": st.none() | st.floats(0, 1)}), max_size=3
    ),
    "on_renderer_change": st.sampled_from(["fail", "warn", "ignore"]),
    "ssim": st.sampled_from(["uniform", "gaussian"]),
}
GLOBS = st.text(string.ascii_letters + "*?/.", min_size=1, max_size=8)
FILES = st.fixed_dictionaries(
    {"baselines": st.just("old"), "candidates": st.just("new")},
    optional=SETTINGS
    | {
        "report": st.text(string.ascii_letters, min_size=1, max_size=8),
        "include": st.lists(GLOBS, min_size=1, max_size=3),
        "exclude": st.lists(GLOBS, max_size=3),
        "workers": st.just("auto") | st.integers(1, 100),
        "pair_timeout": st.floats(0, 1e6, exclude_min=True),
        "max_image_pixels": st.integers(1, 10**12),
        "on_new": st.sampled_from(["fail", "warn", "ignore"]),
        "on_missing": st.sampled_from(["fail", "warn", "ignore"]),
        "variants": st.lists(
            st.sampled_from(["{name}", "{platform}/{name}", "{browser}-{name}x"]), min_size=1
        ),
        "variables": st.dictionaries(
            st.from_regex("[a-mA-Z_][a-z0-9]{0,4}", fullmatch=True),
            st.from_regex("[a-z0-9_]([ .+-][a-z0-9]){0,3}", fullmatch=True),
            max_size=3,
        ),
        "overrides": st.lists(
            st.fixed_dictionaries({"match": GLOBS}, optional=SETTINGS), max_size=3
        ),
    },
)


def to_plain(value: object) -> object:
    """Return a value of a configuration as the file had it, by means of its own."""
    if isinstance(value, Mask):
        return {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    if isinstance(value, Override):
        return {"match": value.match} | {
            key: to_plain(item) for key, item in value.changes.items()
        }
    if isinstance(value, Policy):
        return value.value
    if isinstance(value, Path):
        return value.name
    return [to_plain(item) for item in value] if isinstance(value, tuple) else value


@given(FILES)
@settings(deadline=None, max_examples=150)
def test_valid_files_arrive_unchanged_and_fit_the_schema(content: dict[str, Any]) -> None:
    jsonschema.validate(content, config_schema(), jsonschema.Draft202012Validator)
    for text in (yaml.safe_dump(content), json.dumps(content)):
        config = read(text)
        assert {key: to_plain(getattr(config, key)) for key in content} == content
        defaults = read(FOLDERS)
        for item in dataclasses.fields(Config):
            if item.name not in content:
                assert getattr(config, item.name) == getattr(defaults, item.name)


@given(
    st.dictionaries(
        st.sampled_from(sorted(config_schema()["properties"])) | st.text(max_size=4),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=4),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["match", "x", "masks"]), inner, max_size=3)
            ),
            max_leaves=6,
        ),
        max_size=4,
    )
)
@settings(deadline=None, max_examples=200)
def test_the_loader_and_the_schema_agree_on_any_file(content: dict[str, Any]) -> None:
    try:
        document = parse_yaml(json.dumps(content, allow_nan=False).encode())
    except ValueError:
        return  # NaN and half characters are no YAML
    validator = jsonschema.Draft202012Validator(config_schema())
    try:
        build_config(document, Path("/project/visualdiff.yaml"), {})
        accepted = True
    except ConfigError:
        accepted = False
    # JSON Schema takes 1.0 for a whole number: there the loader may be the stricter one.
    assert not accepted or validator.is_valid(document.data)
    if not any(isinstance(value, float) and value.is_integer() for value in walk(content)):
        assert accepted == validator.is_valid(document.data)


def walk(value: object) -> list[object]:
    inner: list[object] = []
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, list):
        inner = value
    return [value, *(leaf for item in inner for leaf in walk(item))]


# The JSON Schema.


def is_valid(text: str) -> bool:
    validator = jsonschema.Draft202012Validator(config_schema())
    return validator.is_valid(yaml.safe_load(text))


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(config_schema())
    assert config_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_schema_documents_every_key() -> None:
    schema = config_schema()
    keys = {item.name for item in dataclasses.fields(Config)} - {"folder", "only"}
    assert set(schema["properties"]) == keys
    assert all(item["description"] for item in schema["properties"].values())
    assert schema["required"] == ["baselines", "candidates"]


@pytest.mark.parametrize("path", ["visualdiff/starter.yaml", "visualdiff.yaml"])
def test_the_files_that_ship_are_valid(path: str) -> None:
    assert is_valid((ROOT / path).read_text())
    config = load_config(ROOT / path)
    assert config.folder == (ROOT / path).parent


def test_the_starter_file_says_the_defaults_also_in_its_comments() -> None:
    text = (ROOT / "visualdiff" / "starter.yaml").read_text()
    config = load_config(ROOT / "visualdiff" / "starter.yaml")
    # What is commented out, up to the overrides, to which no default compares.
    keys = "|".join(config_schema()["properties"])
    lines = re.sub(rf"(?m)^# (?=({keys}): )", "", text)
    full = build_config(parse_yaml(lines.encode()), config.folder / "starter.yaml", {})
    assert lines.count("\n#") < text.count("\n#") - 4
    changed = {
        item.name
        for item in dataclasses.fields(Config)
        if getattr(full, item.name) != getattr(config, item.name)
    }
    # Examples rather than defaults; 0 is what max_diff_pixels comes to when neither is set.
    examples = {"cache", "include", "exclude", "mask_images", "mask_colour", "single_file"}
    assert changed == examples | {"max_diff_pixels", "max_diff_ratio"}
    assert full.max_diff_pixels == 0
    assert config.threshold == Settings().threshold


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("threshold: 0", True),
        ("threshold: 1.1", False),
        ("thresold: 1", False),
        ("workers: auto", True),
        ("workers: 0", False),
        ("workers: many", False),
        ("scheduler: local", True),
        ("scheduler: tcp://host:8786", True),
        ("scheduler: tls://[fe80::1]:8786", True),
        ("scheduler: shared/scheduler.json", True),
        ("scheduler: tcp://host", False),
        ("scheduler: http://host:8786", False),
        ("scheduler: ''", False),
        ("on_new: maybe", False),
        ("include: []", False),
        ("include: ['*.png']", True),
        ("pair_timeout: 0", False),
        ("masks: [{x: 0, y: 0, width: 1, height: 1}]", True),
        ("masks: [{x: 0, y: 0, width: 0, height: 1}]", False),
        ("masks: [{x: 0, y: 0, width: 1, height: 0}]", False),
        ("masks: [{x: 0, y: 0, width: 1, height: 1, z: 1}]", False),
        ("masks: [{x: -1, y: -2.5%, width: 100%, height: 0.1%}]", True),
        ("masks: [{x: 0, y: 0, width: 1, height: -1}]", False),
        ("masks: [{x: 0, y: 0, width: 1, height: 00.0%}]", False),
        ("masks: [{x: 0, y: 0, width: 1, height: 1, threshold: 1}]", False),
        ("focus: [{x: 0, y: 0, width: 1, height: 1, threshold: 1}]", True),
        ("focus: [{x: 0, y: 0, width: 1, threshold: 1}]", False),
        ("mask_colour: '#0f0'", True),
        ("mask_colour: none", True),
        ("mask_colour: '#0f0f'", False),
        ("mask_colour: null", False),
        ("mask_images: [a.png]", True),
        ("mask_images: [null]", False),
        ("overrides: [{match: a, threshold: 0.5}]", True),
        ("overrides: [{threshold: 0.5}]", False),
        ("overrides: [{match: a, workers: 1}]", False),
        ("max_diff_pixels: null", True),
        ("variants: ['{platform}/{name}']", True),
        ("variants: ['{name']", False),
        ("variants: [a]", False),
        ("variables: {browser: firefox}", True),
        ("variables: {browser: a..b}", False),
        ("variables: {'1': firefox}", False),
        ("variables: {name: firefox}", False),
    ],
)
def test_the_schema_accepts_what_the_loader_accepts(text: str, valid: bool) -> None:
    assert is_valid(FOLDERS + text) is valid
    if valid:
        read(FOLDERS + text)
    else:
        assert list_mistakes(FOLDERS + text)


def test_the_schema_refuses_a_file_without_folders() -> None:
    assert not is_valid("baselines: a")


@pytest.mark.parametrize("key", ["include", "exclude"])
def test_a_glob_that_stands_for_too_many_is_refused_with_its_place(
    tmp_path: Path, key: str
) -> None:
    path = tmp_path / "visualdiff.yaml"
    path.write_text(f"baselines: a\ncandidates: b\n{key}:\n  - 'x{{1..99999}}.png'\n")
    with pytest.raises(ConfigError, match=rf":4:5: {key}\[0\]: got .*, wanted a glob that stands"):
        load_config(path)


def test_a_command_line_glob_that_stands_for_too_many_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "visualdiff.yaml"
    path.write_text("baselines: a\ncandidates: b\n")
    with pytest.raises(ConfigError, match="--only: wanted a glob that stands for fewer patterns"):
        load_config(path, only=("{1..99999}.png",))


def test_sizes_and_alignment_are_chosen_by_word() -> None:
    chosen = parse_settings({"on_size_mismatch": "scale", "align": "similarity"})
    assert (chosen.on_size_mismatch, chosen.align) == ("scale", "similarity")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "on_size_mismatch: stretch",
            "got \"stretch\", wanted 'fail', 'pad', 'crop' or 'scale'",
        ),
        ("on_size_mismatch: 2", "got 2, wanted 'fail', 'pad', 'crop' or 'scale'"),
        ("align: true", "got true, wanted 'none', 'rows', 'translate' or 'similarity'"),
    ],
)
def test_what_is_wrong_with_sizes_and_alignment_is_told(line: str, told: str) -> None:
    key = line.partition(":")[0]
    assert list_mistakes(f"{FOLDERS}{line}\n") == [f"3:{len(key) + 3}: {key}: {told}"]
