"""Objects of a store, by the paths that stand for them: listed, read, written and removed."""

import errno
import hashlib
import mimetypes
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from visualdiff.remote import blobs
from visualdiff.remote.drivers import open_object
from visualdiff.remote.persisting import persist
from visualdiff.urls import find_links, to_parts

# What drivers call the type of what is written.
_TYPE_OPTIONS: Final = {"s3": "ContentType", "gs": "content_type"}
# Whose drivers refuse to write what is there, if asked to.
_CREATORS: Final = frozenset(("gs", "az", "sftp"))
_PATTERN: Final = re.compile(r"[*?[]")
_OTHERS: Final = "was written by others meanwhile"
_MOST_IN_FLIGHT: Final = 32
# Drivers without asynchronous calls hold a connection for each thread.
_MOST_CONNECTIONS: Final = 4


class Seen(NamedTuple):
    """What a store says of an object.

    `fingerprint` is the same for the same content only, "" where the store tells none; `version`
    is another whenever the object was written.
    """

    size: int
    fingerprint: str
    version: str


class Objects(NamedTuple):
    """All objects below a folder, and the names of those that no path can stand for."""

    seen: dict[Path, Seen]
    unplaced: tuple[str, ...] = ()


def list_objects(folder: Path) -> Objects:
    """Return all objects below a folder, asked for page by page; raise `OSError`."""
    driver, root = open_object(folder)
    found = persist(str(folder), partial(driver.find, root, detail=True))
    files = {
        key.removeprefix("/").removeprefix(root.strip("/")).removeprefix("/"): info
        for key, info in found.items()
        if info["type"] == "file"
    }
    folders = {parent for name in files for parent in _list_parents(name)}
    seen, unplaced = {}, []
    for name, info in files.items():
        try:
            parts = to_parts(name)
        except ValueError:
            unplaced.append(name)
            continue
        if name in folders:  # of a store, it may be both
            unplaced.append(name)
        else:
            seen[folder.joinpath(*parts)] = _describe(info)
    return Objects(seen, tuple(unplaced))


def _list_parents(name: str) -> Iterator[str]:
    while name := name.rpartition("/")[0]:
        yield name


def look_up(path: Path) -> Seen | None:
    """Return what a store says of an object, None where there is none; raise `OSError`."""
    driver, key = open_object(path)
    try:
        info = persist(str(path), partial(driver.info, key))
    except FileNotFoundError:
        return None
    return _describe(info) if info["type"] == "file" else None


def read_object(path: Path, seen: Seen | None = None) -> bytes:
    """Return what an object holds; raise `OSError`, also where it is not what was `seen`.

    Nothing else is asked of what was not seen, which must tell by itself whether it is whole.
    """
    driver, key = open_object(path)

    def read() -> bytes:
        data = bytes(driver.cat_file(key))
        if seen is None:
            return data
        if len(data) == seen.size and _hash(data) == seen.fingerprint:
            return data
        # A store that encrypts tells a checksum of something else.
        if _describe(driver.info(key)) != seen:
            raise FileExistsError(errno.EEXIST, "was written again since it was listed")
        if len(data) != seen.size:
            raise ConnectionError(f"only {len(data):,} of {seen.size:,} bytes arrived")
        return data

    return persist(str(path), read)


def write_object(path: Path, data: bytes) -> None:
    """Write an object, whatever is there; raise `OSError`."""
    driver, key = open_object(path, writes=True)
    persist(str(path), partial(driver.pipe_file, key, data, **_tell_type(path)))


def copy_object(path: Path, target: Path) -> None:
    """Write an object as another one is, within a store if it is the same; raise `OSError`."""
    source, destination = open_object(path), open_object(target, writes=True)
    if source.driver is destination.driver:
        persist(str(path), partial(source.driver.cp_file, source.key, destination.key))
        return
    seen = look_up(path)
    if seen is None:
        raise FileNotFoundError(errno.ENOENT, "not found", str(path))
    write_object(target, read_object(path, seen))


