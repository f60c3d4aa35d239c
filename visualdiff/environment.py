"""Where this process runs. Standard library only."""

import os
from typing import Final

_NO: Final = ("", "0", "false", "no")


def is_ci() -> bool:
    """Return whether this is a CI job, as the variable CI says by a custom of all services."""
    return os.environ.get("CI", "").lower() not in _NO
