"""The examples of each rule are true: the bad one has the problem, and the good one has none at all.

They are what ``--explain`` and the reference page show, so they stay right only if they are run.
"""

import pytest

from caboose.oos.checks import CHECKS, RULES, Rule
from caboose.oos.compiling.compile import compile_template
from caboose.oos.problems import Problem
from caboose.oos.selectors import check_programs
from caboose.oos.start import check_start
from tests.oos.checks.examples import IN_WORDS, LIBRARY, NAME, Templates, is_start, start_of, whole
from tests.oos.templates import DEFAULTS
from tests.support.programs import PROGRAMS

SHOWN = [rule for rule in RULES.values() if rule.id not in IN_WORDS]


async def problems(rule: Rule, example: str) -> list[Problem]:
    """What is said of an example."""
    if is_start(rule):
        defaults = DEFAULTS.__class__(**{**vars(DEFAULTS), "region_id": ""})
        return (await check_start(start_of(example), Templates(), LIBRARY, defaults, PROGRAMS)).problems
    text = whole(example)
    compiled = compile_template(text, LIBRARY, NAME, lambda name, _: text if name == NAME else None)
    return [*compiled.problems, *await check_programs(compiled.programs, PROGRAMS)]


@pytest.mark.parametrize("rule", SHOWN, ids=[rule.id for rule in SHOWN])
async def test_the_bad_example_has_the_problem_and_no_other_rule_of_its_kind(rule: Rule) -> None:
    found = [
        problem
        for problem in await problems(rule, rule.bad)
        if problem.id != "NotSupportedYet" or rule.id == problem.id
    ]
    assert rule.id in [problem.id for problem in found]
    assert {problem.severity for problem in found if problem.id == rule.id} == {rule.severity}
    if rule.id in CHECKS:
        assert {problem.id for problem in found} == {rule.id}


@pytest.mark.parametrize("rule", SHOWN, ids=[rule.id for rule in SHOWN])
async def test_the_good_example_has_no_problem(rule: Rule) -> None:
    found = await problems(rule, rule.good)
    assert not [str(problem) for problem in found if problem.id != "NotSupportedYet" or rule.id == problem.id]
