"""Every command of the pages is executed, in a project that is as the pages say."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from storing import Bucket
from test_cli import COMMAND, draw, load
from test_lfs import needs_git_lfs

from visualdiff import load_config, run
from visualdiff.approval.review import load_review
from visualdiff.commands import COMMANDS, load_command

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHELLS = ("", "sh", "bash", "console", "shell")
# Languages of what no shell reads. (Examples in Python: test_docs_pytest.py, test_project.py.)
OTHERS = ("gitignore", "groovy", "json", "python", "text", "yaml")
PROGRAMS = ("visualdiff", "pytest", "python", "python3", "pip", "git", "make", "mkdocs", "gh")
# What sets up a clone of visualdiff itself is executed by what is named here, in these words.
ELSEWHERE = {
    "git clone REPOSITORY visualdiff && cd visualdiff": (".ci/run", "on a fresh clone"),
    "make run": (".ci/run", "\nmake run\n"),
    "make test": (".ci/run", "\nmake test\n"),
    "python3 -m venv .venv && .venv/bin/pip install -e '.[dev]'": (
        "Makefile",
        "$(PYTHON) -m venv $(VENV)\n\t@$(PIP) install --editable '.[dev]'\n",
    ),
    ".venv/bin/visualdiff run": ("Makefile", "$(BIN)/visualdiff run;"),
    ".venv/bin/pytest": ("Makefile", "$(BIN)/python -m pytest -n 2\n"),
    "pip install .": ("tests/check_wheel.py", '"install", "--quiet", str(wheel)'),
    "pip install visualdiff-ssim": ("pyproject.toml", '\nname = "visualdiff-ssim" '),
    "pip install '.[pytest]'": ("pyproject.toml", "\npytest = ["),
    "pip install 'visualdiff-ssim[dask]'": ("pyproject.toml", "\ndask = ["),
    "dask scheduler --scheduler-file shared/scheduler.json": (
        "tests/dasking.py",
        '["scheduler", "--scheduler-file", str(file)',
    ),
    "dask worker --scheduler-file shared/scheduler.json --nthreads 4": (
        "tests/dasking.py",
        '["worker", "--scheduler-file", str(file), "--nthreads", "1"',
    ),
    "visualdiff run --executor dask --scheduler shared/scheduler.json": (
        "tests/test_dask.py",
        '"--scheduler", str(cluster.file)',
    ),
    "pip install 'visualdiff-ssim[review]'": ("pyproject.toml", "\nreview = ["),
}
# A bucket of the pages.
SHOTS = "s3://shots"
# What GitHub's runner and that of Azure put in.
FILLED = {"${{ matrix.shard }}": "2", "$(System.DefaultWorkingDirectory)": "."}
VARIABLES = {
    "BROWSER": "true",
    "CI": "",
    "CI_NODE_INDEX": "2",
    "CI_NODE_TOTAL": "4",
    "GITHUB_WORKFLOW": "visual",
    "GIT_CONFIG_NOSYSTEM": "1",
}
GH = """#!/bin/sh
case "$1 $2" in
"run list") echo 7 ;;
"run download") test "$3 $4 $5 $6" = "7 --name screenshots --dir" && cp -r baselines "$7" ;;
*) exit 1 ;;
esac
"""


class Block(NamedTuple):
    """Scripts of a page that follow each other: lines of a listing, or steps of a job."""

    page: str
    place: int
    scripts: tuple[str, ...]


def list_fences(page: Path) -> Iterator[tuple[int, str, str]]:
    """Yield line, language and text of each fenced block."""
    text = page.read_text("utf-8")
    for found in re.finditer(r"^( *)```(\w*)\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL):
        yield text[: found.start()].count("\n") + 1, found[2], found[3]


def list_blocks(page: Path) -> Iterator[Block]:
    for place, language, text in list_fences(page):
        scripts: list[str] = []
        if language in SHELLS:
            scripts = text.replace("\\\n", " ").splitlines()
        elif language == "yaml":
            scripts = list(find_scripts(yaml.safe_load(text)))
        elif language == "groovy":
            scripts = re.findall(r"\bsh '(.*)'", text)
        kept = tuple(filter(None, (re.sub(r"\s+#( .*|$)", "", line).strip() for line in scripts)))
        if kept:
            yield Block(page.name, place, kept)


def find_scripts(value: Any) -> Iterator[str]:
    """Yield what a shell is given in the configuration of a CI service, in its order."""
    if isinstance(value, list):
        for item in value:
            yield from find_scripts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("run", "script", "before_script", "after_script"):
                yield from [item] if isinstance(item, str) else item
            else:
                yield from find_scripts(item)


BLOCKS = [block for page in PAGES for block in list_blocks(page)]


def mark(block: Block) -> Any:
    marks = [needs_git_lfs] if any("git lfs" in script for script in block.scripts) else []
    return pytest.param(block, id=f"{block.page}:{block.place}", marks=marks)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project, its home, and all that the pages say is there already."""
    folder = tmp_path_factory.mktemp("docs")
    project = folder / "project"
    (project / "checkout").mkdir(parents=True)
    (project / "visualdiff.yaml").write_text("baselines: baselines\ncandidates: screenshots\n")
    for number, name in enumerate(("home", "checkout/pay", "checkout/cart", "same")):
        for side in ("baselines", "screenshots"):
            changed = side == "screenshots" and name != "same"
            draw(project / side / f"{name}.png", square=250 if changed else 0, size=64 + number)
    for name in ("baseline", "candidate", "old", "new", "a", "b"):
        draw(project / f"{name}.png", square=250 * (name in ("candidate", "new", "b")), size=300)
    config = load_config(project / "visualdiff.yaml")
    run(config)
    for number in range(1, 5):
        for place in (f"shard-{number}", f"shards/shard-{number}"):
            run(
                load_config(config.folder / "visualdiff.yaml", report=project / place),
                shard=(number, 4),
            )
    home = folder / "home"
    for copy in (home / "Downloads/visualdiff-report", project / "downloaded"):
        shutil.copytree(project / "visualdiff-report", copy)
    review = load_review(project / "visualdiff-report/results.json", project)
    accepted = [
        {"name": pair.name, "test": "", "candidate": pair.candidate_hash, "decision": "accept"}
        for pair in review.pairs
    ]
    decisions = {"decisions_version": 1, "run": review.run, "decisions": accepted[:1]}
    (home / "Downloads/decisions.json").write_text(json.dumps(decisions))
    (home / ".gitconfig").write_text("[user]\nname = Somebody\nemail = somebody@example.com\n")
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """Return a copy of all that, in a Git repository without a commit, with a stand-in for gh."""
    copy = shutil.copytree(template, tmp_path / "copy")
    (copy / "bin").mkdir()
    (copy / "bin/gh").write_text(GH)
    (copy / "bin/gh").chmod(0o755)
    subprocess.run(["git", "init", "-q"], cwd=copy / "project", check=True)
    return copy


