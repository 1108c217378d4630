"""Loops within the items of a loop: each is small, and all that run at once aren't."""

import json

from tests.support.stack import Stack
from tests.workflows.large_loops.loops import histories

OUTER, INNER = 12, 150
"""An inner loop could make 900 events, so eight at most run where they begin. ``When`` leaves all calls out."""


def test_those_that_begin_together_are_counted_together(stack: Stack) -> None:
    reboot = {
        "Name": "reboot",
        "Action": "ACS::ExecuteAPI",
        "When": {"Fn::Equals": ["{{ ACS::TaskLoopItem }}", "nothing"]},
        "Properties": {"Service": "ECS", "API": "RebootInstance", "Parameters": {"InstanceId": "i-1"}},
        "Loop": {"Items": "{{ items }}", "RateControl": {"Concurrency": INNER}},
    }
    groups = {
        "Name": "groups",
        "Action": "ACS::Loop",
        "Properties": {
            "LoopItems": list(range(OUTER)),
            "LoopRateControl": {"Concurrency": OUTER},
            "LoopTasks": [reboot],
        },
    }
    template = {"FormatVersion": "OOS-2019-06-01", "Parameters": {"items": {"Type": "List"}}, "Tasks": [groups]}
    items = [f"i-{number}" for number in range(INNER)]
    execution_id = stack.start({"items": items}, TemplateContent=json.dumps(template))
    record = stack.finish(execution_id)
    assert (record["Status"], record["Tasks"][0]["Loop"]["Success"]) == ("Success", OUTER)
    apart = {history.workflow_id for history in histories(stack, execution_id)} - {execution_id}
    assert len(apart) == OUTER - 8
    assert stack.reboots() == []
