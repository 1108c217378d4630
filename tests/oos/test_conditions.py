"""Named conditions: how deep they may be made of each other, and that each is decided once."""

from typing import Any

import pytest

from caboose.oos.evaluate import Evaluator
from caboose.oos.loading import MAX_DEPTH
from caboose.oos.problems import errors
from tests.oos.engines import NoEngine
from tests.oos.templates import compiled, places, task, template


def chain(length: int, link: Any) -> dict[str, Any]:
    """Conditions that each name the next."""
    made = {f"c{n}": link(f"c{n + 1}") for n in range(length - 1)}
    return {**made, f"c{length - 1}": {"Fn::Equals": [1, "{{ ACS::RegionId }}"]}}


@pytest.mark.parametrize(
    ("link", "levels"),
    [
        (lambda name: {"Fn::Not": name}, 1),
        (lambda name: {"Fn::And": [name, True]}, 2),
        (lambda name: {"Fn::Or": [False, {"Fn::Not": {"Fn::If": [name, True, False]}}]}, 5),
        (lambda name: {"Fn::And": [name, {"Fn::Not": name}]}, 3),
    ],
)
async def test_conditions_are_as_deep_as_if_they_were_written_in_place(link: Any, levels: int) -> None:
    most = (MAX_DEPTH - 4) // levels + 1  # Conditions and the name are two levels, and so is the last of the chain
    found = compiled(template(Conditions=chain(most, link)))
    assert errors(found.problems) == []
    assert found.plan
    evaluator = Evaluator(lambda _: 1, NoEngine(), conditions=found.plan.body.conditions)
    assert await evaluator.condition("c0") in (True, False)
    too_deep = compiled(template(Conditions=chain(most + 1, link)))
    assert places(errors(too_deep.problems)) == [("TooDeep", "Conditions.c0")]
    assert 'with those that it names the condition "c0" is nested more than 50 levels' in str(too_deep.problems)


def test_a_chain_that_is_much_too_long_is_told_in_a_few_places() -> None:
    found = compiled(template([task(When="c0")], Conditions=chain(500, lambda name: {"Fn::Not": name})))
    assert {problem.id for problem in errors(found.problems)} == {"TooDeep"}
    assert len(errors(found.problems)) < 12


async def test_a_condition_is_decided_once() -> None:
    """Each of these names the next one twice: without that, the first would take eight million decisions."""
    asked = []
    conditions = chain(24, lambda name: {"Fn::Not": {"Fn::And": [name, name]}})

    def lookup(reference: Any) -> Any:
        asked.append(str(reference))
        return 1

    await Evaluator(lookup, NoEngine(), conditions=conditions).condition("c0")
    assert asked == ["ACS::RegionId"]


def test_a_text_that_is_the_name_of_a_condition_is_a_text() -> None:
    conditions = {
        "prod": {"Fn::Equals": ["{{ ACS::RegionId }}", "prod"]},
        "test": {"Fn::Not": {"Fn::Equals": [{"a": "test"}, ["test", {"Fn::Join": ["", ["test"]]}]]}},
    }
    assert errors(compiled(template([task(When={"Fn::And": ["prod", "test"]})], Conditions=conditions)).problems) == []


async def test_a_place_is_as_deep_as_if_the_condition_that_it_names_were_written_there() -> None:
    conditions = chain(20, lambda name: {"Fn::Not": name})  # of 21 levels, and Outputs.o.Value are three more

    def outputs(levels: int) -> dict[str, Any]:
        value: Any = "c0"
        for _ in range(levels):
            value = {"Fn::Not": value}
        return {"o": {"Value": value}}

    found = compiled(template(Conditions=conditions, Outputs=outputs(MAX_DEPTH - 24)))
    assert errors(found.problems) == []
    assert found.plan
    evaluator = Evaluator(lambda _: 1, NoEngine(), conditions=found.plan.body.conditions)
    assert await evaluator.evaluate(found.plan.body.outputs["o"].value) in (True, False)
    found = compiled(template(Conditions=conditions, Outputs=outputs(MAX_DEPTH - 23)))
    assert [problem.id for problem in errors(found.problems)] == ["TooDeep"]
    assert 'with the condition "c0" in it this is nested more than 50 levels' in str(found.problems)


def test_a_condition_that_names_no_other_may_be_as_deep_as_any_value() -> None:
    deep: Any = "{{ ACS::RegionId }}"
    for _ in range(MAX_DEPTH - 4):
        deep = [deep]
    assert errors(compiled(template(Conditions={"c": {"Fn::Equals": [deep, 1]}})).problems) == []
    too_deep = compiled(template(Conditions={"c": {"Fn::Equals": [[deep], 1]}}))
    assert [problem.id for problem in too_deep.problems] == ["TooDeep"]
