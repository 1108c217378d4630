"""POST /executions/{id}/retry: what is said no to, and what is started. No worker answers here: the record decides."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from caboose.store import Retry
from tests.api.conftest import Api
from tests.api.test_errors import assert_shape
from workflows.messages import EXECUTION_TYPE

POSSIBLE = {"Possible": True, "TaskName": "look", "Items": {}}


async def failed(api: Api, *, workflow_type: str = EXECUTION_TYPE, **fields: Any) -> dict[str, Any]:
    """An execution that has failed by its record; its workflow is there, which nobody has run."""
    execution_id = f"exec-{uuid4().hex[:20]}"
    queue = api.settings.task_queue
    handle = await api.temporal.start_workflow(workflow_type, {}, id=execution_id, task_queue=queue)
    record = {
        "ExecutionId": execution_id,
        "FirstRunId": handle.first_execution_run_id,
        "Revision": 3,
        "Status": "Failed",
        "TemplateName": "look-once",
        "TemplateVersion": "v2",
        "TemplateHash": "abc",
        "Mode": "FailurePause",
        "LoopMode": "Automatic",
        "SafetyCheck": "Skip",
        "RegionId": "cn-beijing",
        "RamRole": "operator",
        "Description": "nightly",
        "Tags": {"team": "a"},
        "Parameters": {"instanceId": "i-1"},
        "ExecutedBy": "alice",
        "Retry": POSSIBLE,
        **fields,
    }
    await asyncio.to_thread(api.store.save_execution, record, [])
    return record


async def retry(api: Api, execution_id: str, **body: Any) -> Any:
    return await api.client.post(f"/executions/{execution_id}/retry", json=body)


async def given(api: Api, execution_id: str) -> Any:
    """The input of an execution's workflow."""
    event = await anext(api.temporal.get_workflow_handle(execution_id).fetch_history_events())
    payloads = list(event.workflow_execution_started_event_attributes.input.payloads)
    return (await api.temporal.data_converter.decode(payloads))[0]


async def test_a_new_execution_that_names_the_old_one(api: Api) -> None:
    old = await failed(api)
    response = await retry(api, old["ExecutionId"], FailedItemsOnly=True, Description="once more")
    assert response.status_code == 201, response.text
    new = response.json()["Execution"]
    assert new["ExecutionId"] != old["ExecutionId"]
    assert (new["RetryOf"], new["Status"], new["ExecutedBy"]) == (old["ExecutionId"], "Started", "tester")
    assert new["Description"] == "once more"
    for name in ("TemplateName", "TemplateVersion", "Mode", "SafetyCheck", "RegionId", "RamRole", "Tags", "Parameters"):
        assert new[name] == old[name]
    assert await given(api, new["ExecutionId"]) == {
        "RetryOf": old["ExecutionId"],
        "FailedItemsOnly": True,
        "Description": "once more",
        "ExecutedBy": "tester",
    }
    assert (await api.client.get("/executions", params={"TemplateName": "look-once"})).json()["Executions"]


async def test_no_body_is_needed(api: Api) -> None:
    old = await failed(api)
    response = await api.client.post(f"/executions/{old['ExecutionId']}/retry")
    assert response.status_code == 201
    assert response.json()["Execution"]["Description"] == "nightly"


async def test_the_same_token_gives_the_first_one(api: Api) -> None:
    old, token = await failed(api), uuid4().hex
    first = await retry(api, old["ExecutionId"], ClientToken=token)
    again = await retry(api, old["ExecutionId"], ClientToken=token)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["Execution"]["ExecutionId"] == first.json()["Execution"]["ExecutionId"]
    other = await retry(api, old["ExecutionId"], ClientToken=token, FailedItemsOnly=True)
    assert_shape(other, 409, "IdempotentParameterMismatch")
    another = await failed(api)
    assert_shape(await retry(api, another["ExecutionId"], ClientToken=token), 409, "IdempotentParameterMismatch")


async def test_one_token_many_times_at_once_is_one_execution(api: Api) -> None:
    old, token = await failed(api), uuid4().hex
    answers = await asyncio.gather(*(retry(api, old["ExecutionId"], ClientToken=token) for _ in range(6)))
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.json()["Execution"]["ExecutionId"] for answer in answers}) == 1


