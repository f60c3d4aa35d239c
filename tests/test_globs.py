"""What globs match, and which settings the overrides give a pair."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wcmatch import glob

from visualdiff.config import build_config
from visualdiff.globs import _FLAGS, check_glob, matches, resolve_settings, settings_for
from visualdiff.settings import Config, Mask, Settings
from visualdiff.strict_yaml import parse_yaml

FOLDERS = "baselines: old\ncandidates: new\n"


def read(text: str) -> Config:
    return build_config(parse_yaml(text.encode()), Path("/project/visualdiff.yaml"), {})


def test_overrides_apply_by_glob_and_later_ones_win() -> None:
    config = read(
        FOLDERS
        + """
threshold: 0.9
tolerance: 3
overrides:
  - {match: "checkout/*.png", threshold: 0.8, max_diff_pixels: 7}
  - {match: "checkout/pay*", threshold: 0.7}
  - {match: "*.webp", antialiasing: count}
"""
    )
    plain = Settings(threshold=0.9, tolerance=3)
    assert settings_for(config, "home.png") == plain
    assert settings_for(config, "checkout/cart.png") == dataclasses.replace(
        plain, threshold=0.8, max_diff_pixels=7
    )
    assert settings_for(config, "checkout/pay.png") == dataclasses.replace(
        plain, threshold=0.7, max_diff_pixels=7
    )
    assert settings_for(config, "a/b/c.webp") == dataclasses.replace(plain, antialiasing="count")


def test_an_override_can_take_a_limit_back() -> None:
    text = FOLDERS + "max_diff_pixels: 9\noverrides: [{match: a.png, max_diff_pixels: null}]"
    assert settings_for(read(text), "a.png").max_diff_pixels is None
    assert settings_for(read(text), "b.png").max_diff_pixels == 9


def test_an_override_s_masks_replace_those_of_the_file() -> None:
    text = (
        FOLDERS
        + """
masks: [{x: 1, y: 1, width: 1, height: 1}]
overrides: [{match: a.png, masks: [{x: 2, y: 2, width: 2, height: 2}]}, {match: b.png, masks: []}]
"""
    )
    config = read(text)
    assert settings_for(config, "a.png").masks == (Mask(x=2, y=2, width=2, height=2),)
    assert settings_for(config, "b.png").masks == ()
    assert settings_for(config, "c.png").masks == (Mask(x=1, y=1, width=1, height=1),)


@pytest.mark.parametrize(
    ("pattern", "matched", "other"),
    [
        ("*.png", ["a.png", "x/a.png", "x/y/a.png", ".x/a.png"], ["a.PNG", "a.webp", "a.png/b"]),
        ("checkout/*.png", ["checkout/a.png"], ["a.png", "checkout/x/a.png", "x/checkout/a.png"]),
        ("**/*.png", ["a.png", "x/a.png", "x/y/a.png"], ["a.webp"]),
        ("**/*", ["a.png", "x/y/a.webp", "a b/ü#%.png", "new\nline.png"], []),
        ("drafts/**", ["drafts/a.png", "drafts/x/a.png"], ["a.png", "draft/a.png"]),
        ("*.{png,webp}", ["a.png", "x/a.webp"], ["a.gif"]),
        ("{a,b}/*.png", ["a/1.png", "b/1.png"], ["c/1.png"]),
        ("page-?.png", ["page-1.png"], ["page-10.png"]),
        ("page-[0-9].png", ["page-1.png"], ["page-x.png"]),
        ("a.png", ["a.png", "x/a.png"], ["aa.png", "axpng"]),
        ("x/**/a.png", ["x/a.png", "x/y/a.png", "x/y/z/a.png"], ["a.png", "y/a.png"]),
        ("", [], ["a.png"]),
    ],
)
def test_what_a_glob_matches(pattern: str, matched: list[str], other: list[str]) -> None:
    assert [name for name in [*matched, *other] if matches(name, (pattern,))] == matched


def test_a_name_matches_when_any_glob_does_and_none_without_globs() -> None:
    assert matches("a.png", ("*.gif", "*.png"))
    assert not matches("a.png", ("*.gif", "*.webp"))
    assert not matches("a.png", ())


@given(st.text("ab/*?[]{},.!^-\\\n0", max_size=9), st.text("ab/.0\n\\", max_size=6))
@example("a/**/b", "a/b")
def test_a_glob_matches_what_the_library_says(pattern: str, name: str) -> None:
    assert matches(name, (pattern,)) == glob.globmatch(name, pattern, flags=_FLAGS)


def test_a_glob_that_stands_for_too_many_is_refused() -> None:
    assert check_glob("page-{1..9}.png") == "page-{1..9}.png"
    with pytest.raises(ValueError, match="a glob that stands for fewer patterns"):
        check_glob("{1..9999}")


def test_equal_settings_of_many_pairs_are_one_object() -> None:
    text = FOLDERS + "overrides: [{match: a*, threshold: 0.5}, {match: '*b', threshold: 0.6}]"
    config = read(text)
    resolve = resolve_settings(config)
    for names, threshold in ((("a", "a1"), 0.5), (("ab", "aab"), 0.6), (("c", "d"), 0.99)):
        first, second = (resolve(name) for name in names)
        assert first is second
        assert first == settings_for(config, names[0])
        assert first.threshold == threshold


def test_many_stars_are_no_more_work_than_one() -> None:
    """Names of screenshots may be anybody's; tried anew each, these stars would never end."""
    name = "-" * 240 + ".png"
    assert not matches(name, ("-".join("*" * 12) + "x.png",))
    assert matches(name, ("-".join("*" * 12) + ".png",))
