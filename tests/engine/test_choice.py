"""``ACS::Choice``: the first condition that holds says where it goes on, and those after it aren't evaluated."""

from typing import Any

import pytest

from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.oos.templates import task, template


def choosing(*choices: dict[str, Any], default: str = "last", **sections: Any) -> str:
    """Chooses between ``first``, ``second``, ``last`` and the end."""
    choose = {"Name": "choose", "Action": "ACS::Choice", "Properties": {"DefaultTask": default, "Choices": [*choices]}}
    others = [
        task(
            Name=name,
            Properties={"Service": "ECS", "API": f"Describe{name.title()}"},
            OnSuccess="ACS::END",
            Outputs=None,
        )
        for name in ("first", "second", "last")
    ]
    return template([choose, *others], **sections)


def choice(when: Any, next_task: str) -> dict[str, Any]:
    return {"When": when, "NextTask": next_task}


def called(done: Execution) -> list[str]:
    return [call.api for call in done.effects.calls]


@pytest.mark.parametrize(
    ("value", "expected"), [("a", ["DescribeFirst"]), ("b", ["DescribeSecond"]), ("c", ["DescribeLast"]), ("d", [])]
)
async def test_the_first_that_holds_wins_else_the_default(value: str, expected: list[str]) -> None:
    text = choosing(
        choice({"Fn::Equals": ["a", "{{ p }}"]}, "first"),
        choice({"Fn::Equals": ["{{ p }}", "b"]}, "second"),
        choice({"Fn::Equals": ["{{ p }}", "d"]}, "ACS::END"),
        choice({"Fn::Equals": ["{{ p }}", "b"]}, "first"),
        Parameters={"p": {}},
    )
    done = await run(text, parameters={"p": value})
    assert called(done) == expected
    assert done.state.status == "Success"
    assert done.run_of("choose").extra["NextTask"] == {"a": "first", "b": "second", "c": "last", "d": "ACS::END"}[value]


async def test_when_is_a_function_a_condition_a_reference_or_a_word() -> None:
    for when in ("IsSo", "{{ yes }}", "true", True, {"Fn::Not": [{"Fn::Not": ["IsSo"]}]}):
        text = choosing(
            choice(when, "first"),
            Parameters={"yes": {"Type": "Boolean", "Default": True}},
            Conditions={"IsSo": {"Fn::Equals": ["{{ yes }}", True]}},
        )
        assert called(await run(text)) == ["DescribeFirst"]


async def test_what_stands_after_the_chosen_one_is_not_evaluated() -> None:
    broken = {"Fn::Equals": [{"Fn::First": "{{ map }}"}, 1]}
    parameters = {"map": {"Type": "Json", "Default": {"a": 1}}}
    done = await run(choosing(choice(True, "second"), choice(broken, "first"), Parameters=parameters))
    assert called(done) == ["DescribeSecond"]
    done = await run(choosing(choice(False, "second"), choice(broken, "first"), Parameters=parameters))
    assert done.state.status == "Failed"
    assert "Properties.Choices[1].When" in done.state.message


async def test_what_is_neither_true_nor_false_fails_with_its_place() -> None:
    done = await run(choosing(choice("{{ p }}", "first"), Parameters={"p": {"Default": "maybe"}}))
    assert (done.state.status, done.state.reason) == ("Failed", "InvalidCondition")
    assert 'Properties.Choices[0].When: a condition is true or false, and this is "maybe"' in done.state.message
    assert called(done) == []


async def test_it_jumps_backwards_too() -> None:
    text = template(
        [
            task(Name="look", Outputs={"count": {"Type": "Number", "ValueSelector": ".TotalCount"}}),
            {
                "Name": "choose",
                "Action": "ACS::Choice",
                "Properties": {
                    "DefaultTask": "look",
                    "Choices": [choice({"Fn::Equals": ["{{ look.count }}", 3]}, "ACS::END")],
                },
            },
        ]
    )
    done = await run(text, {"DescribeInstances": [{"TotalCount": count} for count in (1, 2, 3)]})
    assert len(done.effects.calls) == 3
    assert done.state.status == "Success"


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        ({"Choices": []}, ""),
        ({"Choices": [choice(True, "nowhere")]}, "there is no task 'nowhere' to go on at"),
        ({"Choices": [{"When": True}]}, "there is no task None to go on at"),
        ({"Choices": "x"}, "Choices is a list of maps with When and NextTask"),
        ({"Choices": [{}]}, "Choices is a list of maps with When and NextTask"),
        ({"Choices": [], "DefaultTask": 5}, "there is no task 5 to go on at"),
    ],
)
async def test_what_a_retry_puts_in_place_of_properties_is_looked_at(replaced: dict[str, Any], message: str) -> None:
    text = choosing(choice("{{ p }}", "first"), Parameters={"p": {"Default": "maybe"}})
    going = await Execution(text, Recording(), fields={"Mode": "FailurePause"}).start().until("Waiting")
    assert going.decide("RetryTask", Parameters=replaced).accepted
    if not message:
        assert called(await going.end()) == ["DescribeLast"]
        return
    await going.effects.wait_until(lambda: going.run_of("choose").attempt == 2 and going.state.status == "Waiting")
    assert message in going.run_of("choose").message
    going.decide("SkipTask", Attempt=2)
    await going.end()
