"""What starts worker processes, where the pool does not already show it."""

import os
import signal
import sys
from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

import visualdiff.pool
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


def test_a_process_answers_until_its_pipe_closes(processes: Processes, tmp_path: Path) -> None:
    pipe = start(processes, 7, tmp_path)
    pipe.send("6 * 7")
    assert pipe.recv() == 42
    pipe.close()
    assert processes.end(7, LONG) == 0


def test_a_process_that_does_not_end_is_killed(processes: Processes, tmp_path: Path) -> None:
    start(processes, 1, tmp_path).send("__import__('time').sleep(600)")
    assert processes.end(1, 0.0) == -signal.SIGKILL


def test_each_process_tells_its_own_exit_code_and_last_words(
    processes: Processes, tmp_path: Path
) -> None:
    pipes = [start(processes, number, tmp_path) for number in range(3)]
    for number, pipe in enumerate(pipes):
        pipe.send(f"[__import__('os').write(2, b'{number}!'), __import__('os')._exit({number})]")
    assert [processes.end(number, LONG) for number in (2, 0, 1)] == [2, 0, 1]
    assert [(tmp_path / str(number)).read_text() for number in range(3)] == ["0!", "1!", "2!"]


def test_closing_ends_processes_that_are_busy(processes: Processes, tmp_path: Path) -> None:
    pipe = start(processes, 1, tmp_path)
    pipe.send("__import__('time').sleep(600)")
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
    start(processes, 3, tmp_path).send("__import__('os')._exit(5)")
    assert processes.end(3, LONG) == 5
    processes.close()


def test_a_server_that_hangs_is_killed_and_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualdiff.workers._PATIENCE", 0.5)
    processes = _Forked(())
    start(processes, 1, tmp_path)
    os.kill(processes._server.pid, signal.SIGSTOP)
    assert processes.end(1, 0.0) is None
    start(processes, 2, tmp_path).send("__import__('os')._exit(5)")
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
