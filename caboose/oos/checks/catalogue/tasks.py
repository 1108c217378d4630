"""Rules of the Tasks section: jumps, loops, polling, triggers."""

from caboose.oos.checks.rule import Rule
from caboose.oos.problems import ERROR, WARNING

_COMMON = "https://help.aliyun.com/document_detail/120819.html"
_LOOPS = "https://help.aliyun.com/document_detail/122210.html"
_TRIGGERS = "https://help.aliyun.com/document_detail/120869.html"

DECLARED = (
    Rule(
        id="UnknownJump",
        severity=ERROR,
        title="A jump to a task that doesn't exist",
        explanation=(
            "OnSuccess, OnError, OnCancel, NextTask and DefaultTask name a task of the same list, ACS::NEXT or "
            "ACS::END. No task has this name. Write the name that is meant."
        ),
        bad="""\
- Name: reboot
  Action: ACS::ExecuteAPI
  OnError: cleanup
  OnSuccess: ACS::END
  Properties: {Service: ECS, API: RebootInstance, Parameters: {InstanceId: i-1}}
- Name: cleanUpAll
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: StartInstance, Parameters: {InstanceId: i-1}}""",
        good="""\
- Name: reboot
  Action: ACS::ExecuteAPI
  OnError: cleanUpAll
  OnSuccess: ACS::END
  Properties: {Service: ECS, API: RebootInstance, Parameters: {InstanceId: i-1}}
- Name: cleanUpAll
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: StartInstance, Parameters: {InstanceId: i-1}}""",
        source=_COMMON,
    ),
    Rule(
        id="InvalidJump",
        severity=ERROR,
        title="A jump that isn't written out",
        explanation=(
            "The target of a jump is the name of a task, literally. A reference or another value can't stand there: "
            "where a template may go is known before it starts. To choose while it runs, use ACS::Choice."
        ),
        bad="""\
Parameters:
  next: {Type: String}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    OnSuccess: '{{ next }}'
    Properties: {Service: ECS, API: DescribeInstances}""",
        good="""\
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    OnSuccess: ACS::END
    Properties: {Service: ECS, API: DescribeInstances}""",
        source=_COMMON,
    ),
    Rule(
        id="LoopNotAllowed",
        severity=ERROR,
        title="A Loop on an action that can't be looped",
        explanation=(
            "API calls, product actions and templates can be looped. Actions that steer (triggers, Sleep, Approve, "
            "Choice) can't: one approval for each item would ask people as often as there are items. Put the steps "
            "that belong together into ACS::Loop or a template of their own, and loop that."
        ),
        bad="""\
Name: rest
Action: ACS::Sleep
Loop: {Items: [1, 2]}
Properties: {Duration: '{{ ACS::TaskLoopItem }}M'}""",
        good="""\
Name: look
Action: ACS::ExecuteAPI
Loop: {Items: [i-1, i-2]}
Properties: {Service: ECS, API: DescribeDisks, Parameters: {InstanceId: '{{ ACS::TaskLoopItem }}'}}""",
        source=_LOOPS,
    ),
    Rule(
        id="InvalidRateControl",
        severity=ERROR,
        title="A rate control that can't be carried out",
        explanation=(
            "Mode is Concurrency or Batch. Concurrency is a number of 1 or more or a percentage, MaxErrors a number "
            "of 0 or more or a percentage, and the keys of one Mode don't go with the other. Nothing starts before "
            "that is clear: to guess could mean to reboot everything at once."
        ),
        bad="""\
Name: reboot
Action: ACS::ExecuteAPI
Loop: {Items: [i-1, i-2], RateControl: {Mode: Concurrency, Concurrency: 0, MaxErrors: 0}}
Properties: {Service: ECS, API: RebootInstance, Parameters: {InstanceId: '{{ ACS::TaskLoopItem }}'}}""",
        good="""\
Name: reboot
Action: ACS::ExecuteAPI
Loop: {Items: [i-1, i-2], RateControl: {Mode: Concurrency, Concurrency: 1, MaxErrors: 0}}
Properties: {Service: ECS, API: RebootInstance, Parameters: {InstanceId: '{{ ACS::TaskLoopItem }}'}}""",
        source=_LOOPS,
    ),
    Rule(
        id="InvalidRetry",
        severity=ERROR,
        title="A polling attribute out of its range",
        explanation=(
            "Retries is a whole number from 0 to 300, Delay and BackOff are seconds from 1 to 3,600, "
            "MaxRetryInterval from 1 to 1,800, and DelayType is Exponential, Constant or Linear."
        ),
        bad="""\
Name: untilRunning
Action: ACS::WaitFor
Retries: 1000
Properties:
  Service: ECS
  API: DescribeInstances
  PropertySelector: 'Instances.Instance[].Status'
  DesiredValues: [Running]""",
        good="""\
Name: untilRunning
Action: ACS::WaitFor
Retries: 300
Properties:
  Service: ECS
  API: DescribeInstances
  PropertySelector: 'Instances.Instance[].Status'
  DesiredValues: [Running]""",
        source=_COMMON,
    ),
    Rule(
        id="UnusedRetry",
        severity=WARNING,
        title="A polling attribute on an action that doesn't poll",
        explanation=(
            "Retries, Delay, DelayType, BackOff and MaxRetryInterval belong to actions that ask again, such as "
            "ACS::WaitFor. Here they have no effect: a call that fails isn't repeated because of them. Take them "
            "out."
        ),
        bad="""\
Name: look
Action: ACS::ExecuteAPI
Retries: 3
Properties: {Service: ECS, API: DescribeInstances}""",
        good="""\
Name: look
Action: ACS::ExecuteAPI
Properties: {Service: ECS, API: DescribeInstances}""",
        source=_COMMON,
    ),
    Rule(
        id="TriggerNotFirst",
        severity=ERROR,
        title="A trigger behind another task",
        explanation=(
            "A trigger runs the rest of the template again and again, so it is the first task, and there is one at "
            "most. Move it to the top; to wait in the middle of a template, use ACS::Sleep or ACS::WaitFor."
        ),
        bad="""\
- Name: look
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeInstances}
- Name: daily
  Action: ACS::TimerTrigger
  Properties: {Type: cron, Expression: 0 0 12 ? * *, EndDate: '2030-01-01T00:00:00Z'}""",
        good="""\
- Name: daily
  Action: ACS::TimerTrigger
  Properties: {Type: cron, Expression: 0 0 12 ? * *, EndDate: '2030-01-01T00:00:00Z'}
- Name: look
  Action: ACS::ExecuteAPI
  Properties: {Service: ECS, API: DescribeInstances}""",
        source=_TRIGGERS,
    ),
    Rule(
        id="TriggerInNested",
        severity=ERROR,
        title="A trigger in a template that another one uses",
        explanation=(
            "A template that runs as a task of another one ends and gives its outputs; one with a trigger waits for "
            "the next time, for ever. Start the template that has the trigger by itself, or use one without."
        ),
        bad="""\
Name: nested
Action: ACS::Template
Properties:
  TemplateContent:
    FormatVersion: OOS-2019-06-01
    Tasks:
      - Name: daily
        Action: ACS::TimerTrigger
        Properties: {Type: cron, Expression: 0 0 12 ? * *, EndDate: '2030-01-01T00:00:00Z'}""",
        good="""\
Name: nested
Action: ACS::Template
Properties:
  TemplateContent:
    FormatVersion: OOS-2019-06-01
    Tasks:
      - Name: look
        Action: ACS::ExecuteAPI
        Properties: {Service: ECS, API: DescribeInstances}""",
        source=_TRIGGERS,
    ),
)
