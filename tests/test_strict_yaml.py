import itertools
import json
import math
import time

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from visualdiff.strict_yaml import YamlError, parse_yaml


def refuse(content: bytes, words: str) -> tuple[int, int]:
    """Check that the content is refused in these words; return the place."""
    with pytest.raises(YamlError, match=words) as caught:
        parse_yaml(content)
    return caught.value.line, caught.value.column


def parse_value(text: str) -> object:
    return parse_yaml(f"key: {text}".encode()).data["key"]


# Values that surprise, and values that do not.


@pytest.mark.parametrize(
    "text",
    [
        *("no", "yes", "on", "off", "y", "N", "tRUE"),
        *("12:30", "1:2:3", "010", "007", "00", "-010", "0x1f", "0o14", "0b1"),
        *("1_000", "1,000", "2001-12-14", "2001-12-14t21:59:43.10-05:00"),
        *(".inf", "-.inf", ".nan", "NaN", "1e", "e5", "1.2.3", "--1", "+", "-x", ".", "="),
        *("1 000", "nullable", "trueish", "a<<"),
    ],
)
def test_text_that_other_loaders_turn_into_something_else_stays_text(text: str) -> None:
    assert parse_value(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("-1E+3", -1000.0),
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("+3", 3),
        ("0", 0),
        ("-12", -12),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("true", True),
        ("False", False),
        ("TRUE", True),
        ("FALSE", False),
        ("null", None),
        ("NULL", None),
        ("~", None),
        ("", None),
        ('"1"', "1"),
        ("'true'", "true"),
        ('""', ""),
        ("[1, a]", [1, "a"]),
        ("{a: 1}", {"a": 1}),
    ],
)
def test_plain_values_of_the_core_schema_are_read(text: str, value: object) -> None:
    read = parse_value(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("text", ["1e400", "-1e400", "9" * 400, "9" * 5000, "1" + "0" * 309])
def test_a_number_too_large_is_refused(text: str) -> None:
    assert refuse(f"a: 1\nb:  {text}".encode(), "a number too large") == (2, 5)


@given(st.integers(-(10**300), 10**300))
@settings(deadline=None, max_examples=100)
def test_whole_numbers_are_exact(number: int) -> None:
    assert parse_value(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(deadline=None, max_examples=200)
def test_numbers_as_python_writes_them_are_read_back(number: float) -> None:
    read = parse_value(repr(number))
    assert isinstance(read, float)
    assert read == number
    assert math.copysign(1, read) == math.copysign(1, number)


def test_keys_are_text_whatever_they_look_like() -> None:
    document = parse_yaml(b"1: a\n1.0: b\nnull: c\ntrue: d\n'': e")
    assert document.data == {"1": "a", "1.0": "b", "null": "c", "true": "d", "": "e"}
    assert document.find(("1.0",), key=True) == (2, 1)


JSON_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=8)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | JSON_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(JSON_TEXT, inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(JSON_TEXT, JSON_VALUES, max_size=5))
@settings(deadline=None, max_examples=200)
def test_a_json_object_is_read_as_json_reads_it(value: dict[str, object]) -> None:
    # With ASCII only, JSON writes a character beyond U+FFFF as two escapes.
    assert parse_yaml(json.dumps(value, ensure_ascii=True).encode()).data == value


@given(st.dictionaries(JSON_TEXT, JSON_VALUES, max_size=5))
@settings(deadline=None, max_examples=100)
def test_what_an_independent_writer_wrote_is_read_back(value: dict[str, object]) -> None:
    written = yaml.safe_dump(value, default_flow_style=False, default_style='"')
    # The writer tags what is not text when it quotes everything.
    if "!!" not in written:
        assert parse_yaml(written.encode()).data == value


# Duplicates, anchors, merges.


def test_a_duplicate_key_is_refused_with_both_lines() -> None:
    content = b"threshold: 1\nworkers: 2\n\nthreshold: 3\n"
    assert refuse(content, "duplicate key 'threshold', first seen in line 1") == (4, 1)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        pytest.param(b"a:\n  - b: 1\n    c: 2\n    b: 3", (4, 5), id="in a nested list"),
        pytest.param(b'{a: 1, "a": 2}', (1, 8), id="quoted and plain"),
        pytest.param(b"{a: 1, ? a : 2}", (1, 10), id="explicit key"),
        pytest.param(b"b: &x a\na: 1\n*x : 2", (1, 4), id="through an alias"),
        pytest.param(b"<<: {a: 1}\n<<: {b: 2}", (2, 1), id="merge keys"),
    ],
)
def test_a_duplicate_key_is_refused_wherever_it_hides(
    content: bytes, place: tuple[int, int]
) -> None:
    assert refuse(content, "duplicate key") == place


