"""Workers that die, hang or fail in every way, through the installed command.

Each pair is named after what happens to the process that opens its candidate. Whatever it is, that
pair is an error that says so, all others are compared, and no process is left.
"""

from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pytest
from injecting import Done, load_results, run_injected
from numpy.typing import NDArray

# In the command's own process nothing happens, and nothing in the server: only in its forks.
STRIKE: Final = """
import os, resource, signal, sys, time

BORN = os.getpid()


class Odd(Exception):
    "What cannot be pickled."

    def __init__(self):
        super().__init__(lambda: 0)


class Mute(Exception):
    def __str__(self):
        raise LookupError("no words")


def segfault():
    import ctypes
    ctypes.string_at(0)


def fill_memory():
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20), most))
    kept = [bytes(1 << 20) for _ in range(1 << 20)]


def throw(error):
    raise error


DEEDS = {
    "segfault": segfault,
    "abort": os.abort,
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "term": lambda: os.kill(os.getpid(), signal.SIGTERM),
    "exit": lambda: os._exit(3),
    "exit0": lambda: os._exit(0),
    "leave": lambda: sys.exit(4),
    "interrupt": lambda: throw(KeyboardInterrupt()),
    "hang": lambda: time.sleep(600),
    "odd": lambda: throw(Odd()),
    "mute": lambda: throw(Mute()),
    "pipe": lambda: os.closerange(3, 100),
    "memory": fill_memory,
    "server": lambda: (os.kill(os.getppid(), signal.SIGKILL), time.sleep(600)),
}


def strike(event, arguments):
    if event == "open" and os.getpid() != BORN and "/new/" in str(arguments[0]):
        deed = str(arguments[0]).rpartition("-")[2].partition(".")[0]
        DEEDS.get(deed, lambda: None)()


sys.addaudithook(strike)
"""
LOST: Final = "could not be compared: its worker process "
# What is said of a pair that did this.
TOLD: Final = {
    "segfault": LOST + "was killed by signal 11 (SIGSEGV)",
    "abort": LOST + "was killed by signal 6 (SIGABRT)",
    "kill": LOST + "was killed by signal 9 (SIGKILL)",
    "term": LOST + "was killed by signal 15 (SIGTERM)",
    "exit": LOST + "ended with exit code 3",
    "exit0": LOST + "ended with exit code 0",
    "leave": LOST + "ended with exit code 4",
    "interrupt": LOST + "ended with exit code 130, saying: KeyboardInterrupt",
    "hang": LOST + "gave no answer within 10 s (pair_timeout)",
    "odd": "could not be compared: Odd: <function",
    "mute": LOST + "ended with exit code 1, saying: LookupError: no words",
    "pipe": LOST + "ended with exit code 1, saying: OSError: [Errno 9] Bad file descriptor",
    "memory": "could not be compared: MemoryError",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "visualdiff.yaml").write_text(
        "baselines: old\ncandidates: new\nreport: report\npair_timeout: 10\n"
    )
    return folder


def add_pairs(project: Path, *deeds: str) -> list[str]:
    """Write pairs that are equal but for their bytes, and return their names in their order."""
    names = [f"{number:02}-{deed}.png" for number, deed in enumerate(deeds)]
    image = np.full((20, 30, 3), 200, np.uint8)
    for side, level in (("old", 1), ("new", 9)):
        (project / side).mkdir(exist_ok=True)
        for name in names:
            save(project / side / name, image, level)
    return names


def save(path: Path, image: NDArray[np.uint8], level: int = 1) -> None:
    options = [cv2.IMWRITE_PNG_COMPRESSION, level]
    path.write_bytes(cv2.imencode(".png", image, options)[1].tobytes())


def run(project: Path, workers: int, code: str = STRIKE) -> Done:
    done = run_injected(["run", "--workers", str(workers)], cwd=project, code=code)
    assert done.left == []
    assert [*(project.parent / "temporary").iterdir()] == []
    assert "Traceback" not in done.out + done.err
    return done


def tell_reasons(project: Path) -> dict[str, str]:
    """Return the first reason of each pair by name, "" where it passed."""
    found = load_results(project / "report")
    for item in found.values():
        assert (item["status"] == "passed") != bool(item["reasons"])
        assert item["status"] in ("passed", "error")
    return {name: next(iter(item["reasons"]), "") for name, item in found.items()}


@pytest.mark.parametrize("workers", [1, 3])
def test_who_does_it_is_an_error_that_says_what_and_all_others_are_compared(
    project: Path, workers: int
) -> None:
    # The first pair, the last, and every other one between.
    first, *others = TOLD
    deeds = [first, *(deed for other in others for deed in ("fine", other))]
    names = add_pairs(project, *deeds)
    done = run(project, workers)
    assert done.code == 1
    reasons = tell_reasons(project)
    assert [*reasons] == names
    for name, deed in zip(names, deeds, strict=True):
        assert reasons[name].startswith(TOLD.get(deed, "")), name
        assert bool(reasons[name]) == (deed in TOLD), name
    assert f"{len(names)} pairs: {len(others)} passed, {len(TOLD)} error in" in done.out


