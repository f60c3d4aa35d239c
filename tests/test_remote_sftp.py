"""Files of a real server behind SSH."""

import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import fsspec
import pytest
from drawing import BLUE_600, draw_png
from sftping import PASSWORD, USER, Server, start_server
from storing import forget, run

from visualdiff.errors import ConfigError
from visualdiff.remote.stores import (
    copy_object,
    count_lanes,
    list_objects,
    look_up,
    read_object,
    remove_objects,
    replace_object,
    require_store,
    write_object,
)
from visualdiff.urls import place


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Start a server that this process knows, and is let in by."""
    root, home = tmp_path / "root", tmp_path / "home"
    root.mkdir()
    monkeypatch.setenv("HOME", str(home))
    access = {
        "username": USER,
        "password": PASSWORD,
        "look_for_keys": False,
        "allow_agent": False,
    }
    monkeypatch.setitem(fsspec.config.conf, "sftp", access)
    with start_server(root) as server:
        server.make_known(home)
        yield server
        forget()


def list_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_files_are_listed_and_read(server: Server) -> None:
    for name in "shots/a.png", "shots/sub/b #1?[2]*%20.png", "other/c.png":
        server.put(name, b"hello" * 10_000)
    folder = place(f"{server.url}/shots")
    found = list_objects(folder)
    assert sorted(found) == [folder / "a.png", folder / "sub/b #1?[2]*%20.png"]
    for path, seen in found.items():
        assert seen.fingerprint == ""
        assert look_up(path) == seen
        assert read_object(path, seen) == b"hello" * 10_000
    assert look_up(folder / "none.png") is None
    assert look_up(folder / "sub") is None
    assert list_objects(place(f"{server.url}/nothing")) == {}


def test_a_file_takes_its_place_when_it_is_complete(server: Server) -> None:
    path = place(f"{server.url}/new/folder/a.png")
    write_object(path, b"hello")
    assert list_files(server.root) == {"new/folder/a.png": b"hello"}
    server.asked.clear()
    write_object(path, b"other" * 50_000)
    assert list_files(server.root) == {"new/folder/a.png": b"other" * 50_000}
    assert [name for name, _ in server.asked][-1] == "posix_rename"
    copy_object(path, path.with_name("b.png"))
    assert list_files(server.root)["new/folder/b.png"] == b"other" * 50_000


@pytest.mark.parametrize("has_posix_rename", [True, False])
def test_a_file_is_replaced_if_it_is_as_it_was_seen(
    server: Server, has_posix_rename: bool
) -> None:
    server.has_posix_rename = has_posix_rename
    path = place(f"{server.url}/a.png")
    first = replace_object(path, b"hello", None)
    assert first == look_up(path)
    second = replace_object(path, b"longer", first)
    for seen in first, None:
        with pytest.raises(FileExistsError):
            replace_object(path, b"third", seen)
        with pytest.raises(FileExistsError):
            replace_object(path, None, seen)
    assert list_files(server.root) == {"a.png": b"longer"}
    assert replace_object(path, None, second) is None
    assert list_files(server.root) == {}


def test_whoever_makes_a_file_between_looking_and_writing_wins(server: Server) -> None:
    def intrude(name: str, _: str) -> None:
        if name == "rename":
            server.put("a.png", b"theirs")

    server.rule = intrude
    with pytest.raises(FileExistsError, match="by others"):
        replace_object(place(f"{server.url}/a.png"), b"ours", None)
    assert list_files(server.root) == {"a.png": b"theirs"}


def test_files_are_removed_whatever_their_names(server: Server) -> None:
    for name in "a*.png", "ab.png", "b[1].png":
        server.put(name, b"")
    folder = place(server.url)
    remove_objects(folder, [folder / "a*.png", folder / "b[1].png", folder / "gone.png"])
    assert list_files(server.root) == {"ab.png": b""}


def test_a_connection_that_is_lost_is_made_again(server: Server) -> None:
    path = place(f"{server.url}/a.png")
    server.put("a.png", b"hello")
    seen = look_up(path)
    assert seen
    server.hang_up()
    assert read_object(path, seen) == b"hello"
    server.hang_up()
    write_object(path, b"other")
    assert list_files(server.root) == {"a.png": b"other"}
    assert server.connections == 1


def test_threads_have_connections_of_their_own(server: Server) -> None:
    folder = place(f"{server.url}/shots")
    for number in range(40):
        server.put(f"shots/{number}.png", b"%d" % number * 1000)
    found = list_objects(folder)
    lanes = count_lanes(folder)
    assert lanes == 4
    # Each waits until all others have a connection, too.
    together = Barrier(lanes, timeout=60)
    first = iter(range(lanes))

    def read(path: Path) -> bytes:
        if next(first, None) is not None:
            together.wait()
        return read_object(path, found[path])

    for _ in range(3):
        with ThreadPoolExecutor(lanes) as threads:
            read_all = list(threads.map(read, found))
        assert read_all == [path.stem.encode() * 1000 for path in found]
    assert server.most_connections <= lanes


def test_a_folder_that_cannot_be_listed_is_no_empty_one(server: Server) -> None:
    for name in "shots/a.png", "shots/secret/b.png":
        server.put(name, b"")

    def refuse(name: str, path: str) -> None:
        if name == "list_folder" and path.endswith("secret"):
            raise PermissionError(13, "no")

    server.rule = refuse
    with pytest.raises(PermissionError):
        list_objects(place(f"{server.url}/shots"))


def test_a_link_is_told_and_not_followed(server: Server) -> None:
    server.put("shots/a.png", b"")
    (server.root / "shots/b.png").symlink_to("/etc/passwd")
    with pytest.raises(OSError, match=r"/shots/b\.png is a link"):
        list_objects(place(f"{server.url}/shots"))


def test_a_wrong_password_is_told_at_once(server: Server) -> None:
    fsspec.config.conf["sftp"]["password"] = f"not-{PASSWORD}"
    with pytest.raises(OSError, match="Authentication failed") as told:
        list_objects(place(server.url))
    assert PASSWORD not in str(told.value)


def test_a_server_that_nobody_knows_is_refused(
    server: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    known = tmp_path / "home/.ssh/known_hosts"
    line = known.read_text()
    known.unlink()
    with pytest.raises(PermissionError, match=r"\[127.*\]:\d+ is not in ~/.ssh/known_hosts \(ecd"):
        list_objects(place(server.url))
    with start_server(server.root) as other:
        known.write_text(line.replace(str(server.port), str(other.port)))
        with pytest.raises(PermissionError, match="is another than that in"):
            list_objects(place(other.url))
    known.write_text(line)
    assert list_objects(place(server.url)) == {}
    assert capfd.readouterr() == ("", "")


def test_no_server_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with start_server(tmp_path) as server:
        pass
    with pytest.raises(OSError, match="Unable to connect to port"):
        require_store(place(server.url))
    assert capfd.readouterr() == ("", "")


def test_an_archive_of_a_server_is_read(server: Server, tmp_path: Path) -> None:
    with zipfile.ZipFile(server.root / "shots #1.zip", "w") as archive:
        archive.writestr("new/a.png", b"hello")
    folder = place(f"zip://new::{server.url}/shots #1.zip")
    ((path, seen),) = list_objects(folder).items()
    assert read_object(path, seen) == b"hello"
    (tmp_path / "home/.ssh/known_hosts").unlink()
    forget()
    with pytest.raises(PermissionError, match="not in"):
        list_objects(folder)
    with pytest.raises(ConfigError, match="an archive in an archive"):
        require_store(place(f"zip://x::zip://a.zip::{server.url}/b.zip"))


RED = (220, 38, 38)


@pytest.fixture
def suite(server: Server) -> Server:
    """Return a server with a pair that passes, and one that does not."""
    for side, colour in {"old": BLUE_600, "new": RED}.items():
        server.put(f"{side}/same.png", draw_png(RED))
        server.put(f"{side}/sub/changed.png", draw_png(colour))
    server.put("visualdiff.yaml", b"")
    return server


def read_results(report: dict[str, bytes], place: str) -> list[dict[str, Any]]:
    """Return the results of a report without what differs between two runs, and places."""
    results: list[dict[str, Any]]
    results = json.loads(report["results.json"].replace(place.encode(), b""))["results"]
    for entry in results:
        del entry["seconds"]
    return results


def run_over(server: Server, home: Path, **changes: str) -> tuple[int, str]:
    """Run the command as a user does who keeps the password in the environment."""
    variables = {
        "HOME": str(home),
        "FSSPEC_SFTP_USERNAME": USER,
        "FSSPEC_SFTP_PASSWORD": PASSWORD,
        **changes,
    }
    words = [
        word
        for option, name in {"baselines": "old", "candidates": "new", "report": "there"}.items()
        for word in (f"--{option}", f"{server.url}/{name}")
    ]
    told, said = run(server.root, variables, "run", *words)
    assert PASSWORD not in said
    return told, said


def test_a_run_over_a_server_finds_what_one_over_folders_does(
    suite: Server, tmp_path: Path
) -> None:
    told, said = run_over(suite, tmp_path / "home")
    assert told == 1
    assert f"report: {suite.url}/there/index.html" in said
    there = list_files(suite.root / "there")
    words = ("--baselines", "old", "--candidates", "new", "--report", "here")
    assert run(suite.root, {}, "run", *words)[0] == 1
    here = list_files(suite.root / "here")
    assert there.keys() == here.keys() - {".visualdiff-lock"}
    for name, data in there.items():
        assert PASSWORD.encode() not in data
        if name.startswith("assets/"):
            assert data == here[name]
    assert read_results(there, f"{suite.url}/") == read_results(here, "")


def test_a_run_tells_in_a_line_why_it_is_not_let_in(suite: Server, tmp_path: Path) -> None:
    told, said = run_over(suite, tmp_path / "home", FSSPEC_SFTP_USERNAME="nobody")
    assert (told, said.count("\n")) == (2, 1), said
    assert "Authentication failed" in said
    (tmp_path / "home/.ssh/known_hosts").unlink()
    told, said = run_over(suite, tmp_path / "home")
    assert (told, said.count("\n")) == (2, 1), said
    assert "~/.ssh/known_hosts" in said