def test_anchors_and_aliases_repeat_values() -> None:
    data = parse_yaml(b"a: &box {x: 1}\nb: [*box, *box]\n").data
    assert data == {"a": {"x": 1}, "b": [{"x": 1}, {"x": 1}]}


def test_a_merge_adds_keys_below_the_mapping_s_own() -> None:
    data = parse_yaml(
        b"one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\nall:\n  <<: [*one, *two]\n  c: 3\n"
    ).data
    assert data["all"] == {"a": 1, "b": 1, "c": 3}


def test_of_merged_mappings_the_earlier_one_wins() -> None:
    # With keys longer than a letter: PyYAML 6.0.4 tells equal ones apart, and lets the later win.
    data = parse_yaml(
        b"one: &one {width: 1}\ntwo: &two {width: 2, height: 2}\nall: {<<: [*one, *two]}\n"
    ).data
    assert data["all"] == {"width": 1, "height": 2}


def test_a_merged_mapping_that_is_merged_again_has_no_duplicates() -> None:
    # Merging changes the node itself, the deeper one after the outer one that merges it.
    data = parse_yaml(
        b"base: &base {a: 1}\n"
        b"deep: {deeper: {own: &own {<<: *base, a: 2}}}\n"
        b"top: {<<: *own, b: 3}\n"
    ).data
    assert data["deep"] == {"deeper": {"own": {"a": 2}}}
    assert data["top"] == {"a": 2, "b": 3}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"<<: 1", "takes a mapping", id="of a number"),
        pytest.param(b"<<: [1]", "takes a mapping", id="of a list of numbers"),
        pytest.param(b"a: *b", "undefined alias", id="of nothing"),
        pytest.param(b"a: [<<]", "merge", id="as a value"),
    ],
)
def test_a_wrong_merge_or_alias_is_refused(content: bytes, words: str) -> None:
    assert refuse(content, words)[0] == 1


@pytest.mark.parametrize(
    "content", [b"&a {b: *a}", b"a: &a [1, *a]", b"a: &a {b: {c: *a}}", b"a: &a {<<: *a}"]
)
def test_an_alias_of_what_contains_it_is_refused(content: bytes) -> None:
    assert refuse(content, "an alias of a value that contains the alias")[0] == 1


def make_list_bomb() -> bytes:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    return "\n".join(lines).encode()


def make_merge_bomb(repeats: int) -> bytes:
    lines = ["a0: &a0 {k: 1}"]
    lines += [f"a{i}: &a{i} {{<<: [{','.join([f'*a{i - 1}'] * repeats)}]}}" for i in range(1, 20)]
    return "\n".join(lines).encode()


def make_merge_bomb_of_few_bytes() -> bytes:
    lines = ["a: &a {k: 1}"]
    letters = "abcdefghijklmnopqrstuvwx"
    lines += [f"{new}: &{new} {{<<: [*{old},*{old}]}}" for old, new in itertools.pairwise(letters)]
    return "\n".join(lines).encode()


def make_scalar_bomb() -> bytes:
    return b"a: &a [" + b"x," * 999 + b"x]\nb: [" + b"*a," * 300 + b"1]"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(make_list_bomb(), id="billion laughs"),
        pytest.param(make_merge_bomb(5), id="merge keys"),
        pytest.param(make_merge_bomb_of_few_bytes(), id="merge keys in a few hundred bytes"),
        pytest.param(make_scalar_bomb(), id="one long list, often"),
        pytest.param(b"a: [" + b"1," * 200_000 + b"1]", id="too many values without aliases"),
    ],
)
def test_a_file_that_unfolds_into_too_much_is_refused(content: bytes) -> None:
    refuse(content, "more than 200,000 values")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(make_list_bomb(), id="billion laughs"),
        pytest.param(make_merge_bomb_of_few_bytes(), id="merge keys in a few hundred bytes"),
        pytest.param(b"[" * 100_000, id="deep flow"),
        pytest.param(b"- " * 10_000, id="deep block"),
    ],
)
def test_a_bomb_is_refused_at_once(content: bytes) -> None:
    started = time.process_time()
    with pytest.raises(YamlError):
        parse_yaml(content)
    # A loader without limits takes 20 s; traced for coverage on a loud machine, ours takes 1.3.
    assert time.process_time() - started < 6


def test_many_values_are_allowed() -> None:
    assert len(parse_yaml(b"a: [" + b"1," * 9_999 + b"1]").data["a"]) == 10_000


# Limits and encodings.


