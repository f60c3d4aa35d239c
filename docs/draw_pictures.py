"""Draw the pictures of how-it-decides.md with visualdiff itself: `make docs-pictures`.

Everything that is said in a picture is what the tool says of the pair that it shows.
"""

import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from visualdiff.api import compare_files
from visualdiff.colour import measure_colour_difference
from visualdiff.ignored import list_ignored
from visualdiff.model import Comparison

HERE: Final = Path(__file__).resolve().parent
CASES: Final = HERE.parent / "tests" / "cases"
STEPS: Final = (0.5, 1.0, 2.0, 3.0, 5.0, 10.0)
PAPER: Final = (255, 255, 255)
INK: Final = (31, 41, 55)
GAP: Final = 16
LINE: Final = 22


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {
        "tolerance": draw_tolerance(),
        "anti-aliasing": draw_anti_aliasing(),
        "rows": draw_rows(),
        "words": draw_words(),
        "presets": draw_presets(),
    }
    for name, picture in pictures.items():
        picture.quantize(128, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)


def draw_tolerance() -> Image.Image:
    """Draw pairs of colours that touch, each as far apart as its label says."""
    rows = [find_colours(colour) for colour in ((37, 99, 235), (250, 249, 246), (107, 114, 128))]
    picture = Image.new("RGB", (len(STEPS) * 160, LINE + len(rows) * 88), PAPER)
    draw = ImageDraw.Draw(picture)
    for column, step in enumerate(STEPS):
        write(draw, (column * 160 + 8, 0), f"ΔE {step:g}")
        for row, (colour, *others) in enumerate(rows):
            x, y = column * 160 + 8, LINE + row * 88
            draw.rectangle((x, y, x + 71, y + 71), fill=colour)
            draw.rectangle((x + 72, y, x + 143, y + 71), fill=others[column])
    return picture


def find_colours(colour: tuple[int, int, int]) -> list[tuple[int, int, int]]:
    """Return a colour, and for each step the one with as much red that is nearest to it.

    Among all colours, many are as near as the best but for rounding, which differs by processor.
    """
    green, blue = np.mgrid[0:256, 0:256].astype(np.uint8).reshape(2, -1)
    others = np.stack((np.full_like(green, colour[0]), green, blue), axis=1)
    measured = measure_colour_difference(np.full_like(others, colour), others)
    nearest = (others[np.abs(measured - step).argmin()].tolist() for step in STEPS)
    return [colour, *((red, green, blue) for red, green, blue in nearest)]


def draw_anti_aliasing() -> Image.Image:
    compared, pictures = look_at("should_match/disc-moved-by-a-twentieth-of-a-pixel")
    (said,) = [line for line in list_ignored(compared) if "anti-aliasing" in line]
    panels = [pictures[name].resize((240, 240), Image.Resampling.NEAREST) for name in pictures]
    return set_out(panels, ["baseline", "candidate", said])


def draw_rows() -> Image.Image:
    compared, pictures = look_at("should_fail/banner-inserted-and-a-digit-changed")
    said = "; ".join(region.description for region in compared.regions)
    return set_out(list(pictures.values()), ["baseline", "candidate", said])


def draw_words() -> Image.Image:
    names = ("button-moved", "text-recoloured", "badge-added", "border-gone")
    panels, said = [], []
    for name in names:
        compared, pictures = look_at(f"should_fail/{name}")
        panels += [pictures["baseline"], pictures["candidate"]]
        said += ["", compared.regions[0].description]
    halves = [set_out(panels[half : half + 4], said[half : half + 4]) for half in (0, 4)]
    return stack(halves)


def draw_presets() -> Image.Image:
    """Draw what three presets see of one pair: smoothing, a speck, and a change."""
    folder = CASES / "should_match" / "text-rasterised-anew"
    images = [Image.open(folder / f"{side}.png") for side in ("baseline", "candidate")]
    baseline, redrawn = (np.array(image) for image in images)
    candidate = baseline.copy()
    candidate[38:70] = redrawn[38:70]
    candidate[10:12, 200:202] = INK
    candidate[240:268, 12:92][(candidate[240:268, 12:92] == (37, 99, 235)).all(axis=2)] = (
        220,
        38,
        38,
    )
    candidate[100:130] = np.clip(candidate[100:130].astype(int) - 1, 0, 255)
    panels, said = [], []
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(name) / f"{side}.png" for side in ("baseline", "candidate")]
        for path, pixels in zip(paths, (baseline, candidate), strict=True):
            Image.fromarray(pixels).save(path)
        for preset in ("strict", "default", "lenient"):
            compared, pictures = look(*paths, preset=preset)
            panels.append(pictures["diff"])
            said.append(f"{preset}: {compared.diff_pixels:,} px differ visibly")
    return set_out(panels, said)


def look_at(case: str, **settings: object) -> tuple[Comparison, dict[str, Image.Image]]:
    folder = CASES / case
    return look(folder / "baseline.png", folder / "candidate.png", **settings)


def look(
    baseline: Path, candidate: Path, **settings: object
) -> tuple[Comparison, dict[str, Image.Image]]:
    """Return a comparison, and its pictures as `visualdiff compare --output` writes them."""
    with tempfile.TemporaryDirectory() as name:
        compared = compare_files(baseline, candidate, output=Path(name), **settings)
        pictures = {}
        for role in ("baseline", "candidate", "diff"):
            with Image.open(Path(name) / f"{role}.png") as picture:
                pictures[role] = picture.convert("RGB")
    # On the canvas that holds both images, the smaller one goes on in black.
    pictures["baseline"] = pictures["baseline"].crop((0, 0, *compared.baseline_size))
    return compared, pictures


def set_out(panels: list[Image.Image], captions: list[str]) -> Image.Image:
    """Return pictures side by side, each below its caption."""
    width = sum(panel.width + GAP for panel in panels) - GAP
    height = max(panel.height for panel in panels) + LINE
    font = ImageFont.load_default(14)
    # A long caption of the last picture goes on beyond it.
    width = max(width, width - panels[-1].width + int(font.getlength(spell(captions[-1]))) + 1)
    picture = Image.new("RGB", (width, height), PAPER)
    x = 0
    for panel, caption in zip(panels, captions, strict=True):
        write(ImageDraw.Draw(picture), (x, 0), caption)
        picture.paste(panel, (x, LINE))
        x += panel.width + GAP
    return picture


def stack(rows: list[Image.Image]) -> Image.Image:
    width, height = max(row.width for row in rows), sum(row.height + GAP for row in rows) - GAP
    picture = Image.new("RGB", (width, height), PAPER)
    y = 0
    for row in rows:
        picture.paste(row, (0, y))
        y += row.height + GAP
    return picture


def write(draw: ImageDraw.ImageDraw, place: tuple[int, int], text: str) -> None:
    draw.text(place, spell(text), INK, ImageFont.load_default(14))


def spell(text: str) -> str:
    """Return a text without the characters that Pillow's own font lacks."""
    return text.replace("Δ", "delta ").replace("→", "to")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "images")
