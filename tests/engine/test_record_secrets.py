"""The record of an execution with secret parameters: their values show nowhere, and what says what is what stays."""

from typing import Any

import pytest

from caboose.engine.record import Header, StoredTasks, execution_record, nothing_hidden, task_page
from caboose.engine.state import Answer, Approval, ExecutionState, LoopCounters, Outcome, TaskRun, Wait
from caboose.oos.hiding import hide, secret_texts
from caboose.oos.problems import Problem

AT = "2026-01-31T08:00:00Z"


def state_of(secret: Any) -> ExecutionState:
    """A state with a value wherever values and texts can be."""
    said = f"it said {secret}"
    state = ExecutionState("exec-1", created=AT, started=AT, outputs={"o": [secret]}, notes=[said], message=said)
    run = TaskRun("exec-1.t0001", "a", "x", AT, message=said, loop=LoopCounters(1, 1, 0), extra={"Decided": said})
    call = {"Service": "ECS", "API": "A", "Summary": said, "RequestId": "R-1", "At": AT, "Outcome": said}
    item = TaskRun("exec-1.t0001.i0001", "a", "x", AT, run.id, {"k": secret}, outputs={"o": secret}, calls=[call])
    item.properties = {"p": {"q": secret}}
    state.runs = {run.id: run, item.id: item}
    answer = Answer("Approve", said, said, AT, "d", approver=said)
    wait = Wait("Approve", item, 1, AT, ("Approve",), said, {"k": secret}, votes=[answer], approvers=[said])
    targets = {
        "Items": [{"Id": "i-1", "Name": said, "Status": "Running"}],
        "Count": 1,
        "Missing": [],
        "MissingCount": 0,
    }
    risky: dict[str, Any] = {"Service": "ECS", "API": "DeleteInstance", "RegionId": "r", "Parameters": {"p": secret}}
    state.waits = {item.id: wait}
    state.approvals = [Approval(wait, said, targets, [], delivery_message=said, call=risky)]
    state.decisions = [Outcome(True, "", said, "Approve", said, said, AT, "d", item.id)]
    return state


def everything(state: ExecutionState, *secrets: Any) -> list[Any]:
    """All that people and the store are given of a state."""
    texts = secret_texts(secrets)

    def hiding(text: str) -> str:
        return hide(text, texts)

    header = Header("run-1", warnings=[Problem("Odd", f"got {secrets[0]}", severity="warning")])
    return [
        execution_record(state, header, now=AT, revision=1, hide=hiding),
        StoredTasks().changed(state, hiding),
        task_page(state, {"IncludeChildTaskExecution": True}, hiding),
    ]


@pytest.mark.parametrize("secret", ["canary-1", 40_071_789, 2.71828])
def test_a_secret_value_shows_nowhere(secret: Any) -> None:
    shown = str(everything(state_of(secret), secret))
    assert str(secret) not in shown
    assert shown.count("***") > 20


@pytest.mark.parametrize("secret", ["Success", "Waiting", "Approve", "exec-1.t0001", AT, "ACS::Sleep", "i-1"])
def test_what_says_what_something_is_stays(secret: str) -> None:
    record, stored, page = everything(state_of("nothing"), secret)
    plain, _, plain_page = everything(state_of("nothing"), "no secret at all")
    for name in ("ExecutionId", "Status", "WaitingStatus", "CreateDate", "Counters", "Progress", "CurrentTasks"):
        assert record[name] == plain[name]
    names = ("TaskExecutionId", "Status", "TaskAction", "CreateDate", "Attempt")
    for shown in (record["Tasks"], stored, page["TaskExecutions"]):
        assert [shown[0][name] for name in names] == [plain_page["TaskExecutions"][0][name] for name in names]
    assert record["Waiting"][0]["Accepts"] == ["Approve"]
    assert record["Approvals"][0]["Targets"]["Items"][0]["Id"] == "i-1"
    assert record["Decisions"][0]["DecisionId"] == "d"


def test_a_counter_is_no_secret() -> None:
    state = state_of("nothing")
    state.runs["exec-1.t0001"].loop = LoopCounters(4711, 1, 0)
    record, _, page = everything(state, 4711)
    assert record["Tasks"][0]["Loop"]["Total"] == page["TaskExecutions"][0]["Loop"]["Total"] == 4711
    assert record["Progress"]["NotStarted"] == 4711


def test_properties_with_the_name_of_a_secret_are_masked() -> None:
    state = ExecutionState("exec-1", created=AT)
    state.runs["exec-1.t0001"] = run = TaskRun("exec-1.t0001", "mail", "ACS::Notify", AT)
    run.properties = {"Mail": {"Password": "canary", "Host": "mail"}, "List": [{"AccessKeySecret": "canary"}, 1]}
    run.properties |= {"PasswordInherit": True, "Long": "x" * 5_000, "Password": 12_345_678, "Token": 0.5}
    shown = task_page(state, {}, nothing_hidden)["TaskExecutions"][0]["Properties"]
    assert shown == {
        "Mail": {"Password": "***", "Host": "mail"},
        "List": [{"AccessKeySecret": "***"}, 1],
        "PasswordInherit": True,
        "Long": "(5002 bytes, left out here)",
        "Password": "***",
        "Token": "***",
    }


def test_headers_that_say_who_asks_are_masked() -> None:
    headers = {"Authorization": "Bearer canary", "X-Sign": 40_071_789, "Cookie": ["canary"], "Accept": "text/plain"}
    state = ExecutionState("exec-1", created=AT)
    state.runs["exec-1.t0001"] = run = TaskRun("exec-1.t0001", "tell", "ACS::Notify", AT)
    run.properties = {"WebHook": {"URI": "https://h/", "Headers": headers}, "Headers": headers, "headers": "none"}
    shown = task_page(state, {}, nothing_hidden)["TaskExecutions"][0]["Properties"]
    masked = {"Authorization": "***", "X-Sign": "***", "Cookie": "***", "Accept": "text/plain"}
    assert shown == {"WebHook": {"URI": "https://h/", "Headers": masked}, "Headers": masked, "headers": "none"}
    assert StoredTasks().changed(state, nothing_hidden)[0]["Properties"] == shown
