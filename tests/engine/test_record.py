"""The record: OOS's field names, redacted, by page, and never too large to travel."""

from typing import Any

import pytest

from caboose.engine.record import (
    MAX_RECORD_BYTES,
    Header,
    StoredTasks,
    execution_record,
    for_store,
    nothing_hidden,
    task_page,
)
from caboose.engine.state import (
    Answer,
    Approval,
    ExecutionState,
    LoopCounters,
    Outcome,
    TaskRun,
    Wait,
    timestamp,
)
from caboose.oos.problems import Problem
from caboose.oos.start import Start
from caboose.oos.values import json_size
from tests.engine.recording import Recording
from tests.engine.running import run
from tests.oos.templates import template

AT = timestamp(Recording().now())
SECRET = "https://oapi.dingtalk.com/robot/send?access_token=canary"

FIELDS = """
    ExecutionId FirstRunId Revision ParentExecutionId RetryOf Category IsParent TemplateName TemplateVersion
    TemplateHash Status StatusMessage StatusReason WaitingStatus Mode LoopMode SafetyCheck ExecutedBy RegionId
    RamRole Description Tags Parameters Outputs CreateDate StartDate EndDate UpdateDate Notes Counters Progress
    Retry CurrentTasks Warnings Waiting Approvals Decisions LoopWorkflows Tasks
"""
TASK_FIELDS = """
    TaskExecutionId TaskName TaskAction Status StatusMessage CreateDate StartDate EndDate Properties Outputs
    ParentTaskExecutionId ChildExecutionId ExtraData RequestId Attempt Calls Waits
"""


def record(state: ExecutionState, **start: Any) -> dict[str, Any]:
    """The record of a state as of nine o'clock."""
    fields: dict[str, Any] = {
        "template_name": "t",
        "template_version": "v1",
        "template_hash": "h",
        "mode": "Automatic",
        "loop_mode": "Automatic",
        "safety_check": "Skip",
        "region_id": "cn-hangzhou",
        "executed_by": "tester",
        "description": "",
        "ram_role": "",
    }
    warning = Problem("LetterCase", f"got {SECRET}", "Tasks.a", 3, 5, severity="warning")
    header = Header("run-1", Start(**{**fields, **start}), "tester", [warning])
    return execution_record(state, header, now="2026-01-31T09:00:00Z", revision=7, hide=nothing_hidden)


async def test_the_shape_of_a_finished_execution() -> None:
    done = await run(template(Outputs={"n": {"Value": 1}}), {"DescribeInstances": {"Instances": {"Instance": []}}})
    shown = done.record()
    assert list(shown) == FIELDS.split()
    assert (shown["Status"], shown["Outputs"], shown["CurrentTasks"]) == ("Success", {"n": 1}, [])
    assert shown["Counters"] == {"Failed": 0, "Success": 1, "Total": 1}
    assert (shown["Category"], shown["IsParent"], shown["WaitingStatus"]) == ("Other", False, "")
    assert (shown["CreateDate"], shown["EndDate"], shown["UpdateDate"]) == (AT, AT, "2026-01-31T09:00:00Z")
    assert list(shown["Tasks"][0]) == TASK_FIELDS.split()


def first_record(header: Header) -> dict[str, Any]:
    """The record of an execution that has just been made."""
    state = ExecutionState("exec-1", created=AT)
    return execution_record(state, header, now=AT, revision=1, hide=nothing_hidden)


def test_the_shape_before_anything_is_known() -> None:
    shown = execution_record(
        ExecutionState("exec-1", created=AT), Header("run-1"), now=AT, revision=1, hide=nothing_hidden
    )
    assert list(shown) == FIELDS.split()
    assert (shown["Status"], shown["StartDate"], shown["EndDate"]) == ("Started", AT, "")
    assert (shown["TemplateName"], shown["Tags"], shown["Parameters"], shown["Outputs"]) == ("", {}, {}, None)
    named = execution_record(
        ExecutionState("e", created=AT), Header("r", template_name="t"), now=AT, revision=1, hide=nothing_hidden
    )
    assert named["TemplateName"] == "t"


