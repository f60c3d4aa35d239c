"""The report folder: results.json against its schema, the page against hostile names."""

import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import cv2
import numpy as np
import pytest
from holding import start_holder
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from visualdiff import Config, ConfigError, RunResult, load_config, run
from visualdiff.errors import ReportError
from visualdiff.heat import HEAT
from visualdiff.model import (
    Comparison,
    FocusScore,
    IgnoredPixels,
    Motion,
    PairResult,
    Region,
    RegionKind,
    Status,
)
from visualdiff.report.build import build_page
from visualdiff.report.html import _bundle, _dump, _find_templates, render_page
from visualdiff.report.page import Box, Entry, Page, Picture
from visualdiff.report.results import load_results_schema, render_results
from visualdiff.settings import Mask, Policy

ROLES = ("baseline", "candidate", "diff")
HOSTILE = [
    "<script>alert(1)</script>.png",
    "quotes \" and ' and `.png",
    "a&amp;b <i>.png",
    "100%25 #1 ?x=1 & y.png",
    "spaces  and + plus.png",
    "deep/er/folder.d/日本語/ünï.png",
    "rtl \u202egnp.exe.png",
    "line\nbreak.png",
    "{{ 7 * 7 }} {% raw %}.png",
    "javascript:alert(1).png",
    "-dash.png",
    "x" * 240 + ".png",
    os.fsdecode(b"latin-\xe9.png"),
]


