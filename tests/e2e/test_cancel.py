"""Cancelling at bad moments: what was sent is waited for and told, nothing begins afterwards, and it always ends.

The simulator's log and Temporal's history are the witnesses, not what Caboose says of itself.
"""

import json
from pathlib import Path
from typing import Any

from tests.e2e.locked import locked_store
from tests.e2e.server import Server
from tests.support.processes import until
from tests.support.stack import Stack, running_stack

SLOW, POLLED, LOST = "i-sim00001", "i-sim00002", "i-sim00003"


SCHEDULED = "activityTaskScheduledEventAttributes"


def scheduled(server: Server, execution_id: str) -> list[str]:
    """The names of the activities that were begun after the first request for cancellation."""
    events = server.events(execution_id)
    kinds = [event["eventType"] for event in events]
    after = events[kinds.index("EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED") :]
    return [event[SCHEDULED]["activityType"]["name"] for event in after if SCHEDULED in event]


def polls(stack: Stack, instance_id: str) -> list[dict[str, Any]]:
    """The simulator's DescribeInstances calls about this instance alone."""
    return [
        call
        for call in stack.simulator.calls("DescribeInstances")
        if json.loads(call["parameters"].get("InstanceIds", "[]")) == [instance_id]
    ]


def waiting(stack: Stack, ids: list[str]) -> str:
    """The id of an execution that waits for its approval."""
    execution_id = stack.start(stack.parameters(ids))
    stack.wait_for_approval(execution_id)
    return execution_id


def begin_three_kinds(stack: Stack) -> str:
    """One restart received and unanswered, one in its wait for Running, one whose outcome is unknown. Gives the id."""
    stack.simulator.reset(transition_seconds=600)
    stack.simulator.put_instances(3)
    stack.simulator.fault("RebootInstance", "drop_before", instance_id=LOST)
    stack.simulator.fault("RebootInstance", "delay", seconds=8, instance_id=SLOW)
    execution_id = waiting(stack, [SLOW, POLLED, LOST])
    assert stack.notify(execution_id, "Approve").status_code == 200
    until(lambda: len(stack.get(execution_id)["Waiting"]) == 1, "the lost call waits for a person")
    until(lambda: bool(polls(stack, POLLED)), "the answered restart is watched")
    (slow,) = [call for call in stack.reboots() if call["instance_id"] == SLOW]
    assert slow["answered_at"] is None, "the test is pointless when this one has its answer already"
    return execution_id


def test_cancelling_waits_for_what_was_sent_and_begins_nothing(stack: Stack, server: Server) -> None:
    execution_id = begin_three_kinds(stack)
    for _ in range(2):  # somebody is impatient
        assert stack.http.post(f"/executions/{execution_id}/cancel", json={"Reason": "stop"}).status_code < 300
    record = stack.finish(execution_id)
    (slow,) = [call for call in stack.reboots() if call["instance_id"] == SLOW]
    assert slow["outcome"] == "answered", "it ended only after the answer"
    assert (record["Status"], record["StatusReason"]) == ("Cancelled", "Cancelled")
    assert set(scheduled(server, execution_id)) == {"record"}
    assert not polls(stack, SLOW)
    assert len(stack.reboots()) == 3
    assert record["Notes"] == ["calls that may or may not have been carried out: 1; see the task executions"]
    until(lambda: server.status(execution_id) == "CANCELED", "Temporal says Canceled")
    told = {each["TaskExecutionId"]: each for each in stack.tasks(execution_id, IncludeChildTaskExecution="true")}
    items = {each["LoopItem"]: each for each in told.values() if "LoopItem" in each}
    assert {each["Status"] for each in items.values()} == {"Cancelled"}
    calls = {item: told[items[item]["TaskExecutionId"] + ".t0001"] for item in items}
    assert (calls[SLOW]["Status"], calls[SLOW]["RequestId"]) == ("Success", slow["request_id"])
    assert (calls[LOST]["Status"], calls[LOST]["RequestId"]) == ("Cancelled", "")
    assert calls[LOST]["StatusMessage"].startswith("OutcomeUnknown: ")
    assert "It may or may not have been carried out." in calls[LOST]["StatusMessage"]
    assert calls[LOST]["StatusMessage"].endswith("stop)")


