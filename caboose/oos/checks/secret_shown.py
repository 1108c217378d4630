"""A parameter that must not be shown, in something that is shown: an output, or a message to people."""

from collections.abc import Iterator

from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import Template, Use
from caboose.oos.references import PARAMETER

_MESSAGE = ("Content", "Body", "Subject")


def _check(template: Template) -> Iterator[Finding]:
    secret = [name for name, parameter in template.body.parameters.items() if parameter.no_echo]
    if not secret:
        return
    actions = {placed.task.name: placed.task.action for placed in template.tasks}
    for use in template.uses:
        if use.reference.kind == PARAMETER and use.reference.name in secret:
            where = _shown_in(use, actions.get(use.text.task, ""))
            if where:
                message = f'"{use.reference.name}" has NoEcho, and {where} shows its value'
                yield Finding(use.path, message, "Leave it out.")


def _shown_in(use: Use, action: str) -> str:
    if use.path[0] == "Outputs":
        return f'the output "{use.path[1]}"'
    if action in ("ACS::Notify", "ACS::Approve") and any(step in _MESSAGE for step in use.path):
        return "the message"
    return ""


RULE = Rule(
    id="SecretShown",
    severity="warning",
    title="A NoEcho parameter in an output or a message",
    explanation=(
        "NoEcho: true says that the parameter's value is never shown. Here it becomes part of the template's "
        "outputs, which everybody who may look at the execution reads, or of a message to a group. Leave it out, or "
        "show something that isn't secret, such as the name under which the secret is kept."
    ),
    bad="""\
Parameters:
  password: {Type: String, NoEcho: true}
Tasks:
  - Name: create
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: RunInstances, Parameters: {Password: '{{ password }}'}}
Outputs:
  login: {Type: String, Value: 'root / {{ password }}'}""",
    good="""\
Parameters:
  password: {Type: String, NoEcho: true}
Tasks:
  - Name: create
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: RunInstances, Parameters: {Password: '{{ password }}'}}
Outputs:
  login: {Type: String, Value: root}""",
    source="https://help.aliyun.com/zh/oos/user-guide/overview-of-parameters-in-the-template",
    check=_check,
)
