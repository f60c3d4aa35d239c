import threading
from pathlib import Path

import pytest
from faulting import Proxy, Status
from storing import Bucket

from visualdiff.files import list_names, open_file, read_file, remove_durably, write_durably
from visualdiff.remote.stores import Seen, read_object
from visualdiff.remote.traffic import (
    Courier,
    bring,
    bring_all,
    discard,
    exchange,
    explore,
    list_known,
    recall,
    remember,
    send,
)
from visualdiff.urls import place


@pytest.fixture
def folder(bucket: Bucket) -> Path:
    bucket.put("shots/a.png", b"hello")
    bucket.put("shots/b.png", b"hello")
    bucket.put("shots/c.png", b"other")
    return place(f"{bucket.url}/shots")


def test_what_is_listed_is_known_and_can_be_told_to_others(folder: Path) -> None:
    found = explore(folder)
    paths = [folder / "a.png", None, folder / "none.png"]
    assert recall(paths) == {folder / "a.png": found[folder / "a.png"]}
    assert sorted(list_known(folder)) == sorted(found)
    remember({folder / "more.png": found[folder / "a.png"]})
    assert folder / "more.png" in list_known(folder)


def test_what_is_another_when_it_is_listed_again_is_fetched_again(
    folder: Path, bucket: Bucket
) -> None:
    explore(folder)
    for name in "abc":
        bring(folder / f"{name}.png")
    bucket.put("shots/a.png", b"again")
    bucket.delete("shots/b.png")
    explore(folder)
    assert [(folder / f"{name}.png").exists() for name in "abc"] == [False, False, True]
    assert read_file(folder / "a.png") == b"again"
    with pytest.raises(FileNotFoundError):
        read_file(folder / "b.png")


def test_an_object_is_fetched_once(folder: Path, bucket: Bucket, proxy: Proxy) -> None:
    for _ in range(2):
        bring(folder / "a.png")
        assert read_file(folder / "a.png") == b"hello"
    assert len(proxy.find("GET", f"/{bucket.name}/shots/a.png")) == 1


def test_what_is_read_is_fetched_first(folder: Path) -> None:
    with open_file(folder / "c.png") as file:
        assert file.read() == b"other"
    with pytest.raises(FileNotFoundError):
        open_file(folder / "none.png")
    assert list_names(folder.parent) == ["shots"]


def test_of_two_that_are_equal_one_is_fetched(folder: Path, bucket: Bucket, proxy: Proxy) -> None:
    explore(folder)
    proxy.forget()
    bring(folder / "a.png")
    bring(folder / "b.png", twin=folder / "a.png")
    bring(folder / "c.png", twin=folder / "a.png")
    assert [read_file(folder / f"{name}.png") for name in "abc"] == [b"hello", b"hello", b"other"]
    # One file would prove nothing.
    assert not (folder / "a.png").samefile(folder / "b.png")
    asked = [request.path for request in proxy.find("*", "*.png")]
    assert asked == [f"/{bucket.name}/shots/a.png", f"/{bucket.name}/shots/c.png"]


def test_many_are_fetched_at_once_and_what_lacks_is_found_out_later(
    folder: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(3, timeout=30)

    def read(path: Path, seen: Seen) -> bytes:
        together.wait()
        return read_object(path, seen)

    explore(folder)
    with monkeypatch.context() as patch:
        patch.setattr("visualdiff.remote.traffic.read_object", read)
        bring_all([*(folder / f"{name}.png" for name in "abc"), Path("/srv/local.png")])
    assert all((folder / f"{name}.png").exists() for name in "abc")
    bring_all([folder / "none.png"])
    with pytest.raises(FileNotFoundError):
        read_file(folder / "none.png")
    assert bucket.names("shots/none") == []


def test_what_is_written_for_good_is_written_to_the_store(folder: Path, bucket: Bucket) -> None:
    assert read_file(folder / "a.png") == b"hello"
    write_durably(folder / "a.png", b"mine")
    write_durably(folder / "new.png", b"mine")
    assert bucket.get("shots/a.png") == bucket.get("shots/new.png") == b"mine"
    assert read_file(folder / "a.png") == b"mine"
    write_durably(folder / "a.png", b"again")
    remove_durably(folder / "a.png")
    assert "shots/a.png" not in bucket.names()
    with pytest.raises(FileNotFoundError):
        read_file(folder / "a.png")


@pytest.mark.parametrize("data", [b"mine", None])
def test_what_others_wrote_since_it_was_seen_stays(
    folder: Path, bucket: Bucket, data: bytes | None
) -> None:
    read_file(folder / "a.png")
    with pytest.raises(FileNotFoundError):
        read_file(folder / "new.png")
    bucket.put("shots/a.png", b"theirs")
    bucket.put("shots/new.png", b"theirs")
    for name in "a.png", "new.png":
        with pytest.raises(FileExistsError):
            exchange(folder / name, data)
        assert bucket.get(f"shots/{name}") == b"theirs"


def test_what_was_never_seen_may_be_replaced(folder: Path, bucket: Bucket) -> None:
    exchange(folder / "a.png", b"mine")
    assert bucket.get("shots/a.png") == b"mine"


def test_files_are_sent_while_other_things_go_on(folder: Path, bucket: Bucket) -> None:
    explore(folder)
    paths = [folder / name for name in ("a.png", "x.png", "y.png")]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"mine")
    with Courier(folder) as courier:
        courier.post([*paths, folder / "nowhere.png", paths[1]])
        courier.post(paths)
    assert courier.problems == []
    # What the store has is not sent: pictures are called by their content.
    assert [bucket.get(f"shots/{name}.png") for name in "axy"] == [b"hello", b"mine", b"mine"]
    assert not any(path.exists() for path in paths)


def test_what_cannot_be_sent_is_told(folder: Path, proxy: Proxy) -> None:
    path = folder / "x.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"mine")
    proxy.rule = lambda request: (
        Status(403, "AccessDenied") if request.matches("PUT", "*") else None
    )
    with Courier(folder) as courier:
        courier.post([path])
    (problem,) = courier.problems
    assert "/shots/x.png: " in problem
    assert problem.startswith("s3://")


def test_a_file_is_sent_over_what_is_there(folder: Path, bucket: Bucket) -> None:
    explore(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.png").write_bytes(b"mine")
    send(folder / "a.png")
    assert bucket.get("shots/a.png") == b"mine"


def test_what_is_discarded_is_gone_here_and_there(folder: Path, bucket: Bucket) -> None:
    explore(folder)
    read_file(folder / "a.png")
    discard(folder, [folder / "a.png", folder / "b.png"])
    assert bucket.names() == ["shots/c.png"]
    assert list_known(folder) == [folder / "c.png"]
    assert not (folder / "a.png").exists()


def test_what_is_too_large_is_not_fetched(
    folder: Path, bucket: Bucket, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualdiff.remote.traffic._MOST_BYTES", 4)
    with pytest.raises(OSError, match="5 bytes, wanted at most 4"):
        read_file(folder / "a.png")
    assert proxy.find("GET", f"/{bucket.name}/shots/a.png") == []
