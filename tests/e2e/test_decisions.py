"""Deciding: every way of saying yes or no, and everything that must not count as a decision.

The approval page has its own tests in ``tests/api``; here are the update, the signal, the API and cancellation.
"""

import json
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from tests.e2e.server import Server
from tests.e2e.ways import new_id
from tests.support.processes import until
from tests.support.stack import TEMPLATE, Stack

IDS = ["i-sim00001"]


@pytest.fixture
def waiting(stack: Stack) -> str:
    """The id of an execution that waits for its approval."""
    stack.simulator.put_instances(1)
    execution_id = stack.start(stack.parameters(IDS))
    stack.wait_for_approval(execution_id)
    return execution_id


def assert_restarted_once(stack: Stack, execution_id: str) -> dict[str, Any]:
    """It ends as a Success and the machine was restarted once. Gives the record."""
    record = stack.finish(execution_id)
    assert record["Status"] == "Success", record["StatusMessage"]
    assert [call["instance_id"] for call in stack.reboots()] == IDS
    return record


def assert_still_waiting(stack: Stack, execution_id: str) -> dict[str, Any]:
    """Nothing was decided and nothing was restarted. Gives the record."""
    record = stack.get(execution_id)
    assert record["Status"] == "Waiting"
    assert record["Approvals"][0]["Status"] == "Waiting"
    assert not stack.reboots()
    return record


def test_approve_by_update(stack: Stack, server: Server, waiting: str) -> None:
    answer = server.update(waiting, {"NotifyType": "Approve", "Approver": "alice", "NotifyNote": "go"})
    assert answer == {"Accepted": True, "Message": 'approved by a Temporal client, gave the name "alice"'}
    decision = assert_restarted_once(stack, waiting)["Approvals"][0]["Decision"]
    assert (decision["Decision"], decision["Note"]) == ("Approve", "go")
    assert decision["By"] == 'by a Temporal client, gave the name "alice"'


def test_approve_by_the_temporal_command_line(stack: Stack, waiting: str) -> None:
    body = json.dumps({"NotifyType": "Approve", "Approver": "alice", "NotifyNote": "ok"})
    stack.temporal_cli("workflow", "signal", "--workflow-id", waiting, "--name", "NotifyExecution", "--input", body)
    record = assert_restarted_once(stack, waiting)
    assert [each["Accepted"] for each in record["Decisions"]] == [True]
    assert record["Tasks"][1]["ExtraData"]["NotifyNote"] == "ok"


def test_approve_by_the_temporal_command_line_as_an_update(stack: Stack, waiting: str) -> None:
    body = json.dumps({"NotifyType": "Approve"})
    arguments = ["--workflow-id", waiting, "--name", "NotifyExecution", "--input", body, "--output", "json"]
    answer = json.loads(stack.temporal_cli("workflow", "update", "execute", *arguments).stdout)
    assert answer["result"]["Accepted"] is True
    assert_restarted_once(stack, waiting)


def test_approve_by_the_api(stack: Stack, waiting: str) -> None:
    assert stack.notify(waiting, "Approve", NotifyNote="go", Approver="alice").json()["Accepted"] is True
    decision = assert_restarted_once(stack, waiting)["Approvals"][0]["Decision"]
    assert decision["By"] == 'by API token "admin", gave the name "alice"'


def test_approve_by_caboose(stack: Stack, waiting: str) -> None:
    stack.caboose("executions", "approve", waiting, "--note", "go")
    assert assert_restarted_once(stack, waiting)["Approvals"][0]["Decision"]["Note"] == "go"


def test_a_name_cannot_be_forged_over_the_api(stack: Stack, waiting: str) -> None:
    stack.notify(waiting, "Approve", By="root", Via="link")
    assert assert_restarted_once(stack, waiting)["Approvals"][0]["Decision"]["By"] == 'by API token "admin"'


