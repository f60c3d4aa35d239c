"""Install a built wheel in a clean environment and run a small job with it, far from the sources.

    python tests/check_wheel.py dist/visualdiff_ssim-0.1.0-py3-none-any.whl

A checkout finds its templates beside the package; only this shows that the wheel carries its own.
Standard library only: it runs with the interpreter that the wheel is to be installed for.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONFIG = "baselines: baselines\ncandidates: candidates\nreport: report\n"


def main() -> None:
    wheel = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="wheel-") as folder:
        python = make_environment(Path(folder, "venv"), wheel)
        job = make_job(Path(folder, "job"))
        done = subprocess.run(
            [python.with_name("visualdiff"), "run"],
            cwd=job,
            capture_output=True,
            text=True,
            check=False,
        )
        check(job, done)
    print(f"{wheel.name}: installed, run, report written")


def make_environment(folder: Path, wheel: Path) -> Path:
    """Make a virtual environment that holds only the wheel; return its interpreter."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    install = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", str(wheel)]
    subprocess.run([python, *install], check=True)
    return python


def make_job(folder: Path) -> Path:
    """Copy one pair that differs and one that does not."""
    for name in ("shop/checkout-button.png", "site/contact.png"):
        for side, source in (("baselines", "baselines"), ("candidates", "tests/demo/candidates")):
            (folder / side / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source / name, folder / side / name)
    (folder / "visualdiff.yaml").write_text(CONFIG)
    return folder


def check(job: Path, done: "subprocess.CompletedProcess[str]") -> None:
    told = f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    if done.returncode != 1:
        sys.exit(f"wanted exit code 1, got {told}")
    summary = json.loads((job / "report" / "results.json").read_text("utf-8"))["summary"]
    if (summary["passed"], summary["failed"]) != (1, 1):
        sys.exit(f"wanted one pair passed and one failed, got {summary}\n{told}")
    if "checkout-button.png" not in (job / "report" / "index.html").read_text("utf-8"):
        sys.exit(f"the report does not name the pair that failed\n{told}")


if __name__ == "__main__":
    main()
