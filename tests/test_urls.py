import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualdiff.urls import find_root, find_url, is_stand_in, is_url, place, show, show_urls

NAMES = st.text(st.characters(exclude_characters="/\0:;", exclude_categories=["Cs"]), min_size=1)
PARTS = NAMES.filter(lambda part: part not in (".", ".."))


@pytest.mark.parametrize(
    "url",
    [
        "s3://bucket",
        "s3://bucket/a folder/home.png",
        "gs://bucket/home@2x.png",
        "sftp://me@host/srv/shots/home.png",
        "memory://shots/home.png",
        "zip://shots/home.png::s3://bucket/ci/shots.zip",
        "zip://::file:///srv/shots.zip",
        "zip://home.png::tar://a/b.zip::s3://bucket/x.tar",
    ],
)
def test_a_path_that_stands_for_a_url_tells_it(url: str) -> None:
    path = place(url)
    assert is_url(url)
    assert is_stand_in(path)
    assert find_url(path) == show(path) == url
    assert not path.exists()
    assert find_url(path / "more.png") == (
        url.replace("::", "/more.png::", 1).replace(":///more", "://more")
        if "::" in url
        else f"{url}/more.png"
    )


@given(st.lists(PARTS, min_size=1, max_size=4))
def test_any_name_of_an_object_comes_back(parts: list[str]) -> None:
    url = "s3://bucket/" + "/".join(parts)
    assert find_url(place(url)) == url


def test_an_archive_of_this_machine_is_relative_to_a_folder(tmp_path: Path) -> None:
    path = place("zip://shots::ci/../shots.zip", tmp_path)
    assert find_url(path) == f"zip://shots::file://{tmp_path}/shots.zip"


def test_a_folder_in_a_folder_is_below_its_path() -> None:
    assert place("s3://bucket/a/b").is_relative_to(place("s3://bucket/a"))
    assert not place("s3://bucket/ab").is_relative_to(place("s3://bucket/a"))
    assert place("s3://bucket/a/") == place("s3://bucket/a")


@pytest.mark.parametrize(
    "text", ["baselines", "/srv/a", "C:/a", "./s3", "http:/a", "s3:bucket", ""]
)
def test_a_path_is_no_url(text: str) -> None:
    assert not is_url(text)
    assert not is_stand_in(Path(text))
    assert find_url(Path(text)) is None
    assert show(Path(text)) == str(Path(text))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("s3://bucket//home.png", "no part that is empty"),
        ("s3://bucket/../other", "'..'"),
        ("s3://bucket/./a", "'.'"),
        ("s3://bucket/s3;/a", "'s3;'"),
        ("s3://bucket/" + "y" * 256, "at most 255 bytes"),
        ("file:///srv/shots", "wanted its path"),
        ("LOCAL:///srv/shots", "wanted its path"),
        ("zip://shots", "zip://FOLDER::ARCHIVE"),
        ("s3://bucket/a::s3://bucket/b", "zip://FOLDER::ARCHIVE"),
        ("zip://a::zip://c", "zip://FOLDER::ARCHIVE"),
    ],
)
def test_what_no_path_can_stand_for_is_refused(url: str, words: str) -> None:
    with pytest.raises(ValueError, match="wanted") as caught:
        place(url)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "sftp://me:hidden@host/a",
        "sftp://me:hidden@host:22/a",
        "sftp://me:hidden/x@host/a",
        "S3://key:hidden@bucket",
        "s3://key%3Ahidden@bucket",
        "zip://a::sftp://me:hidden@host/a.zip",
        "zip://::https://host/a.zip?X-Amz-Signature=hidden",
        "az://container/a?sv=1&sig=hidden",
    ],
)
def test_a_password_is_refused_unsaid(url: str) -> None:
    with pytest.raises(ValueError, match="password") as caught:
        place(url)
    assert "hidden" not in str(caught.value)


def test_a_folder_that_is_called_alike_stands_for_nothing() -> None:
    path = Path("/srv/visualdiff-remote-demo/shots/home.png")
    assert not is_stand_in(path)
    assert show(path) == show_urls(str(path)) == str(path)


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("s3://b/x", "s3a://b/x"),
        ("gs://b", "gcs://b"),
        ("az://b", "abfs://b"),
        ("s3://b", "S3://b"),
    ],
)
def test_a_store_with_two_names_is_one(url: str, other: str) -> None:
    assert place(url) == place(other)


def test_a_port_is_no_password() -> None:
    assert find_url(place("sftp://me@host:2222/srv")) == "sftp://me@host:2222/srv"


@pytest.mark.parametrize("name", ["my dir", "it's", "a (1)", 'a"b', "a,b"])
def test_a_folder_for_temporary_files_is_never_told(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / name))
    find_root.cache_clear()
    try:
        path = place("s3://bucket/a b/c.png")
        assert show_urls(f"({path}): '{path.parent}/ x.png'") == (
            "(s3://bucket/a b/c.png): 's3://bucket/a b/ x.png'"
        )
    finally:
        find_root.cache_clear()


def test_texts_tell_urls() -> None:
    home, archived = place("s3://bucket/home.png"), place("zip://a.png::s3://b/x.zip")
    assert show_urls(f"error: {home}: 'no', ({archived})") == (
        "error: s3://bucket/home.png: 'no', (zip://a.png::s3://b/x.zip)"
    )
    assert (
        show_urls(f"{place('s3://bucket/a page.png')} is gone") == "s3://bucket/a page.png is gone"
    )
    assert show_urls("/srv/a.png is gone") == "/srv/a.png is gone"


def test_what_follows_a_url_in_a_sentence_is_none_of_it() -> None:
    shard, archive = place("s3://b/s1"), place("zip://::s3://b/a.zip")
    assert show_urls(f"{shard}, {shard}; name one: {shard}. {shard}: gone") == (
        "s3://b/s1, s3://b/s1; name one: s3://b/s1. s3://b/s1: gone"
    )
    assert show_urls(f"{archive}: not found") == "zip://::s3://b/a.zip: not found"


def test_another_process_reads_the_url_and_leaves_no_folder() -> None:
    code = (
        "from pathlib import Path; import sys; from visualdiff.urls import find_root, find_url;"
        "print(find_url(Path(sys.argv[1])), find_root())"
    )
    path = place("s3://bucket/home.png")
    words = [sys.executable, "-c", code, str(path)]
    url, root = subprocess.check_output(words, text=True, env={**os.environ}).split()
    assert url == "s3://bucket/home.png"
    assert Path(root) != find_root()
    assert not Path(root).exists()
