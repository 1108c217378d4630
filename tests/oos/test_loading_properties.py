"""Properties of loading: no bytes, text or mutated template make it raise, and what it reads is what was written."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from caboose.library_folders import BUILT_IN
from caboose.oos.loading import load
from caboose.oos.loading.builder import Refused
from caboose.oos.loading.yaml_text import FAST, SLOW, read_events


def value_of(text: str) -> object:
    document, problems = load(text)
    assert not problems
    assert document is not None
    return document.value


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    document, problems = load(raw.decode("utf-8", "surrogateescape"))
    assert (document is None) == bool(problems)


@settings(deadline=None)
@given(st.text(max_size=400))
@example("&a [*a, *a]")
@example('{"a": "\\')
@example("!!float ''")
@example('{"a": "\\ud83d\\u"}')
def test_no_text_makes_it_raise(text: str) -> None:
    document, problems = load(text)
    assert (document is None) == bool(problems)


def assert_json_knows(value: Any) -> None:
    json.dumps(value, allow_nan=False).encode()


@settings(deadline=None)
@given(st.text(alphabet="[]{}:,-?&*!|>'\"%@`#~ \n\t\r0123456789abxn<.=_\\u：\ufeff", max_size=200))
@example("? - a\n- <<: *a")
def test_what_looks_like_yaml_gives_values_that_json_knows(text: str) -> None:
    document, problems = load(text)
    if document is not None:
        assert_json_knows(document.value)
        assert all(mark.line and mark.column for mark in document.marks.values())
    assert all(problem.line <= len(text.splitlines()) + 1 for problem in problems)


PARTS = [
    "\t",
    "\n",
    "\r\n",
    " ",
    "{",
    "}",
    "[",
    "]",
    ": ",
    ":",
    "- ",
    "? ",
    "&a ",
    "*a",
    "!x ",
    "!!str ",
    "#",
    "|\n",
    "'",
]
PARTS += [
    '"',
    "\\",
    "---\n",
    "\x85",
    "\u2028",
    "\ufeff",
    "界",
    "@",
    "%",
    "<<: ",
    "{{ x }}",
    "\x00",
    "\ud800",
    ",",
    ": {",
]
TEMPLATE = (BUILT_IN / "templates" / "reboot-with-approval.yml").read_text("utf-8")
PIECES = st.lists(st.tuples(st.integers(0, len(TEMPLATE)), st.integers(0, 3), st.sampled_from(PARTS)), max_size=4)


def mutated(pieces: list[tuple[int, int, str]]) -> str:
    text = TEMPLATE
    for position, removed, part in pieces:
        text = text[:position] + part + text[position + removed :]
    return text


@settings(deadline=None)
@given(PIECES)
def test_a_template_that_is_mutated_is_read_or_refused(pieces: list[tuple[int, int, str]]) -> None:
    document, problems = load(mutated(pieces))
    assert (document is None) == bool(problems)
    assert all(problem.message and problem.line for problem in problems)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
ODD_WORDS = [
    "No",
    "~",
    "1e3",
    "12:30",
    "2026-01-31",
    "=",
    "<<",
    "0x1",
    "a: b",
    "# x",
    "- a",
    " x ",
    "*",
    "&a",
    "!x",
    "%",
]
NUMBERS = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | st.sampled_from(ODD_WORDS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
DOCUMENTS = st.lists(VALUES, max_size=4) | st.dictionaries(TEXTS, VALUES)


@settings(deadline=None)
@given(DOCUMENTS, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_what_is_written_as_json_is_read_back(value: object, indent: int | str | None, ascii_only: bool) -> None:
    assert repr(value_of(json.dumps(value, indent=indent, ensure_ascii=ascii_only))) == repr(value)


@settings(deadline=None)
@given(st.dictionaries(st.from_regex("[A-Za-z]{3,9}", fullmatch=True), VALUES, min_size=1), st.booleans())
def test_a_yaml_template_and_its_json_twin_are_the_same(value: dict[str, object], flow: bool) -> None:
    twin = yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow, width=10_000)
    try:
        expected = json.loads(json.dumps(yaml.safe_load(twin)))
    except yaml.YAMLError:
        return  # PyYAML writes a few things that it can't read
    assert repr(value_of(twin)) == repr(expected)


@pytest.mark.skipif(FAST is SLOW, reason="PyYAML without libyaml")
@settings(deadline=None)
@given(PIECES, st.integers(0, len(TEMPLATE)))
def test_both_parsers_read_the_same(pieces: list[tuple[int, int, str]], begin: int) -> None:
    text = (TEMPLATE[:begin] if begin % 2 else "") + mutated(pieces)[begin:] + "\n"
    try:
        fast, slow = read_events(text, FAST), read_events(text, SLOW)
    except (yaml.YAMLError, ValueError, Refused):
        return
    if "\ufeff" in text[1:]:
        return
    assert (fast.value, fast.marks, fast.problems) == (slow.value, slow.marks, slow.problems)
