"""Files of a server behind SSH, by fsspec's driver, less what that leaves to luck.

A server is who `known_hosts` says it is, files are complete before they take their place, and no
folder is taken for an empty one because it cannot be listed.
"""

import errno
from contextlib import suppress
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, Final
from uuid import uuid4

import paramiko
from fsspec import get_filesystem_class
from fsspec.implementations.sftp import SFTPFileSystem

_KNOWN_HOSTS: Final = ("/etc/ssh/ssh_known_hosts", "~/.ssh/known_hosts")
# For a server that is there to answer.
_PATIENCE_SECONDS: Final = 60


def start_folders(store: str) -> Any:
    """Return the driver of a server, or of an archive on it."""
    archive, chained, server = store.rpartition("::")
    scheme, _, rest = server.partition("://")
    driver = Folders(**Folders._get_kwargs_from_urls(f"{scheme}://{rest.partition('/')[0]}"))  # noqa: SLF001 - fsspec has no other name for it
    if not chained:
        return driver
    file = driver.open(f"/{rest.partition('/')[2]}")
    # Its name says how a tar is compressed; without its driver, the connection would end.
    file.original, file.driver = rest, driver
    return get_filesystem_class(archive.partition("://")[0])(file)


class Refusing(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]  # paramiko has no types
    """Refuse servers that nobody knows."""

    def missing_host_key(self, _: object, hostname: str, key: Any) -> None:
        """Raise `PermissionError`."""
        raise PermissionError(
            errno.EACCES,
            f"{hostname} is not in ~/.ssh/known_hosts ({key.get_name()}): anybody may answer in "
            "its name; `ssh-keyscan` tells the line that is wanted there, if you can check it",
        )


class Folders(SFTPFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The driver of one thread; what it raises is `OSError`, or paramiko's."""

    # An instance that others hold would be used by them, too.
    cachable = False

    def close(self) -> None:
        """Close the connection."""
        self.client.close()

    def find(self, path: str, **_: object) -> dict[str, Any]:
        """Return what is told of each file below a folder; raise if any cannot be listed."""
        found, folders = {}, [path]
        while folders:
            folder = folders.pop()
            try:
                listed = self.ls(folder, detail=True)
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

    def cat_file(self, path: str, **_: object) -> bytes:
        """Return what a file holds, asked for in one go."""
        data = BytesIO()
        self.ftp.getfo(path, data)
        return data.getvalue()

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: object) -> None:
        """Write a file, which takes its place when it is complete.

        Raises `FileExistsError` if the mode is `create`, and there is one.
        """
        folder = PurePosixPath(path).parent
        unfinished = str(folder / f".visualdiff-{uuid4().hex}.tmp")
        try:
            self._send(unfinished, value)
        except FileNotFoundError:
            for parent in (*reversed(folder.parents), folder):
                with suppress(OSError):  # is there, as a rule
                    self.ftp.mkdir(str(parent))
            self._send(unfinished, value)
        try:
            self._put_in_place(unfinished, path, replaces=mode != "create")
        except BaseException:
            with suppress(Exception):
                self.ftp.remove(unfinished)
            raise

    def cp_file(self, path1: str, path2: str, **_: object) -> None:
        """Write a file as another one is; few servers do so by themselves."""
        self.pipe_file(path2, self.cat_file(path1))

    def rm_file(self, path: str) -> None:
        """Remove a file."""
        self.ftp.remove(path)

    def rm(self, path: list[str], **_: object) -> None:
        """Remove files that may be gone already; no name is a pattern."""
        for name in path:
            with suppress(FileNotFoundError):
                self.ftp.remove(name)

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        self.client.set_missing_host_key_policy(Refusing())
        for name in _KNOWN_HOSTS:
            with suppress(OSError, RuntimeError):  # as of a user without a home
                self.client.load_system_host_keys(str(Path(name).expanduser()))
        try:
            self.client.connect(self.host, **{"timeout": _PATIENCE_SECONDS, **self.ssh_kwargs})
            self.ftp = self.client.open_sftp()
        except paramiko.BadHostKeyException as error:
            self.client.close()
            raise PermissionError(
                errno.EACCES,
                f"the key of {self.host} is another than that in ~/.ssh/known_hosts: somebody "
                "else may answer in its name",
            ) from error
        except BaseException:
            self.client.close()
            raise
        self.ftp.get_channel().settimeout(_PATIENCE_SECONDS)

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        """Return the path of a URL, in which ? is a character as any other."""
        scheme, mark, rest = path.partition("://")
        return f"/{rest.partition('/')[2]}" if mark and scheme in cls.protocol else path

    def _send(self, path: str, data: bytes) -> None:
        try:
            self.ftp.putfo(BytesIO(data), path)
        except FileNotFoundError:
            raise
        except BaseException:  # a full disk, for one
            with suppress(Exception):
                self.ftp.remove(path)
            raise

    def _put_in_place(self, unfinished: str, path: str, *, replaces: bool) -> None:
        if replaces:
            try:
                self.ftp.posix_rename(unfinished, path)
            except PermissionError:
                raise
            except OSError:  # of servers that are not OpenSSH's, some have no such request
                pass
            else:
                return
            with suppress(FileNotFoundError):
                self.ftp.remove(path)
        try:
            self.ftp.rename(unfinished, path)
        except PermissionError:
            raise
        except OSError as error:
            with suppress(FileNotFoundError):
                self.ftp.stat(path)
                raise FileExistsError(errno.EEXIST, "is there already") from error
            raise
