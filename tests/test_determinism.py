"""What a run writes depends on its input alone, and nobody outside of this machine hears of it."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from injecting import Done, run_injected

ROOT: Final = Path(__file__).parents[1]
FOLDERS: Final = {"baselines": ROOT / "baselines", "candidates": ROOT / "tests/demo/candidates"}
# The clock stands still, but for durations, as processes are waited for.
STOPPED_CLOCK: Final = """
import datetime


class Stopped(datetime.datetime):
    @classmethod
    def now(cls, zone=None):
        return cls(2026, 1, 2, 3, 4, 5, tzinfo=zone)


datetime.datetime = Stopped
"""
# What tells how long it took, and who asked for it how.
_ASIDE: Final = {
    rb'("seconds": )[\d.]+': rb"\1-",
    rb"(<dt>(?:Duration|Command)</dt><dd>)[^<]+": rb"\1-",
    rb',\n *"(?:workers|executor)": [^,\n]+': b"",
    rb'("command": )"[^"]*"': rb"\1-",
    rb' time="[\d.]+"': rb"",
    rb"in [\d.,]+ s": b"-",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_demo(tmp_path / "project")


def copy_demo(folder: Path, *, backwards: bool = False) -> Path:
    """Copy the demo set, whose files a file system may then list in another order."""
    for side, source in FOLDERS.items():
        for path in sorted(source.rglob("*.*"), reverse=backwards):
            target = folder / side / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    (folder / "visualdiff.yaml").write_text(
        "baselines: baselines\ncandidates: candidates\n"
        "reports: [html, json, junit, markdown, reg]\n"
    )
    return folder


def run(project: Path, *words: str, cwd: Path | None = None, **env: str) -> dict[str, bytes]:
    """Return all files of the report, without what is put aside."""
    config = str(project / "visualdiff.yaml")
    command = ["run", "--config", config, *words]
    done = run_injected(command, cwd=cwd or project, code=STOPPED_CLOCK, **env)
    assert (done.code, done.left) == (1, []), done
    report = project / "visualdiff-report"
    found = {}
    for path in sorted(report.rglob("*")):
        if path.is_file():
            found[path.relative_to(report).as_posix()] = put_aside(path.read_bytes())
    assert {"index.html", "results.json", "junit.xml", "summary.md"} < found.keys()
    assert len(found) > 30
    shutil.rmtree(report)
    return found


def put_aside(data: bytes) -> bytes:
    for pattern, instead in _ASIDE.items():
        data = re.sub(pattern, instead, data)
    return data


def hold_equal(first: Mapping[str, bytes], second: Mapping[str, bytes]) -> None:
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_the_same_input_gives_the_same_bytes(project: Path, tmp_path: Path) -> None:
    """Whatever the number of workers, hashes of Python, folder, zone, language and file order."""
    first = run(project, PYTHONHASHSEED="1")
    hold_equal(first, run(project, PYTHONHASHSEED="2", TZ="Asia/Tokyo", LC_ALL="C"))
    for words in (["--workers", "1"], ["--workers", "5"], ["--executor", "serial"]):
        hold_equal(first, run(project, *words))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    hold_equal(first, run(project, cwd=elsewhere))
    again = copy_demo(tmp_path / "again", backwards=True)
    hold_equal(first, run(again))


# Whoever asks for a connection is refused, and it is noted, should that be suppressed.
NO_NETWORK: Final = """
import os, socket, sys

OUTWARD = {
    "socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
    "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo", "urllib.Request",
    "http.client.connect", "smtplib.connect", "ftplib.connect", "webbrowser.open",
}


def refuse(event, arguments):
    if event in OUTWARD and getattr(arguments[0], "family", None) != socket.AF_UNIX:
        with open(os.environ["HEARD"], "a") as file:
            file.write(f"{event} {arguments}\\n")
        raise PermissionError(event)


sys.addaudithook(refuse)
"""


def act_alone(project: Path, *words: str) -> Done:
    heard = project.parent / "heard"
    done = run_injected(words, cwd=project, code=NO_NETWORK, HEARD=str(heard), CI="")
    assert not heard.exists(), heard.read_text()
    assert "Traceback" not in done.err
    return done


def test_no_command_speaks_to_a_network(project: Path) -> None:
    assert act_alone(project, "run").code == 1
    assert (
        act_alone(project, "report", "visualdiff-report/results.json", "--single-file").code == 0
    )
    assert act_alone(project, "approve", "--all").code == 0
    assert act_alone(project, "approve", "--undo").code == 0
    for number in ("1", "2"):
        act_alone(project, "run", "--shard", f"{number}/2", "--report", f"shard-{number}")
    assert act_alone(project, "merge", "shard-1", "shard-2").code == 1
    first, *_ = sorted((project / "baselines").rglob("*.png"))
    assert act_alone(project, "compare", str(first), str(first)).code == 0
    assert act_alone(project, "schema").code == 0


def test_a_connection_would_be_heard(project: Path) -> None:
    ask = "try:\n    socket.create_connection(('127.0.0.1', 9))\nexcept OSError:\n    pass\n"
    code = f"{NO_NETWORK}\n{ask}"
    run_injected(["schema"], cwd=project, code=code, HEARD=str(project.parent / "heard"))
    assert "socket.getaddrinfo" in (project.parent / "heard").read_text()
