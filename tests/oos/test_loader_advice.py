"""What a loader says about text that isn't YAML: the place, what was done, and the way out."""

import pytest

from caboose.oos.loading import load
from caboose.oos.problems import Problem

COLUMNS = "The keys of one map begin in the same column"
QUOTES = "Put the text in quotes."


def problem_of(text: str) -> Problem:
    document, problems = load(text)
    assert document is None
    assert len(problems) == 1
    return problems[0]


@pytest.mark.parametrize(
    ("text", "line", "column", "quoted"),
    [
        ("a: {{ x }}", 1, 4, "'{{ x }}'"),
        ("a:\n  b: {{x}}  # comment", 2, 6, "'{{x}}'"),
        ("a: {{ x }}/b", 1, 4, "'{{ x }}/b'"),
        ("a: {{ x }} {{ y }}", 1, 4, "'{{ x }} {{ y }}'"),
        ("a: {{ t.b[].c }}", 1, 4, "'{{ t.b[].c }}'"),
        ("a: {{ x }}'s", 1, 4, "'{{ x }}''s'"),
        ("a:\n- {{ x }}", 2, 3, "'{{ x }}'"),
        ("- - {{ x }}", 1, 5, "'{{ x }}'"),
        ("a:\n  - b: {{ x }}", 2, 8, "'{{ x }}'"),
        ("a:\n  {{ x }}", 2, 3, "'{{ x }}'"),
        ("{a: b,\n c: {{ x }}}", 2, 5, "'{{ x }}'"),
        ("d: [{a: b,\n c: {{ x }} {{ y }}}], ", 2, 5, "'{{ x }} {{ y }}'"),
    ],
)
def test_a_reference_without_quotes(text: str, line: int, column: int, quoted: str) -> None:
    problem = problem_of(text)
    assert (problem.id, problem.message) == ("InvalidYaml", "a reference without quotes")
    assert (problem.line, problem.column) == (line, column)
    assert problem.hint == f"Put the value in quotes: {quoted}. Without them {{ begins a map."


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("a: [b, {{ x }}]", 8),
        ("a: {b: {{ x }}}", 8),
        ('{"a": {{ x }} }', 7),
        ('{"a": {{ x.b[] }} }', 7),
        ('{"a": "b", {{ x }}}', 12),
    ],
)
def test_a_reference_without_quotes_between_braces(text: str, column: int) -> None:
    problem = problem_of(text)
    assert (problem.message, problem.column) == ("a reference without quotes", column)
    assert problem.hint == f"{QUOTES} Without them {{ begins a map."


