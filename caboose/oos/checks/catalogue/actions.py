"""Rules of actions: their names and properties, and the templates that run as actions."""

from caboose.oos.checks.rule import Rule
from caboose.oos.problems import ERROR, WARNING

_ACTIONS = "https://help.aliyun.com/zh/oos/user-guide/atom-actions"
_NESTING = "https://help.aliyun.com/document_detail/120842.html"
_LOOK = """\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances}"""
_NESTED = """\
Name: nested
Action: ACS::Template
Properties:
  Parameters: {%s: 3}
  TemplateContent:
    FormatVersion: OOS-2019-06-01
    Parameters: {count: {Type: Number}}
    Tasks:
      - Name: look
        Action: ACS::ExecuteAPI
        Properties: {Service: ECS, API: DescribeInstances, Parameters: {PageSize: '{{ count }}'}}"""

_COLLECTING = (
    _NESTED.replace("{%s: 3}", "{count: '{{ ACS::TaskLoopItem }}'}")
    + """
        Outputs: {names: {Type: List, ValueSelector: 'Instances.Instance[].InstanceName'}}
    Outputs: {names: {Type: List, Value: '{{ look.names }}'}}
Loop:
  Items: [10, 20]
  RateControl: {Mode: Concurrency, Concurrency: 2}
  Outputs: {all: {AggregateType: Fn::ListJoin, AggregateField: %s}}"""
)