def pending(server: Server, execution_id: str) -> list[str]:
    """The names of the activities that run now or wait for their next attempt."""
    described = server.describe(execution_id).raw_description
    return [each.activity_type.name for each in described.pending_activities]


def assert_ends_cancelled(stack: Stack, server: Server, execution_id: str, reason: str) -> None:
    """Temporal says Canceled, and the store has the record of it."""
    until(lambda: server.status(execution_id) == "CANCELED", "Temporal says Canceled")
    record = stack.get(execution_id)
    assert (record["Status"], record["StatusReason"]) == ("Cancelled", reason)
    assert server.attributes(execution_id)["OosStatus"] == "Cancelled"
    assert not stack.reboots()


def test_a_rejection_and_a_cancellation_while_the_store_is_away(stack: Stack, server: Server) -> None:
    stack.simulator.put_instances(1)
    execution_id = waiting(stack, [SLOW])
    with locked_store(stack):
        server.signal(execution_id, {"NotifyType": "Reject", "NotifyNote": "no"})
        until(lambda: server.record(execution_id)["Status"] == "Cancelled", "it was rejected")
        until(lambda: "record" in pending(server, execution_id), "its record is being written")
        for _ in range(2):
            server.run(server.client.get_workflow_handle(execution_id).cancel())
        until(lambda: server.describe(execution_id).raw_description.pending_workflow_task.state == 0, "it took notice")
        assert server.status(execution_id) == "RUNNING"
    assert_ends_cancelled(stack, server, execution_id, "Rejected")


def test_two_cancellations_while_the_store_is_away(stack: Stack, server: Server) -> None:
    stack.simulator.put_instances(1)
    execution_id = waiting(stack, [SLOW])
    with locked_store(stack):
        for _ in range(2):
            server.run(server.client.get_workflow_handle(execution_id).cancel())
            until(lambda: "record" in pending(server, execution_id), "its record is being written")
        assert server.status(execution_id) == "RUNNING"
    assert_ends_cancelled(stack, server, execution_id, "Cancelled")


def test_every_call_in_flight_is_waited_for(stack: Stack, server: Server) -> None:
    """The first answer must not end the execution while later ones are still being carried out."""
    stack.simulator.reset(transition_seconds=600)
    stack.simulator.put_instances(3)
    for instance_id, seconds in ((SLOW, 3), (POLLED, 6), (LOST, 6)):
        stack.simulator.fault("RebootInstance", "delay", seconds=seconds, when="before", instance_id=instance_id)
    execution_id = waiting(stack, [SLOW, POLLED, LOST])
    stack.notify(execution_id, "Approve")
    until(lambda: len(stack.reboots()) == 3, "all three calls were received")
    assert stack.http.post(f"/executions/{execution_id}/cancel", json={}).status_code < 300
    record = stack.finish(execution_id)
    assert record["Status"] == "Cancelled"
    assert [call["outcome"] for call in stack.reboots()] == ["answered"] * 3
    until(lambda: server.status(execution_id) == "CANCELED", "Temporal says Canceled")
    told = stack.tasks(execution_id, IncludeChildTaskExecution="true")
    answered = {each["RequestId"] for each in told if each["TaskName"] == "rebootInstance" and each["RequestId"]}
    assert answered == {call["request_id"] for call in stack.reboots()}


CHANGE = """\
FormatVersion: OOS-2019-06-01
Tasks:
  - Name: change
    Action: ACS::ExecuteAPI
    Properties:
      Service: ECS
      API: ModifyInstanceAttribute
      Parameters: {InstanceId: i-sim00001, InstanceName: other}
"""


