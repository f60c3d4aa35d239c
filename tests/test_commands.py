"""Words of a command line: what they mean, and what is said of wrong ones."""

import re
from pathlib import Path

import pytest

from visualdiff.commands import COMMANDS, parse_arguments
from visualdiff.parser import UsageError, _Formatter


@pytest.fixture(autouse=True)
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "b.png", "-c.png"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()


def complain(line: str) -> list[str]:
    with pytest.raises(UsageError) as caught:
        parse_arguments(line.split())
    return str(caught.value).splitlines()


def test_a_run_without_options_changes_nothing() -> None:
    name, options = parse_arguments(["run"])
    assert name == "run"
    assert vars(options) == {
        "config": Path("visualdiff.yaml"),
        "baselines": None,
        "candidates": None,
        "report": None,
        "cache": None,
        "no_cache": False,
        "preset": None,
        "threshold": None,
        "workers": None,
        "executor": None,
        "scheduler": None,
        "single_file": None,
        "max_inline_mb": None,
        "passed_in_report": None,
        "junit": None,
        "markdown": None,
        "reg": None,
        "github": False,
        "url_prefix": None,
        "only": [],
        "shard": None,
        "variable": [],
        "quiet": False,
    }


def test_every_option_of_a_run_arrives() -> None:
    line = (
        "run -c other.yaml --baselines old --candidates=new --report folder --preset strict "
        "--cache kept --no-cache "
        "--threshold 0.5 --workers 4 --executor serial --scheduler tcp://host:8786 "
        "--only *.png --only x/* -q "
        "--variable a=b=c --variable d= "
        "--single-file --max-inline-mb 5.5 "
        "--passed-in-report thumbnails --shard 2/4 --junit x/junit.xml --markdown y.md "
        "--reg reg.json --github --url-prefix https://example.com/1"
    )
    assert vars(parse_arguments(line.split())[1]) == {
        "config": Path("other.yaml"),
        "baselines": Path("old"),
        "candidates": Path("new"),
        "report": Path("folder"),
        "cache": Path("kept"),
        "no_cache": True,
        "preset": "strict",
        "threshold": 0.5,
        "workers": 4,
        "executor": "serial",
        "scheduler": "tcp://host:8786",
        "single_file": True,
        "max_inline_mb": 5.5,
        "passed_in_report": "thumbnails",
        "junit": Path.cwd() / "x/junit.xml",
        "markdown": Path.cwd() / "y.md",
        "reg": Path.cwd() / "reg.json",
        "github": True,
        "url_prefix": "https://example.com/1",
        "only": ["*.png", "x/*"],
        "shard": (2, 4),
        "variable": [("a", "b=c"), ("d", "")],
        "quiet": True,
    }
    assert parse_arguments(["run", "--workers", "auto"])[1].workers == "auto"


@pytest.mark.parametrize(
    ("line", "sides"),
    [
        ("a.png b.png", ["a.png", "b.png"]),
        ("a.png --threshold 1 b.png", ["a.png", "b.png"]),
        ("--json -- -c.png b.png", ["-c.png", "b.png"]),
        ("-f a.png -s b.png", ["a.png", "b.png"]),
        ("-s b.png a.png", ["a.png", "b.png"]),
        ("--first b.png a.png", ["b.png", "a.png"]),
    ],
)
def test_images_come_in_any_order_with_options(line: str, sides: list[str]) -> None:
    name, options = parse_arguments(["compare", *line.split()])
    assert (name, options.sides) == ("compare", [Path(side) for side in sides])


def test_numbers_may_be_negative_and_are_judged_later() -> None:
    _, options = parse_arguments(
        ["compare", "a.png", "b.png", "--tolerance", "-1", "--max-diff-pixels", "-5"]
    )
    assert (options.tolerance, options.max_diff_pixels) == (-1.0, -5)


def test_masks_add_up_and_may_begin_with_a_minus() -> None:
    _, options = parse_arguments(
        ["compare", "--mask", "-200,0,50%,9", "a.png", "b.png", "--mask=-5%, 1, 2, 3"]
    )
    assert options.mask == [
        {"x": -200, "y": 0, "width": "50%", "height": 9},
        {"x": "-5%", "y": 1, "width": 2, "height": 3},
    ]


