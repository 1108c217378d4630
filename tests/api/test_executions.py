"""Looking at executions: from the store, from Temporal, and while nobody can answer."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus

from api.records import blank_record
from caboose.links import read_token
from tests.api.conftest import KEYS, TEMPLATE, Api
from tests.api.test_errors import assert_shape
from tests.api.waiting import SINCE, waiting_execution


def stored(api: Api, execution_id: str, status: str, **more: Any) -> dict[str, Any]:
    """A record in the store, of an execution that Temporal doesn't know."""
    fields = {"ExecutionId": execution_id, "FirstRunId": "run-1", "Status": status, "Revision": 5, **more}
    record = blank_record({"CreateDate": "2026-11-20T03:15:00Z", "UpdateDate": SINCE, **fields})
    api.store.save_execution(record, [])
    return record


async def test_unknown(api: Api) -> None:
    for response in (
        await api.client.get("/executions/exec-of-nobody"),
        await api.client.get("/executions/exec-of-nobody/tasks"),
        await api.client.post("/executions/exec-of-nobody/notify", json={"NotifyType": "Approve"}),
        await api.client.post("/executions/exec-of-nobody/notify-again"),
        await api.client.post("/executions/exec-of-nobody/cancel", json={}),
    ):
        assert_shape(response, 404, "EntityNotExists.Execution")


async def test_a_final_one_needs_no_temporal(lonely_api: Api) -> None:
    record = stored(lonely_api, "exec-final", "Success", Outputs={"instanceIds": ["i-1"]}, EndDate=SINCE)
    tasks = [{"TaskExecutionId": f"exec-final.t000{n}", "ParentTaskExecutionId": ""} for n in (1, 2, 3)]
    lonely_api.store.save_execution({**record, "Revision": 6}, tasks)
    execution = (await lonely_api.client.get("/executions/exec-final")).json()["Execution"]
    assert execution == {**record, "Revision": 6}
    page = (await lonely_api.client.get("/executions/exec-final/tasks?MaxResults=2")).json()
    assert [task["TaskExecutionId"] for task in page["TaskExecutions"]] == ["exec-final.t0001", "exec-final.t0002"]
    rest = await lonely_api.client.get("/executions/exec-final/tasks", params={"NextToken": page["NextToken"]})
    assert [task["TaskExecutionId"] for task in rest.json()["TaskExecutions"]] == ["exec-final.t0003"]
    assert rest.json()["NextToken"] == ""


async def test_an_unfinished_one_without_temporal(lonely_api: Api) -> None:
    stored(lonely_api, "exec-half", "Running")
    execution = (await lonely_api.client.get("/executions/exec-half")).json()["Execution"]
    assert (execution["Status"], execution["AsOf"]) == ("Running", SINCE)


async def test_without_a_worker(api: Api) -> None:
    waiting = await waiting_execution(api)
    path = f"/executions/{waiting.claims.execution_id}"
    one, tasks, notify, again = await asyncio.gather(
        api.client.get(path),
        api.client.get(f"{path}/tasks"),
        api.client.post(f"{path}/notify", json={"NotifyType": "Approve"}),
        api.client.post(f"{path}/notify-again"),
    )
    execution = one.json()["Execution"]
    assert (execution["Status"], execution["AsOf"]) == ("Waiting", SINCE)
    assert tasks.json()["AsOf"] == SINCE
    assert_shape(notify, 503, "WorkerUnavailable")
    assert_shape(again, 503, "WorkerUnavailable")


async def test_the_link_of_a_waiting_approval(api: Api) -> None:
    waiting = await waiting_execution(api)
    execution = (await api.client.get(f"/executions/{waiting.claims.execution_id}")).json()["Execution"]
    link = execution["Waiting"][0]["ApprovalLink"]
    assert link.startswith(f"{api.url}/approvals/")
    assert read_token(link.rpartition("/")[2], KEYS, max_age_days=1) == waiting.claims
    assert (await api.client.get(link)).status_code == 200


async def test_one_that_only_temporal_knows(api: Api) -> None:
    handle = await api.temporal.start_workflow(
        "some-template", {"a": 1}, id="by-a-temporal-client", task_queue=api.settings.task_queue
    )
    execution = (await api.client.get("/executions/by-a-temporal-client")).json()["Execution"]
    assert (execution["TemplateName"], execution["Status"]) == ("some-template", "Started")
    assert execution["FirstRunId"] == handle.first_execution_run_id
    assert execution["AsOf"]


async def test_a_part_of_an_execution_is_none(api: Api) -> None:
    await api.temporal.start_workflow("caboose.Loop", {}, id="exec-1.t0003", task_queue=api.settings.task_queue)
    assert_shape(await api.client.get("/executions/exec-1.t0003"), 404, "EntityNotExists.Execution")
    response = await api.client.post("/executions/exec-1.t0003/cancel")
    assert_shape(response, 404, "EntityNotExists.Execution")


