"""From an argument as a template has it to a call: forms, places and messages."""

from typing import Any

import pytest

from caboose.oos.functions import FUNCTIONS, FunctionError, argument_faults, call_function
from caboose.oos.values import EvaluationError, place_of
from tests.oos.functions.evaluating import evaluator


def faults(name: str, argument: Any) -> list[str]:
    return [f"{place_of(path)}: {message}" for path, message in argument_faults(FUNCTIONS[name], argument)]


def test_every_place_is_told() -> None:
    assert faults("Fn::Join", [[], 5]) == [
        "[0]: delimiter: expected a string, got []",
        "[1]: values: expected a list, got 5",
    ]


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("Fn::Join", "{{ both }}"),
        ("Fn::Join", {"Fn::Select": [0, "{{ x }}"]}),
        ("Fn::Join", {"fn::select": [0, "{{ x }}"]}),
        ("Fn::Join", ["{{ a }}", "{{ b }}"]),
        ("Fn::Join", [",", {"Fn::Split": ["/", "{{ b }}"]}]),
        ("Fn::Jq", ["{{ mode }}", "{{ program }}", None]),
        ("Fn::Escape", ["a", "{{ shell }}"]),
        ("Fn::Union", ["{{ a }}", [1]]),
        ("Fn::Union", "{{ a }}"),
        ("Fn::If", [{"Fn::Not": False}, 1, 2]),
        ("Fn::If", ["SomeCondition", 1, 2]),
        ("Fn::Not", ["{{ a }}"]),
        ("Fn::Base64Decode", "{{ a }}{{ b }}"),
        ("Fn::ConvertMapToList", ["{{ a }}", "{{ b }}"]),
        ("Fn::Eval", "1 / {{ zero }}"),
        ("Fn::Join", '[",", ["a"]]'),
    ],
)
def test_what_may_be_right_has_no_fault(name: str, argument: Any) -> None:
    assert faults(name, argument) == []


def test_json_text_is_checked_as_what_it_says() -> None:
    assert faults("Fn::Join", '["a"]') == [": expected a list of 2 (delimiter, values), got 1"]
    assert faults("Fn::Join", "[") == [': expected a list of 2 (delimiter, values), got "["']


def test_braces_that_are_no_reference_are_text() -> None:
    assert faults("Fn::Eval", "{{ 1") == [": the expression has '{'; it has numbers, + - * / // % ** and ( )"]


def test_a_part_that_is_open_leaves_the_rest_to_be_checked() -> None:
    assert faults("Fn::Select", ["{{ key }}", {"a": ["{{ b }}"]}]) == []
    assert faults("Fn::Join", ["{{ a }}", 5]) == ["[1]: values: expected a list, got 5"]
    assert faults("Fn::MergeMap", [{"a": {"Fn::First": [1]}}, 5]) == ["[1]: map: expected a map, got 5"]


def test_values_are_shown_shortened() -> None:
    (fault,) = faults("Fn::Join", [",", "x" * 500])
    assert fault.startswith('[1]: values: expected a list, got "xxx')
    assert fault.endswith("…")
    assert len(fault) < 120


@pytest.mark.parametrize(
    ("argument", "given", "path"),
    [
        ({"Fn::Join": [",", ["a", {"Fn::Eval": "{{ x }}"}]]}, "+", "Fn::Join[1][1]"),
        ({"Fn::If": [True, {"a": {"Fn::Eval": "{{ x }}"}}, 1]}, "+", "Fn::If[1].a"),
        ({"Fn::If": [{"Fn::Equals": [1, {"Fn::Eval": "{{ x }}"}]}, 0, 1]}, "+", "Fn::If[0].Fn::Equals[1]"),
        ({"Fn::Not": [{"Fn::Equals": [1, {"Fn::Eval": "{{ x }}"}]}]}, "+", "Fn::Not[0].Fn::Equals[1]"),
        ({"Fn::Or": [False, "{{ x }}"]}, "maybe", "Fn::Or[1]"),
    ],
)
async def test_an_error_has_the_place_where_it_arose(argument: Any, given: Any, path: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        await evaluator({"x": given}).evaluate(argument)
    assert place_of(reversed(caught.value.path)) == path


async def test_a_function_is_called_with_its_argument_as_written() -> None:
    assert await call_function(FUNCTIONS["Fn::Join"], [",", "{{ l }}"], evaluator({"l": [1, 2]})) == "1,2"
    with pytest.raises(FunctionError, match="expected a list of 2"):
        await call_function(FUNCTIONS["Fn::Join"], "{{ l }}", evaluator({"l": 5}))


async def test_the_arguments_may_come_as_json_text() -> None:
    found = evaluator({"l": '[",", ["a", "b"]]', "m": "[[1], [2]]"})
    assert await found.evaluate({"Fn::Join": "{{ l }}"}) == "a,b"
    assert await found.evaluate({"Fn::Union": "{{ m }}"}) == [1, 2]


async def test_what_a_reference_brings_is_never_evaluated() -> None:
    sly = {"Fn::Base64Decode": "aGVsbG8="}
    given = {"x": ["{{ secret }}", sly], "secret": "s"}
    assert await evaluator(given).evaluate({"Fn::Union": ["{{ x }}", []]}) == ["{{ secret }}", sly]
    choice = {"choice": [True, "{{ secret }}", sly], "secret": "s"}
    assert await evaluator(choice).evaluate({"Fn::If": "{{ choice }}"}) == "{{ secret }}"
    either = {"any": ["{{ yes }}"], "yes": True}
    with pytest.raises(EvaluationError, match="a condition is true or false"):
        await evaluator(either).evaluate({"Fn::Or": "{{ any }}"})


async def test_a_condition_that_a_list_of_data_names_is_not_looked_up() -> None:
    with pytest.raises(EvaluationError, match="a condition is true or false"):
        await evaluator({"any": ["Always"]}, Always=True).evaluate({"Fn::Or": "{{ any }}"})
    assert await evaluator(Always=True).evaluate({"Fn::Or": ["Always"]}) is True