def test_statuses() -> None:
    state = ExecutionState("exec-1", created=AT)
    assert state.status == "Started"
    state.started = AT
    assert state.status == "Running"
    run_ = TaskRun("exec-1.t0001", "a", "x", AT)
    wait = Wait("Approve", run_, 1, AT, ("Approve",), "waits")
    state.runs[run_.id], state.waits[run_.id] = run_, wait
    assert (state.status, record(state)["Tasks"][0]["Status"]) == ("Waiting", "Waiting")
    assert record(state)["WaitingStatus"] == "Approve"
    assert record(state)["CurrentTasks"] == [{"TaskName": "a", "TaskAction": "x", "TaskExecutionId": "exec-1.t0001"}]
    wait.answer = Answer("Approve", "x", "", AT, "")
    assert (state.status, record(state)["Waiting"], record(state)["WaitingStatus"]) == ("Running", [], "")
    state.end("Failed", AT, reason="X", message="broken")
    assert (state.status, record(state)["StatusReason"]) == ("Failed", "X")
    assert (run_.status, run_.message, run_.ended) == ("Failed", "broken", AT), "what still ran is over with it"


def test_an_unknown_outcome_that_was_answered_is_no_reason_any_more() -> None:
    state = ExecutionState("exec-1", created=AT, started=AT)
    run_ = TaskRun("exec-1.t0001.i0001", "a", "x", AT, "exec-1.t0001", None)
    state.waits[run_.id] = wait = Wait("OutcomeUnknown", run_, 1, AT, ("RetryTask",), "lost")
    assert record(state)["StatusReason"] == "OutcomeUnknown"
    wait.answer = Answer("RetryTask", "x", "", AT, "")
    assert record(state)["StatusReason"] == ""


def secretive_state() -> ExecutionState:
    """A state with a webhook's token wherever text can be."""
    state = ExecutionState("exec-1", created=AT, started=AT, outputs={"u": SECRET}, notes=[SECRET])
    run_ = TaskRun(
        "exec-1.t0001", "a", "x", AT, outputs={SECRET: [SECRET]}, message=SECRET, extra={"NotifyNote": SECRET}
    )
    item = TaskRun("exec-1.t0001.i0001", "a", "x", AT, run_.id, {"u": SECRET})
    state.runs = {run_.id: run_, item.id: item}
    wait = Wait("Approve", run_, 1, AT, ("Approve",), SECRET, item=SECRET)
    state.waits = {run_.id: wait}
    state.approvals = [
        Approval(wait, SECRET, {"Items": [], "Count": 0, "Missing": [SECRET]}, [], delivery_message=SECRET)
    ]
    state.decisions = [Outcome(False, "X", SECRET, note=SECRET, by=SECRET)]
    return state


def test_nothing_that_is_shown_holds_a_token() -> None:
    state = secretive_state()
    shown = [
        record(state, public_parameters={"u": SECRET}, description=SECRET, tags={"t": SECRET}),
        StoredTasks().changed(state, nothing_hidden),
        task_page(state, {"IncludeChildTaskExecution": True}, nothing_hidden),
    ]
    state.end("Failed", AT, message=SECRET)
    shown.append(record(state))
    assert "canary" not in str(shown)
    assert "access_token=***" in str(shown)


def test_decisions_have_the_names_of_the_interface() -> None:
    state = ExecutionState("exec-1", created=AT)
    state.decisions = [Outcome(True, "", "approved", "Approve", "by", "note", AT, "d", "exec-1.t0001")]
    assert record(state)["Decisions"] == [
        {
            "Accepted": True,
            "Code": "",
            "Message": "approved",
            "NotifyType": "Approve",
            "By": "by",
            "Note": "note",
            "At": AT,
            "DecisionId": "d",
            "TaskExecutionId": "exec-1.t0001",
        }
    ]


def large_state(text: str) -> ExecutionState:
    """Everything there can be of everything, and each of it as large as it can be."""
    state = ExecutionState("exec-1", created=AT, started=AT)
    state.outputs = {f"o{n}": text for n in range(300)}
    state.notes = [text[:2_000]] * 1_000
    for number in range(300):
        run_ = TaskRun(f"exec-1.t{number:04d}", "a", "x", AT, outputs={"o": text}, message=text[:2_000])
        state.runs[run_.id] = run_
    for number in range(1_000):
        item = TaskRun(f"exec-1.t0000.i{number:04d}", "a", "x", AT, "exec-1.t0000", text, outputs={"o": text})
        state.runs[item.id] = item
        state.waits[item.id] = Wait("OutcomeUnknown", item, 1, AT, ("RetryTask",), text[:2_000], text)
    targets = {
        "Items": [{"Id": "i", "Name": text[:128], "Status": "x"}] * 200,
        "Count": 1,
        "Missing": [text[:100]] * 200,
    }
    wait = Wait("Approve", state.runs["exec-1.t0000"], 1, AT, ("Approve",), "waits")
    state.approvals = [Approval(wait, text[:20_000], targets, [])] * 30
    state.decisions = [Outcome(False, "X", text[:300], "Approve", text[:400], text[:2_000])] * 200
    return state


