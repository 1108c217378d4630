"""A parameter that holds a secret, by its name, and doesn't say NoEcho.

One whose AllowedPattern or widget asks for the name of a stored secret holds no secret itself.
"""

from collections.abc import Iterator

from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.secrets import names_secret
from caboose.oos.checks.template import Template
from caboose.oos.plan import Parameter

_WIDGETS = ("Password", "ALIYUN::ECS::Instance::Password")
_STORED = "ALIYUN::OOS::SecretParameter::Value"


def _check(template: Template) -> Iterator[Finding]:
    for name, parameter in template.body.parameters.items():
        if parameter.no_echo or parameter.type != "String" or parameter.allowed_values:
            continue
        widget = template.written(("Parameters", name, "AssociationProperty"))
        if _is_secret(parameter, widget):
            message = f'the parameter "{name}" holds a secret and has no NoEcho'
            yield Finding(("Parameters", name), message, "Add NoEcho: true.")


def _is_secret(parameter: Parameter, widget: object) -> bool:
    if widget == _STORED or "oos-secret" in parameter.allowed_pattern:
        return False
    return widget in _WIDGETS or names_secret(parameter.name)


RULE = Rule(
    id="SecretWithoutNoEcho",
    severity="warning",
    title="A secret parameter without NoEcho",
    explanation=(
        "By its name or its AssociationProperty the parameter holds a password, a key or a webhook's URL, and "
        "nothing says that its value must not be shown. Add NoEcho: true: the value is then masked wherever the "
        "execution is shown."
    ),
    bad="""\
Parameters:
  password: {Type: String}
Tasks:
  - Name: create
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: RunInstances, Parameters: {Password: '{{ password }}'}}""",
    good="""\
Parameters:
  password: {Type: String, NoEcho: true}
Tasks:
  - Name: create
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: RunInstances, Parameters: {Password: '{{ password }}'}}""",
    source="https://help.aliyun.com/zh/oos/user-guide/overview-of-parameters-in-the-template",
    check=_check,
)
