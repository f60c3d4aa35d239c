"""Who compares is told by name and version."""

from importlib.metadata import version

from visualdiff.provenance import PACKAGES, find_version, list_versions
from visualdiff.version import __version__


def test_every_package_has_its_version_and_visualdiff_goes_first() -> None:
    told = dict(list_versions())
    assert next(iter(told.items())) == ("visualdiff", __version__)
    assert told["numpy"] == version("numpy")
    assert set(told) == {"visualdiff", *PACKAGES}


def test_a_package_of_another_name_is_no_mistake() -> None:
    assert find_version("no-such-package") == ""
