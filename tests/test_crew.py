import threading

import pytest

from visualdiff.remote import crew
from visualdiff.remote.crew import Crew


def test_all_is_done_by_as_many_as_there_are() -> None:
    together = threading.Barrier(3, timeout=30)
    with Crew(3) as threads:
        done = [threads.submit(together.wait) for _ in range(6)]
    assert sorted(future.result() for future in done) == [0, 0, 1, 1, 2, 2]
    with Crew(2) as threads:
        assert list(threads.map(str, range(4))) == ["0", "1", "2", "3"]


def test_what_goes_wrong_is_heard_by_who_asks() -> None:
    with Crew(1) as threads:
        future = threads.submit(int, "x")
    with pytest.raises(ValueError, match="x"):
        future.result()


def test_who_leaves_by_an_exception_waits_for_nothing() -> None:
    begun, end = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        end.wait(60)

    threads = Crew(1)
    running, waiting = threads.submit(hang), threads.submit(hang)
    assert begun.wait(30)
    threads.__exit__(KeyboardInterrupt)
    assert waiting.cancelled()
    assert not running.done()
    end.set()


def test_who_cannot_wait_for_long_drops_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_LAST_SECONDS", 0.01)
    end = threading.Event()
    threads = Crew(1)
    threads.submit(end.wait, 60)
    waiting = threads.submit(int)
    threads.shutdown(wait=False)
    assert waiting.cancelled()
    end.set()


def test_no_thread_keeps_a_process_from_ending() -> None:
    with Crew(1) as threads:
        assert threads.submit(lambda: threading.current_thread().daemon).result()
