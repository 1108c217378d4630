"""Notifications: every shape that their fields may have, and what is said of those that they may not have."""

from typing import Any

import pytest

from caboose.engine.decisions import Notification, Refused, check, notify, read
from caboose.engine.state import ExecutionState

AT = "2026-01-31T08:00:00Z"
DEEP: Any = []
for _ in range(150):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (None, "InvalidNotification", "one JSON object"),
        ("Approve", "InvalidNotification", "one JSON object"),
        ([{"NotifyType": "Approve"}], "InvalidNotification", "one JSON object"),
        ({}, "InvalidNotification", "NotifyType is one of Approve, Reject, RetryTask, SkipTask, ExecuteTask"),
        ({"NotifyType": "approve"}, "InvalidNotification", "not 'approve'"),
        ({"NotifyType": "x" * 500}, "InvalidNotification", "NotifyType is one of"),
        ({"NotifyType": 5}, "InvalidNotification", "NotifyType is a string"),
        ({"NotifyType": "Approve", "NotifyNote": {}}, "InvalidNotification", "NotifyNote is a string"),
        ({"NotifyType": "Approve", "Approver": ["a"]}, "InvalidNotification", "Approver is a string"),
        ({"NotifyType": "Approve", "DecisionId": 1}, "InvalidNotification", "DecisionId is a string"),
        ({"NotifyType": "Approve", "TaskExecutionId": 1}, "InvalidNotification", "TaskExecutionId is a string"),
        ({"NotifyType": "Approve", "Attempt": "1"}, "InvalidNotification", "Attempt is a whole number"),
        ({"NotifyType": "Approve", "Attempt": True}, "InvalidNotification", "Attempt is a whole number"),
        ({"NotifyType": "Approve", "Attempt": 1.0}, "InvalidNotification", "Attempt is a whole number"),
        ({"NotifyType": "Approve", "TaskExecutionIds": "exec-1.t0001"}, "InvalidNotification", "can't be read as JSON"),
        ({"NotifyType": "Approve", "TaskExecutionIds": {"a": 1}}, "InvalidNotification", "list of at most 100 ids"),
        ({"NotifyType": "Approve", "TaskExecutionIds": ["a", 1]}, "InvalidNotification", "list of at most 100 ids"),
        ({"NotifyType": "Approve", "TaskExecutionIds": ["a"] * 101}, "InvalidNotification", "at most 100 ids"),
        ({"NotifyType": "Approve", "TaskExecutionIds": "[" * 90_000}, "InvalidNotification", "can't be read as JSON"),
        ({"NotifyType": "Approve", "TaskExecutionIds": ["a" * 1_001]}, "InvalidNotification", "1000 characters"),
        ({"NotifyType": "Approve", "TaskName": "a" * 201}, "InvalidNotification", "TaskName has more than 200"),
        ({"NotifyType": "RetryTask", "Parameters": "x"}, "InvalidNotification", "Parameters can't be read as JSON"),
        ({"NotifyType": "RetryTask", "Parameters": [1]}, "InvalidNotification", "Parameters is a JSON object"),
        ({"NotifyType": "RetryTask", "Parameters": 5}, "InvalidNotification", "Parameters is a JSON object"),
        ({"NotifyType": "RetryTask", "Parameters": {"a": float("nan")}}, "InvalidNotification", "JSON doesn't know"),
        ({"NotifyType": "RetryTask", "Parameters": {"a": DEEP}}, "InvalidNotification", "nested more than 100"),
        ({"NotifyType": "ExecuteTask", "Parameters": {"a": "x" * 100_000}}, "InvalidNotification", "100000 bytes"),
        ({"NotifyType": "Approve", "Parameters": {"a": 1}}, "InvalidNotification", "go with ExecuteTask and RetryTask"),
        ({"NotifyType": "SkipTask", "Parameters": '{"a": 1}'}, "InvalidNotification", "not with SkipTask"),
        ({"NotifyType": "CompleteExecution", "ExecutionStatus": "Done"}, "InvalidNotification", "not 'Done'"),
        ({"NotifyType": "CompleteExecution", "ExecutionStatus": "Running"}, "InvalidNotification", "one of Success"),
        ({"NotifyType": "CompleteExecution", "ExecutionStatus": 1}, "InvalidNotification", "is a string"),
        ({"NotifyType": "CancelTask", "ExecutionStatus": "Failed"}, "InvalidNotification", "goes with CompleteExec"),
        ({"NotifyType": "Approve", "LoopItem": DEEP}, "InvalidNotification", "LoopItem is a value"),
        ({"NotifyType": "Approve", "LoopItem": float("inf")}, "InvalidNotification", "LoopItem is a value"),
        ({"NotifyType": "Approve", "LoopItem": "x" * 100_001}, "InvalidNotification", "LoopItem is a value"),
    ],
)
def test_what_can_not_be_read(body: Any, code: str, words: str) -> None:
    refused = read(body)
    assert isinstance(refused, Refused)
    assert refused.code == code
    assert words in refused.message
    assert len(refused.message) < 300
    state = ExecutionState("exec-1", created=AT, started=AT)
    assert check(state, body) == refused
    outcome = notify(state, body, AT)
    assert (outcome.accepted, outcome.code, outcome.at) == (False, code, AT)


