"""A folder has one writer at a time, and a dead one does not keep it."""

import subprocess
import threading
from pathlib import Path

import pytest
from holding import start_holder

from visualdiff.errors import ReportError
from visualdiff.locking import lock_folder


@pytest.fixture
def holder(tmp_path: Path) -> "subprocess.Popen[bytes]":
    """Start another process that has locked the folder."""
    return start_holder(tmp_path)


def test_another_process_is_refused_at_once(
    tmp_path: Path, holder: "subprocess.Popen[bytes]"
) -> None:
    with holder:
        with pytest.raises(ReportError, match="another visualdiff is writing to"):
            lock_folder(tmp_path).__enter__()
        holder.kill()


def test_a_killed_process_keeps_nothing(tmp_path: Path, holder: "subprocess.Popen[bytes]") -> None:
    with holder:
        holder.kill()
    with lock_folder(tmp_path):
        pass


def test_who_is_patient_gets_it_when_the_other_is_done(
    tmp_path: Path, holder: "subprocess.Popen[bytes]"
) -> None:
    with holder:
        threading.Timer(0.2, holder.kill).start()
        with lock_folder(tmp_path, 60):
            pass


def test_the_same_thread_may_lock_again(tmp_path: Path) -> None:
    with lock_folder(tmp_path), lock_folder(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a file")
    with (
        pytest.raises(ReportError, match=r"cannot write to .*report"),
        lock_folder(tmp_path / "report"),
    ):
        pass


def test_a_file_system_without_locks_does_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise NotImplementedError("FileSystem does not appear to support flock")

    monkeypatch.setattr("visualdiff.locking.FileLock.acquire", refuse)
    with lock_folder(tmp_path):
        pass
