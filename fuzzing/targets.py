"""All targets by name, each with files to begin with."""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from fuzzing import documents, pixels, texts


class Target(NamedTuple):
    """What takes any bytes, and bytes that lead it far."""

    run: Callable[[bytes], None]
    make_seeds: Callable[[], Iterable[bytes]]


def _nothing() -> Iterable[bytes]:
    return (b"", b"\0" * 64, bytes(range(200)))


def _damages() -> Iterable[bytes]:
    return (b"{}", b"[" * 4000, *(b"\1" + bytes([number]) * 20 for number in range(0, 256, 5)))


TARGETS: Final = {
    "image": Target(pixels.read_image, pixels.draw_images),
    "png": Target(pixels.read_png, _nothing),
    "weight": Target(pixels.weigh_image, pixels.draw_images),
    "configuration": Target(texts.read_configuration, lambda: texts.CONFIGURATIONS),
    "glob": Target(texts.match_glob, lambda: texts.GLOBS),
    "variant": Target(texts.choose_variant, lambda: texts.TEMPLATES),
    "results": Target(documents.read_results, _damages),
    "review": Target(documents.review_results, _damages),
    "cache": Target(documents.read_entry, _damages),
    "decisions": Target(documents.read_decisions, _damages),
    "journal": Target(documents.read_journal, _damages),
}
