"""The pictures of a pair → files in the report's folder, each named by the hash of its content."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from visualdiff.annotate import choose_view, draw_thumbnail, to_picture
from visualdiff.bands import SIDES, place_regions, select_bands
from visualdiff.compare import Compared
from visualdiff.difference import (
    DIFFERENCE_PALETTE,
    hatch_bands,
    index_difference,
    mark_ignored,
    measure_difference,
    paint_difference,
)
from visualdiff.files import ASSETS, write_atomically
from visualdiff.hatching import (
    IGNORED_OPACITY,
    IGNORED_PALETTE,
    MASK_OPACITY,
    MASK_PALETTE,
    index_ignored,
    index_masked,
)
from visualdiff.images import ImageFile, encode_indexed_png, encode_png, encode_webp
from visualdiff.model import Region
from visualdiff.pixel_tiles import encode_pixels
from visualdiff.tiles import PixelMask, Pixels, Tile

_SHOWN_BY_BROWSERS: Final = ("PNG", "JPEG", "WebP", "GIF", "BMP", "AVIF")
_THUMBNAIL_QUALITY: Final = 80


class PictureWriter:
    """Writes the pictures of one pair as they are drawn, and lists them in `artifacts`.

    `artifacts` maps a role to a path relative to the folder `report`; `files` are the pair's files
    by side, `baseline` and `candidate`, and `hashes` the SHA-256 of those that were drawn.
    """

    def __init__(self, report: Path, files: Mapping[str, ImageFile]) -> None:
        self.artifacts: dict[str, str] = {}
        self.hashes: dict[str, str] = {}
        self._report = report
        self._files = files

    def draw_comparison(self, compared: Compared, images: Mapping[str, Pixels]) -> None:
        """Write baseline, candidate and difference, each with a thumbnail of the same part."""
        # Equal files were read into one object.
        if self._files["baseline"].data is self._files["candidate"].data:
            self._draw_same(compared, images["baseline"])
            return
        comparison = compared.comparison
        motion = comparison.motion
        placed = [place_regions(comparison.regions, side, motion) for side in SIDES]
        views = [choose_view(comparison.height, comparison.width, regions) for regions in placed]
        if comparison.fitted == "scaled":
            # Boxes and views are those of the images as they were compared.
            images = dict(zip(SIDES, (compared.baseline, compared.candidate), strict=True))
        for side, regions, view, masked in zip(SIDES, placed, views, compared.masked, strict=True):
            self._add_image(side, images[side], regions, view, masked)
            self._add_mask(side, images[side], masked)
        self._add_ignored(compared)
        self._add_difference(compared, select_bands(placed[1]), views[1])

    def draw_alone(self, images: Mapping[str, Pixels]) -> None:
        """Write the images of a pair that cannot be compared, each with a thumbnail."""
        for side, pixels in images.items():
            view = choose_view(len(pixels), pixels.shape[1], ())
            self._add_image(side, pixels, (), view, None)

    def _draw_same(self, compared: Compared, pixels: Pixels) -> None:
        """Write the one picture of two files that hold the same bytes; no difference is drawn."""
        masked, view = compared.masked[0], choose_view(len(pixels), pixels.shape[1], ())
        self._add_image("baseline", pixels, (), view, masked)
        self._add_mask("baseline", pixels, masked)
        self.artifacts |= {
            role.replace("baseline", "candidate"): path for role, path in self.artifacts.items()
        }

    def _add_image(
        self,
        side: str,
        pixels: Pixels,
        regions: tuple[Region, ...],
        view: Tile,
        masked: PixelMask | None,
    ) -> None:
        """Write a side's file as it is, where browsers can show it, and its thumbnail."""
        file = self._files[side]
        self.hashes[side] = digest = hashlib.sha256(file.data).hexdigest()
        if file.header.format in _SHOWN_BY_BROWSERS:
            self._write(side, file.data, file.header.format.lower(), digest)
        else:
            self._write(side, encode_png(to_picture(pixels)), "png")
            if side == "candidate":  # whoever accepts it wants these very bytes
                self._write("candidate_file", file.data, file.header.format.lower(), digest)
        self._add_thumbnail(side, view.crop(pixels), regions, view, masked)

    def _add_mask(self, side: str, pixels: Pixels, masked: PixelMask | None) -> None:
        """Write what is masked of a side, to be laid over its file."""
        if masked is not None:
            indices = index_masked(masked[: len(pixels), : pixels.shape[1]])
            data = encode_indexed_png(indices, MASK_PALETTE, MASK_OPACITY)
            self._write(f"{side}_mask", data, "png")

    def _add_ignored(self, compared: Compared) -> None:
        """Write what was ignored beside masks, to be laid over the candidate on its canvas."""
        masked = compared.masked[1]
        ignored = compared.ignored if masked is None else compared.ignored & ~masked
        if ignored.any():
            data = encode_indexed_png(index_ignored(ignored), IGNORED_PALETTE, IGNORED_OPACITY)
            self._write("ignored", data, "png")

    def _add_difference(self, compared: Compared, bands: tuple[Region, ...], view: Tile) -> None:
        """Write the heat of visible pixels; a thumbnail shows ignored ones and bands as well.

        Beside it goes what hovering tells of all that differs.
        """
        measured = measure_difference(compared, compared.visible | compared.ignored)
        indices = index_difference(compared, measured)
        self._write("diff", encode_indexed_png(indices, DIFFERENCE_PALETTE), "png")
        if pixels := encode_pixels(compared, measured):
            self._write("pixels", pixels, "css")
        mark_ignored(indices, compared.ignored, None)
        hatch_bands(indices, bands)
        shown = paint_difference(view.crop(indices))
        self._add_thumbnail("diff", shown, (), view, compared.masked[1])

    def _add_thumbnail(
        self,
        role: str,
        shown: Pixels,
        regions: tuple[Region, ...],
        view: Tile,
        masked: PixelMask | None,
    ) -> None:
        """Write a thumbnail of what a view shows; a mask may be of a larger canvas."""
        if masked is not None:
            masked = view.crop(masked)[: len(shown), : shown.shape[1]]
        small = draw_thumbnail(shown, view, regions, masked)
        self._write(f"{role}_thumbnail", encode_webp(small, _THUMBNAIL_QUALITY), "webp")

    def _write(self, role: str, data: bytes, extension: str, digest: str = "") -> None:
        name = f"{(digest or hashlib.sha256(data).hexdigest())[:20]}.{extension}"
        path = self._report / ASSETS / name
        # What has this name has this content: the thumbnail of a header, say, of many pages.
        if not path.exists():
            write_atomically(path, data)
        self.artifacts[role] = f"{ASSETS}/{name}"
