"""Targets: the configuration, and the globs and templates in it."""

from pathlib import Path
from typing import Final

from fuzzing.taking import Taker
from visualdiff.config import build_config
from visualdiff.errors import ConfigError
from visualdiff.globs import check_glob, matches
from visualdiff.settings import Config
from visualdiff.strict_yaml import YamlError, parse_yaml
from visualdiff.variants import Chain, check_template, check_value, group_accepted

_PLACE: Final = Path("/p")
CONFIGURATIONS: Final = (
    b"baselines: old\ncandidates: new\nreport: out\n",
    b"""baselines: a
candidates: b
threshold: 0.9
preset: strict
masks: [{x: 1, y: 2, width: 3, height: 4}]
overrides:
  - match: '*.png'
    threshold: 1e-3
    preset: lenient
""",
    b"base: &b {x: 1}\nbaselines: *b\ncandidates: |\n  text\n<<: [*b, {y: 'a\\n'}]\n",
    b"""baselines: a
candidates: b
variants: ['{name}-{platform}', '{name}']
variables: {v: w}
include: ["**/*.png", "{a,b}/*"]
workers: auto
max_memory: 5
reports: [html, json]
""",
)
GLOBS: Final = (b"**/*.png\0a/b.png", b"{a,b}[!c-e]?/**\0a/b", b"!(a|b)*\\*\0x")
TEMPLATES: Final = (b"{name}-{platform}\0home@2.png\0x", b"{browser}/{name}\0a/b.png\0chrome")


def read_configuration(data: bytes) -> None:
    """Read a configuration file."""
    try:
        document = parse_yaml(data)
    except YamlError as error:
        assert error.line >= 1, error
        assert error.column >= 1, error
        return
    try:
        config = build_config(document, _PLACE / "visualdiff.yaml", {})
    except ConfigError as error:
        assert error.mistakes, error
        return
    assert 0 <= config.threshold <= 1, config.threshold


def match_glob(data: bytes) -> None:
    """Match a name against a glob."""
    pattern, _, name = data.decode("utf-8", "surrogateescape").partition("\0")
    try:
        check_glob(pattern)
    except ValueError:
        return
    matches(name, (pattern,))


def choose_variant(data: bytes) -> None:
    """Fill a template, and read a name by it."""
    taker = Taker(data)
    template, name, value = (f"{taker.rest().decode('utf-8', 'surrogateescape')}\0\0").split("\0")[
        :3
    ]
    group_accepted([name, f"{name}@2.png"], ())
    try:
        check_template(template, ["name", "platform", "browser"])
        check_value(value)
        config = Config(
            folder=_PLACE,
            baselines=_PLACE,
            candidates=_PLACE,
            variants=(template,),
            variables={"browser": value},
        )
        chain = Chain(config)
    except (ValueError, ConfigError):
        return
    for filled in chain.fill("a"):
        assert not filled.startswith(("/", ".")), filled
        assert ".." not in filled.split("/"), filled
        assert "a" in chain.read(filled), filled
    list(chain.read(name))
