"""The loader: what is read, where it stands, and what is refused at which place."""

import json

import pytest

from caboose.oos.loading import MAX_BYTES, MAX_DEPTH, Document, Mark, load


def loaded(text: str) -> Document:
    document, problems = load(text)
    assert not problems
    assert document is not None
    return document


def value_of(text: str) -> object:
    return loaded(text).value


def problem_of(text: str) -> tuple[str, int, int]:
    document, problems = load(text)
    assert document is None
    first = problems[0]
    return first.id, first.line, first.column


@pytest.mark.parametrize("text", ["a:\n  b: [1, x]\n  c: {d: 2}\n", '{"a":\n\n  {"b": [1, "x"], "c": {"d": 2}}}'])
def test_every_node_has_its_place(text: str) -> None:
    def place(word: str) -> Mark:
        before = text[: text.index(word)]
        return Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))

    quote = '"' if text.startswith("{") else ""
    document = loaded(text)
    assert document.marks[("a",)] == place(f"{quote}a")
    assert document.marks[("a", "b")] == place(f"{quote}b"), "a member stands where its key does"
    assert document.marks[("a", "b", 0)] == place("1")
    assert document.marks[("a", "b", 1)] == place(f"{quote}x")
    assert document.marks[("a", "c", "d")] == place(f"{quote}d")
    assert document.marks[()] == Mark(1, 1)


def test_what_has_no_place_of_its_own_is_shown_at_the_node_above() -> None:
    document = loaded("a:\n  b: 1\n")
    assert document.mark(("a", "b", "gone", 3)) == Mark(2, 3)
    assert Document({}).mark(("gone",)) == Mark(0, 0)


