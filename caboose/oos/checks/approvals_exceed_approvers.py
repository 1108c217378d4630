"""An approval that needs more people than may approve: it could never be given."""

from collections.abc import Iterator
from typing import Any

from caboose.oos.approvers import APPROVERS, REQUIRED, approvers_of, required_of
from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import Template
from caboose.oos.references import is_open


def _check(template: Template) -> Iterator[Finding]:
    for placed in template.tasks:
        if placed.task.action != "ACS::Approve":
            continue
        needed, people = _literal(placed.task.properties)
        if people and needed > people:
            message = f"{needed} approvals are required, and only {people} may approve"
            hint = "Name more Approvers, or require fewer approvals."
            yield Finding((*placed.path, "Properties", REQUIRED), message, hint)


def _literal(properties: dict[str, Any]) -> tuple[int, int]:
    """How many approvals are required, and of how many people; 0 for what isn't known."""
    required, approvers = properties.get(REQUIRED), properties.get(APPROVERS)
    if is_open([required, approvers]):
        return 0, 0  # a reference may bring many people
    return required_of(required), len(approvers_of(approvers))


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
