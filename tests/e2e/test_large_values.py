"""Values of megabytes on their way through an execution, and a store that is away in between."""

import json
from base64 import b64decode
from typing import Any

from caboose.payloads import DRIVER
from tests.e2e.locked import locked_store
from tests.e2e.server import Server
from tests.support.processes import until
from tests.support.stack import Stack

SELECT = {
    "Name": "select",
    "Action": "ACS::SelectTargets",
    "Properties": {"ResourceType": "ALIYUN::ECS::Instance", "Filters": [{"Type": "All"}]},
    "Outputs": {"ids": {"Type": "List", "ValueSelector": "Instances.Instance[].InstanceId"}},
}


def template(tasks: list[Any], outputs: dict[str, Any], **parameters: Any) -> str:
    document = {"FormatVersion": "OOS-2019-06-01", "Parameters": parameters, "Tasks": tasks, "Outputs": outputs}
    return json.dumps(document)


def test_a_selection_of_three_megabytes(stack: Stack, server: Server) -> None:
    ids = [f"i-{number:06}{'x' * 490}" for number in range(6_000)]
    stack.simulator.put_instances([{"InstanceId": each} for each in ids])
    outputs = {
        "ids": {"Type": "List", "Value": "{{ select.ids }}"},
        "count": {"Type": "Number", "Value": {"Fn::Jq": ["First", "length", "{{ select.ids }}"]}},
        "last": {"Value": {"Fn::Last": "{{ select.ids }}"}},
    }
    execution_id = stack.start(TemplateContent=template([SELECT], outputs))
    record = stack.finish(execution_id)
    assert record["Status"] == "Success", record["StatusMessage"]
    assert record["Outputs"] == {"ids": f"({json_bytes(ids)} bytes, left out here)", "count": 6_000, "last": ids[-1]}
    assert server.result(execution_id) == {"ids": ids, "count": 6_000, "last": ids[-1]}
    assert len(json.dumps(server.events(execution_id))) < 200_000
    assert not failed_tasks(server, execution_id)


def test_a_hundred_thousand_ids_as_a_parameter(stack: Stack, server: Server) -> None:
    ids = [f"i-bp1{number:017}" for number in range(100_000)]
    outputs = {
        "count": {"Type": "Number", "Value": {"Fn::Jq": ["First", "length", "{{ ids }}"]}},
        "both": {"Type": "List", "Value": {"Fn::Intersection": ["{{ few }}", "{{ ids }}"]}},
        "text": {"Value": {"Fn::Join": [",", "{{ ids }}"]}},
    }
    text = template([SELECT], outputs, ids={"Type": "List"}, few={"Type": "List"})
    execution_id = stack.start({"ids": ids, "few": [ids[0], "i-new"]}, TemplateContent=text)
    record = stack.finish(execution_id)
    assert record["Status"] == "Success", record["StatusMessage"]
    assert (record["Outputs"]["count"], record["Outputs"]["both"]) == (100_000, ids[:1])
    assert server.result(execution_id)["text"] == ",".join(ids)
    assert not failed_tasks(server, execution_id)


def test_temporals_own_client_gets_answers_and_no_references(stack: Stack, server: Server) -> None:
    outputs = {f"o{number}": {"Value": f"{number} {'x' * 15_000}"} for number in range(3)}
    execution_id = stack.start(TemplateContent=template([{**SELECT, "Outputs": {}}], outputs))
    stack.finish(execution_id)
    query = ["workflow", "query", "--workflow-id", execution_id, "--type", "GetExecution", "--output", "json"]
    (record,) = json.loads(stack.temporal_cli(*query).stdout)["queryResult"]
    assert record["Outputs"] == server.result(execution_id)
    assert len(record["Outputs"]["o2"]) > 15_000
    show = stack.temporal_cli("workflow", "show", "--workflow-id", execution_id, "--output", "json").stdout
    assert DRIVER in b64decode(json.loads(show)["events"][-1][COMPLETED]["result"]["payloads"][0]["data"]).decode()


COMPLETED = "workflowExecutionCompletedEventAttributes"


def test_a_call_whose_result_cannot_be_stored_is_not_made_again(stack: Stack) -> None:
    stack.simulator.put_instances([{"InstanceId": "i-1"}])
    stack.simulator.fault("RebootInstance", "delay", seconds=1)
    reboot = {
        "Name": "reboot",
        "Action": "ACS::ExecuteAPI",
        "Properties": {"Service": "ECS", "API": "RebootInstance", "Parameters": {"InstanceId": "i-1"}},
        "Outputs": {"large": {"Type": "List", "ValueSelector": "range(10000)"}},
    }
    execution_id = stack.start(TemplateContent=template([reboot], {}), SafetyCheck="Skip")
    until(lambda: len(stack.reboots()) == 1, "the call was received")
    with locked_store(stack):
        until(lambda: stack.get(execution_id)["StatusReason"] == "OutcomeUnknown", "what came of it isn't known")
    record = stack.wait_for_status(execution_id, "Waiting")
    assert record["StatusReason"] == "OutcomeUnknown"
    assert [call["outcome"] for call in stack.reboots()] == ["answered"]
    stack.notify(execution_id, "SkipTask")
    assert stack.finish(execution_id)["Status"] == "Success"
    assert len(stack.reboots()) == 1


def test_a_start_that_cannot_be_stored_is_refused(stack: Stack) -> None:
    with locked_store(stack):
        text = template([SELECT], {}, ids={"Type": "List"})
        request = {"TemplateContent": text, "Parameters": {"ids": ["i-1"] * 10_000}}
        answer = stack.http.post("/executions", json=request)
    assert (answer.status_code, answer.json()["Code"]) == (503, "StoreUnavailable")


def failed_tasks(server: Server, execution_id: str) -> list[str]:
    """The workflow tasks that failed: none, when nothing took too long."""
    return [event["eventId"] for event in server.events(execution_id) if "workflowTaskFailedEventAttributes" in event]


def json_bytes(value: Any) -> int:
    return len(json.dumps(value))
