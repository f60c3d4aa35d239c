"""Which files a run leaves behind, whatever happens."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from junitparser import JUnitXml
from outcomes import make_pair, make_run
from test_cli import COMMAND, draw

from visualdiff import load_config
from visualdiff.errors import ConfigError, ReportError
from visualdiff.report import outputs, prepare_report, write_report
from visualdiff.report.outputs import FILES, find_page

EVERY = ("html", "json", *(name for name in FILES if name not in ("html", "json")))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\nreport: report\n")
    for side in ("old", "new"):
        draw(tmp_path / side / "same.png")
        draw(tmp_path / side / "changed.png", square=255 if side == "new" else 0)
    return tmp_path


def run(project: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, "run", *words], cwd=project, capture_output=True, text=True, check=False
    )


def list_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file() and path.name[0] != ".")


def test_a_run_writes_what_the_configuration_says_and_removes_what_it_does_not(
    project: Path,
) -> None:
    config = project / "visualdiff.yaml"
    plain = config.read_text()
    config.write_text(f"{plain}reports: [{', '.join(EVERY)}]\n")
    assert run(project).returncode == 1
    assert list_files(project / "report") == sorted(FILES.values())
    config.write_text(f"{plain}reports: [junit]\n")
    done = run(project)
    assert (done.returncode, list_files(project / "report")) == (1, ["junit.xml"])
    assert done.stdout.splitlines()[-1] == f"report: {project / 'report'}"
    config.write_text(plain)
    assert run(project).returncode == 1
    assert list_files(project / "report") == ["index.html", "results.json"]


def test_an_option_writes_beside_the_report_and_outside_of_it(project: Path) -> None:
    done = run(project, "--junit", "out/of/it/tests.xml")
    assert done.returncode == 1
    assert list_files(project / "report") == ["index.html", "results.json"]
    document = JUnitXml.fromfile(str(project / "out/of/it/tests.xml"))
    assert (document.tests, document.failures, document.errors) == (2, 1, 0)
    assert all(case.time > 0 for suite in document for case in suite)


def test_an_option_may_name_a_file_of_the_report_in_any_way(project: Path) -> None:
    (project / "link").symlink_to(project / "report")
    words = ("--junit", "link/junit.xml", "--reg", f"../{project.name}/report/reg.json")
    assert run(project, *words).returncode == 1
    files = list_files(project / "report")
    assert files == ["index.html", "junit.xml", "reg.json", "results.json"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--junit", "old/same.png"), "junit: old/same.png would be an image by its name"),
        (("--reg", "report/index.html"), "reg: report/index.html is the file for html"),
        (("--junit", "a.txt", "--markdown", "./a.txt"), "markdown: a.txt is the file for junit"),
    ],
    ids=["a baseline", "the page", "one file for two"],
)
def test_an_output_replaces_nothing_else(project: Path, words: tuple[str, ...], said: str) -> None:
    baseline = (project / "old/same.png").read_bytes()
    done = run(project, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr.replace(f"{project}/", "")
    assert (project / "old/same.png").read_bytes() == baseline
    assert not (project / "report").exists()


@pytest.mark.parametrize("words", [(), ("--report", "other")])
def test_a_report_is_not_replaced_by_what_is_rendered_of_it(
    project: Path, words: tuple[str, ...]
) -> None:
    assert run(project).returncode == 1
    results = project / "report" / "results.json"
    before = results.read_bytes()
    done = subprocess.run(
        [COMMAND, "report", str(results), "--junit", str(results), *words],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"junit: {results} is the file for json" in done.stderr
    assert results.read_bytes() == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("reports: [htm]", 'got "htm", wanted '),
        ("reports: html", 'got "html", wanted '),
        ("reports: []", "got [], wanted at least one item"),
        ('url_prefix: "https://x y"', 'got "https://x y", wanted a URL, without spaces'),
    ],
)
def test_wrong_outputs_are_told_at_their_place(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "visualdiff.yaml"
    path.write_text(f"baselines: a\ncandidates: b\n{line}\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    (text,) = str(caught.value).splitlines()
    assert text.startswith(f"{path}:3:")
    assert said in text


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_fails_or_is_interrupted_leaves_all_outputs_of_the_earlier_run(
    tmp_path: Path, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = make_run(make_pair("a.png", artifacts={}), report=tmp_path / "report", reports=EVERY)
    elsewhere = tmp_path / "tests.xml"
    prepare_report(tmp_path / "report", {})
    write_report(result, {"junit": elsewhere})
    assert elsewhere.is_file()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    before = {path: path.read_bytes() for path in files}

    def fail(*_: object) -> Iterator[bytes]:
        yield b"half"
        raise error

    renderers = {**outputs._RENDERERS, "junit": fail}
    monkeypatch.setattr(outputs, "_RENDERERS", renderers)
    wanted = ReportError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(wanted) as caught:
        write_report(result, {"junit": elsewhere})
    if wanted is ReportError:
        said = f"report: cannot write to {elsewhere}: {error.args[1]}"
        assert str(caught.value) == f"{said}; the report there is of an earlier run"
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_file_whose_folder_is_a_file_is_told_with_its_path(project: Path) -> None:
    done = run(project, "--junit", "visualdiff.yaml/junit.xml")
    place = project / "visualdiff.yaml" / "junit.xml"
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"error: report: cannot write to {place}: ")
    assert (project / "visualdiff.yaml").is_file()


def test_the_page_is_where_to_look_if_there_is_one() -> None:
    assert find_page(make_run().config) == Path("/p/report/index.html")
    assert find_page(make_run(reports=("json", "junit")).config) == Path("/p/report")
