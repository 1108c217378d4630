"""The log: what its sentences say, their order, and pages of it for loops of any size."""

from collections import Counter
from typing import Any

import pytest

from api.logs import Line, record_lines, task_lines
from caboose.engine.record import task_record
from caboose.engine.record.shown import Veil
from caboose.engine.state import LoopCounters, TaskRun
from tests.api import fakes
from tests.api.conftest import Api
from tests.api.fakes import at, new_id, record_of, run_of
from tests.api.waiting import approval_entry

RUN = "exec-1"
REBOOT = "ACS::ECS::RebootInstance"


def task(**fields: Any) -> dict[str, Any]:
    """A task execution's record, made by the engine's own code."""
    return task_record(TaskRun(**{**run_of(f"{RUN}.t0001", 1), **fields}), Counter(), Veil(str))


def told(*lines: Line) -> list[str]:
    """Their sentences, in order."""
    return [line.message for line in sorted(lines, key=lambda line: line.key)]


def call(api: str, second: int, outcome: str = "Answered", **fields: Any) -> dict[str, Any]:
    """A call as task executions keep it."""
    made = {"Service": "ECS", "API": api, "Summary": f"reboot {api} i-1", "RequestId": f"R-{second}", "At": at(second)}
    return {**made, "Outcome": outcome, **fields}


def test_a_whole_story_in_sentences() -> None:
    approval = approval_entry(RUN, Since=at(3), Status="Approve")
    wait = {"Kind": "Approve", "Since": at(3), "Until": at(9), "Message": "waits for approval"}
    decision = {
        "Accepted": True,
        "NotifyType": "Approve",
        "By": 'by link, gave the name "Alice"',
        "Note": "go",
        "At": at(9),
    }
    record = record_of(
        RUN,
        TemplateName="reboot-with-approval",
        TemplateVersion="v2",
        ExecutedBy="bob",
        Mode="Automatic",
        RegionId="cn-hangzhou",
        Warnings=[{"Id": "LetterCase", "Message": "two spellings", "Path": "Tasks.a"}],
        Approvals=[approval],
        Decisions=[{**decision, "TaskExecutionId": f"{RUN}.t0002"}],
        Notes=["the output a was left out: too large"],
        Status="Failed",
        StatusMessage="reboot: LoopFailed: 1 of 2 items failed",
        EndDate=at(20),
    )
    loop = LoopCounters(3, 1, 0, success=1, failed=1)
    failure = {"status": "Failed", "ended": at(19), "message": "LoopFailed: 1 of 2 items failed", "loop": loop}
    item = {"parent_id": f"{RUN}.t0003", "name": "reboot", "action": REBOOT}
    bad = {"status": "Failed", "ended": at(18), "message": "Forbidden: no", "request_id": "R-12"}
    tasks = [
        task(ended=at(2), status="Success", name="select", calls=[call("DescribeInstances", 2)]),
        task(
            id=f"{RUN}.t0002",
            name="approve",
            action="ACS::Approve",
            created=at(3),
            ended=at(9),
            status="Success",
            waits=[wait],
        ),
        task(id=f"{RUN}.t0003", name="reboot", action=REBOOT, created=at(10), **failure),
        task(id=f"{RUN}.t0003.i0001", item="i-1", created=at(10), ended=at(11), status="Success", **item),
        task(
            id=f"{RUN}.t0003.i0002",
            item={"a": 1},
            created=at(12),
            calls=[call("R", 12, "Forbidden")],
            **item,
            **bad,
        ),
    ]
    lines = [*record_lines(record), *(line for each in tasks for line in task_lines(RUN, each))]
    assert told(*lines) == [
        "The execution began: template reboot-with-approval v2, started by bob (Automatic, cn-hangzhou).",
        "Warning LetterCase: two spellings (Tasks.a).",
        "The task select (ACS::Sleep) began.",
        "Called ECS DescribeInstances (reboot i-1): answered, RequestId R-2.",
        "The task select (ACS::Sleep) completed.",
        "The task approve (ACS::Approve) began.",
        "The task approve (ACS::Approve) waits (Approve): waits for approval.",
        "The message about approveRestart was delivered.",
        'Approve by link, gave the name "Alice" was accepted: "go"',
        "The task approve (ACS::Approve) completed.",
        f"The task reboot ({REBOOT}) began.",
        f"The task reboot ({REBOOT}) began for item 1, i-1.",
        f"The task reboot ({REBOOT}) completed for item 1, i-1.",
        f"The task reboot ({REBOOT}) began for item 2.",
        "Called ECS R (reboot i-1): failed, Forbidden, RequestId R-12.",
        f"The task reboot ({REBOOT}) failed for item 2: Forbidden: no; RequestId R-12.",
        f"The task reboot ({REBOOT}) failed: of 3 items 1 succeeded, 1 failed, 1 never started: "
        "LoopFailed: 1 of 2 items failed.",
        "Note: the output a was left out: too large.",
        "The execution ended: Failed: reboot: LoopFailed: 1 of 2 items failed.",
    ]
    assert len({line.key for line in lines}) == len(lines)