def replace_object(path: Path, data: bytes | None, seen: Seen | None) -> Seen | None:
    """Write an object, or remove it, if it is still what was `seen`; return what it is then.

    Raises `FileExistsError` where it is another, `OSError` where it cannot be written.
    """
    driver, key = open_object(path, writes=True)
    _refuse_other(path, seen)
    if data is None:
        if seen and _find_scheme(path) == "s3":
            condition = {"IfMatch": f'"{seen.version}"'}
            bucket, _, name = key.partition("/")
            remove = partial(driver.call_s3, "delete_object", Bucket=bucket, Key=name, **condition)
            persist(str(path), remove)
        elif seen:
            persist(str(path), partial(driver.rm_file, key))
        return None
    told = _tell_type(path) | _tell_condition(path, seen)
    try:
        persist(str(path), partial(driver.pipe_file, key, data, **told))
    except FileExistsError:
        now = look_up(path)
        # The answer to an earlier attempt may have been lost.
        if now is None or now.fingerprint != _hash(data):
            raise FileExistsError(errno.EEXIST, _OTHERS, str(path)) from None
        return now
    return look_up(path)


def remove_objects(folder: Path, paths: Iterable[Path]) -> None:
    """Remove objects below a folder, many at once; raise `OSError`."""
    driver, _ = open_object(folder, writes=True)
    alone = {path: open_object(path).key for path in paths}
    # A name with a star would be a pattern, and remove others.
    together = {path: key for path, key in alone.items() if not _PATTERN.search(key)}
    with suppress(FileNotFoundError):  # one is gone already: then, each by itself
        if together:
            persist(str(folder), partial(driver.rm, list(together.values())))
        alone = {path: key for path, key in alone.items() if path not in together}
    for path, key in alone.items():
        with suppress(FileNotFoundError):
            persist(str(path), partial(driver.rm_file, key))


def require_store(path: Path, *, writes: bool = False) -> None:
    """Raise `ConfigError` where there is no driver for a URL, or none that writes."""
    open_object(path, writes=writes)


def count_lanes(path: Path) -> int:
    """Return how many objects of a store may be on their way at once."""
    return _MOST_IN_FLIGHT if open_object(path).driver.async_impl else _MOST_CONNECTIONS


def _refuse_other(path: Path, seen: Seen | None) -> None:
    if look_up(path) != seen:
        raise FileExistsError(errno.EEXIST, _OTHERS, str(path))


def _tell_condition(path: Path, seen: Seen | None) -> dict[str, Any]:
    """Return what has a store look when it writes; else, it was looked at a moment before."""
    scheme = _find_scheme(path)
    if scheme == "s3":
        return {"IfMatch": f'"{seen.version}"'} if seen else {"IfNoneMatch": "*"}
    if seen is None:
        return {"mode": "create"} if scheme in _CREATORS else {}
    return blobs.tell_version(seen.version) if scheme == "az" else {}


def _tell_type(path: Path) -> dict[str, Any]:
    """Return the type of an object: a browser shows a page that a store serves, if told so."""
    scheme = _find_scheme(path)
    kind, _ = mimetypes.guess_type(path.name, strict=False)
    if kind and scheme == "az":
        return blobs.tell_type(kind)
    name = _TYPE_OPTIONS.get(scheme)
    return {name: kind} if name and kind else {}


def _hash(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _describe(info: Mapping[str, Any]) -> Seen:
    """Return what counts of what drivers tell, each in words of its own."""
    content = info.get("content_settings") or {}
    checksum = info.get("md5Hash") or content.get("content_md5") or b""
    checksum = (b64decode(checksum) if isinstance(checksum, str) else bytes(checksum)).hex()
    etag = str(info.get("ETag") or info.get("etag") or "").strip('"')
    # Only S3's speaks of the content; that of others, of the time of writing.
    fingerprint = checksum or (etag if "ETag" in info else "")
    told = [info[name] for name in ("mtime", "modified", "created", "CRC") if info.get(name)]
    version = str(info.get("generation") or etag) or " ".join(
        str(item.timestamp() if isinstance(item, datetime) else item) for item in told
    )
    return Seen(int(info["size"] or 0), fingerprint, version)


def _find_scheme(path: Path) -> str:
    return find_links(path)[-1][0]
