"""The storage of tests is one, and the proxy before it fails as it is told to."""

import json
import os
import sys
from contextlib import closing
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest
import s3fs
import storing
from botocore.exceptions import ClientError, ConnectionClosedError
from faulting import (
    SLOW_DOWN,
    Close,
    Cut,
    Delay,
    Fault,
    Lose,
    Proxy,
    Request,
    Status,
    fail_every,
    fail_first,
    put_before,
)
from storing import Bucket, Storage

DATA = bytes(range(256)) * 256


def test_a_bucket_holds_what_is_put_until_it_is_deleted(bucket: Bucket) -> None:
    bucket.put("a/b c.png", DATA)
    assert bucket.get("a/b c.png") == DATA
    before = bucket.etag("a/b c.png")
    bucket.put("a/b c.png", DATA[1:])
    assert bucket.etag("a/b c.png") != before
    bucket.delete("a/b c.png")
    assert bucket.names() == []
    with pytest.raises(ClientError, match="NoSuchKey"):
        bucket.get("a/b c.png")


def test_names_are_those_of_all_pages(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "PAGE", 2)
    for number in range(5):
        bucket.put(f"many/{number}", b"")
    bucket.put("other", b"")
    assert bucket.names("many/") == [f"many/{number}" for number in range(5)]
    assert len(bucket.names()) == 6


def test_a_folder_fills_a_prefix(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "ü.png").write_bytes(DATA)
    (tmp_path / "b.png").write_bytes(b"b")
    bucket.fill("to/here", tmp_path)
    assert bucket.names() == ["to/here/b.png", "to/here/deep/ü.png"]
    assert bucket.get("to/here/deep/ü.png") == DATA
    bucket.fill("", tmp_path)
    assert bucket.names("b") == ["b.png"]


def test_buckets_do_not_share_keys(bucket: Bucket, storage: Storage) -> None:
    bucket.put("a", b"1")
    with storing.make_bucket(storage.address) as other:
        assert other.names() == []


def test_this_process_is_led_to_the_bucket(bucket: Bucket) -> None:
    s3fs.S3FileSystem().pipe_file(f"{bucket.name}/a.txt", b"1")
    assert bucket.get("a.txt") == b"1"


def test_nothing_of_whom_runs_the_tests_is_left(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "https_proxy", "FSSPEC_S3_KEY"):
        monkeypatch.setenv(name, "theirs")
    with pytest.MonkeyPatch.context() as inner:
        storing.enter(inner, storing.describe_access(storage.address))
        assert "theirs" not in os.environ.values()
        s3fs.S3FileSystem().ls("")
        storing.forget()


def test_the_command_is_told_the_variables(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = tmp_path / "show"
    show.write_text(
        f"#!{sys.executable}\n"
        "import json, os, sys\n"
        "print(json.dumps(dict(os.environ)))\n"
        "sys.exit(3)\n"
    )
    show.chmod(0o755)
    monkeypatch.setattr(storing, "COMMAND", str(show))
    monkeypatch.setattr(storing, "SECRET", "not among them")
    monkeypatch.setenv("AWS_PROFILE", "theirs")
    code, said = storing.run(tmp_path, bucket.variables, "run")
    known = json.loads(said)
    assert code == 3
    assert bucket.variables.items() <= known.items()
    assert "AWS_PROFILE" not in known


def test_a_command_that_prints_the_secret_fails(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "COMMAND", "/bin/echo")
    with pytest.raises(AssertionError, match="printed the secret"):
        storing.run(tmp_path, bucket.variables, f"key={storing.SECRET}")


def test_the_command_runs(tmp_path: Path) -> None:
    code, said = storing.run(tmp_path, {}, "--version")
    assert (code, said.split()[0]) == (0, "visualdiff")


def test_a_storage_can_be_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with storing.start_storage(tmp_path) as storage, put_before(storage.address) as proxy:
        storing.enter(monkeypatch, storing.describe_access(proxy.address))
        system = make_impatient()
        system.mkdir("here")
        storage.kill()
        with pytest.raises(ConnectionClosedError):
            system.pipe_file("here/a", b"1")
        storing.forget()


def test_a_storage_that_does_not_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/echo")
    with (
        pytest.raises(AssertionError, match="did not start:\n-W ignore"),
        storing.start_storage(tmp_path),
    ):
        pass


def make_impatient() -> Any:
    """Return a file system that tries once."""
    system = s3fs.S3FileSystem(config_kwargs={"retries": {"max_attempts": 0}})
    system.retries = 1
    return system


def test_a_proxy_keeps_what_is_asked(bucket: Bucket, proxy: Proxy) -> None:
    system = s3fs.S3FileSystem()
    bucket.put("shots/a b.png", DATA)
    assert system.find(f"{bucket.name}/shots") == [f"{bucket.name}/shots/a b.png"]
    assert proxy.find("GET", "*.png") == []
    (listing,) = proxy.find("GET")
    assert "list-type=2" in listing.query
    proxy.forget()
    assert system.cat_file(f"{bucket.name}/shots/a b.png") == DATA
    (request,) = proxy.find()
    assert request[:2] == ("GET", f"/{bucket.name}/shots/a b.png")
    assert request.headers["authorization"].startswith("AWS4-HMAC-SHA256")


def test_a_proxy_hands_over_all_methods(bucket: Bucket, proxy: Proxy) -> None:
    system = s3fs.S3FileSystem()
    system.pipe_file(f"{bucket.name}/a.bin", DATA)
    assert bucket.get("a.bin") == DATA
    assert system.info(f"{bucket.name}/a.bin")["size"] == len(DATA)
    assert system.cat_file(f"{bucket.name}/a.bin", start=10, end=20) == DATA[10:20]
    system.rm(f"{bucket.name}/a.bin")
    assert bucket.names() == []
    assert {request.method for request in proxy.find()} == {"PUT", "HEAD", "GET", "POST"}


@pytest.mark.parametrize("fault", [Status(500), SLOW_DOWN, Close(), Cut()], ids=str)
def test_a_client_recovers_from_what_fails_once(
    bucket: Bucket, proxy: Proxy, fault: Fault
) -> None:
    bucket.put("a.png", DATA)
    proxy.rule = fail_first(1, fault, "GET", "*.png")
    assert s3fs.S3FileSystem().cat_file(f"{bucket.name}/a.png") == DATA
    assert len(proxy.find("GET", "*.png")) == 2


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (Status(500), OSError, "Said by a test"),
        (SLOW_DOWN, OSError, "Said by a test"),
        (Status(403, "AccessDenied"), PermissionError, "Said by a test"),
        (Close(), ConnectionClosedError, "Connection was closed"),
    ],
    ids=str,
)
def test_a_client_that_tries_once_is_failed(
    bucket: Bucket, proxy: Proxy, fault: Fault, error: type[Exception], words: str
) -> None:
    bucket.put("a.png", DATA)
    proxy.rule = fail_every(1, fault, "GET")
    with pytest.raises(error, match=words):
        make_impatient().cat_file(f"{bucket.name}/a.png")