class Links(HTMLParser):
    """Collects what a page links to, its ids, its elements, its text and its data."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.ids: set[str] = set()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        start = html.index('id="data">') + len('id="data">')
        self.data: dict[str, Any] = json.loads(html[start : html.index("</script>", start)])
        for entry in self.data["entries"]:
            pictures = entry.get("pictures", [])
            keys = ("url", "thumbnail", "mask")
            self.urls += [shown[key] for shown in pictures for key in keys if key in shown]
            self.urls += [entry[key] for key in ("ignored", "pixels") if key in entry]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), f"inline handler {name}"
            if name in {"href", "src"} and value:
                self.urls.append(value)
            if name == "id" and value:
                self.ids.add(value)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder = tmp_path_factory.mktemp("hostile # 100% <b>")
    for index, name in enumerate(HOSTILE):
        draw(folder / "old" / name, 0)
        draw(folder / "new" / name, 255 if index % 4 else 0)
    draw(folder / "new" / "only <new>.png", 9)
    draw(folder / "old" / "only <missing>.png", 9)
    (folder / "new" / "only <new> broken.png").write_bytes(b"<svg onload=alert(1)>")
    return run(configure(folder))


def draw(path: Path, square: int) -> None:
    image = np.full((40, 60, 3), 240, np.uint8)
    image[10:20, 10:40, 2] = square
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())


def configure(folder: Path, **changes: object) -> Config:
    path = folder / "visualdiff.yaml"
    path.write_text("baselines: old\ncandidates: new\nreport: report\nexecutor: serial\n")
    return load_config(path, **changes)


def read_results(result: RunResult) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(b"".join(render_results(result)))
    return document


def list_entries(page: Page, *, passed: bool = False) -> list[Entry]:
    return [entry for entry in page.entries if (entry.status == "passed") is passed]


def read_page(result: RunResult) -> Links:
    return Links((result.config.report / "index.html").read_text("utf-8"))


class TestPage:
    def test_every_link_resolves(self, hostile: RunResult) -> None:
        folder = hostile.config.report
        page = read_page(hostile)
        files = [url for url in page.urls if not url.startswith(("#", "data:"))]
        assert len(files) > 4 * 9
        for url in files:
            parts = urlsplit(url)
            assert (parts.scheme, parts.netloc, parts.query) == ("", "", ""), url
            assert (folder / unquote(parts.path)).is_file(), url
        for url in page.urls:
            if url.startswith("#") and len(url) > 1:
                assert url[1:] in page.ids, url

    def test_nothing_is_fetched_from_anywhere(self, hostile: RunResult) -> None:
        html = (hostile.config.report / "index.html").read_text("utf-8")
        without_namespaces = html.replace("http://www.w3.org/", "")
        for scheme in ("http:", "https:", 'src="//', "@import", 'type="module"'):
            assert scheme not in without_namespaces

    def test_names_are_text_and_never_markup(self, hostile: RunResult) -> None:
        page = read_page(hostile)
        assert page.tags.count("script") == 2
        assert "i" not in page.tags
        shown = "".join(page.texts)
        told = {entry["name"] for entry in page.data["entries"]}
        for name in HOSTILE:
            assert os.fsencode(name).decode("utf-8", "backslashreplace") in shown
            assert os.fsencode(name).decode("utf-8", "surrogateescape") in told or "\udce9" in name
        assert "49 {% raw %}" not in shown

    def test_every_picture_is_named_by_its_content(self, hostile: RunResult) -> None:
        import hashlib

        assets = list((hostile.config.report / "assets").iterdir())
        assert assets
        for path in assets:
            assert path.stem == hashlib.sha256(path.read_bytes()).hexdigest()[:20]

    def test_the_folder_holds_nothing_else(self, hostile: RunResult) -> None:
        names = {path.name for path in hostile.config.report.iterdir()}
        assert names == {
            ".visualdiff-lock",
            ".visualdiff-report",
            "assets",
            "index.html",
            "results.json",
        }

    def test_the_worst_pair_comes_first_and_passed_pairs_are_rows(
        self, hostile: RunResult
    ) -> None:
        page = build_page(hostile)
        statuses = [entry.status for entry in page.entries]
        order = ["failed", "error", "missing", "new", "passed"]
        assert statuses == sorted(statuses, key=order.index)
        assert page.headline == f"12 of {page.total} screenshots need a look"
        assert dict(page.counts) == {
            "passed": 4,
            "failed": 9,
            "new": 1,
            "missing": 1,
            "error": 1,
        }

    def test_a_failing_score_is_never_shown_as_passing(self) -> None:
        page = build_page(make_run([make_result(score=0.98996, threshold=0.99)]))
        (card,) = page.entries
        assert dict(card.facts)["Score"] == "0.98996"
        assert card.channels[0].score == "0.98996"
        assert card.channels[0].failed
        assert card.channels[0].percent < card.channels[0].threshold_percent

    @given(score=st.floats(-1, 1), threshold=st.floats(0, 1))
    def test_a_bar_reaches_its_mark_only_if_the_channel_passes(
        self, score: float, threshold: float
    ) -> None:
        page = build_page(make_run([make_result(score=score, threshold=threshold)]))
        bar = next(iter(page.entries)).channels[0]
        assert 0 <= bar.percent <= 100
        assert bar.failed == (score < threshold)
        if bar.failed:
            assert bar.percent <= bar.threshold_percent
        else:
            assert bar.percent >= bar.threshold_percent

    def test_the_legend_tells_every_colour_of_a_difference(self) -> None:
        legend = build_page(make_run([make_result()])).legend
        assert [words for words, _ in legend][0::7] == ["≤ 2", "> 60"]
        assert [colour for _, colour in legend] == [
            "#{:02x}{:02x}{:02x}".format(*step.colour) for step in HEAT
        ]

    def test_an_all_green_page_says_so(self) -> None:
        result = make_run([make_result(score=1.0, threshold=0.99, status=Status.PASSED)])
        page = build_page(result)
        assert (page.passed, page.headline) == (True, "1 screenshot matches")
        html = b"".join(render_page(page)).decode()
        assert "1 screenshot matches" in html

    def test_a_lone_surrogate_does_not_lose_the_report(self) -> None:
        result = make_run([make_result(name="caf\udce9.png")])
        assert b"caf\\udce9.png" in b"".join(render_page(build_page(result)))
        assert read_results(result)["summary"]["total"] == 1


class TestSingleFile:
    def test_the_pictures_are_in_the_page(self, hostile: RunResult) -> None:
        config = replace(hostile.config, single_file=True)
        page = b"".join(render_page(build_page(replace(hostile, config=config)))).decode()
        links = Links(page)
        files = dict(links.data["files"])
        told = {url for url in links.urls if url.startswith("assets/")}
        assert told
        assert files.keys() == told
        assert all(url.startswith(("data:image/", "data:text/css,")) for url in files.values())
        assert "Not in this file" not in page

    def test_what_was_left_out_is_said(self, hostile: RunResult) -> None:
        config = replace(hostile.config, single_file=True, max_inline_mb=0.001)
        page = build_page(replace(hostile, config=config))
        told = dict(page.facts)["Not in this file"]
        assert told == "pictures of 9 pairs, beyond 1 KB: see assets/"
        assert len(page.files) < len(list((hostile.config.report / "assets").iterdir()))

    def test_without_it_no_picture_is_in_the_page(self, hostile: RunResult) -> None:
        assert read_page(hostile).data["files"] == []
        assert dict(build_page(hostile).facts)["Pictures"].endswith(" files")


class TestScript:
    def test_modules_are_joined_behind_what_they_import(self, tmp_path: Path) -> None:
        (tmp_path / "main.js").write_text(
            'import { twice as double } from "./a.js";\nimport { one } from "./b.js";\n'
            "document.title = double(one);\n"
        )
        (tmp_path / "a.js").write_text(
            'import { one } from "./b.js";\nexport const twice = (x) => 2 * x * one;\n'
        )
        (tmp_path / "b.js").write_text("export const one = 1;\nexport async function two() {}\n")
        script = _bundle(tmp_path)
        assert script.index("bModule = ") < script.index("aModule = ") < script.index("mainModule")
        assert script.count("bModule = ") == 1
        assert "const { twice: double } = aModule;" in script
        assert "return { one, two };" in script
        assert "import" not in script
        assert "export" not in script

    def test_every_module_is_used(self) -> None:
        folder = _find_templates() / "js"
        script = _bundle(folder)
        for path in folder.iterdir():
            if not path.stem.startswith("served_"):
                assert f"const {path.stem}Module = " in script, path.name

    def test_served_modules_stand_for_others_in_a_served_page_only(self, tmp_path: Path) -> None:
        (tmp_path / "main.js").write_text('import { one } from "./a.js";\none();\n')
        (tmp_path / "a.js").write_text("export const one = () => 1;\n")
        (tmp_path / "served_a.js").write_text("export const one = () => 2;\n")
        assert "one = () => 1" in _bundle(tmp_path)
        script = _bundle(tmp_path, served=True)
        assert "const aModule = (() => {\nconst one = () => 2;" in script
        assert "() => 1" not in script

    @pytest.mark.parametrize("served", [False, True], ids=["file", "served"])
    def test_what_is_imported_is_exported(self, served: bool) -> None:
        script = _bundle(_find_templates() / "js", served=served)
        exports = {
            module: set(names.split(", "))
            for module, names in re.findall(
                r"^const (\w+Module) = .*?^return \{ ([^\n]*) \};$",
                script,
                re.DOTALL | re.MULTILINE,
            )
        }
        for names, module in re.findall(r"^const \{(.+)\} = (\w+Module);$", script, re.MULTILINE):
            wanted = {name.split(":")[0].strip() for name in names.split(",")}
            assert wanted <= exports[module], module

    def test_data_cannot_end_its_element(self) -> None:
        assert _dump(("</script><!--", 0, "")) == '["\\u003c/script>\\u003c!--",0,""]'


class TestResults:
    def test_the_file_follows_its_schema(self, hostile: RunResult) -> None:
        document = json.loads((hostile.config.report / "results.json").read_text("utf-8"))
        Draft202012Validator(load_results_schema()).validate(document)
        assert document["summary"]["total"] == len(document["results"]) == len(HOSTILE) + 3
        assert document["run"]["passed"] is False

    @pytest.mark.parametrize("count", [0, 1, 3])
    def test_the_pieces_are_laid_out_as_one_document(self, count: int) -> None:
        names = ["line\nbreak \u2028 [] {}.png", "b.png", "c.png"]
        result = make_run([make_result(name=name) for name in names[:count]])
        text = b"".join(render_results(result)).decode()
        document = json.loads(text)
        assert text == json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        assert [item["name"] for item in document["results"]] == names[:count]

    def test_a_long_report_is_never_held_whole(self) -> None:
        # The second result cannot be shown, which the first piece does not know.
        broken = replace(make_result(), comparison=object())  # type: ignore[arg-type]  # on purpose
        result = make_run([make_result(), broken])
        pieces = render_results(result)
        assert next(pieces)
        assert b"home.png" in next(pieces)
        with pytest.raises(AttributeError):
            next(pieces)

    def test_the_schema_refuses_what_is_not_documented(self, hostile: RunResult) -> None:
        document = read_results(hostile)
        validator = Draft202012Validator(load_results_schema())
        for place in (document, document["run"], document["results"][0], document["summary"]):
            place["surprise"] = 1
            assert not validator.is_valid(document)
            del place["surprise"]
        assert validator.is_valid(document)

    def test_artifacts_are_relative_to_the_file_and_exist(self, hostile: RunResult) -> None:
        document = read_results(hostile)
        paths = [path for item in document["results"] for path in item["artifacts"].values()]
        assert paths
        assert all((hostile.config.report / path).is_file() for path in paths)

    def test_results_survive_a_trip_to_another_process(self, hostile: RunResult) -> None:
        assert pickle.loads(pickle.dumps(hostile)) == hostile  # noqa: S301 - our own bytes

    def test_not_a_number_is_refused(self) -> None:
        with pytest.raises(ValueError, match="not JSON compliant"):
            list(render_results(make_run([make_result(score=float("nan"))])))

    def test_a_change_that_is_allowed_is_not_called_identical(self) -> None:
        result = make_run([make_result(score=0.7, threshold=0.1, status=Status.PASSED)])
        (row,) = list_entries(build_page(result), passed=True)
        assert (row.score, row.note) == ("0.7000", "5 px differ visibly, allowed")

    def test_a_passing_pair_says_what_was_ignored_and_by_which_preset(self) -> None:
        result = make_result(status=Status.PASSED, score=1.0)
        found = result.comparison
        assert found is not None
        found = replace(
            found,
            diff_pixels=0,
            ignored_pixels=IgnoredPixels(tolerance=3, antialiasing=1204),
            largest_ignored={"tolerance": 2.04, "antialiasing": 4.13},
            preset="lenient",
            tolerance=2.5,
        )
        run = make_run([replace(result, comparison=found)])
        (row,) = list_entries(build_page(run), passed=True)
        assert row.note == (
            "3 px below the tolerance ignored, largest ΔE 2.0; "
            "1,204 px of anti-aliasing ignored, largest ΔE 4.1; preset lenient"
        )
        failed = replace(result, status=Status.FAILED, comparison=found)
        (card,) = list_entries(build_page(make_run([failed])))
        assert dict(card.facts)["Preset"] == "lenient"
        assert dict(card.facts)["Ignored"] == (
            "3 px below the tolerance, largest ΔE 2.0; 1,204 px of anti-aliasing, largest ΔE 4.1"
        )
        assert "Preset" not in dict(build_page(run).facts)
        lenient = replace(run, config=replace(run.config, preset="lenient"))
        assert dict(build_page(lenient).facts)["Preset"] == "lenient"

    def test_results_tell_the_settings_that_are_not_the_defaults(self) -> None:
        run = make_run([make_result()])
        (plain,) = read_results(run)["results"]
        assert plain["settings"] == {"preset": "default"}
        mask = Mask(x=1, y=2, width=3, height=4)
        changed = replace(run.config, on_shift=Policy.WARN, masks=(mask,), tolerance=3.0)
        (result,) = read_results(replace(run, config=changed))["results"]
        assert result["settings"] == {
            "preset": "default",
            "tolerance": 3.0,
            "masks": [{"x": 1, "y": 2, "width": 3, "height": 4}],
            "on_shift": "warn",
        }

    def test_rows_that_are_allowed_are_not_called_identical(self) -> None:
        result = make_result(status=Status.PASSED, score=1.0)
        found = result.comparison
        assert found is not None
        band = replace(
            found.regions[0],
            kind=RegionKind.INSERTED_ROWS,
            description="48 rows inserted at y = 100",
        )
        found = replace(found, regions=(band,), diff_pixels=0, ignored_pixels=IgnoredPixels())
        (row,) = list_entries(
            build_page(make_run([replace(result, comparison=found)])), passed=True
        )
        assert row.note == "48 rows inserted at y = 100, allowed"

    def test_what_was_not_compared_is_told_on_cards_and_rows(self) -> None:
        result = make_result()
        assert result.comparison is not None
        area = FocusScore(
            x=1,
            y=2,
            width=3,
            height=4,
            threshold=0.9,
            score=0.95,
            channels={"red": 0.95},
            diff_pixels=0,
            passed=True,
        )
        found = replace(result.comparison, masked_pixels=19, focus=(area,))
        (card,) = list_entries(build_page(make_run([replace(result, comparison=found)])))
        facts = dict(card.facts)
        assert facts["Score over"] == "81.00 % of the image: 19 px masked"
        assert facts["focus[0]"] == "0.9500, wanted ≥ 0.9, 3×4 px at (1, 2)"
        equal = replace(found, diff_pixels=0, score=1.0, channels={"red": 1.0})
        passed = replace(result, comparison=equal, status=Status.PASSED)
        (row,) = list_entries(build_page(make_run([passed])), passed=True)
        assert row.note == "nothing else differs; compared 81.00 % of the image: 19 px masked"
        document = read_results(make_run([passed]))
        Draft202012Validator(load_results_schema()).validate(document)
        (entry,) = document["results"]
        assert entry["masked_pixels"] == 19
        assert entry["focus"][0]["channels"] == {"red": 0.95}

    def test_ignored_statuses_do_not_ask_for_a_look(self) -> None:
        results = [make_result(status=Status.PASSED, score=1.0), make_result(status=Status.NEW)]
        for policy, headline in (
            (Policy.FAIL, "1 of 2 screenshots needs a look"),
            (Policy.WARN, "1 of 2 screenshots needs a look"),
            (Policy.IGNORE, "2 screenshots match"),
        ):
            result = make_run(results)
            result = replace(result, config=replace(result.config, on_new=policy))
            assert build_page(result).headline == headline

    @pytest.mark.parametrize(
        ("seconds", "words"), [(0.04, "0.0 s"), (59.4, "59.4 s"), (119.97, "2 min 0 s")]
    )
    def test_durations_are_told_in_whole_minutes(self, seconds: float, words: str) -> None:
        page = build_page(replace(make_run([make_result()]), seconds=seconds))
        assert dict(page.facts)["Duration"] == words


class TestSizesAndMotion:
    def build(self, **changes: Any) -> tuple[Entry, Box, tuple[Picture, ...]]:
        result = make_result()
        found = result.comparison
        assert found is not None
        names = [f"{role}{end}" for role in ROLES for end in ("", "_thumbnail")]
        artifacts = dict.fromkeys(names, "assets/0.png")
        comparison = replace(found, **changes)
        item = replace(result, comparison=comparison, artifacts=artifacts)
        (card,) = list_entries(build_page(make_run([item])))
        return card, card.boxes[0], card.pictures

    def test_a_scaled_picture_is_shown_as_large_as_it_was_compared(self) -> None:
        entry, box, pictures = self.build(fitted="scaled", candidate_size=(20, 20))
        assert [(picture.width, picture.height) for picture in pictures] == [(10, 10)] * 3
        assert pictures[1].note == "20 × 20, shown as 10 × 10"
        assert (box.candidate, entry.size) == ((1, 2, 3, 4), (10, 10))

    def test_boxes_stand_on_a_canvas_that_holds_both_pictures(self) -> None:
        # Compared at 10×10, but the candidate's picture is shown whole.
        entry, box, pictures = self.build(fitted="cropped", candidate_size=(20, 40))
        assert (pictures[1].width, pictures[1].height) == (20, 40)
        assert (box.candidate, entry.size) == ((1, 2, 3, 4), (20, 40))

    def test_the_box_on_the_baseline_is_moved_back(self) -> None:
        entry, box, _ = self.build(motion=Motion(dx=1, dy=-2))
        assert (box.candidate, box.baseline) == ((1, 2, 3, 4), (0, 4, 3, 4))
        assert entry.motion == (1, 0, 0, 1, 1, -2)

    def test_a_motion_fits_the_schema(self) -> None:
        result = make_result()
        found = result.comparison
        assert found is not None
        motion = Motion(dx=1.5, dy=-2, rotation_degrees=-0.5, scale=1.01)
        moved = replace(found, motion=motion, fitted="cropped")
        document = read_results(make_run([replace(result, comparison=moved)]))
        Draft202012Validator(load_results_schema()).validate(document)
        (entry,) = document["results"]
        assert entry["fitted"] == "cropped"
        assert entry["motion"] == {"dx": 1.5, "dy": -2, "rotation_degrees": -0.5, "scale": 1.01}


class TestFolder:
    def test_a_folder_among_the_images_is_refused(self, tmp_path: Path) -> None:
        draw(tmp_path / "old/a.png", 0)
        draw(tmp_path / "new/a.png", 0)
        with pytest.raises(ConfigError, match="is inside the candidates"):
            run(configure(tmp_path, report=tmp_path / "new" / "report"))

    def test_a_full_disk_leaves_the_earlier_report_and_says_so(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = self.fail_then_change(tmp_path)
        before = self.list_shown(config)

        def fill_up(_: object) -> Iterator[bytes]:
            yield b"<!doctype html>"
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("visualdiff.report.outputs.render_page", fill_up)
        with pytest.raises(
            ReportError, match=r"No space .*; the report there is of an earlier run"
        ):
            run(config)
        assert self.list_shown(config) == before

    @pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("of a template")])
    def test_an_interrupt_leaves_the_earlier_report(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
    ) -> None:
        config = self.fail_then_change(tmp_path)
        before = self.list_shown(config)

        def break_off(_: object) -> Iterator[bytes]:
            yield b"<!doctype html>"
            raise error

        monkeypatch.setattr("visualdiff.report.outputs.render_page", break_off)
        with pytest.raises(type(error)):
            run(config)
        assert self.list_shown(config) == before

    def test_killed_at_any_step_each_file_is_whole_and_shows_what_it_names(
        self, tmp_path: Path
    ) -> None:
        config = self.fail_then_change(tmp_path)
        old = self.list_shown(config)
        spare = tmp_path / "spare"
        shutil.copytree(config.report, spare)
        code = (
            "import os, sys\n"
            "left = int(sys.argv[1])\n"
            "def count(event, _):\n"
            "    global left\n"
            "    if event in ('open', 'os.rename', 'os.remove', 'os.mkdir', 'os.chmod'):\n"
            "        left -= 1\n"
            "        if left < 0: os.kill(os.getpid(), 9)\n"
            "import dataclasses, visualdiff, visualdiff.batch\n"
            "from pathlib import Path\n"
            "from visualdiff.batch import run\n"
            "config = visualdiff.load_config(Path('visualdiff.yaml'))\n"
            "original = visualdiff.batch.write_report\n"
            "def write(*words):\n"
            "    sys.addaudithook(count)\n"
            "    original(*words)\n"
            "    os._exit(0)\n"
            "visualdiff.batch.write_report = write\n"
            "run(config)\n"
        )
        (tmp_path / "visualdiff.yaml").write_text(
            "baselines: old\ncandidates: new\nreport: report\nexecutor: serial\n"
        )
        seen: list[tuple[bool, bool]] = []
        for steps in range(1000):
            shutil.rmtree(config.report)
            shutil.copytree(spare, config.report)
            done = subprocess.run(
                [sys.executable, "-c", code, str(steps)], cwd=tmp_path, check=False
            )
            shown = self.list_shown(config)
            told = json.loads(shown["results.json"])
            for path in told["results"][0]["artifacts"].values():
                assert (config.report / path).is_file()
            assert b"</html>" in shown["index.html"]
            seen.append((shown["results.json"] == old["results.json"], done.returncode == 0))
            if done.returncode == 0:
                break
        # First the old report, then the new one, and it is complete in the end.
        assert seen == sorted(seen, key=lambda item: (not item[0], item[1]))
        assert len(seen) > 10
        assert (seen[0], seen[-1]) == ((True, False), (False, True))

    def test_a_folder_to_which_another_run_writes_is_refused(self, tmp_path: Path) -> None:
        config = self.fail_then_change(tmp_path)
        before = self.list_shown(config)
        with start_holder(config.report) as other:
            with pytest.raises(ReportError, match="another visualdiff is writing to"):
                run(config)
            other.kill()
        assert self.list_shown(config) == before
        assert not run(config).passed

    def fail_then_change(self, tmp_path: Path) -> Config:
        """Report a pair that differs, and let it differ in another way."""
        draw(tmp_path / "old/a.png", 0)
        draw(tmp_path / "new/a.png", 255)
        config = configure(tmp_path)
        assert not run(config).passed
        draw(tmp_path / "new/a.png", 100)
        return config

    def list_shown(self, config: Config) -> dict[str, bytes]:
        return {
            path.name: path.read_bytes() for path in config.report.glob("*.*") if path.is_file()
        }

    def test_a_folder_among_the_pictures_is_left_alone(self, tmp_path: Path) -> None:
        draw(tmp_path / "old/a.png", 0)
        draw(tmp_path / "new/a.png", 255)
        config = configure(tmp_path)
        run(config)
        (config.report / "assets" / "mine").mkdir()
        run(config)
        assert (config.report / "assets" / "mine").is_dir()

    def test_a_folder_of_somebody_elses_is_refused_and_left_alone(self, tmp_path: Path) -> None:
        draw(tmp_path / "old/a.png", 0)
        draw(tmp_path / "new/a.png", 0)
        (tmp_path / "report").mkdir()
        (tmp_path / "report" / "thesis.txt").write_text("years of work")
        with pytest.raises(ConfigError, match="not written by visualdiff"):
            run(configure(tmp_path))
        assert [path.name for path in (tmp_path / "report").iterdir()] == ["thesis.txt"]

    def test_a_folder_above_the_images_is_refused(self, tmp_path: Path) -> None:
        draw(tmp_path / "old/a.png", 0)
        draw(tmp_path / "new/a.png", 0)
        with pytest.raises(ConfigError, match="holds the baselines"):
            run(configure(tmp_path, report=tmp_path))

    def test_a_place_that_is_a_file_is_refused(self, tmp_path: Path) -> None:
        draw(tmp_path / "old/a.png", 0)
        draw(tmp_path / "new/a.png", 0)
        (tmp_path / "report").write_text("a file")
        with pytest.raises(ReportError, match="cannot write to"):
            run(configure(tmp_path))

    def test_the_report_can_be_moved(self, tmp_path: Path) -> None:
        draw(tmp_path / "old/a.png", 0)
        draw(tmp_path / "new/a.png", 255)
        result = run(configure(tmp_path))
        moved = tmp_path / "somewhere else"
        result.config.report.rename(moved)
        page = Links((moved / "index.html").read_text("utf-8"))
        files = [url for url in page.urls if url.startswith("assets/")]
        assert files
        assert all((moved / url).is_file() for url in files)


def make_run(results: list[PairResult]) -> RunResult:
    config = Config(
        folder=Path("/p"), baselines=Path("/p/old"), candidates=Path("/p/new"), threshold=0.99
    )
    return RunResult(
        results=tuple(results), config=config, command="visualdiff run", started="now", seconds=1.0
    )


def make_result(
    *,
    name: str = "home.png",
    score: float = 0.5,
    threshold: float = 0.99,
    status: Status = Status.FAILED,
) -> PairResult:
    region = Region(
        x=1,
        y=2,
        width=3,
        height=4,
        diff_pixels=5,
        kind=RegionKind.CHANGED,
        space="candidate",
        channel="red",
        description="changed",
    )
    comparison = Comparison(
        status=status,
        reasons=(),
        threshold=threshold,
        score=score,
        channels={"red": score},
        raw_channels={"red": score},
        diff_pixels=5,
        diff_ratio=0.05,
        ignored_pixels=IgnoredPixels(),
        width=10,
        height=10,
        baseline_size=(10, 10),
        candidate_size=(10, 10),
        regions=(region,),
    )
    return PairResult(
        name=name,
        status=status,
        reasons=("why",),
        baseline="old/home.png",
        candidate="new/home.png",
        comparison=comparison,
    )