def fill_bucket(bucket: Bucket, project: Path) -> str:
    """Upload the reports that the pages have in a store, and return its URL."""
    bucket.fill("main/report", project / "visualdiff-report")
    for number in range(1, 5):
        bucket.fill(str(number), project / f"shard-{number}")
    return bucket.url


def fill(script: str, project: Path) -> str:
    """Return a script with what is meant by the placeholders of the pages."""
    results = load(project / "visualdiff-report/results.json")
    change = results["results"][0]["regions"][0]["change"]
    run_id = load_review(project / "visualdiff-report/results.json", project).run
    for text, meant in (FILLED | {"1a2b3c4d5e6f": change, "1f8adf2c7857": run_id}).items():
        script = script.replace(text, meant)
    return script


def expect(script: str) -> tuple[int, ...]:
    """Return the exit codes with which a script may end in this project."""
    if "--shard" in script:
        return 0, 1  # some share has no pair that differs
    differs = re.search(r"visualdiff (run|compare|merge)\b(?!.*--help)", script)
    return (1,) if differs else (0,)


@pytest.mark.parametrize("block", [mark(block) for block in BLOCKS])
def test_every_command_does_what_it_says(
    block: Block, folder: Path, request: pytest.FixtureRequest
) -> None:
    project = folder / "project"
    paths = (folder / "bin", COMMAND.parent, os.environ["PATH"])
    given = {"HOME": str(folder / "home"), "PATH": os.pathsep.join(map(str, paths))}
    if any(script.startswith("visualdiff init") for script in block.scripts):
        (project / "visualdiff.yaml").unlink()
    scripts = block.scripts
    if any(SHOTS in script for script in scripts):
        url = fill_bucket(request.getfixturevalue("bucket"), project)
        scripts = tuple(script.replace(SHOTS, url) for script in scripts)
    for script in scripts:
        if script in ELSEWHERE:
            continue
        code, told, complaints = execute(fill(script, project), project, given)
        assert code in expect(script), (script, told, complaints)
        assert "Traceback" not in complaints


def execute(script: str, project: Path, given: dict[str, str]) -> tuple[int, str, str]:
    """Return exit code, output and complaints of a script; a review is ended by Ctrl-C."""
    is_review = script.startswith("visualdiff review")
    with subprocess.Popen(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", "exec " * is_review + script],
        cwd=project,
        env=os.environ | VARIABLES | given,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        if is_review:
            assert process.stdout
            assert process.stdout.readline().startswith("review: http://127.0.0.1:")
            process.send_signal(signal.SIGINT)
        told, complaints = process.communicate()
    return process.returncode, told, complaints


def test_what_is_executed_elsewhere_is_still_there() -> None:
    listed = {script for block in BLOCKS for script in block.scripts}
    assert ELSEWHERE.keys() <= listed
    for script, (name, words) in ELSEWHERE.items():
        assert words in (ROOT / name).read_text("utf-8"), script


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_command_hides_in_another_language(page: Path) -> None:
    for place, language, text in list_fences(page):
        assert language in SHELLS + OTHERS, f"{page.name}:{place}: {language}"
        if language not in (*SHELLS, "yaml", "groovy"):
            first = {line.split(maxsplit=1)[0] for line in text.splitlines() if line.strip()}
            assert not first & set(PROGRAMS), f"{page.name}:{place}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_within_a_sentence_are_understood(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = re.sub("^ *```.*?^ *```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for found in re.findall(r"`(visualdiff [^`]*)`", text.replace("\n", " ")):
        name, *words = shlex.split(found)[1:]
        assert name in COMMANDS, found
        # Its options alone: what it wants beside them, the sentence may not be about.
        load_command(name).make_parser().parse(words, most=None)
