"""A task that no path leads to. Of several in a row only the first is reported: one wrong jump is one finding."""

from collections.abc import Iterator

from caboose.oos.checks.flow import Flow
from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import PlacedTask, Template


def _check(template: Template) -> Iterator[Finding]:
    for tasks in template.task_lists:
        yield from _unreachable(tasks)


def _unreachable(tasks: list[PlacedTask]) -> Iterator[Finding]:
    flow = Flow(tasks)
    reached = flow.reached(0, lambda index: flow.steps[index].all)
    index = 0
    while index < flow.end:
        first = index
        while index < flow.end and index not in reached:
            index += 1
        if index > first:
            yield _finding(tasks[first:index])
        index += 1


def _finding(tasks: list[PlacedTask]) -> Finding:
    name = tasks[0].task.name
    more = f" and {len(tasks) - 1} more behind it" if len(tasks) > 1 else ""
    message = f'nothing leads to the task "{name}"{more}'
    return Finding(tasks[0].path, message, "Jump to it (OnSuccess, OnError, a Choice), or take it out.")


RULE = Rule(
    id="UnreachableTask",
    severity="warning",
    title="A task that nothing leads to",
    explanation=(
        "The task before it ends the template or jumps elsewhere, and no OnSuccess, OnError, OnCancel or Choice "
        "leads here, so the task never runs. Often ACS::END stands where ACS::NEXT was meant, or a handler lost the "
        "OnError that led to it. Mend the jump, or take the task out."
    ),
    bad="""\
- Name: reboot
  Action: ACS::ExecuteAPI
  OnSuccess: ACS::END
  Properties: {Service: ECS, API: RebootInstance, Parameters: {InstanceId: i-1}}
- Name: look
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeInstances}""",
    good="""\
- Name: reboot
  Action: ACS::ExecuteAPI
  OnSuccess: ACS::END
  OnError: look
  Properties: {Service: ECS, API: RebootInstance, Parameters: {InstanceId: i-1}}
- Name: look
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeInstances}""",
    source="https://help.aliyun.com/document_detail/120819.html",
    check=_check,
)