@pytest.mark.parametrize("status", ["Success", "Cancelled"])
async def test_only_what_failed_is_retried(api: Api, status: str) -> None:
    old = await failed(api, Status=status, Retry={})
    answer = assert_shape(await retry(api, old["ExecutionId"]), 409, "NotFailed")
    assert status in answer["Message"]


async def test_what_runs_is_not_retried(api: Api) -> None:
    old = await failed(api, Status="Running", Retry={})
    answer = assert_shape(await retry(api, old["ExecutionId"]), 503, "WorkerUnavailable")
    assert "it was Running. Try again when one can" in answer["Message"]


async def test_the_record_says_why_not(api: Api) -> None:
    refusal = {"Possible": False, "Code": "CallsInDoubt", "Message": "nobody knows", "Hint": "Look."}
    old = await failed(api, Retry=refusal)
    answer = assert_shape(await retry(api, old["ExecutionId"]), 409, "CallsInDoubt")
    assert answer["Message"] == f"{old['ExecutionId']} can't be retried: nobody knows. Look."
    ended_from_outside = await failed(api, Retry={})
    assert_shape(await retry(api, ended_from_outside["ExecutionId"]), 409, "NothingToRetry")


async def test_one_retry_at_most(api: Api) -> None:
    old = await failed(api)
    await asyncio.to_thread(api.store.claim_retry, old["FirstRunId"], Retry("exec-other", "run-other"))
    answer = assert_shape(await retry(api, old["ExecutionId"]), 409, "AlreadyRetried")
    assert "exec-other" in answer["Message"]


@pytest.mark.parametrize(
    ("kept", "advice"),
    [
        ({"Status": "Cancelled"}, "exec-other was Cancelled: start a new execution with what is left."),
        ({"Status": "Success"}, "exec-other has ended as Success: nothing is left to retry."),
        ({"Status": "Failed", "Retry": POSSIBLE}, "exec-other has failed: retry that one."),
        (
            {"Status": "Failed", "Retry": {"Possible": False, "Message": "why", "Hint": "Look."}},
            "exec-other has failed and can't be retried: why. Look.",
        ),
        ({"Status": "Running"}, "If exec-other fails, retry that one; if it is cancelled, start a new execution"),
        ({"Status": "Cancelled", "FirstRunId": "run-earlier"}, "If exec-other fails, retry that one"),
    ],
)
async def test_what_is_left_when_another_one_has_the_retry(api: Api, kept: dict[str, Any], advice: str) -> None:
    old, other = await failed(api), f"exec-{uuid4().hex[:20]}"
    record = {"ExecutionId": other, "FirstRunId": "run-other", "Revision": 1, **kept}
    await asyncio.to_thread(api.store.save_execution, record, [])
    await asyncio.to_thread(api.store.claim_retry, old["FirstRunId"], Retry(other, "run-other"))
    answer = assert_shape(await retry(api, old["ExecutionId"]), 409, "AlreadyRetried")
    assert advice in answer["Message"].replace(other, "exec-other")


async def test_ids_of_nothing(api: Api) -> None:
    assert_shape(await retry(api, "exec-nothing"), 404, "EntityNotExists.Execution")
    part = await failed(api, workflow_type="caboose.Loop", Status="Running")
    assert_shape(await retry(api, part["ExecutionId"]), 409, "HistoryGone")


async def test_what_temporal_has_forgotten_can_not_be_retried(api: Api) -> None:
    execution_id = f"exec-{uuid4().hex[:20]}"
    record = {"ExecutionId": execution_id, "FirstRunId": "run-1", "Revision": 1, "Status": "Failed", "Retry": POSSIBLE}
    await asyncio.to_thread(api.store.save_execution, record, [])
    assert_shape(await retry(api, execution_id), 409, "HistoryGone")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"FailedItemsOnly": "yes"}, "FailedItemsOnly"),
        ({"TemplateName": "other"}, "TemplateName"),
        ({"Parameters": {}}, "Parameters"),
        ({"RetryOf": "exec-other"}, "RetryOf"),
        ({"Colour": "red"}, "Colour"),
        ([], ""),
    ],
)
async def test_fields_that_are_refused(api: Api, body: Any, path: str) -> None:
    answer = assert_shape(await api.client.post("/executions/exec-x/retry", json=body), 400, "ValidationFailed")
    assert [problem["Path"] for problem in answer["Problems"]] == [path]


async def test_without_temporal_nothing_is_said(lonely_api: Api) -> None:
    assert_shape(await retry(lonely_api, "exec-x"), 503, "TemporalUnreachable")
