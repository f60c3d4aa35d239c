"""Draw pages that look, and compress, like screenshots of real ones.

A page is a column of blocks: paragraphs, cards, tables, a chart, a photo. All of it follows from
its `PageSpec`, so that a page with one word changed is the same spec with an `Edit`.
"""

from dataclasses import replace

import cv2
import numpy as np

from benchmarks.painter import Change, PageSpec, Painter, Pixels


def draw_page(spec: PageSpec) -> Pixels:
    """Return the page, `(height, width, 3)` RGB."""
    return _Page(spec).paint()


def count_places(spec: PageSpec, change: Change) -> int:
    """Return how many indexes an `Edit` of this kind may have; 1 where it has no choice."""
    painter = _Page(replace(spec, edit=None))
    painter.paint()
    return getattr(painter.counts, change, 1)


class _Page(Painter):
    """A page and its blocks, from the top down."""

    def paint(self) -> Pixels:
        y = self._nav(0)
        if self.edits("banner"):
            y = self._banner(y)
        y = self._hero(y)
        blocks = (self._article, self._cards, self._table, self._chart)
        number = 0
        while y < self.spec.height // self.scale:
            # A generator for each block: an edit in one leaves the others as they are.
            self.rng = np.random.default_rng((self.spec.seed, number))
            self.gap(y)
            y = blocks[int(self.rng.integers(len(blocks)))](y + 32)
            number += 1
        return np.asarray(self.image)

    # Blocks: each takes the y of its top and returns the y of its bottom.

    def _nav(self, y: int) -> int:
        self.box(0, y, self.width, 56, self.theme.card)
        self.icon(24, y + 16, 24)
        for column in range(min(5, (self.width - 220) // 110)):
            self.text(72 + column * 110, y + 20, 15, 90, self.theme.muted)
        self.button(self.width - 140, y + 11)
        self.box(0, y + 55, self.width, 1, self.theme.line)
        return y + 56

    def _banner(self, y: int) -> int:
        self.box(0, y, self.width, 44, self.theme.accent)
        for x in range(40, 520, 110):
            self.draw_words(x, y + 14, 15, "release news", self.theme.paper)
        return y + 44

    def _hero(self, y: int) -> int:
        height = 260
        if self.spec.photos:
            self.photo(0, y, self.width, height)
        else:
            self.gradient(0, y, self.width, height)
        self.text(80, y + 70, 44, self.width // 2, self.theme.ink)
        self.text(80, y + 140, 20, self.width // 2, self.theme.muted)
        self.button(80, y + 190)
        return y + height

    def _article(self, y: int) -> int:
        left, width = 80, self.width - 160
        self.text(left, y, 28, width // 2, self.theme.ink)
        y += 52
        for _ in range(int(self.rng.integers(2, 5))):
            for _ in range(int(self.rng.integers(3, 8))):
                self.text(left, y, 16, width, self.theme.ink)
                y += 26
            self.text(left, y, 16, int(width * self.rng.uniform(0.2, 0.8)), self.theme.ink)
            y += 44
        return y

    def _cards(self, y: int) -> int:
        columns, height = max(self.width // 380, 1), 280
        width = (self.width - 160 - 24 * (columns - 1)) // columns
        pictured = self.spec.photos and self.rng.random() < 0.5
        for column in range(columns):
            x = 80 + column * (width + 24)
            self.card(x, y, width, height)
            if pictured:
                self.photo(x + 1, y + 1, width - 2, 110)
            else:
                self.icon(x + 20, y + 24, 40)
            self.text(x + 20, y + 124, 19, width - 60, self.theme.ink)
            for row in range(3):
                self.text(x + 20, y + 156 + 22 * row, 14, width - 40, self.theme.muted)
            self.button(x + 20, y + 232)
        return y + height

    def _table(self, y: int) -> int:
        left, width = 80, self.width - 160
        rows, step = int(self.rng.integers(6, 14)), width // 6
        self.box(left, y, width, 40, self.theme.card)
        for row in range(rows):
            for column in range(6):
                x = left + 12 + column * step
                if row and column > 2:
                    self.number(x, y + 12)
                else:
                    self.text(x, y + 12, 14, step - 40, self.theme.ink)
            y += 40
            self.box(left, y - 1, width, 1, self.theme.line)
        return y

    def _chart(self, y: int) -> int:
        left, width, height = 80, self.width - 160, 300
        self.card(left, y, width, height)
        for row in range(5):
            self.number(left + 8, y + 20 + 55 * row)
            self.box(left + 70, y + 28 + 55 * row, width - 90, 1, self.theme.line)
        points = 40
        steps = np.cumsum(self.rng.normal(0, 18, points)) + 150
        levels = np.clip(steps, 20, height - 30)
        xs = np.linspace(left + 80, left + width - 20, points)
        line = np.stack((xs, y + levels), axis=1) * self.scale * 16
        pixels = np.array(self.image)
        cv2.polylines(
            pixels,
            [line.astype(np.int32)],
            isClosed=False,
            color=self.theme.accent,
            thickness=2 * self.scale,
            lineType=cv2.LINE_AA,
            shift=4,
        )
        self.paste(pixels, 0, 0)
        return y + height