def test_lines_and_columns_in_every_manner_of_ending_lines() -> None:
    assert loaded("\ufeffa: 1\r\nb: 2\rc: 3\x85d: 界 \u2028e: 😀\nf: [😀, x]").marks == {
        (): Mark(1, 1),
        ("a",): Mark(1, 1),
        ("b",): Mark(2, 1),
        ("c",): Mark(3, 1),
        ("d",): Mark(4, 1),
        ("e",): Mark(5, 1),
        ("f",): Mark(6, 1),
        ("f", 0): Mark(6, 5),
        ("f", 1): Mark(6, 8),
    }
    assert loaded('\ufeff{"a": 1,\r\n"b": "😀", "c": 3,\r"d": 4}').marks == {
        (): Mark(1, 1),
        ("a",): Mark(1, 2),
        ("b",): Mark(2, 1),
        ("c",): Mark(2, 11),
        ("d",): Mark(3, 1),
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\nb: x", {"a": 1, "b": "x"}),
        ("a:", {"a": None}),
        ("[~, Null, null, NULL, 'null']", [None, None, None, None, "null"]),
        ("[No, yes, ON, off, True, false]", [False, True, True, False, True, False]),
        ("[y, n, nope, TrUe, 'No']", ["y", "n", "nope", "TrUe", "No"]),
        ("[017, 0x1F, 0b101, 1_000, -12, +3, 0]", [15, 31, 5, 1000, -12, 3, 0]),
        ("- 12:30\n- -1:00\n- 1:30.5\n- 1:99", [750, -60, 90.5, "1:99"]),
        ("[1.5, .5, 1.5e+3, 1e3, 08, 1.2.3, -.5]", [1.5, 0.5, 1500.0, "1e3", "08", "1.2.3", "-.5"]),
        ("a: 2026-01-31\nb: 2015-09-01", {"a": "2026-01-31", "b": "2015-09-01"}),
        ("a: 2026-01-31T08:00:00Z\n2026-01-31: b", {"a": "2026-01-31T08:00:00Z", "2026-01-31": "b"}),
        ("a: =\nb: <<\n=: c", {"a": "=", "b": "<<", "=": "c"}),
        ("1: x\nyes: y\n~: z\n.nan: w", {"1": "x", "yes": "y", "~": "z", ".nan": "w"}),
        ("- !!str 1\n- !!int '5'\n- !!float '1'\n- !!bool 'yes'\n- !!null ''", ["1", 5, 1.0, True, None]),
        ("a: !!map {b: !!seq [1]}\nc: ! 5\nd: !", {"a": {"b": [1]}, "c": "5", "d": ""}),
        ("- |\n  #!/bin/sh\n  \techo x\n\n  exit\n- >-\n  one\n  two\n", ["#!/bin/sh\n\techo x\n\nexit\n", "one two"]),
        ("a: |\r\n  x\r\n  y\r\n", {"a": "x\ny\n"}),
        ("%YAML 1.1\n---\na: 1\n...\n", {"a": 1}),
        ("a: x # not x#y\nb: x#y", {"a": "x", "b": "x#y"}),
        ("a: http://x:80/y?z={{ w }}", {"a": "http://x:80/y?z={{ w }}"}),
        ("a: '{{ b }}'", {"a": "{{ b }}"}),
        ("- a: 1\n  b: 2\n-\n- [x, {y: z}]", [{"a": 1, "b": 2}, None, ["x", {"y": "z"}]]),
        ("? a\n: b\n? c", {"a": "b", "c": None}),
        ("a: " + "x y " * 10_000, {"a": ("x y " * 10_000).strip()}),
        ('{"a": [1, null, true, 1.5, "x", {}, []]}', {"a": [1, None, True, 1.5, "x", {}, []]}),
        ('[1e3, 1E-2, -0, "1e3", "No", {"<<": 1}]', [1000.0, 0.01, 0, "1e3", "No", {"<<": 1}]),
        ('{\n\t"a":\t1\n}', {"a": 1}),
        ('\ufeff{\t"a"\n\n:\t1 }\r\n', {"a": 1}),
        ('{"' + "k" * 2000 + '": 1}', {"k" * 2000: 1}),
        ('[{"a": "\\u00e9\\/\\n\u2028\x7f"}]', [{"a": "é/\n\u2028\x7f"}]),
        ('{"a": "\\ud83d\\ude00", "b": "😀"}', {"a": "😀", "b": "😀"}),
        ('{"a": "\\ud83d"}', {"a": "\ufffd"}),
        ('{"\\ud83d": 1}', {"\ufffd": 1}),
        ('a: "\\ud83d\\ude00"\n"\\ud83d": "\\ude00"', {"a": "😀", "\ufffd": "\ufffd"}),
        ("{\n\t'a': b, # flow style\n\t\tc: [d,\te],\n}", {"a": "b", "c": ["d", "e"]}),
        ('{"a": "two\n\tlines",}', {"a": "two lines"}),
        ("a: x\ufeffy", {"a": "x\ufeffy"}),
    ],
)
def test_values(text: str, value: object) -> None:
    assert json.dumps(value_of(text)) == json.dumps(value), "1, 1.0 and true are equal in Python"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("a: &x k\n*x : v", {"a": "k", "k": "v"}),
        ("&x a: 1\nb: *x", {"a": 1, "b": "a"}),
        ("a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
        ("- &x {b: 1}\n- &y {b: 2, d: 3}\n- {<<: [*x, *y]}", [{"b": 1}, {"b": 2, "d": 3}, {"b": 1, "d": 3}]),
        ("<<: {a: 1}\nb: 2\n<<: {a: 3, c: 4}", {"a": 1, "b": 2, "c": 4}),
        ("'<<': {a: 1}", {"<<": {"a": 1}}),
    ],
)
def test_aliases_and_merge_keys(text: str, value: object) -> None:
    assert value_of(text) == value


