"""Whatever a function is given, it gives JSON or says what it takes; and it gives the same again."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caboose.oos.functions import FIXED, FUNCTIONS, MANY, Function, FunctionError, argument_faults
from caboose.oos.values import EvaluationError, json_fault, place_of, same_json
from tests.oos.functions.evaluating import evaluator

EACH = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=list(FUNCTIONS))

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    [
        *("", "0", "-1", "1.5", "true", "False", "null", "[]", '["a"]', "{}", '{"a": 1}', "a", ",", "First", "%Y", "%"),
        *(
            "2026-01-31T08:00:00Z",
            "2026-01-31",
            "08:30",
            "24:00",
            "9999-12-31T23:59:59-23:00",
            "10.0.0.1",
            "10.0.0.0/8",
        ),
        *("aGVsbG8=", "powershell", "${a}", "1+1", "2**9", "1/0", "linux", "InstallScript"),
    ]
)
NUMBERS = st.integers(-(10**6), 10**6) | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
KEYS = TEXTS.filter(lambda key: key[:4].lower() != "fn::")
"""A function that doesn't exist is a problem of the template, before anything runs."""
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


def arguments(function: Function) -> st.SearchStrategy[list[Any]]:
    """Arguments of the right number and of any kind."""
    if function.form == MANY:
        return st.lists(VALUES, max_size=4)
    count = len(function.arguments) if function.form == FIXED else 1
    return st.lists(VALUES, min_size=count, max_size=count)


STRICT = [function for function in FUNCTIONS.values() if not function.lazy]


@pytest.mark.parametrize("function", STRICT, ids=[function.name for function in STRICT])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_call_gives_json_or_says_why_not(function: Function, data: st.DataObject) -> None:
    given_them = data.draw(arguments(function))
    before = copy.deepcopy(given_them)
    first, second = outcome(function, given_them), outcome(function, copy.deepcopy(before))
    assert same_json(given_them, before), "a function changes nothing that it is given"
    assert same_json(first, second)


def outcome(function: Function, given_them: list[Any]) -> Any:
    try:
        result = function.call(*given_them)
    except FunctionError as error:
        assert len(str(error)) < 500
        return str(error)
    assert not json_fault(result)
    return result


@EACH
@settings(max_examples=15, deadline=None)
@given(argument=VALUES)
async def test_any_argument_at_all(function: Function, argument: Any) -> None:
    faults = list(argument_faults(function, argument))
    assert all(place_of(path) is not None and message for path, message in faults)
    try:
        result = await evaluator({"a": [1]}).evaluate({function.name: argument})
    except EvaluationError as error:
        assert error.code in ("FunctionError", "InvalidCondition", "SelectorError", "ValueTooLarge")
    else:
        assert not json_fault(result)


@EACH
@settings(max_examples=10, deadline=None)
@given(value=VALUES)
async def test_any_value_of_a_reference(function: Function, value: Any) -> None:
    assert list(argument_faults(function, "{{ a }}")) == []
    try:
        await evaluator({"a": value}).evaluate({function.name: "{{ a }}"})
    except EvaluationError as error:
        assert error.code in ("FunctionError", "InvalidCondition", "SelectorError", "ValueTooLarge")
