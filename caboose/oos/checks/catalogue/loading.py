"""Rules of loading: what is said of a template's text before anything in it is understood."""

from caboose.oos.checks.rule import Rule
from caboose.oos.problems import ERROR

_STRUCTURE = "https://www.alibabacloud.com/help/doc-detail/120665.htm"
_CREATE_TEMPLATE = "https://www.alibabacloud.com/help/en/oos/developer-reference/api-oos-2019-06-01-createtemplate"
_GOOD = """\
FormatVersion: OOS-2019-06-01
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances}"""

DECLARED = (
    Rule(
        id="InvalidYaml",
        severity=ERROR,
        title="A text that can't be read",
        explanation=(
            "The text is neither YAML nor JSON: an indentation is wrong, a bracket or a quote isn't closed, a "
            "character can't stand where it stands. Nothing of the template can be checked before that is mended. A "
            "reference needs quotes when it begins a value: '{{ x }}', because { begins a map in YAML."
        ),
        bad="""\
FormatVersion: OOS-2019-06-01
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
     Properties: {Service: ECS, API: DescribeInstances}""",
        good=_GOOD,
        source=_STRUCTURE,
    ),
    Rule(
        id="InvalidKey",
        severity=ERROR,
        title="A key that is no plain name",
        explanation=(
            "A key of a map is a plain text. A map or a list can't be one, and what << merges in is a map, or a list "
            "of maps. Write a plain name."
        ),
        bad="""\
Parameters:
  id: {Type: String}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances, Parameters: {? [InstanceId] : i-1}}""",
        good="""\
Parameters:
  id: {Type: String}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances, Parameters: {InstanceId: '{{ id }}'}}""",
        source=_STRUCTURE,
    ),
    Rule(
        id="DuplicateKey",
        severity=ERROR,
        title="A key that stands twice in one map",
        explanation=(
            "Two entries of a map have the same key. Most readers of YAML silently take the last one, so half of "
            "what was written would have no effect. Take one of them out, or give it another name."
        ),
        bad="""\
Name: look
Action: ACS::ExecuteAPI
Properties:
  Service: ECS
  API: DescribeInstances
  API: DescribeImages""",
        good="""\
Name: look
Action: ACS::ExecuteAPI
Properties:
  Service: ECS
  API: DescribeInstances""",
        source=_STRUCTURE,
    ),
    Rule(
        id="UnknownTag",
        severity=ERROR,
        title="A tag of YAML",
        explanation=(
            "A tag such as !Ref or !!python/object asks the reader of YAML to make an object. A template is plain "
            "data: maps, lists, texts, numbers, true, false and null. Write the value itself; what !Ref does in "
            "other languages is '{{ name }}' here."
        ),
        bad="""\
Parameters:
  id: {Type: String}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances, Parameters: {InstanceId: !Ref id}}""",
        good="""\
Parameters:
  id: {Type: String}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances, Parameters: {InstanceId: '{{ id }}'}}""",
        source=_STRUCTURE,
    ),
    Rule(
        id="TooDeep",
        severity=ERROR,
        title="Values nested too deep",
        explanation=(
            "Maps and lists stand in each other more than 50 levels deep; a condition that is named counts as if it "
            "stood there itself. No person writes that; readers that follow every level would run out of room. Make "
            "the value flatter, or pass it in as a parameter."
        ),
        bad="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeX, Parameters: {Deep: [[[[[[[[[[[[[[[[[[[[[[[[[[
  [[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]
  ]]]]]]]]]]]]]]]]]]]]]]]]]]}}""",
        good="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeX, Parameters: {Deep: [[[]]]}}""",
    ),
    Rule(
        id="TooManyNodes",
        severity=ERROR,
        title="Too many values",
        explanation=(
            "The template holds more than 20,000 values, aliases counted as often as they are used: a few lines of "
            "aliases can stand for millions of values. Take repetitions out, or pass large data in as a parameter."
        ),
        bad="""\
FormatVersion: OOS-2019-06-01
Metadata:
  a: &a [x, x, x, x, x, x, x, x, x, x, x, x]
  b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
  c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
  d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances}""",
        good=_GOOD,
    ),
    Rule(
        id="TemplateTooLarge",
        severity=ERROR,
        title="A template of more than 64 KB",
        explanation=(
            "OOS takes templates of at most 64 KB, and so does Caboose, unless its setting allows more. Move long "
            "scripts into the parameter store or an object store, or make a part of the template a template of its "
            "own."
        ),
        bad="""\
Name: run
Action: ACS::ECS::RunCommand
Properties:
  commandContent: |
    # … 64 KB of a script""",
        good=_GOOD,
        source=_CREATE_TEMPLATE,
    ),
    Rule(
        id="TooManyProblems",
        severity=ERROR,
        title="More problems than anybody mends at once",
        explanation=(
            "So many problems were found that reading stopped, or that not all of them are shown. There may be more "
            "behind the last one. Mend those that are shown and check again."
        ),
        bad="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeX, Parameters: {A: '{{ a }}', B: '{{ b }}'}}  # … and 200 more like these""",
        good=_GOOD,
    ),
)
