"""results.json → the run that it tells of: the same bytes again, or what is wrong with it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from drawing import draw_glyphs, draw_page
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from suite import GREEN, Suite

from visualdiff import Config, RunResult, load_config, run
from visualdiff.errors import ReportError
from visualdiff.model import (
    Comparison,
    FocusScore,
    IgnoredPixels,
    Motion,
    PairResult,
    Region,
    RegionKind,
    Shard,
    Status,
)
from visualdiff.report.build import build_page
from visualdiff.report.html import render_page
from visualdiff.report.loading import _parse, load_results
from visualdiff.report.results import render_results
from visualdiff.settings import Focus, Mask, Policy, Settings

ROOT = Path(__file__).resolve().parents[1]
NAMES = (
    "<script>alert(1)</script>.png",
    "quotes \" and ' and \\.png",
    "deep/er/folder.d/日本語/ünï.png",
    "line\nbreak \u2028.png",
    os.fsdecode(b"latin-\xe9.png"),
)


def write(path: Path, image: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())


def assert_same_again(report: Path) -> RunResult:
    """Require that what is loaded renders as what was written, and return it."""
    loaded = load_results(report / "results.json")
    assert b"".join(render_results(loaded)) == (report / "results.json").read_bytes()
    assert b"".join(render_page(build_page(loaded))) == (report / "index.html").read_bytes()
    return loaded


class TestRealRuns:
    def test_the_demo_set(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "visualdiff", "run", "--report", str(tmp_path / "report")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 1, done.stderr
        loaded = assert_same_again(tmp_path / "report")
        assert not loaded.passed
        assert loaded.config.folder == ROOT
        assert loaded.config.candidates == ROOT / "tests" / "demo" / "candidates"

    def test_one_of_everything(self, report: Path) -> None:
        loaded = assert_same_again(report.parent)
        assert {item.status for item in loaded.results} == set(Status)

    def test_hostile_names(self, tmp_path: Path) -> None:
        page = draw_page(3, width=80)
        for name in NAMES:
            write(tmp_path / "old" / name, page)
            write(tmp_path / "new" / name, 255 - page)
        config = tmp_path / "visualdiff.yaml"
        config.write_text("baselines: old\ncandidates: new\nexecutor: serial\n")
        run(load_config(config))
        loaded = assert_same_again(tmp_path / "visualdiff-report")
        assert {item.name for item in loaded.results} >= set(NAMES[:-1])

    def test_masks_focus_motion_and_rows(self, tmp_path: Path) -> None:
        page, photo = draw_page(30, width=300), draw_glyphs()
        write(tmp_path / "old" / "rows.png", page)
        write(tmp_path / "new" / "rows.png", np.insert(page, 90, 200, axis=0))
        turned = cv2.warpAffine(
            photo,
            cv2.getRotationMatrix2D((0, 0), 0.4, 1.01),
            (photo.shape[1], photo.shape[0]),
            borderValue=(255, 255, 255),
        )
        write(tmp_path / "old" / "photo.png", photo)
        write(tmp_path / "new" / "photo.png", np.asarray(turned, np.uint8))
        changed = page.copy()
        changed[20:60, 20:90] = (30, 90, 200)
        for name in ("masked.png", "focus.png"):
            write(tmp_path / "old" / name, page)
            write(tmp_path / "new" / name, changed)
        write(tmp_path / "mask.png", np.zeros(page.shape[:2], np.uint8))
        (tmp_path / "visualdiff.yaml").write_text(
            "baselines: old\ncandidates: new\nexecutor: serial\npreset: lenient\non_shift: warn\n"
            "overrides:\n"
            "- {match: photo.png, align: similarity, on_size_mismatch: crop}\n"
            "- {match: masked.png, masks: [{x: 10, y: 5%, width: 50%, height: 30}],"
            " mask_images: [mask.png], mask_colour: '#ff00ff', max_diff_ratio: 0.5}\n"
            "- {match: focus.png, focus: [{x: 0, y: 0, width: 100, height: 80, threshold: 0.5}]}\n"
        )
        run(load_config(tmp_path / "visualdiff.yaml", single_file=True, only=("*.png",)))
        loaded = assert_same_again(tmp_path / "visualdiff-report")
        by_name = {item.name: item for item in loaded.results}
        photo_found = by_name["photo.png"].comparison
        assert photo_found
        assert photo_found.motion
        settings = by_name["masked.png"].settings
        assert settings
        assert settings.mask_images == (tmp_path / "mask.png",)
        assert (loaded.config.only, loaded.config.single_file) == (("*.png",), True)

    def test_images_of_tests(self, suite: Suite) -> None:
        suite.accept("home.png", "other.png")
        suite.accept("same.png", data=GREEN)
        suite.write(
            "test_a.py",
            "import pytest\n"
            "@pytest.mark.parametrize('name', ['home.png', 'other.png', 'new.png', 'same.png'])\n"
            "def test_it(name, assert_images_match):\n"
            "    mask = dict(x=0, y=0, width=9, height=9)\n"
            "    assert_images_match('green.png', name, masks=[mask])",
        )
        suite.run()
        loaded = assert_same_again(suite.report)
        assert loaded.results[0].test == "test_a.py::test_it[home.png]"

    @pytest.mark.parametrize("variables", ["{}", "{size: small}"])
    def test_the_environment_is_that_of_the_run(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: str
    ) -> None:
        for side in ("old", "new"):
            write(tmp_path / side / "home.png", draw_page(3, width=80))
        (tmp_path / "visualdiff.yaml").write_text(
            "baselines: old\ncandidates: new\nexecutor: serial\n"
            f"variables: {variables}\n"
            f"variants: ['{{name}}-{{platform}}', '{{name}}']\n"
        )
        with monkeypatch.context() as patch:
            patch.setattr("sys.platform", "darwin")
            run(load_config(tmp_path / "visualdiff.yaml"))
        assert_same_again(tmp_path / "visualdiff-report")

    def test_a_report_that_was_moved_names_what_lies_where_it_is_now(self, tmp_path: Path) -> None:
        folder = tmp_path / "a" / "b"
        for side in ("old", "new"):
            write(folder / side / "home.png", draw_page(3, width=80))
        (folder / "visualdiff.yaml").write_text(
            "baselines: old\ncandidates: new\nexecutor: serial\n"
        )
        run(load_config(folder / "visualdiff.yaml"))
        (tmp_path / "c").mkdir()
        folder.rename(tmp_path / "c" / "d")
        config = load_results(tmp_path / "c" / "d" / "visualdiff-report" / "results.json").config
        assert config.baselines == tmp_path / "c" / "d" / "old"


def list_settings() -> st.SearchStrategy[Settings]:
    place = st.integers(-9, 9) | st.sampled_from(["12.5%", "-3%"])
    size = st.integers(1, 9) | st.just("50%")
    share = st.floats(0, 1)
    mask = {"x": place, "y": place, "width": size, "height": size}
    return st.builds(
        Settings,
        preset=st.sampled_from(["strict", "default", "lenient"]),
        threshold=share,
        max_diff_pixels=st.none() | st.integers(0, 9),
        tolerance=st.floats(0, 100),
        masks=st.lists(st.builds(Mask, **mask), max_size=2).map(tuple),
        focus=st.lists(st.builds(Focus, **mask, threshold=st.none() | share), max_size=2).map(
            tuple
        ),
        mask_images=st.lists(st.just(Path("/p/masks/a.png")), max_size=1).map(tuple),
        on_shift=st.sampled_from(Policy),
    )


TEXT = st.text(st.characters(), max_size=9)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
COUNT = st.integers(0, 9)
CHANNELS = st.dictionaries(st.sampled_from(["red", "green", "blue"]), st.floats(-1, 1), min_size=1)
SIZE = st.tuples(st.integers(1, 99), st.integers(1, 99))
REGIONS = st.builds(
    Region,
    kind=st.sampled_from(RegionKind),
    space=st.sampled_from(["baseline", "candidate"]),
    change=st.sampled_from(["", "0123456789ab"]),
    description=TEXT,
)
FOCUS = st.builds(FocusScore, threshold=st.floats(0, 1), score=st.floats(-1, 1), channels=CHANNELS)


@st.composite
def make_comparison(draw: st.DrawFn) -> Comparison:
    found = draw(
        st.builds(
            Comparison,
            status=st.sampled_from(Status),
            threshold=st.floats(0, 1),
            score=st.floats(-1, 1),
            channels=CHANNELS,
            diff_ratio=st.floats(0, 1),
            ignored_pixels=st.builds(IgnoredPixels, masked=COUNT, grain=COUNT),
            width=st.integers(1, 99),
            height=st.integers(1, 99),
            baseline_size=SIZE,
            candidate_size=SIZE,
            regions=st.lists(REGIONS, max_size=3).map(tuple),
            focus=st.lists(FOCUS, max_size=2).map(tuple),
            fitted=st.sampled_from(["equal", "aligned", "padded", "cropped", "scaled"]),
            motion=st.none()
            | st.builds(
                Motion,
                dx=st.floats(-9, 9),
                dy=st.floats(-9, 9),
                rotation_degrees=st.floats(-9, 9),
                scale=st.floats(0.5, 2),
            ),
            largest_ignored=st.dictionaries(st.just("grain"), st.floats(0, 9)),
        )
    )
    return replace(found, raw_channels=found.channels)


RESULTS = st.builds(
    PairResult,
    name=TEXT,
    status=st.sampled_from(Status),
    reasons=TEXTS,
    baseline=st.none() | TEXT,
    candidate=st.none() | TEXT,
    comparison=st.none() | make_comparison(),
    size=st.none() | SIZE,
    artifacts=st.dictionaries(st.sampled_from(["ignored", "pixels"]), st.just("assets/0a.png")),
    warnings=TEXTS,
    alternates=TEXTS,
    settings=st.none() | list_settings(),
    test=TEXT,
    attempts=st.integers(1, 9),
    updated=st.booleans(),
)


@settings(max_examples=40)
@given(
    results=st.lists(RESULTS, max_size=3),
    policy=st.sampled_from(Policy),
    seconds=st.floats(0, 1e6),
    warnings=TEXTS,
    shard=st.none() | st.builds(Shard, number=st.integers(1, 9), count=st.integers(9, 99)),
    reused=COUNT,
)
def test_whatever_was_found_is_the_same_again(
    results: list[PairResult],
    policy: Policy,
    seconds: float,
    warnings: tuple[str, ...],
    shard: Shard | None,
    reused: int,
) -> None:
    config = Config(
        folder=Path("/p"),
        baselines=Path("/p/old"),
        candidates=Path("/elsewhere/new"),
        report=Path("/p/q/report"),
        on_new=policy,
        workers=2,
    )
    ran = RunResult(
        results=tuple(results),
        config=config,
        command="visualdiff run",
        started="now",
        seconds=seconds,
        warnings=warnings,
        shard=replace(shard, fingerprint="0" * 16) if shard else None,
        reused=reused,
    )
    written = b"".join(render_results(ran))
    loaded = _parse(written, Path("/p/q/report"))
    assert b"".join(render_results(loaded)) == written
    assert (loaded.config, loaded.shard, loaded.reused) == (config, ran.shard, reused)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("run")
    page = draw_page(6, width=92)
    changed = np.insert(page, 30, 200, axis=0)
    changed[50:70, 5:40] = (30, 90, 200)
    for name in ("a.png", "gone.png"):
        write(folder / "old" / name, page)
    write(folder / "new" / "a.png", changed)
    (folder / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\nexecutor: serial\n")
    result = run(load_config(folder / "visualdiff.yaml"))
    told: dict[str, Any] = json.loads((result.config.report / "results.json").read_text("utf-8"))
    return told


def list_places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of everything in a document, as the keys that lead there."""
    if place:
        yield place
    items = value.items() if isinstance(value, dict) else ()
    for key, item in enumerate(value) if isinstance(value, list) else items:
        yield from list_places(item, (*place, key))


