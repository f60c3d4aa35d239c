"""URLs → fsspec's drivers, and what these call an object."""

from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from visualdiff.errors import ConfigError
from visualdiff.remote.finding import find_each
from visualdiff.remote.lending import Lender
from visualdiff.remote.persisting import persist
from visualdiff.urls import find_links, join_link, show

# S3's driver would ask for the size of each object first, and its client try five times. Listing
# takes several requests: a second attempt of each spares all of them.
_OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "s3": {
        "max_concurrency": 1,
        "config_kwargs": {
            "retries": {"total_max_attempts": 2},
            "connect_timeout": 10,
            "read_timeout": 20,
        },
    },
}
_EXTRAS: Final = {"memory": "zip", "tar": "zip"}


class Object(NamedTuple):
    """A driver, and what it calls an object or a folder."""

    driver: Any
    key: str


def open_object(path: Path, *, writes: bool = False) -> Object:
    """Return the driver of what a path stands for, and its name there.

    Raises `ConfigError` where there is none, or it `writes` nothing, `OSError` where a store does
    not answer.
    """
    *outer, (scheme, parts) = find_links(path)
    if not outer:
        store = join_link(scheme, parts[:1])
        driver = find_driver(store)
        root = str(driver._strip_protocol(store))  # noqa: SLF001 - fsspec has no other name for it
        return Object(driver, "/".join((root.rstrip("/"), *parts[1:])) or root)
    if writes:
        raise ConfigError(f"{show(path)} is in an archive, in which nothing is written")
    links = (join_link(scheme, ()), *(join_link(*link) for link in reversed(outer)))
    return Object(find_driver("::".join(links)), "/".join(parts))


def _name_module(error: ImportError) -> str:
    """Return which package lacks; fsspec's own errors tell it by their cause."""
    cause = error.__cause__
    return error.name or (isinstance(cause, ImportError) and cause.name) or "another package"


def _list_schemes(url: str) -> list[str]:
    return [link.partition("://")[0] for link in url.split("::")]


@lru_cache(maxsize=100)
def find_driver(store: str) -> Any:
    """Return the driver of a store, for any thread."""
    scheme, *_ = schemes = _list_schemes(store)
    if len(schemes) > 2 and "sftp" in schemes:
        raise ConfigError(f"{store} is an archive in an archive, wanted a file of the server")
    try:
        from fsspec import get_filesystem_class  # noqa: PLC0415 - most runs need none

        shared, *_ = [get_filesystem_class(name).async_impl for name in schemes]
        # Of an archive, its list of names is read.
        start = partial(_start_driver, store)
        driver = persist(store, start)
        return driver if shared else Lender(driver, start)
    except ImportError as error:
        extra = _EXTRAS.get(scheme, scheme)
        raise ConfigError(
            f"{store} needs {_name_module(error)}; "
            f"`pip install 'visualdiff-ssim[{extra}]'` brings it"
        ) from None
    except ValueError as error:
        raise ConfigError(f"{store}: {error}") from None


def _start_driver(store: str) -> Any:
    from fsspec import AbstractFileSystem  # noqa: PLC0415 - most runs need none
    from fsspec.core import url_to_fs  # noqa: PLC0415

    schemes = _list_schemes(store)
    if "sftp" in schemes:
        from visualdiff.remote.sftp import start_folders  # noqa: PLC0415 - of an extra

        return start_folders(store)
    options = {"use_listings_cache": False, **_OPTIONS.get(schemes[0], {})}
    driver, _ = url_to_fs(store, **options)
    if schemes == ["s3"]:
        driver.retries = 1  # between its client's two, it would make five of its own
    if type(driver).find is AbstractFileSystem.find:
        driver.find = partial(find_each, driver)
    return driver
