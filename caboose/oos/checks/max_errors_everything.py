"""A loop that may fail at every item and still succeed, in a task or as a parameter's default."""

import re
from collections.abc import Iterator
from typing import Any

from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import Template
from caboose.oos.loading import Path

_KEY = "MaxErrors"
_WIDGET = "RateControl"
_EVERY = 100
_PERCENT = re.compile(r"\s*([0-9]{1,9})(?:\.[0-9]+)?\s*%\s*")


def _check(template: Template) -> Iterator[Finding]:
    for loop in template.loops:
        if isinstance(loop.rate_control, dict):
            every = min(len(loop.items), _EVERY) if isinstance(loop.items, list) else _EVERY
            yield from _finding(loop.rate_control.get(_KEY), max(every, 1), (*loop.control_path, _KEY))
    for name, parameter in template.body.parameters.items():
        widget = template.written(("Parameters", name, "AssociationProperty"))
        if widget == _WIDGET and isinstance(parameter.default, dict):
            yield from _finding(parameter.default.get(_KEY), _EVERY, ("Parameters", name, "Default", _KEY))


def _finding(value: Any, every: int, path: Path) -> Iterator[Finding]:
    if _is_everything(value, every):
        message = f"with MaxErrors {value} the task succeeds even if every item fails"
        yield Finding(path, message, "Name how many errors are bearable, such as 0 or 10%.")


def _is_everything(value: Any, every: int) -> bool:
    if isinstance(value, str):
        percent = _PERCENT.fullmatch(value)
        if percent:
            return int(percent[1]) >= _EVERY
        value = int(value) if re.fullmatch(r"\s*[0-9]{1,9}\s*", value) else 0
    return isinstance(value, int) and not isinstance(value, bool) and value >= every


RULE = Rule(
    id="MaxErrorsEverything",
    severity="warning",
    title="A loop that may fail at every item",
    explanation=(
        "MaxErrors is 100 % of the items, or 100 and more. However many fail, the loop goes on to the last item and "
        "the task counts as succeeded: a mistake in a command reaches every machine, and the execution says Success. "
        "Name how many errors are bearable. If the errors really don't matter, IsCritical: false says so and the "
        "task still shows as failed."
    ),
    bad="""\
Parameters:
  ids: {Type: List}
Tasks:
  - Name: reboot
    Action: ACS::ExecuteAPI
    Loop:
      Items: '{{ ids }}'
      RateControl: {Mode: Concurrency, Concurrency: 10, MaxErrors: 100%}
    Properties: {Service: ECS, API: RebootInstance, Parameters: {InstanceId: '{{ ACS::TaskLoopItem }}'}}""",
    good="""\
Parameters:
  ids: {Type: List}
Tasks:
  - Name: reboot
    Action: ACS::ExecuteAPI
    Loop:
      Items: '{{ ids }}'
      RateControl: {Mode: Concurrency, Concurrency: 10, MaxErrors: 10%}
    Properties: {Service: ECS, API: RebootInstance, Parameters: {InstanceId: '{{ ACS::TaskLoopItem }}'}}""",
    source="https://help.aliyun.com/document_detail/122210.html",
    check=_check,
)
