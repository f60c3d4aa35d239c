"""Runs over object storage that find the results of earlier ones, and a cache that is there."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawing import draw_page
from faulting import Proxy, Status
from PIL import Image
from storing import Bucket

from visualdiff import ConfigError, RunResult, load_config, run
from visualdiff.report.results import render_results
from visualdiff.urls import find_root

# Of these, two pairs have the same files.
NAMES = ("a.png", "b.png", "copy-of-a.png", "same.png")


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Return a folder with the pairs that the storage is to hold: three differ, one does not."""
    page = draw_page(3, width=60)
    for index, name in enumerate(NAMES):
        changed = page.copy()
        changed[10 + 10 * (index % 2) :][:9, 10:40] = (220, 38, 38)
        for side, image in (("old", page), ("new", page if name == "same.png" else changed)):
            path = tmp_path / "images" / side / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.asarray(image, np.uint8)).save(path)
    return tmp_path / "images"


@pytest.fixture
def project(tmp_path: Path, bucket: Bucket, images: Path) -> Path:
    """Return a configuration of which everything is in the bucket."""
    bucket.fill("", images)
    folders = {"baselines": "old", "candidates": "new", "report": "report", "cache": "cache"}
    lines = [f"{key}: {bucket.url}/{name}" for key, name in folders.items()]
    (tmp_path / "visualdiff.yaml").write_text("\n".join([*lines, "executor: serial", ""]))
    return tmp_path


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    """See that no image that was fetched is left on the disk."""
    before = set(find_root().rglob("*.png"))
    yield
    assert set(find_root().rglob("*.png")) == before


def go(project: Path, **changes: Any) -> RunResult:
    return run(load_config(project / "visualdiff.yaml", **changes))


def tell(result: RunResult) -> Any:
    """Return all that a run says of its pairs, but how long they took."""
    entries = json.loads(b"".join(render_results(result)))["results"]
    return [{**entry, "seconds": None} for entry in entries]


def read(bucket: Bucket, prefix: str) -> dict[str, bytes]:
    return {name.removeprefix(prefix): bucket.get(name) for name in bucket.names(prefix)}


def test_a_second_run_downloads_no_image_and_says_the_same(
    project: Path, bucket: Bucket, proxy: Proxy
) -> None:
    first = go(project)
    pictures = read(bucket, "report/assets/")
    assert (first.reused, first.warnings) == (0, ())
    assert len([name for name in bucket.names("cache/") if name.endswith(".entry")]) == 3
    assert not list(find_root().rglob("*.entry"))
    proxy.forget()
    again = go(project)
    assert (again.reused, again.warnings) == (4, ())
    assert tell(again) == tell(first)
    assert read(bucket, "report/assets/") == pictures
    fetched = [request.path for request in proxy.find("GET") if "list-type" not in request.query]
    entries = [path for path in fetched if path.endswith(".entry")]
    # Beside them, the tag.
    assert (len(entries), len(fetched)) == (4, 5)
    assert not proxy.find("HEAD", "*.entry")
    assert not proxy.find("PUT", "*/cache/*")
    assert not proxy.find("PUT", "*/assets/*")


def test_a_report_elsewhere_gets_all_pictures_and_only_copies_are_fetched(
    project: Path, bucket: Bucket, proxy: Proxy
) -> None:
    first = go(project)
    proxy.forget()
    again = go(project, report=f"{bucket.url}/fresh")
    assert again.reused == 4
    assert read(bucket, "fresh/assets/") == read(bucket, "report/assets/")
    assert tell(again) == tell(first)
    assert {Path(request.path).name for request in proxy.find("GET", "*.png")} == {*NAMES[:3]}


@pytest.mark.parametrize("side", ["old", "new"])
def test_an_object_that_is_written_again_is_compared_again(
    project: Path, bucket: Bucket, proxy: Proxy, side: str
) -> None:
    go(project)
    Image.fromarray(draw_page(3, seed=1, width=60)).save(project / "other.png")
    bucket.put(f"{side}/b.png", (project / "other.png").read_bytes())
    proxy.forget()
    again = go(project)
    assert again.reused == 3
    assert {request.path.rpartition("/")[2] for request in proxy.find("GET", "*.png")} == {"b.png"}
    assert tell(again) == tell(go(project, cache=project / "none"))