def test_fifty_levels_are_allowed_and_one_more_is_not() -> None:
    # The root mapping and the innermost value are levels, too.
    assert parse_yaml(b"a: " + b"[" * 48 + b"1" + b"]" * 48).data
    assert refuse(b"a: " + b"[" * 49 + b"1" + b"]" * 49, "deeper than 50 levels") == (1, 53)


def test_depth_counts_what_is_open_not_what_was_seen() -> None:
    assert len(parse_yaml(b"a: [" + b"[[1]]," * 100 + b"1]").data["a"]) == 101


def test_five_megabytes_are_allowed_and_one_byte_more_is_not() -> None:
    content = b"a: 1\n#" + b"x" * 4_999_994
    assert parse_yaml(content).data == {"a": 1}
    assert refuse(content + b"x", "more than 5,000,000 bytes") == (1, 1)


@pytest.mark.parametrize(
    ("content", "words", "place"),
    [
        pytest.param(b"a: 1\nb: caf\xe9", "byte 0xe9 is not UTF-8", (2, 7), id="latin-1"),
        pytest.param(b"caf\xe9: 1", "byte 0xe9", (1, 4), id="latin-1 in the first line"),
        pytest.param(b"\xef\xbb\xbfab: \xe9", "byte 0xe9", (1, 5), id="latin-1 after a BOM"),
        pytest.param("a: 1".encode("utf-16"), "byte 0xff is not UTF-8", (1, 1), id="utf-16"),
        pytest.param("a: 1".encode("utf-16-le"), r"U\+0000", (1, 2), id="utf-16 without BOM"),
        pytest.param("a: 1".encode("utf-32"), "byte 0xff", (1, 1), id="utf-32"),
        pytest.param(b"a: 1\nb: x\x07y", r"character U\+0007 is not", (2, 5), id="bell"),
        pytest.param(b"\x00", r"character U\+0000", (1, 1), id="NUL"),
        pytest.param(b"a: \x1b[0m", r"character U\+001B", (1, 4), id="escape"),
        pytest.param(b"a: \xed\xa0\x80", "byte 0xed", (1, 4), id="surrogate in UTF-8"),
        pytest.param(b'a: "\\ud800"', "half a character", (1, 4), id="surrogate as an escape"),
        pytest.param(b'a: 1\n"\\udfff": 2', "half a character", (2, 1), id="surrogate in a key"),
        pytest.param(b'a: "\\U00110000"', "out of range", (1, 7), id="escape beyond Unicode"),
        pytest.param(b'a: "\\UFFFFFFFF"', "out of range", (1, 7), id="escape far beyond Unicode"),
        pytest.param(b'a: "\\x4"', "escape sequence", (1, 7), id="half an escape"),
        pytest.param(b"%YAML 1." + b"1" * 5000, "out of range", (1, 9), id="version too long"),
        pytest.param(b"a: 1\n\tb: 2", "cannot start any token", (2, 1), id="tab"),
        pytest.param(b"a: 1\nb: [1, 2\nc: 3", "expected", (3, 2), id="open bracket"),
        pytest.param(b'a: 1\nb: "x', "end of stream", (2, 6), id="open quote"),
        pytest.param(b"a: b: c", "mapping values are not allowed", (1, 5), id="two colons"),
        pytest.param(b"a: 1\n---\nb: 2", "a second document begins here", (2, 1), id="two"),
        pytest.param(b"include: **/*.png", "must be quoted", (1, 11), id="glob as an alias"),
        pytest.param(b"include: [*.png]", "must be quoted", (1, 12), id="glob in a list"),
        pytest.param(b"? [a]\n: 1", "wanted text", (1, 3), id="list as a key"),
        pytest.param(b"? {a: 1}\n: 1", "wanted text", (1, 3), id="mapping as a key"),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_place(
    content: bytes, words: str, place: tuple[int, int]
) -> None:
    assert refuse(content, words) == place


@pytest.mark.parametrize(
    "tag",
    ["!!str", "!!int", "!!float", "!!bool", "!!null", "!!binary", "!!timestamp", "!", "!mine"],
)
def test_a_tag_is_refused(tag: str) -> None:
    assert refuse(f"a: 1\nb: {tag} x".encode(), "tag '.*' is not allowed") == (2, 4)


@pytest.mark.parametrize(
    "content",
    [
        b"!!map {a: 1}",
        b"!!set {a}",
        b"a: !!seq [1]",
        b"!!str a: 1",
        b"a: !!python/object/apply:os.system [id]",
        b"%TAG ! tag:example.org,2000:\n---\na: !b c",
    ],
)
def test_a_tag_is_refused_on_any_kind_of_value(content: bytes) -> None:
    refuse(content, "tag '.*' is not allowed")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# nothing\n", b"---\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_an_empty_mapping(content: bytes) -> None:
    if content == b"---\n":
        refuse(content, "got a single value, wanted a mapping")
        return
    document = parse_yaml(content)
    assert document.data == {}
    assert document.find(("threshold",)) == (1, 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"- a\n- b", "got a list, wanted a mapping"),
        (b"[]", "got a list, wanted a mapping"),
        (b"just text", "got a single value, wanted a mapping"),
        (b"42", "got a single value, wanted a mapping"),
        (b"null", "got a single value, wanted a mapping"),
    ],
)
def test_a_root_that_is_no_mapping_is_refused(content: bytes, words: str) -> None:
    assert refuse(content, words) == (1, 1)


