"""Every function is declared so that its checks, its call and its page can be made from the declaration."""

import re
from pathlib import Path

import pytest

import caboose.oos.functions as package
from caboose.oos import kinds
from caboose.oos.functions import FIXED, FUNCTIONS, MANY, VALUE, Argument, Function, argument_faults
from caboose.oos.values import same_json
from tests.oos.functions.evaluating import evaluator

EACH = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=list(FUNCTIONS))
KINDS = [kinds.TEXT, kinds.NUMBER, kinds.FLAG, kinds.LIST, kinds.MAP, kinds.CONDITION, kinds.ANY]
REFERENCE = """
    Base64Encode Base64Decode Join Split Select Replace Min Max First Last ListJoin Equals If Not And Or AddHour
    FormatUTCTime Eval CalculateTimeByOpsWindow DurationBetween Intersection Union Difference Jq MergeMapToList MergeMap
    MapJoin IsIpInCIDR Sub Escape ConvertMapToList
    MergeList CalculateBatch RangeSelect ContainsSubString FindMatchedPackage Sum AddSecond
"""


def test_all_functions_of_the_reference_are_there() -> None:
    assert {f"Fn::{name}" for name in REFERENCE.split()} <= FUNCTIONS.keys()


def test_functions_stand_in_order_of_name() -> None:
    assert list(FUNCTIONS) == sorted(FUNCTIONS)


def test_each_function_is_a_file_and_a_line() -> None:
    folder = Path(package.__file__).parent
    declaring = [path.stem for path in folder.glob("*.py") if " = Function(" in path.read_text("utf-8")]
    assert len(declaring) == len(FUNCTIONS)
    for function in FUNCTIONS.values():
        assert function.call.__module__.removeprefix("caboose.oos.functions.").rstrip("_") == snake(function.name)


def snake(name: str) -> str:
    """``base64_encode`` for ``Fn::Base64Encode``."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", name.removeprefix("Fn::"))
    return "_".join(word.lower() for word in words)


@EACH
async def test_the_example_is_true(function: Function) -> None:
    argument, result = function.example
    if function.name == "Fn::Jq":
        return  # a program: the compliance cases run it
    assert same_json(await evaluator().evaluate({function.name: argument}), result)


@EACH
def test_the_example_has_no_fault(function: Function) -> None:
    assert list(argument_faults(function, function.example[0])) == []


@EACH
def test_the_text_says_what_it_does_and_where_that_is_from(function: Function) -> None:
    text = function.call.__doc__ or ""
    assert "\n    Source: " in text
    assert ("Source: undocumented" in text) == function.undocumented
    assert function.result in KINDS
    assert all(argument.kind in KINDS for argument in function.arguments)


def test_the_syntax() -> None:
    assert FUNCTIONS["Fn::Join"].syntax == "Fn::Join: [delimiter, values]"
    assert FUNCTIONS["Fn::Not"].syntax == "Fn::Not: condition"
    assert FUNCTIONS["Fn::Union"].syntax == "Fn::Union: [list, …]"


def test_an_optional_argument() -> None:
    one, two = Argument("one", kinds.TEXT), Argument("two", kinds.NUMBER, optional=True)
    function = Function("Fn::X", lambda one, two=0: one, (one, two), FIXED, kinds.TEXT, example=(["a"], "a"))
    assert function.syntax == "Fn::X: [one, two?]"
    assert function.counts == (1, 2)
    assert list(argument_faults(function, ["a"])) == []
    assert list(argument_faults(function, ["a", 1])) == []
    assert list(argument_faults(function, [])) == [((), "expected a list of 1 to 2 (one, two), got 0")]


def test_forms() -> None:
    for function in FUNCTIONS.values():
        assert function.form in (FIXED, VALUE, MANY)
        assert function.form == FIXED or len(function.arguments) == 1
