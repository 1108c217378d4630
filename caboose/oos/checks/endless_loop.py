"""Jumps that go round without a way out, as long as every task succeeds. What can't be reached goes round nowhere."""

from collections.abc import Iterator

from caboose.oos.checks.flow import Flow
from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import PlacedTask, Template


def _check(template: Template) -> Iterator[Finding]:
    for tasks in template.task_lists:
        yield from _endless(tasks)


def _endless(tasks: list[PlacedTask]) -> Iterator[Finding]:
    flow = Flow(tasks)
    if not any(target <= index for index, steps in enumerate(flow.steps) for target in steps.without_failure):
        return  # without a jump back nothing goes round
    reached = flow.reached(0, lambda index: flow.steps[index].all)
    ending = flow.leading_to_end()
    for index in sorted(reached):
        if index in ending:
            continue
        message = f'from the task "{tasks[index].task.name}" on, the jumps go round and never come to the end'
        yield Finding(tasks[index].path, message, "Leave the circle with an ACS::Choice.")
        return


RULE = Rule(
    id="EndlessLoop",
    severity="warning",
    title="Jumps that never come to the end",
    explanation=(
        "A jump leads back, and while every task succeeds no path leads out of the circle. The execution fails when "
        "it has run 1,000 tasks. To repeat until something is so, use ACS::WaitFor, or leave the circle with an "
        "ACS::Choice."
    ),
    bad="""\
- Name: look
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeInstances}
- Name: rest
  Action: ACS::Sleep
  OnSuccess: look
  Properties: {Duration: 1M}""",
    good="""\
- Name: look
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeInstances}
  Outputs: {ids: {Type: List, ValueSelector: 'Instances.Instance[].InstanceId'}}
- Name: found
  Action: ACS::Choice
  Properties:
    DefaultTask: ACS::END
    Choices:
      - When: {'Fn::Equals': ['{{ look.ids }}', []]}
        NextTask: rest
- Name: rest
  Action: ACS::Sleep
  OnSuccess: look
  Properties: {Duration: 1M}""",
    check=_check,
)