@pytest.mark.parametrize(
    ("fields", "by"),
    [
        ({}, "by a Temporal client"),
        ({"Approver": "alice"}, 'by a Temporal client, gave the name "alice"'),
        ({"Via": "temporal", "By": "admin"}, "by a Temporal client"),
        ({"Via": "link", "Approver": "alice"}, 'by link, gave the name "alice"'),
        ({"Via": "link", "By": "admin"}, "by link"),
        ({"Via": "api", "By": "admin"}, 'by API token "admin"'),
        ({"Via": "api", "By": "admin", "Approver": "alice"}, 'by API token "admin", gave the name "alice"'),
    ],
)
def test_who_decided_and_how_much_of_that_is_proven(fields: dict[str, str], by: str) -> None:
    notification = read({"NotifyType": "Approve", **fields})
    assert isinstance(notification, Notification)
    assert notification.by == by


def test_long_texts_are_cut() -> None:
    body = {"NotifyType": "Approve", "NotifyNote": "n" * 5_000, "Approver": "a" * 5_000, "DecisionId": "d" * 5_000}
    notification = read(body)
    assert isinstance(notification, Notification)
    assert (len(notification.note), len(notification.decision_id)) == (2_000, 200)
    assert len(notification.by) < 300


@pytest.mark.parametrize(
    ("fields", "ids", "address"),
    [
        ({}, (), ""),
        ({"TaskExecutionId": "a"}, ("a",), "a"),
        ({"TaskExecutionIds": ["a", "b", "a", ""]}, ("a", "b"), "a and 1 more"),
        ({"TaskExecutionIds": '["a", "b"]'}, ("a", "b"), "a and 1 more"),
        ({"TaskExecutionIds": " "}, (), ""),
        ({"TaskExecutionIds": "null"}, (), ""),
        ({"TaskExecutionIds": []}, (), ""),
        ({"TaskExecutionId": "c", "TaskExecutionIds": ["a", "c", "b"]}, ("c", "a", "b"), "c and 2 more"),
    ],
)
def test_ids_come_alone_or_as_a_list_or_as_the_text_of_one(
    fields: dict[str, Any], ids: tuple[str, ...], address: str
) -> None:
    notification = read({"NotifyType": "Approve", **fields})
    assert isinstance(notification, Notification)
    assert (notification.ids, notification.address) == (ids, address)
    assert notification.has_address == bool(ids)


@pytest.mark.parametrize(
    ("kind", "given", "parameters"),
    [
        ("RetryTask", {"API": "DescribeX"}, {"API": "DescribeX"}),
        ("ExecuteTask", '{"a": [1, null]}', {"a": [1, None]}),
        ("RetryTask", "", {}),
        ("RetryTask", "{}", {}),
        ("Approve", "{}", {}),
        ("Approve", {}, {}),
        ("SkipTask", None, {}),
        ("RetryTask", {"a\x00": "\x01"}, {"a\ufffd": "\ufffd"}),
    ],
)
def test_parameters_are_an_object_or_its_text(kind: str, given: Any, parameters: dict[str, Any]) -> None:
    notification = read({"NotifyType": kind, "Parameters": given})
    assert isinstance(notification, Notification)
    assert notification.parameters == parameters


@pytest.mark.parametrize(
    ("given", "status"), [(None, "Success"), ("", "Success"), ("Failed", "Failed"), ("Cancelled", "Cancelled")]
)
def test_the_status_of_a_completed_execution(given: str | None, status: str) -> None:
    notification = read({"NotifyType": "CompleteExecution", "ExecutionStatus": given})
    assert isinstance(notification, Notification)
    assert notification.execution_status == status


@pytest.mark.parametrize(
    ("given", "item", "meant"),
    [
        (None, "i-1", True),
        ("i-1", "i-1", True),
        ("i-1", "i-2", False),
        (1, 1, True),
        (True, 1, False),
        (1, True, False),
        ("1", 1, True),
        ("1", "1", True),
        (1, "1", False),
        ('{"a": [1]}', {"a": [1]}, True),
        ('{"a": [2]}', {"a": [1]}, False),
        ({"a": [1]}, {"a": [1]}, True),
        ("[" * 90_000, [1], False),
        ("{", {}, False),
        ("i-1", None, False),
    ],
)
def test_an_item_is_meant_by_its_value_or_its_json_text(given: Any, item: Any, meant: bool) -> None:
    notification = read({"NotifyType": "RetryTask", "LoopItem": given})
    assert isinstance(notification, Notification)
    assert notification.is_for_item(item) == meant


@pytest.mark.parametrize(
    ("given", "approver"),
    [("alice", "alice"), (" alice@corp ", " alice@corp "), ("@corp", ""), ("\u200b", ""), ("", "")],
)
def test_a_name_that_names_nobody_is_none(given: str, approver: str) -> None:
    notification = read({"NotifyType": "Approve", "Approver": given})
    assert isinstance(notification, Notification)
    assert notification.approver == approver


def test_execute_task_names_the_task_to_run_and_the_others_the_one_that_waits() -> None:
    for kind, address in (("ExecuteTask", ""), ("CancelTask", "look")):
        notification = read({"NotifyType": kind, "TaskName": "look"})
        assert isinstance(notification, Notification)
        assert (notification.named_task, notification.has_address) == (address, bool(address))
