"""A choice that is never taken, because the same condition stands above it: the first that is true wins."""

from collections.abc import Iterator

from caboose.oos.checks.flow import CHOICE, choices
from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import PlacedTask, Template
from caboose.oos.values import compact_json


def _check(template: Template) -> Iterator[Finding]:
    for placed in template.tasks:
        if placed.task.action == CHOICE:
            yield from _duplicates(placed)


def _duplicates(placed: PlacedTask) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, choice in enumerate(choices(placed.task)):
        above = first.setdefault(compact_json(choice.get("When")), index)
        if above != index:
            message = f"this choice is never taken: choice {above + 1} asks for the same and stands above it"
            path = (*placed.path, "Properties", "Choices", index)
            yield Finding(path, message, "Change its When, or take it out.")


RULE = Rule(
    id="DuplicateChoice",
    severity="warning",
    title="A choice whose condition stands above already",
    explanation=(
        "ACS::Choice takes the first choice whose When is true. Two choices have the same When, so the second one is "
        "never taken. Often one of two copies wasn't changed. Change its When, or take it out."
    ),
    bad="""\
Parameters:
  size: {Type: String}
Tasks:
  - Name: choose
    Action: ACS::Choice
    Properties:
      DefaultTask: ACS::END
      Choices:
        - When: {'Fn::Equals': ['{{ size }}', large]}
          NextTask: one
        - When: {'Fn::Equals': ['{{ size }}', large]}
          NextTask: two
  - Name: one
    Action: ACS::ExecuteAPI
    OnSuccess: ACS::END
    Properties: {Service: ECS, API: DescribeInstances}
  - Name: two
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeImages}""",
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
          NextTask: one
        - When: {'Fn::Equals': ['{{ size }}', small]}
          NextTask: two
  - Name: one
    Action: ACS::ExecuteAPI
    OnSuccess: ACS::END
    Properties: {Service: ECS, API: DescribeInstances}
  - Name: two
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeImages}""",
    source="https://help.aliyun.com/document_detail/140534.html",
    check=_check,
)