async def test_the_workflow_of_somebody_else_is_none(api: Api) -> None:
    handle = await api.temporal.start_workflow("Payroll", {}, id="payroll-7", task_queue="of-somebody-else")
    assert_shape(await api.client.get("/executions/payroll-7"), 404, "EntityNotExists.Execution")
    assert_shape(await api.client.post("/executions/payroll-7/cancel"), 404, "EntityNotExists.Execution")
    assert (await handle.describe()).history_length == 2


async def test_terminated_in_temporal(api: Api) -> None:
    waiting = await waiting_execution(api)
    await api.temporal.get_workflow_handle(waiting.claims.execution_id).terminate("stop")
    execution = (await api.client.get(f"/executions/{waiting.claims.execution_id}")).json()["Execution"]
    assert (execution["Status"], execution["StatusReason"]) == ("Cancelled", "Terminated")
    assert execution["EndDate"]
    assert execution["Waiting"] == []


async def nothing() -> AsyncIterator[bytes]:
    """A body of no bytes and of no announced length."""
    yield b""


async def test_cancel(api: Api) -> None:
    waiting = await waiting_execution(api)
    path = f"/executions/{waiting.claims.execution_id}/cancel"
    response = await api.client.post(path, json={"Reason": "not today"})
    assert set(response.json()) == {"RequestId"}
    assert (await api.client.post(path)).status_code == 200
    assert (await api.client.post(path, content=nothing())).status_code == 200
    handle = api.temporal.get_workflow_handle(waiting.claims.execution_id)
    reasons = [
        event.workflow_execution_cancel_requested_event_attributes.cause
        async for event in handle.fetch_history_events()
        if event.HasField("workflow_execution_cancel_requested_event_attributes")
    ]
    assert reasons == ["Cancelled by tester: not today"]


@pytest.mark.parametrize("body", [{"reason": "x"}, {"Reason": 5}, ["x"], "x"])
async def test_cancel_with_a_wrong_body(api: Api, body: Any) -> None:
    response = await api.client.post("/executions/exec-1/cancel", json=body)
    assert assert_shape(response, 400, "ValidationFailed")["Problems"]


async def test_messages_to_an_ended_one(api: Api) -> None:
    waiting = await waiting_execution(api)
    handle = api.temporal.get_workflow_handle(waiting.claims.execution_id)
    await handle.terminate("stop")
    path = f"/executions/{waiting.claims.execution_id}"
    for response in (
        await api.client.post(f"{path}/notify", json={"NotifyType": "Approve"}),
        await api.client.post(f"{path}/notify-again"),
        await api.client.post(f"{path}/cancel"),
    ):
        assert_shape(response, 409, "ExecutionEnded")
    assert (await handle.describe()).status == WorkflowExecutionStatus.TERMINATED


@pytest.mark.parametrize("body", [[], "Approve", 1, None])
async def test_a_notification_that_is_no_object(api: Api, body: Any) -> None:
    waiting = await waiting_execution(api)
    response = await api.client.post(f"/executions/{waiting.claims.execution_id}/notify", json=body)
    assert response.status_code == 400
    assert await waiting.signals() == []


async def test_filters_and_pages(lonely_api: Api) -> None:
    for number in range(5):
        stored(
            lonely_api,
            f"exec-page-{number}",
            "Failed" if number % 2 else "Success",
            TemplateName=f"pages-{number}",
            ExecutedBy="pager",
            StartDate=f"2026-10-0{number + 1}T00:00:00Z",
        )

    async def ids(**query: Any) -> list[str]:
        response = await lonely_api.client.get("/executions", params={"ExecutedBy": "pager", **query})
        return [each["ExecutionId"][-1] for each in response.json()["Executions"]]

    assert await ids() == ["4", "3", "2", "1", "0"]
    assert await ids(Status="Failed") == ["3", "1"]
    assert await ids(TemplateName="PAGES-2") == ["2"]
    assert await ids(StartDateAfter="2026-10-02T00:00:00Z", StartDateBefore="2026-10-03T08:00:00+08:00") == ["2", "1"]
    first = (await lonely_api.client.get("/executions?ExecutedBy=pager&MaxResults=3")).json()
    assert len(first["Executions"]) == first["MaxResults"] == 3
    assert await ids(NextToken=first["NextToken"]) == ["1", "0"]


async def test_lists_leave_the_large_fields_out(api: Api) -> None:
    await api.client.post("/executions", json={"TemplateContent": TEMPLATE, "Parameters": {"instanceId": "i-1"}})
    (first, *_) = (await api.client.get("/executions?MaxResults=1")).json()["Executions"]
    assert not {"Parameters", "Outputs", "Tasks"} & set(first)
