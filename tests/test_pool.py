import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import visualdiff.pool
from visualdiff.errors import WorkerStartError
from visualdiff.pool import Budget, Lost, Pool

# Tasks are Python expressions, and the function is `eval`: a spawned process can import it,
# whereas it cannot import a test module under every way of starting pytest.
SEGFAULT = "__import__('ctypes').string_at(0)"
KILL = "__import__('os').kill(__import__('os').getpid(), 9)"
REAL_TIME_SIGNAL = "__import__('os').kill(__import__('os').getpid(), 40)"
EXIT = "__import__('os')._exit(3)"
EXIT_SILENTLY = "__import__('os')._exit(0)"
SYSTEM_EXIT = "__import__('sys').exit(4)"
HANG = "__import__('time').sleep(600)"
DIVIDE = "1 / 0"
FILE_ERROR = "open('/nowhere/at/all')"
END_OF_FILE = "(_ for _ in ()).throw(EOFError('odd'))"
UNPICKLABLE = "lambda: 0"
SAY_AND_DIE = (
    "[__import__('os').write(2, b'first\\nlibpng error: bad\\n'), __import__('os')._exit(5)]"
)
LONG = 60.0


def run_all(tasks: list[str], workers: int = 2, timeout: float = LONG) -> dict[str, object]:
    with Pool[str, object](eval, workers, timeout) as pool:
        answered = list(pool.run(tasks))
    # Each task is answered once.
    assert sorted(task for task, _ in answered) == sorted(tasks)
    return dict(answered)


def read_stat(pid: str | int) -> list[str]:
    """Return the fields of a process after its name: state, parent, ... (Linux)."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


def list_children(parent: int) -> list[int]:
    pids = [path.name for path in Path("/proc").glob("[0-9]*")]
    return [int(pid) for pid in pids if read_stat(pid)[1:2] == [str(parent)]]


def list_servers() -> list[int]:
    """Return the child processes that fork workers."""
    found = []
    for pid in list_children(os.getpid()):
        with contextlib.suppress(OSError):
            if b"visualdiff.workers" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


def list_workers() -> list[int]:
    return [pid for server in list_servers() for pid in list_children(server)]


@pytest.fixture(autouse=True)
def no_worker_is_left() -> Iterator[None]:
    yield
    assert list_servers() == []


def wait_for_end(pid: int) -> None:
    """Wait until a process is gone or dead; fail after a generous while."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if (read_stat(pid) or "Z")[0] in "ZX":
            return
        time.sleep(0.01)
    pytest.fail(f"process {pid} did not end")


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_task_is_answered(workers: int) -> None:
    tasks = [f"{number} * {number}" for number in range(30)]
    answers = run_all(tasks, workers)
    assert answers == {f"{number} * {number}": number * number for number in range(30)}


def test_no_task_needs_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pool, "_start", lambda _: pytest.fail("a worker was started"))
    with Pool[str, object](eval, 2, LONG) as pool:
        assert list(pool.run([])) == []


def test_workers_are_no_more_than_tasks() -> None:
    with Pool[str, int](eval, 8, LONG) as pool:
        assert len(list(pool.run(["1 + 1", "1 + 2"]))) == 2
        assert len(list_workers()) == 2


def test_tasks_run_side_by_side_in_other_processes() -> None:
    ask = "(__import__('os').getpid(), __import__('time').sleep(0.5))[0] + 0 * {}"
    pids = set(run_all([ask.format(number) for number in range(2)]).values())
    assert len(pids) == 2
    assert os.getpid() not in pids


def test_a_worker_is_used_again() -> None:
    ask = "__import__('os').getpid() + 0 * {}"
    assert len(set(run_all([ask.format(number) for number in range(9)], workers=1).values())) == 1