@pytest.mark.parametrize("how", ["signal", "update", "api", "caboose"])
def test_reject_ends_the_execution_and_touches_nothing(stack: Stack, server: Server, waiting: str, how: str) -> None:
    body = {"NotifyType": "Reject", "NotifyNote": "not today"}
    match how:
        case "signal":
            server.signal(waiting, body)
        case "update":
            server.update(waiting, body)
        case "api":
            stack.notify(waiting, "Reject", NotifyNote="not today")
        case "caboose":
            stack.caboose("executions", "reject", waiting, "--note", "not today")
    record = stack.finish(waiting)
    assert (record["Status"], record["StatusReason"]) == ("Cancelled", "Rejected")
    assert record["StatusMessage"].startswith("Rejected by ")
    assert record["StatusMessage"].endswith(": not today")
    assert [task["Status"] for task in record["Tasks"]] == ["Success", "Cancelled"]
    assert record["Outputs"] == {"instanceIds": IDS}
    assert not stack.reboots()


def test_the_reason_of_a_rejection_is_in_temporal_too(stack: Stack, server: Server, waiting: str) -> None:
    server.signal(waiting, {"NotifyType": "Reject", "Approver": "bob", "NotifyNote": "not today"})
    reason = 'Rejected by a Temporal client, gave the name "bob": not today'
    assert stack.finish(waiting)["StatusMessage"] == reason
    until(lambda: server.status(waiting) == "CANCELED", "Temporal says Canceled")
    assert server.run(server.describe(waiting).memo())["StatusMessage"] == reason
    details = server.details(waiting)
    assert details.startswith("**Cancelled**")
    assert "not today" in details


def test_the_details_show_the_tasks_while_it_waits(server: Server, waiting: str) -> None:
    details = server.details(waiting)
    assert details.startswith("**Waiting**")
    assert "waits for approval" in details
    assert "| selectInstances | Success |" in details


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"NotifyType": "RetryTask"}, "NotWaiting"),
        ({"NotifyType": "SkipTask"}, "NotWaiting"),
        ({"NotifyType": "CompleteExecution"}, "WrongMode"),
        ({"NotifyType": "approve!"}, "InvalidNotification"),
        ({"NotifyType": "Approve", "TaskExecutionId": "exec-other.t0002"}, "NotWaiting"),
        ({"NotifyType": "Approve", "TaskName": "anotherTask"}, "NotWaiting"),
        ({"NotifyType": "Approve", "Attempt": 2}, "WrongAttempt"),
        ({"NotifyType": "Approve", "LoopItem": "i-1"}, "NotWaiting"),
    ],
)
def test_what_does_not_fit_is_refused_in_the_same_words_everywhere(
    stack: Stack, server: Server, waiting: str, body: dict[str, Any], code: str
) -> None:
    refused = server.update(waiting, body)
    assert refused["Refused"] == code
    over_http = stack.http.post(f"/executions/{waiting}/notify", json=body)
    assert over_http.status_code == (400 if code == "InvalidNotification" else 409)
    assert (over_http.json()["Code"], over_http.json()["Message"]) == (code, refused["Message"])
    server.signal(waiting, body)
    record = assert_still_waiting(stack, waiting)
    assert [(each["Accepted"], each["Code"], each["Message"]) for each in record["Decisions"]] == [
        (False, code, refused["Message"])
    ]


def test_a_decision_before_the_wait_is_refused(stack: Stack, server: Server) -> None:
    stack.simulator.put_instances(1)
    stack.simulator.fault("DescribeInstances", "drop_before", times=None)  # it can't come to the wait
    execution_id = stack.start(stack.parameters(IDS))
    server.signal(execution_id, {"NotifyType": "Approve"})
    assert stack.notify(execution_id, "Approve").json()["Code"] == "NotWaiting"
    stack.simulator.clear_faults()
    stack.wait_for_approval(execution_id)
    record = assert_still_waiting(stack, execution_id)
    assert [each["Code"] for each in record["Decisions"]] == ["NotWaiting"]


