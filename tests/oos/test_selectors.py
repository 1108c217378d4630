"""Selectors: plain paths with jq's treatment of nulls; everything else is refused, never guessed at."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caboose.oos.plan import OutputSpec
from caboose.oos.selectors import SelectorError, parse, select, select_all, walk

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
        ('"Total Count"', [2]),
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
def test_programs_are_refused(selector: str) -> None:
    with pytest.raises(SelectorError):
        parse(selector)


@pytest.mark.filterwarnings("ignore:deprecated string literal syntax")
@given(st.text(alphabet="ab.[]0-'\"`*@&|(){}!?:, \\1", max_size=60))
def test_no_text_makes_parsing_fail_in_another_way(selector: str) -> None:
    try:
        steps = parse(selector)
    except SelectorError:
        return
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
def test_selected_by_type(type_name: str, selector: str, value: Any, selected: Any) -> None:
    assert select(OutputSpec(type_name, selector), value) == selected


def test_a_selector_that_does_not_fit_is_named() -> None:
    assert select_all({"x": OutputSpec("String", "a")}, {"a": 1}) == {"x": 1}
    with pytest.raises(SelectorError, match=r"Outputs\.ids: selector 'a\[\]': cannot iterate over null"):
        select_all({"ids": OutputSpec("List", "a[]")}, {})


def test_an_output_is_a_hundred_levels_deep_at_most() -> None:
    deep: Any = "x"
    for _ in range(101):
        deep = [deep]
    with pytest.raises(SelectorError, match="nested more than 100 levels"):
        select_all({"o": OutputSpec("Json", "a")}, {"a": deep})
