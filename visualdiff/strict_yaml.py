"""YAML as a configuration file needs it: strict, bounded, and with the place of every value.

PyYAML's `safe_load` lets duplicate keys win silently, reads `no` as False, `12:30` as 750 and
`1e-3` as text, and takes 20 s for a file of 388 bytes that repeats merge keys. This loader knows
only the plain scalars of YAML 1.2's core schema, and counts what aliases repeat.
"""

import codecs
import math
import re
from collections.abc import Hashable, Sequence
from typing import Any, Final, NamedTuple, NoReturn

import yaml

HIGHEST_BYTES: Final = 5_000_000
_HIGHEST_DEPTH: Final = 50
_HIGHEST_NODES: Final = 200_000
_TAG: Final = "tag:yaml.org,2002:"
_MERGE: Final = f"{_TAG}merge"


class YamlError(ValueError):
    """The text is not acceptable YAML; `line` and `column` count from 1."""

    def __init__(self, line: int, column: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.column = column


class Document(NamedTuple):
    """A parsed mapping, and its nodes, from which places are looked up."""

    data: dict[str, Any]
    root: yaml.MappingNode | None

    def find(self, path: Sequence[str | int], *, key: bool = False) -> tuple[int, int]:
        """Return line and column, from 1, of the value at `path`, or of its key.

        A path that leads nowhere gives the place of the deepest node on the way.
        """
        place: yaml.Node | None = self.root
        node: yaml.Node | None = self.root
        for step in path:
            found = _step(node, step)
            if found is None:
                break
            key_node, node = found
            place = key_node if key else node
        if place is None:
            return 1, 1
        return place.start_mark.line + 1, place.start_mark.column + 1


def parse_yaml(content: bytes) -> Document:
    """Parse the bytes of a configuration file, whose root must be a mapping.

    An empty file is an empty mapping. Raises `YamlError` for anything else, with its place.
    """
    text = _decode(content)
    try:
        # The loader's constructor raises too, on characters that YAML does not allow.
        loader = _StrictLoader(text)
        root = loader.get_single_node()
        data = {} if root is None else loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlError(*place, _explain(error)) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise YamlError(*place, f"character U+{error.character:04X} is not allowed") from None
    if not isinstance(data, dict) or not isinstance(root, yaml.MappingNode | None):
        kind = "a list" if isinstance(data, list) else "a single value"
        raise YamlError(1, 1, f"got {kind}, wanted a mapping: lines of `key: value`")
    return Document(data, root)


def _decode(content: bytes) -> str:
    if len(content) > HIGHEST_BYTES:
        raise YamlError(1, 1, f"more than {HIGHEST_BYTES:,} bytes, which no configuration has")
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        raise YamlError(
            line, column, f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        ) from None


def _explain(error: yaml.MarkedYAMLError) -> str:
    problem = str(error.problem or error.context)
    if "expected alphabetic or numeric character" in problem:
        return "a value that begins with * or & must be quoted"
    if "another document" in problem:
        return "a second document begins here, wanted one"
    return problem


def _step(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """Return the nodes of a key and its value in a mapping, or of an item of a sequence."""
    if isinstance(node, yaml.MappingNode):
        # What is merged in stands first, and the mapping's own keys win over it.
        for key, value in reversed(node.value):
            if key.value == step:
                return key, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


class _StrictLoader(yaml.SafeLoader):
    """A `SafeLoader` with limits, without duplicate keys, surprises among scalars, and tags."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - filled below, never changed later

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._nodes = 0
        self._sizes: dict[int, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose a node; an alias counts as many nodes as it repeats."""
        alias = self.check_event(yaml.AliasEvent)
        tag = getattr(self.peek_event(), "tag", None)  # type: ignore[no-untyped-call]  # as below
        if tag:
            self._refuse(f"tag {tag!r} is not allowed; a value's kind shows in how it is written")
        before, self._depth = self._nodes, self._depth + 1
        self._nodes += 1
        if self._depth > _HIGHEST_DEPTH:
            self._refuse(f"nested deeper than {_HIGHEST_DEPTH} levels")
        node = super().compose_node(parent, index)
        self._depth -= 1
        if alias:
            if id(node) not in self._sizes:
                self._refuse("an alias of a value that contains the alias")
            self._nodes += self._sizes[id(node)]
        if self._nodes > _HIGHEST_NODES:
            self._refuse(
                f"more than {_HIGHEST_NODES:,} values (aliases count as what they repeat)"
            )
        if not alias:
            self._sizes[id(node)] = self._nodes - before
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Compose a mapping; a key that stands there twice is an error, or one that is no text.

        Later is too late to tell: merging puts keys of other mappings among a mapping's own.
        """
        node = super().compose_mapping_node(anchor)
        seen: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._refuse("got a list or mapping as a key, wanted text", key.start_mark)
            if key.value in seen:
                problem = f"duplicate key {key.value!r}, first seen in line {seen[key.value]}"
                self._refuse(problem, key.start_mark)
            seen[key.value] = key.start_mark.line + 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        """Construct a mapping; its keys are text, as in JSON: 1 and 1.0 are two of them."""
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep) for key, value in node.value}

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Replace merge keys by what they merge: a mapping's own keys win, then earlier ones.

        PyYAML 6.0.4 lets later ones win, and sometimes the merged key over the mapping's own.
        """
        own = [(key, value) for key, value in node.value if key.tag != _MERGE]
        merged: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        values = [value for key, value in node.value if key.tag == _MERGE]
        for source in (source for value in values for source in self._list_merged(value)):
            self.flatten_mapping(source)
            for key, value in source.value:
                merged.setdefault(key.value, (key, value))
        for key, _ in own:
            merged.pop(key.value, None)
        node.value = [*merged.values(), *own]

    def _list_merged(self, node: yaml.Node) -> list[yaml.MappingNode]:
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for source in sources:
            if not isinstance(source, yaml.MappingNode):
                self._refuse(
                    "<< takes a mapping or a list of mappings to merge", source.start_mark
                )
        return list(sources)

    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        """Compose a scalar; two escapes may stand for one character, as JSON writes those."""
        node = super().compose_scalar_node(anchor)
        try:
            node.value = node.value.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            self._refuse("an escape that is half a character", node.start_mark)
        return node

    def fetch_more_tokens(self) -> None:
        """Scan on; PyYAML checks no ranges of an escape's code or of the digits of a version."""
        try:
            super().fetch_more_tokens()
        except (ValueError, OverflowError):
            self._refuse("a number out of range", self.get_mark())

    def _refuse(self, problem: str, mark: yaml.Mark | None = None) -> NoReturn:
        """Raise an error at a place, or where the next event begins."""
        mark = mark or self.peek_event().start_mark  # type: ignore[no-untyped-call]  # PyYAML has no types here
        raise yaml.composer.ComposerError(None, None, problem, mark)


def _construct_number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int | float:
    text = loader.construct_scalar(node)
    number = float(text)
    if not math.isfinite(number):
        raise yaml.constructor.ConstructorError(
            None, None, "a number too large to be represented", node.start_mark
        )
    return int(text) if re.fullmatch(r"[-+]?[0-9]+", text) else number


def _construct_bool(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> bool:
    return str(loader.construct_scalar(node)).lower() == "true"


# No leading zero, no sexagesimal, no underscore: 007, 12:30 and 1_000 stay text.
_NUMBER: Final = r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"
for name, pattern, first in (
    ("bool", "(true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("float", _NUMBER, "-+.0123456789"),
    ("null", "(~|null|Null|NULL|)$", ("~", "n", "N", "")),
    ("merge", "<<$", "<"),
):
    _StrictLoader.add_implicit_resolver(_TAG + name, re.compile(pattern), first)
_StrictLoader.add_constructor(_TAG + "bool", _construct_bool)
_StrictLoader.add_constructor(_TAG + "float", _construct_number)
