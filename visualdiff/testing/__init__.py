"""Assertions on images, for pytest and for other test runners.

With pytest, the fixture `assert_images_match` is the better choice: it names baselines, reads its
options, and reports all tests together. This function is for unittest and all others.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from visualdiff.model import PairResult
    from visualdiff.testing.fixture import AssertImagesMatch

__all__ = ["AssertImagesMatch", "assert_images_match"]

# unittest leaves out the frames of such modules from what it shows of a failure.
__unittest = True

# Every test session of pytest imports this package: what it needs is imported when it is used.


def assert_images_match(
    image: object,
    baseline: str | Path,
    *,
    report: str | Path = "visualdiff-report",
    config: str | Path | None = None,
    **settings: Any,
) -> "PairResult":
    """Compare an image with the baseline at a path; raise `AssertionError` that says what differs.

    `image` and `settings` are those of the fixture `assert_images_match`, without `soft`. After
    a failure, the folder `report` holds the report of all that this process has compared. `config`
    is a visualdiff.yaml whose settings count less. With the environment variable VISUALDIFF_UPDATE
    set to missing, changed or all, baselines are written; not where CI is set.
    """
    __tracebackhide__ = True
    from visualdiff.errors import VisualdiffError  # noqa: PLC0415 - see above
    from visualdiff.testing.process import check_image  # noqa: PLC0415

    update = os.environ.get("VISUALDIFF_UPDATE", "none")
    try:
        _refuse_urls(baseline=baseline, report=report)
        result, failure = check_image(
            image, Path(baseline), Path(report), config, update, settings
        )
    except VisualdiffError as error:
        # Where in visualdiff it was raised tells a tester nothing.
        raise error.with_traceback(None) from None
    if failure:
        raise AssertionError(failure)
    return result


def _refuse_urls(**places: str | Path) -> None:
    """Raise `ConfigError` for a URL: only pytest knows when a store is to be asked, and told."""
    from visualdiff.errors import ConfigError  # noqa: PLC0415 - see above
    from visualdiff.urls import is_url  # noqa: PLC0415

    for name, place in places.items():
        if is_url(str(place)):
            raise ConfigError(
                f"{name}: got {place}, wanted a path; URLs are for the fixture of pytest"
            )


def __getattr__(name: str) -> Any:
    # The fixture's type, for annotations: it needs pytest.
    if name != "AssertImagesMatch":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from visualdiff.testing.fixture import AssertImagesMatch  # noqa: PLC0415 - see above

    return AssertImagesMatch
