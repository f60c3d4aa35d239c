import dataclasses
import pickle
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualdiff.errors import ConfigError, ImageError, VisualdiffError, WorkerStartError
from visualdiff.model import (
    Comparison,
    FocusScore,
    IgnoredPixels,
    Interrupt,
    Pair,
    PairResult,
    Region,
    RegionKind,
    RunResult,
    Shard,
    Status,
)
from visualdiff.settings import Config, Focus, Mask, Override, Policy, Settings


def make_run(statuses: list[Status], on_new: Policy, on_missing: Policy) -> RunResult:
    config = Config(
        folder=Path("/project"),
        baselines=Path("/project/old"),
        candidates=Path("/project/new"),
        on_new=on_new,
        on_missing=on_missing,
    )
    results = tuple(
        PairResult(name=f"{number}.png", status=status, reasons=(), baseline=None, candidate=None)
        for number, status in enumerate(statuses)
    )
    return RunResult(results=results, config=config, command="", started="", seconds=0.0)


def make_comparison(status: Status) -> Comparison:
    region = Region(
        x=1,
        y=2,
        width=3,
        height=4,
        diff_pixels=5,
        kind=RegionKind.MOVED,
        space="candidate",
        channel="blue",
        description="moved",
    )
    return Comparison(
        status=status,
        reasons=("score",),
        threshold=0.99,
        score=0.5,
        channels={"gray": 0.5},
        raw_channels={"gray": 0.4},
        diff_pixels=5,
        diff_ratio=0.1,
        ignored_pixels=IgnoredPixels(masked=1),
        width=10,
        height=10,
        baseline_size=(10, 10),
        candidate_size=(10, 10),
        regions=(region,),
        masked_pixels=4,
        focus=(
            FocusScore(
                x=0,
                y=0,
                width=1,
                height=1,
                threshold=0.5,
                score=0.5,
                channels={"gray": 0.5},
                diff_pixels=1,
                passed=True,
            ),
        ),
    )


PASSED, FAILED, NEW, MISSING, ERROR = Status
FAIL, WARN, IGNORE = Policy


@pytest.mark.parametrize(
    ("statuses", "on_new", "on_missing", "passes"),
    [
        pytest.param([], IGNORE, IGNORE, False, id="an empty run"),
        pytest.param([PASSED], FAIL, FAIL, True, id="all passed"),
        pytest.param([PASSED, FAILED], IGNORE, IGNORE, False, id="one failed"),
        pytest.param([PASSED, ERROR], IGNORE, IGNORE, False, id="one unreadable"),
        pytest.param([PASSED, NEW], FAIL, IGNORE, False, id="new, and that fails"),
        pytest.param([PASSED, NEW], WARN, FAIL, True, id="new, and that warns"),
        pytest.param([PASSED, NEW], IGNORE, FAIL, True, id="new, and that is ignored"),
        pytest.param([NEW], WARN, FAIL, False, id="only new, so nothing was compared"),
        pytest.param([PASSED, MISSING], IGNORE, FAIL, False, id="missing, and that fails"),
        pytest.param([PASSED, MISSING], FAIL, WARN, True, id="missing, and that warns"),
        pytest.param([PASSED, MISSING], FAIL, IGNORE, True, id="missing, and that is ignored"),
        pytest.param([MISSING, MISSING], IGNORE, IGNORE, False, id="no candidate at all"),
        pytest.param([NEW, MISSING], IGNORE, WARN, False, id="new and missing, no pair"),
    ],
)
def test_whether_a_run_passes(
    statuses: list[Status], on_new: Policy, on_missing: Policy, passes: bool
) -> None:
    assert make_run(statuses, on_new, on_missing).passed is passes


@given(
    st.lists(st.sampled_from(Status)),
    st.sampled_from(Policy),
    st.sampled_from(Policy),
    st.sampled_from(get_args(Interrupt)),
)
@settings(deadline=None, max_examples=300)
def test_a_run_passes_only_without_a_failure_and_if_something_was_compared(
    statuses: list[Status], on_new: Policy, on_missing: Policy, interrupted: Interrupt
) -> None:
    compared = len(statuses) - statuses.count(MISSING) - statuses.count(NEW)
    wrong = FAILED in statuses or ERROR in statuses
    wrong = wrong or (NEW in statuses and on_new == "fail")
    wrong = wrong or (MISSING in statuses and on_missing == "fail")
    wrong = wrong or interrupted != ""
    run = dataclasses.replace(make_run(statuses, on_new, on_missing), interrupted=interrupted)
    assert run.passed == (compared > 0 and not wrong)
    assert [run.count(status) for status in Status] == [statuses.count(item) for item in Status]