@pytest.mark.parametrize(
    ("culprit", "words"),
    [
        pytest.param(SEGFAULT, "was killed by signal 11 (SIGSEGV)", id="segfault"),
        pytest.param(KILL, "was killed by signal 9 (SIGKILL)", id="SIGKILL"),
        pytest.param(REAL_TIME_SIGNAL, "was killed by signal 40 (a real-time signal)", id="RT"),
        pytest.param(EXIT, "ended with exit code 3", id="os._exit"),
        pytest.param(EXIT_SILENTLY, "ended with exit code 0", id="os._exit without an error"),
        pytest.param(SYSTEM_EXIT, "ended with exit code 4", id="SystemExit"),
        pytest.param(SAY_AND_DIE, "ended with exit code 5, saying: libpng error: bad", id="words"),
        pytest.param(
            DIVIDE,
            "ended with exit code 1, saying: ZeroDivisionError: division by zero",
            id="exception",
        ),
        pytest.param(
            FILE_ERROR,
            "ended with exit code 1, saying: FileNotFoundError: [Errno 2] No such file or "
            "directory: '/nowhere/at/all'",
            id="OSError",
        ),
        pytest.param(
            END_OF_FILE, "ended with exit code 1, saying: EOFError: odd", id="end of file"
        ),
    ],
)
def test_a_task_that_kills_its_worker_is_told_and_no_other_is_lost(
    culprit: str, words: str
) -> None:
    answers = run_all(["1 + 1", culprit, "2 + 2", "3 + 3", "4 + 4"])
    assert answers.pop(culprit) == Lost(f"its worker process {words}")
    assert answers == {"1 + 1": 2, "2 + 2": 4, "3 + 3": 6, "4 + 4": 8}


def test_an_answer_that_cannot_be_pickled_is_told() -> None:
    answers = run_all(["1 + 1", UNPICKLABLE, "2 + 2"], workers=1)
    lost = answers.pop(UNPICKLABLE)
    assert isinstance(lost, Lost)
    assert "pickle" in lost.reason
    assert "ended with exit code 1" in lost.reason
    assert answers == {"1 + 1": 2, "2 + 2": 4}


def test_a_task_that_hangs_is_given_up_and_no_other_is_lost() -> None:
    started = time.monotonic()
    answers = run_all([HANG, "1 + 1", "2 + 2", "3 + 3"], timeout=1.5)
    assert 1.5 <= time.monotonic() - started < 30
    assert answers.pop(HANG) == Lost(
        "its worker process gave no answer within 1.5 s (pair_timeout)"
    )
    assert answers == {"1 + 1": 2, "2 + 2": 4, "3 + 3": 6}


def test_the_timeout_counts_from_the_start_of_a_task_not_of_the_run() -> None:
    tasks = [f"__import__('time').sleep(0.4) or {number}" for number in range(6)]
    answers = run_all(tasks, workers=1, timeout=1.5)
    assert sorted(answers.values(), key=str) == [0, 1, 2, 3, 4, 5]


def test_an_answer_in_time_counts_however_long_the_caller_takes() -> None:
    seen = {}
    slow = "__import__('time').sleep(0.5) or 2"
    with Pool[str, int](eval, 2, 2.0) as pool:
        assert len(list(pool.run([slow, slow + " + 1"]))) == 2
        # Both workers are ready now, so that both tasks start at once.
        for task, answer in pool.run(["1", slow]):
            seen[task] = answer
            # The caller outlasts the time limit of the other task.
            time.sleep(2.2)
    assert seen == {"1": 1, slow: 2}


def test_a_storm_of_crashes_costs_only_the_culprits() -> None:
    tasks = [
        f"{SEGFAULT if number % 3 == 0 else ''} or {number}".removeprefix(" or ")
        for number in range(60)
    ]
    answers = run_all(tasks, workers=4)
    for number, task in enumerate(tasks):
        if number % 3:
            assert answers[task] == number
        else:
            assert answers[task] == Lost("its worker process was killed by signal 11 (SIGSEGV)")


def kill_idle(pid: int | Lost) -> None:
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGKILL)
    wait_for_end(pid)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_killed_while_idle_costs_no_task(workers: int) -> None:
    with Pool[str, int](eval, workers, LONG) as pool:
        answers = pool.run([f"__import__('os').getpid() + 0 * {number}" for number in range(8)])
        _, first = next(answers)
        assert isinstance(first, int)
        # Nothing was sent since: the worker that answered has no task.
        kill_idle(first)
        rest = [answer for _, answer in answers]
    assert len(rest) == 7
    assert not any(isinstance(answer, Lost) for answer in rest)
    assert first not in rest


def test_all_workers_killed_between_two_runs_cost_no_task() -> None:
    with Pool[str, int](eval, 3, LONG) as pool:
        ask = "(__import__('os').getpid(), __import__('time').sleep(0.5))[0] + 0 * {}"
        pids = {answer for _, answer in pool.run([ask.format(number) for number in range(3)])}
        assert len(pids) == 3
        for pid in pids:
            kill_idle(pid)
        assert dict(pool.run(["1", "2", "3"])) == {"1": 1, "2": 2, "3": 3}