def test_what_an_alias_brings_stands_where_it_is_written() -> None:
    document = loaded("a: &x\n  b: [1, 2]\nc: *x\nd:\n  <<: *x\n  e: 3\n")
    assert document.marks[("c",)] == Mark(3, 1)
    assert document.marks[("c", "b")] == document.marks[("d", "b")] == Mark(2, 3)
    assert document.marks[("c", "b", 1)] == document.marks[("d", "b", 1)] == Mark(2, 10)
    copy = document.value["c"]
    copy["b"].append(3)
    assert document.value["a"] == {"b": [1, 2]}, "a copy, not the same list"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("InvalidYaml", 0, 0)),
        ("---\n# nothing", ("InvalidYaml", 0, 0)),
        ("~", ("InvalidYaml", 0, 0)),
        ("a: 1\na: 2", ("DuplicateKey", 2, 1)),
        ("a: {b: 1, b: 2}", ("DuplicateKey", 1, 11)),
        ('{"a": {"b": 1,\n "b": {"c": {"d": 1, "d": 2}}}}', ("DuplicateKey", 2, 2)),
        ("a: [1, 2", ("InvalidYaml", 1, 9)),
        ("a: b: c", ("InvalidYaml", 1, 5)),
        ("x: 1\n---\ny: 2", ("InvalidYaml", 2, 1)),
        ("a: *nobody", ("InvalidYaml", 1, 4)),
        ("a: &a [*a]", ("InvalidYaml", 1, 8)),
        ("a: &a {b: *a}", ("InvalidYaml", 1, 11)),
        ("a: ok\nb: x\x07y", ("InvalidYaml", 2, 5)),
        ("\ufeffa: x\x07y", ("InvalidYaml", 1, 5)),
        ('{"a": "x\ny\x00"}', ("InvalidYaml", 1, 9)),
        ("\ud800", ("InvalidYaml", 1, 1)),
        ('a: "\\U00110000"', ("InvalidYaml", 0, 0)),
        ("? [a]\n: 1", ("InvalidKey", 1, 3)),
        ("? {a: b}\n: {c: d, c: e}", ("InvalidKey", 1, 3)),
        ("a: &x [1]\n*x : 2", ("InvalidKey", 2, 1)),
        ("<<: 5", ("InvalidKey", 1, 5)),
        ("a: &a 1\n<<: [*a]", ("InvalidKey", 2, 5)),
        ("a: !!python/object:os.system x", ("UnknownTag", 1, 4)),
        ("a: !Ref x", ("UnknownTag", 1, 4)),
        ("a: !Ref [x]", ("UnknownTag", 1, 4)),
        ("!Ref a: x", ("UnknownTag", 1, 1)),
        ("a: !!set {x}", ("UnknownTag", 1, 4)),
        ("a: !!omap [x: 1]", ("UnknownTag", 1, 4)),
        ("a: !!binary aGk=", ("UnknownTag", 1, 4)),
        ("a: !!timestamp 2026-01-31", ("UnknownTag", 1, 4)),
        ("a: .nan", ("InvalidYaml", 1, 4)),
        ("a: -.inf", ("InvalidYaml", 1, 4)),
        ("a: 1.0e+999", ("InvalidYaml", 1, 4)),
        ('{"a": 1e999}', ("InvalidYaml", 1, 7)),
        ("a: 1" + "0" * 400, ("InvalidYaml", 1, 4)),
        ('{"a": 1' + "0" * 400 + "}", ("InvalidYaml", 1, 7)),
        ('{"a": 1' + "0" * 5000 + "}", ("InvalidYaml", 1, 7)),
        ("a: 0x" + "f" * 5000, ("InvalidYaml", 1, 4)),
        ("a: 9" + "9" * 5000, ("InvalidYaml", 1, 4)),
        ("a: 9" + ":59" * 5000, ("InvalidYaml", 1, 4)),
        ("a: 9" + ":59" * 5000 + ".5", ("InvalidYaml", 1, 4)),
        ("a: !!bool maybe", ("InvalidYaml", 1, 4)),
        ("a: !!int ''", ("InvalidYaml", 1, 4)),
        ("a: !!float x", ("InvalidYaml", 1, 4)),
        ("[" * 51 + "]" * 51, ("TooDeep", 1, 51)),
        ("[" * 60_000, ("TooDeep", 1, 51)),
        ('{"a":' * 60, ("TooDeep", 1, 251)),
        ("- " * 60 + "x", ("TooDeep", 1, 101)),
        ("[" + "1," * 25_000 + "]", ("TooManyNodes", 1, 40_000)),
        ("- 1\n" * 16_000 + "a", ("InvalidYaml", 16_001, 1)),
    ],
)
def test_what_is_refused_is_refused_at_its_place(text: str, expected: tuple[str, int, int]) -> None:
    assert problem_of(text) == expected