def test_within_a_second_what_is_below_stands_between_beginning_and_end() -> None:
    inner = task(id=f"{RUN}.t0001.t0001", parent_id=f"{RUN}.t0001", name="inner", ended=at(1), status="Skipped")
    outer = task(name="outer", ended=at(1), status="Cancelled", message="cancelled by x")
    following = task(
        id=f"{RUN}.t0002", name="next", ended=at(1), status="Success", extra={"Outcome": "the state proves it"}
    )
    lines = [line for each in (following, inner, outer) for line in task_lines(RUN, each)]
    assert told(*lines) == [
        "The task outer (ACS::Sleep) began.",
        "The task inner (ACS::Sleep) began.",
        "The task inner (ACS::Sleep) was skipped.",
        "The task outer (ACS::Sleep) was cancelled: cancelled by x.",
        "The task next (ACS::Sleep) began.",
        "The task next (ACS::Sleep) completed: the state proves it.",
    ]


def test_a_call_is_told_once_with_whoever_it_was_made_for() -> None:
    calls = [call("RebootInstance", 2, "Unknown", RequestId=""), call("DescribeInstances", 3, "InFlight", RequestId="")]
    item = task(id=f"{RUN}.t0001.i0001", parent_id=f"{RUN}.t0001", item=1, calls=calls, attempt=2)
    inner = task(id=f"{RUN}.t0001.i0001.t0001", parent_id=f"{RUN}.t0001.i0001", calls=calls[:1])
    lines = [line for each in (item, inner) for line in task_lines(RUN, each)]
    assert told(*lines) == [
        "The task task (ACS::Sleep) began for item 1, attempt 2, 1.",
        "The task task (ACS::Sleep) began.",
        "Called ECS RebootInstance (reboot i-1): nobody knows whether it was carried out.",
        "Called ECS DescribeInstances (reboot i-1): no answer yet.",
    ]
    assert "Called ECS DescribeInstances (reboot i-1): its answer was not awaited." in told(
        *task_lines(RUN, {**item, "EndDate": at(4)})
    )


@pytest.mark.parametrize(
    ("notification", "words"),
    [
        ({"Delivered": None, "Message": "", "Warning": ""}, []),
        ({"Delivered": False, "Message": "no such token", "Warning": ""}, ["was not delivered: no such token."]),
        ({"Delivered": True, "Message": "", "Warning": "it has no link"}, ["was delivered (it has no link)."]),
    ],
)
def test_whether_the_message_of_an_approval_was_delivered(notification: dict[str, Any], words: list[str]) -> None:
    record = record_of(RUN, Approvals=[approval_entry(RUN, Since=at(3), Notification=notification)])
    assert told(*record_lines(record))[1:] == [f"The message about approveRestart {each}" for each in words]


def test_what_waited_and_what_was_refused() -> None:
    waits = [
        {"Kind": "OutcomeUnknown", "Since": at(3), "Until": at(4), "Message": "nobody knows"},
        {"Kind": "OutcomeUnknown", "Since": at(5), "Until": "", "Message": "nobody knows again"},
    ]
    refused = {
        "Accepted": False,
        "Code": "NotWaiting",
        "Message": "nothing waits",
        "NotifyType": "Reject",
        "By": "by link",
    }
    odd = {"Accepted": False, "Code": "UnknownSignal", "At": at(7)}
    record = record_of(RUN, Decisions=[{**refused, "At": at(6)}, odd])
    item = task(id=f"{RUN}.t0001.i0007", parent_id=f"{RUN}.t0001", item="i-7", waits=waits)
    assert told(*record_lines(record), *task_lines(RUN, item))[2:] == [
        "The task task (ACS::Sleep) waits for item 7, i-7 (OutcomeUnknown): nobody knows.",
        "The task task (ACS::Sleep) waits for item 7, i-7 (OutcomeUnknown): nobody knows again.",
        "Reject by link was refused: nothing waits.",
        "A decision by somebody was refused: UnknownSignal.",
    ]


