"""The page that says how visualdiff decides: its pictures, its links, its table of presets."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from visualdiff import compare_images, load_config
from visualdiff.colour import measure_colour_difference
from visualdiff.presets import PRESETS

DOCS = Path(__file__).resolve().parents[1] / "docs"
IMAGES = DOCS / "images"
PAGE = (DOCS / "how-it-decides.md").read_text("utf-8")


def test_the_pictures_are_what_the_tool_draws_today(tmp_path: Path) -> None:
    subprocess.run([sys.executable, DOCS / "draw_pictures.py", tmp_path], check=True)
    drawn = sorted(path.name for path in tmp_path.iterdir())
    assert drawn == sorted(path.name for path in IMAGES.iterdir())
    for name in drawn:
        # Another release of Pillow may smooth its letters otherwise.
        found = compare_images(IMAGES / name, tmp_path / name, preset="lenient")
        assert found.passed, f"{name}: {found.reasons}; `make docs-pictures` draws it again"


def test_every_picture_is_shown_and_all_of_them_are_small() -> None:
    shown = re.findall(r"!\[[^\]]{20,}\]\(images/([^)]+)\)", PAGE)
    assert sorted(shown) == sorted(path.name for path in IMAGES.iterdir())
    assert sum(path.stat().st_size for path in IMAGES.iterdir()) < 300_000


@pytest.mark.parametrize(("column", "step"), list(enumerate((0.5, 1, 2, 3, 5, 10))))
def test_the_patches_are_as_far_apart_as_they_say(column: int, step: float) -> None:
    picture = np.asarray(Image.open(IMAGES / "tolerance.png").convert("RGB"))
    for row in range(3):
        y, x = 22 + row * 88 + 36, column * 160 + 8
        left, right = (picture[y, place][np.newaxis] for place in (x + 36, x + 108))
        assert measure_colour_difference(left, right)[0] == pytest.approx(step, abs=0.05)


def test_the_table_of_presets_is_true() -> None:
    lines = re.findall(r"^\| (`.*`) \| (.*) \| (.*) \| (.*) \|$", PAGE, re.MULTILINE)
    told = {key: cells for keys, *cells in lines for key in re.findall("`(.*?)`", keys)}
    for column, preset in enumerate(("strict", "default", "lenient")):
        for key, value in PRESETS[preset].items():
            cell = told[key][column].strip("`")
            # Where antialiasing counts, rasterising does not matter.
            wanted = {None: "none", "page": "(counts)" if preset == "strict" else "page"}
            assert cell == wanted.get(
                value, f"{value:g}" if isinstance(value, int | float) else value
            )


def test_links_within_the_page_lead_to_a_heading() -> None:
    headings = re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}
    links = re.findall(r"\]\(#([^)]+)\)", PAGE)
    assert links
    assert set(links) <= anchors


def test_the_examples_are_valid_configuration(tmp_path: Path) -> None:
    examples = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) >= 6
    path = tmp_path / "visualdiff.yaml"
    for example in examples:
        assert yaml.safe_load(example)
        path.write_text(f"baselines: a\ncandidates: b\n{example}", encoding="utf-8")
        load_config(path)
