"""A report rendered again: in its place, as one file, in another folder; nothing is compared."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from drawing import draw_page
from reporting import write_png

from visualdiff import ConfigError, RunResult, load_config, run
from visualdiff.errors import ReportError
from visualdiff.rendering import render_again
from visualdiff.report.outputs import render_output
from visualdiff.settings import Output


@pytest.fixture
def ran(tmp_path: Path) -> RunResult:
    page = draw_page(6, width=120)
    changed = np.array(page)
    changed[20:40, 10:60] = (200, 30, 30)
    for side, image in (("old", page), ("new", changed)):
        write_png(tmp_path / side / "home.png", image)
    (tmp_path / "visualdiff.yaml").write_text(
        "baselines: old\ncandidates: new\nexecutor: serial\n"
    )
    return run(load_config(tmp_path / "visualdiff.yaml", report=tmp_path / "report"))


def list_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_in_its_place_nothing_but_the_page_is_written(ran: RunResult) -> None:
    folder = ran.config.report
    before = list_files(folder)
    (folder / "index.html").unlink()
    (folder / "candidates").mkdir()
    (folder / "candidates" / "kept.png").write_bytes(b"of a test")
    again = render_again(folder / "results.json", folder)
    assert again.config == ran.config
    assert list_files(folder) == before | {"candidates/kept.png": b"of a test"}


def test_one_file_is_made_of_a_downloaded_report(ran: RunResult) -> None:
    folder = ran.config.report
    (folder / ".visualdiff-report").unlink()  # hidden files are often left out
    render_again(folder / "results.json", single_file=True)
    page = (folder / "index.html").read_text("utf-8")
    assert "data:image/png;base64," in page
    render_again(folder / "results.json", single_file=True, max_inline_mb=0)
    page = (folder / "index.html").read_text("utf-8")
    assert "data:image/png;base64," not in page
    assert "pictures of 1 pair, beyond" in page


def test_another_folder_gets_the_whole_report(ran: RunResult, tmp_path: Path) -> None:
    source, folder = ran.config.report, tmp_path / "a" / "b"
    before = list_files(source)
    again = render_again(source / "results.json", folder)
    assert list_files(source) == before
    made = list_files(folder)
    assert made.keys() == before.keys()
    assert all(made[name] == before[name] for name in made if name.startswith("assets/"))
    told, wanted = (json.loads(files["results.json"]) for files in (made, before))
    wanted["run"]["folder"] = "../.."
    assert told == wanted
    assert again.config.baselines == tmp_path / "old"


def test_an_earlier_report_elsewhere_is_replaced(ran: RunResult, tmp_path: Path) -> None:
    source, folder = ran.config.report, tmp_path / "other"
    shutil.copytree(source, folder)
    (folder / "assets" / "00.png").write_bytes(b"old")
    render_again(source / "results.json", folder)
    assert not (folder / "assets" / "00.png").exists()
    assert (folder / "index.html").read_bytes() == (source / "index.html").read_bytes()


def test_pictures_that_lack_are_named(ran: RunResult, tmp_path: Path) -> None:
    folder = ran.config.report
    page = (folder / "index.html").read_bytes()
    path = min((folder / "assets").iterdir())
    path.unlink()
    for target in (None, tmp_path / "other"):
        with pytest.raises(ReportError, match=f"lacks assets/{path.name}: copy or download"):
            render_again(folder / "results.json", target)
    assert (folder / "index.html").read_bytes() == page


def test_a_page_of_somebody_elses_is_left_alone(ran: RunResult) -> None:
    folder = ran.config.report
    (folder / ".visualdiff-report").unlink()
    (folder / "index.html").write_text("<title>My site</title>")
    with pytest.raises(ReportError, match="not written by visualdiff"):
        render_again(folder / "results.json")
    assert (folder / "index.html").read_text() == "<title>My site</title>"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("report/inside", "inside the report that is read"),
        ("old/report", "inside the baselines"),
        (".", "holds the baselines"),
        ("full", "not written by visualdiff"),
    ],
)
def test_a_folder_that_is_no_reports_is_refused(
    ran: RunResult, tmp_path: Path, place: str, said: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigError, match=said):
        render_again(ran.config.report / "results.json", tmp_path / place)


def test_a_full_disk_leaves_the_results(ran: RunResult, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill_up(*_: object) -> None:
        raise OSError(28, "No space left on device")

    folder = ran.config.report
    before = list_files(folder)
    with monkeypatch.context() as patch:
        patch.setattr("visualdiff.report.write_together", fill_up)
        with pytest.raises(ReportError, match="No space left"):
            render_again(folder / "results.json")
    assert list_files(folder) == before
    monkeypatch.setattr("visualdiff.report.copying.write_atomically", fill_up)
    with pytest.raises(ReportError, match=r"cannot copy assets/.* No space left"):
        render_again(folder / "results.json", folder.with_name("other"))


@pytest.mark.parametrize("size", [-1.0, float("nan")])
def test_a_wrong_size_is_told(ran: RunResult, size: float) -> None:
    with pytest.raises(ConfigError, match=r"--max-inline-mb: got (-1.0|nan), wanted at least 0"):
        render_again(ran.config.report / "results.json", max_inline_mb=size)


@pytest.mark.parametrize("elsewhere", [False, True], ids=["in its place", "elsewhere"])
def test_other_outputs_are_what_the_run_would_have_written(
    ran: RunResult, tmp_path: Path, *, elsewhere: bool
) -> None:
    names: tuple[Output, ...] = ("junit", "markdown", "reg")
    folder = tmp_path / "copy" if elsewhere else ran.config.report
    written = {name: ran.config.report / f"{name}.run" for name in names}
    for name, path in written.items():
        path.write_bytes(b"".join(render_output(name, ran, path.parent)))
    wanted = {name: path.read_bytes() for name, path in written.items()}
    for path in written.values():
        path.unlink()
    outputs = {name: folder / f"{name}.again" for name in names}
    again = render_again(
        ran.config.report / "results.json", folder, outputs, url_prefix="https://example.com/1/"
    )
    assert again.config.url_prefix == "https://example.com/1/"
    made = {name: path.read_bytes() for name, path in outputs.items()}
    assert b'src="https://example.com/1/assets/' in made["markdown"]
    assert b'src="assets/' in wanted["markdown"]
    made["markdown"] = made["markdown"].replace(b"https://example.com/1/", b"")
    if not elsewhere:
        assert made == wanted
    assert all(made.values())