@pytest.mark.parametrize(
    ("statuses", "missing", "new", "passes"),
    [
        pytest.param([], 0, 0, True, id="no pair for this shard"),
        pytest.param([MISSING], 1, 1, True, id="others have pairs"),
        pytest.param([PASSED, FAILED], 0, 0, False, id="one failed"),
        pytest.param([], 3, 0, False, id="no candidate in any shard"),
        pytest.param([], 1, 2, False, id="no pair in any shard"),
        pytest.param([MISSING], 3, 0, False, id="no candidate in any shard, one missing here"),
    ],
)
def test_whether_a_shard_passes(
    statuses: list[Status], missing: int, new: int, passes: bool
) -> None:
    shard = Shard(number=1, count=2, total=3, missing=missing, new=new, fingerprint="0")
    run = dataclasses.replace(make_run(statuses, FAIL, IGNORE), shard=shard)
    assert run.passed is passes


@pytest.mark.parametrize("status", Status)
def test_a_comparison_passed_when_its_status_says_so(status: Status) -> None:
    assert make_comparison(status).passed is (status.value == "passed")


def test_ignored_pixels_are_summed_over_all_reasons() -> None:
    ignored = IgnoredPixels(masked=1, transparent=20, tolerance=300, antialiasing=4000)
    assert ignored.total == 4321
    assert IgnoredPixels().total == 0


def test_a_whole_run_crosses_processes_unchanged() -> None:
    run = make_run([PASSED, NEW], WARN, FAIL)
    full = dataclasses.replace(
        run.results[0],
        comparison=make_comparison(FAILED),
        artifacts={"diff": "assets/a.png"},
        warnings=("odd",),
    )
    override = Override(match="*.png", changes={"masks": (Mask(x=0, y=0, width=1, height=1),)})
    config = dataclasses.replace(run.config, overrides=(override,))
    run = dataclasses.replace(run, results=(full,), config=config)
    assert pickle.loads(pickle.dumps(run)) == run  # noqa: S301 - made in the line itself


@pytest.mark.parametrize(
    "value",
    [
        Settings(),
        Mask(x=0, y=0, width=1, height=1),
        Focus(x=0, y=0, width=1, height=1),
        Pair(name="a", baseline=None, candidate=None),
        make_comparison(PASSED),
        make_run([PASSED], FAIL, FAIL),
        make_run([PASSED], FAIL, FAIL).results[0],
        make_run([PASSED], FAIL, FAIL).config,
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_cannot_be_changed_nor_extended(value: Settings) -> None:
    name = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError, match=name):
        setattr(value, name, None)
    with pytest.raises((AttributeError, TypeError)):
        setattr(value, "another", None)  # noqa: B010 - mypy knows that there is no such field
    assert not hasattr(value, "__dict__")


def test_artifacts_are_not_shared_between_results() -> None:
    first, second = make_run([PASSED, PASSED], FAIL, FAIL).results
    assert first.artifacts is not second.artifacts


def test_a_configuration_error_keeps_its_mistakes_apart() -> None:
    error = ConfigError("threshold: got 2", "workers: got 0")
    assert error.mistakes == ("threshold: got 2", "workers: got 0")
    assert str(error) == "threshold: got 2\nworkers: got 0"


@pytest.mark.parametrize("kind", [ConfigError, ImageError, WorkerStartError])
def test_every_error_on_purpose_can_be_caught_as_one(kind: type[VisualdiffError]) -> None:
    assert issubclass(kind, VisualdiffError)
    assert not issubclass(kind, (OSError, ValueError))


def test_the_words_of_statuses_and_policies_are_those_of_the_contract() -> None:
    assert list(Status) == ["passed", "failed", "new", "missing", "error"]
    assert list(Policy) == ["fail", "warn", "ignore"]
    assert list(RegionKind) == [
        "added",
        "removed",
        "moved",
        "recoloured",
        "content",
        "resized",
        "restyled",
        "opacity",
        "inserted rows",
        "removed rows",
        "changed",
    ]


def test_the_defaults_are_those_of_the_contract() -> None:
    chosen = Settings()
    assert (chosen.threshold, chosen.max_diff_pixels, chosen.tolerance) == (0.99, None, 1.0)
    assert (chosen.antialiasing, chosen.ssim, chosen.masks) == ("ignore", "uniform", ())
    assert (chosen.mask_images, chosen.mask_colour, chosen.focus) == ((), "none", ())
    config = make_run([], FAIL, FAIL).config
    assert (config.include, config.exclude, config.workers) == (("**/*",), (), "auto")
    assert (config.report, config.max_image_pixels) == (Path("visualdiff-report"), 100_000_000)
