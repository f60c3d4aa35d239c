"""A PNG file → a smaller one with the same pixels."""

import io
from dataclasses import replace

import numpy as np

from visualdiff.approval.plan import Replacement, hash_bytes
from visualdiff.errors import ImageError
from visualdiff.images import decode, parse_image

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def optimise(item: Replacement, max_image_pixels: int) -> Replacement:
    """Return a replacement with a smaller file, or the same where there is none.

    What decodes to other pixels, or to pixels of another kind, is never taken.
    """
    if item.data is None or not item.data.startswith(_SIGNATURE):
        return item
    smaller = _encode_again(item.data)
    if len(smaller) >= len(item.data) or not _are_alike(item.data, smaller, max_image_pixels):
        return item
    return replace(item, data=smaller, new=hash_bytes(smaller))


def _encode_again(data: bytes) -> bytes:
    from PIL import Image  # noqa: PLC0415 - seldom wanted

    written = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.save(written, "PNG", optimize=True)
    return written.getvalue()


def _are_alike(first: bytes, second: bytes, max_image_pixels: int) -> bool:
    try:
        before, after = (decode(parse_image(data, max_image_pixels)) for data in (first, second))
    except ImageError:
        return False
    return before.dtype == after.dtype and np.array_equal(before, after)