def test_a_byte_order_mark_and_windows_line_ends_are_accepted() -> None:
    document = parse_yaml(b"\xef\xbb\xbfa: 1\r\nb: \xc3\xbc\r\n")
    assert document.data == {"a": 1, "b": "ü"}
    assert document.find(("a",)) == (1, 4)
    assert document.find(("b",), key=True) == (2, 1)


# Places.

NESTED = b"""\
base: &base
  threshold: 0.5
  masks: [{x: 1}, {x: 2,
           y: 3}]
overrides:
  - match: "*.png"
  -   match: a
      <<: *base
      threshold: 0.7
"""


@pytest.mark.parametrize(
    ("path", "of_value", "of_key"),
    [
        pytest.param(("base",), (1, 7), (1, 1), id="first key"),
        pytest.param(("base", "threshold"), (2, 14), (2, 3), id="nested"),
        pytest.param(("base", "masks", 1), (3, 19), (3, 19), id="item, which has no key"),
        pytest.param(("base", "masks", 1, "y"), (4, 15), (4, 12), id="in flow, on two lines"),
        pytest.param(("overrides", 0, "match"), (6, 12), (6, 5), id="through a list"),
        pytest.param(("overrides", 1, "masks"), (3, 10), (3, 3), id="merged key"),
        pytest.param(("overrides", 1, "masks", 1, "y"), (4, 15), (4, 12), id="below it"),
        pytest.param(("overrides", 1, "threshold"), (9, 18), (9, 7), id="own wins over merged"),
        pytest.param((), (1, 1), (1, 1), id="root"),
        pytest.param(("nowhere",), (1, 1), (1, 1), id="unknown"),
        pytest.param(("overrides", 1, "workers"), (7, 7), (7, 7), id="unknown, deep"),
        pytest.param(("overrides", 7, "match"), (6, 3), (5, 1), id="beyond the list"),
        pytest.param(("base", "threshold", "x"), (2, 14), (2, 3), id="below a number"),
        pytest.param(("overrides", "match"), (6, 3), (5, 1), id="a key in a list"),
    ],
)
def test_the_place_of_a_value_and_of_its_key(
    path: tuple[str | int, ...], of_value: tuple[int, int], of_key: tuple[int, int]
) -> None:
    document = parse_yaml(NESTED)
    assert document.find(path) == of_value
    assert document.find(path, key=True) == of_key


# Anything at all.

FRAGMENTS = st.sampled_from(
    [
        *("a", "b", "<<", ": ", ":", "- ", "? ", "&a ", "*a", "!", "!!int ", "!!float x", "|\n"),
        *(">-\n ", "[", "]", "{", "}", ",", '"', "'", "\\", "\\U00110000", "\\xff", "\\ud800"),
        *("\n", "\n  ", "\t", " ", "---\n", "...\n", "%YAML 1.1\n", "%TAG ! x\n", "#", "1", "1e9"),
        *("1e999", ".inf", "\r", "\x85", "\u2028", "\ufeff", "\x00", "é", "\U0001f600", "~", "="),
    ]
)


@given(st.binary(max_size=60) | st.lists(FRAGMENTS, max_size=25).map("".join).map(str.encode))
@example(b'a: "\\U00110000"')
@example(b"a: !!float x")
@example(b"a: !!int x")
@settings(deadline=None, max_examples=1500)
def test_any_bytes_give_a_document_or_a_yaml_error(content: bytes) -> None:
    try:
        document = parse_yaml(content)
    except YamlError as error:
        place, words = (error.line, error.column), str(error)
    else:
        # What was read is what JSON can hold: that is how it is validated.
        assert json.loads(json.dumps(document.data, allow_nan=False)) == document.data
        place, words = document.find(()), "a document"
    assert min(place) >= 1
    assert words
