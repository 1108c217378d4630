"""An approval that needs more people than may approve: it could never be given."""

import re
from collections.abc import Iterator
from typing import Any

from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import Template

_KEY = "MinRequiredApprovals"


def _check(template: Template) -> Iterator[Finding]:
    for placed in template.tasks:
        if placed.task.action != "ACS::Approve":
            continue
        needed = _number(placed.task.properties.get(_KEY))
        people = _number_of_people(placed.task.properties.get("Approvers"))
        if people and needed > people:
            message = f"{needed} approvals are required, and only {people} may approve"
            hint = "Name more Approvers, or require fewer approvals."
            yield Finding((*placed.path, "Properties", _KEY), message, hint)


def _number(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _number_of_people(approvers: Any) -> int:
    """How many people are named; 0 when it isn't known: nobody named is everybody, a reference may bring many."""
    if not isinstance(approvers, list) or not all(isinstance(name, str) and "{{" not in name for name in approvers):
        return 0
    return len({name.strip().casefold() for name in approvers})


RULE = Rule(
    id="ApprovalsExceedApprovers",
    severity="error",
    title="More approvals required than people who may approve",
    explanation=(
        "MinRequiredApprovals is greater than the number of Approvers, so the approval can never be given and the "
        "execution would wait for ever. Name more approvers, or require fewer approvals."
    ),
    bad="""\
Parameters:
  webhook: {Type: String, NoEcho: true}
Tasks:
  - Name: ask
    Action: ACS::Approve
    Properties:
      Approvers: [alice, bob]
      MinRequiredApprovals: 3
      NotifyType: WebHook
      WebHook: {URI: '{{ webhook }}', Content: {msgtype: text, text: {content: Please approve}}}""",
    good="""\
Parameters:
  webhook: {Type: String, NoEcho: true}
Tasks:
  - Name: ask
    Action: ACS::Approve
    Properties:
      Approvers: [alice, bob]
      MinRequiredApprovals: 2
      NotifyType: WebHook
      WebHook: {URI: '{{ webhook }}', Content: {msgtype: text, text: {content: Please approve}}}""",
    source="https://help.aliyun.com/zh/oos/user-guide/acs-approve",
    check=_check,
)
