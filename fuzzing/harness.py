"""One target under atheris, or one file that was found: `python -m fuzzing.harness TARGET ...`.

What follows the target are folders, files and options of libFuzzer's.
"""

import sys
from importlib import import_module
from types import ModuleType

# Only the extra `fuzz` brings it, so that no type checker finds it elsewhere.
atheris: ModuleType = import_module("atheris")


def main() -> None:
    """Run a target until libFuzzer's options end it, or something is found."""
    name, *words = sys.argv[1:]
    with atheris.instrument_imports(include=["visualdiff", "yaml"]):
        from fuzzing.targets import TARGETS  # noqa: PLC0415 - instrumented as it is imported

    atheris.Setup([sys.argv[0], *words], TARGETS[name].run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
