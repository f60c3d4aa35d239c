import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualdiff import files
from visualdiff.errors import NotAFileError
from visualdiff.files import (
    FORMAT_OF_SUFFIX,
    list_unfinished,
    locate,
    open_file,
    relative_to,
    to_path,
    write_atomically,
    write_together,
)
from visualdiff.urls import find_root, place


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@given(st.binary(max_size=200), st.binary(max_size=200))
@settings(deadline=None, max_examples=50)
def test_a_file_holds_what_was_written_last(first: bytes, second: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.bin")
        for data in (first, second):
            write_atomically(path, data)
            assert path.read_bytes() == data
        assert list_names(path.parent) == ["a.bin"]


def test_missing_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "report" / "assets" / "a.png"
    write_atomically(path, b"pixels")
    assert path.read_bytes() == b"pixels"


def test_a_web_server_may_read_the_file_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_atomically(tmp_path / "a.png", b"pixels")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.png").stat().st_mode) == 0o644


def test_the_old_content_can_still_be_read_by_who_has_it_open(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        write_atomically(path, b"new and longer")
        assert reader.read() == b"old"


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    real = os.fdopen

    def open_full(descriptor: int, mode: str) -> object:
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, descriptor)
        os.close(full)
        return real(descriptor, mode)

    monkeypatch.setattr(os, "fdopen", open_full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_atomically(path, b"x" * 100_000)
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert list_names(tmp_path) == ["a.png"]


@pytest.mark.parametrize("step", ["chmod", "replace"])
def test_a_failure_at_any_step_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, step, refuse)
    with pytest.raises(PermissionError) as caught:
        write_atomically(path, b"new")
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert list_names(tmp_path) == ["a.png"]


def test_an_interruption_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a.png", b"new")
    assert list_names(tmp_path) == []


def test_a_target_below_a_file_is_an_error_that_names_the_target(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a file")
    path = tmp_path / "report" / "index.html"
    with pytest.raises(OSError, match=r"exists|Not a directory") as caught:
        write_atomically(path, b"page")
    assert caught.value.filename == str(path)


def test_a_target_that_is_a_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "index.html").mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        write_atomically(tmp_path / "index.html", b"page")
    assert caught.value.filename == str(tmp_path / "index.html")
    assert list_names(tmp_path) == ["index.html"]


def test_a_name_too_long_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 300)
    with pytest.raises(OSError, match="too long") as caught:
        write_atomically(path, b"page")
    assert caught.value.filename == str(path)
    assert list_names(tmp_path) == []


def test_an_unwritable_folder_is_an_error_that_names_the_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Permission bits do not stop a test that runs as root.
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "a temporary name")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(PermissionError, match="Permission denied") as caught:
        write_atomically(tmp_path / "a.png", b"new")
    assert caught.value.filename == str(tmp_path / "a.png")


def test_pieces_become_one_file(tmp_path: Path) -> None:
    pieces = (text.encode() for text in ("[1", ", 2", "]"))
    write_together({tmp_path / "a.json": pieces})
    assert (tmp_path / "a.json").read_bytes() == b"[1, 2]"


def test_a_piece_that_cannot_be_made_leaves_the_old_file(tmp_path: Path) -> None:
    def fail() -> Iterator[bytes]:
        yield b"new"
        raise ValueError("not JSON compliant")

    (tmp_path / "a.json").write_bytes(b"old")
    with pytest.raises(ValueError, match="not JSON"):
        write_together({tmp_path / "a.json": fail()})
    assert (tmp_path / "a.json").read_bytes() == b"old"
    assert list_names(tmp_path) == ["a.json"]


def test_of_several_files_none_is_new_where_one_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"old")
    (tmp_path / "folder").write_bytes(b"a file")
    with pytest.raises(OSError, match="folder") as caught:
        write_together({tmp_path / "a.json": (b"new",), tmp_path / "folder" / "b": (b"new",)})
    assert caught.value.filename == str(tmp_path / "folder" / "b")
    assert (tmp_path / "a.json").read_bytes() == b"old"
    assert list_names(tmp_path) == ["a.json", "folder"]


def test_what_a_kill_leaves_is_found(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom visualdiff.files import write_together\n"
        "def kill():\n    yield b'x'\n    os.kill(os.getpid(), 9)\n"
        "write_together({Path(sys.argv[1], 'a.json'): kill()})\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert [path.name for path in list_unfinished(tmp_path)] == list_names(tmp_path)
    assert len(list_names(tmp_path)) == 1


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/project/old/a.png", "old/a.png"),
        ("/project/a b/ü#%.png", "a b/ü#%.png"),
        ("/shots/a.png", "../shots/a.png"),
        ("/project", "."),
        ("/project/a/../../b.png", "../b.png"),
        ("/project-2/a.png", "../project-2/a.png"),
    ],
)
def test_a_relative_path_is_shown_from_the_folder(path: str, shown: str) -> None:
    assert relative_to(Path("/project"), Path(path)) == shown


def test_what_is_in_a_store_is_told_by_its_url_from_any_folder() -> None:
    path = place("memory://shots/home.png")
    # What stands for it may be below a project, as where one works in /tmp.
    assert relative_to(find_root().parent, path) == "memory://shots/home.png"
    assert relative_to(Path("/project"), path) == "memory://shots/home.png"
    assert relative_to(path.parent, path) == "home.png"


def test_every_compared_suffix_is_lower_case_and_begins_with_a_dot() -> None:
    assert set(FORMAT_OF_SUFFIX.values()) == {
        "PNG",
        "JPEG",
        "WebP",
        "BMP",
        "TIFF",
        "GIF",
        "AVIF",
    }
    assert all(suffix == f".{suffix[1:].lower()}" for suffix in FORMAT_OF_SUFFIX)


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_only_a_file_is_opened_and_nothing_is_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "it"
    if kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    opened = list_names(Path("/dev/fd"))
    with pytest.raises(NotAFileError, match="not a file"):
        open_file(path)
    assert list_names(Path("/dev/fd")) == opened


def test_a_link_is_followed_if_links_are(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"held")
    (tmp_path / "link").symlink_to("file")
    with open_file(tmp_path / "link") as file:
        assert file.read() == b"held"
    with pytest.raises(OSError, match="symbolic link"):
        open_file(tmp_path / "link", links=False)
    with open_file(tmp_path / "file", links=False) as file:
        assert file.read() == b"held"


def test_nothing_is_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert files.list_names(tmp_path / "none") == []
    (tmp_path / "b").touch()
    assert files.list_names(tmp_path) == ["b"]


def test_an_archive_is_told_relative_to_a_folder_and_found_again(tmp_path: Path) -> None:
    path = place("zip://shots/home.png::ci/shots.zip", tmp_path)
    assert relative_to(tmp_path, path) == "zip://shots/home.png::ci/shots.zip"
    assert relative_to(tmp_path / "web", path) == "zip://shots/home.png::../ci/shots.zip"
    for folder in tmp_path, tmp_path / "web":
        assert locate(folder, relative_to(folder, path)) == path


def test_nobody_tells_a_path_that_stands_for_a_url() -> None:
    path = place("s3://bucket/home.png")
    with pytest.raises(ValueError, match="wanted a path"):
        to_path(str(path))
    assert to_path("s3://bucket/home.png") == path


def test_an_object_may_be_named_after_a_query(tmp_path: Path) -> None:
    path = place("s3://bucket") / "home?token=1&key=2.png"
    assert locate(tmp_path, relative_to(tmp_path, path)) == path