def test_one_that_only_got_another_name_or_time_is_known(project: Path, bucket: Bucket) -> None:
    go(project)
    for side in ("old", "new"):
        bucket.put(f"{side}/b.png", bucket.get(f"{side}/b.png"))
        bucket.put(f"{side}/renamed.png", bucket.get(f"{side}/a.png"))
    assert go(project).reused == 5


@pytest.mark.parametrize("executor", ["serial", "processes"])
def test_files_of_this_machine_have_a_cache_in_a_storage_and_objects_one_of_this_machine(
    project: Path, images: Path, executor: str
) -> None:
    here: dict[str, Any] = {"baselines": images / "old", "candidates": images / "new"}
    for changes in (here, {"cache": project / "cache"}, {"baselines": images / "old"}):
        changes |= {"report": project / "report", "executor": executor}
        first = go(project, **changes)
        again = go(project, **changes)
        assert (first.reused, again.reused) == (0, 4)
        assert tell(again) == tell(first)


def test_pictures_of_pairs_that_passed_are_restored(project: Path, bucket: Bucket) -> None:
    changes: Any = {"passed_in_report": "thumbnails"}
    first = go(project, **changes)
    again = go(project, **changes, report=f"{bucket.url}/fresh")
    assert again.reused == 4
    assert tell(again) == tell(first)
    assert read(bucket, "fresh/assets/") == read(bucket, "report/assets/")


@pytest.mark.parametrize("spoilt", [b"", b"no entry", "half"])
def test_what_is_no_entry_is_ignored(project: Path, bucket: Bucket, spoilt: Any) -> None:
    first = go(project)
    for name in bucket.names("cache/"):
        if name.endswith(".entry"):
            data = bucket.get(name)
            bucket.put(name, data[: len(data) // 2] if spoilt == "half" else spoilt)
    again = go(project, report=f"{bucket.url}/fresh")
    assert again.reused == 0
    assert tell(again) == tell(first)
    assert go(project).reused == 4


def test_a_folder_of_somebody_else_is_refused(project: Path, bucket: Bucket) -> None:
    bucket.put("cache/CACHEDIR.TAG", b"Signature: of another")
    with pytest.raises(ConfigError, match=f"cache: {bucket.url}/cache/CACHEDIR.TAG is not of vis"):
        go(project)
    assert bucket.names("cache/") == ["cache/CACHEDIR.TAG"]
    with pytest.raises(ConfigError, match="is in an archive, in which nothing is written"):
        go(project, cache=f"zip://cache::{project}/cache.zip")


@pytest.mark.parametrize("glob", ["*.entry", "*/CACHEDIR.TAG"])
def test_a_cache_that_cannot_be_written_is_a_warning(
    project: Path, bucket: Bucket, proxy: Proxy, glob: str
) -> None:
    denied = Status(403, "AccessDenied")
    proxy.rule = lambda asked: denied if asked.matches("PUT", glob) else None
    result = go(project)
    assert (len(result.results), result.reused) == (4, 0)
    (warning,) = result.warnings
    assert warning.startswith(f"cache: cannot write to {bucket.url}/cache")
    assert warning.endswith("; results are not kept")


def test_a_cache_that_does_not_answer_is_a_warning(
    project: Path, bucket: Bucket, proxy: Proxy
) -> None:
    denied = Status(403, "AccessDenied")
    proxy.rule = lambda asked: denied if asked.matches("*", "*/cache/*") else None
    result = go(project)
    assert len(result.results) == 4
    assert result.warnings[0].startswith(f"cache: cannot write to {bucket.url}/cache: ")
    assert not proxy.find("*", "*.entry")


def test_a_store_without_checksums_is_hashed(tmp_path: Path, images: Path) -> None:
    (tmp_path / "visualdiff.yaml").write_text(
        "baselines: zip://old::images.zip\ncandidates: zip://new::images.zip\n"
        "cache: cache\nexecutor: serial\n"
    )
    shutil.make_archive(str(images), "zip", images)
    first = go(tmp_path)
    again = go(tmp_path)
    assert (first.reused, first.warnings, again.reused) == (0, (), 4)
    assert tell(again) == tell(first)
    # Files of a folder that hold the same are known, too: both are told by their SHA-256.
    here = go(tmp_path, baselines=images / "old", candidates=images / "new")
    assert here.reused == 4
