"""Completion, in the shells themselves."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from test_cli import COMMAND

from visualdiff.commands import COMMANDS

Complete = Callable[..., set[str]]

SHELLS = ("bash", "zsh", "fish")
# What bash does when somebody presses Tab.
TAB = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
compopt() { :; }  # wants to be called by the real Tab
spec=$(complete -p visualdiff); [[ "$spec" =~ -F\\ ([^ ]+) ]]
"${BASH_REMATCH[1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        not shutil.which(shell) and not os.environ.get("CI"),
        reason=f"no {shell} here (Debian: apt-get install {shell}); CI must have it",
    )


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what the command prints for each shell."""
    folder = tmp_path_factory.mktemp("scripts")
    for shell in SHELLS:
        done = subprocess.run([COMMAND, "completion", shell], capture_output=True, check=True)
        (folder / shell).write_bytes(done.stdout)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shots").mkdir()
    for name in ("a.png", "b c.png"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.fixture
def bash(scripts: Path, folder: Path) -> Complete:
    def complete(*words: str) -> set[str]:
        """Return what may stand for the last of some words."""
        done = subprocess.run(
            ["bash", "--norc", "-c", TAB, "bash", scripts / "bash", "visualdiff", *words],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return set(done.stdout.split("\n")) - {""}

    return complete


@pytest.fixture
def fish(scripts: Path, folder: Path) -> Complete:
    def complete(*words: str) -> set[str]:
        line = " ".join(["visualdiff", *words])
        done = subprocess.run(
            ["fish", "--no-config", "-c", f"source {scripts / 'fish'}; complete -C '{line}'"],
            cwd=folder,
            env=os.environ | {"HOME": str(folder)},
            capture_output=True,
            text=True,
            check=True,
        )
        return {line.partition("\t")[0] for line in done.stdout.splitlines()}

    return complete


# Words that are typed, what is offered, and what is not.
CASES = [
    ([""], set(COMMANDS), {"a.png"}),
    (["comp"], {"compare", "completion"}, {"run"}),
    (["run", "--pre"], {"--preset"}, {"--prune"}),
    (["approve", "--"], {"--prune", "--all", "--undo", "--help"}, {"--preset"}),
    (["compare", "--align", ""], {"none", "rows", "translate", "similarity"}, {"a.png"}),
    (["compare", "--on-size-mismatch", ""], {"fail", "pad", "crop", "scale"}, set()),
    (["run", "--preset", "st"], {"strict"}, {"lenient"}),
    (["run", "--preset", "strict", "--passed-in-report", ""], {"list", "thumbnails"}, {"strict"}),
    (["run", "--workers", ""], {"auto"}, {"N"}),
    (["schema", ""], {"config", "results"}, {"a.png"}),
    (["completion", ""], set(SHELLS), {"a.png"}),
    (["run", "--config", "a"], {"a.png"}, {"shots"}),
    (["compare", "a.png", "a"], {"a.png"}, {"shots"}),
    (["check", ""], {"a.png", "shots"}, set()),
    (["merge", ""], {"shots"}, {"a.png"}),
    (["run", "--report", ""], {"shots"}, {"a.png"}),
]
IDS = [" ".join(["visualdiff", *words]) for words, _, _ in CASES]


@pytest.mark.parametrize(("words", "offered", "not_offered"), CASES, ids=IDS)
def test_bash_offers_what_fits(
    bash: Complete, words: list[str], offered: set[str], not_offered: set[str]
) -> None:
    found = bash(*words)
    assert offered <= found
    assert not not_offered & found


@needs("fish")
@pytest.mark.parametrize(("words", "offered", "not_offered"), CASES, ids=IDS)
def test_fish_offers_what_fits(
    fish: Complete, words: list[str], offered: set[str], not_offered: set[str]
) -> None:
    found = {word.rstrip("/") for word in fish(*words)}
    assert offered <= found
    assert not not_offered & found


def test_names_with_spaces_stay_whole(bash: Complete) -> None:
    assert bash("check", "b") == {"b c.png"}


def read_until(terminal: int, wanted: str) -> None:
    """Read from a terminal until an expression matches all of it; fail after a minute."""
    told, end = "", time.monotonic() + 60
    while not re.search(wanted, told, re.DOTALL):
        ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
        assert ready, told
        told += os.read(terminal, 4096).decode("utf-8", "replace")
        told = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\x07]", "", told)


@needs("zsh")
@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("visualdiff compl\t", "visualdiff completion "),
        ("visualdiff run --pres\t", "visualdiff run --preset "),
        ("visualdiff compare --align tr\t", "visualdiff compare --align translate "),
        ("visualdiff check a\t", "visualdiff check a.png "),
        ("visualdiff merge s\t", "visualdiff merge shots/"),
    ],
)
def test_zsh_completes_at_a_terminal(
    scripts: Path, folder: Path, typed: str, completed: str
) -> None:
    functions = folder / "functions"
    functions.mkdir()
    shutil.copy(scripts / "zsh", functions / "_visualdiff")
    terminal, other = pty.openpty()
    set_up = f"fpath=({functions} $fpath); autoload -U compinit; compinit -u -D; echo do''ne\n"
    with subprocess.Popen(
        ["zsh", "-f", "-i"],
        cwd=folder,
        env=os.environ | {"TERM": "dumb", "HOME": str(folder), "PS1": "ready> "},
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
    ) as process:
        os.close(other)
        try:
            read_until(terminal, "ready> ")
            os.write(terminal, set_up.encode())
            read_until(terminal, "done\n.*ready> ")
            os.write(terminal, typed.encode())
            # Only the answer has what was not typed.
            read_until(terminal, re.escape(completed))
        finally:
            process.kill()
            os.close(terminal)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_names_every_command(scripts: Path, shell: str) -> None:
    text = (scripts / shell).read_text("utf-8")
    assert all(re.search(rf"\b{command}\b", text) for command in COMMANDS)


def test_help_does_not_load_what_writes_scripts() -> None:
    code = "import sys; from visualdiff.cli import execute; execute(['completion', '--help']); "
    check = "assert not {'shtab', 'importlib.metadata'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code + check], capture_output=True, check=True)
