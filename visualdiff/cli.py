"""The command line: arguments → calls, results → words and an exit code.

Exit codes: 0 everything passed; 1 something failed, is new, missing or unreadable; 2 usage or
configuration error, or nothing to compare; 130 interrupted, 143 terminated.
"""

import io
import json
import os
import shlex
import signal
import sys
from importlib import resources
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

import click

from visualdiff.model import ConfigError, ImageError, VisualdiffError
from visualdiff.version import __version__

# Everything else is imported by the command that needs it: `--help` shall answer at once, and
# every spawned worker imports this module again.

_FOLDER: Final = click.Path(file_okay=False, path_type=Path)
_IMAGE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


def main() -> NoReturn:
    """Run the command line and exit."""
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no arrow or ü gets an escape, not a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(prog_name="visualdiff", standalone_mode=False)
        sys.stdout.flush()  # a full disk shall be found out here, not when Python has ended
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except VisualdiffError as error:
        for line in str(error).splitlines():
            click.echo(f"error: {line}", err=True)
        code = 2
    except OSError as error:
        click.echo(f"error: {error.filename or 'output'}: {error.strerror}", err=True)
        code = 2
        # Else Python tries once more to write what is left, and changes the exit code.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        code = 130
    sys.exit(code)


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(143)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", message="visualdiff %(version)s")
def cli() -> None:
    """Compare screenshots with their baselines and report what changed.

    \b
    Start here:
      visualdiff init                       write a commented visualdiff.yaml
      visualdiff run                        compare both folders, write the HTML report
      visualdiff compare old.png new.png    compare two files

    Exit codes: 0 everything passed, 1 differences, 2 wrong usage or nothing to compare.
    """


@cli.command()
@click.option(
    "-c",
    "--config",
    "path",
    default="visualdiff.yaml",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Configuration file.",
)
@click.option("--baselines", type=_FOLDER, help="Folder of the accepted images.")
@click.option("--candidates", type=_FOLDER, help="Folder of the new images.")
@click.option("--report", type=_FOLDER, help="Folder for the report.")
@click.option(
    "--threshold", type=float, help="Lowest SSIM that passes, 0 to 1, higher is stricter."
)
@click.option(
    "--workers", type=str, metavar="N|auto", help="Worker processes; 1: no other process."
)
@click.option(
    "--only", multiple=True, metavar="GLOB", help="Compare only these names; repeatable."
)
@click.option("-q", "--quiet", is_flag=True, help="No progress, no table; only what went wrong.")
def run(path: Path, quiet: bool, **options: Any) -> int:  # noqa: FBT001 - click passes it by name
    """Compare all pairs of images and write the report.

    \b
    Examples:
      visualdiff run
      visualdiff run --config ci/visualdiff.yaml --workers 4
      visualdiff run --only 'checkout/*.png' --threshold 0.98
    """
    from visualdiff.api import run as run_config  # noqa: PLC0415
    from visualdiff.config import load_config  # noqa: PLC0415
    from visualdiff.console import Reporter  # noqa: PLC0415

    if (options["workers"] or "").isdecimal():
        options["workers"] = int(options["workers"])
    config = load_config(path, **options)
    command = shlex.join(["visualdiff", *sys.argv[1:]])
    with Reporter(quiet=quiet) as reporter:
        result = run_config(
            config, command=command, on_start=reporter.start, on_result=reporter.advance
        )
    reporter.summarise(result)
    return 0 if result.passed else 1


@cli.command()
@click.argument("images", nargs=-1, type=_IMAGE, metavar="[BASELINE CANDIDATE]")
@click.option("-f", "--first", type=_IMAGE, help="The baseline, instead of the first argument.")
@click.option("-s", "--second", type=_IMAGE, help="The candidate, instead of the second argument.")
@click.option("--threshold", type=float, help="Lowest SSIM that passes, 0 to 1; default 0.99.")
@click.option("--max-diff-pixels", type=int, help="Visibly different pixels allowed; default 0.")
@click.option("--tolerance", type=float, help="Colour difference ΔE that is ignored; default 1.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@click.option(
    "-o",
    "--output",
    type=_FOLDER,
    help="Write baseline.png and candidate.png with red boxes, diff.png and mask.png here.",
)
def compare(
    images: tuple[Path, ...],
    first: Path | None,
    second: Path | None,
    as_json: bool,  # noqa: FBT001 - click passes it by name
    output: Path | None,
    **settings: Any,
) -> int:
    """Compare two image files.

    \b
    Examples:
      visualdiff compare baseline.png candidate.png
      visualdiff compare --first original.png --second modified.png --output pictures
      visualdiff compare a.png b.png --json | jq .score
    """
    from visualdiff.api import compare_files  # noqa: PLC0415
    from visualdiff.console import print_comparison  # noqa: PLC0415
    from visualdiff.report.results import describe_comparison  # noqa: PLC0415

    sides = [*([first] if first else []), *images, *([second] if second else [])]
    if len(sides) != 2:
        raise click.UsageError(f"got {len(sides)} images, wanted a baseline and a candidate")
    try:
        comparison = compare_files(*sides, output=output, **_given(settings))
    except ImageError as error:
        if as_json:
            click.echo(json.dumps({"status": "error", "reasons": [str(error)]}))
        click.echo(f"error: {error}", err=True)
        return 1
    if as_json:
        click.echo(json.dumps(describe_comparison(comparison), indent=1, ensure_ascii=False))
    else:
        print_comparison(comparison, sides, output)
    return 0 if comparison.passed else 1


@cli.command()
@click.argument("path", default="visualdiff.yaml", type=click.Path(dir_okay=False, path_type=Path))
def init(path: Path) -> int:
    """Write a commented starter configuration.

    An existing file is left alone.

    \b
    Example:
      visualdiff init
    """
    text = resources.files("visualdiff").joinpath("starter.yaml").read_bytes()
    try:
        with path.open("xb") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError(f"{path} exists already; it was not changed") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    click.echo(f"wrote {path}: name your two folders in it, then `visualdiff run`")
    return 0


@cli.command()
@click.argument("which", type=click.Choice(["config", "results"]), default="config")
def schema(which: str) -> int:
    """Print a JSON Schema.

    That of visualdiff.yaml (config), for editors, or of results.json (results), for readers of it.

    \b
    Example:
      visualdiff schema > visualdiff.schema.json
    """
    from visualdiff.config import config_schema  # noqa: PLC0415
    from visualdiff.report.results import load_results_schema  # noqa: PLC0415

    made = config_schema() if which == "config" else load_results_schema()
    click.echo(json.dumps(made, indent=2, ensure_ascii=False))
    return 0


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