def test_a_function_that_cannot_be_imported_stops_the_run_after_three_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It can be imported here, but in no child.
    (tmp_path / "only_here.py").write_text("def work(task):\n    return task\n")
    monkeypatch.syspath_prepend(tmp_path)
    import only_here  # type: ignore[import-not-found]  # written above

    (tmp_path / "only_here.py").unlink()
    starts = []
    real_start = Pool._start

    def start(pool: Pool[str, str]) -> object:
        starts.append(pool)
        return real_start(pool)

    monkeypatch.setattr(Pool, "_start", start)
    with (
        Pool[str, str](only_here.work, 1, LONG) as pool,
        pytest.raises(
            WorkerStartError, match=r"^3 worker .* ended with exit code 1, saying: .*No"
        ),
    ):
        list(pool.run(["a", "b"]))
    assert len(starts) == 3


def test_a_worker_that_never_becomes_ready_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visualdiff.pool, "_START_TIMEOUT", 0.0)
    with (
        Pool[str, int](eval, 2, LONG) as pool,
        pytest.raises(WorkerStartError, match="3 worker processes in a row did not start"),
    ):
        list(pool.run(["1"]))


def test_a_server_killed_while_its_workers_start_does_not_stop_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real_start = Pool._start
    starts: list[object] = []

    def start(pool: Pool[str, object]) -> object:
        starts.append(pool)
        worker = real_start(pool)
        if len(starts) == 5:  # and none of them is ready before the server has imported numpy
            (server,) = list_servers()
            os.kill(server, signal.SIGKILL)
        return worker

    monkeypatch.setattr(Pool, "_start", start)
    tasks = [str(number) for number in range(9)]
    with Pool[str, object](eval, 5, LONG, ["numpy"]) as pool:
        assert len(list(pool.run(tasks))) == 9
        assert pool._size >= 4  # one server is one failed start


def test_a_server_that_always_dies_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deadly.py").write_text("import os\nos._exit(7)\n")
    monkeypatch.syspath_prepend(tmp_path)
    with (
        Pool[str, object](eval, 3, LONG, ["deadly"]) as pool,
        pytest.raises(WorkerStartError, match="3 worker processes in a row did not start"),
    ):
        list(pool.run(["1", "2", "3"]))


def test_workers_that_die_before_they_take_a_task_stop_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ready_and_dead.py").write_text(
        "import os\nfrom multiprocessing.connection import Connection\n"
        "send = Connection.send\n"
        "Connection.send = lambda pipe, word: os._exit(send(pipe, word) or 9)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with (
        Pool[str, object](eval, 1, LONG, ["ready_and_dead"]) as pool,
        pytest.raises(WorkerStartError, match="the last one ended with exit code 9"),
    ):
        list(pool.run(["1", "2"]))