def test_the_deepest_value_and_an_alias_of_it() -> None:
    deepest = "[" * MAX_DEPTH + "1" + "]" * MAX_DEPTH
    assert loaded(deepest).marks[(0,) * MAX_DEPTH] == Mark(1, MAX_DEPTH + 1)
    inner = "[" * (MAX_DEPTH - 2) + "1" + "]" * (MAX_DEPTH - 2)
    assert load(f"- &a {inner}\n- [*a]")[0] is not None
    assert problem_of(f"- &a {inner}\n- [[*a]]") == ("TooDeep", 2, 5)
    assert problem_of(f"- &a {inner}\n- [{{<<: {{k: *a}}}}]") == ("TooDeep", 2, 13)


def test_aliases_that_multiply_are_counted_as_often_as_they_are_used() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert problem_of("\n".join(lines)) == ("TooManyNodes", 5, 10)


def test_merge_keys_that_multiply_are_counted_too() -> None:
    lines = ["a0: &a0 {" + ", ".join(f"k{n}: [x, x, x, x, x, x, x, x, x]" for n in range(10)) + "}"]
    lines += [f"a{n}: &a{n} {{" + ", ".join(f"k{m}: {{<<: *a{n - 1}}}" for m in range(10)) + "}" for n in range(1, 30)]
    assert problem_of("\n".join(lines))[0] == "TooManyNodes"


def test_every_fault_of_values_and_keys_is_reported() -> None:
    _, problems = load("a: 1\na: !x 2\nb: {c: 1, c: 2}\nd: .nan\n[e]: [f, {g: 1, g: 2}]\n")
    assert [(problem.id, problem.line) for problem in problems] == [
        ("DuplicateKey", 2),
        ("UnknownTag", 2),
        ("DuplicateKey", 3),
        ("InvalidYaml", 4),
        ("InvalidKey", 5),
        ("DuplicateKey", 5),
    ]


def test_faults_without_end_are_not_collected_without_end() -> None:
    _, problems = load("- {{ x }}\n" * 5_000)
    assert len(problems) == 201
    assert (problems[-1].id, problems[-1].line) == ("TooManyProblems", 201)
    _, problems = load("a: !x 1\nb: " + "[" * 60)
    assert [problem.id for problem in problems] == ["UnknownTag", "TooDeep"]


def test_the_largest_template_is_64_kilobytes_of_utf8_unless_the_caller_says_otherwise() -> None:
    assert load("a: " + "x" * (MAX_BYTES - 3))[0] is not None
    assert problem_of("a: " + "x" * (MAX_BYTES - 2))[0] == "TemplateTooLarge"
    assert problem_of("a: " + "界" * (MAX_BYTES // 3))[0] == "TemplateTooLarge", "bytes count, not characters"
    large = "a: " + "x" * (2 * MAX_BYTES)
    assert load(large, max_bytes=len(large))[0] is not None
    _, (problem,) = load("a: 12345", max_bytes=7)
    assert problem.message == "the template has 8 bytes, at most 7"
    assert "CABOOSE_MAX_TEMPLATE_BYTES" in problem.hint