@pytest.mark.parametrize("workers", [1, 3])
def test_where_every_pair_does_it_every_pair_is_told(project: Path, workers: int) -> None:
    names = add_pairs(project, *["segfault", "kill", "exit"] * 3)
    assert run(project, workers).code == 1
    assert tell_reasons(project) == {
        name: TOLD[name.removesuffix(".png").partition("-")[2]] for name in names
    }


@pytest.mark.parametrize("place", [0, 2, 5], ids=["first", "middle", "last"])
def test_who_kills_the_server_takes_along_only_what_is_in_flight(
    project: Path, place: int
) -> None:
    deeds = ["fine"] * 6
    deeds[place] = "server"
    names = add_pairs(project, *deeds)
    assert run(project, 1).code == 1
    reasons = tell_reasons(project)
    assert reasons.pop(names[place]) == LOST + "was killed by signal 9 (SIGKILL)"
    assert {*reasons.values()} == {""}
    assert len(reasons) == 5


def test_no_pair_in_flight_is_lost_unsaid_with_the_server(project: Path) -> None:
    names = add_pairs(project, *["fine", "fine", "server"] * 4)
    assert run(project, 3).code == 1
    reasons = tell_reasons(project)
    assert [*reasons] == names
    lost = {reason for reason in reasons.values() if reason}
    assert lost <= {
        LOST + "was killed by signal 9 (SIGKILL)",
        LOST + "was lost with the process that started it",
    }
    assert all(reasons[name] for name in names if "server" in name)


# Dies between two pairs: its answer is on its way, and the next task on its way to it.
DIES_IDLE: Final = """
import os, signal
from multiprocessing.connection import Connection

send = Connection.send


def send_and_die(pipe, answer):
    send(pipe, answer)
    if "idle" in getattr(answer, "name", ""):
        os.kill(os.getpid(), signal.SIGKILL)


Connection.send = send_and_die
"""


@pytest.mark.parametrize("workers", [1, 3])
def test_a_worker_that_dies_between_two_pairs_costs_none(project: Path, workers: int) -> None:
    names = add_pairs(project, *["idle", "fine", "idle", "idle", "fine", "idle"] * 2)
    done = run(project, workers, DIES_IDLE)
    assert tell_reasons(project) == dict.fromkeys(names, "")
    assert done.code == 0


# Only the first one does it: whoever makes the folder.
FIRST_TIME: Final = """
import os


def happens_first(name):
    try:
        os.mkdir(os.path.join(os.environ["PYTHONPATH"], name))
    except FileExistsError:
        return False
    return True
"""
SERVER_DIES_AT_ITS_START: Final = f"""
{FIRST_TIME}
import sys
if "-c" in sys.orig_argv and happens_first("done"):
    os._exit(7)
"""
WORKER_DIES_AT_ITS_START: Final = f"""
{FIRST_TIME}
import signal
fork = os.fork


def fork_and_die():
    child = fork()
    if child == 0 and happens_first("done"):
        os.kill(os.getpid(), signal.SIGKILL)
    return child


os.fork = fork_and_die
"""


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize(
    "code",
    [
        pytest.param(SERVER_DIES_AT_ITS_START, id="server"),
        pytest.param(WORKER_DIES_AT_ITS_START, id="worker"),
    ],
)
def test_who_dies_at_the_start_costs_no_pair(project: Path, code: str, workers: int) -> None:
    names = add_pairs(project, *["fine"] * 6)
    done = run(project, workers, code)
    assert (project.parent / "hooks/done").is_dir()
    assert tell_reasons(project) == dict.fromkeys(names, "")
    assert done.code == 0


def test_workers_that_never_start_end_the_run_with_2_and_leave_the_earlier_report(
    project: Path,
) -> None:
    add_pairs(project, "fine", "fine")
    assert run(project, 2).code == 0
    before = (project / "report/results.json").read_bytes()
    done = run(project, 2, "import os, sys\nif '-c' in sys.orig_argv: os._exit(7)\n")
    assert done.code == 2
    assert done.err.startswith("error: 3 worker processes in a row did not start; the last one ")
    assert "ended with exit code 7" in done.err
    assert (project / "report/results.json").read_bytes() == before


def test_a_page_that_memory_cannot_hold_is_an_error_and_others_are_compared(
    project: Path,
) -> None:
    names = add_pairs(project, "fine", "fine", "large")
    for side, level in (("old", 250), ("new", 240)):
        save(project / side / names[2], np.full((7000, 7000, 3), level, np.uint8))
    code = """
import os, resource
fork = os.fork


def fork_with_little_memory():
    child = fork()
    if child == 0:
        used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + (200 << 20),) * 2)
    return child


os.fork = fork_with_little_memory
"""
    assert run(project, 2, code).code == 1
    fine, other, large = tell_reasons(project).values()
    assert (fine, other) == ("", "")
    # A decoder may say so, or abort.
    assert "compared: " in large
