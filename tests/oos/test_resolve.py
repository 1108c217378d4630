"""Resolving: types kept, text spliced, sizes bounded."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caboose.oos.references import Reference
from caboose.oos.resolve import (
    MAX_VALUE_BYTES,
    ResolveError,
    Room,
    compact_json,
    depth_of,
    json_fault,
    json_size,
    resolve,
)

VALUES: dict[str, Any] = {
    "text": "hello",
    "number": 3,
    "flag": True,
    "none": None,
    "list": ["a", 1, None],
    "map": {"k": "界"},
    "braces": "{{ text }}",
}


def lookup(reference: Reference) -> Any:
    return VALUES[reference.name]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ list }}", ["a", 1, None]),
        ("{{ map }}", {"k": "界"}),
        ("{{ flag }}", True),
        ("{{ none }}", None),
        ("is {{ list }}", 'is ["a",1,null]'),
        ("is {{ map }}", 'is {"k":"界"}'),
        ("{{ number }}{{ number }}", "33"),
        ("{{ text }} {{ flag }} {{ none }}.", "hello true ."),
        ("{{ braces }}", "{{ text }}"),
        ("no reference", "no reference"),
        ({"a": ["{{ number }}", {"b": "{{ text }}"}], "c": 1}, {"a": [3, {"b": "hello"}], "c": 1}),
        (None, None),
    ],
)
def test_resolved(template: Any, expected: Any) -> None:
    assert resolve(template, lookup) == expected


def test_a_value_that_is_spliced_too_often_is_refused() -> None:
    big = "x" * (MAX_VALUE_BYTES // 3)
    assert len(resolve(["{{ a }}", "{{ a }}"], lambda _: big)) == 2
    with pytest.raises(ResolveError) as refused:
        resolve(["{{ a }}", "b{{ a }}", "{{ a }}", "{{ a }}"], lambda _: big)
    assert refused.value.code == "ValueTooLarge"


def test_values_made_together_share_their_room() -> None:
    room = Room(100)
    resolve("{{ a }}", lambda _: "x" * 60, room)
    with pytest.raises(ResolveError, match="more than 100 bytes"):
        resolve("{{ a }}", lambda _: "x" * 60, room)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda child: st.lists(child, max_size=4)))
def test_a_value_that_is_one_reference_is_the_value_itself(value: Any) -> None:
    assert resolve("{{ x }}", lambda _: value) is value


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
        (float("nan"), "number"),
        ([float("inf")], "number"),
        ([10**5000], "number"),
        ("\ud83d", "half a character"),
        ({"\ud83d": 1}, "half a character"),
    ],
)
def test_what_json_does_not_know(value: Any, fault: str) -> None:
    found = json_fault(value)
    assert fault in found
    assert bool(fault) == bool(found)


def test_text_is_compact_and_its_size_is_that_of_escaped_json() -> None:
    assert compact_json({"a": ["界", 1]}) == '{"a":["界",1]}'
    assert json_size("界") == len('"\\u754c"')
