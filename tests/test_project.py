"""What the project says of itself: dependencies, version, documents."""

import ast
import re
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import visualdiff

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# Distributions whose import name is not their own.
IMPORT_NAMES = {
    "adlfs": "azure",  # is found by fsspec; what it stands on tells it conditions
    "kornia-rs": "kornia_rs",
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "scikit-image": "skimage",
}


def imported_packages(folder: Path) -> set[str]:
    """Return the top-level names of all absolute imports below a folder."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"visualdiff"}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    # Only pytest loads the plugin, so who needs pytest has it.
    extras = PROJECT["optional-dependencies"]
    lines = (
        *PROJECT["dependencies"],
        *extras["az"],
        *extras["dask"],
        *extras["pytest"],
        *extras["review"],
        *extras["sftp"],
        *extras["zip"],
    )
    names = [re.split("[>=<]", line)[0] for line in lines]
    declared = {IMPORT_NAMES.get(name, name) for name in names}
    assert imported_packages(ROOT / "visualdiff") == declared


def test_every_dependency_has_a_lower_bound() -> None:
    extras = PROJECT["optional-dependencies"].values()
    for line in (*PROJECT["dependencies"], *(line for extra in extras for line in extra)):
        assert ">=" in line, line


def test_the_version_is_the_installed_one() -> None:
    assert version("visualdiff-ssim") == visualdiff.__version__


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "docs/approving.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "docs/ci.md",
        "docs/configuration.md",
        "docs/how-it-decides.md",
        "docs/pytest.md",
    ],
)
def test_links_of_the_documents_resolve(name: str) -> None:
    document = ROOT / name
    links = re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8"))
    for link in links:
        if "://" not in link:
            assert (document.parent / link).exists(), link


def test_every_module_has_its_place_on_the_architecture_page() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    modules = {path.stem for path in (ROOT / "visualdiff").glob("*.py")}
    for module in modules - {"__init__", "__main__", "version"}:
        assert f"`{module}`" in page, module


def test_modules_keep_to_their_budget() -> None:
    for path in (ROOT / "visualdiff").rglob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) <= 300, path.name


def test_the_example_of_the_readme_is_a_valid_configuration(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    path = tmp_path / "visualdiff.yaml"
    path.write_text(example, encoding="utf-8")
    config = visualdiff.load_config(path)
    assert config.overrides[0].changes["threshold"] == 0.97


def test_the_examples_of_the_configuration_page_are_valid(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(examples) >= 2
    for example in examples:
        folders = "" if "baselines:" in example else "baselines: a\ncandidates: b\n"
        path = tmp_path / "visualdiff.yaml"
        path.write_text(folders + example, encoding="utf-8")
        visualdiff.load_config(path)


def test_every_key_is_documented() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    from visualdiff.config import config_schema

    for key in config_schema()["properties"]:
        assert f"| `{key}` |" in page, key
