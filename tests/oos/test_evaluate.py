"""Evaluation: types kept, text spliced, conditions decided, sizes and depths bounded, and errors with their place.

What each function does is proven by ``tests/compliance/functions``.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caboose.oos.evaluate import MAX_WORK_BYTES, Evaluator
from caboose.oos.references import Reference
from caboose.oos.values import MAX_VALUE_BYTES, EvaluationError, Room
from tests.oos.engines import NoEngine, Scripted

GIVEN: dict[str, Any] = {
    "text": "hello",
    "number": 3,
    "flag": True,
    "none": None,
    "list": ["a", 1, None],
    "map": {"k": "界"},
    "braces": "{{ text }}",
    "call": {"Fn::Sum": [1, 2]},
}
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def evaluator(known: dict[str, Any] | None = None, engine: Scripted | None = None, **fields: Any) -> Evaluator:
    values = GIVEN if known is None else known

    def lookup(reference: Reference) -> Any:
        return values[reference.name]

    return Evaluator(lookup, engine or NoEngine(), **fields)


async def refusal(value: Any, known: dict[str, Any] | None = None, **fields: Any) -> str:
    """Code and message of the error that evaluating ends in."""
    with pytest.raises(EvaluationError) as refused:
        await evaluator(known, **fields).evaluate(value)
    return f"{refused.value.code} {refused.value}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{{ list }}", ["a", 1, None]),
        (" {{ map }}\n", {"k": "界"}),
        ("{{ flag }}", True),
        ("{{ none }}", None),
        ("is {{ list }}", 'is ["a",1,null]'),
        ("is {{ map }}", 'is {"k":"界"}'),
        ("{{ number }}{{ number }}", "33"),
        ("{{ text }} {{ flag }} {{ none }}.", "hello true ."),
        ("{{ braces }}", "{{ text }}"),
        ("{{ call }}", {"Fn::Sum": [1, 2]}),
        ("no reference", "no reference"),
        ("{{ no reference }", "{{ no reference }"),
        ({"a": ["{{ number }}", {"b": "{{ text }}"}], "c": 1}, {"a": [3, {"b": "hello"}], "c": 1}),
        ({"{{ text }}": "{{ text }}"}, {"{{ text }}": "hello"}),
        ({"a": {"Fn::Sum": ["{{ number }}", 1]}}, {"a": 4}),
        (None, None),
        (1.5, 1.5),
    ],
)
async def test_evaluated(value: Any, expected: Any) -> None:
    assert await evaluator().evaluate(value) == expected


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda child: st.lists(child, max_size=4)))
async def test_a_value_that_is_one_reference_is_the_value_itself(value: Any) -> None:
    assert await evaluator({"x": value}).evaluate("{{ x }}") is value


async def test_a_value_that_is_spliced_too_often_is_refused() -> None:
    big = {"a": "x" * (MAX_VALUE_BYTES // 3)}
    assert len(await evaluator(big).evaluate(["{{ a }}", "{{ a }}"])) == 2
    assert (await refusal(["{{ a }}", "b{{ a }}", "{{ a }}", "{{ a }}"], big)).startswith("ValueTooLarge [2]: ")


async def test_values_made_together_share_their_room() -> None:
    one = evaluator({"a": "x" * 60}, room=Room(100))
    await one.evaluate("{{ a }}")
    with pytest.raises(EvaluationError, match="more than 100 bytes"):
        await one.evaluate("{{ a }}")


async def test_a_function_may_work_on_more_than_its_result_has() -> None:
    big = {"a": "x" * 900_000}
    call = {"Fn::Select": [0, ["small", "{{ a }}", "{{ a }}"]]}
    assert await evaluator(big).evaluate(call) == "small"
    too_much = {"Fn::Select": [0, ["small", *["{{ a }}"] * (MAX_WORK_BYTES // 900_000 + 1)]]}
    assert (await refusal(too_much, big)).startswith("ValueTooLarge Fn::Select[1]")


async def test_a_function_may_work_on_so_many_parts() -> None:
    many = {"a": [1] * 200_000}
    assert await evaluator(many).evaluate({"Fn::Select": [0, ["small", "{{ a }}", "{{ a }}"]]}) == "small"
    too_many = {"Fn::Select": [0, ["small", "{{ a }}", "{{ a }}", "{{ a }}"]]}
    assert await refusal(too_many, many) == (
        "ValueTooLarge Fn::Select[1][3]: functions would work on more than 500000 parts; pass less data on"
    )


async def test_what_is_only_passed_on_is_light_work() -> None:
    counted = Counted()
    one = evaluator({"a": "x" * 798}, pace=counted)
    await one.evaluate("{{ a }}")
    assert counted.sizes == [100]
    await one.evaluate({"Fn::Join": ["", ["{{ a }}"]]})
    assert counted.sizes == [100, 800, 100]


class Counted:
    """A pace that keeps what was counted."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    async def breathe(self) -> None:
        """Never needs a rest."""

    def worked(self, size: int) -> None:
        """Keeps it."""
        self.sizes.append(size)