def test_a_decision_with_the_start_itself_is_refused(stack: Stack, server: Server) -> None:
    """A signal that is in history before the first workflow task must find the workflow's handlers ready."""
    stack.simulator.put_instances(1)
    execution_id = new_id()
    start = server.client.start_workflow(
        "Execution",
        {"TemplateName": TEMPLATE, "Parameters": stack.parameters(IDS)},
        id=execution_id,
        task_queue="caboose",
        start_signal="NotifyExecution",
        start_signal_args=[{"NotifyType": "Approve"}],
    )
    server.run(start)
    stack.wait_for_approval(execution_id)
    record = assert_still_waiting(stack, execution_id)
    assert [each["Code"] for each in record["Decisions"]] == ["NotWaiting"]


def test_a_second_decision_changes_nothing(stack: Stack, server: Server, waiting: str) -> None:
    stack.simulator.fault("DescribeInstances", "drop_before", times=None)  # it can't come to its end
    assert stack.notify(waiting, "Approve", Approver="alice").status_code == 200
    for kind in ("Reject", "Approve"):
        second = stack.notify(waiting, kind, Approver="bob")
        assert (second.status_code, second.json()["Code"]) == (409, "AlreadyDecided")
        assert 'approved by API token "admin", gave the name "alice"' in second.json()["Message"]
    server.signal(waiting, {"NotifyType": "Reject"})
    stack.simulator.clear_faults()
    record = assert_restarted_once(stack, waiting)
    assert [each["Code"] for each in record["Decisions"]] == ["", "AlreadyDecided"]


def test_a_decision_after_the_end_is_refused(stack: Stack, server: Server, waiting: str) -> None:
    stack.notify(waiting, "Approve")
    assert_restarted_once(stack, waiting)
    until(lambda: server.status(waiting) == "COMPLETED", "it has ended for Temporal too")
    late = stack.notify(waiting, "Reject")
    assert (late.status_code, late.json()["Code"]) == (409, "ExecutionEnded")
    assert stack.get(waiting)["Status"] == "Success"


def test_the_same_decision_id_is_one_decision(stack: Stack, server: Server, waiting: str) -> None:
    body = {"NotifyType": "Approve", "DecisionId": "click-1"}
    server.signal_many(waiting, [body, body, body])
    record = assert_restarted_once(stack, waiting)
    assert [each["DecisionId"] for each in record["Decisions"]] == ["click-1"]


GARBAGE: list[list[Any]] = [
    [],
    [None],
    [True],
    [17],
    ["Approve"],
    [[]],
    [["Approve"]],
    [{}],
    [{"NotifyType": None}],
    [{"NotifyType": 1}],
    [{"NotifyType": ["Approve"]}],
    [{"NotifyType": "Approve", "NotifyNote": {"a": 1}}],
    [{"NotifyType": "Approve", "Attempt": True}],
    [{"NotifyType": "Approve", "Attempt": "1"}],
    [{"NotifyType": "Approve", "TaskExecutionId": 2}],
    [{"NotifyType": "Approve"}, {"NotifyType": "Approve"}],
    [{"NotifyType": "\u0000"}],
    [{"NotifyType": "x" * 100_000}],
]


def test_garbage_signals_do_no_harm(stack: Stack, server: Server, waiting: str) -> None:
    for inputs in GARBAGE:
        server.signal(waiting, *inputs)
    server.signal(waiting, {"NotifyType": "Approve"}, name="Approve")
    server.signal(waiting, name="notifyexecution")
    record = assert_still_waiting(stack, waiting)
    assert {each["Code"] for each in record["Decisions"]} == {"InvalidNotification", "UnknownSignal"}
    assert len(record["Decisions"]) == len(GARBAGE) + 2
    stack.notify(waiting, "Approve")
    assert_restarted_once(stack, waiting)


