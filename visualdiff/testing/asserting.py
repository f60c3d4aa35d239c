"""The images of a test → their results: named, captured, compared with what settings say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import PurePath
from typing import Any

from visualdiff.errors import ConfigError, ImageError
from visualdiff.model import PairResult, Status
from visualdiff.settings import Policy
from visualdiff.testing.captures import find_browser, is_live, take_capture
from visualdiff.testing.judging import Judge
from visualdiff.testing.names import check_name, read_name
from visualdiff.testing.project import Project, choose_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a call or a marker may say beside settings.

    `soft`: go on after a difference, and fail at the end of the test. `timeout`: seconds within
    which something live must match or come to rest. `bgr`: an array has OpenCV's channel order.
    `variables`: values of placeholders in variants, such as that of `{browser}`.
    """

    soft: bool = False
    timeout: float = 5.0
    bgr: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)


class ImageAsserter:
    """Compares the images of one test; `results` are those so far, in order.

    `default_name` names images that are given no name, by their number from 1; `layers` are the
    settings and options of markers, the later ones of which count more.
    """

    def __init__(
        self,
        project: Project,
        test: str,
        default_name: Callable[[int], str],
        layers: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.results: list[PairResult] = []
        self.soft_failures: list[PairResult] = []
        self._project = project
        self._test = test
        self._default_name = default_name
        self._layers = layers
        self._unnamed = 0

    def check(
        self, image: object, name: str | PurePath | None, given: Mapping[str, Any]
    ) -> PairResult:
        """Compare an image with its baseline and return the result, which is kept too.

        Raises `UnsupportedImageError`, `BaselineNameError`, and `ConfigError` for wrong settings.
        """
        __tracebackhide__ = True
        options, layers = _split_options((*self._layers, given))
        name = self._name_next() if name is None else read_name(name)
        take = partial(take_capture, image, bgr=options.bgr)
        capture, problem = b"", None
        try:
            capture = take()
        except ImageError as error:
            problem = error
        name = check_name(name, _guess_format(capture))
        settings = choose_settings(self._project, name, layers)
        if problem:
            result = _describe_problem(name, problem)
        else:
            retake = take if is_live(image) else None
            judge = Judge(
                config=self._project.config,
                name=name,
                settings=settings,
                update=self._project.update,
                keeper=self._project.keeper,
                shelf=self._project.shelf,
                owner=f"{self._test} {len(self.results)}",
                variables={**self._name_browser(image), **options.variables},
            )
            try:
                result = judge.judge(capture, retake, options.timeout)
            except ImageError as error:  # of a later capture
                result = _describe_problem(name, error)
        result = replace(result, settings=settings, test=self._test)
        self.results.append(result)
        if options.soft and self.is_failure(result):
            self.soft_failures.append(result)
        return result

    def is_failure(self, result: PairResult) -> bool:
        """Return whether a result fails its test, now or at its end."""
        if result.status is Status.NEW:
            return self._project.config.on_new is Policy.FAIL
        return result.status is not Status.PASSED

    def is_soft(self, result: PairResult) -> bool:
        """Return whether a result is kept for the end of the test."""
        return any(result is failure for failure in self.soft_failures)

    def _name_browser(self, image: object) -> dict[str, str]:
        """Return the variable for the browser that shows an image, unless a person named it."""
        if "browser" in self._project.config.variables:
            return {}
        browser = find_browser(image)
        return {"browser": browser} if browser else {}

    def _name_next(self) -> str:
        self._unnamed += 1
        return self._default_name(self._unnamed)


def _split_options(
    layers: Sequence[Mapping[str, Any]],
) -> tuple[Options, list[dict[str, Any]]]:
    """Return the options that layers say, of which later ones win, and the settings of each."""
    names = {item.name for item in fields(Options)}
    given: dict[str, Any] = {}
    settings = []
    for layer in layers:
        given |= {key: value for key, value in layer.items() if key in names}
        settings.append({key: value for key, value in layer.items() if key not in names})
    options = Options(**given)
    for name in ("soft", "bgr"):
        if not isinstance(getattr(options, name), bool):
            raise ConfigError(f"{name}: got {given[name]!r}, wanted True or False")
    timeout: object = options.timeout
    variables: object = options.variables
    if not (
        isinstance(variables, Mapping)
        and all(isinstance(text, str) for text in variables.values())
    ):
        raise ConfigError(f"variables: got {variables!r}, wanted names with texts")
    if not isinstance(timeout, (int, float)) or isinstance(timeout, bool) or not timeout >= 0:
        raise ConfigError(f"timeout: got {timeout!r}, wanted seconds, 0 or more")
    return options, settings


def _guess_format(capture: bytes) -> str:
    """Return the format that a file begins as, of those that screenshots have."""
    if capture.startswith(b"\xff\xd8"):
        return "JPEG"
    return "WebP" if capture[:4] == b"RIFF" and capture[8:12] == b"WEBP" else "PNG"


def _describe_problem(name: str, problem: ImageError) -> PairResult:
    why = f"candidate cannot be compared: {problem}"
    return PairResult(
        name=name, status=Status.ERROR, reasons=(why,), baseline=None, candidate=None
    )
