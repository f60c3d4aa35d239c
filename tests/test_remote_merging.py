"""Reports of shards in a store or in folders → one report in either, as a single run writes it."""

from pathlib import Path

import pytest
from approving import BLUE, RED, draw
from storing import Bucket, run
from test_merging import list_assets, normalise

from visualdiff import load_config
from visualdiff import run as compare
from visualdiff.commands import parse_arguments
from visualdiff.errors import ReportError
from visualdiff.merging import merge_reports
from visualdiff.parser import UsageError
from visualdiff.rendering import render_again
from visualdiff.urls import place


@pytest.fixture
def project(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder whose images are in a bucket, with the report of one run beside them."""
    monkeypatch.chdir(tmp_path)
    for number in range(5):
        bucket.put(f"old/{number}.png", draw(words=number))
        button = RED if number else BLUE
        bucket.put(f"new/{number}.png", draw(words=number, button=button))
    lines = [f"baselines: {bucket.url}/old", f"candidates: {bucket.url}/new", "executor: serial\n"]
    (tmp_path / "visualdiff.yaml").write_text("\n".join(lines))
    return tmp_path


def compare_to(project: Path, report: str, shard: tuple[int, int] | None = None) -> Path:
    config = load_config(project / "visualdiff.yaml", report=report)
    assert not compare(config, shard=shard).passed
    return config.report


def fetch(bucket: Bucket, name: str, folder: Path) -> Path:
    """Download a report by another client."""
    for key in bucket.names(f"{name}/"):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bucket.get(key))
    return folder / name


def test_shards_in_a_store_are_one_run_wherever_they_are_merged(
    project: Path, bucket: Bucket, tmp_path: Path
) -> None:
    for number in (1, 2):
        compare_to(project, f"{bucket.url}/shard-{number}", (number, 2))
    one = compare_to(project, str(tmp_path / "one"))
    shards = [f"{bucket.url}/shard-{number}" for number in (2, 1)]
    code, said = run(project, bucket.variables, "merge", *shards, "--report", f"{bucket.url}/all")
    assert code == 1, said
    assert f"{bucket.url}/all/index.html" in said
    assert "visualdiff-remote-" not in said
    merged = fetch(bucket, "all", tmp_path)
    assert run(project, bucket.variables, "merge", *shards, "-q")[0] == 1
    for report in (merged, tmp_path / "visualdiff-report"):
        assert list_assets(report) == list_assets(one)
        assert "4 of 5 screenshots need a look" in (report / "index.html").read_text("utf-8")
    assert normalise(tmp_path / "visualdiff-report" / "results.json") == normalise(
        one / "results.json"
    )
    compare_to(project, f"{bucket.url}/one")
    of_store = fetch(bucket, "one", tmp_path / "other")
    assert normalise(merged / "results.json") == normalise(of_store / "results.json")


def test_shards_may_be_in_different_places(project: Path, bucket: Bucket) -> None:
    folders = [
        compare_to(project, f"{bucket.url}/shard-1", (1, 2)),
        compare_to(project, str(project / "shard-2"), (2, 2)),
    ]
    merged = merge_reports(folders, place(f"{bucket.url}/merged"))
    assert len(merged.results) == 5
    names = {path for item in merged.results for path in item.artifacts.values()}
    assert {name.removeprefix("merged/") for name in bucket.names("merged/assets/")} == names


def test_what_a_shard_lacks_is_told(project: Path, bucket: Bucket) -> None:
    folder = compare_to(project, f"{bucket.url}/shard-1", (1, 1))
    with pytest.raises(ReportError, match=f"{bucket.url}/shard-2/results.json: cannot be read"):
        merge_reports([folder, place(f"{bucket.url}/shard-2")], project / "merged")
    name = bucket.names("shard-1/assets/")[0]
    bucket.delete(name)
    asset = name.removeprefix("shard-1/")
    with pytest.raises(ReportError, match=f"^{bucket.url}/shard-1 lacks {asset}: copy or"):
        merge_reports([folder], project / "merged")


def test_a_report_of_a_store_is_rendered_again_there_or_elsewhere(
    project: Path, bucket: Bucket, tmp_path: Path
) -> None:
    report = compare_to(project, f"{bucket.url}/report")
    page = bucket.get("report/index.html")
    bucket.delete("report/index.html")
    render_again(report / "results.json")
    assert bucket.get("report/index.html") == page
    render_again(report / "results.json", single_file=True)
    assert b"data:image/png" in bucket.get("report/index.html")
    render_again(report / "results.json", tmp_path / "here")
    assert (tmp_path / "here" / "index.html").exists()
    render_again(tmp_path / "here" / "results.json", place(f"{bucket.url}/there"))
    render_again(report / "results.json", place(f"{bucket.url}/beside"))
    assets = {name.removeprefix("report/") for name in bucket.names("report/assets/")}
    for name in ("there", "beside"):
        assert bucket.get(f"{name}/index.html") == page
        assert {key.removeprefix(f"{name}/") for key in bucket.names(f"{name}/assets/")} == assets


@pytest.mark.parametrize(
    "words",
    [
        ("report", "--junit", "s3://bucket/junit.xml"),
        ("run", "--config", "s3://bucket/visualdiff.yaml"),
        ("compare", "a.png", "b.png", "--output", "s3://bucket/pictures"),
        ("approve", "--decisions", "s3://bucket/decisions.json"),
        ("init", "s3://bucket/visualdiff.yaml"),
        ("check", "s3://bucket/a.png"),
    ],
    ids=" ".join,
)
def test_where_a_path_of_this_machine_is_wanted_a_url_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=r"'s3://.*' is a URL, where a path of this machine is"):
        parse_arguments(list(words))


def test_a_url_that_is_none_is_refused() -> None:
    for words in (
        ("merge", "s3://a//b"),
        ("report", "zip://a"),
        ("approve", "--results", "s3://."),
    ):
        with pytest.raises(UsageError, match=r"Invalid value for .*: got "):
            parse_arguments(list(words))
