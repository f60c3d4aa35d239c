"""The strokes that pages are drawn with, the words and colours, and what may be edited.

Everything is anti-aliased as browsers do it, in a font that Pillow brings along.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels: TypeAlias = NDArray[np.uint8]
Colour: TypeAlias = tuple[int, int, int]
Change: TypeAlias = Literal["word", "button", "line", "icon", "theme", "texts", "banner"]

# Short and long, frequent and rare letters: what matters is how the glyphs compress.
_TEXT: Final = (
    "a the of and to in is for with your our new team report invoice order account price annual "
    "settings release monthly customer support dashboard overview delivery payment security "
    "language documentation example, integrations workflow. performance analytics projects"
)
_WORDS: Final = tuple(_TEXT.split())


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a page."""

    paper: Colour
    card: Colour
    line: Colour
    ink: Colour
    muted: Colour
    accent: Colour


LIGHT: Final = Theme(
    paper=(255, 255, 255),
    card=(249, 250, 251),
    line=(229, 231, 235),
    ink=(17, 24, 39),
    muted=(107, 114, 128),
    accent=(37, 99, 235),
)
DARK: Final = Theme(
    paper=(15, 23, 42),
    card=(30, 41, 59),
    line=(51, 65, 85),
    ink=(241, 245, 249),
    muted=(148, 163, 184),
    accent=(56, 189, 248),
)
_OTHER_ACCENT: Final = (220, 38, 38)


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to a page; `index` counts the words, buttons, icons or gaps in drawing order."""

    change: Change
    index: int = 0


@dataclass(frozen=True, slots=True)
class PageSpec:
    """All that a page follows from; sizes in pixels, `scale` is the device's pixel ratio."""

    seed: int
    width: int
    height: int
    scale: int = 1
    photos: bool = False
    dark: bool = False
    edit: Edit | None = None


@dataclass(slots=True)
class Counts:
    """How many places for an edit have been drawn so far."""

    word: int = 0
    button: int = 0
    icon: int = 0
    line: int = 0


