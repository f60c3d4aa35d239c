"""Captures of one image → its result; perhaps the last of them becomes the baseline."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from visualdiff.baselines import wants_update, write_baseline
from visualdiff.errors import BaselineError, ImageError
from visualdiff.files import locate, relative_to, write_atomically
from visualdiff.images import decode, parse_image
from visualdiff.model import Pair, PairResult, Status
from visualdiff.runner import check_safely
from visualdiff.settings import Config, Settings
from visualdiff.tasks import make_task
from visualdiff.testing.keeping import Keeper
from visualdiff.testing.settling import Settled, settle
from visualdiff.testing.shelf import Shelf
from visualdiff.urls import is_stand_in
from visualdiff.variants import Baselines, find_baselines


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Compares captures with the baselines of `name`, one of which `update` may have written.

    `variables` are what is known of the environment beside the configuration. `keeper` keeps what
    does not pass, for the call of a test that is its `owner`; `shelf` knows which baselines are
    in a store.
    """

    config: Config
    name: str
    settings: Settings
    update: str = "none"
    variables: Mapping[str, str] = field(default_factory=dict)
    keeper: Keeper = field(default_factory=Keeper)
    shelf: Shelf = field(default_factory=Shelf)
    owner: str = ""

    def judge(
        self, capture: bytes, retake: Callable[[], bytes] | None, timeout: float
    ) -> PairResult:
        """Return the result of a capture, or of a later one within `timeout` seconds."""
        __tracebackhide__ = True
        # A folder of its own: tests in other processes may use the same name at the same time.
        with TemporaryDirectory(prefix="visualdiff-") as folder:
            compare = partial(self._compare, Path(folder, Path(self.name).name))
            settled = settle(capture, retake, compare, timeout)
            result = _note_attempts(self._accept(settled, compare), settled, timeout)
        return self._keep(result, settled.capture)

    def _compare(self, place: Path, capture: bytes) -> PairResult:
        config = self.config
        write_atomically(place, capture)
        found = self._find_baselines()
        pair = Pair(
            name=self.name,
            baseline=found.baseline,
            candidate=place,
            alternates=found.alternates,
            target=found.target,
            problem=self._find_obstacle(found.target),
        )
        return check_safely(make_task(pair, self.settings, config))

    def _accept(self, settled: Settled, compare: Callable[[bytes], PairResult]) -> PairResult:
        """Write a capture as the baseline, if that is asked for; return the result after that."""
        before, capture = settled.result, settled.capture
        if not (settled.stable and wants_update(self.update, before) and self._is_image(capture)):
            return before
        shown = locate(self.config.folder, before.baseline) if before.baseline else None
        place = shown or self._find_baselines().target
        try:
            if not write_baseline(place, capture):
                return before
        except BaselineError as error:
            return replace(before, status=Status.ERROR, reasons=(str(error),))
        self.shelf.add(place)
        why = "; ".join(before.reasons) or "other bytes, nothing visible"
        after = compare(capture)
        return replace(after, updated=True, warnings=(f"baseline written: {why}", *after.warnings))

    def _find_baselines(self) -> Baselines:
        list_names = partial(self.shelf.list_names, self.config.baselines)
        return find_baselines(self.config, self.name, self.variables, list_names)

    def _find_obstacle(self, target: Path) -> str:
        """Return what stands where a baseline or their folder would, or ""."""
        baselines = self.config.baselines
        if is_stand_in(baselines):
            return ""
        if baselines.exists() and not baselines.is_dir():
            return f"baselines: {baselines} is a file, wanted a folder"
        return f"baseline {target} is a folder, wanted a file" if target.is_dir() else ""

    def _is_image(self, capture: bytes) -> bool:
        """Return whether a capture can be read: what cannot must not become a baseline."""
        try:
            decode(parse_image(capture, self.config.max_image_pixels))
        except ImageError:
            return False
        return True

    def _keep(self, result: PairResult, capture: bytes) -> PairResult:
        """Keep the candidate of a pair that did not pass, to be looked at and accepted."""
        if result.status is Status.PASSED:
            return replace(result, candidate=None)
        kept = self.config.candidates / self.name
        try:
            kept = self.keeper.keep(kept, self.owner, capture)
        except OSError as error:
            lost = f"candidate cannot be kept as {kept}: {error.strerror}"
            return replace(result, candidate=None, warnings=(*result.warnings, lost))
        return replace(result, candidate=relative_to(self.config.folder, kept))


def _note_attempts(result: PairResult, settled: Settled, timeout: float) -> PairResult:
    """Return a result that tells if its capture was not the first one, or one of many.

    Captures that showed that a new baseline rests were no attempts to match.
    """
    if result.updated and settled.result.status is not Status.PASSED:
        return result
    attempts = settled.attempts
    words = ""
    if not settled.stable:
        words = f"did not come to rest within {timeout:g} s, in {attempts} captures"
    elif result.status is Status.PASSED and attempts > 1:
        words = f"flaky: only capture {attempts} matched"
    warnings = (*result.warnings, words) if words else result.warnings
    return replace(result, attempts=attempts, warnings=warnings)
