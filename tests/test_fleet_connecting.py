"""Where a cluster is looked for, and what is said when there is none."""

import json
import re
from pathlib import Path

import pytest

from visualdiff.errors import ConfigError
from visualdiff.fleet import connecting
from visualdiff.fleet.connecting import open_client


def refuse(scheduler: str, words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)), open_client(scheduler, 1):
        pass


def test_nobody_at_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "PATIENCE", 0.5)
    refuse("tcp://127.0.0.1:1", "scheduler: tcp://127.0.0.1:1 cannot be reached: Timed out")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "host:8786"
    refuse(str(path), f"scheduler: {path}: no such file; an address begins as tcp:// does")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    refuse(str(tmp_path), f"scheduler: {tmp_path}: cannot be read: Is a directory")


@pytest.mark.parametrize("content", ["baselines: old", "{}", "[]"], ids=["YAML", "empty", "list"])
def test_a_file_that_no_scheduler_wrote(tmp_path: Path, content: str) -> None:
    path = tmp_path / "scheduler.json"
    path.write_text(content)
    refuse(str(path), f"scheduler: {path}: is no scheduler file of Dask's")


def test_a_file_whose_scheduler_has_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "PATIENCE", 0.5)
    path = tmp_path / "scheduler.json"
    path.write_text(json.dumps({"address": "tcp://127.0.0.1:1"}))
    refuse(str(path), "scheduler: tcp://127.0.0.1:1 cannot be reached")


def test_a_cluster_of_this_machine_has_workers_of_one_thread_on_loopback_only() -> None:
    with open_client("local", 2) as client:
        threads = client.nthreads()
        assert list(threads.values()) == [1, 1]
        assert all(address.startswith("tcp://127.0.0.1:") for address in threads)
        variables = client.run(eval, "__import__('signal').pthread_sigmask(0, [])").values()
        # Ctrl-C is for the command only, which decides what becomes of them.
        assert all(2 in held for held in variables)
