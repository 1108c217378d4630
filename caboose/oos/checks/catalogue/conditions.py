"""Rules of what is evaluated: conditions, functions, selectors, and the values that come out."""

from caboose.oos.checks.rule import Rule
from caboose.oos.problems import ERROR

_CONDITIONS = "https://help.aliyun.com/zh/oos/user-guide/template-conditions"
_FUNCTIONS = "https://help.aliyun.com/document_detail/120677.htm"
_OUTPUTS = "https://help.aliyun.com/document_detail/120819.html"
_SIZE = """\
Parameters:
  size: {Type: String}
"""
_LOOK = """\
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    When: %s
    Properties: {Service: ECS, API: DescribeX, Parameters: {Size: '{{ size }}'}}"""

DECLARED = (
    Rule(
        id="InvalidCondition",
        severity=ERROR,
        title="A condition that is none",
        explanation=(
            "A condition is true or false, a reference to such a value, the name of a condition, or a function that "
            "decides: Fn::Equals, Fn::And, Fn::Or, Fn::Not. A declared condition begins with one of these four. When "
            "it runs, anything but true and false (as words too) is refused, never guessed."
        ),
        bad=_SIZE + _LOOK % "[large]",
        good=_SIZE + _LOOK % "{'Fn::Equals': ['{{ size }}', large]}",
        source=_CONDITIONS,
    ),
    Rule(
        id="UnknownCondition",
        severity=ERROR,
        title="A condition that isn't declared",
        explanation=(
            "A plain text where a condition stands is the name of one, and none of this name stands under "
            "Conditions. Declare it, write the name that is meant, or put braces round it when a parameter is meant."
        ),
        bad=_SIZE + _LOOK % "isLarge",
        good=_SIZE + "Conditions:\n  isLarge: {'Fn::Equals': ['{{ size }}', large]}\n" + _LOOK % "isLarge",
        source=_CONDITIONS,
    ),
    Rule(
        id="ConditionCycle",
        severity=ERROR,
        title="Conditions that are made of each other",
        explanation=(
            "A condition may name others, but not in a circle: asking for one would never end. Take one of the names "
            "out."
        ),
        bad=_SIZE + "Conditions:\n  small: {'Fn::Not': large}\n  large: {'Fn::Not': small}\n" + _LOOK % "small",
        good=_SIZE
        + "Conditions:\n  small: {'Fn::Not': large}\n  large: {'Fn::Equals': ['{{ size }}', large]}\n"
        + _LOOK % "small",
        source=_CONDITIONS,
    ),
    Rule(
        id="UnknownFunction",
        severity=ERROR,
        title="A function that doesn't exist",
        explanation=(
            "A key that begins with Fn:: calls a function, and there is none of this name. Other products have "
            "others (Fn::GetAtt of ROS). Write the name that is meant; the reference page of functions lists all."
        ),
        bad=_SIZE + _LOOK % "{'Fn::Equal': ['{{ size }}', large]}",
        good=_SIZE + _LOOK % "{'Fn::Equals': ['{{ size }}', large]}",
        source=_FUNCTIONS,
    ),
    Rule(
        id="InvalidFunction",
        severity=ERROR,
        title="A function that is called wrongly",
        explanation=(
            "The function gets too few or too many arguments or one of the wrong kind, or something else stands "
            "beside it in its map. The hint shows how it is called."
        ),
        bad=_SIZE + _LOOK % "{'Fn::Equals': ['{{ size }}']}",
        good=_SIZE + _LOOK % "{'Fn::Equals': ['{{ size }}', large]}",
        source=_FUNCTIONS,
    ),
    Rule(
        id="FunctionError",
        severity=ERROR,
        title="A function that can't work with what it got",
        explanation=(
            "The call is right as it is written, and one of the values that references brought isn't what the "
            "function takes: a text that is no time, a list without the element that is asked for. The message names "
            "the function, the place, what was expected and what came. It is known only when the task or the output "
            "is evaluated."
        ),
        bad="""\
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances}
    Outputs: {names: {Type: List, ValueSelector: 'Instances.Instance[].InstanceName'}}
Outputs:
  sum: {Type: Number, Value: {'Fn::Max': '{{ look.names }}'}}  # fails when the names are no numbers""",
        good="""\
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances}
    Outputs: {cpus: {Type: List, ValueSelector: 'Instances.Instance[].Cpu'}}
Outputs:
  sum: {Type: Number, Value: {'Fn::Max': '{{ look.cpus }}'}}""",
        source=_FUNCTIONS,
    ),
    Rule(
        id="InvalidSelector",
        severity=ERROR,
        title="A selector that is neither jq nor JMESPath",
        explanation=(
            "A selector is a jq program, its leading dot may be left out; what isn't jq may be JMESPath. This one "
            "can be read as neither. The message shows what both readers say."
        ),
        bad="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances}
Outputs: {ids: {Type: List, ValueSelector: 'Instances.Instance[].InstanceId | select('}}""",
        good="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances}
Outputs: {ids: {Type: List, ValueSelector: 'Instances.Instance[] | select(.Cpu > 2) | .InstanceId'}}""",
        source=_OUTPUTS,
    ),
    Rule(
        id="ForbiddenWord",
        severity=ERROR,
        title="A program that reaches outside of its value",
        explanation=(
            "A jq program gets one value and gives results. Words that reach for more are refused: the environment "
            "(env, $ENV), files (import, include), other input (input, inputs), the clock (now), the process (halt). "
            "They would give away secrets, or another result at each replay. Bring what the program needs in by a "
            "reference, such as {{ ACS::CurrentUTCTime }}."
        ),
        bad="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances}
Outputs: {when: {Type: Number, ValueSelector: '. | now'}}""",
        good="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances}
Outputs: {when: {Type: String, ValueSelector: '. | "{{ ACS::CurrentUTCTime }}"'}}""",
    ),
    Rule(
        id="SelectorError",
        severity=ERROR,
        title="A program that failed on its value",
        explanation=(
            "The jq program is right as it is written, and failed on the value that it got: it indexed a string, it "
            "took too long, or its result is too large. Make it ready for what may come: `?` behind a path, `// []` "
            "for what may be missing."
        ),
        bad="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances}
Outputs: {n: {Type: Number, ValueSelector: '.RequestId | length + .Total'}}  # a text has no member Total""",
        good="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances}
Outputs: {n: {Type: Number, ValueSelector: '.TotalCount // 0'}}""",
        source=_OUTPUTS,
    ),
    Rule(
        id="ValueTooLarge",
        severity=ERROR,
        title="A value of more than 4 MB",
        explanation=(
            "References and functions made a value that has more than 4 MB as JSON, or is nested more than 100 "
            "levels deep. Such a value can't travel through an execution's history. Select less in the task's "
            "Outputs, or pass the name of an object in a store instead of its content."
        ),
        bad="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances}
Outputs: {everything: {Type: Json, ValueSelector: .}}  # used twice in one text of a later task""",
        good="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances}
Outputs: {ids: {Type: List, ValueSelector: 'Instances.Instance[].InstanceId'}}""",
    ),
)
