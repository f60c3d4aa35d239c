"""Names of baselines: made of a test's id, or given, and then checked."""

import hashlib
import re
from pathlib import PurePath, PurePosixPath
from typing import Final
from unicodedata import normalize

from visualdiff.errors import BaselineNameError
from visualdiff.files import FORMAT_OF_SUFFIX

# File systems take 255 bytes; a number, an extension and a temporary name shall fit too.
_MOST_BYTES: Final = 160
_UNSAFE: Final = re.compile(r"[^\w.+=-]+")
# Windows refuses the first, and a shell or a log may be misled by the others.
_REFUSED: Final = re.compile(
    r'[<>:"|?*\\]|[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]'
)
# Windows takes these for devices, with any extension.
_DEVICE: Final = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)", re.IGNORECASE)
# visualdiff reads home@2.png as another accepted baseline of home.png.
_ALTERNATE: Final = re.compile(r"@[0-9]+$")


def name_after(test: str) -> str:
    """Return a name, without extension, for the id of a test.

    `tests/test_home.py::TestMenu::test_open[dark-de]` becomes
    `tests/test_home/TestMenu.test_open-dark-de`.
    """
    path, _, rest = test.partition("::")
    place = PurePosixPath(path)
    folders = (place.with_suffix("") if place.name else place).parts
    what, _, parameters = rest.partition("[")
    name = _make_safe(what.replace("::", "."))
    if parameters:
        name += f"-{_make_safe(parameters.removesuffix(']'))}"
    parts = *(_make_safe(folder) for folder in folders if folder != ".."), _hide_extension(name)
    return "/".join(map(_shorten, parts))


def read_name(given: object) -> str:
    """Return a name that is text or a path as text; raise `BaselineNameError` for all else."""
    if isinstance(given, PurePath):
        return given.as_posix()
    if not isinstance(given, str):
        raise BaselineNameError(f"name: got {given!r}, wanted a text such as 'home.png'")
    return given


def check_name(name: str, image_format: str) -> str:
    """Return a name of a baseline with an extension; that of the image where it has none.

    Letters with accents become one character each, as in what is read from most file systems.
    Raises `BaselineNameError` for names that could leave the folder of the baselines, or that not
    every file system takes.
    """
    name = normalize("NFC", name)
    path = PurePosixPath(name)
    parts = path.parts
    if not parts or path.is_absolute() or name.endswith("/"):
        problem = "wanted a file name, relative to the folder of the baselines"
    elif ".." in parts:
        problem = "wanted a name that stays in the folder of the baselines"
    elif any(part.startswith(".") for part in parts):
        problem = "wanted a name that is not hidden: no part of it begins with a dot"
    elif found := _REFUSED.search(name):
        problem = f"wanted a name without {found[0]!r}, with / between folders"
    elif any(_DEVICE.search(part) or part.endswith((".", " ")) for part in parts):
        problem = "wanted a name that Windows takes: no device, no dot or space at an end"
    elif max(map(_count_bytes, parts)) > 200:
        problem = "wanted at most 200 bytes between two slashes"
    elif _ALTERNATE.search(strip_extension(name)):
        problem = "wanted a name that does not end with @ and a number, as further baselines do"
    else:
        return f"{strip_extension(str(path))}{_extension(path, image_format)}"
    raise BaselineNameError(f"name: got {name!r}, {problem}")


def number_name(name: str, number: int) -> str:
    """Return the name of the `number`th image of a test: `home-2` for the second `home`."""
    return name if number == 1 else f"{name}-{number}"


def strip_extension(name: str) -> str:
    """Return a name without the extension of an image format, if it has one."""
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix) if suffix.lower() in FORMAT_OF_SUFFIX else name


def _extension(path: PurePosixPath, image_format: str) -> str:
    if path.suffix.lower() in FORMAT_OF_SUFFIX:
        return path.suffix
    known = {kind: suffix for suffix, kind in reversed(FORMAT_OF_SUFFIX.items())}
    return known.get(image_format, ".png")


def _make_safe(text: str) -> str:
    """Return text in which all that may be special to a file system or a glob is a hyphen."""
    return _DEVICE.sub(r"\1-", _UNSAFE.sub("-", text).strip("-.")) or "-"


def _hide_extension(name: str) -> str:
    """Return a name that ends as no image, as a parameter may: the image has an extension."""
    stem = strip_extension(name)
    return name if stem == name else f"{stem}-{name.removeprefix(stem)[1:]}"


def _count_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _shorten(name: str) -> str:
    """Return a name that is not too long; what tells it from others goes into a hash."""
    data = name.encode("utf-8", "surrogatepass")
    if len(data) <= _MOST_BYTES:
        return name
    mark = hashlib.sha256(data).hexdigest()[:10]
    return f"{data[:_MOST_BYTES].decode('utf-8', 'ignore')}-{mark}"
