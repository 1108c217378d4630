"""Task executions of executions with large loops: what the execution, its loops and the store know, as one list."""

from collections import Counter
from typing import Any

from caboose.engine.record import task_record
from caboose.engine.record.shown import Veil
from caboose.engine.state import TaskRun
from tests.api import fakes
from tests.api.conftest import Api
from tests.api.fakes import new_id, record_of, run_of


def loop_task(task_id: str, **fields: Any) -> dict[str, Any]:
    """The task execution of a large loop, as a record shows it."""
    return {
        "TaskExecutionId": task_id,
        "TaskName": "reboot",
        "Status": "Running",
        "EndDate": "",
        "ExtraData": {"LoopWorkflowId": task_id},
        "Loop": {"Total": 6, "Success": 1, "Failed": 0, "Running": 2, "NotStarted": 3, "Waiting": 0},
        **fields,
    }


def loop_workflow(task_id: str, status: str = "Running") -> dict[str, str]:
    """A large loop as a record names it."""
    return {"TaskExecutionId": task_id, "WorkflowId": task_id, "Status": status}


def stored(api: Api, execution_id: str, *runs: dict[str, Any]) -> None:
    """What a loop's workflow has written to the store."""
    rows = [task_record(TaskRun(**run), Counter(), Veil(str)) for run in runs]
    assert api.store.save_task_executions(execution_id, "run-1", rows)


async def large_loop(api: Api) -> str:
    """An execution with a task before its loop, of whose six items two have ended, two run and two come later; the
    third runs a large loop of its own, of which one item has ended and one runs."""
    execution_id = new_id()
    loop, inner = f"{execution_id}.t0002", f"{execution_id}.t0002.i0003.t0001"
    runs = [run_of(f"{execution_id}.t0001", 1, 2), run_of(loop, 2, workflow_id=loop)]
    record = record_of(execution_id, FirstRunId="run-1", LoopWorkflows=[loop_workflow(loop)], Tasks=[loop_task(loop)])
    record["CurrentTasks"] = [{"TaskExecutionId": loop}]
    record["Progress"] = {"Success": 2, "Failed": 0, "Running": 2, "NotStarted": 3, "CallsInFlight": 0}
    await fakes.start(api.temporal, record, runs)
    items = [run_of(loop, 2), run_of(f"{loop}.i0002", 3, 9, item="i-2"), run_of(f"{loop}.i0003", 4, item="i-3")]
    items += [run_of(inner, 5, workflow_id=inner), run_of(f"{loop}.i0004", 5, item="i-4")]
    answer = {
        "Loop": {"Total": 6, "Success": 2, "Failed": 1, "Running": 2, "NotStarted": 1, "Waiting": 1},
        "Waiting": 1,
        "CallsInFlight": 2,
        "LoopWorkflows": [loop_workflow(inner)],
    }
    await fakes.start_loop(api.temporal, execution_id, loop, answer, items)
    await fakes.start_loop(
        api.temporal, execution_id, inner, {"Loop": {}}, [run_of(inner, 5), run_of(f"{inner}.i0002", 6, item="b")]
    )
    # the second item is written already, and its workflow hasn't heard of that yet
    stored(api, execution_id, run_of(f"{loop}.i0001", 3, 8, item="i-1"), run_of(f"{loop}.i0002", 3, 9, item="i-2"))
    stored(api, execution_id, run_of(f"{inner}.i0001", 6, 7, item="a"))
    return execution_id


async def listed(api: Api, execution_id: str, **query: Any) -> list[str]:
    """The ids on all pages, of two each."""
    found: list[str] = []
    token = ""
    while True:
        path = f"/executions/{execution_id}/tasks"
        page = (await api.client.get(path, params={"MaxResults": 2, "NextToken": token, **query})).json()
        found += [each["TaskExecutionId"].removeprefix(f"{execution_id}.") for each in page["TaskExecutions"]]
        token = page["NextToken"]
        if not token:
            return found


async def test_items_that_run_and_those_that_have_ended_are_one_list(faked_api: Api) -> None:
    execution_id = await large_loop(faked_api)
    assert await listed(faked_api, execution_id) == ["t0001", "t0002"]
    items = await listed(faked_api, execution_id, ParentTaskExecutionId=f"{execution_id}.t0002")
    assert items == [f"t0002.i000{number}" for number in (1, 2, 3, 4)]
    inner = await listed(faked_api, execution_id, ParentTaskExecutionId=f"{execution_id}.t0002.i0003.t0001")
    assert inner == ["t0002.i0003.t0001.i0001", "t0002.i0003.t0001.i0002"]
    below = ["t0002.i0001", "t0002.i0002", "t0002.i0003", "t0002.i0003.t0001", *inner, "t0002.i0004"]
    assert await listed(faked_api, execution_id, IncludeChildTaskExecution="true") == ["t0001", "t0002", *below]
    parent = {"ParentTaskExecutionId": f"{execution_id}.t0002", "IncludeChildTaskExecution": "true"}
    assert await listed(faked_api, execution_id, **parent) == below
    nested = {**parent, "ParentTaskExecutionId": f"{execution_id}.t0002.i0003"}
    assert await listed(faked_api, execution_id, **nested) == below[3:6]