async def whole_log(api: Api, execution_id: str, size: int = 3, **query: Any) -> list[dict[str, str]]:
    """All pages of a log."""
    found: list[dict[str, str]] = []
    token = ""
    while True:
        path = f"/executions/{execution_id}/logs"
        response = await api.client.get(path, params={"MaxResults": size, "NextToken": token, **query})
        page = response.json()
        assert page["IsTruncated"] == bool(page["NextToken"])
        assert len(page["ExecutionLogs"]) <= size
        found += page["ExecutionLogs"]
        token = page["NextToken"]
        if not token:
            return found


async def test_the_log_of_an_execution_that_runs(faked_api: Api) -> None:
    execution_id = new_id()
    runs = [run_of(f"{execution_id}.t0001", 1, 2, name="a"), run_of(f"{execution_id}.t0002", 3, name="b")]
    runs.append(run_of(f"{execution_id}.t0002.t0001", 4, 5, name="c"))
    await fakes.start(faked_api.temporal, record_of(execution_id), runs)
    log = await whole_log(faked_api, execution_id)
    assert [each["Message"].split(" (")[0] for each in log[1:]] == [
        "The task a", "The task a", "The task b", "The task c", "The task c",
    ]  # fmt: skip
    assert [each["Timestamp"] for each in log] == sorted(each["Timestamp"] for each in log)
    assert log[1] == {
        "LogType": "System",
        "Message": "The task a (ACS::Sleep) began.",
        "TaskExecutionId": f"{execution_id}.t0001",
        "Timestamp": at(1),
    }
    only = await whole_log(faked_api, execution_id, TaskExecutionId=f"{execution_id}.t0002")
    assert [each["TaskExecutionId"].removeprefix(execution_id) for each in only] == [
        ".t0002",
        ".t0002.t0001",
        ".t0002.t0001",
    ]


async def test_the_log_of_a_loop_with_many_items(lonely_api: Api) -> None:
    """Four items begin in a second, of which every seventh takes much longer."""
    execution_id = new_id()
    loop = f"{execution_id}.t0001"
    runs = [run_of(loop, 0, 600, loop=LoopCounters(1_000, 4, 0, success=1_000))]
    for number in range(1, 1_001):
        begin = number // 4
        end = begin + (100 if number % 7 == 0 else 1)
        runs.append(run_of(f"{loop}.i{number:04d}", begin, end, item=number, calls=[call("R", begin)]))
    rows = [task_record(TaskRun(**run), Counter(), Veil(str)) for run in runs]
    lonely_api.store.save_execution(record_of(execution_id, Status="Success", EndDate=at(600), Revision=1), rows)
    log = await whole_log(lonely_api, execution_id, 100)
    assert len(log) == 2 + 2 + 3 * 1_000
    assert [each["Timestamp"] for each in log] == sorted(each["Timestamp"] for each in log)
    assert len({(each["TaskExecutionId"], each["Message"]) for each in log}) == len(log)
    assert await whole_log(lonely_api, execution_id, 3, TaskExecutionId=f"{loop}.i0700") == [
        each for each in log if each["TaskExecutionId"] == f"{loop}.i0700"
    ]


async def test_a_token_of_another_list_is_none_of_a_log(lonely_api: Api) -> None:
    lonely_api.store.save_execution(record_of("exec-log", Status="Success", Revision=1), [])
    response = await lonely_api.client.get("/executions/exec-log/logs", params={"NextToken": "abc"})
    assert (response.status_code, response.json()["Code"]) == (400, "InvalidParameter")
    assert (await lonely_api.client.get("/executions/exec-of-nobody-2/logs")).status_code in (404, 503)