@cache
def _font(pixels: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(pixels)  # Pillow's own, so that every machine draws the same
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("this Pillow has no FreeType, so it cannot draw text as browsers do")
    return font


@cache
def _length(word: str, pixels: int) -> float:
    """Return the length of a word and a space; asking the font for whole lines is slow."""
    return _font(pixels).getlength(word + " ")


class Painter:
    """Paints one page, from the top down; lengths are CSS pixels until they meet the image."""

    def __init__(self, spec: PageSpec) -> None:
        self.spec, self.scale, self._edit = spec, spec.scale, spec.edit
        dark = spec.dark != self.edits("theme")
        self.theme = DARK if dark else LIGHT
        self.image = Image.new("RGB", (spec.width, spec.height), self.theme.paper)
        self._draw = ImageDraw.Draw(self.image)
        self.width = spec.width // spec.scale
        self.rng = np.random.default_rng(spec.seed)
        self.counts = Counts()

    def edits(self, change: Change, index: int = 0) -> bool:
        """Return whether the page has this very change, at the place that comes next."""
        return self._edit is not None and self._edit == Edit(change, index)

    def _holds(self, bottom: int) -> bool:
        """Return whether what ends there is on the page: only what is seen is worth an edit."""
        return bottom * self.scale <= self.spec.height

    def gap(self, y: int) -> None:
        """Leave the space between blocks empty, but for the line that an edit draws there."""
        if self.edits("line", self.counts.line):
            self.box(80, y + 16, self.width - 160, 1, self.theme.muted)
        self.counts.line += self._holds(y + 17)

    def box(self, x: int, y: int, width: int, height: int, colour: Colour) -> None:
        """Paint a rectangle of one colour."""
        s = self.scale
        # A line of one CSS pixel stays a line; Pillow's boxes hold their last row and column.
        self._draw.rectangle((x * s, y * s, (x + width) * s - 1, (y + height) * s - 1), colour)

    def card(self, x: int, y: int, width: int, height: int) -> None:
        """Paint a panel with a border and a soft shadow."""
        for depth in range(6, 0, -1):
            share = 0.03 * (7 - depth)
            shade = [round(c * (1 - share)) for c in self.theme.paper]
            self.box(
                x - depth, y - depth + 3, width + 2 * depth, height + 2 * depth, _colour(shade)
            )
        self.box(x, y, width, height, self.theme.line)
        self.box(x + 1, y + 1, width - 2, height - 2, self.theme.card)

    def button(self, x: int, y: int) -> None:
        """Paint a button of 116 × 34 px with its label."""
        changed = self.edits("button", self.counts.button)
        self.counts.button += self._holds(y + 34)
        self.box(x, y, 116, 34, _OTHER_ACCENT if changed else self.theme.accent)
        self.draw_words(x + 22, y + 9, 15, "Get started", self.theme.paper)

    def icon(self, x: int, y: int, size: int) -> None:
        """Paint a ring with a dot, anti-aliased."""
        shift = 2 if self.edits("icon", self.counts.icon) else 0
        self.counts.icon += self._holds(y + size)
        side, fine = size * self.scale, 4
        mask = Image.new("L", (side * fine, side * fine))
        draw, last = ImageDraw.Draw(mask), side * fine - 1
        draw.ellipse((0, 0, last, last), 255)
        draw.ellipse((last // 4, last // 4, 3 * last // 4, 3 * last // 4), 60)
        smooth = mask.reduce(fine)
        place = ((x + shift) * self.scale, y * self.scale)
        self.image.paste(self.theme.accent, place, smooth)

    def number(self, x: int, y: int) -> None:
        """Paint a figure as it stands in a table."""
        self.say(x, y, 14, [f"{int(self.rng.integers(100, 99999)):,}"], self.theme.ink)

    def text(self, x: int, y: int, size: int, width: int, colour: Colour) -> None:
        """Paint words until a line is full."""
        words = [_WORDS[i] for i in self.rng.integers(len(_WORDS), size=width // size + 1)]
        lengths = np.cumsum([_length(word, size * self.scale) for word in words])
        words = words[: max(int(np.searchsorted(lengths, width * self.scale)), 1)]
        if self.edits("texts"):
            words = [_other(word) for word in words]
        self.say(x, y, size, words, colour)

    def say(self, x: int, y: int, size: int, words: list[str], colour: Colour) -> None:
        """Paint words of which an edit may change one."""
        if self._edit and self._edit.change == "word":
            at = self._edit.index - self.counts.word
            words = [_other(word) if place == at else word for place, word in enumerate(words)]
        self.counts.word += len(words) * self._holds(y + 2 * size)
        self.draw_words(x, y, size, " ".join(words), colour)

    def draw_words(self, x: int, y: int, size: int, words: str, colour: Colour) -> None:
        """Paint words that no edit changes."""
        font = _font(size * self.scale)
        self._draw.text((x * self.scale, y * self.scale), words, colour, font)

    def gradient(self, x: int, y: int, width: int, height: int) -> None:
        """Paint a rectangle that turns from the colour of the page to the accent."""
        columns, rows = width * self.scale, height * self.scale
        ramp = (
            np.linspace(0, 0.35, columns)[None, :, None] + np.linspace(0, 0.1, rows)[:, None, None]
        )
        ends = np.array(self.theme.paper), np.array(self.theme.accent)
        self.paste((ends[0] * (1 - ramp) + ends[1] * ramp).astype(np.uint8), x, y)

    def photo(self, x: int, y: int, width: int, height: int) -> None:
        """Paint something as hard to compress as a photo: soft shapes in all sizes, and grain."""
        size = width * self.scale, height * self.scale
        picture = np.full((size[1], size[0], 3), (118, 112, 104), np.float32)
        for cells in (2, 4, 8, 16, 32, 64):
            light = self.rng.normal(0, 70 / cells**0.7, (cells, 2 * cells, 1))
            colour = self.rng.normal(0, 15 / cells**0.7, (cells, 2 * cells, 3))
            coarse = (light + colour).astype(np.float32)
            picture += cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
        # Grain of half the resolution, as most photos on pages were scaled and compressed.
        grain = self.rng.normal(0, 3, (size[1] // 2 + 1, size[0] // 2 + 1))
        picture += cv2.resize(grain.astype(np.float32), size)[:, :, None]
        self.paste(np.clip(picture, 0, 255).astype(np.uint8), x, y)

    def paste(self, pixels: Pixels, x: int, y: int) -> None:
        """Put `(H, W, 3)` pixels of the device at a place in CSS pixels."""
        self.image.paste(Image.fromarray(pixels), (x * self.scale, y * self.scale))


def _other(word: str) -> str:
    """Return another word; a number keeps all digits but its first."""
    if word[0].isdigit():
        return str((int(word[0]) + 3) % 9 + 1) + word[1:]
    return _WORDS[(_WORDS.index(word) + 7) % len(_WORDS)]


def _colour(levels: list[int]) -> Colour:
    red, green, blue = levels
    return red, green, blue