@pytest.mark.parametrize("character", ["x", "界", '"'])
def test_a_record_never_grows_beyond_what_one_message_takes(character: str) -> None:
    state = large_state(character * 19_000)
    shown = record(state, public_parameters={f"p{n}": character * 19_000 for n in range(200)})
    assert list(shown) == FIELDS.split()
    assert json_size(shown) + json_size(StoredTasks().changed(state, nothing_hidden)) < 1_900_000
    assert (shown["Status"], shown["ExecutionId"]) == ("Waiting", "exec-1")


def test_a_large_value_is_named_in_place_of_being_copied() -> None:
    state = ExecutionState("exec-1", created=AT, outputs={"big": "x" * 30_000, "small": 1})
    assert record(state)["Outputs"] == {"big": "(30002 bytes, left out here)", "small": 1}


def paged_state(count: int, size: int = 0) -> ExecutionState:
    state = ExecutionState("exec-1", created=AT, started=AT)
    parent = TaskRun("exec-1.t0001", "loop", "x", AT, loop=LoopCounters(count, 1, 0))
    state.runs[parent.id] = parent
    for number in range(1, count + 1):
        outputs = {"o": "x" * size} if size else {}
        item = TaskRun(f"exec-1.t0001.i{number:04d}", "loop", "x", AT, parent.id, number, outputs=outputs)
        state.runs[item.id] = item
    return state


def pages(state: ExecutionState, query: dict[str, Any]) -> list[list[str]]:
    """The ids on each page until there are no more."""
    found, token = [], ""
    while True:
        page = task_page(state, {**query, "NextToken": token}, nothing_hidden)
        found.append([task["TaskExecutionId"] for task in page["TaskExecutions"]])
        token = page["NextToken"]
        if not token:
            return found


def test_task_executions_come_by_page() -> None:
    state = paged_state(120)
    assert pages(state, {}) == [["exec-1.t0001"]], "without the children"
    items = {"ParentTaskExecutionId": "exec-1.t0001"}
    assert [len(page) for page in pages(state, items)] == [50, 50, 20]
    assert [len(page) for page in pages(state, {**items, "MaxResults": 100})] == [100, 20]
    everything = pages(state, {"IncludeChildTaskExecution": True, "MaxResults": 100_000})
    assert everything == [list(state.runs)]


def test_a_page_is_never_larger_than_a_message() -> None:
    state = paged_state(200, size=19_000)
    query = {"ParentTaskExecutionId": "exec-1.t0001", "MaxResults": 1_000}
    assert json_size(task_page(state, query, nothing_hidden)) <= MAX_RECORD_BYTES + 1_000
    found = pages(state, query)
    assert len(found) > 1
    assert [id for page in found for id in page] == list(state.runs)[1:]


@pytest.mark.parametrize(
    "query",
    [
        None,
        [],
        "x",
        {"MaxResults": -1},
        {"MaxResults": "many"},
        {"MaxResults": None, "NextToken": None},
        {"NextToken": "-5"},
        {"NextToken": "٣"},
        {"NextToken": "9" * 30},
        {"NextToken": f"{AT} exec-1.t0001"},
        {"NextToken": "exec-2.t0001"},
        {"NextToken": 5},
        {"ParentTaskExecutionId": []},
    ],
)
def test_no_query_makes_it_fail(query: Any) -> None:
    assert [task["TaskName"] for task in task_page(paged_state(3), query, nothing_hidden)["TaskExecutions"]] == ["loop"]


@pytest.mark.parametrize("query", [{"NextToken": "exec-1.t0999"}, {"ParentTaskExecutionId": {"a": 1}}])
def test_what_is_not_there_is_an_empty_page(query: Any) -> None:
    assert task_page(paged_state(3), query, nothing_hidden) == {"TaskExecutions": [], "NextToken": ""}


