"""Options of the plugin: where they stand, which one counts, and what is said of wrong ones."""

import shlex
from pathlib import Path

import pytest

from visualdiff.testing.options import (
    add_options,
    read_option,
    read_settings,
    tell_command,
)


@pytest.fixture(autouse=True)
def no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)


def complain(pytester: pytest.Pytester, *arguments: str) -> str:
    with pytest.raises(pytest.UsageError) as caught:
        pytester.parseconfigure(*arguments)
    return str(caught.value)


def test_nothing_is_said_without_options(pytester: pytest.Pytester) -> None:
    config = pytester.parseconfigure()
    names = ("config", "baselines", "report", "preset", "threshold", "update", "on-new", "unused")
    assert [read_option(config, name) for name in names] == [None] * len(names)
    assert read_settings(config) == {}


def test_the_command_line_counts_more_than_the_ini_file(pytester: pytest.Pytester) -> None:
    pytester.makeini(
        "[pytest]\nvisualdiff_preset = strict\nvisualdiff_threshold = 0.5\n"
        "visualdiff_on_new = warn\nvisualdiff_update = missing\nvisualdiff_unused = fail\n"
    )
    config = pytester.parseconfigure("--visualdiff-preset=lenient", "--visualdiff-update=none")
    assert read_settings(config) == {"preset": "lenient", "threshold": 0.5, "on_new": "warn"}
    assert [read_option(config, name) for name in ("update", "unused")] == ["none", "fail"]


def test_paths_are_relative_to_where_they_were_written(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nvisualdiff_report = out\nvisualdiff_baselines = /old\n")
    here = pytester.mkdir("below")
    pytester.chdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        config = pytester.parseconfigure("--visualdiff-config=other.yaml")
    assert read_option(config, "config") == here / "other.yaml"
    assert read_option(config, "report") == pytester.path / "out"
    assert read_option(config, "baselines") == Path("/old")


@pytest.mark.parametrize(
    ("arguments", "update"),
    [
        (["-U"], "changed"),
        (["-U", "--visualdiff-update=all"], "all"),
        (["--visualdiff-update=all", "-U"], "changed"),
    ],
)
def test_the_short_form_updates_what_has_changed(
    pytester: pytest.Pytester, arguments: list[str], update: str
) -> None:
    assert read_option(pytester.parseconfigure(*arguments), "update") == update


def test_the_short_form_is_left_to_another_plugin_that_has_it() -> None:
    parser = pytest.Parser(_ispytest=True)
    parser.addoption("-U", action="store_true", dest="theirs")
    add_options(parser)
    options = parser.parse(["-U", "--visualdiff-update=missing"])
    assert (options.theirs, options.visualdiff_update) == (True, "missing")


@pytest.mark.parametrize("name", ["preset", "update", "on-new", "unused"])
def test_a_word_that_is_no_choice_is_refused_before_any_test(
    pytester: pytest.Pytester, name: str
) -> None:
    assert "maybe" in complain(pytester, f"--visualdiff-{name}=maybe")
    key = f"visualdiff_{name.replace('-', '_')}"
    path = pytester.makeini(f"[pytest]\n{key} = maybe\n")
    assert complain(pytester).startswith(f"{path}: {key}: got 'maybe', wanted ")


@pytest.mark.parametrize("value", ["high", "7", "-0.1", "nan"])
def test_a_threshold_that_is_none_is_refused_before_any_test(
    pytester: pytest.Pytester, value: str
) -> None:
    expected = f"threshold: got '{value}', wanted a number, 0 to 1"
    assert complain(pytester, f"--visualdiff-threshold={value}") == f"--visualdiff-{expected}"
    path = pytester.makeini(f"[pytest]\nvisualdiff_threshold = {value}\n")
    assert complain(pytester) == f"{path}: visualdiff_{expected}"


def test_a_number_where_toml_wants_text_is_told_with_its_file(pytester: pytest.Pytester) -> None:
    path = pytester.makepyprojecttoml("[tool.pytest]\nvisualdiff_threshold = 0.97\n")
    assert complain(pytester).startswith(f"{path}: config option 'visualdiff_threshold'")
    pytester.makepyprojecttoml('[tool.pytest]\nvisualdiff_threshold = "0.97"\n')
    assert read_settings(pytester.parseconfigure()) == {"threshold": 0.97}


@pytest.mark.parametrize(
    "option",
    ["--visualdiff-update=missing", "--visualdiff-update=all", "-U", "--visualdiff-unused=delete"],
)
def test_baselines_are_not_rewritten_in_ci_unless_forced(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setenv("CI", "true")
    assert "is refused, as CI is set" in complain(pytester, option)
    forced = pytester.parseconfigure(option, "--visualdiff-force-update")
    assert read_option(forced, "unused" if "unused" in option else "update")


def test_what_rewrites_nothing_is_allowed_in_ci(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    config = pytester.parseconfigure("--visualdiff-update=none", "--visualdiff-unused=fail")
    assert read_option(config, "unused") == "fail"


def test_an_ini_file_that_rewrites_baselines_does_not_count_in_ci(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeini("[pytest]\nvisualdiff_update = all\nvisualdiff_unused = delete\n")
    config = pytester.parseconfigure()
    assert [read_option(config, name) for name in ("update", "unused")] == ["all", "delete"]
    monkeypatch.setenv("CI", "true")
    # Unused baselines are still somebody's mistake.
    assert [read_option(config, name) for name in ("update", "unused")] == [None, "fail"]
    forced = pytester.parseconfigure("--visualdiff-force-update")
    assert [read_option(forced, name) for name in ("update", "unused")] == ["all", "delete"]


def test_variables_of_the_command_line_count_more_than_those_of_the_ini_file(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini("[pytest]\nvisualdiff_variable =\n    browser=chromium\n    theme=dark\n")
    config = pytester.parseconfigure("--visualdiff-variable=browser=firefox")
    assert read_settings(config) == {"variables": {"browser": "firefox", "theme": "dark"}}
    command = tell_command(config, TEST, "missing")
    assert command.endswith(" --visualdiff-variable=browser=firefox")


def test_a_variable_without_a_value_is_refused_before_any_test(
    pytester: pytest.Pytester,
) -> None:
    assert "'browser' is not NAME=VALUE" in complain(pytester, "--visualdiff-variable=browser")
    pytester.makeini("[pytest]\nvisualdiff_variable = theme\n")
    assert "visualdiff_variable: 'theme' is not NAME=VALUE" in complain(pytester)


TEST = "tests/test_a.py::TestMenu::test_open[dark mode]"


def test_the_command_runs_one_test_and_names_what_decides_whether_it_matches(
    pytester: pytest.Pytester,
) -> None:
    (pytester.path / "my.ini").write_text("[pytest]\n")
    given = ["--visualdiff-preset=strict", "--visualdiff-baselines=old one", "-c", "my.ini"]
    given += ["-o", "visualdiff_config=my.yaml"]
    config = pytester.parseconfigure(*given, "--visualdiff-on-new=warn")
    command = tell_command(config, TEST, "missing")
    assert shlex.split(command) == [
        "pytest",
        TEST,
        "--visualdiff-update=missing",
        "--visualdiff-baselines=old one",
        "--visualdiff-preset=strict",
        "--config-file=my.ini",
        "--override-ini=visualdiff_config=my.yaml",
    ]


def test_the_command_is_for_the_working_directory(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeini("[pytest]\n")
    monkeypatch.chdir(pytester.mkdir("tests"))
    command = tell_command(pytester.parseconfigure(), "tests/test_a.py::test_open", "changed")
    assert command == "pytest test_a.py::test_open --visualdiff-update=changed"
