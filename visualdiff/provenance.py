"""What verdicts and pictures come from: the versions of visualdiff and of the packages it uses."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from visualdiff.version import __version__

PACKAGES: Final = (
    "deflate",
    "kornia-rs",
    "numpy",
    "opencv-python-headless",
    "pillow",
    "scikit-image",
)


@cache
def list_versions() -> Mapping[str, str]:
    """Return the version of each package by its name, "" where none of that name is installed."""
    return {"visualdiff": __version__, **{name: find_version(name) for name in PACKAGES}}


def find_version(package: str) -> str:
    """Return the version of a package; "" where another package may provide the same modules."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
