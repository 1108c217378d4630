"""What holds of an execution that has ended, by all that tell of it: Temporal, the record, and the simulator's log."""

import json
from collections import Counter
from typing import Any

import httpx
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory

from activities.contracts import CALL_API, REFUSED, RETRIABLE, WAIT_FOR
from caboose.engine.state import CANCELLED, FAILED, SKIPPED, SUCCESS
from caboose.oos.actions.risk import is_read
from tests.generator.cloud import WRITES
from tests.generator.tasks import TOKEN_WRITES
from tests.generator.words import SECRET

STATUS = {"COMPLETED": SUCCESS, "FAILED": FAILED, "CANCELED": CANCELLED}
"""Temporal's own, and ours."""
_SERVERS_OWN = {"WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND", "WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND"}
"""So much came in during a workflow task that the server begins it anew with what came."""
_MOST_CALLS = 50
"""That a task execution keeps."""
_SLOW = "TMPRL1101"
"""A workflow task that took two seconds: on a machine that is busy it says nothing of the code."""

Record = dict[str, Any]
Calls = Counter[tuple[str, str]]
"""How often, by API and machine."""


async def tasks_of(http: httpx.AsyncClient, execution_id: str) -> list[Record]:
    """All task executions, page by page, each once."""
    found: list[Record] = []
    query: dict[str, Any] = {"IncludeChildTaskExecution": True, "MaxResults": 100, "NextToken": ""}
    while True:
        answer = await http.get(f"/executions/{execution_id}/tasks", params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["TaskExecutions"]
        query["NextToken"] = page["NextToken"]
        if not query["NextToken"]:
            break
    ids = Counter(each["TaskExecutionId"] for each in found)
    assert max(ids.values(), default=1) == 1, ids.most_common(3)
    assert SECRET not in json.dumps(found), "a page shows a secret"
    return found


def assert_record_adds_up(record: Record, tasks: list[Record], temporal_status: str) -> None:
    """The record of an execution that has ended says the same as Temporal, and so do its task executions."""
    text = json.dumps(record)
    assert SECRET not in text, "the record shows a secret"
    assert record["Status"] == STATUS[temporal_status], (record["Status"], temporal_status)
    assert record["EndDate"]
    assert not record["Waiting"]
    assert not record["CurrentTasks"]
    assert record["Status"] == SUCCESS or record["StatusMessage"], "it didn't end well, and nothing says why"
    assert not [each for each in record["Approvals"] if each["Status"] == "Waiting"]
    top = [each for each in tasks if not each["ParentTaskExecutionId"]]
    assert len(top) == record["Counters"]["Total"], (len(top), record["Counters"])
    for task in tasks:
        _assert_task_ended(task)


def _assert_task_ended(task: Record) -> None:
    name = task["TaskExecutionId"]
    assert task["Status"] in (SUCCESS, FAILED, CANCELLED, SKIPPED), f"{name} is {task['Status']}"
    assert task["EndDate"], name
    assert task["Status"] != FAILED or task["StatusMessage"], f"{name} failed, and nothing says why"
    if task["TaskAction"] == "ACS::ExecuteAPI":  # a read that is cut off isn't waited for
        unheard = [call for call in task["Calls"] if call["Outcome"] == "InFlight" and not is_read(call["API"])]
        assert not unheard, f"{name}: nobody waited for the answer: {unheard}"
    loop = task.get("Loop")
    if loop:
        parts = ("Success", "Failed", "Skipped", "Cancelled", "NotStarted")
        assert loop["Running"] == loop["Waiting"] == 0, f"{name}: {loop}"
        assert sum(loop[part] for part in parts) == loop["Total"], f"{name}: {loop}"


def assert_no_trouble(history: WorkflowHistory) -> list[str]:
    """No workflow task failed; the names of what was only slow."""
    slow = []
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
            slow.append(f"{history.workflow_id}: a workflow task timed out")
        if event.event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            continue
        failed = event.workflow_task_failed_event_attributes
        if _SLOW in failed.failure.message:
            slow.append(f"{history.workflow_id}: {failed.failure.message}")
        else:
            cause = WorkflowTaskFailedCause.Name(failed.cause)
            assert cause in _SERVERS_OWN, f"{history.workflow_id}: {cause}: {failed.failure!s:.3000}"
    return slow


async def assert_nothing_twice(
    client: Client, histories: list[WorkflowHistory], tasks: list[Record], log: list[Record]
) -> int:
    """The cloud carried out no call that changes something more often than the record says that it was made, and than
    it was sent and not proven undone.

    Args:
        client: with the converter that reads large payloads.
        histories: those of an execution, and of its large loops.
        tasks: the task executions.
        log: the simulator's calls for this execution's machines.

    Returns:
        how many were carried out.
    """
    sent, polls = await _sent(client, histories)
    made = _made(tasks) + polls
    whole = all(len(task["Calls"]) < _MOST_CALLS for task in tasks)
    changes = {api for api, _ in sent} | set(WRITES)
    done = Counter((call["action"], call["instance_id"]) for call in log if call["carried_out"])
    for call, times in done.items():
        if call[0] in changes:
            assert times <= sent[call], f"{call}: sent {sent[call]} times, done {times} times"
            assert not whole or times <= made[call], (
                f"{call}: made {made[call]} times by the record, done {times} times"
            )
    return sum(times for (api, _), times in done.items() if api in changes)


def _made(tasks: list[Record]) -> Calls:
    """The calls that change something, as the record has them: with the loop item or the outermost task for which they
    were made. One is sent once in an attempt, and again where somebody was asked; one with a token may be repeated."""
    found: Calls = Counter()
    for task in tasks:
        calls = [call for call in task["Calls"] if not is_read(call["API"])]
        if task["TaskAction"] == "ACS::ExecuteAPI" and not [call for call in calls if call["API"] in TOKEN_WRITES]:
            assert len(calls) <= task["Attempt"] + len(task["Waits"]), f"{task['TaskExecutionId']}: {calls}"
        if "LoopItem" in task or not task["ParentTaskExecutionId"]:
            found.update((call["API"], call["Summary"].split()[-1]) for call in calls)
    return found


async def _sent(client: Client, histories: list[WorkflowHistory]) -> tuple[Calls, Calls]:
    """How often calls that change something were sent and not proven undone; and those of them that were polls."""
    sent: Calls = Counter()
    polls: Calls = Counter()
    for history in histories:
        begun = {}
        for event in history.events:
            call = await _call(client, event)
            if call:
                begun[event.event_id] = call
                sent[call] += 1
                polls[call] += event.activity_task_scheduled_event_attributes.activity_type.name == WAIT_FOR
            undone = await _undone(client, event)
            if undone in begun:
                sent[begun[undone]] -= 1
    return sent, polls


async def _call(client: Client, event: HistoryEvent) -> tuple[str, str] | None:
    """The API and the machine of a call that changes something."""
    scheduled = event.activity_task_scheduled_event_attributes
    if scheduled.activity_type.name not in (CALL_API, WAIT_FOR):
        return None
    (request,) = await client.data_converter.decode(scheduled.input.payloads)
    if request["read"]:
        return None
    assert scheduled.retry_policy.maximum_attempts == 1, request
    parameters = request["parameters"]
    machines = parameters.get("InstanceIds") or [parameters.get("InstanceId")]
    return request["api"], str(machines[0])


async def _undone(client: Client, event: HistoryEvent) -> int | None:
    """Which activity is proven not to have carried its call out."""
    failed = event.activity_task_failed_event_attributes
    details = failed.failure.application_failure_info.details.payloads
    if not details:
        return None
    (detail,) = await client.data_converter.decode(details)
    proven = isinstance(detail, dict) and detail.get("proof") in (REFUSED, RETRIABLE)
    return failed.scheduled_event_id if proven else None
