"""Another process that has locked a folder."""

import subprocess
import sys
from pathlib import Path

_HOLD = (
    "import sys\nfrom pathlib import Path\nfrom visualdiff.locking import lock_folder\n"
    "with lock_folder(Path(sys.argv[1])):\n    print('mine', flush=True)\n    input()\n"
)


def start_holder(folder: Path) -> "subprocess.Popen[bytes]":
    """Start a process, and return it as soon as it holds the folder; whoever calls kills it."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"mine\n"
    return process
