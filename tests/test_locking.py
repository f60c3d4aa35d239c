"""One process at a time acts on a report."""

import subprocess
import sys
from pathlib import Path

import pytest

from visualdiff.errors import ReviewError
from visualdiff.locking import lock_report

HOLD = """
import sys
from pathlib import Path
from visualdiff.locking import lock_report
with lock_report(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_is_held_by_one_process_until_it_ends(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        with pytest.raises(ReviewError, match="is at work there"), lock_report(tmp_path):
            pass
        other.kill()
        other.communicate()
    with lock_report(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "report"
    with pytest.raises(ReviewError, match=r"report: cannot be written"), lock_report(folder):
        pass
