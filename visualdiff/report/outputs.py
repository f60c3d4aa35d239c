"""What a run writes beside its pictures: the names of outputs → files, and what they hold."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

from visualdiff.errors import ConfigError
from visualdiff.files import FORMAT_OF_SUFFIX, relative_to
from visualdiff.model import RunResult
from visualdiff.report.build import build_page
from visualdiff.report.html import render_page
from visualdiff.report.junit import render_junit
from visualdiff.report.markdown import render_markdown
from visualdiff.report.reg import render_reg
from visualdiff.report.results import render_results
from visualdiff.settings import Config, Output
from visualdiff.urls import is_url

NOWHERE: Final[Mapping[Output, Path]] = {}
FILES: Final[Mapping[Output, str]] = {
    "html": "index.html",
    "json": "results.json",
    "junit": "junit.xml",
    "markdown": "summary.md",
    "reg": "reg.json",
}
# From a run, and the folder of the file, to what is to be written into it.
_RENDERERS: Final[Mapping[Output, Callable[[RunResult, Path], Iterator[bytes]]]] = {
    "html": lambda result, _: render_page(build_page(result)),
    "json": lambda result, _: render_results(result),
    "junit": lambda result, _: render_junit(result),
    "markdown": lambda result, folder: render_markdown(result, _locate(result.config, folder)),
    "reg": render_reg,
}


def place_outputs(config: Config, paths: Mapping[Output, Path]) -> dict[Output, Path]:
    """Return the files of a run: those that its configuration wants, and `paths`, elsewhere."""
    placed = {name: config.report / FILES[name] for name in config.outputs if name in FILES}
    return placed | dict(paths)


def refuse_places(config: Config, paths: Mapping[Output, Path]) -> None:
    """Raise `ConfigError` where an output would replace an image, or a file of another output."""
    taken: dict[Path, Output] = {(config.report / FILES[name]).resolve(): name for name in FILES}
    for name, path in paths.items():
        if path.suffix.lower() in FORMAT_OF_SUFFIX:
            raise ConfigError(f"{name}: {path} would be an image by its name; choose another file")
        holder = taken.setdefault(path.resolve(), name)
        if holder != name:
            raise ConfigError(f"{name}: {path} is the file for {holder}; choose another")


def render_output(name: Output, result: RunResult, folder: Path) -> Iterator[bytes]:
    """Yield what a file of an output holds that lies in `folder`, piece by piece."""
    return _RENDERERS[name](result, folder)


def find_page(config: Config) -> Path:
    """Return where a person looks first: the page, or its folder where no page is written."""
    return config.report / FILES["html"] if "html" in config.outputs else config.report


def _locate(config: Config, folder: Path) -> str:
    """Return the URL of the report as a file in `folder` would tell it."""
    relative = relative_to(folder, config.report)
    kept = ":/" if is_url(relative) else "/"
    return config.url_prefix or ("" if relative == "." else quote(relative, safe=kept))