@pytest.mark.parametrize(
    ("line", "usage", "said"),
    [
        ("rnu", "COMMAND [ARGS]...", "No such command 'rnu'. Did you mean 'run'?"),
        ("--foo", "COMMAND [ARGS]...", "No such option '--foo'."),
        ("-q run", "COMMAND [ARGS]...", "No such option '-q'."),
        ("--", "COMMAND [ARGS]...", "Missing command."),
        ("run --tresold 1", "", "No such option '--tresold'. Did you mean '--threshold'?"),
        ("run --tresold=1", "", "No such option '--tresold'. Did you mean '--threshold'?"),
        ("run --thres 1", "", "No such option '--thres'. Did you mean '--threshold'?"),
        ("run x", "", "Got unexpected extra argument (x)"),
        ("run --threshold", "", "Invalid value for '--threshold': expected one argument"),
        ("run -c", "", "Invalid value for '--config': expected one argument"),
        (
            "run --threshold abc",
            "",
            "Invalid value for '--threshold': 'abc' is not a valid float.",
        ),
        ("run --junit folder", "", "Invalid value for '--junit': File 'folder' is a directory."),
        ("run --report a.png", "", "Invalid value for '--report': Directory 'a.png' is a file."),
        (
            "compare a.png no.png",
            "[BASELINE CANDIDATE]",
            "Invalid value for '[BASELINE CANDIDATE]': File 'no.png' does not exist.",
        ),
        (
            "compare -f folder a.png",
            "[BASELINE CANDIDATE]",
            "Invalid value for '--first': File 'folder' is a directory.",
        ),
        (
            "compare a.png",
            "[BASELINE CANDIDATE]",
            "got 1 images, wanted a baseline and a candidate",
        ),
        (
            "compare a.png b.png --max-diff-pixels 1.5",
            "[BASELINE CANDIDATE]",
            "Invalid value for '--max-diff-pixels': '1.5' is not a valid integer.",
        ),
        (
            "compare a.png b.png --mask 1,2,3",
            "[BASELINE CANDIDATE]",
            "Invalid value for '--mask': '1,2,3' is not X,Y,WIDTH,HEIGHT.",
        ),
        (
            "compare a.png b.png --mask 1,2,3,x",
            "[BASELINE CANDIDATE]",
            "Invalid value for '--mask': 'x' is not a valid integer.",
        ),
        (
            "run --variable browser",
            "",
            "Invalid value for '--variable': 'browser' is not NAME=VALUE.",
        ),
        ("run --variable =a", "", "Invalid value for '--variable': '=a' is not NAME=VALUE."),
        (
            "run --shard 5/4",
            "",
            "Invalid value for '--shard': '5/4' is not NUMBER/COUNT, such as 2/4.",
        ),
        ("merge", "RUN_DIR...", "Missing argument 'RUN_DIR...'."),
        ("report a b", "[RESULTS]", "Got unexpected extra argument (b)"),
        (
            "report --report a.png",
            "[RESULTS]",
            "Invalid value for '--report': Directory 'a.png' is a file.",
        ),
        ("completion", "bash|zsh|fish", "Missing argument 'bash|zsh|fish'."),
        (
            "completion tcsh",
            "bash|zsh|fish",
            "Invalid value for 'bash|zsh|fish': 'tcsh' is not one of 'bash', 'zsh', 'fish'.",
        ),
        (
            "check none.png",
            "[FILE]...",
            "Invalid value for '[FILE]...': File 'none.png' does not exist.",
        ),
        ("init a b", "[PATH]", "Got unexpected extra argument (b)"),
        (
            "schema json",
            "[config|results]",
            "Invalid value for '[config|results]': 'json' is not one of 'config', 'results'.",
        ),
    ],
)
def test_a_mistake_is_told_with_the_usage_and_what_was_meant(
    line: str, usage: str, said: str
) -> None:
    first = line.split(maxsplit=1)[0]
    command = first if first in COMMANDS else ""
    program = f"visualdiff {command}".strip()
    assert complain(line) == [
        f"Usage: {program} [OPTIONS] {usage}".strip(),
        f"Try '{program} --help' for help.",
        "",
        f"Error: {said}",
    ]


def test_no_words_at_all_get_the_help() -> None:
    assert complain("")[0] == "Usage: visualdiff [OPTIONS] COMMAND [ARGS]..."
    assert any(line.startswith("    visualdiff init ") for line in complain(""))


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_fits_the_line_and_names_each_option_once(
    flag: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    with pytest.raises(SystemExit) as caught:
        parse_arguments(["compare", flag])
    assert caught.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Usage: visualdiff compare [OPTIONS] [BASELINE CANDIDATE]"
    assert max(map(len, lines)) <= 98
    (line,) = [line for line in lines if "--first FILE " in line]
    assert re.fullmatch("  -f, --first FILE  +The baseline, instead of the first argument.", line)


@pytest.mark.parametrize(
    ("columns", "width"), [("60", 58), ("1", 78), ("0", 98), ("500", 98)], ids=str
)
def test_help_is_as_wide_as_the_terminal_within_reason(
    monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert _Formatter("visualdiff")._width == width


@pytest.mark.parametrize(
    ("words", "command", "field", "value"),
    [
        (["init"], "init", "path", Path("visualdiff.yaml")),
        (["init", "other.yaml"], "init", "path", Path("other.yaml")),
        (["schema"], "schema", "which", "config"),
        (["schema", "results"], "schema", "which", "results"),
    ],
)
def test_the_argument_of_init_and_schema(
    words: list[str], command: str, field: str, value: object
) -> None:
    name, options = parse_arguments(words)
    assert (name, getattr(options, field)) == (command, value)


def test_a_report_is_rendered_again_where_it_is_unless_told_otherwise() -> None:
    _, options = parse_arguments(["report"])
    assert vars(options) == {
        "path": Path("visualdiff-report/results.json"),
        "report": None,
        "single_file": False,
        "max_inline_mb": None,
        "junit": None,
        "markdown": None,
        "reg": None,
        "github": False,
        "url_prefix": None,
    }
    line = (
        "report x/results.json --report folder --single-file --max-inline-mb 2 --junit j.xml "
        "--markdown s.md --reg r.json --github --url-prefix https://example.com"
    )
    assert vars(parse_arguments(line.split())[1]) == {
        "path": Path("x/results.json"),
        "report": Path("folder"),
        "single_file": True,
        "max_inline_mb": 2.0,
        "junit": Path.cwd() / "j.xml",
        "markdown": Path.cwd() / "s.md",
        "reg": Path.cwd() / "r.json",
        "github": True,
        "url_prefix": "https://example.com",
    }


def test_shards_are_merged_into_the_usual_folder_unless_told_otherwise() -> None:
    _, options = parse_arguments(["merge", "a", "b"])
    assert vars(options) == {
        "folders": [Path("a"), Path("b")],
        "report": Path("visualdiff-report"),
        "quiet": False,
    }
    _, options = parse_arguments(["merge", "a", "--report", "folder", "b", "-q"])
    assert (options.report, options.quiet) == (Path("folder"), True)
    assert options.folders == [Path("a"), Path("b")]
