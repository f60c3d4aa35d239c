"""All files below a folder of a driver that lists one folder at a time.

fsspec's own way leaves out folders that cannot be listed, and whoever misses an image passes.
"""

import errno
from typing import Any


def find_each(driver: Any, path: str, **_: object) -> dict[str, Any]:
    """Return what is told of each file below a folder; raise `OSError` if any cannot be listed.

    Where there is no such folder, there are no files.
    """
    found, folders = {}, [path]
    while folders:
        folder = folders.pop()
        try:
            listed = driver.ls(folder, detail=True)
        except FileNotFoundError:
            if folder != path:
                raise
            return {}
        for info in listed:
            if info["type"] == "directory":
                folders.append(info["name"])
            elif info["type"] == "link":
                raise OSError(errno.ELOOP, f"{info['name']} is a link, which is not followed")
            else:
                found[info["name"]] = info
    return found
