"""URLs ↔ paths of this machine that stand for them, so that all else knows paths only.

The stand-in of s3://bucket/home.png is ROOT/s3;/bucket/home.png, and that of home.png in an
archive zip://::s3://bucket/shots.zip is ROOT/s3;/bucket/shots.zip/zip;/home.png. ROOT is a folder
of this process, which ends with it; files come into it when they are fetched. A path tells its URL
by itself, in any process.
"""

import atexit
import os
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote

_MARK: Final = "visualdiff-remote-"
_URL: Final = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]+)://(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
# What ends the part of a path that is the scheme of a URL.
_END: Final = ";"
_SCHEME: Final = re.compile(rf"[a-z][a-z0-9+.-]+{_END}")
# A folder of somebody may have such a name, too.
_STANDS_IN: Final = re.compile(rf"{_MARK}[^/\\]*[/\\]{_SCHEME.pattern}(?:[/\\]|$)")
_ARCHIVES: Final = frozenset({"zip", "tar"})
_LOCAL: Final = frozenset({"file", "local"})
# One store must not seem to be two.
_ALIASES: Final = {
    "abfs": "az",
    "abfss": "az",
    "gcs": "gs",
    "local": "file",
    "s3a": "s3",
    "ssh": "sftp",
}
# Of a name that is part of a path.
_MOST_BYTES: Final = 255
_SECRETS: Final = re.compile(
    r"[?&][^=&/]*(sig|token|password|secret|credential|key)[^=&/]*=", re.I
)

_REFUSAL: Final = (
    "a password in a URL, wanted none: it would be shown; give it to the driver, by its own "
    "configuration or environment"
)


def is_url(text: str) -> bool:
    """Return whether a text names a place that is not a path."""
    return _URL.match(text) is not None


def is_stand_in(path: Path) -> bool:
    """Return whether a path stands for a URL."""
    text = str(path)
    return _MARK in text and _STANDS_IN.search(text) is not None


def place(url: str, base: Path | None = None, *, listed: bool = False) -> Path:
    """Return the stand-in of a URL; an archive of this machine is relative to a folder, `base`.

    Of an object that was `listed`, what follows a question mark is a part of its name. Raises
    `ValueError` for what has no stand-in, and for a password, which would be shown.
    """
    if _SECRETS.search(url) and not listed:
        raise ValueError(f"got {_REFUSAL}")
    *archives, store = url.split("::")
    if archives and not is_url(store):
        store = f"file://{os.path.normpath((base or Path.cwd()) / store)}"
    elif not archives and _URL.sub(r"\g<scheme>", store).lower() in _LOCAL:
        raise ValueError("got a URL of this machine, wanted its path")
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


def find_links(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    """Return scheme and parts of a store, and of each archive in it, that a path stands for."""
    found = _STANDS_IN.search(str(path))
    links: list[tuple[str, tuple[str, ...]]] = []
    if found:
        _, *parts = Path(str(path)[found.start() :]).parts
        for part in parts:
            if _SCHEME.fullmatch(part):
                links.append((part.removesuffix(_END), ()))
            else:
                scheme, before = links[-1]
                links[-1] = scheme, (*before, part)
    return links


def find_url(path: Path) -> str | None:
    """Return the URL that a path stands for; None for any other path."""
    links = [join_link(*link) for link in reversed(find_links(path))]
    return "::".join(links) or None


def join_link(scheme: str, parts: Iterable[str]) -> str:
    """Return the URL of a store, or of what is in an archive, without the archive's own."""
    return f"{scheme}://{'/' * (scheme in _LOCAL)}{'/'.join(parts)}"


def show(path: Path, folder: Path | None = None) -> str:
    """Return what a person calls a path: its URL, if it stands for one.

    An archive of this machine is told relative to a folder.
    """
    links = find_links(path)
    if folder and links and links[0][0] in _LOCAL:
        archive = Path(os.path.relpath(f"/{'/'.join(links[0][1])}", folder)).as_posix()
        inner = [join_link(*link) for link in reversed(links[1:])]
        return "::".join((*inner, archive))
    return find_url(path) or str(path)


def show_urls(text: str) -> str:
    """Return a text with URLs for the paths in it that stand for them."""
    if _MARK not in text:
        return text
    # That of another process is in a folder for temporary files that has a usual name.
    roots = [re.escape(str(root)) for root in _roots]
    start = "|".join((*roots, rf"[^\s'\"(]*{_MARK}[^/\\\s]*"))
    stands_in = rf"(?:{start})[/\\](?={_SCHEME.pattern}[/\\])[^\s'\"),]*"
    return re.sub(stands_in, _show_found, text)


def _show_found(found: re.Match[str]) -> str:
    """Return the URL of a path; what ends a sentence or a part of one is none of its name."""
    text = found[0].rstrip(".:")
    if text.endswith(_END) and text.rpartition("/")[2].removesuffix(_END) not in _ARCHIVES:
        text = text.removesuffix(_END)
    slash = "/" if text.endswith("/") and find_links(Path(text))[-1][1] else ""
    return f"{show(Path(text))}{slash}{found[0].removeprefix(text)}"


def to_parts(name: str) -> list[str]:
    """Return the parts of the path that stands for a name; raise `ValueError` if none can."""
    parts = name.split("/")
    for part in parts:
        if part in ("", ".", "..") or "\0" in part or "::" in part or _SCHEME.fullmatch(part):
            raise ValueError(f"got {name!a}, wanted no part that is empty or as {part!a}")
        if len(os.fsencode(part)) > _MOST_BYTES:
            raise ValueError(f"got {name!a}, wanted parts of at most {_MOST_BYTES} bytes")
    return parts


_roots: Final[list[Path]] = []


@cache
def find_root() -> Path:
    """Return the folder of all stand-ins of this process."""
    import shutil  # noqa: PLC0415 - every command imports this module, and few need a root

    root = make_root()
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    _roots.append(root)
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
    scheme, rest = found["scheme"].lower(), found["rest"]
    host, _, port = unquote(rest).partition("/")[0].rpartition(":")
    if ":" in host or (host and not port.isdecimal()):
        raise ValueError(f"got {_REFUSAL}")
    return _ALIASES.get(scheme, scheme), rest