async def test_the_results_of_functions_take_room_too() -> None:
    call = {"Fn::Join": ["", ["{{ a }}"]]}
    assert (await refusal([call, call], {"a": "x" * (MAX_VALUE_BYTES // 2 + 1)})).startswith("ValueTooLarge [1]")


async def test_a_value_that_is_nested_too_deeply_is_refused() -> None:
    deep: Any = "x"
    for _ in range(100):
        deep = [deep]
    assert (
        await refusal({"a": "{{ deep }}"}, {"deep": deep})
        == "ValueTooLarge a: the value is nested more than 100 levels"
    )
    assert await evaluator({"deep": deep[0]}).evaluate("{{ deep }}") == deep[0]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [{"Fn::Eval": "1/0"}]}, "FunctionError a[0]: Fn::Eval: "),
        ({"Fn::Join": ["-", ["a", {"Fn::Eval": "x"}]]}, "FunctionError Fn::Join[1][1]: Fn::Eval: "),
        ({"Fn::If": [True, {"Fn::Eval": "x"}, 1]}, "FunctionError Fn::If[1]: Fn::Eval: "),
        ({"Fn::Nothing": []}, 'FunctionError there is no function "Fn::Nothing"'),
        ({"Fn::Jq": ["First", 5, {}]}, "SelectorError Fn::Jq"),
        ({"Fn::Jq": ["First", "a|b", {}]}, "SelectorError Fn::Jq: no script for 'a|b'"),
        (
            {"Fn::CalculateTimeByOpsWindow": ["22:00", "02:00"]},
            "FunctionError Fn::CalculateTimeByOpsWindow: the time isn't",
        ),
    ],
)
async def test_errors_tell_their_place(value: Any, message: str) -> None:
    assert (await refusal(value)).startswith(message)


async def test_a_program_runs_behind_the_port() -> None:
    engine = Scripted({".a | b": [1, 2]})
    found = await evaluator(engine=engine).evaluate({"Fn::Jq": ["All", ".a | b", "{{ map }}"]})
    assert found == [1, 2]
    assert engine.runs == [(".a | b", GIVEN["map"])]


async def test_the_time_stands_still() -> None:
    assert evaluator(now=lambda: NOW).now() == NOW
    with pytest.raises(EvaluationError, match="the time isn't known here"):
        evaluator().now()


CONDITIONS = {
    "IsThree": {"Fn::Equals": ["{{ number }}", 3]},
    "Both": {"Fn::And": ["IsThree", "{{ flag }}"]},
    "true": {"Fn::Not": True},
    "Circle": {"Fn::Not": "Around"},
    "Around": {"Fn::Or": ["Circle"]},
    "Broken": {"Fn::Not": {"Fn::Equals": [{"Fn::Eval": "x"}, 1]}},
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        ("TRUE", True),
        (" false ", False),
        ("{{ flag }}", True),
        ("{{ yes }}", True),
        ("Both", True),
        ("both", True),
        ("true", True),
        ({"Fn::Equals": ["{{ text }}", "x"]}, False),
        ({"Fn::If": ["Both", "False", True]}, False),
    ],
)
async def test_conditions(value: Any, expected: bool) -> None:
    """The words true and false come before a condition of that name, as in the check of a template."""
    found = await evaluator({**GIVEN, "yes": "True"}, conditions=CONDITIONS).condition(value)
    assert found is expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("perhaps", 'InvalidCondition a condition is true or false, and this is "perhaps"'),
        ("{{ number }}", "InvalidCondition a condition is true or false, and this is 3"),
        ("{{ none }}", "InvalidCondition a condition is true or false, and this is null"),
        ("{{ braces }}", 'InvalidCondition a condition is true or false, and this is "{{ text }}"'),
        ({"Fn::Join": ["", ["x" * 500]]}, "InvalidCondition a condition is true or false, and this is "),
        ("Circle", "ConditionCycle Conditions.Circle.Fn::Not.Conditions.Around.Fn::Or[0]: "),
        ("Broken", "FunctionError Conditions.Broken.Fn::Not"),
    ],
)
async def test_what_is_no_condition(value: Any, message: str) -> None:
    with pytest.raises(EvaluationError) as refused:
        await evaluator(conditions=CONDITIONS).condition(value)
    assert f"{refused.value.code} {refused.value}".startswith(message)
    assert len(str(refused.value)) < 300


async def test_a_condition_can_be_used_again_after_an_error() -> None:
    known = {**GIVEN, "number": {"x": 1}}
    one = evaluator(known, conditions={"Odd": {"Fn::Equals": [{"Fn::Eval": "{{ number }}"}, 1]}})
    for _ in range(2):
        with pytest.raises(EvaluationError, match=r"Conditions\.Odd"):
            await one.condition("Odd")
