"""Soft conversion: what templates and people write becomes what the parameter's type says, and nothing is guessed."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caboose.oos.parameters import TYPES, ConversionError, convert


@pytest.mark.parametrize(
    ("type_name", "value", "converted"),
    [
        ("String", "x", "x"),
        ("String", 5, "5"),
        ("String", 1.5, "1.5"),
        ("String", True, "true"),
        ("String", False, "false"),
        ("Number", 5, 5),
        ("Number", 5.0, 5.0),
        ("Number", "30", 30),
        ("Number", " 30 ", 30),
        ("Number", "007", 7),
        ("Number", "+5", 5),
        ("Number", "-0", 0),
        ("Number", "1e3", 1000),
        ("Number", "1E-2", 0.01),
        ("Number", "2.0", 2),
        ("Number", ".5", 0.5),
        ("Number", "5.", 5),
        ("Number", " -1.5e2 ", -150),
        ("Number", "1e300", 1e300),
        ("Boolean", True, True),
        ("Boolean", "FALSE", False),
        ("Boolean", "True", True),
        ("Boolean", " true\n", True),
        ("List", ["a", 1], ["a", 1]),
        ("List", '["a", null]', ["a", None]),
        ("List", "InService", ["InService"]),
        ("List", "", [""]),
        ("List", '{"a": 1}', ['{"a": 1}']),
        ("List", "a,b", ["a,b"]),
        ("List", 5, [5]),
        ("List", False, [False]),
        ("Json", {"a": 1}, {"a": 1}),
        ("Json", [1], [1]),
        ("Json", ' {"Type": "All"} ', {"Type": "All"}),
        ("Json", "[]", []),
    ],
)
def test_conversions(type_name: str, value: Any, converted: Any) -> None:
    assert convert(type_name, value) == converted
    assert type(convert(type_name, value)) is type(converted)


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("String", []),
        ("String", {}),
        ("String", None),
        ("Number", "five"),
        ("Number", ""),
        ("Number", True),
        ("Number", "true"),
        ("Number", None),
        ("Number", [1]),
        ("Number", "[1]"),
        ("Number", "NaN"),
        ("Number", "Infinity"),
        ("Number", "0x10"),
        ("Number", "1_000"),
        ("Number", "1,5"),
        ("Number", "٣"),
        ("Number", "."),
        ("Number", "1e999"),
        ("Number", float("inf")),
        ("Number", float("nan")),
        ("Number", 10**400),
        ("Number", "9" * 400),
        ("Number", "9" * 5000),
        ("Number", "[" * 100_000),
        ("Boolean", "yes"),
        ("Boolean", ""),
        ("Boolean", 1),
        ("Boolean", None),
        ("Boolean", []),
        ("List", {"a": 1}),
        ("List", None),
        ("Json", "x"),
        ("Json", ""),
        ("Json", "5"),
        ("Json", '{"a": NaN}'),
        ("Json", "[" * 100_000),
        ("Json", None),
        ("Json", True),
    ],
)
def test_no_conversion(type_name: str, value: Any) -> None:
    with pytest.raises(ConversionError, match="expected"):
        convert(type_name, value)


TEXTS = (
    st.text(max_size=8) | st.integers().map(str) | st.floats().map(str) | st.sampled_from(["[1, {}]", "TRUE", "1e2"])
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS, lambda child: st.lists(child, max_size=3)
)


@settings(deadline=None)
@given(st.sampled_from(TYPES), VALUES)
def test_converting_twice_changes_nothing(type_name: str, value: Any) -> None:
    try:
        once = convert(type_name, value)
    except ConversionError:
        return
    twice = convert(type_name, once)
    assert repr(twice) == repr(once)
