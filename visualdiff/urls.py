"""URLs ↔ paths of this machine that stand for them, so that all else knows paths only.

The stand-in of s3://bucket/home.png is ROOT/s3;/bucket/home.png, and that of home.png in an
archive zip://::s3://bucket/shots.zip is ROOT/s3;/bucket/shots.zip/zip;/home.png. ROOT is a folder
of this process, which ends with it; files come into it when they are fetched. A path tells its URL
by itself, in any process.
"""

import atexit
import os
import re
from functools import cache
from pathlib import Path
from typing import Final

_MARK: Final = "visualdiff-remote-"
_URL: Final = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]+)://(?P<rest>[^:]*(?::(?!:)[^:]*)*)")
# What ends the part of a path that is the scheme of a URL.
_END: Final = ";"
_SCHEME: Final = re.compile(rf"[a-z][a-z0-9+.-]+{_END}")
# A folder of somebody may have such a name, too.
_STANDS_IN: Final = re.compile(rf"{_MARK}[^/\\]*[/\\]{_SCHEME.pattern}(?:[/\\]|$)")
# A stand-in in a text, up to what may end it; of a URL that goes on, the rest stays as it is.
_SHOWN: Final = re.compile(rf"[^\s'\"(]*{_MARK}[^\s'\"),]+")
_ARCHIVES: Final = frozenset({"zip", "tar"})
_LOCAL: Final = frozenset({"file", "local"})


def is_url(text: str) -> bool:
    """Return whether a text names a place that is not a path."""
    return _URL.match(text) is not None


def is_stand_in(path: Path) -> bool:
    """Return whether a path stands for a URL."""
    text = str(path)
    return _MARK in text and _STANDS_IN.search(text) is not None


def place(url: str, base: Path | None = None) -> Path:
    """Return the stand-in of a URL; an archive of this machine is relative to a folder, `base`.

    Raises `ValueError` for what has none, and for a password, which would be shown.
    """
    *archives, store = url.split("::")
    if archives and not is_url(store):
        store = f"file://{os.path.normpath((base or Path.cwd()) / store)}"
    parts: list[str] = []
    for link in (store, *reversed(archives)):
        scheme, rest = _split(link)
        if (scheme in _ARCHIVES) is (link == store):
            raise ValueError(
                f"got {link!a}, wanted an archive as in zip://FOLDER::ARCHIVE, which is a path or "
                "a URL"
            )
        parts += [scheme + _END, *(to_parts(rest.strip("/")) if rest.strip("/") else [])]
    return find_root().joinpath(*parts)


def find_url(path: Path) -> str | None:
    """Return the URL that a path stands for; None for any other path."""
    if not is_stand_in(path):
        return None
    _, _, rest = str(path).partition(_MARK)
    links: list[list[str]] = []
    for part in Path(rest).parts[1:]:
        if _SCHEME.fullmatch(part):
            links.append([part.removesuffix(_END)])
        elif links:
            links[-1].append(part)
    urls = [f"{scheme}://{'/' * (scheme in _LOCAL)}{'/'.join(rest)}" for scheme, *rest in links]
    return "::".join(reversed(urls))


def show(path: Path) -> str:
    """Return what a person calls a path: its URL, if it stands for one."""
    return find_url(path) or str(path)


def show_urls(text: str) -> str:
    """Return a text with URLs for the paths in it that stand for them."""
    if _MARK not in text:
        return text
    return _SHOWN.sub(lambda found: show(Path(found[0])), text)


def to_parts(name: str) -> list[str]:
    """Return the parts of the path that stands for a name; raise `ValueError` if none can."""
    parts = name.split("/")
    for part in parts:
        if part in ("", ".", "..") or "\0" in part or _SCHEME.fullmatch(part):
            raise ValueError(f"got {name!a}, wanted no part that is empty or as {part!a}")
    return parts


@cache
def find_root() -> Path:
    """Return the folder of all stand-ins of this process."""
    import shutil  # noqa: PLC0415 - every command imports this module, and few need a root

    root = make_root()
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return root


def make_root(parent: Path | None = None) -> Path:
    """Make a folder for stand-ins, which whoever calls this removes."""
    import tempfile  # noqa: PLC0415 - as above

    return Path(tempfile.mkdtemp(prefix=_MARK, dir=parent)).resolve()


def move(path: Path, root: Path) -> Path:
    """Return what stands for the same URL below another root; any other path as it is."""
    _, mark, rest = str(path).partition(_MARK)
    return root.joinpath(*Path(rest).parts[1:]) if mark else path


def _split(link: str) -> tuple[str, str]:
    found = _URL.fullmatch(link)
    if not found:
        raise ValueError(f"got {link!a}, wanted a URL such as s3://bucket/folder")
    scheme, rest = found["scheme"], found["rest"]
    owner, _, _ = rest.partition("/")[0].rpartition("@")
    if ":" in owner:
        raise ValueError(
            f"got a password in a URL of {scheme}://, wanted none: it would be shown; give it to "
            "the driver, by its own configuration or environment"
        )
    return scheme, rest
