"""Objects of a real S3 server, and of fsspec's memory and archives."""

import datetime as dt
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import fsspec
import pytest
from faulting import SLOW_DOWN, Close, Cut, Lose, Proxy, Status, fail_first
from storing import Bucket

from visualdiff.errors import ConfigError
from visualdiff.remote.persisting import persist
from visualdiff.remote.stores import (
    Objects,
    Seen,
    _describe,
    count_lanes,
    list_objects,
    look_up,
    read_object,
    remove_objects,
    replace_object,
    require_store,
    write_object,
)
from visualdiff.urls import place

HELLO = "5d41402abc4b2a76b9719d911017c592"  # MD5 of hello


class TestS3:
    def test_listing_tells_names_sizes_and_checksums(self, bucket: Bucket) -> None:
        for key in "shots/a.png", "shots/sub/b c.png", "shots2/other.png", "shots/folder/":
            bucket.put(key, b"" if key.endswith("/") else b"hello")
        folder = place(f"{bucket.url}/shots")
        seen = Seen(5, HELLO, HELLO)
        found = {folder / "a.png": seen, folder / "sub/b c.png": seen}
        assert list_objects(folder) == Objects(found, ("folder/",))
        assert list_objects(place(f"{bucket.url}/nothing")) == Objects({})

    def test_what_no_path_can_stand_for_is_told_apart(self, bucket: Bucket) -> None:
        names = (
            "/b.png",
            "../c.png",
            "./d.png",
            "x::y.png",
            "s3;/z.png",
            "y" * 300 + ".png",
            "g.png",
        )
        for name in *names, "g.png/sub/h.png", "e.png", "f ?#+%20*[é]:;@.png":
            bucket.put(f"a/{name}", b"hello")
        folder = place(f"{bucket.url}/a")
        found = list_objects(folder)
        kept = "e.png", "f ?#+%20*[é]:;@.png", "g.png/sub/h.png"
        assert sorted(found.seen) == [folder / name for name in kept]
        assert set(found.unplaced) == set(names)
        assert [read_object(path, seen) for path, seen in found.seen.items()] == [b"hello"] * 3

    def test_listing_is_paged(self, bucket: Bucket, proxy: Proxy) -> None:
        for number in range(1001):
            bucket.put(f"many/{number}.png", b"")
        proxy.forget()
        assert len(list_objects(place(f"{bucket.url}/many")).seen) == 1001
        asked = proxy.find("GET", "*")
        assert len(asked) == 2
        assert "continuation-token" in asked[1].query

    def test_one_is_looked_up(self, bucket: Bucket) -> None:
        bucket.put("shots/a.png", b"hello")
        assert look_up(place(f"{bucket.url}/shots/a.png")) == Seen(5, HELLO, HELLO)
        assert look_up(place(f"{bucket.url}/shots")) is None
        assert look_up(place(f"{bucket.url}/shots/b.png")) is None

    def test_reading_is_one_request(self, bucket: Bucket, proxy: Proxy) -> None:
        bucket.put("a.png", b"hello")
        assert read_object(place(f"{bucket.url}/a.png"), Seen(5, HELLO, HELLO)) == b"hello"
        assert len(proxy.find("*", "*/a.png")) == 1

    @pytest.mark.parametrize("fault", [Status(500), SLOW_DOWN, Close(), Cut(), Lose()])
    def test_weak_moments_of_the_store_pass(
        self, bucket: Bucket, proxy: Proxy, fault: Any
    ) -> None:
        bucket.put("a.png", b"hello" * 1000)
        path = place(f"{bucket.url}/a.png")
        proxy.rule = fail_first(2, fault, "*", "*/[ab].png")
        seen = look_up(path)
        assert seen
        proxy.rule = fail_first(2, fault, "*", "*/[ab].png")
        assert read_object(path, seen) == b"hello" * 1000
        proxy.rule = fail_first(2, fault, "*", "*/[ab].png")
        write_object(place(f"{bucket.url}/b.png"), b"other")
        assert bucket.get("b.png") == b"other"

    def test_what_was_written_again_since_is_told(self, bucket: Bucket) -> None:
        bucket.put("a.png", b"hello")
        path = place(f"{bucket.url}/a.png")
        seen = look_up(path)
        assert seen
        bucket.put("a.png", b"jello")
        with pytest.raises(FileExistsError, match="written again"):
            read_object(path, seen)
        bucket.delete("a.png")
        with pytest.raises(FileNotFoundError):
            read_object(path, seen)

    def test_a_store_that_encrypts_has_checksums_of_something_else(
        self, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bucket.put("a.png", b"hello")
        other = Seen(5, "0" * 32, "0" * 32)
        monkeypatch.setattr("visualdiff.remote.stores._describe", lambda _: other)
        assert read_object(place(f"{bucket.url}/a.png"), other) == b"hello"

    def test_a_page_is_told_to_be_one(self, bucket: Bucket) -> None:
        write_object(place(f"{bucket.url}/index.html"), b"<p>")
        write_object(place(f"{bucket.url}/a.webp"), b"RIFF")
        heads = [bucket.head(name)["ContentType"] for name in ("index.html", "a.webp")]
        assert heads == ["text/html", "image/webp"]

    def test_an_object_is_replaced_if_it_is_as_it_was_seen(self, bucket: Bucket) -> None:
        path = place(f"{bucket.url}/a.png")
        first = replace_object(path, b"hello", None)
        assert first == Seen(5, HELLO, HELLO)
        second = replace_object(path, b"other", first)
        for seen in first, None, Seen(1, "", ""):
            with pytest.raises(FileExistsError):
                replace_object(path, b"third", seen)
            with pytest.raises(FileExistsError):
                replace_object(path, None, seen)
        assert bucket.get("a.png") == b"other"
        assert replace_object(path, None, second) is None
        assert bucket.names() == []
        assert replace_object(path, None, None) is None

    @pytest.mark.parametrize("there", [True, False])
    def test_whoever_comes_between_looking_and_writing_wins(
        self, bucket: Bucket, proxy: Proxy, *, there: bool
    ) -> None:
        path = place(f"{bucket.url}/a.png")
        if there:
            bucket.put("a.png", b"hello")
        seen = look_up(path)

        def intrude(request: Any) -> None:
            if request.matches("*", "*/a.png") and request.headers.keys() & {
                "if-match",
                "if-none-match",
            }:
                proxy.rule = lambda _: None
                bucket.put("a.png", b"theirs")

        proxy.rule = intrude
        with pytest.raises(FileExistsError):
            replace_object(path, b"ours", seen)
        assert bucket.get("a.png") == b"theirs"

    def test_an_object_is_removed_on_condition(self, bucket: Bucket, proxy: Proxy) -> None:
        path = place(f"{bucket.url}/sub/a.png")
        seen = replace_object(path, b"hello", None)
        assert replace_object(path, None, seen) is None
        (asked,) = proxy.find("DELETE", "*/sub/a.png")
        assert asked.headers["if-match"] == f'"{HELLO}"'
        assert bucket.names() == []

    def test_an_answer_that_is_lost_is_no_conflict(self, bucket: Bucket, proxy: Proxy) -> None:
        path = place(f"{bucket.url}/a.png")
        proxy.rule = fail_first(1, Lose(), "PUT", "*/a.png")
        assert replace_object(path, b"hello", None) == Seen(5, HELLO, HELLO)
        assert bucket.get("a.png") == b"hello"

    def test_many_are_removed_at_once(self, bucket: Bucket, proxy: Proxy) -> None:
        folder = place(f"{bucket.url}/many")
        for number in range(5):
            bucket.put(f"many/{number}.png", b"")
        proxy.forget()
        remove_objects(folder, [folder / f"{number}.png" for number in range(4)])
        remove_objects(folder, [])
        assert bucket.names() == ["many/4.png"]
        assert len(proxy.find("POST", "*")) == 1

    def test_no_name_is_a_pattern(self, bucket: Bucket) -> None:
        names = ("a*.png", "ab.png", "b[1].png", "b1.png", "c.png")
        for name in names:
            bucket.put(name, b"")
        folder = place(bucket.url)
        remove_objects(
            folder, [folder / name for name in names if name not in ("ab.png", "b1.png")]
        )
        assert bucket.names() == ["ab.png", "b1.png"]

    def test_no_bucket_and_no_right_are_told(self, bucket: Bucket, proxy: Proxy) -> None:
        with pytest.raises(FileNotFoundError, match="not found"):
            list_objects(place("s3://no-such-bucket-at-all"))
        proxy.rule = lambda _: Status(403, "AccessDenied")
        with pytest.raises(PermissionError):
            list_objects(place(bucket.url))


class TestOthers:
    def test_memory(self) -> None:
        folder = place("memory://test-stores/shots")
        path = folder / "sub/a.png"
        write_object(path, b"hello")
        (found,) = list_objects(folder).seen.items()
        assert found[0] == path
        assert found[1].fingerprint == ""
        assert look_up(path) == found[1]
        assert read_object(path, found[1]) == b"hello"
        write_object(path, b"jello")
        assert look_up(path) != found[1]
        with pytest.raises(FileExistsError):
            replace_object(path, b"other", found[1])
        now = replace_object(path, b"other", look_up(path))
        assert replace_object(path, None, now) is None
        assert look_up(path) is None
        write_object(path, b"hello")
        remove_objects(folder, [folder / "gone.png", path])
        assert list_objects(folder).seen == {}

    def test_an_archive_is_read_wherever_it_is(self, bucket: Bucket, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "shots.zip", "w") as archive:
            archive.writestr("new/a.png", b"hello")
            archive.writestr("new/sub/b.png", b"other")
            archive.writestr("old/c.png", b"")
        bucket.put("ci/shots.zip", (tmp_path / "shots.zip").read_bytes())
        for url in "zip://new::shots.zip", f"zip://new::{bucket.url}/ci/shots.zip":
            folder = place(url, tmp_path)
            found = list_objects(folder).seen
            assert sorted(found) == [folder / "a.png", folder / "sub/b.png"]
            assert read_object(folder / "a.png", found[folder / "a.png"]) == b"hello"
            assert look_up(folder / "none.png") is None
            with pytest.raises(ConfigError, match="nothing is written"):
                write_object(folder / "a.png", b"")
            assert count_lanes(folder) < count_lanes(place(bucket.url))

    def test_no_archive_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(OSError, match=r"not found: '.*none.zip'"):
            list_objects(place("zip://new::none.zip", tmp_path))
        (tmp_path / "a.zip").write_bytes(b"no archive")
        with pytest.raises(OSError, match="zip"):
            list_objects(place("zip://new::a.zip", tmp_path))

    def test_an_unknown_scheme_is_told(self) -> None:
        with pytest.raises(ConfigError, match="s4://bucket: Protocol not known"):
            require_store(place("s4://bucket"))

    def test_a_driver_that_lacks_is_told_with_what_brings_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def lack(_: str) -> None:
            raise ImportError("Please install gcsfs", name="gcsfs")

        monkeypatch.setattr(fsspec, "get_filesystem_class", lack)
        with pytest.raises(ConfigError, match=r"gcsfs.*pip install 'visualdiff-ssim\[gs\]'"):
            require_store(place("gcs://a-bucket"))


DATE = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
HELLO_BASE64 = "XUFAKrxLKna5cZ2REBfFkg=="
# What a listing tells, and what looking one up does.
AZURE = {
    "creation_time": DATE,
    "last_modified": DATE,
    "content_settings": {
        "content_type": "image/png",
        "content_md5": bytearray.fromhex(HELLO),
    },
    "etag": '"0x1BF6E9A8074A960"',
    "metadata": {"is_directory": "false"},
}
GOOGLE = {
    "generation": "1795820975228582687",
    "metageneration": "2",
    "contentType": "image/png",
    "updated": "2026-11-27T23:09:35.228590Z",
    "md5Hash": HELLO_BASE64,
    "crc32c": "mnG7TA==",
    "etag": "CJ+/1",
    "mtime": DATE,
}


@pytest.mark.parametrize(
    ("info", "fingerprint", "version"),
    [
        ({"ETag": '"abc-2"', "LastModified": DATE}, "abc-2", "abc-2"),  # s3fs
        (GOOGLE, HELLO, "1795820975228582687"),
        # An object that was composed of others has no MD5.
        (
            {key: told for key, told in GOOGLE.items() if key != "md5Hash"},
            "",
            "1795820975228582687",
        ),
        (AZURE, HELLO, "0x1BF6E9A8074A960"),
        # Azure itself lists it without quotation marks.
        (AZURE | {"etag": "0x1BF6E9A8074A960"}, HELLO, "0x1BF6E9A8074A960"),
        (AZURE | {"content_settings": {"content_md5": None}}, "", "0x1BF6E9A8074A960"),
        ({"uid": 0, "gid": 0, "time": DATE, "mtime": DATE}, "", str(DATE.timestamp())),  # sftp
        ({"created": 17.5}, "", "17.5"),  # memory
        ({"CRC": 99}, "", "99"),  # an archive
    ],
)
def test_each_driver_tells_it_in_its_own_words(
    info: dict[str, Any], fingerprint: str, version: str
) -> None:
    assert _describe({"size": 5, "type": "file", **info}) == Seen(5, fingerprint, version)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Let memory stand for Google's and Azure's stores; return what their drivers are told."""
    found: list[dict[str, Any]] = []
    memory = fsspec.filesystem("memory")

    class Driver:
        async_impl = True
        info, find, _strip_protocol = memory.info, memory.find, memory._strip_protocol

        def pipe_file(self, key: str, data: bytes, **options: Any) -> None:
            found.append(options)
            memory.pipe_file(key, data)

    monkeypatch.setattr("visualdiff.remote.drivers.find_driver", lambda _: Driver())
    # Neither package is here.
    blob, core = ModuleType("azure.storage.blob"), ModuleType("azure.core")
    vars(blob)["ContentSettings"] = dict
    vars(core)["MatchConditions"] = SimpleNamespace(IfNotModified="unless modified")
    for module in ModuleType("azure"), ModuleType("azure.storage"), blob, core:
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return found


def test_google_s_driver_is_told_a_type_and_whether_there_may_be_one(
    told: list[dict[str, Any]],
) -> None:
    path = place("gs://test-google/a.png")
    first = replace_object(path, b"hello", None)
    replace_object(path, b"other", first)
    assert told == [{"content_type": "image/png", "mode": "create"}, {"content_type": "image/png"}]


def test_azure_s_driver_is_told_a_type_and_a_version(told: list[dict[str, Any]]) -> None:
    path = place("az://test-azure/a.png")
    first = replace_object(path, b"hello", None)
    assert first
    replace_object(path, b"other", first)
    settings = {"content_settings": {"content_type": "image/png"}}
    condition = {"etag": f'"{first.version}"', "match_condition": "unless modified"}
    assert told == [settings | {"mode": "create"}, settings | condition]


class RefusalError(Exception):
    """What the packages below drivers raise, with the status of an answer."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__("refused\nRequestId: 17")
        setattr(self, name, status)


@pytest.mark.parametrize("name", ["code", "status_code"])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, PermissionError),
        (403, PermissionError),
        (404, FileNotFoundError),
        (409, FileExistsError),
        (412, FileExistsError),
    ],
)
def test_an_answer_is_told_at_once_in_a_line(name: str, status: int, kind: type[OSError]) -> None:
    calls = []

    def refuse() -> None:
        calls.append(status)
        raise RefusalError(name, status)

    with pytest.raises(kind) as told:
        persist("a.png", refuse)
    assert told.value.strerror in ("refused", "not found")
    assert len(calls) == 1


@pytest.mark.parametrize("module", ["fsspec", "s3fs"])
def test_who_has_no_driver_is_told_what_brings_it(module: str, tmp_path: Path) -> None:
    code = f"import sys; sys.modules[{module!r}] = None; from visualdiff.cli import main; main()"
    words = ["run", "--baselines", "s3://a-bucket/x", "--candidates", ".", "--report", "report"]
    (tmp_path / "visualdiff.yaml").write_text("baselines: a\ncandidates: b\n")
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        f"error: s3://a-bucket needs {module}; `pip install 'visualdiff-ssim[s3]'` brings it\n"
    )
