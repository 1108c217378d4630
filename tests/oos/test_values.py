"""Values: their text form, their size, their depth, and what JSON doesn't know."""

from typing import Any

import pytest

from caboose.oos.values import (
    MAX_VALUE_BYTES,
    EvaluationError,
    Room,
    compact_json,
    depth_of,
    json_fault,
    json_size,
    place_of,
    same_json,
    shape_fault,
    shape_of,
)


def nested(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


def test_depth_is_counted_without_recursion_and_not_beyond_its_limit() -> None:
    assert depth_of("x") == 1
    assert depth_of({"a": [{}]}) == 3
    assert depth_of(nested(100_000)) == 101


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"a": [1, "x", None, 1.5, "😀"]}, ""),
        (nested(99), ""),
        (nested(100), "more than 100 levels"),
        ([0] * 249_999, ""),
        ([[0] * 125_000, {"a": [0] * 125_000}], "more than 250000 parts"),
        (float("nan"), "number"),
        ([float("inf")], "number"),
        ([10**5000], "number"),
        ("\ud83d", "half a character"),
        ({"\ud83d": 1}, "half a character"),
        ({"a": {1, 2}}, "it is not JSON"),
        (b"x", "it is not JSON"),
    ],
)
def test_what_json_does_not_know(value: Any, fault: str) -> None:
    found = json_fault(value)
    assert fault in found
    assert bool(fault) == bool(found)


def test_the_parts_are_those_of_all_levels() -> None:
    assert shape_of({"a": [1, {"b": 2}]}) == (5, "")
    assert shape_of("x") == (1, "")
    assert shape_fault(["x"]) == ""


def test_a_hundred_thousand_ids_are_a_value() -> None:
    ids = [f"i-bp{number:018}" for number in range(100_000)]
    assert json_fault(ids) == ""
    assert json_size(ids) < MAX_VALUE_BYTES


def test_text_is_compact_and_its_size_is_that_of_escaped_json() -> None:
    assert compact_json({"a": ["界", 1]}) == '{"a":["界",1]}'
    assert json_size("界") == len('"\\u754c"')


def test_the_same_as_json() -> None:
    assert same_json({"a": [1]}, {"a": [1]})
    assert not same_json([True], [1])


def test_room_is_used_up_and_says_how_much_there_was() -> None:
    room = Room(100)
    room.spend(100)
    with pytest.raises(EvaluationError, match="more than 100 bytes"):
        room.spend(1)


def test_a_place_is_written_as_people_do() -> None:
    assert place_of(["Tasks", 0, "Properties", "a"]) == "Tasks[0].Properties.a"
    assert place_of([0, "a"]) == "[0].a"


def test_an_error_tells_its_place_once_it_has_one() -> None:
    error = EvaluationError("FunctionError", "no")
    assert str(error) == "no"
    error.path += [1, "Fn::Join"]
    assert str(error) == "Fn::Join[1]: no"