async def test_the_execution_s_own_word_counts_for_its_own_task_executions(faked_api: Api) -> None:
    execution_id = await large_loop(faked_api)
    everything = (await faked_api.client.get(f"/executions/{execution_id}/tasks?IncludeChildTaskExecution=true")).json()
    loop = everything["TaskExecutions"][1]
    assert loop["ExtraData"] == {"LoopWorkflowId": f"{execution_id}.t0002"}


async def test_a_loop_that_has_ended_is_in_the_store(faked_api: Api) -> None:
    execution_id = new_id()
    loop = f"{execution_id}.t0001"
    record = record_of(execution_id, FirstRunId="run-1", LoopWorkflows=[loop_workflow(loop, "Success")])
    await fakes.start(faked_api.temporal, record, [run_of(loop, 1, 9, workflow_id=loop)])
    stored(faked_api, execution_id, *(run_of(f"{loop}.i{number:04d}", 2, 3, item=number) for number in range(1, 6)))
    items = [f"t0001.i{number:04d}" for number in range(1, 6)]
    assert await listed(faked_api, execution_id, ParentTaskExecutionId=loop) == items
    assert await listed(faked_api, execution_id, IncludeChildTaskExecution="true") == ["t0001", *items]


async def test_a_list_goes_on_where_it_was_when_its_execution_ends(faked_api: Api) -> None:
    execution_id = new_id()
    runs = [run_of(f"{execution_id}.t{number:04d}", number, number) for number in range(1, 5)]
    handle = await fakes.start(faked_api.temporal, record_of(execution_id, FirstRunId="run-1"), runs)
    path = f"/executions/{execution_id}/tasks"
    first = (await faked_api.client.get(path, params={"MaxResults": 2})).json()
    ended = record_of(execution_id, FirstRunId="run-1", Status="Success", Revision=9)
    faked_api.store.save_execution(ended, [task_record(TaskRun(**run), Counter(), Veil(str)) for run in runs])
    await handle.terminate()
    second = (await faked_api.client.get(path, params={"MaxResults": 2, "NextToken": first["NextToken"]})).json()
    shown = [*first["TaskExecutions"], *second["TaskExecutions"]]
    assert [each["TaskExecutionId"] for each in shown] == [run["id"] for run in runs]


async def test_a_token_that_nobody_gave(faked_api: Api) -> None:
    execution_id = await large_loop(faked_api)
    response = await faked_api.client.get(f"/executions/{execution_id}/tasks", params={"NextToken": "50"})
    assert (response.status_code, response.json()["Code"]) == (400, "InvalidParameter")


async def test_the_counters_of_a_large_loop_are_exact(faked_api: Api) -> None:
    execution_id = await large_loop(faked_api)
    record = (await faked_api.client.get(f"/executions/{execution_id}")).json()["Execution"]
    loop = record["Tasks"][0]["Loop"]
    assert loop == {"Total": 6, "Success": 2, "Failed": 1, "Running": 2, "NotStarted": 1, "Waiting": 1}
    assert record["Progress"] == {
        "Success": 3,
        "Failed": 1,
        "Skipped": 0,
        "Cancelled": 0,
        "Running": 2,
        "NotStarted": 1,
        "CallsInFlight": 2,
    }


async def test_while_it_is_cancelled_the_calls_of_its_loop_are_counted(faked_api: Api) -> None:
    execution_id = new_id()
    loop = f"{execution_id}.t0001"
    record = record_of(
        execution_id, Tasks=[loop_task(loop)], StatusMessage="being cancelled: 9 calls are still in flight"
    )
    record |= {"CurrentTasks": [{"TaskExecutionId": loop}], "Progress": {"CallsInFlight": 9}}
    await fakes.start(faked_api.temporal, record, [])
    await fakes.start_loop(faked_api.temporal, execution_id, loop, {"Loop": {}, "CallsInFlight": 1}, [])
    shown = (await faked_api.client.get(f"/executions/{execution_id}")).json()["Execution"]
    assert shown["StatusMessage"] == "being cancelled: 1 call is still in flight"


async def test_a_loop_that_cannot_be_asked_is_shown_as_the_execution_heard_of_it(faked_api: Api) -> None:
    execution_id = new_id()
    record = record_of(execution_id, Tasks=[loop_task(f"{execution_id}.t0001")])
    record["LoopWorkflows"] = [loop_workflow(f"{execution_id}.t0001")]
    await fakes.start(faked_api.temporal, record, [run_of(f"{execution_id}.t0001", 1)])
    shown = (await faked_api.client.get(f"/executions/{execution_id}")).json()["Execution"]
    assert shown["Tasks"][0]["Loop"]["Success"] == 1
    assert await listed(faked_api, execution_id, IncludeChildTaskExecution="true") == ["t0001"]
