"""A server of files behind SSH, as others run it: on loopback, a thread, and a folder."""

import os
import posixpath
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any

import paramiko
from paramiko.sftp import SFTP_FAILURE, SFTP_OK, SFTP_OP_UNSUPPORTED

USER = "somebody"
# Tests look for it in all that is printed or written.
PASSWORD = "a-password-nobody-may-see"  # noqa: S105 (of no other server)


class Server:
    """A server that is told how to behave, and tells what it was asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.key = paramiko.ECDSAKey.generate()
        # Whether it replaces files by renaming, as OpenSSH's does.
        self.has_posix_rename = True
        # Names of requests, with the path that each is of.
        self.asked: list[tuple[str, str]] = []
        # Called with each request; what it raises ends the connection.
        self.rule: Callable[[str, str], None] = lambda _, __: None
        self.most_connections = 0
        self._transports: list[paramiko.Transport] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"sftp://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def connections(self) -> int:
        return sum(transport.is_active() for transport in self._transports)

    def put(self, name: str, data: bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def make_known(self, home: Path) -> None:
        """Write the line that `ssh-keyscan` would."""
        known = paramiko.HostKeys()
        known.add(f"[127.0.0.1]:{self.port}", self.key.get_name(), self.key)
        (home / ".ssh").mkdir(parents=True, exist_ok=True)
        known.save(str(home / ".ssh/known_hosts"))

    def hang_up(self) -> None:
        """End all connections; new ones are answered."""
        for transport in self._transports:
            transport.close()

    def close(self) -> None:
        # Closing alone would not wake up who waits.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        self.hang_up()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # closed
                return
            # Of a client that has left at once, whatever that is called.
            with suppress(OSError, EOFError, paramiko.SSHException):
                self._greet(connection)

    def _greet(self, connection: socket.socket) -> None:
        transport = paramiko.Transport(connection)
        self._transports.append(transport)
        transport.add_server_key(self.key)
        transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Files, self)
        transport.start_server(server=Guard())
        self.most_connections = max(self.most_connections, self.connections)


class Guard(paramiko.ServerInterface):  # type: ignore[misc]  # paramiko has no types
    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == (USER, PASSWORD)
        return int(paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED)

    def get_allowed_auths(self, _: str) -> str:
        return "password"

    def check_channel_request(self, *_: object) -> int:
        return int(paramiko.OPEN_SUCCEEDED)


def _answer(act: Callable[..., Any]) -> Callable[..., Any]:
    """Have a request written down, and an error of the system told as its number."""

    @wraps(act)
    def answer(files: "Files", path: str, *others: Any) -> Any:
        name = act.__name__
        files.server.asked.append((name, path))
        try:
            files.server.rule(name, path)
            return act(files, files.find(path), *others)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    return answer


class Files(paramiko.SFTPServerInterface):  # type: ignore[misc]  # as above
    def __init__(self, _: object, server: Server) -> None:
        self.server = server

    def find(self, path: str) -> Path:
        return self.server.root / posixpath.normpath(path).lstrip("/")

    @_answer
    def list_folder(self, path: Path) -> Any:
        return [
            paramiko.SFTPAttributes.from_stat(item.lstat(), item.name) for item in path.iterdir()
        ]

    @_answer
    def stat(self, path: Path) -> Any:
        return paramiko.SFTPAttributes.from_stat(path.stat())

    @_answer
    def lstat(self, path: Path) -> Any:
        return paramiko.SFTPAttributes.from_stat(path.lstat())

    @_answer
    def open(self, path: Path, flags: int, _: object) -> Any:
        handle = paramiko.SFTPHandle(flags)
        writes = flags & (os.O_WRONLY | os.O_RDWR)
        handle.readfile = handle.writefile = os.fdopen(
            os.open(path, flags, 0o666), "wb" if writes else "rb"
        )
        handle.stat = lambda: paramiko.SFTPAttributes.from_stat(path.stat())
        return handle

    @_answer
    def remove(self, path: Path) -> int:
        path.unlink()
        return int(SFTP_OK)

    @_answer
    def rename(self, path: Path, new: str) -> int:
        try:
            os.link(path, self.find(new))
        except FileExistsError:
            return int(SFTP_FAILURE)
        path.unlink()
        return int(SFTP_OK)

    @_answer
    def posix_rename(self, path: Path, new: str) -> int:
        if not self.server.has_posix_rename:
            return int(SFTP_OP_UNSUPPORTED)
        path.replace(self.find(new))
        return int(SFTP_OK)

    @_answer
    def mkdir(self, path: Path, _: object) -> int:
        path.mkdir()
        return int(SFTP_OK)


@contextmanager
def start_server(root: Path) -> Iterator[Server]:
    """Start a server of a folder; end it with the block."""
    server = Server(root)
    try:
        yield server
    finally:
        server.close()