def test_a_body_that_is_cut_is_an_error(bucket: Bucket, proxy: Proxy) -> None:
    bucket.put("a.png", DATA)
    proxy.rule = fail_every(1, Cut())
    with pytest.raises(Exception, match=rf"{len(DATA) // 2}|payload|incomplete"):
        make_impatient().cat_file(f"{bucket.name}/a.png")


def test_what_is_closed_is_not_done_and_what_is_lost_is(bucket: Bucket, proxy: Proxy) -> None:
    system = make_impatient()
    for fault, names in ((Close(), []), (Lose(), ["a.png"])):
        proxy.rule = fail_every(1, fault)
        with pytest.raises(ConnectionClosedError):
            system.pipe_file(f"{bucket.name}/a.png", DATA)
        assert bucket.names() == names


def test_a_delay_outlasts_an_impatient_client(bucket: Bucket, proxy: Proxy) -> None:
    bucket.put("a.png", DATA)
    # The end of the proxy ends it.
    proxy.rule = fail_every(1, Delay(storing.PATIENCE_SECONDS))
    system = s3fs.S3FileSystem(config_kwargs={"read_timeout": 0.2, "retries": {"max_attempts": 0}})
    system.retries = 1
    with pytest.raises(Exception, match=r"(?i)timeout"):
        system.cat_file(f"{bucket.name}/a.png")
    proxy.rule = fail_every(1, Delay(0.01))
    assert system.cat_file(f"{bucket.name}/a.png") == DATA


def test_rules_count_what_matches_alone() -> None:
    get, put = (Request(method, "/bucket/deep/a.png", "", {}) for method in ("GET", "PUT"))
    fault = Close()
    first = fail_first(2, fault, "GET", "*.png")
    assert [first(asked) for asked in (put, get, get, get)] == [None, fault, fault, None]
    third = fail_every(3, fault, "GET")
    assert [third(asked) for asked in (get, put, get, get, get)] == [
        *(None, None, None, fault),
        None,
    ]
    assert fail_every(1, fault, glob="*.jpg")(get) is None


def test_rules_count_what_is_asked_at_once(bucket: Bucket, proxy: Proxy) -> None:
    names = [f"{number}.png" for number in range(10)]
    for name in names:
        bucket.put(name, DATA)
    # s3fs is patient with it: whom the rule meets five times in a row is not lost.
    proxy.rule = fail_every(3, SLOW_DOWN, "GET")
    found = s3fs.S3FileSystem().cat([f"{bucket.name}/{name}" for name in names])
    assert list(found.values()) == [DATA] * 10
    # Of n requests n // 3 failed, and all others brought an image.
    number = len(proxy.find("GET", "*.png"))
    assert number - number // 3 == 10


def test_a_rule_that_raises_fails_the_test(storage: Storage) -> None:
    def raise_mistake(_: Request) -> None:
        raise ZeroDivisionError

    def ask() -> None:
        with put_before(storage.address) as proxy:
            proxy.rule = raise_mistake
            connection = HTTPConnection(proxy.address.removeprefix("http://"))
            with closing(connection), pytest.raises(RemoteDisconnected):
                get_root(connection)

    def get_root(connection: HTTPConnection) -> None:
        connection.request("GET", "/")
        connection.getresponse()

    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        ask()
