"""What the server shows: the page, and the files that the report of this run names."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from visualdiff.errors import ReviewError
from visualdiff.files import ASSETS, list_names, read_file
from visualdiff.model import RunResult
from visualdiff.report import RESULTS
from visualdiff.report.assets import MIME_TYPES, list_paths
from visualdiff.report.build import build_page
from visualdiff.report.html import render_page, write_policy
from visualdiff.report.loading import load_results

# A report may be somebody else's: what is no picture shall not be taken for a page.
_UNKNOWN: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the report."""

    data: bytes
    media_type: str


class Pages:
    """The report of one run. Raises `ReviewError` unless it is that of `run`."""

    def __init__(self, report: Path, folder: Path, run: str) -> None:
        self._result = _load(report, folder)
        self._report = report.resolve()
        self._names = frozenset(list_paths(self._result.results))
        if build_page(self._result).run != run:
            raise ReviewError(f"{report}: was written anew a moment ago; try again")

    @property
    def policy(self) -> str:
        """The Content-Security-Policy of the page, which no other page may frame."""
        return f"{write_policy(served=True)}; frame-ancestors 'none'"

    def render(self) -> Iterator[bytes]:
        """Yield the page piece by piece."""
        page = replace(build_page(self._result), title="visualdiff review")
        return render_page(page, served=True)

    def read_asset(self, name: str) -> Asset | None:
        """Return a file that results.json lists, if it is there and no link leads elsewhere."""
        if name not in self._names:
            return None
        path = self._report / name
        if path.resolve() != path:
            return None
        try:
            return Asset(read_file(path), MIME_TYPES.get(path.suffix, _UNKNOWN))
        except OSError:
            return None


def _load(report: Path, folder: Path) -> RunResult:
    result = load_results(report / RESULTS, folder)
    try:
        list_names(report / ASSETS)  # of a store: the page tells how large its pictures are
    except OSError as error:
        raise ReviewError(f"{report}: cannot be listed: {error.strerror}") from error
    return replace(result, config=replace(result.config, single_file=False))
