"""Templates of names, values in them, and numbered baselines: which files belong to a name."""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualdiff.errors import ConfigError
from visualdiff.settings import Config
from visualdiff.variants import (
    Baselines,
    Chain,
    check_template,
    check_value,
    describe_environment,
    find_baselines,
    group_accepted,
)

FULL = ("{name}-{platform}-{browser}", "{name}-{platform}", "{name}")


@pytest.fixture(autouse=True)
def on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")


def configure(folder: Path, *variants: str, **variables: str) -> Config:
    return Config(
        folder=folder,
        baselines=folder / "old",
        candidates=folder / "new",
        variants=variants or ("{name}",),
        variables=variables,
    )


def fill(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / "old" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def find(config: Config, name: str, **variables: str) -> tuple[list[str], str]:
    """Return the names of the baselines, and of what would be written."""
    found = find_baselines(config, name, variables)
    paths = [*([found.baseline] if found.baseline else []), *found.alternates]
    names = [path.relative_to(config.baselines).as_posix() for path in paths]
    return names, found.target.relative_to(config.baselines).as_posix()


# Templates and values.


@pytest.mark.parametrize(
    "template", ["{name}", "{platform}/{name}", "{name}/{platform}", "a b/{name}__{browser}.x"]
)
def test_a_template_is_any_relative_path_around_the_name(template: str) -> None:
    assert check_template(template, ("name", "platform", "browser")) == template


@pytest.mark.parametrize(
    ("template", "wanted"),
    [
        ("", "{name} in it, once"),
        ("{platform}", "{name} in it, once"),
        ("{name}/{name}", "{name} in it, once"),
        ("{name", "every brace closed"),
        ("{name}}", "every brace closed"),
        ("{{name}}", "every brace closed"),
        ("{name}-{os}", "only {browser}, {name}; give `os` a value under `variables`"),
        ("{name}{}", "only {browser}, {name}; give `` a value"),
        *(
            (template, "a relative path, without ..")
            for template in (
                *("/{name}", "{name}/", "a//{name}", "../{name}", "a/../{name}", ".a/{name}"),
                *(
                    ".{name}",
                    "./{name}",
                    "{name}/..",
                    "c:{name}",
                    "a\\{name}",
                    "{name}@2",
                    "*{name}",
                ),
                *("{name}\n", "{name}\0"),
            )
        ),
    ],
)
def test_a_wrong_template_is_refused_with_what_is_wanted(template: str, wanted: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is looked at below
        check_template(template, ("name", "browser"))
    assert str(caught.value).startswith(wanted)


@pytest.mark.parametrize("value", ["chromium", "Mobile Safari", "1280", "v1.2+b_3-x"])
def test_a_value_is_part_of_a_file_name(value: str) -> None:
    assert check_value(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "..",
        "a/b",
        "a\\b",
        ".a",
        "a.",
        "a..b",
        "-a",
        "a\n",
        "a@2",
        "ö",
        "{name}",
        "\ud800",
    ],
)
def test_a_value_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"^letters, digits, spaces and any of \. _ \+ -"):
        check_value(value)


@pytest.mark.parametrize(
    ("system", "platform"),
    [("linux", "linux"), ("darwin", "macos"), ("win32", "windows"), ("freebsd14", "freebsd14")],
)
def test_the_platform_is_that_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str, platform: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert describe_environment(configure(tmp_path)) == {"platform": platform}


def test_what_is_said_later_wins(tmp_path: Path) -> None:
    config = configure(tmp_path, platform="macos", browser="firefox")
    assert describe_environment(config, {"browser": "webkit"}) == {
        "platform": "macos",
        "browser": "webkit",
    }


def test_wrong_values_and_templates_from_python_are_mistakes_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^variables.browser: got 'a/b', wanted letters"):
        Chain(configure(tmp_path), {"browser": "a/b"})
    with pytest.raises(ConfigError, match=r"^variants: got '\.\./\{name\}', wanted a relative"):
        Chain(configure(tmp_path, "../{name}"))


