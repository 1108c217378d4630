"""POST /executions: everything that is wrong at once, nothing twice, and what Temporal and the store then hold."""

import asyncio
import json
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowExecutionStatus

from tests.api.conftest import TEMPLATE, Api
from tests.api.test_errors import assert_shape
from workflows.messages import OOS_EXECUTED_BY, OOS_STATUS, OOS_TEMPLATE_NAME


def start(**more: Any) -> dict[str, Any]:
    """A start that is right."""
    return {"TemplateContent": TEMPLATE, "Parameters": {"instanceId": "i-1"}, **more}


async def test_the_answer_and_what_is_stored(api: Api) -> None:
    await api.client.post("/templates", json={"TemplateName": "starts-look", "Content": TEMPLATE})
    body = {
        "TemplateName": "starts-look",
        "Parameters": {"instanceId": "i-1"},
        "Description": "why",
        "Tags": {"a": "b"},
    }
    response = await api.client.post("/executions", json=body)
    assert response.status_code == 201
    assert set(response.json()) == {"Execution", "RequestId"}
    execution = response.json()["Execution"]
    assert execution["Status"] == "Started"
    assert (execution["TemplateName"], execution["TemplateVersion"]) == ("starts-look", "v1")
    assert execution["Parameters"] == {"instanceId": "i-1"}
    assert (execution["Description"], execution["Tags"]) == ("why", {"a": "b"})
    assert execution["ExecutedBy"] == "tester"
    assert execution["RegionId"] == "cn-hangzhou"

    listed = (await api.client.get("/executions", params={"TemplateName": "starts-look"})).json()["Executions"]
    assert [each["ExecutionId"] for each in listed] == [execution["ExecutionId"]]
    described = await api.temporal.get_workflow_handle(execution["ExecutionId"]).describe()
    assert described.workflow_type == "Execution"
    assert described.task_queue == api.settings.task_queue
    attributes = {pair.key.name: pair.value for pair in described.typed_search_attributes}
    assert attributes == {OOS_STATUS: "Started", OOS_TEMPLATE_NAME: "starts-look", OOS_EXECUTED_BY: "tester"}
    assert await described.static_summary() == "starts-look v1, started by tester"
    assert described.raw_description.workflow_execution_info.first_run_id == execution["FirstRunId"]


async def test_parameters_as_json_text(api: Api) -> None:
    response = await api.client.post("/executions", json=start(Parameters=json.dumps({"instanceId": "i-9"})))
    assert response.json()["Execution"]["Parameters"] == {"instanceId": "i-9"}


async def test_who_starts_is_who_holds_the_token(api: Api) -> None:
    response = await api.client.post("/executions", json=start(ExecutedBy="the-boss"))
    execution = response.json()["Execution"]
    assert execution["ExecutedBy"] == "tester"
    handle = api.temporal.get_workflow_handle(execution["ExecutionId"])
    event = await anext(handle.fetch_history_events())
    payloads = list(event.workflow_execution_started_event_attributes.input.payloads)
    (given,) = await api.temporal.data_converter.decode(payloads)
    assert given["ExecutedBy"] == "tester"


@pytest.mark.parametrize("body", [[1], "text", 7, None, True])
async def test_a_start_that_is_no_object(api: Api, body: Any) -> None:
    answer = assert_shape(await api.client.post("/executions", content=json.dumps(body)), 400, "ValidationFailed")
    assert [problem["Id"] for problem in answer["Problems"]] == ["InvalidRequest"]


async def test_everything_that_is_wrong_at_once(api: Api) -> None:
    body = start(Parameters={"instanceID2": "x"}, Mode="Slow", Colour="red", ClientToken=5)
    answer = assert_shape(await api.client.post("/executions", json=body), 400, "ValidationFailed")
    paths = {problem["Path"] for problem in answer["Problems"]}
    assert {"Mode", "Colour", "ClientToken", "Parameters", "Parameters.instanceId"} <= paths
    for problem in answer["Problems"]:
        assert problem["Message"] in answer["Message"]


async def test_nothing_is_started_by_a_refused_request(api: Api) -> None:
    token = str(uuid4())
    execution_id = f"exec-{sha256(token.encode()).hexdigest()[:20]}"
    await api.client.post("/executions", json=start(Parameters={}, ClientToken=token))
    assert_shape(await api.client.get(f"/executions/{execution_id}"), 404, "EntityNotExists.Execution")


