"""A condition that nothing asks. Conditions are named by plain text, so any text that is its name counts as a use."""

from collections.abc import Iterator

from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import Template


def _check(template: Template) -> Iterator[Finding]:
    if not template.body.conditions:
        return
    used = {text.text for text in template.texts}
    for name in template.body.conditions:
        if name not in used:
            hint = "Take it out, or name it in a When or in Fn::If."
            yield Finding(("Conditions", name), f'nothing asks for the condition "{name}"', hint)


RULE = Rule(
    id="UnusedCondition",
    severity="warning",
    title="A condition that nothing asks for",
    explanation=(
        "The condition is declared, and no When, no Fn::If and no other condition names it. The task that it should "
        "guard runs every time. Name it where it should decide, or take it out."
    ),
    bad="""\
Parameters:
  size: {Type: Number, Default: 1}
Conditions:
  large: {'Fn::Equals': ['{{ size }}', 100]}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances}""",
    good="""\
Parameters:
  size: {Type: Number, Default: 1}
Conditions:
  large: {'Fn::Equals': ['{{ size }}', 100]}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    When: large
    Properties: {Service: ECS, API: DescribeInstances}""",
    source="https://help.aliyun.com/zh/oos/user-guide/template-conditions",
    check=_check,
)
