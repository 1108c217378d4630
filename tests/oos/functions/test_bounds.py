"""A short call can ask for much; each is refused before it is made."""

import json
from typing import Any

import pytest

from caboose.oos.functions import FUNCTIONS, FunctionError
from caboose.oos.functions.reading import MAX_TEXT

LONG = "x" * 1_000
LARGE = "x" * MAX_TEXT


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("Fn::Base64Encode", [LARGE]),
        ("Fn::Join", [LARGE, ["a", "b", "c"]]),
        ("Fn::Join", ["", [LONG] * (MAX_TEXT // 1_000 + 1)]),
        ("Fn::Replace", [{"x": LONG}, "x" * (MAX_TEXT // 1_000 + 1)]),
        ("Fn::Sub", ["${a}" * (MAX_TEXT // 1_000 + 1), {"a": LONG}]),
        ("Fn::Escape", ['"' * (MAX_TEXT // 2 + 1), "powershell"]),
        ("Fn::MergeMapToList", [{"a": list(range(MAX_TEXT // 1_000 + 1))}, {"b": [LONG]}]),
        ("Fn::MergeMapToList", [{"a": list(range(MAX_TEXT // 1_000 + 1)), "k" * 1_000: [1]}]),
        ("Fn::FormatUTCTime", ["2026-01-31", "%A" * (MAX_TEXT // 8 + 1)]),
    ],
)
def test_too_large(name: str, arguments: list[Any]) -> None:
    with pytest.raises(FunctionError, match="would have more than 4000000 characters"):
        FUNCTIONS[name].call(*arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("Fn::Base64Encode", [LARGE[: MAX_TEXT // 4 * 3]]),
        ("Fn::Join", ["", [LONG] * (MAX_TEXT // 1_000)]),
        ("Fn::Replace", [{"x": "y" * 999}, LONG]),
        ("Fn::Replace", [{"x" * 100: ""}, LARGE]),
        ("Fn::Sub", ["${a}" * (MAX_TEXT // 1_000), {"a": LONG}]),
    ],
)
def test_as_large_as_may_be(name: str, arguments: list[Any]) -> None:
    assert len(FUNCTIONS[name].call(*arguments)) <= MAX_TEXT


def test_too_long() -> None:
    with pytest.raises(FunctionError, match="100 replacements in 4000000 characters would take too long"):
        FUNCTIONS["Fn::Replace"].call({f"<{number}>": "" for number in range(100)}, LARGE)
    for name, arguments in (("Fn::Replace", [{"x": ""}, LARGE]), ("Fn::Sub", ["${}" * 500_001, {}])):
        with pytest.raises(FunctionError, match="more than 500000 replacements would take too long"):
            FUNCTIONS[name].call(*arguments)
    for name in ("Fn::Union", "Fn::Intersection", "Fn::Difference"):
        with pytest.raises(FunctionError, match="more than 300000 elements together"):
            FUNCTIONS[name].call([1] * 150_001, [2] * 150_000)
    with pytest.raises(FunctionError, match="the expression has 1001 characters, at most 1000"):
        FUNCTIONS["Fn::Eval"].call("1" + "+" * 1_000)


def test_text_that_nests_too_deeply_is_no_json() -> None:
    for depth in (101, 100_000):
        deep = "[" * depth + "]" * depth
        with pytest.raises(FunctionError, match="list: expected a list"):
            FUNCTIONS["Fn::First"].call(deep)
    assert FUNCTIONS["Fn::First"].call("[" * 50 + "]" * 50) == json.loads("[" * 49 + "]" * 49)


def test_text_with_half_a_character_is_no_json() -> None:
    with pytest.raises(FunctionError, match="list: expected a list"):
        FUNCTIONS["Fn::First"].call('["\\ud800"]')


def test_numbers_beyond_json_are_no_json() -> None:
    for text in ("[NaN]", "[Infinity]", "[1e999]", "[" + "9" * 5_000 + "]"):
        with pytest.raises(FunctionError, match="list: expected a list"):
            FUNCTIONS["Fn::First"].call(text)


def test_half_a_character_is_encoded_as_a_question_mark() -> None:
    assert FUNCTIONS["Fn::Base64Encode"].call("\ud800") == "Pw=="
