from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.local import LocalFileSystem

from visualdiff.remote.finding import find_each


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in "a.png", "sub/b.png", "sub/deeper/c.png":
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"hello")
    return tmp_path


def test_all_files_are_found(folder: Path) -> None:
    found = find_each(LocalFileSystem(), str(folder))
    names = {Path(name).relative_to(folder).as_posix() for name in found}
    assert names == {"a.png", "sub/b.png", "sub/deeper/c.png"}
    assert {info["size"] for info in found.values()} == {5}
    assert find_each(LocalFileSystem(), str(folder / "none")) == {}


@pytest.mark.parametrize("name", ["", "sub", "sub/deeper"])
@pytest.mark.parametrize("error", [PermissionError, ConnectionError, FileNotFoundError])
def test_a_folder_that_cannot_be_listed_is_not_taken_for_an_empty_one(
    folder: Path, name: str, error: type[OSError]
) -> None:
    class Refusing(LocalFileSystem):  # type: ignore[misc]  # fsspec has no types
        def ls(self, path: str, **options: Any) -> Any:
            if Path(path) == folder / name:
                raise error(path)
            return super().ls(path, **options)

    if error is FileNotFoundError and not name:
        assert find_each(Refusing(), str(folder)) == {}
        return
    with pytest.raises(error):
        find_each(Refusing(), str(folder))
