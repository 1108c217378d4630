"""Rules of the Parameters section: a declaration that contradicts itself, or that says something without effect."""

from caboose.oos.checks.rule import Rule
from caboose.oos.problems import ERROR, WARNING

_PARAMETERS = "https://help.aliyun.com/zh/oos/user-guide/overview-of-parameters-in-the-template"
_USE = """
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeX, Parameters: {Value: '{{ value }}'}}"""
_USE_BOTH = """
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeX, Parameters: {A: '{{ one }}', B: '{{ other }}'}}"""

DECLARED = (
    Rule(
        id="InvalidDefault",
        severity=ERROR,
        title="A default that doesn't fit the type",
        explanation=(
            "The default isn't a value of the parameter's Type and can't be made one: a word for a Number, a map for "
            "a List. Texts that say numbers, true and false in any case, and JSON as text are fine."
        ),
        bad="Parameters:\n  value: {Type: Number, Default: many}" + _USE,
        good="Parameters:\n  value: {Type: Number, Default: '10'}" + _USE,
        source=_PARAMETERS,
    ),
    Rule(
        id="DefaultNotAllowed",
        severity=WARNING,
        title="A default that the parameter's constraints refuse",
        explanation=(
            "The default breaks the parameter's own AllowedValues, AllowedPattern, length or range. Whoever starts "
            "the template without a value of their own is refused, although the form shows one. Mend the default, or "
            "the constraint; or take the default out, so that a value must be given."
        ),
        bad="Parameters:\n  value: {Type: String, Default: medium, AllowedValues: [small, large]}" + _USE,
        good="Parameters:\n  value: {Type: String, Default: small, AllowedValues: [small, large]}" + _USE,
        source=_PARAMETERS,
    ),
    Rule(
        id="CircularDefault",
        severity=ERROR,
        title="Defaults that need each other",
        explanation=(
            "A default may refer to other parameters, in any order, but not in a circle: none of them could be made "
            "first. Give one of them a default of its own, or none."
        ),
        bad="Parameters:\n  one: {Type: String, Default: '{{ other }}'}\n  other: {Type: String, Default: '{{ one }}'}"
        + _USE_BOTH,
        good="Parameters:\n  one: {Type: String, Default: '{{ other }}'}\n  other: {Type: String}" + _USE_BOTH,
        source=_PARAMETERS,
    ),
    Rule(
        id="FunctionNotAllowed",
        severity=ERROR,
        title="A function in place of a default",
        explanation=(
            "Defaults may hold references and no functions: they are made before the first task. Write the value "
            "itself, and call the function where the parameter is used."
        ),
        bad="Parameters:\n  value: {Type: String, Default: {'Fn::Join': ['-', [a, b]]}}" + _USE,
        good="Parameters:\n  value: {Type: String, Default: a-b}" + _USE,
        source=_PARAMETERS,
    ),
    Rule(
        id="FunctionInData",
        severity=WARNING,
        title="A function within a default",
        explanation=(
            "Inside of a larger default a function is data and isn't evaluated. That is right when the value is a "
            "template for another product; if it was meant to be evaluated, call the function where the parameter is "
            "used."
        ),
        bad="Parameters:\n  value: {Type: Json, Default: {name: {'Fn::Join': ['-', [a, b]]}}}" + _USE,
        good="Parameters:\n  value: {Type: Json, Default: {name: a-b}}" + _USE,
        source=_PARAMETERS,
    ),
    Rule(
        id="ContradictoryBounds",
        severity=ERROR,
        title="Bounds that no value can keep",
        explanation=(
            "MinLength is above MaxLength, or MinValue above MaxValue, so no value can be given. Most often the two "
            "were exchanged."
        ),
        bad="Parameters:\n  value: {Type: Number, MinValue: 10, MaxValue: 1}" + _USE,
        good="Parameters:\n  value: {Type: Number, MinValue: 1, MaxValue: 10}" + _USE,
        source=_PARAMETERS,
    ),
    Rule(
        id="ConstraintWithoutEffect",
        severity=WARNING,
        title="A constraint that the type doesn't know",
        explanation=(
            "AllowedPattern, MinLength and MaxLength are for parameters of Type String, MinValue and MaxValue for "
            "Type Number; AllowedValues needs values. Here nothing is checked, and a value goes through that should "
            "have been refused. Change the Type, or take the constraint out."
        ),
        bad="Parameters:\n  value: {Type: String, MaxValue: 10}" + _USE,
        good="Parameters:\n  value: {Type: Number, MaxValue: 10}" + _USE,
        source=_PARAMETERS,
    ),
    Rule(
        id="InvalidPattern",
        severity=ERROR,
        title="An AllowedPattern that is no regular expression",
        explanation=(
            "The pattern can't be read: a bracket isn't closed, a repetition has nothing to repeat, or it is longer "
            "than 1,000 characters. Look-ahead and look-behind are allowed; the pattern is held against the whole "
            "value."
        ),
        bad="Parameters:\n  value: {Type: String, AllowedPattern: '[a-z'}" + _USE,
        good="Parameters:\n  value: {Type: String, AllowedPattern: '[a-z]+'}" + _USE,
        source=_PARAMETERS,
    ),
)