class Bomb:
    """What ends the process that unpickles it."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (3,)


def test_starts_that_fail_now_and_then_cost_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    real_start = Pool._start
    starts: list[object] = []

    def start(pool: Pool[str, object]) -> object:
        starts.append(pool)
        with monkeypatch.context() as patch:
            if len(starts) % 3:
                patch.setattr(pool, "_function", Bomb())
            return real_start(pool)

    monkeypatch.setattr(Pool, "_start", start)
    # Two of three starts fail, but never three in a row.
    assert run_all([EXIT, EXIT + " or 1", "2"], workers=1)["2"] == 2
    assert len(starts) == 9


def test_crashes_of_tasks_are_no_failed_starts() -> None:
    tasks = [f"{EXIT} + {number}" for number in range(7)]
    answers = run_all(tasks, workers=1)
    assert set(answers.values()) == {Lost("its worker process ended with exit code 3")}


def test_leaving_early_leaves_no_process_and_no_file() -> None:
    with Pool[str, int](eval, 2, LONG) as pool:
        folder = Path(pool._folder.name)
        assert next(pool.run(["1", HANG, HANG + " or 1"])) == ("1", 1)
        assert list_workers()
        assert folder.exists()
    assert list_workers() == []
    assert not folder.exists()


def test_an_exception_of_the_caller_leaves_no_process() -> None:
    with pytest.raises(KeyboardInterrupt), Pool[str, int](eval, 2, LONG) as pool:  # noqa: PT012
        for _ in pool.run(["1", HANG, "2"]):
            raise KeyboardInterrupt
    assert list_workers() == []


def test_libraries_in_a_worker_are_single_threaded_and_silent_but_not_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("OPENCV_LOG_LEVEL", raising=False)
    before = dict(os.environ)
    ask = "__import__('os').environ.get('{}')"
    names = ["OPENCV_FOR_THREADS_NUM", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"]
    others = {
        "OPENCV_LOG_LEVEL": "OFF",
        "MALLOC_MMAP_THRESHOLD_": "268435456",
        "MALLOC_TRIM_THRESHOLD_": "268435456",
    }
    answers = run_all([ask.format(name) for name in [*names, *others]])
    wanted = {**dict.fromkeys(names, "1"), **others}
    assert answers == {ask.format(name): value for name, value in wanted.items()}
    assert dict(os.environ) == before


def test_workers_leave_ctrl_c_to_their_parent() -> None:
    ask = "__import__('signal').getsignal(2) == __import__('signal').SIG_IGN"
    interrupt = "__import__('os').kill(__import__('os').getpid(), 2) or 'alive'"
    assert run_all([ask, interrupt]) == {ask: True, interrupt: "alive"}


def test_what_workers_write_to_standard_error_does_not_reach_the_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert run_all(["__import__('os').write(2, b'noise')"]) == {
        "__import__('os').write(2, b'noise')": 5
    }
    assert capfd.readouterr().err == ""


def test_a_script_needs_no_main_guard(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from visualdiff.pool import Pool\n"
        "with Pool(eval, 2, 60.0) as pool:\n"
        "    print(sorted(pool.run(['1 + 1', '1 + 2'])))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[('1 + 1', 2), ('1 + 2', 3)]\n", "")


def test_modules_are_imported_once_and_for_all_workers() -> None:
    ask = "'colorsys' in __import__('sys').modules"
    with Pool[str, object](eval, 2, LONG, ["colorsys"]) as pool:
        assert dict(pool.run([ask, ask + " or 1"])) == {ask: True, ask + " or 1": True}


def test_a_preload_that_fails_is_no_failure() -> None:
    with Pool[str, object](eval, 2, LONG, ["no_such_module"]) as pool:
        assert dict(pool.run(["1", "2"])) == {"1": 1, "2": 2}


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_leave_when_their_parent_is_killed(tmp_path: Path, end: signal.Signals) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent("""
            from visualdiff.pool import Pool
            hang = "__import__('time').sleep(600)"
            ask = "(__import__('os').getppid(), __import__('os').getpid())"
            with Pool(eval, 2, 600.0) as pool:
                # Each worker takes one, as the first is still asleep when the second is ready.
                told = pool.run(["__import__('time').sleep(1) or " + ask] * 2 + [hang] * 2)
                print(*{*next(told)[1], *next(told)[1]}, flush=True)
                next(told)
        """)
    )
    process = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with process:
        assert process.stdout is not None
        pids = [int(word) for word in process.stdout.readline().split()]
        assert len(pids) == 3
        process.send_signal(end)
        assert process.wait(timeout=20) == -end
    for pid in pids:
        wait_for_end(pid)


def weigh(task: str) -> float:
    """Return the number at the beginning of a task."""
    return float(task.partition(",")[0])


def run_within(most: float, tasks: list[str], workers: int = 3) -> dict[str, tuple[float, float]]:
    """Return when each task began and ended."""
    with Pool[str, object](eval, workers, LONG, (), Budget(most, weigh)) as pool:
        answers = dict(pool.run(tasks))
    times = {task: answer for task, answer in answers.items() if isinstance(answer, tuple)}
    assert times.keys() == set(tasks)
    return {task: (began, ended) for task, (_, began, _, ended) in times.items()}


def work_for(weight: int, seconds: float, number: int = 0) -> str:
    clock = "__import__('time').monotonic()"
    return f"{weight}, {clock} + 0 * {number}, __import__('time').sleep({seconds}), {clock}"


def test_tasks_in_flight_never_weigh_more_than_the_budget() -> None:
    tasks = [
        work_for(weight, 0.05, number) for number, weight in enumerate([5, 5, 4, 3, 2, 1] * 3)
    ]
    times = run_within(6, tasks)
    for began, _ in times.values():
        in_flight = [task for task, (start, end) in times.items() if start <= began < end]
        assert sum(map(weigh, in_flight)) <= 6


def test_what_is_too_heavy_goes_alone_and_light_ones_go_before_what_must_wait() -> None:
    heavy, first, light = work_for(9, 0.2), work_for(4, 0.5), work_for(1, 0.1)
    times = run_within(6, [first, heavy, light])
    assert times[light][0] < times[first][1]  # beside the first
    assert times[heavy][0] >= max(times[light][1], times[first][1])


def test_a_worker_that_dies_gives_its_share_back() -> None:
    with Pool[str, object](eval, 2, LONG, (), Budget(1, lambda _: 1.0)) as pool:
        answers = dict(pool.run([KILL, "1 + 1", EXIT, "2 + 2"]))
    assert (answers["1 + 1"], answers["2 + 2"]) == (2, 4)
    assert isinstance(answers[KILL], Lost)
