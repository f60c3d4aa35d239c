"""What starts worker processes, where the pool does not already show it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

import visualdiff.pool
from visualdiff.errors import WorkerStartError
from visualdiff.pool import Lost, Pool
from visualdiff.workers import Processes, _Forked, _Spawned, open_processes

LONG = 60.0


@pytest.fixture(params=[_Forked, _Spawned])
def processes(request: pytest.FixtureRequest) -> Iterator[Processes]:
    made: Processes = request.param(()) if request.param is _Forked else _Spawned()
    yield made
    made.close()


def start(processes: Processes, number: int, folder: Path) -> Connection:
    """Start a worker that evaluates expressions, and wait until it is ready."""
    here, there = Pipe()
    messages = folder / str(number)
    messages.touch()
    with there:
        processes.start(number, there, messages)
    here.send(eval)
    assert here.recv() is None
    return here


def ask(pipe: Connection, task: str) -> None:
    """Send a task, and wait until it is taken."""
    pipe.send(task)
    assert pipe.recv() is None


def test_a_process_answers_until_its_pipe_closes(processes: Processes, tmp_path: Path) -> None:
    pipe = start(processes, 7, tmp_path)
    ask(pipe, "6 * 7")
    assert pipe.recv() == 42
    pipe.close()
    assert processes.end(7, LONG) == 0


def test_a_process_that_does_not_end_is_killed(processes: Processes, tmp_path: Path) -> None:
    ask(start(processes, 1, tmp_path), "__import__('time').sleep(600)")
    assert processes.end(1, 0.0) == -signal.SIGKILL


def test_each_process_tells_its_own_exit_code_and_last_words(
    processes: Processes, tmp_path: Path
) -> None:
    pipes = [start(processes, number, tmp_path) for number in range(3)]
    for number, pipe in enumerate(pipes):
        ask(pipe, f"[__import__('os').write(2, b'{number}!'), __import__('os')._exit({number})]")
    assert [processes.end(number, LONG) for number in (2, 0, 1)] == [2, 0, 1]
    assert [(tmp_path / str(number)).read_text() for number in range(3)] == ["0!", "1!", "2!"]


def test_closing_ends_processes_that_are_busy(processes: Processes, tmp_path: Path) -> None:
    pipe = start(processes, 1, tmp_path)
    ask(pipe, "__import__('time').sleep(600)")
    processes.close()
    with pytest.raises((EOFError, OSError)):
        pipe.recv()


def test_a_server_that_was_killed_takes_its_workers_along_and_is_started_again(
    tmp_path: Path,
) -> None:
    processes = _Forked(())
    pipes = [start(processes, number, tmp_path) for number in (1, 2)]
    os.kill(processes._server.pid, signal.SIGKILL)
    for pipe in pipes:
        with pytest.raises((EOFError, OSError)):
            pipe.recv()
    processes._server.wait()
    # Nobody knows any more how the workers ended.
    assert (processes.end(1, LONG), processes.end(2, LONG)) == (-signal.SIGKILL, None)
    ask(start(processes, 3, tmp_path), "__import__('os')._exit(5)")
    assert processes.end(3, LONG) == 5
    processes.close()


def test_a_server_that_hangs_is_killed_and_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualdiff.workers._PATIENCE", 0.5)
    processes = _Forked(())
    start(processes, 1, tmp_path)
    os.kill(processes._server.pid, signal.SIGSTOP)
    assert processes.end(1, 0.0) == -signal.SIGKILL
    ask(start(processes, 2, tmp_path), "__import__('os')._exit(5)")
    assert processes.end(2, LONG) == 5
    os.kill(processes._server.pid, signal.SIGSTOP)
    processes.close()
    assert processes._server.returncode == -signal.SIGKILL


def test_tasks_of_a_server_that_was_killed_are_lost_and_the_rest_finish() -> None:
    kill_server = "__import__('os').kill(__import__('os').getppid(), 9)"
    with Pool[str, int](eval, 1, LONG) as pool:
        answers = dict(pool.run(["1", f"{kill_server} or __import__('time').sleep(600)", "2"]))
    (lost,) = (answer for answer in answers.values() if isinstance(answer, Lost))
    assert "was killed by signal 9" in lost.reason
    assert (answers["1"], answers["2"]) == (1, 2)


def test_spawned_processes_serve_a_pool_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visualdiff.pool, "open_processes", lambda _: _Spawned())
    before = dict(os.environ)
    crash = "__import__('ctypes').string_at(0)"
    ask = "__import__('os').environ['OMP_NUM_THREADS']"
    with Pool[str, object](eval, 2, LONG) as pool:
        answers = dict(pool.run(["1 + 1", crash, ask]))
    killed = "its worker process was killed by signal 11 (SIGSEGV)"
    assert answers == {"1 + 1": 2, crash: Lost(killed), ask: "1"}
    assert dict(os.environ) == before


@pytest.mark.parametrize(("platform", "kind"), [("darwin", _Spawned), ("win32", _Spawned)])
def test_no_process_is_forked_elsewhere(
    monkeypatch: pytest.MonkeyPatch, platform: str, kind: type[object]
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert isinstance(open_processes(["numpy"]), kind)


def test_modules_come_from_where_this_process_finds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "socket.py").write_text("raise RuntimeError('of the working directory')")
    (tmp_path / "here" / "only_there.py").write_text("VALUE = 3\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "here")
    with Pool[str, int](eval, 1, LONG) as pool:
        assert list(pool.run(["__import__('only_there').VALUE"])) == [
            ("__import__('only_there').VALUE", 3)
        ]


CLOSE_EARLY = """
import sys
from multiprocessing import Pipe
from pathlib import Path
from visualdiff.workers import _Forked

