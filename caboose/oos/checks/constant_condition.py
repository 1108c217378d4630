"""A condition that has the same answer every time, because nothing in it can change."""

from collections.abc import Iterator, Mapping
from typing import Any

from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import Template
from caboose.oos.functions.equality import equal
from caboose.oos.references import is_open
from caboose.oos.values import same_json

_WORDS = {"true": True, "false": False}
_DECIDING = {"Fn::And": False, "Fn::Or": True}
"""The answer of one condition that decides for all."""


def _check(template: Template) -> Iterator[Finding]:
    for path, condition in template.conditions:
        answer = _answer(condition, template.body.conditions)
        if answer is not None:
            word = "true" if answer else "false"
            hint = "Compare with a parameter or an output, or take the condition out."
            yield Finding(path, f"the condition is always {word}", hint)


def _answer(condition: Any, declared: Mapping[str, Any]) -> bool | None:
    """What a condition always gives; None when that is known only when it is asked."""
    if isinstance(condition, str):
        return None if condition in declared else _WORDS.get(condition.strip().lower())
    if not isinstance(condition, dict):
        return condition if isinstance(condition, bool) else None
    name, argument = next(iter(condition.items()))
    if name == "Fn::Not":
        answer = _answer(argument[0] if isinstance(argument, list) else argument, declared)
        return None if answer is None else not answer
    if not isinstance(argument, list):
        return None  # a reference brings the arguments
    if name == "Fn::Equals":
        return _equal(*argument)
    if name in _DECIDING:
        answers = [_answer(each, declared) for each in argument]
        deciding = _DECIDING[name]
        return deciding if deciding in answers else None if None in answers else not deciding
    return None


def _equal(one: Any, other: Any) -> bool | None:
    if is_open(one) or is_open(other):
        return True if same_json(one, other) else None
    return equal(one, other)


RULE = Rule(
    id="ConstantCondition",
    severity="warning",
    title="A condition that is always true or always false",
    explanation=(
        "Nothing in the condition can change: it is a literal, or it compares two literals, or something with "
        "itself. The task always runs or never does, the choice is always or never taken. Often the braces round a "
        "reference were forgotten. Compare with a parameter or an output, or take the condition out."
    ),
    bad="""\
Parameters:
  size: {Type: String}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    When: {'Fn::Equals': [size, large]}
    Properties: {Service: ECS, API: DescribeInstances, Parameters: {InstanceName: '{{ size }}'}}""",
    good="""\
Parameters:
  size: {Type: String}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    When: {'Fn::Equals': ['{{ size }}', large]}
    Properties: {Service: ECS, API: DescribeInstances, Parameters: {InstanceName: '{{ size }}'}}""",
    source="https://help.aliyun.com/zh/oos/user-guide/template-conditions",
    check=_check,
)
