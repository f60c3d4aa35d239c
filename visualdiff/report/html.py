"""`Page` → HTML, from the templates."""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from visualdiff.errors import VisualdiffError
from visualdiff.report.page import Page

_INDEX: Final = "index.html.j2"
# Template fragments in a piece: less than a hundred rows.
_BUFFERED: Final = 1000


def render_page(page: Page) -> Iterator[bytes]:
    """Yield the report piece by piece: one UTF-8 page with its style and script inside.

    Style and script are inlined because a page opened from file:// may load neither as a module.
    """
    # Jinja takes longer to import than a small run takes to compare.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    templates = _find_templates()
    environment = Environment(
        loader=FileSystemLoader(templates),
        # Unconditionally: select_autoescape() would leave names that end in .j2 unescaped.
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    css = (templates / "report.css").read_text("utf-8")
    script = (templates / "report.js").read_text("utf-8")
    stream = environment.get_template(_INDEX).stream(
        page=page, css=css, script=script, policy=_write_policy(css, script)
    )
    stream.enable_buffering(_BUFFERED)
    for text in stream:
        yield text.encode("utf-8", "backslashreplace")


def _write_policy(css: str, script: str) -> str:
    """Return a Content-Security-Policy: our own style, script and pictures, and nothing else.

    Whatever a hostile file name might smuggle past the escaping would still not run.
    """
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in (css, script)
    ]
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src 'self' file: data:; "
        f"style-src {hashes[0]}; script-src {hashes[1]}"
    )


@cache
def _find_templates() -> Path:
    """Return the folder of the templates: inside an installed package, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / _INDEX).is_file():
            return folder
    raise VisualdiffError(f"broken installation: no templates in {package} nor beside it")