processes = _Forked(())
messages = Path(sys.argv[1])
for number in (1, 2):
    here, there = Pipe()
    messages.touch()
    processes.start(number, there, messages)
    here.send(eval)
    here.recv()
    here.send("__import__('os').getpid()")
    here.recv()
    print(here.recv())
    here.send("__import__('time').sleep(600)")
    here.recv()
# The server waits for a worker, and has nobody to tell when it has ended.
processes._control.send(b"1 0.3")
processes.close()
print(processes._server.returncode)
"""


def test_a_server_whose_parent_leaves_early_kills_all_workers_without_a_word(
    tmp_path: Path,
) -> None:
    done = run_script(CLOSE_EARLY, tmp_path / "messages")
    assert done.stderr == ""
    *workers, code = map(int, done.stdout.split())
    assert code == 0
    assert len(workers) == 2
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (1, 2), (0, 1, 2)])
def test_workers_start_whatever_standard_streams_are_closed(
    tmp_path: Path, closed: tuple[int, ...]
) -> None:
    answers = tmp_path / "answers"
    script = (
        f"import os, sys; from pathlib import Path; [os.close(number) for number in {closed}]\n"
        "from visualdiff.pool import Pool\n"
        "with Pool(eval, 3, 60.0) as pool:\n"
        "    told = sorted(pool.run(['1', '2', '3', '4']))\n"
        "Path(sys.argv[1]).write_text(repr(told))\n"
    )
    run_script(script, answers)
    assert answers.read_text() == "[('1', 1), ('2', 2), ('3', 3), ('4', 4)]"


def test_nothing_is_left_open_in_development_mode() -> None:
    script = (
        "from visualdiff.pool import Pool\n"
        "with Pool(eval, 2, 60.0) as pool:\n"
        "    print(sorted(pool.run(['1', '2'])))\n"
    )
    done = run_script(script, options=["-Xdev", "-Wdefault"])
    assert (done.stdout, done.stderr) == ("[('1', 1), ('2', 2)]\n", "")


def test_interpreter_flags_hold_in_workers_too() -> None:
    script = (
        "from visualdiff.pool import Pool\n"
        "with Pool(eval, 1, 60.0) as pool:\n"
        "    print(*pool.run(['__import__(\"sys\").flags.optimize']))\n"
    )
    assert run_script(script, options=["-OO"]).stdout.endswith(", 2)\n")


# Imported by the server, which can fork so many workers and no more.
NO_FORK = """
import os

left = {left}
real_fork = os.fork


def fork():
    global left
    left -= 1
    if left < 0:
        raise BlockingIOError(11, "Resource temporarily unavailable")
    return real_fork()


os.fork = fork
"""


def test_a_run_finishes_where_some_workers_cannot_be_forked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "no_fork.py").write_text(NO_FORK.format(left=1))
    monkeypatch.syspath_prepend(tmp_path)
    tasks = [f"__import__('time').sleep(0.02) or {number}" for number in range(8)]
    with Pool[str, int](eval, 5, LONG, ["no_fork"]) as pool:
        server = pool._processes._server.pid  # type: ignore[attr-defined]  # of _Forked
        assert sorted(answer for _, answer in pool.run(tasks) if isinstance(answer, int)) == [
            *range(8)
        ]
        assert pool._processes._server.pid == server  # type: ignore[attr-defined]


def test_a_run_stops_where_no_worker_can_be_forked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "no_fork.py").write_text(NO_FORK.format(left=0))
    monkeypatch.syspath_prepend(tmp_path)
    with (
        Pool[str, int](eval, 2, LONG, ["no_fork"]) as pool,
        pytest.raises(WorkerStartError, match=r"saying: .*Resource temporarily unavailable"),
    ):
        list(pool.run(["1", "2"]))


def run_script(
    script: str, *arguments: str | Path, options: Iterable[str] = ()
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *options, "-c", script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=LONG,
    )
