"""Rules of the sections of a template: their keys, types and names."""

from caboose.oos.checks.rule import Rule
from caboose.oos.problems import ERROR, WARNING

_STRUCTURE = "https://www.alibabacloud.com/help/doc-detail/120665.htm"
_TASK = "https://help.aliyun.com/document_detail/121313.htm"
_GOOD = """\
FormatVersion: OOS-2019-06-01
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances}"""

DECLARED = (
    Rule(
        id="FormatVersion",
        severity=ERROR,
        title="Another format than OOS-2019-06-01",
        explanation=(
            "FormatVersion says which language the template is written in, and OOS-2019-06-01 is the only one there "
            "is. Without it a template of another product (ROS, Terraform) would be taken for one of OOS."
        ),
        bad="""\
FormatVersion: ROS-2015-09-01
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances}""",
        good=_GOOD,
        source=_STRUCTURE,
    ),
    Rule(
        id="UnknownKey",
        severity=WARNING,
        title="A key that the language doesn't have",
        explanation=(
            "The key means nothing at this place and has no effect. Often it is a misspelling, or an attribute of a "
            "task that slipped into its Properties. Write it as it is meant, or take it out."
        ),
        bad="""\
Name: look
Action: ACS::ExecuteAPI
OnFailure: ACS::NEXT
Properties: {Service: ECS, API: DescribeInstances}""",
        good="""\
Name: look
Action: ACS::ExecuteAPI
OnError: ACS::NEXT
Properties: {Service: ECS, API: DescribeInstances}""",
        source=_STRUCTURE,
    ),
    Rule(
        id="MissingKey",
        severity=ERROR,
        title="A key that must be there",
        explanation=(
            "Something can't do without this key: a template without Tasks, a task without Action, a Loop without "
            "Items, an output without Value. Add it."
        ),
        bad="""\
Name: look
Properties: {Service: ECS, API: DescribeInstances}
Description: has no Action""",
        good="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances}""",
        source=_STRUCTURE,
    ),
    Rule(
        id="InvalidType",
        severity=ERROR,
        title="A value of the wrong type",
        explanation=(
            "Another kind of value belongs here: a map, a list, a string, a number, or one of the types String, "
            "Number, Boolean, List and Json. The message says which, and what was found."
        ),
        bad="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances, Parameters: [i-1]}""",
        good="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances, Parameters: {InstanceIds: [i-1]}}""",
        source=_STRUCTURE,
    ),
    Rule(
        id="InvalidName",
        severity=ERROR,
        title="A name that can't be one",
        explanation=(
            "Names of tasks, parameters, outputs and conditions are made of letters, digits, hyphens and underscores, "
            "at most 200 of them. Anything else couldn't be named in a reference."
        ),
        bad="""\
Name: look at it
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances}""",
        good="""\
Name: lookAtIt
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances}""",
        source=_TASK,
    ),
    Rule(
        id="DuplicateName",
        severity=ERROR,
        title="Two tasks of one name",
        explanation=(
            "A task's name is how jumps and references find it, so it can't be given twice, not even within "
            "ACS::Loop. Rename one of the two, and the references that mean it."
        ),
        bad="""\
- Name: look
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeInstances}
- Name: look
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeImages}""",
        good="""\
- Name: look
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeInstances}
- Name: lookAgain
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeImages}""",
        source=_TASK,
    ),
    Rule(
        id="AmbiguousName",
        severity=ERROR,
        title="Names that differ by letter case only",
        explanation=(
            "Names are matched exactly first and then without regard to letter case, because published templates mix "
            "spellings. Two names that differ by nothing else can't both be meant: the wrong one would be taken. The "
            "same is true of a property that is given twice in two spellings. Rename one of them."
        ),
        bad="""\
Parameters:
  instanceId: {Type: String}
  InstanceId: {Type: String}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeX, Parameters: {A: '{{ instanceId }}', B: '{{ InstanceId }}'}}""",
        good="""\
Parameters:
  instanceId: {Type: String}
  otherInstanceId: {Type: String}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeX, Parameters: {A: '{{ instanceId }}', B: '{{ otherInstanceId }}'}}""",
    ),
    Rule(
        id="LetterCase",
        severity=WARNING,
        title="A name in another letter case than declared",
        explanation=(
            "The name is written with other capitals than where it is declared. It works, as it does in OOS, but a "
            "search for the one spelling doesn't find the other. Write it as it is declared."
        ),
        bad="""\
Parameters:
  webHookUrl: {Type: String, NoEcho: true}
Tasks:
  - Name: tell
    Action: ACS::Notify
    Properties: {NotifyType: WebHook, WebHook: {URI: '{{ webhookUrl }}', Content: {msgtype: text}}}""",
        good="""\
Parameters:
  webHookUrl: {Type: String, NoEcho: true}
Tasks:
  - Name: tell
    Action: ACS::Notify
    Properties: {NotifyType: WebHook, WebHook: {URI: '{{ webHookUrl }}', Content: {msgtype: text}}}""",
    ),
    Rule(
        id="NotSupportedYet",
        severity=WARNING,
        title="Right in OOS, not carried out here yet",
        explanation=(
            "The language has this and Caboose's engine doesn't carry it out yet. The template is right, so checking "
            "it gives a warning; a start is refused, because to leave the thing out could mean to leave a protection "
            "out. Take it out to run the template here, or wait for a later version."
        ),
        bad="""\
- Name: fork
  Action: ACS::GitCodeRepo
  Properties: {Platform: github, Owner: alice, Organization: alice, Repository: site}""",
        good="""\
- Name: look
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeInstances}""",
    ),
)
