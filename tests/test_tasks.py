from pathlib import Path

from visualdiff.model import Pair
from visualdiff.settings import Config, Settings
from visualdiff.tasks import make_task, name_files

FOLDER = Path("/p")


def test_a_task_has_what_concerns_its_pair() -> None:
    pair = Pair(name="a.png", baseline=None, candidate=FOLDER / "new/a.png")
    config = Config(
        folder=FOLDER,
        baselines=FOLDER / "old",
        candidates=FOLDER / "new",
        report=FOLDER / "report",
        threshold=0.5,
        max_image_pixels=7,
        passed_in_report="thumbnails",
    )
    task = make_task(pair, Settings(threshold=0.25), config)
    assert (task.pair, task.settings.threshold) == (pair, 0.25)
    assert (task.folder, task.report, task.max_image_pixels) == (FOLDER, FOLDER / "report", 7)
    assert task.show_passed


def test_a_result_names_the_files_of_its_pair_as_seen_from_the_configuration() -> None:
    pair = Pair(
        name="a.png",
        baseline=FOLDER / "old/a.png",
        candidate=Path("/elsewhere/a.png"),
        alternates=(FOLDER / "old/a@2.png",),
    )
    assert name_files(pair, FOLDER) == {
        "baseline": "old/a.png",
        "candidate": "../elsewhere/a.png",
        "alternates": ("old/a@2.png",),
        "target": "old/a.png",
    }


def test_a_new_image_is_accepted_where_its_baseline_is_to_be() -> None:
    pair = Pair(name="a.png", baseline=None, candidate=FOLDER / "a.png", target=FOLDER / "b.png")
    assert name_files(pair, FOLDER)["target"] == "b.png"
