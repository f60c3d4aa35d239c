"""Names of baselines: safe everywhere, and no two tests share one unnoticed."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from visualdiff.errors import BaselineNameError
from visualdiff.testing.names import (
    check_name,
    name_after,
    number_name,
    read_name,
    strip_extension,
)

# Undecodable bytes of a file name are lone surrogates.
TEXT = st.text(st.characters() | st.characters(categories=["Cs"]))
SHORT = st.text("ab-._[]: 12@/pngPNG", max_size=12)


def complain(name: str) -> str:
    with pytest.raises(BaselineNameError) as caught:
        check_name(name, "PNG")
    return str(caught.value)


@pytest.mark.parametrize(
    ("test", "name"),
    [
        ("tests/test_home.py::test_open", "tests/test_home/test_open"),
        ("test_home.py::TestMenu::test_open", "test_home/TestMenu.test_open"),
        ("test_home.py::test_open[dark-de]", "test_home/test_open-dark-de"),
        ("test_home.py::test_open[390x844 dpr=3]", "test_home/test_open-390x844-dpr=3"),
        ("test_home.py::test_open[http://a/b?c]", "test_home/test_open-http-a-b-c"),
        ("test_home.py::test_open[größe]", "test_home/test_open-größe"),
        ("../other/test_home.py::test_open", "other/test_home/test_open"),
        # The image has an extension of its own.
        ("test_home.py::test_open[logo.jpg]", "test_home/test_open-logo-jpg"),
        ("test_home.py::test_open[1.5]", "test_home/test_open-1.5"),
        # Windows takes this for a device.
        ("aux.py::test_open", "aux-/test_open"),
    ],
)
def test_a_name_reads_as_the_id_of_its_test(test: str, name: str) -> None:
    assert name_after(test) == name


@given(TEXT)
@example("")
@example("/::x")
@example("..::..")
@example("con/nul.py::aux")
@example("a.py::b[@2]")
@example("a.py::b[c\ud800]")
@example(f"{'é' * 126}.py::test[{'x' * 9000}]")
def test_every_id_has_a_name_that_stays_in_its_folder_on_every_system(test: str) -> None:
    name = check_name(number_name(name_after(test), 2), "PNG")
    assert not PurePosixPath(name).is_absolute()
    assert not PureWindowsPath(name).drive
    assert not set(PurePosixPath(name).parts) & {"..", "."}
    assert max(len(part.encode()) for part in PurePosixPath(name).parts) <= 200
    assert not set(name) & set('<>:"|?*\\\0')


@given(SHORT, SHORT)
@example("a.png", "a")
@example("a", "a.PNG")
def test_two_tests_of_one_name_are_known_before_an_extension_is_added(
    first: str, second: str
) -> None:
    names = [name_after(f"test_home.py::test_open[{text}]") for text in (first, second)]
    assume(names[0] != names[1])
    files = {check_name(name, "PNG") for name in names}
    assert len(files) == 2


def test_long_ids_that_differ_at_their_end_have_two_names() -> None:
    long = "test_home.py::test_open[" + "x" * 400
    names = {name_after(f"{long}{end}]") for end in "ab"}
    assert len(names) == 2
    assert all(len(name) < 200 for name in names)


def test_a_second_image_is_numbered() -> None:
    assert [number_name("home", number) for number in (1, 2, 3)] == ["home", "home-2", "home-3"]


@pytest.mark.parametrize(
    ("given_name", "image_format", "name"),
    [
        ("home", "PNG", "home.png"),
        ("home", "JPEG", "home.jpg"),
        ("home", "WebP", "home.webp"),
        ("home.png", "JPEG", "home.png"),
        ("home.JPG", "PNG", "home.JPG"),
        ("shop/cart page", "PNG", "shop/cart page.png"),
        ("v1.2", "PNG", "v1.2.png"),
        ("./home", "PNG", "home.png"),
        ("größe", "PNG", "größe.png"),
    ],
)
def test_a_name_gets_the_extension_of_its_image_unless_it_has_one(
    given_name: str, image_format: str, name: str
) -> None:
    assert check_name(given_name, image_format) == name


@pytest.mark.parametrize("name", ["", ".", "/", "/etc/home.png", "shop/"])
def test_a_name_is_that_of_a_file(name: str) -> None:
    assert "relative to the folder of the baselines" in complain(name)


@pytest.mark.parametrize("name", ["../home.png", "shop/../../home.png", ".."])
def test_a_name_cannot_leave_the_folder(name: str) -> None:
    assert "stays in the folder" in complain(name)


@pytest.mark.parametrize("name", [".home.png", "shop/.git/home.png"])
def test_a_name_is_not_hidden(name: str) -> None:
    assert "not hidden" in complain(name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\home.png", "':'"),
        ("shop\\home.png", r"'\\'"),
        ("home?.png", "'?'"),
        ("a\nb.png", r"'\n'"),
        ("gnp.\u202eemoh", r"'\u202e'"),
        ("\udcff.png", r"'\udcff'"),
    ],
)
def test_a_name_that_is_not_safe_on_every_system_is_refused(name: str, shown: str) -> None:
    message = complain(name)
    assert f"without {shown}" in message
    assert message.isprintable()


@pytest.mark.parametrize("name", ["con", "shop/NUL.png", "com1.old.png", "shop./home", "shop /a"])
def test_a_name_that_windows_does_not_take_is_refused(name: str) -> None:
    assert "Windows" in complain(name)


def test_a_name_that_no_file_system_takes_is_refused() -> None:
    assert check_name("ü" * 90, "PNG")
    assert "200 bytes" in complain("ü" * 101)


@pytest.mark.parametrize("name", ["home@2", "shop/home@13.png"])
def test_a_name_is_not_that_of_a_further_baseline(name: str) -> None:
    assert "@ and a number" in complain(name)
    assert check_name("home@2x", "PNG") == "home@2x.png"


def test_only_extensions_of_images_are_stripped() -> None:
    assert strip_extension("shop/home.WEBP") == "shop/home"
    assert strip_extension("v1.2") == "v1.2"


def test_a_name_may_be_a_path() -> None:
    paths = PurePosixPath("shop/home.png"), PureWindowsPath("shop\\home.png")
    assert {read_name(name) for name in ("shop/home.png", *paths)} == {"shop/home.png"}


@pytest.mark.parametrize("name", [5, b"home.png", True])
def test_what_is_no_text_is_no_name(name: object) -> None:
    with pytest.raises(BaselineNameError) as caught:
        read_name(name)
    assert str(caught.value) == f"name: got {name!r}, wanted a text such as 'home.png'"


def test_two_ways_to_write_an_accent_are_one_name() -> None:
    assert check_name("e\u0301.png", "PNG") == check_name("\u00e9.png", "PNG") == "\u00e9.png"
