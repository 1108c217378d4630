"""A loop that changes things and doesn't say how fast and with how many errors.

A product action counts as changing when its template makes a call that changes, or uses one that does.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from caboose.oos.actions import is_read
from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import Template
from caboose.oos.plan import Body, Task


def _check(template: Template) -> Iterator[Finding]:
    for loop in template.loops:
        if loop.rate_control in (None, {}, "") and _changes(loop.task, template.bodies):
            message = f'the loop of "{loop.task.name}" changes things and has no rate control'
            hint = "Without one, items run one after another and the first error stops the rest: write what you want."
            yield Finding(loop.path, message, hint)


def _changes(task: Task, bodies: Mapping[str, Body]) -> bool:
    if task.action == "ACS::ExecuteAPI":
        return _writes(task.properties.get("API"))
    inner = bodies[task.body].tasks if task.body in bodies else task.tasks
    return any(_changes(each, bodies) for each in inner)


def _writes(api: Any) -> bool:
    return isinstance(api, str) and "{{" not in api and not is_read(api)


RULE = Rule(
    id="LoopWithoutRateControl",
    severity="warning",
    title="A loop that changes things, without rate control",
    explanation=(
        "The loop calls something that changes resources, and has no RateControl. It then runs one item after "
        "another and stops at the first error, which may take hours for many items and is seldom what was thought "
        "of. Write down how many items may run at once and how many may fail, or let whoever starts the template say "
        "it."
    ),
    bad="""\
Parameters:
  ids: {Type: List}
Tasks:
  - Name: reboot
    Action: ACS::ExecuteAPI
    Loop: {Items: '{{ ids }}'}
    Properties: {Service: ECS, API: RebootInstance, Parameters: {InstanceId: '{{ ACS::TaskLoopItem }}'}}""",
    good="""\
Parameters:
  ids: {Type: List}
Tasks:
  - Name: reboot
    Action: ACS::ExecuteAPI
    Loop:
      Items: '{{ ids }}'
      RateControl: {Mode: Concurrency, Concurrency: 5, MaxErrors: 0}
    Properties: {Service: ECS, API: RebootInstance, Parameters: {InstanceId: '{{ ACS::TaskLoopItem }}'}}""",
    source="https://help.aliyun.com/document_detail/122210.html",
    check=_check,
)