def test_a_chain_without_any_value_says_which_one_it_needs(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Chain(configure(tmp_path, "{name}-{browser}", "{view}/{name}"))
    assert str(caught.value) == (
        "variants: no template can be used, as {browser} has no value; set it under `variables`, "
        "by --variable browser=VALUE, or add a template without it"
    )


# Filling and reading.


def test_a_template_is_passed_over_while_a_value_is_not_known(tmp_path: Path) -> None:
    config = configure(tmp_path, *FULL)
    assert Chain(config).fill("x/home") == ["x/home-linux", "x/home"]
    assert Chain(config, {"browser": "firefox"}).fill("home") == [
        "home-linux-firefox",
        "home-linux",
        "home",
    ]


def test_a_name_with_braces_is_not_filled_again(tmp_path: Path) -> None:
    assert Chain(configure(tmp_path, "{platform}/{name}")).fill("{platform}") == [
        "linux/{platform}"
    ]


@pytest.mark.parametrize(
    ("variants", "stem", "names"),
    [
        (("{name}",), "home", ["home"]),
        (("{name}-{platform}",), "home-macos", ["home"]),
        (("{name}-{platform}",), "home-amiga", []),
        (("{name}-{platform}",), "-macos", []),
        (("{name}-{browser}",), "a-b-c", ["a", "a-b"]),
        (("{name}-{browser}",), "a/b", []),
        (("{platform}/{name}",), "windows/x/home", ["x/home"]),
        (("{browser}/{platform}/{name}",), "chrome/macos/home", ["home"]),
        (("{platform}/{name}", "{name}"), "linux/home", ["home", "linux/home"]),
        (("x.{name}",), "xyhome", []),
    ],
)
def test_a_file_may_be_the_baseline_of_names_in_any_environment(
    tmp_path: Path, variants: tuple[str, ...], stem: str, names: list[str]
) -> None:
    chain = Chain(configure(tmp_path, *variants, "{name}/never"))
    assert sorted(chain.read(stem)) == names


def test_a_platform_of_one_s_own_is_known_beside_the_three(tmp_path: Path) -> None:
    chain = Chain(configure(tmp_path, "{name}-{platform}", platform="android"))
    assert chain.fill("home") == ["home-android"]
    assert [list(chain.read(f"home-{name}")) for name in ("android", "linux", "ios")] == [
        ["home"],
        ["home"],
        [],
    ]


NAMES = st.text("ab-./@2é", min_size=1, max_size=12)
VALUES = st.sampled_from(["linux", "a", "b-c", "2"])


@given(NAMES, st.sampled_from([*FULL, "{browser}/{platform}/{name}", "{browser}{name}x"]), VALUES)
def test_what_was_filled_is_read_again(name: str, template: str, value: str) -> None:
    chain = Chain(configure(Path("/p"), template, browser=value))
    (filled,) = chain.fill(name)
    assert name in set(chain.read(filled))


# Numbers.


def test_numbers_are_grouped_under_the_first_in_numeric_order() -> None:
    names = ["a@10.png", "a@2.png", "a.png", "x/a@3.png", "a@2.webp", "b.png"]
    assert group_accepted(names, ()) == {
        "a.png": ["a.png", "a@2.png", "a@10.png"],
        "x/a.png": ["x/a@3.png"],
        "a.webp": ["a@2.webp"],
        "b.png": ["b.png"],
    }


@pytest.mark.parametrize(
    "name",
    ["a@1.png", "a@0.png", "a@02.png", "logo@2x.png", "a@.png", "@2.png", "x/@2.png", "a@²"],
)
def test_other_names_with_an_at_stand_for_themselves(name: str) -> None:
    assert group_accepted([name], ()) == {name: [name]}


def test_an_ordinary_name_stands_for_itself_and_may_have_numbers_too() -> None:
    assert group_accepted(["a@2.png", "a@2@3.png"], {"a@2"}) == {
        "a@2.png": ["a@2.png", "a@2@3.png"]
    }


# Finding.


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    config = configure(tmp_path, *FULL)
    assert find_baselines(config, "x/home.png") == Baselines(
        baseline=None, alternates=(), target=config.baselines / "x" / "home-linux.png"
    )


def test_the_first_variant_that_exists_is_found_with_its_alternates(tmp_path: Path) -> None:
    config = configure(tmp_path, *FULL)
    fill(
        tmp_path,
        "home.png",
        "home@2.png",
        "home-linux@3.png",
        "home-linux@12.png",
        "home-linux@3.gif",
    )
    assert find(config, "home.png") == (
        ["home-linux@3.png", "home-linux@12.png"],
        "home-linux.png",
    )
    assert find(config, "home.png", browser="webkit") == (
        ["home-linux@3.png", "home-linux@12.png"],
        "home-linux-webkit.png",
    )
    fill(tmp_path, "home-linux-webkit.png")
    assert find(config, "home.png", browser="webkit")[0] == ["home-linux-webkit.png"]
    plain = replace(config, variants=("{name}",))
    assert find(plain, "home.png") == (["home.png", "home@2.png"], "home.png")


def test_neither_a_folder_nor_a_longer_name_is_a_baseline(tmp_path: Path) -> None:
    fill(tmp_path, "home.png/x.png", "home2.png", "home-x.png", "home@2x.png")
    assert find(configure(tmp_path), "home.png") == ([], "home.png")
    fill(tmp_path, "file")
    assert find(configure(tmp_path), "file/home.png") == ([], "file/home.png")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/a.png",
        "../a.png",
        "x/../../a.png",
        "x//a.png",
        "a/",
        "..\\a.png",
        "\\a",
        "c:\\a",
        ".",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"name of a screenshot: got .*, wanted a relative one"):
        find_baselines(configure(tmp_path), name)


PIECES = st.lists(
    st.sampled_from(["{name}", "{browser}", "{platform}", *"./\\.@:a-~ {}", ".."]), max_size=6
).map("".join)
TEXTS = st.text(st.sampled_from("./\\:@a-~ {}é"), max_size=8)


@given(PIECES, TEXTS, TEXTS)
def test_no_template_value_or_name_leaves_the_folder(template: str, value: str, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = configure(Path(folder), template or "{name}")
        try:
            found = find_baselines(config, f"{name}.png", {"browser": value})
        except ConfigError:
            return
    target = found.target.relative_to(config.baselines)
    assert ".." not in target.parts
    assert found.target.resolve().is_relative_to(config.baselines.resolve())
