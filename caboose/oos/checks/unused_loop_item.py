"""A loop whose task never looks at its item: it does the same thing as often as there are items."""

from collections.abc import Iterator

from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import CONDITION, Template
from caboose.oos.compiling.scope import LOOP_ITEM


def _check(template: Template) -> Iterator[Finding]:
    if not template.loops:
        return
    items = [use.text for use in template.uses if use.reference.name == LOOP_ITEM]
    if any(text.path[0] == "Conditions" for text in items):  # a condition that is asked for may look at the item
        items += [text for text in template.texts if text.place == CONDITION and text.text in template.body.conditions]
    lengths = list(dict.fromkeys(len(loop.path) - 1 for loop in template.loops))
    looking = {text.path[:length] for text in items for length in lengths}
    for loop in template.loops:
        if loop.path[:-1] not in looking:
            message = f'the loop of "{loop.task.name}" does the same for every item: nothing uses {LOOP_ITEM}'
            yield Finding(loop.path, message, f"Write {{{{ {LOOP_ITEM} }}}} where the item belongs.")


RULE = Rule(
    id="UnusedLoopItem",
    severity="warning",
    title="A loop that doesn't use its item",
    explanation=(
        "The task runs once for each item, and neither its Properties nor its When nor its Outputs refer to "
        "ACS::TaskLoopItem, so each run does the same. Put the item where it belongs, or take the Loop out."
    ),
    bad="""\
Name: reboot
Action: ACS::ExecuteAPI
Loop: {Items: [i-1, i-2], RateControl: {Mode: Concurrency, Concurrency: 2, MaxErrors: 0}}
Properties: {Service: ECS, API: RebootInstance, Parameters: {InstanceId: i-1}}""",
    good="""\
Name: reboot
Action: ACS::ExecuteAPI
Loop: {Items: [i-1, i-2], RateControl: {Mode: Concurrency, Concurrency: 2, MaxErrors: 0}}
Properties: {Service: ECS, API: RebootInstance, Parameters: {InstanceId: '{{ ACS::TaskLoopItem }}'}}""",
    source="https://help.aliyun.com/document_detail/122210.html",
    check=_check,
)
