"""Selectors: plain paths are walked with jq's treatment of nulls, everything else goes through the port."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caboose.oos.plan import OutputSpec
from caboose.oos.selectors import SelectorError, is_plain, parse, results_of, select, select_all, walk
from tests.oos.engines import NoEngine, Scripted

ANSWER = {
    "Instances": {
        "Instance": [
            {"InstanceId": "i-1", "Tags": {"Tag": [{"TagKey": "a"}, {"TagKey": "b"}]}, "Name": None},
            {"InstanceId": "i-2", "Tags": {"Tag": []}},
        ]
    },
    "Total Count": 2,
    "keys": ["k"],
}


@pytest.mark.parametrize(
    ("selector", "results"),
    [
        ("Instances.Instance[].InstanceId", ["i-1", "i-2"]),
        (".Instances.Instance[].InstanceId", ["i-1", "i-2"]),
        (" .Instances.Instance[1].InstanceId ", ["i-2"]),
        ("Instances.Instance[-1].InstanceId", ["i-2"]),
        ("Instances.Instance[7].InstanceId", [None]),
        ("Instances.Instance[-3]", [None]),
        ("Instances.Instance[].Name", [None, None]),
        ("Instances.Instance[].Tags.Tag[].TagKey", ["a", "b"]),
        ("Nobody.Here.At[3].All", [None]),
        ('."Total Count"', [2]),
        ('Instances."Instance"[0].InstanceId', ["i-1"]),
        (".keys", [["k"]]),
        (".keys[]", ["k"]),
        (".", [ANSWER]),
        ("", [ANSWER]),
        (".[]", list(ANSWER.values())),
    ],
)
def test_walked(selector: str, results: list[Any]) -> None:
    assert walk(parse(selector), ANSWER) == results


@pytest.mark.parametrize(
    ("selector", "value", "message"),
    [
        ("a[]", {}, "cannot iterate over null"),
        ("a[]", {"a": "text"}, "cannot iterate over a string"),
        ("a[]", {"a": 1}, "cannot iterate over a number"),
        ("a.b", {"a": []}, "cannot take 'b' of a list"),
        ("a.b", {"a": True}, "cannot take 'b' of a boolean"),
        ("a[0]", {"a": {}}, "cannot take element 0 of an object"),
    ],
)
def test_where_jq_fails_so_does_this(selector: str, value: Any, message: str) -> None:
    with pytest.raises(SelectorError, match=message):
        walk(parse(selector), value)


def test_elements_of_elements() -> None:
    assert walk(parse(".[][]"), [[1, 2], [], [None]]) == [1, 2, None]
    assert walk(parse("a[][].b"), {"a": [[{"b": 1}], [{"b": 2}]]}) == [1, 2]
    assert walk(parse(".[0]"), [5]) == [5]


def test_too_many_results_are_refused() -> None:
    row: list[Any] = [0] * 1_001
    with pytest.raises(SelectorError, match="more than 1000000 results"):
        walk(parse(".[][]"), [row] * 1_000)


@pytest.mark.parametrize(
    "selector",
    [
        "length",
        "keys[]",
        "env.PATH",
        "$ENV.PATH",
        "env",
        "input",
        "now",
        "halt",
        "null",
        "true",
        "first.a",
        '"a"',
        '"a".b',
        "[0]",
        "[0].a",
        "[]",
        "a|b",
        "a | length",
        "a[] | select(.x == 1)",
        "a[?x=='1'].b",
        "a[*].b",
        "a.*",
        "a[0:1]",
        "a[]?",
        "a || b",
        "a && b",
        "!a",
        "a == b",
        "[a, b]",
        "{a: b}",
        "a.{b: c}",
        "length(a)",
        "`1`",
        "'x'",
        "@",
        "&a",
        "a..b",
        "..",
        "a.",
        "a[",
        "a-b",
        "{{ x }}",
        'import "x" as x; .a',
        "(" * 900,
        "!" * 900,
        "a" * 1_001,
    ],
)
def test_programs_are_no_paths(selector: str) -> None:
    assert not is_plain(selector)
    with pytest.raises(SelectorError, match="is not a plain path such as"):
        parse(selector)


@pytest.mark.parametrize("selector", ["map", "select", "if.then", "ascii", "Length", "_env", "length1", ".length"])
def test_what_jq_knows_only_with_arguments_or_not_at_all_is_a_member(selector: str) -> None:
    assert is_plain(selector)


@pytest.mark.filterwarnings("ignore:deprecated string literal syntax")
@given(st.text(alphabet="ab.[]0-'\"`*@&|(){}!?:, \\1", max_size=60))
def test_no_text_makes_parsing_fail_in_another_way(selector: str) -> None:
    if not is_plain(selector):
        return
    steps = parse(selector)
    assert all(step.name is None or step.index is None for step in steps)


@pytest.mark.parametrize(
    ("type_name", "selector", "value", "selected"),
    [
        ("List", "a[]", {"a": [1, None]}, [1, None]),
        ("List", "a", {"a": [1]}, [[1]]),
        ("List", "a", {}, [None]),
        ("List", "a[]", {"a": []}, []),
        ("String", "a[]", {"a": [1, 2]}, 1),
        ("String", "a[]", {"a": []}, None),
        ("String", "a", {"a": 5}, 5),
        ("Number", "a", {"a": "5"}, "5"),
        ("Json", ".", {"a": 1}, {"a": 1}),
    ],
)
async def test_selected_by_type(type_name: str, selector: str, value: Any, selected: Any) -> None:
    assert await select(OutputSpec(type_name, selector), value, NoEngine()) == selected


@pytest.mark.parametrize(
    ("type_name", "results", "selected"),
    [("List", [1, None], [1, None]), ("List", [], []), ("Json", [1, 2], 1), ("String", [], None), ("", [[]], [])],
)
async def test_a_program_runs_behind_the_port(type_name: str, results: list[Any], selected: Any) -> None:
    engine = Scripted({"a | b": results})
    assert await select(OutputSpec(type_name, "a | b"), {"a": 1}, engine) == selected
    assert engine.runs == [("a | b", {"a": 1})]


async def test_a_program_has_a_length() -> None:
    with pytest.raises(SelectorError, match="the program has 20001 characters, at most 20000 are allowed"):
        await results_of("." + " " * 19_999 + "|", None, NoEngine())


async def test_a_selector_that_does_not_fit_is_named() -> None:
    assert await select_all({"x": OutputSpec("String", "a")}, {"a": 1}, NoEngine()) == {"x": 1}
    with pytest.raises(SelectorError, match=r"Outputs\.ids: selector 'a\[\]': cannot iterate over null"):
        await select_all({"ids": OutputSpec("List", "a[]")}, {}, NoEngine())
    with pytest.raises(SelectorError, match=r"Outputs\.x: selector 'a\|b': no script for 'a\|b'"):
        await select_all({"x": OutputSpec("List", "a|b")}, {}, Scripted({}))
    with pytest.raises(SelectorError, match=r"Outputs\.x: selector 5: the selector is no text"):
        await select_all({"x": OutputSpec("List", 5)}, {}, NoEngine())


async def test_an_output_is_a_hundred_levels_deep_at_most() -> None:
    deep: Any = "x"
    for _ in range(101):
        deep = [deep]
    with pytest.raises(SelectorError, match="nested more than 100 levels"):
        await select_all({"o": OutputSpec("Json", "a")}, {"a": deep}, NoEngine())
