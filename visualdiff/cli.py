"""The command line: arguments → calls, results → words and an exit code.

Exit codes: 0 everything passed; 1 something failed, is new, missing or unreadable; 2 usage or
configuration error, or nothing to compare; 130 interrupted, 143 terminated.
"""

import io
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Final, NoReturn

from visualdiff.arguments import parse_arguments
from visualdiff.parser import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from visualdiff.settings import Output

# Options of `run` that are settings of their names.
_RUN_SETTINGS: Final = (
    "baselines",
    "candidates",
    "report",
    "preset",
    "threshold",
    "workers",
    "single_file",
    "max_inline_mb",
    "passed_in_report",
    "url_prefix",
)

# Options of `run` that name the file of an output.
_RUN_OUTPUTS: Final[tuple["Output", ...]] = ("junit", "markdown", "reg")

# Everything else is imported by the command that needs it: `--help` shall answer at once.


def main() -> NoReturn:
    """Run the command line and exit."""
    # Starting threads for linear algebra, which nothing here needs, takes 0.1 s of CPU.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    signal.signal(signal.SIGTERM, _terminate)
    _open_standard_streams()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no arrow or ü gets an escape, not a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = execute(sys.argv[1:])
        sys.stdout.flush()  # a full disk shall be found out here, not when Python has ended
    except BrokenPipeError:  # its reader has left, which is not worth a word
        code = 1
        _discard_output()
    except OSError as error:
        _complain(f"error: {error.filename or 'output'}: {error.strerror}")
        code = 2
        _discard_output()
    except KeyboardInterrupt:
        _complain("interrupted")
        code = 130
    sys.exit(code)


def execute(words: list[str]) -> int:
    """Do what the words of a command line say, and return the exit code."""
    try:
        name, options = parse_arguments(words)
    except UsageError as error:
        _complain(str(error))
        return 2
    except SystemExit as end:
        if end.code:
            raise
        return 0  # `--help` or `--version` was answered
    from visualdiff.errors import VisualdiffError  # noqa: PLC0415

    try:
        return _COMMANDS[name](options)
    except VisualdiffError as error:
        for line in str(error).splitlines():
            _complain(f"error: {line}")
        return 2


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(143)


def _open_standard_streams() -> None:
    """Open those that the caller has closed, in the order of their numbers, which they get."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - a device, for good


def _complain(text: str) -> None:
    print(text, file=sys.stderr)


def _discard_output() -> None:
    """Drop what is not yet written: else Python tries again, and changes the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(options: Namespace) -> int:
    from visualdiff.actions import append_summary, choose_outputs, list_annotations  # noqa: PLC0415
    from visualdiff.batch import run  # noqa: PLC0415
    from visualdiff.config import load_config  # noqa: PLC0415
    from visualdiff.console import Reporter  # noqa: PLC0415

    changes = {name: getattr(options, name) for name in _RUN_SETTINGS}
    changes["variables"] = dict(options.variable) or None
    config = load_config(options.config, **changes, only=tuple(options.only))
    outputs: dict[Output, Path] = {
        name: path for name in _RUN_OUTPUTS if (path := getattr(options, name))
    }
    with Reporter(quiet=options.quiet) as reporter:
        result = run(
            config,
            command=_tell_command(),
            shard=options.shard,
            outputs=outputs,
            on_start=reporter.start,
            on_result=reporter.advance,
        )
    reporter.summarise(result)
    told = choose_outputs(config, (*outputs, *(("github",) if options.github else ())))
    if "markdown" in told and (problem := append_summary(result)):
        _complain(f"warning: {problem}")
    if "github" in told:
        print(*list_annotations(result), sep="", end="", flush=True)
    return 0 if result.passed else 1


def _approve(options: Namespace) -> int:
    import shlex  # noqa: PLC0415

    from visualdiff.approval import approve  # noqa: PLC0415

    approved = approve(options)
    for line in approved.done:
        print(line)
    for line in approved.refused:
        _complain(f"refused: {line}")
    if approved.changed and not options.undo:
        where = ["--results", str(options.results)] if options.results else []
        undo = shlex.join(["visualdiff", "approve", "--undo", *where])
        print(f"{approved.changed:,} changed; `{undo}` takes it back")
    return 1 if approved.refused else 0


def _compare(options: Namespace) -> int:
    import json  # noqa: PLC0415

    from visualdiff.api import compare_files  # noqa: PLC0415
    from visualdiff.config import parse_settings  # noqa: PLC0415
    from visualdiff.console import print_comparison  # noqa: PLC0415
    from visualdiff.errors import ImageError  # noqa: PLC0415
    from visualdiff.report.results import describe_comparison  # noqa: PLC0415

    names = ("preset", "threshold", "max_diff_pixels", "tolerance", "on_size_mismatch", "align")
    given = {name: getattr(options, name) for name in names}
    settings = {name: value for name, value in given.items() if value is not None}
    settings["masks"] = options.mask
    try:
        comparison = compare_files(*options.sides, output=options.output, **settings)
    except ImageError as error:
        if options.json:
            print(json.dumps({"status": "error", "reasons": [str(error)]}))
        _complain(f"error: {error}")
        return 1
    if options.json:
        described = describe_comparison(comparison, parse_settings(settings))
        print(json.dumps(described, indent=1, ensure_ascii=False))
    else:
        print_comparison(comparison, options.sides, options.output)
    return 0 if comparison.passed else 1


def _init(options: Namespace) -> int:
    from importlib import resources  # noqa: PLC0415

    from visualdiff.errors import ConfigError  # noqa: PLC0415

    path = options.path
    text = resources.files("visualdiff").joinpath("starter.yaml").read_bytes()
    try:
        with path.open("xb") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError(f"{path} exists already; it was not changed") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    print(f"wrote {path}: name your two folders in it, then `visualdiff run`")
    return 0


def _merge(options: Namespace) -> int:
    from visualdiff.console import Reporter  # noqa: PLC0415
    from visualdiff.merging import merge_reports  # noqa: PLC0415

    result = merge_reports(options.folders, options.report, command=_tell_command())
    Reporter(quiet=options.quiet).summarise(result)
    return 0 if result.passed else 1


def _tell_command() -> str:
    import shlex  # noqa: PLC0415

    return shlex.join(["visualdiff", *sys.argv[1:]])


def _report(options: Namespace) -> int:
    from visualdiff.rendering import render_again  # noqa: PLC0415
    from visualdiff.report import INDEX  # noqa: PLC0415

    result = render_again(
        options.path,
        options.report,
        single_file=options.single_file,
        max_inline_mb=options.max_inline_mb,
    )
    print(f"report: {result.config.report / INDEX}")
    return 0


def _schema(options: Namespace) -> int:
    import json  # noqa: PLC0415

    from visualdiff.config import config_schema  # noqa: PLC0415
    from visualdiff.report.results import load_results_schema  # noqa: PLC0415

    made = config_schema() if options.which == "config" else load_results_schema()
    print(json.dumps(made, indent=2, ensure_ascii=False))
    return 0


_COMMANDS: Final[dict[str, Callable[[Namespace], int]]] = {
    "approve": _approve,
    "compare": _compare,
    "init": _init,
    "merge": _merge,
    "report": _report,
    "run": _run,
    "schema": _schema,
}