DECLARED = (
    Rule(
        id="UnknownAction",
        severity=ERROR,
        title="An action that doesn't exist",
        explanation=(
            "No atomic action and no template in a library folder has this name. `caboose actions` lists what there "
            "is. For a product action put its template into a folder that CABOOSE_LIBRARY_PATH names."
        ),
        bad="""\
Name: look
Action: ACS::ExecuteApis
Properties: {Service: ECS, API: DescribeInstances}""",
        good=_LOOK,
        source=_ACTIONS,
    ),
    Rule(
        id="UnknownProperty",
        severity=ERROR,
        title="A property that the action doesn't have",
        explanation=(
            "The action doesn't take this property, and a task that sets something which isn't used may do another "
            "thing than was meant. Parameters of an API stand under Parameters; attributes such as Retries beside "
            "Properties."
        ),
        bad="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances, InstanceIds: [i-1]}""",
        good="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances, Parameters: {InstanceIds: [i-1]}}""",
        source=_ACTIONS,
    ),
    Rule(
        id="MissingProperty",
        severity=ERROR,
        title="A property that the action needs",
        explanation=(
            "The action can't run without this property, or needs one of several. null and the empty text count as "
            "not given. The hint says what the property is."
        ),
        bad="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS}""",
        good=_LOOK,
        source=_ACTIONS,
    ),
    Rule(
        id="InvalidProperty",
        severity=ERROR,
        title="A property whose value can't be right",
        explanation=(
            "The value has the right type and still can't be used: a word that isn't one of those allowed, a time or "
            "a schedule that can't be read, two properties that exclude each other, a value that the product "
            "action's own constraints refuse. The message says what is allowed."
        ),
        bad="""\
Name: rest
Action: ACS::Sleep
Properties: {Duration: 1M, EndDate: '2030-01-01T00:00:00Z'}""",
        good="""\
Name: rest
Action: ACS::Sleep
Properties: {Duration: 1M}""",
        source=_ACTIONS,
    ),
    Rule(
        id="SingleValue",
        severity=WARNING,
        title="One value where a list belongs",
        explanation=(
            "The property is a list. OOS takes a single value as a list of one, and so does Caboose. Write the list, "
            "so that the next reader needn't know that."
        ),
        bad="""\
Name: untilRunning
Action: ACS::WaitFor
Properties:
  Service: ECS
  API: DescribeInstances
  PropertySelector: 'Instances.Instance[].Status'
  DesiredValues: Running""",
        good="""\
Name: untilRunning
Action: ACS::WaitFor
Properties:
  Service: ECS
  API: DescribeInstances
  PropertySelector: 'Instances.Instance[].Status'
  DesiredValues: [Running]""",
        source=_ACTIONS,
    ),
    Rule(
        id="UndocumentedProperty",
        severity=WARNING,
        title="A property that isn't documented",
        explanation=(
            "Of this action, or this part of it, the documentation is missing or incomplete, so the property may "
            "exist. Nothing is done with it here. Check its spelling."
        ),
        bad="""\
Name: rest
Action: ACS::Pause
Properties: {Reason: maintenance}""",
        good="""\
Name: rest
Action: ACS::Pause
Properties: {}""",
        source=_ACTIONS,
    ),
    Rule(
        id="UnusedProperty",
        severity=WARNING,
        title="A property that has no effect beside another one",
        explanation=(
            "The action takes this property, but what another one says leaves it without effect: a GET has no Body. "
            "Take it out, or change the other one."
        ),
        bad="""\
Name: ask
Action: ACS::ExecuteHttpRequest
Properties: {Method: GET, URL: https://example.com, Body: {full: true}}""",
        good="""\
Name: ask
Action: ACS::ExecuteHttpRequest
Properties: {Method: GET, URL: https://example.com, Query: {full: true}}""",
        source="https://help.aliyun.com/zh/oos/user-guide/acs-executehttprequest",
    ),
    Rule(
        id="UnknownValue",
        severity=WARNING,
        title="A word that isn't documented here",
        explanation=(
            "The property takes one of a few words, and this one isn't among those that the documentation names. The "
            "documentation is incomplete there, so the word is passed on as it is. Check its spelling."
        ),
        bad="""\
Name: find
Action: ACS::SelectTargets
Properties:
  ResourceType: ALIYUN::ECS::Instance
  Filters: [{Type: Everything, RegionId: cn-hangzhou}]""",
        good="""\
Name: find
Action: ACS::SelectTargets
Properties:
  ResourceType: ALIYUN::ECS::Instance
  Filters: [{Type: All, RegionId: cn-hangzhou}]""",
        source=_ACTIONS,
    ),
    Rule(
        id="ScheduleType",
        severity=WARNING,
        title="A schedule of another type than it says",
        explanation=(
            "The Expression of the timer is right and of another Type than the one given: a date where Type says "
            "cron. OOS goes by the expression, and so does Caboose. Write the Type that it is."
        ),
        bad="""\
- Name: once
  Action: ACS::TimerTrigger
  Properties: {Type: cron, Expression: '2029-12-31T09:30:00Z', EndDate: '2030-01-01T00:00:00Z'}
- Name: look
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeInstances}""",
        good="""\
- Name: once
  Action: ACS::TimerTrigger
  Properties: {Type: at, Expression: '2029-12-31T09:30:00Z', EndDate: '2030-01-01T00:00:00Z'}
- Name: look
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeInstances}""",
        source="https://help.aliyun.com/document_detail/120869.html",
    ),
    Rule(
        id="UndeclaredParameter",
        severity=WARNING,
        title="A parameter that the nested template doesn't have",
        explanation=(
            "ACS::Template gives its template a parameter that this doesn't declare. It is left out and has no "
            "effect. Check its spelling, or take it out."
        ),
        bad=_NESTED.replace("{%s: 3}", "{count: 3, size: 5}"),
        good=_NESTED % "count",
        source=_NESTING,
    ),
    Rule(
        id="UndeclaredOutput",
        severity=WARNING,
        title="A loop that collects what the nested template doesn't give",
        explanation=(
            "A loop over a product action or ACS::Template collects an output by a name that the template behind it "
            "doesn't declare, and neither does the task. Null is collected for every item. Check its spelling."
        ),
        bad=_COLLECTING % "name",
        good=_COLLECTING % "names",
        source=_NESTING,
    ),
    Rule(
        id="UnknownTemplate",
        severity=WARNING,
        title="A nested template that isn't here",
        explanation=(
            "ACS::Template names a template that is neither stored nor in a library folder. It may be there when the "
            "template is started, so checking gives a warning; a start without it is refused."
        ),
        bad="""\
Name: nested
Action: ACS::Template
Properties: {TemplateName: nobodyHasThis}""",
        good=_NESTED % "count",
        source=_NESTING,
    ),
    Rule(
        id="BrokenTemplate",
        severity=ERROR,
        title="A product action whose template is wrong",
        explanation=(
            "The action exists, and the template behind it has errors of its own, which the message names. The task "
            "that uses it can't run. Mend the template in the library folder, or use another action."
        ),
        bad="""\
Name: broken
Action: ACS::Example::Broken
Properties: {}""",
        good=_LOOK,
        source=_NESTING,
    ),
    Rule(
        id="TemplateCycle",
        severity=ERROR,
        title="Templates that use each other in a circle",
        explanation=(
            "A template uses itself, directly or by way of others, and would never end. The message shows the way "
            "round. To do something again and again, use a Loop, ACS::WaitFor or a jump back."
        ),
        bad="""\
Name: again
Action: ACS::Template
Properties: {TemplateName: restart}  # in the template that is stored as restart""",
        good=_LOOK,
        source=_NESTING,
    ),
    Rule(
        id="TooDeepNesting",
        severity=ERROR,
        title="Templates nested too deep",
        explanation=(
            "Templates that use each other stand more than 16 deep in one another. Use the inner ones directly, or "
            "start a part by itself."
        ),
        bad="""\
Name: deep
Action: ACS::Example::Level1  # which uses Level2, which uses Level3 … Level17
Properties: {}""",
        good=_LOOK,
        source=_NESTING,
    ),
    Rule(
        id="TooManyBodies",
        severity=ERROR,
        title="More than 200 templates in one",
        explanation=(
            "With the templates that it uses, and those that they use, the template consists of more than 200. Start "
            "parts of it as templates of their own."
        ),
        bad="""\
- Name: one
  Action: ACS::Example::One
  Properties: {}  # … and 200 more actions like this""",
        good=_LOOK,
    ),
    Rule(
        id="PlanTooLarge",
        severity=ERROR,
        title="A template that is too large with all it uses",
        explanation=(
            "With the templates that it uses, each counted once, the template has more than 1 MB. It couldn't travel "
            "to the workers. Use fewer product actions, or start parts of it as templates of their own."
        ),
        bad="""\
- Name: one
  Action: ACS::Example::One
  Properties: {}  # … and many more, of 60 KB each""",
        good=_LOOK,
    ),
)