def test_garbage_updates_are_refused_and_leave_no_trace(stack: Stack, server: Server, waiting: str) -> None:
    before = len(server.events(waiting))
    for inputs in GARBAGE:
        assert server.update(waiting, *inputs)["Refused"] == "InvalidNotification"
    assert not assert_still_waiting(stack, waiting)["Decisions"]
    assert len(server.events(waiting)) == before


@pytest.mark.parametrize("kind", ["signal", "update"])
@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        (b"json/plain", b"{oops"),
        (b"json/plain", b"[" * 5_000),
        (b"binary/plain", b"\x00\xff"),
        (b"binary/null", b""),
        (b"json/protobuf", b"{}"),
        (b"binary/encrypted", b"e\xf1e\xf1e"),
        (b"", b""),
    ],
)
def test_payloads_that_are_not_json_do_no_harm(
    stack: Stack, server: Server, waiting: str, kind: str, encoding: bytes, data: bytes
) -> None:
    body = RawValue(Payload(metadata={"encoding": encoding}, data=data))
    if kind == "signal":
        server.signal(waiting, body)
    else:
        assert "Refused" in server.update(waiting, body)
    assert_still_waiting(stack, waiting)
    stack.notify(waiting, "Approve")
    assert_restarted_once(stack, waiting)


def test_two_hundred_signals_are_one_decision(stack: Stack, server: Server, waiting: str) -> None:
    server.signal_many(waiting, [{"NotifyType": "Approve", "Approver": f"person {n}"} for n in range(200)])
    record = assert_restarted_once(stack, waiting)
    assert sum(each["Accepted"] for each in record["Decisions"]) == 1
    assert {each["Code"] for each in record["Decisions"]} <= {"", "AlreadyDecided", "NotWaiting"}


@pytest.mark.parametrize("how", ["api", "caboose", "temporal"])
def test_cancel_while_it_waits(stack: Stack, server: Server, waiting: str, how: str) -> None:
    match how:
        case "api":
            stack.http.post(f"/executions/{waiting}/cancel", json={"Reason": "wrong machines"})
        case "caboose":
            stack.caboose("executions", "cancel", waiting)
        case "temporal":
            stack.temporal_cli("workflow", "cancel", "--workflow-id", waiting)
    record = stack.finish(waiting)
    assert (record["Status"], record["StatusReason"]) == ("Cancelled", "Cancelled")
    if how == "api":
        assert record["StatusMessage"].endswith("wrong machines (1 done, 1 cut off, 1 never started)")
    assert record["Approvals"][0]["Status"] == "Cancelled"
    assert [task["Status"] for task in record["Tasks"]] == ["Success", "Cancelled"]
    until(lambda: server.status(waiting) == "CANCELED", "Temporal says Canceled")
    assert stack.notify(waiting, "Approve").json()["Code"] == "ExecutionEnded"
    assert not stack.reboots()


def test_a_fresh_message_has_a_link_that_decides_too(stack: Stack, waiting: str) -> None:
    assert stack.http.post(f"/executions/{waiting}/notify-again", json={}).json()["Sent"] == 1
    until(lambda: len(stack.simulator.messages()) == 2, "the second message is posted")
    assert_still_waiting(stack, waiting)
    stack.notify(waiting, "Approve")
    assert_restarted_once(stack, waiting)


def test_an_approval_stays_open_when_its_message_cannot_be_delivered(stack: Stack) -> None:
    stack.simulator.put_instances(1)
    stack.simulator.fault("robot", "error", errcode=300001, message="token is not exist")
    execution_id = stack.start(stack.parameters(IDS))
    record = stack.wait_for_approval(execution_id)
    assert record["Approvals"][0]["Notification"]["Delivered"] is False
    assert "300001" in record["Tasks"][1]["StatusMessage"]
    assert not stack.simulator.messages()
    stack.notify(execution_id, "Approve")
    assert_restarted_once(stack, execution_id)