def test_several_references_without_quotes_are_shown_at_once() -> None:
    _, problems = load("a: {{ x }}\nb:\n- {{ y }}\n- [c]: d\n")
    assert [(problem.line, problem.column) for problem in problems] == [(1, 4), (3, 3), (4, 3)]
    assert problems[2].id == "InvalidKey"


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "hint"),
    [
        ("\ta: 1", 1, 1, "a tab stands here", "Replace the tab by spaces."),
        ("a:\n  b: 1\n\tc: 2", 3, 1, "a tab stands here", "Replace the tab by spaces."),
        ("a: @x", 1, 4, "a text can't begin with this character", QUOTES),
        ("a: `x`", 1, 4, "a text can't begin with this character", QUOTES),
        ("a: %x", 1, 4, "a text can't begin with this character", QUOTES),
        ("a: *.log", 1, 4, 'begins with "*"', QUOTES),
        ("a: *", 1, 4, 'begins with "*"', QUOTES),
        ("a: & b", 1, 4, 'begins with "&"', QUOTES),
        ("a: ? b", 1, 4, 'begin with "?"', QUOTES),
        ("a: *nobody", 1, 4, "the alias *nobody names nothing above it", 'begins with "*" needs quotes'),
        ("a: &b [*b]", 1, 8, "the alias *b is inside of what it names", 'begins with "*" needs quotes'),
        ("a: b: c", 1, 5, 'a second ": "', QUOTES),
        ("a: 'it's'", 1, 8, "behind the closing quote", "written twice ('')"),
        ('a: "b" {{ c }}', 1, 8, "behind the closing quote", "the whole value"),
        ('a: "x\ny: 1', 1, 4, "the quote that opens here is never closed", "Close it."),
        ("a: 'x", 1, 4, "the quote that opens here is never closed", "Close it."),
        ('a: "\\d+"', 1, 6, "unknown escape character 'd'", "single quotes"),
        ("a: - b", 1, 4, "a list can't begin here", "on the next line"),
        ("a: ]", 1, 4, "found ']'", "needs quotes"),
        ("a: |x\n  y", 1, 5, "found 'x'", "begins on the next one"),
        ("a: >\n b\nc", 3, 1, "a key without a colon", COLUMNS),
        ("a: [1, 2\nb: 3", 2, 2, "expected ',' or ']'", "separated by commas"),
        ("a: 1\n b: 2", 2, 3, "a key can't stand here", COLUMNS),
        ("a:\n  b: 1\n c: 2", 3, 2, "doesn't belong", COLUMNS),
        ("- a\nb: 1", 2, 1, "doesn't belong", COLUMNS),
        ("a: 1\n- b", 2, 1, "doesn't belong", COLUMNS),
        ("  a: 1\nb: 2", 2, 1, "doesn't belong", COLUMNS),
        ("a:b\nc: 1", 1, 2, "a colon without a blank", '"key: value"'),
        ("Name：x\nb: 1", 1, 5, "full-width colon", "a blank behind it"),
        ("- a: 1\n  b：2\n  c: 3", 2, 4, "full-width colon", "a blank behind it"),
        ("a: !<x", 1, 7, "the end of the text", ""),
        ("a: !Ref x", 1, 4, "the tag !Ref is not allowed", 'begins with "!" needs quotes'),
        ("a: !!set {x}", 1, 4, "the tag !!set is not allowed", "plain maps"),
        ("%x: 1", 1, 3, "expected alphabetic or numeric character", ""),
        ("a: 1\n---\nb: 2", 2, 1, "a second document", "a file of its own"),
        ("a: 1\na: 2", 2, 1, 'the key "a" stands here a second time', "another name"),
        ("<<: 5", 1, 5, "only maps can be merged", "an alias of a map"),
        ('{"a": 1 "b": 2}', 1, 9, 'not readable as JSON: expected "," or "}"', ""),
        ('{"a": 1\n "b": 2}', 2, 2, 'expected "," or "}"', ""),
        ('{"a": [1 2}', 1, 10, 'expected "," or "]"', ""),
        ('{"a" 1}', 1, 6, 'expected ":" behind the key', ""),
        ('{"a": 1, @}', 1, 10, "expected a key in double quotes", ""),
        ('{"a": 1} x', 1, 10, "expected the end of the text", ""),
        ('{"a": @\n1}', 1, 7, "expected a value", ""),
        ('{"a": "b', 1, 7, "Unterminated string", ""),
        ('{"a": "\\d"}', 1, 8, "Invalid \\escape", ""),
        ('{"a": "x\x01y"}', 1, 9, "Invalid control character", ""),
        ("{a: b", 1, 6, "expected ',' or '}', but got the end of the text", "separated by commas"),
        ("a: é\nb: \udce9", 2, 4, "the byte 0xE9 is not UTF-8 text", "Save the file as UTF-8."),
        ("\udcff\udcfea\x00:\x00", 1, 1, "this is UTF-16 text", "Save the file as UTF-8."),
        ("\ufeffa: \ud800", 1, 4, "the character U+D800 can't stand", "escape"),
        ("a: x\x07", 1, 5, "the character U+0007 can't stand", "escape"),
        ("", 0, 0, "the template is empty", "FormatVersion and Tasks"),
    ],
)
def test_what_was_done_and_the_way_out(text: str, line: int, column: int, message: str, hint: str) -> None:
    problem = problem_of(text)
    assert (problem.line, problem.column) == (line, column)
    assert message in problem.message
    assert hint in problem.hint if hint else not problem.hint


@pytest.mark.parametrize(
    "line", ["- " * 30_000 + "@", "a: b: {{ " + "}} " * 20_000, "a: {{" + " }}" * 20_000 + "\t@", "x " * 30_000 + ": @"]
)
def test_advice_on_a_long_line_takes_no_longer_than_reading_it(line: str) -> None:
    document, problems = load(line)
    assert document is None
    assert problems
