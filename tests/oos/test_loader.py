"""The loader: what is read, where it stands, and that no text at all makes it raise or run away."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from caboose.oos.loader import MAX_BYTES, Mark, load
from caboose.oos.resolve import json_fault


def value_of(text: str) -> object:
    document, problems = load(text)
    assert not problems
    assert document is not None
    return document.value


def problem_of(text: str) -> tuple[str, int, int]:
    document, problems = load(text)
    assert document is None
    first = problems[0]
    return first.id, first.line, first.column


def test_every_node_has_its_place() -> None:
    document, _ = load("a:\n  b: [1, x]\n  c: {d: 2}\n")
    assert document is not None
    assert document.marks[("a",)] == Mark(1, 1)
    assert document.marks[("a", "b")] == Mark(2, 3), "a member stands where its key does"
    assert document.marks[("a", "b", 1)] == Mark(2, 10)
    assert document.marks[("a", "c", "d")] == Mark(3, 7)


def test_what_has_no_place_of_its_own_is_shown_at_the_node_above() -> None:
    document, _ = load("a:\n  b: 1\n")
    assert document is not None
    assert document.mark(("a", "b", "gone", 3)) == Mark(2, 3)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\nb: x", {"a": 1, "b": "x"}),
        ('{"a": [1, null, true, 1.5, "x"]}', {"a": [1, None, True, 1.5, "x"]}),
        ('{\n\t"a":\t1\n}', {"a": 1}),
        ('\ufeff{\t"a":\t1}', {"a": 1}),
        ("a: No", {"a": False}),
        ("a: 2026-01-31", {"a": "2026-01-31"}),
        ("a: 2026-01-31T08:00:00Z", {"a": "2026-01-31T08:00:00Z"}),
        ("1: x\nyes: y\n~: z", {"1": "x", "yes": "y", "~": "z"}),
        ('{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
        ('{"a": "\\ud83d"}', {"a": "\ufffd"}),
        ('{"\\ud83d": 1}', {"\ufffd": 1}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("a: !!str 1", {"a": "1"}),
        ("", None),
    ],
)
def test_values(text: str, value: object) -> None:
    if value is None:
        assert problem_of(text) == ("InvalidYaml", 0, 0)
    else:
        assert value_of(text) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2", ("DuplicateKey", 2, 1)),
        ("a: {b: 1, b: 2}", ("DuplicateKey", 1, 11)),
        ("a: [1, 2", ("InvalidYaml", 1, 9)),
        ("a: b: c", ("InvalidYaml", 1, 5)),
        ("x: 1\n---\ny: 2", ("InvalidYaml", 2, 1)),
        ("a: *nobody", ("InvalidYaml", 1, 4)),
        ("a: ok\nb: x\x07y", ("InvalidYaml", 2, 5)),
        ("\ud800", ("InvalidYaml", 1, 1)),
        ('a: "\\U00110000"', ("InvalidYaml", 0, 0)),
        ("? [a]\n: 1", ("InvalidKey", 1, 3)),
        ("<<: {a: 1}", ("InvalidKey", 1, 1)),
        ("a: !!python/object:os.system x", ("UnknownTag", 1, 4)),
        ("a: !Ref x", ("UnknownTag", 1, 4)),
        ("a: !!set {x}", ("UnknownTag", 1, 4)),
        ("a: !!omap [x: 1]", ("UnknownTag", 1, 4)),
        ("a: !!timestamp 2026-01-31", ("UnknownTag", 1, 4)),
        ("a: .nan", ("InvalidYaml", 1, 4)),
        ("a: -.inf", ("InvalidYaml", 1, 4)),
        ("a: 1.0e+999", ("InvalidYaml", 1, 4)),
        ("a: 1" + "0" * 400, ("InvalidYaml", 1, 4)),
        ("a: 0x" + "f" * 5000, ("InvalidYaml", 1, 4)),
        ("a: 9" + "9" * 5000, ("InvalidYaml", 1, 4)),
        ("a: !!bool maybe", ("InvalidYaml", 1, 4)),
        ("a: !!int ''", ("InvalidYaml", 1, 4)),
        ("a: !!float x", ("InvalidYaml", 1, 4)),
        ("[" * 51 + "]" * 51, ("TooDeep", 1, 51)),
        ("[" * 60_000, ("TooDeep", 1, 51)),
        ("- " * 60 + "x", ("TooDeep", 1, 101)),
        ("[" + "1," * 25_000 + "]", ("TooManyNodes", 1, 40_000)),
        ("&a [*a]", ("TooManyNodes", 1, 1)),
    ],
)
def test_what_is_refused_is_refused_at_its_place(text: str, expected: tuple[str, int, int]) -> None:
    assert problem_of(text) == expected


def test_aliases_that_multiply_are_counted_as_often_as_they_are_used() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert problem_of("\n".join(lines))[0] == "TooManyNodes"


def test_every_duplicate_is_reported() -> None:
    _, problems = load("a: 1\na: 2\nb: {c: 1, c: 2}\n")
    assert [problem.line for problem in problems] == [2, 3]


def test_the_largest_template_is_64_kilobytes_of_utf8() -> None:
    assert load("a: " + "x" * (MAX_BYTES - 3))[0] is not None
    assert problem_of("a: " + "x" * (MAX_BYTES - 2))[0] == "TemplateTooLarge"
    assert problem_of("a: " + "界" * (MAX_BYTES // 3))[0] == "TemplateTooLarge", "bytes count, not characters"


@given(st.text(max_size=400))
@example("&a [*a, *a]")
@example('{"a": "\\')
@example("!!float ''")
def test_no_text_makes_it_raise(text: str) -> None:
    document, problems = load(text)
    assert (document is None) == bool(problems)


@given(st.text(alphabet="[]{}:,-?&*!|>'\"%@`#~ \n\t0123456789abxn<.=_\\u", max_size=200))
def test_what_looks_like_yaml_gives_values_that_json_knows(text: str) -> None:
    document, _ = load(text)
    if document is not None:
        assert not json_fault(document.value)
