"""High-risk calls: shown before they are made, made when somebody says so, never made when somebody says no."""

import asyncio
import json
from functools import partial
from typing import Any

import pytest

from caboose.engine.approvals import waiting_approvals
from caboose.engine.errors import OutcomeUnknown, TaskFailed
from caboose.oos.library import Library, Source
from tests.engine.recording import Recording
from tests.engine.running import Execution
from tests.oos.templates import task, template

CONFIRM = {"SafetyCheck": "ConfirmEveryHighRiskAction"}
LOST = OutcomeUnknown("the connection was lost")


def deleting(parameters: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    properties = {"Service": "ECS", "API": "DeleteInstance", "Parameters": parameters or {"InstanceId": "i-1"}}
    return task(**{"Name": "clean", "Properties": properties, "Outputs": None, **fields})


def going(
    text: str, script: dict[str, Any] | None = None, parameters: dict[str, Any] | None = None, **more: Any
) -> Execution:
    """An execution that asks before high-risk calls."""
    fields = {**CONFIRM, **more.pop("fields", {})}
    return Execution(text, Recording(script), parameters, fields=fields, **more).start()


async def test_the_call_is_shown_exactly_and_made_when_somebody_says_so() -> None:
    sent = {"InstanceId": "i-1", "Force": True, "Count": 3, "Tags": [{"Key": "a", "Value": None}]}
    text = template([deleting(sent)], RamRole="cleaner")
    asked = await going(text, {"DeleteInstance": {"RequestId": "r"}}).until("Waiting")
    assert not asked.effects.calls
    (wait,) = asked.state.waits.values()
    assert (wait.kind, wait.accepts, wait.attempt) == ("HighRisk", ("Approve", "Reject"), 1)
    assert wait.message == "clean waits to call ECS DeleteInstance, which is of high risk: Approve lets it, Reject ends"
    record = asked.record()
    assert record["Approvals"][0]["Call"] == {
        "Service": "ECS",
        "API": "DeleteInstance",
        "RegionId": "cn-hangzhou",
        "RamRole": "cleaner",
        "Parameters": sent,
    }
    assert record["Waiting"][0]["Kind"] == record["WaitingStatus"] == "HighRisk"
    assert waiting_approvals(asked.state) == [], "no message is sent, so none can be sent again"
    asked.decide("Approve", Approver="alice", NotifyNote="it is empty", Via="link")
    await asked.end()
    (call,) = asked.effects.calls
    assert (call.api, call.parameters) == ("DeleteInstance", sent)
    run = asked.run_of("clean")
    assert run.extra == {"NotifyNote": "it is empty", "Decided": 'Approve by link, gave the name "alice"'}
    assert asked.state.status == "Success"


async def test_a_rejected_call_is_never_made() -> None:
    asked = await going(template([deleting(), task(Name="after", Outputs=None)])).until("Waiting")
    asked.decide("Reject", NotifyNote="not this one")
    await asked.end()
    assert (asked.state.status, asked.state.reason) == ("Cancelled", "Rejected")
    assert asked.state.message == "Rejected by a Temporal client: not this one"
    assert not asked.effects.calls
    assert asked.record()["Approvals"][0]["Status"] == "Reject"


async def test_cancelling_while_it_waits_makes_no_call() -> None:
    asked = await going(template([deleting()])).until("Waiting")
    assert asked.task
    asked.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked.end()
    assert asked.state.status == "Cancelled"
    assert not asked.effects.calls
    assert asked.state.approvals[0].cancelled


async def test_no_secret_is_shown_with_the_call() -> None:
    sent = {
        "InstanceId": "{{ secret }}-1",
        "Password": "open sesame",
        "Nested": {"DbPassword": "hidden-1", "List": ["a {{ secret }} b", {"Key": 1}], "Number": "{{ pin }}"},
        "AccessKeySecrets": ["one", "two"],
        "Url": "https://oapi.dingtalk.com/robot/send?access_token=abcdef",
        "EmptyToken": "",
        "Token": None,
    }
    parameters = {"secret": {"NoEcho": True}, "pin": {"Type": "Number", "NoEcho": True}}
    given = {"secret": "hunter2-hunter2", "pin": 918273}
    asked = await going(template([deleting(sent)], Parameters=parameters), None, given).until("Waiting")
    call = asked.state.approvals[0].call
    assert call
    assert call["Parameters"] == {
        "InstanceId": "***-1",
        "Password": "***",
        "Nested": {"DbPassword": "***", "List": ["a *** b", {"Key": 1}], "Number": "***"},
        "AccessKeySecrets": ["***", "***"],
        "Url": "https://oapi.dingtalk.com/robot/send?access_token=***",
        "EmptyToken": "",
        "Token": None,
    }
    asked.decide("Approve")
    await asked.end()
    assert asked.effects.calls[0].parameters["InstanceId"] == "hunter2-hunter2-1"


async def test_a_large_parameter_is_named_with_its_size() -> None:
    asked = await going(template([deleting({"InstanceId": "i-1", "UserData": "x" * 30_000})])).until("Waiting")
    call = asked.state.approvals[0].call
    assert call
    assert call["Parameters"] == {"InstanceId": "i-1", "UserData": "(30016 bytes, left out here)"}
    asked.decide("Reject")
    await asked.end()


async def test_of_a_thousand_parameters_the_first_are_shown() -> None:
    asked = await going(template([deleting({f"Tag.{number}": "x" for number in range(1_000)})])).until("Waiting")
    call = asked.state.approvals[0].call
    assert call
    assert len(call["Parameters"]) == 201
    assert call["Parameters"]["…"] == "(800 more parameters, left out here)"
    asked.decide("Reject")
    await asked.end()


@pytest.mark.parametrize(
    ("fields", "asks"),
    [
        ({"SafetyCheck": "Skip"}, False),
        ({"SafetyCheck": "Skip", "Mode": "FailurePause"}, False),
        ({"Mode": "Automatic"}, True),
        ({"Mode": "FailurePause"}, True),
        ({}, True),
    ],
)
async def test_the_safety_check_decides_in_every_mode(fields: dict[str, str], asks: bool) -> None:
    asked = going(template([deleting()]), fields=fields)
    if asks:
        await asked.until("Waiting")
        asked.decide("Approve")
    await asked.end()
    assert len(asked.effects.calls) == 1
    assert len(asked.state.approvals) == asks


async def test_in_mode_debug_the_call_itself_is_shown_after_the_step() -> None:
    asked = await going(template([deleting()]), fields={"Mode": "Debug"}).until("Waiting")
    assert asked.decide("ExecuteTask", Parameters={"Parameters": {"InstanceId": "i-2"}}).accepted
    await asked.until("Waiting")
    (wait,) = asked.state.waits.values()
    assert (wait.kind, wait.accepts) == ("HighRisk", ("Approve", "Reject", "CancelTask", "CompleteExecution"))
    assert asked.state.approvals[0].call
    assert asked.state.approvals[0].call["Parameters"] == {"InstanceId": "i-2"}, "what was replaced shows"
    asked.decide("CancelTask")
    await asked.end()
    assert not asked.effects.calls
    assert asked.state.status == "Cancelled"


async def test_a_call_whose_outcome_is_unknown_is_sent_again_on_a_persons_word() -> None:
    asked = await going(template([deleting()]), {"DeleteInstance": [LOST, {}]}).until("Waiting")
    asked.decide("Approve")
    await asked.effects.wait_until(lambda: any(wait.kind == "OutcomeUnknown" for wait in asked.state.waits.values()))
    assert asked.decide("RetryTask").accepted
    await asked.end()
    assert len(asked.effects.calls) == 2
    assert len(asked.state.approvals) == 1


async def test_a_failed_call_that_is_retried_is_asked_for_again() -> None:
    failed = TaskFailed("OperationDenied", "is running")
    fields = {"Mode": "FailurePause"}
    asked = await going(template([deleting()]), {"DeleteInstance": [failed, {}]}, fields=fields).until("Waiting")
    asked.decide("Approve")
    await asked.effects.wait_until(lambda: any(wait.kind == "FailurePause" for wait in asked.state.waits.values()))
    assert asked.decide("RetryTask", Parameters={"Parameters": {"InstanceId": "i-2"}}).accepted
    await asked.effects.wait_until(lambda: len(asked.state.approvals) == 2)
    second = asked.state.approvals[1]
    assert second.wait.attempt == 2
    assert second.call
    assert second.call["Parameters"] == {"InstanceId": "i-2"}
    assert asked.decide("Approve", Attempt=2).accepted
    await asked.end()
    assert [call.parameters for call in asked.effects.calls] == [{"InstanceId": "i-1"}, {"InstanceId": "i-2"}]


async def test_each_item_of_a_loop_is_asked_for_and_all_of_them_may_be_answered_at_once() -> None:
    loop = {"Items": ["i-1", "i-2", "i-3"], "RateControl": {"Concurrency": 3}, "Outputs": {}}
    clean = deleting({"InstanceId": "{{ ACS::TaskLoopItem }}"}, Loop=loop)
    asked = going(template([clean]))
    await asked.effects.wait_until(lambda: len(asked.state.waits) == 3)
    assert asked.decide("Approve").code == "AmbiguousNotification"
    assert asked.decide("Approve", LoopItem="i-2").accepted
    await asked.effects.wait_until(lambda: bool(asked.effects.calls))
    assert [call.parameters["InstanceId"] for call in asked.effects.calls] == ["i-2"]
    shown = [each["Call"]["Parameters"]["InstanceId"] for each in asked.record()["Approvals"]]
    assert shown == ["i-1", "i-2", "i-3"]
    assert asked.decide("Approve", TaskExecutionId="exec-test.t0001").accepted
    await asked.end()
    assert sorted(call.parameters["InstanceId"] for call in asked.effects.calls) == ["i-1", "i-2", "i-3"]


async def test_the_call_of_a_product_action_is_shown_where_it_is_made() -> None:
    body = template([deleting({"DiskId": "{{ disk }}"})], Parameters={"disk": {}})
    library = Library([Source("ACS::X::Clean", body)])
    use = {"Name": "use", "Action": "ACS::X::Clean", "Properties": {"disk": "d-1"}}
    asked = await going(template([use]), library=library).until("Waiting")
    entry = asked.record()["Approvals"][0]
    assert (entry["TaskName"], entry["TaskExecutionId"]) == ("clean", "exec-test.t0001.t0001")
    assert entry["Call"]["Parameters"] == {"DiskId": "d-1"}
    asked.decide("Approve")
    await asked.end()


@pytest.mark.parametrize("action", ["ACS::WaitFor", "ACS::CheckFor"])
async def test_a_poll_of_high_risk_is_asked_for_once(action: str) -> None:
    properties = {"Service": "ECS", "API": "DescribeX", "Risk": "High", "PropertySelector": "X", "DesiredValues": ["a"]}
    asked = await going(template([task(Action=action, Properties=properties, Outputs=None)])).until("Waiting")
    assert not asked.effects.polls
    asked.decide("Approve")
    await asked.end()
    assert len(asked.effects.polls) == 1


def waits_for(asked: Execution, item: str) -> bool:
    """Whether this item waits."""
    return any(wait.item == item for wait in asked.state.waits.values())


async def test_the_record_of_many_confirmations_stays_small() -> None:
    items = [f"i-{number}" for number in range(150)]
    loop = {"Items": items, "RateControl": {"Concurrency": 1}, "Outputs": {}}
    asked = going(template([deleting({"InstanceId": "{{ ACS::TaskLoopItem }}"}, Loop=loop)]))
    for item in items:
        await asked.effects.wait_until(partial(waits_for, asked, item))
        assert asked.decide("Approve", LoopItem=item).accepted
    await asked.end()
    assert len(asked.state.approvals) <= 101
    assert len(json.dumps(asked.record())) < 700_000


async def test_a_hundred_calls_that_wait_at_once_have_a_page_each() -> None:
    loop = {"Items": list(range(100)), "RateControl": {"Concurrency": 100}, "Outputs": {}}
    large = {"InstanceId": "{{ ACS::TaskLoopItem }}", "UserData": "x" * 15_000}
    asked = going(template([deleting(large, Loop=loop)]))
    await asked.effects.wait_until(lambda: len(asked.state.waits) == 100)
    record = asked.record()
    assert len(json.dumps(record)) < 700_000
    shown = [each["Call"]["Parameters"] for each in record["Approvals"]]
    assert [each["InstanceId"] for each in shown] == list(range(100))
    assert shown[0]["UserData"] == "(15002 bytes, left out here)"
    asked.decide("Reject", TaskExecutionId="exec-test.t0001")
    await asked.end()
