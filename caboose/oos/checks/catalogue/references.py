"""Rules of references: what stands between ``{{`` and ``}}``."""

from caboose.oos.checks.rule import Rule
from caboose.oos.problems import ERROR

_PARAMETERS = "https://help.aliyun.com/zh/oos/user-guide/overview-of-parameters-in-the-template"

DECLARED = (
    Rule(
        id="InvalidReference",
        severity=ERROR,
        title="Braces round something that names nothing",
        explanation=(
            "Between the braces stands the name of a parameter, task.output, a pseudo parameter such as "
            "ACS::RegionId, a path into a task's result, or oos:name for the parameter store. Expressions, filters "
            "and defaults don't exist there: use a function such as Fn::If, Fn::Select or Fn::Jq round the "
            "reference."
        ),
        bad="""\
Parameters:
  name: {Type: String}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances, Parameters: {InstanceName: '{{ name | upper }}'}}""",
        good="""\
Parameters:
  name: {Type: String}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties:
      Service: ECS
      API: DescribeInstances
      Parameters:
        InstanceName: {'Fn::Jq': [First, ascii_upcase, '{{ name }}']}""",
        source=_PARAMETERS,
    ),
    Rule(
        id="UnknownReference",
        severity=ERROR,
        title="A reference to something that isn't there",
        explanation=(
            "Nothing of this name can be referred to here: the parameter isn't declared, there is no such task, the "
            "task declares no such output, the task comes later, or there is no loop whose item it could be. Declare "
            "it, or write the name that is meant."
        ),
        bad="""\
- Name: find
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeInstances}
  Outputs: {ids: {Type: List, ValueSelector: 'Instances.Instance[].InstanceId'}}
- Name: look
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeDisks, Parameters: {InstanceIds: '{{ find.id }}'}}""",
        good="""\
- Name: find
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeInstances}
  Outputs: {ids: {Type: List, ValueSelector: 'Instances.Instance[].InstanceId'}}
- Name: look
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeDisks, Parameters: {InstanceIds: '{{ find.ids }}'}}""",
        source=_PARAMETERS,
    ),
)