def test_a_call_that_ends_unknown_after_the_cancellation_asks_nobody(tmp_path: Path) -> None:
    with running_stack(tmp_path, CABOOSE_CLOUD_READ_TIMEOUT="4") as stack:
        stack.simulator.fault("ModifyInstanceAttribute", "delay", seconds=60, times=None)
        execution_id = stack.start(TemplateContent=CHANGE)
        until(lambda: bool(stack.simulator.calls("ModifyInstanceAttribute")), "the call was received")
        assert stack.http.post(f"/executions/{execution_id}/cancel", json={}).status_code < 300
        record = stack.finish(execution_id)
        assert record["Status"] == "Cancelled"
        assert record["Notes"] == ["calls that may or may not have been carried out: 1; see the task executions"]
        assert record["Tasks"][0]["StatusMessage"].startswith("OutcomeUnknown: ")


ASKING = """\
FormatVersion: OOS-2019-06-01
Parameters:
  id: {Type: String}
  hook: {Type: String, NoEcho: true}
Tasks:
  - Name: ask
    Action: ACS::Approve
    Properties: {WebHook: {URI: '{{ hook }}', Content: {msgtype: text, text: {content: '{{ id }}'}}}}
  - Name: change
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: RebootInstance, Parameters: {InstanceId: '{{ id }}'}}
"""
EACH = """\
FormatVersion: OOS-2019-06-01
Parameters:
  hook: {Type: String, NoEcho: true}
Tasks:
  - Name: each
    Action: ACS::My::Ask
    Properties: {id: '{{ ACS::TaskLoopItem }}', hook: '{{ hook }}'}
    Loop: {Items: [i-sim00001, i-sim00002], RateControl: {Mode: Concurrency, Concurrency: 2}}
Outputs:
  made: {Value: {'Fn::Jq': [First, .a + 1, {a: 1}]}}
"""


def test_a_rejection_waits_for_a_call_in_flight_and_makes_the_outputs(tmp_path: Path) -> None:
    """The call is waited for as in a cancellation, but nobody cancels: what comes afterwards may run programs."""
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "ACS--My--Ask.yml").write_text(ASKING)
    with running_stack(tmp_path / "stack", CABOOSE_LIBRARY_PATH=str(folder)) as stack:
        stack.simulator.put_instances(2)
        stack.simulator.fault("RebootInstance", "delay", seconds=4)
        execution_id = stack.start({"hook": stack.simulator.webhook()}, TemplateContent=EACH)
        until(lambda: len(stack.get(execution_id)["Waiting"]) == 2, "both ask")
        first, second = (each["TaskExecutionId"] for each in stack.get(execution_id)["Waiting"])
        assert stack.notify(execution_id, "Approve", TaskExecutionId=first).status_code == 200
        until(lambda: bool(stack.reboots()), "the first call was received")
        assert stack.notify(execution_id, "Reject", TaskExecutionId=second).status_code == 200
        record = stack.finish(execution_id)
        assert (record["Status"], record["StatusReason"]) == ("Cancelled", "Rejected")
        assert record["Outputs"] == {"made": 2}
        assert [call["outcome"] for call in stack.reboots()] == ["answered"]


def test_cancelling_during_the_last_call_ends_as_cancelled(stack: Stack, server: Server) -> None:
    stack.simulator.reset(transition_seconds=0)
    stack.simulator.put_instances([{"InstanceId": SLOW}])
    stack.simulator.fault("RebootInstance", "delay", seconds=3, instance_id=SLOW)
    properties = {"Service": "ECS", "API": "RebootInstance", "Parameters": {"InstanceId": SLOW}}
    reboot = {"Name": "reboot", "Action": "ACS::ExecuteAPI", "Properties": properties}
    template = json.dumps({"FormatVersion": "OOS-2019-06-01", "Tasks": [reboot]})
    execution_id = stack.start({}, TemplateContent=template, SafetyCheck="Skip")
    until(lambda: len(stack.reboots()) == 1, "the call was sent")
    assert stack.http.post(f"/executions/{execution_id}/cancel", json={"Reason": "stop"}).status_code < 300
    record = stack.finish(execution_id)
    assert (record["Status"], record["Tasks"][0]["Status"]) == ("Cancelled", "Success")
    assert "stop" in record["StatusMessage"]
    until(lambda: server.status(execution_id) == "CANCELED", "Temporal says Canceled")
