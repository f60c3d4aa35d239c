"""Git LFS: which files are pointers in place of images, and how the images are had."""

import re
import shlex
from pathlib import Path
from typing import Final

_START: Final = b"version https://git-lfs.github.com/spec/"
# What means something in a pattern of Git LFS, or parts two of them.
_SPECIAL: Final = re.compile(r"[*?\[\]\\,!#]|^ | $")


def is_pointer(data: bytes) -> bool:
    """Return whether the bytes of a file are a pointer of Git LFS."""
    return data.startswith(_START)


def explain_pointer(path: Path | None = None) -> str:
    """Say that a file is a pointer, and by which command it becomes an image."""
    return (
        f"a Git LFS pointer, not an image: run `{_tell_command(path)}`; in a CI job, check out "
        "with LFS (actions/checkout: `lfs: true`)"
    )


def _tell_command(path: Path | None) -> str:
    """Return the command for one file; without the repository that holds it, that for all."""
    place = path.absolute() if path else None
    for folder in place.parents if place else ():
        if place and (folder / ".git").exists():
            # Patterns begin at the root, wherever the command is run; ? is any character.
            pattern = _SPECIAL.sub("?", place.relative_to(folder).as_posix())
            return shlex.join(["git", "lfs", "pull", f"--include={pattern}"])
    return "git lfs pull"