class TestWrongFiles:
    @given(data=st.data())
    def test_damage_is_told_or_does_no_harm(
        self, document: dict[str, Any], data: st.DataObject
    ) -> None:
        damaged = json.loads(json.dumps(document))
        *steps, last = data.draw(st.sampled_from(list(list_places(document))))
        holder = damaged
        for step in steps:
            holder = holder[step]
        values = [None, -1, 0, 2.5, "", "../x", True, [], {}, [None], {"x": 1}]
        holder[last] = data.draw(st.sampled_from(values))
        try:
            loaded = _parse(json.dumps(damaged).encode(), Path("/p/report"))
        except ReportError:
            return
        list(render_results(loaded))
        list(render_page(build_page(loaded)))

    @pytest.mark.parametrize(
        "place",
        [
            *("schema_version", "run", "results", "run folder", "run settings", "run seconds"),
            *("results 0 name", "results 0 status", "results 0 settings", "results 0 score"),
            *("results 0 channels", "results 0 width", "results 0 candidate", "results 0 test"),
        ],
    )
    def test_what_lacks_is_told(self, document: dict[str, Any], place: str) -> None:
        lacking = json.loads(json.dumps(document))
        *steps, last = place.split()
        holder = lacking
        for step in steps:
            holder = holder[int(step) if step.isdecimal() else step]
        del holder[last]
        with pytest.raises(ReportError, match=last):
            _parse(json.dumps(lacking).encode(), Path("/p/report"))

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "Expecting value"),
            (b"{}", "schema_version: Field required"),
            (b"[]", "Input should be"),
            (b"\x80abc", "utf-8"),
            (b"[" * 100_000, "recursion"),
            (b'{"schema_version": 2}', "schema_version: Input should be 1"),
            (b'{"schema_version": NaN}', "it holds NaN"),
        ],
        ids=str,
    )
    def test_a_foreign_file_is_named_with_what_to_do(
        self, tmp_path: Path, content: bytes, said: str
    ) -> None:
        path = tmp_path / "results.json"
        path.write_bytes(content)
        with pytest.raises(ReportError) as caught:
            load_results(path)
        told = str(caught.value)
        assert told.startswith(f"{path} is not of this visualdiff (")
        assert said in told
        assert told.endswith("`visualdiff run`")
        assert "\n" not in told

    @pytest.mark.parametrize("told", ["2", "0/4", "5/4", "a/b", "1/2/3", "1/2", "1/1001"])
    def test_a_shard_is_whole(self, document: dict[str, Any], told: str) -> None:
        damaged = json.loads(json.dumps(document))
        damaged["run"]["shard"] = told
        if told == "1/1001":  # of which the rest would be counted up
            damaged["run"] |= {"fingerprint": "f", "pairs": {"total": 1, "missing": 0, "new": 0}}
        with pytest.raises(ReportError, match=r"shard|int\(\)|unpack"):
            _parse(json.dumps(damaged).encode(), Path("/p/report"))

    @pytest.mark.parametrize("place", ["run seconds", "results 0 score", "results 0 diff_ratio"])
    def test_no_number_is_infinite(self, document: dict[str, Any], place: str) -> None:
        damaged = json.loads(json.dumps(document))
        *steps, last = place.split()
        holder = damaged
        for step in steps:
            holder = holder[int(step) if step.isdecimal() else step]
        holder[last] = "endless"
        text = json.dumps(damaged).replace('"endless"', "-1e999")
        with pytest.raises(ReportError, match="it holds -1e999"):
            _parse(text.encode(), Path("/p/report"))

    @pytest.mark.parametrize("key", ["folder", "baselines", "candidates"])
    @pytest.mark.parametrize("path", ["a\0b", "\ud800"], ids=["NUL", "half"])
    def test_a_path_that_no_file_can_have_is_refused(
        self, document: dict[str, Any], key: str, path: str
    ) -> None:
        damaged = json.loads(json.dumps(document))
        damaged["run"][key] = path
        with pytest.raises(ReportError, match=r"a path|surrogates not allowed"):
            _parse(json.dumps(damaged).encode(), Path("/p/report"))

    def test_a_file_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(ReportError, match=r"none.json: cannot be read: No such file"):
            load_results(tmp_path / "none.json")

    @pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "assets/../x.png"])
    def test_no_other_file_can_be_brought_into_a_page(
        self, document: dict[str, Any], path: str
    ) -> None:
        damaged = json.loads(json.dumps(document))
        damaged["results"][0]["artifacts"]["baseline"] = path
        with pytest.raises(ReportError, match="artifact baseline is"):
            _parse(json.dumps(damaged).encode(), Path("/p/report"))
