"""`Page` → HTML, from the templates."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from visualdiff.errors import VisualdiffError
from visualdiff.report.page import Page

_INDEX: Final = "index.html.j2"
_STYLES: Final = ("base.css", "list.css", "viewer.css", "media.css")
# What stands at the bottom: what hands over the decisions, and what tells those of a server.
_BARS: Final = ("_decide.html.j2", "_served.html.j2")
# Template fragments in a piece: less than a hundred rows.
_BUFFERED: Final = 1000
# An import is one line, and what is exported is declared there.
_IMPORT: Final = re.compile(r'^import \{(.+)\} from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?:async )?(?:const|function) (\w+)", re.MULTILINE)


def render_page(page: Page, *, served: bool = False) -> Iterator[bytes]:
    """Yield the report piece by piece: one UTF-8 page with its style, script and data inside.

    They are inlined because a page opened from file:// may load no module and read no file. With
    `served`, it is the page of `visualdiff review`, whose decisions its server keeps.
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
    environment.filters["json"] = _dump
    css, script = _read_sources(served=served)
    stream = environment.get_template(_INDEX).stream(
        page=page, css=css, script=script, bar=_BARS[served], policy=write_policy(served=served)
    )
    stream.enable_buffering(_BUFFERED)
    for text in stream:
        yield text.encode("utf-8", "backslashreplace")


@cache
def _read_sources(*, served: bool) -> tuple[str, str]:
    """Return the style and the script of the page."""
    templates = _find_templates()
    css = "\n".join((templates / "css" / name).read_text("utf-8") for name in _STYLES)
    return css, _bundle(templates / "js", served=served)


def _bundle(folder: Path, *, served: bool = False) -> str:
    """Return main.js and all that it imports as one script, each module in a scope of its own.

    A module stands behind those that it imports, and becomes the object of its exports. Served,
    the module served_NAME.js stands for NAME.js, where there is one.
    """
    modules: dict[str, str] = {}

    def add(name: str) -> None:
        path = folder / f"served_{name}.js"
        if not (served and path.exists()):
            path = folder / f"{name}.js"
        text = path.read_text("utf-8")
        for _, other in _IMPORT.findall(text):
            if other not in modules:
                add(other)
        text = _IMPORT.sub(_write_import, text)
        exports = ", ".join(_EXPORT.findall(text))
        text = re.sub(r"^export ", "", text, flags=re.MULTILINE)
        modules[name] = f"const {name}Module = (() => {{\n{text}return {{ {exports} }};\n}})();\n"

    add("main")
    return f'(() => {{\n"use strict";\n{"".join(modules.values())}}})();\n'


def _write_import(found: re.Match[str]) -> str:
    names, module = found.groups()
    return f"const {{{names.replace(' as ', ': ')}}} = {module}Module;"


def _dump(value: object) -> str:
    """Return plain data as JSON that may stand in a script element, without what is empty."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_simplify)
    # Nothing may end the element or begin a comment in it.
    return text.replace("<", "\\u003c")


def _simplify(value: Any) -> dict[str, Any]:
    """Return what is not empty of a dataclass; JSON knows the rest."""
    kind: object = type(value)
    if not (names := _list_fields(kind)):
        raise TypeError(f"{type(value).__name__}: entries are written one by one")
    told = ((name, getattr(value, name)) for name in names)
    # A number stays, even 0, which equals False.
    return {name: part for name, part in told if part not in ("", ()) and part is not False}


@cache  # to ask each value takes as long as to write it
def _list_fields(kind: object) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind)) if is_dataclass(kind) else ()


def write_policy(*, served: bool = False) -> str:
    """Return a Content-Security-Policy: our own style, script and pictures, and nothing else.

    Whatever a hostile file name might smuggle past the escaping would still not run. Style sheets
    may come from the report's folder, because the colours of pixels are handed over in them. Only
    a page that is `served` may talk to its server.
    """
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in _read_sources(served=served)
    ]
    own = "'self'" if served else "'self' file:"
    policy = (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; img-src {own} data:; "
        f"style-src {own} {hashes[0]}; script-src {hashes[1]}"
    )
    return f"{policy}; connect-src 'self'" if served else policy


@cache
def _find_templates() -> Path:
    """Return the folder of the templates: inside an installed package, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / _INDEX).is_file():
            return folder
    raise VisualdiffError(f"broken installation: no templates in {package} nor beside it")
