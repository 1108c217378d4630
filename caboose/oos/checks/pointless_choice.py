"""An ACS::Choice that leads to the same task whatever its conditions say."""

from collections.abc import Iterator

from caboose.oos.checks.flow import CHOICE, choice_targets
from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import Template


def _check(template: Template) -> Iterator[Finding]:
    for placed in template.tasks:
        targets = choice_targets(placed.task) if placed.task.action == CHOICE else []
        if len(targets) > 1 and all(target == targets[0] for target in targets):
            message = f'"{placed.task.name}" leads to {targets[0]} whatever its conditions say'
            yield Finding((*placed.path, "Properties"), message, "Change a NextTask or DefaultTask, or take it out.")


RULE = Rule(
    id="PointlessChoice",
    severity="warning",
    title="A choice that always leads to the same task",
    explanation=(
        "Every NextTask and the DefaultTask of this ACS::Choice are the same, so its conditions decide nothing. "
        "Often one of them wasn't changed after copying. Change the one that is wrong, or take the task out."
    ),
    bad="""\
Parameters:
  size: {Type: String}
Tasks:
  - Name: choose
    Action: ACS::Choice
    Properties:
      DefaultTask: look
      Choices:
        - When: {'Fn::Equals': ['{{ size }}', large]}
          NextTask: look
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances}""",
    good="""\
Parameters:
  size: {Type: String}
Tasks:
  - Name: choose
    Action: ACS::Choice
    Properties:
      DefaultTask: ACS::END
      Choices:
        - When: {'Fn::Equals': ['{{ size }}', large]}
          NextTask: look
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances}""",
    source="https://help.aliyun.com/document_detail/140534.html",
    check=_check,
)
