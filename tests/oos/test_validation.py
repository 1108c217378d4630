"""Validation: what compiling and checking programs find, together and in the order of the text."""

import pytest

from caboose.oos.compiling.compile import compile_template
from caboose.oos.library import Library
from caboose.oos.problems import errors
from caboose.oos.validation import validated
from tests.support.programs import PROGRAMS

TEMPLATE = """\
FormatVersion: OOS-2019-06-01
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Outputs:
      first: {ValueSelector: '.Regions.Region | length'}
    Properties: {Service: ECS, API: DescribeRegions}
"""


async def test_a_template_without_a_fault_keeps_its_plan() -> None:
    compiled = compile_template(TEMPLATE, Library())
    checked = await validated(compiled, PROGRAMS)
    assert checked.problems == []
    assert checked.plan is not None
    assert checked.plan == compiled.plan


async def test_a_program_that_is_none_takes_the_plan_away() -> None:
    text = TEMPLATE.replace("| length", "| map(") + "    Colour: red\nShape: round\n"
    compiled = compile_template(text, Library())
    assert compiled.plan is not None, "compiling knows no programs"
    checked = await validated(compiled, PROGRAMS)
    assert checked.plan is None
    assert [(problem.id, problem.line) for problem in checked.problems] == [
        ("InvalidSelector", 6),
        ("UnknownKey", 8),
        ("UnknownKey", 9),
    ]
    assert [problem.id for problem in errors(checked.problems)] == ["InvalidSelector"]


async def test_what_doesn_t_compile_has_no_plan() -> None:
    checked = await validated(compile_template("a: [", Library()), PROGRAMS)
    assert checked.plan is None
    assert [problem.id for problem in checked.problems] == ["InvalidYaml"]


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("FormatVersion: OOS-2019-06-01", "Description: a", "FormatVersion is missing"),
        ("OOS-2019-06-01", "2019-06-01", "FormatVersion is OOS-2019-06-01, not '2019-06-01'"),
        ("Tasks:", "Conditions: {a: {'Fn::Equal': [1, 1]}}\nTasks:", 'Did you mean "Fn::Equals"?'),
        ("Tasks:", "Conditions: {a: true}\nTasks:", "Begin with Fn::And, Fn::Or, Fn::Not, Fn::Equals."),
        ("Service: ECS", "service: ECS", "It works; write it as it is declared."),
        ("| length", "|", "the program is neither jq nor JMESPath: as jq, syntax error"),
    ],
)
async def test_what_is_wrong_and_the_way_out(right: str, wrong: str, words: str) -> None:
    compiled = compile_template(TEMPLATE.replace(right, wrong, 1), Library())
    said = [f"{problem.message}. {problem.hint}" for problem in (await validated(compiled, PROGRAMS)).problems]
    assert [each for each in said if words in each], said