def test_the_store_keeps_all_but_the_inner_tasks_that_went_well() -> None:
    state = paged_state(2)
    for name, status, extra in (
        ("good", "Success", {}),
        ("bad", "Failed", {}),
        ("decided", "Success", {"NotifyNote": "x"}),
    ):
        inner = TaskRun(
            f"exec-1.t0001.i0001.{name}", name, "x", AT, "exec-1.t0001.i0001", status=status, extra=dict(extra)
        )
        state.runs[inner.id] = inner
    assert [task["TaskName"] for task in StoredTasks().changed(state, nothing_hidden)] == [
        "loop",
        "loop",
        "loop",
        "bad",
        "decided",
    ]


def test_the_store_keeps_what_was_done_for_an_item_that_ended_badly() -> None:
    state, stored = paged_state(1), StoredTasks()
    inner = TaskRun("exec-1.t0001.i0001.t0001", "call", "x", AT, "exec-1.t0001.i0001", request_id="r")
    state.runs[inner.id] = inner
    inner.end("Success", AT)
    assert len(stored.changed(state, nothing_hidden)) == 2
    state.end("Cancelled", AT, message="stop")
    kept = stored.changed(state, nothing_hidden)
    assert [(each["TaskName"], each["Status"], each["RequestId"]) for each in kept] == [
        ("loop", "Cancelled", ""), ("loop", "Cancelled", ""), ("call", "Success", "r"),
    ]  # fmt: skip


def test_what_the_store_has_seen_running_it_sees_ending() -> None:
    state, stored = paged_state(1), StoredTasks()
    inner = TaskRun("exec-1.t0001.i0001.t0001", "call", "x", AT, "exec-1.t0001.i0001")
    state.runs[inner.id] = inner
    assert len(stored.changed(state, nothing_hidden)) == 3
    inner.end("Success", AT)
    assert [(task["TaskName"], task["Status"]) for task in stored.changed(state, nothing_hidden)] == [
        ("call", "Success")
    ]


def test_the_store_s_messages_lose_outputs_where_there_is_too_much_of_them() -> None:
    few, stored = paged_state(100, size=19_000), StoredTasks()
    sent = stored.changed(few, nothing_hidden)
    while stored.left:
        sent += stored.changed(few, nothing_hidden)
    assert {len(str(each["Outputs"])) > 19_000 for each in sent[1:]} == {True}
    many, stored = paged_state(400, size=19_000), StoredTasks()
    kept = stored.changed(many, nothing_hidden)
    assert kept[-1]["Outputs"] == {"": "(left out: the record would be too large)"}
    assert (len(kept), stored.left) == (401, False)


def test_the_store_s_message_has_as_many_tasks_as_fit() -> None:
    many = StoredTasks().changed(paged_state(5_000), nothing_hidden)
    assert 1_000 < len(many) < 5_000
    assert json_size(many) <= MAX_RECORD_BYTES


def test_a_task_execution_is_sent_again_only_when_it_has_changed() -> None:
    state = paged_state(3)
    stored = StoredTasks()
    assert len(stored.changed(state, nothing_hidden)) == 4
    assert stored.changed(state, nothing_hidden) == []
    state.runs["exec-1.t0001.i0002"].end("Failed", AT, "no")
    assert [task["TaskExecutionId"] for task in stored.changed(state, nothing_hidden)] == ["exec-1.t0001.i0002"]


def test_what_did_not_fit_comes_with_the_next_record() -> None:
    state, stored = paged_state(5_000), StoredTasks()
    sent = [task["TaskExecutionId"] for task in stored.changed(state, nothing_hidden)]
    while stored.left:
        sent += [task["TaskExecutionId"] for task in stored.changed(state, nothing_hidden)]
    assert sorted(sent) == sorted(state.runs)


def test_the_store_keeps_the_last_decisions_and_the_first_waits() -> None:
    state = ExecutionState("exec-1", created=AT)
    state.decisions = [Outcome(False, "NotWaiting", "no", decision_id=str(n)) for n in range(200)]
    kept = for_store(record(state))
    assert [each["DecisionId"] for each in kept["Decisions"]] == [str(n) for n in range(180, 200)]
    assert len(record(state)["Decisions"]) == 200


def test_what_could_not_be_written_comes_again() -> None:
    state, stored = paged_state(2), StoredTasks()
    lost = stored.changed(state, nothing_hidden)
    stored.forget(lost)
    assert stored.changed(state, nothing_hidden) == lost