async def test_problems_show_no_secret(api: Api) -> None:
    url = "https://oapi.dingtalk.com/robot/send?access_token=canary-77aa"
    template = TEMPLATE.replace("{Type: String}", "{Type: String, AllowedPattern: 'i-.*'}")
    body = start(TemplateContent=template, Parameters={"instanceId": url, url: 1})
    response = await api.client.post("/executions", json=body)
    assert_shape(response, 400, "ValidationFailed")
    assert "canary-77aa" not in response.text


async def test_a_client_token_starts_once(api: Api) -> None:
    token = str(uuid4())
    first = await api.client.post("/executions", json=start(ClientToken=token))
    again = await api.client.post("/executions", json=dict(reversed(start(ClientToken=token).items())))
    assert (first.status_code, again.status_code) == (201, 200)
    execution = first.json()["Execution"]
    assert execution["ExecutionId"] == f"exec-{sha256(token.encode()).hexdigest()[:20]}"
    assert again.json()["Execution"]["ExecutionId"] == execution["ExecutionId"]
    assert again.json()["Execution"]["FirstRunId"] == execution["FirstRunId"]


async def test_a_client_token_with_another_request(api: Api) -> None:
    token = str(uuid4())
    await api.client.post("/executions", json=start(ClientToken=token))
    other = start(ClientToken=token, Parameters={"instanceId": "i-2"})
    answer = assert_shape(await api.client.post("/executions", json=other), 409, "IdempotentParameterMismatch")
    assert "exec-" in answer["Message"]


async def test_a_client_token_twice_at_the_same_time(api: Api) -> None:
    body = start(ClientToken=str(uuid4()))
    responses = await asyncio.gather(*(api.client.post("/executions", json=body) for _ in range(8)))
    assert sorted(response.status_code for response in responses) == [200] * 7 + [201]
    assert len({response.json()["Execution"]["FirstRunId"] for response in responses}) == 1


async def test_a_client_token_of_an_ended_execution(api: Api) -> None:
    body = start(ClientToken=str(uuid4()))
    execution = (await api.client.post("/executions", json=body)).json()["Execution"]
    handle = api.temporal.get_workflow_handle(execution["ExecutionId"])
    await handle.terminate("for the test")
    again = await api.client.post("/executions", json=body)
    assert again.status_code == 200
    assert again.json()["Execution"]["Status"] == "Cancelled"
    assert (await handle.describe()).status == WorkflowExecutionStatus.TERMINATED


async def test_without_temporal_nothing_is_listed(lonely_api: Api) -> None:
    before = (await lonely_api.client.get("/executions")).json()["Executions"]
    answer = assert_shape(await lonely_api.client.post("/executions", json=start()), 503, "TemporalUnreachable")
    assert "ClientToken" in answer["Message"]
    assert (await lonely_api.client.get("/executions")).json()["Executions"] == before


PATTERNS = """\
FormatVersion: OOS-2019-06-01
Parameters:
  zone: {Type: String, AllowedPattern: "(?!us-)[a-z-]*"}
  slow: {Type: String, AllowedPattern: "((((a{0,999}){0,999}){0,999}){0,999})", Default: a}
  account: {Type: String, Default: "{{ ACS::AccountId }}"}
  day: {Type: String, Default: "{{ ACS::CurrentDate }}"}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeX, Parameters: {X: "{{ zone }}{{ slow }}{{ account }}{{ day }}"}}
"""


async def test_patterns_are_matched_and_settings_are_asked_for_before_anything_starts(api: Api) -> None:
    body = {"TemplateContent": PATTERNS, "Parameters": {"zone": "us-east", "slow": "a" * 4_000 + "c"}}
    response = await api.client.post("/executions", json=body)
    assert response.status_code == 400
    found = {problem["Path"]: problem for problem in response.json()["Problems"]}
    assert "doesn't match AllowedPattern" in found["Parameters.zone"]["Message"]
    assert "takes too long" in found["Parameters.slow"]["Message"]
    assert "set CABOOSE_ACCOUNT_ID" in found["Parameters.account"]["Message"]
    assert list(found) == ["Parameters.zone", "Parameters.slow", "Parameters.account"]


async def test_a_default_made_of_the_date(api: Api) -> None:
    body = {"TemplateContent": PATTERNS, "Parameters": {"zone": "cn-x", "account": "1"}}
    response = await api.client.post("/executions", json=body)
    assert response.status_code == 201
    assert response.json()["Execution"]["Parameters"]["day"].startswith("20")
