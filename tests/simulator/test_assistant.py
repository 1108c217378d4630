"""Cloud Assistant: commands are run, asked about and stopped; what they do is what a test says."""

from base64 import b64decode, b64encode
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models

from tests.simulator.client import call, eventually, sdk
from tests.support.simulator import Simulator

SHELL = {"RegionId": "cn-hangzhou", "Type": "RunShellScript", "CommandContent": "uname -r"}
MACHINES = [
    {"InstanceId": "i-1"},
    {"InstanceId": "i-2"},
    {"InstanceId": "i-off", "Status": "Stopped"},
    {"InstanceId": "i-win", "OSType": "windows"},
]


@pytest.fixture(autouse=True)
def machines(simulator: Simulator) -> None:
    simulator.reset(transition_seconds=0)
    simulator.put_instances(MACHINES)


def run(simulator: Simulator, *ids: str, **parameters: str) -> str:
    """Runs a command and gives its InvokeId."""
    instances = {f"InstanceId.{place}": each for place, each in enumerate(ids or ("i-1",), start=1)}
    answer = call(simulator, "RunCommand", {**SHELL, **instances, **parameters})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["InvokeId"])


def invocation(simulator: Simulator, invoke_id: str, **more: str) -> dict[str, Any]:
    """The invocation as DescribeInvocations shows it."""
    parameters = {"RegionId": "cn-hangzhou", "InvokeId": invoke_id, **more}
    (shown,) = call(simulator, "DescribeInvocations", parameters).json()["Invocations"]["Invocation"]
    found: dict[str, Any] = shown
    return found


def results(simulator: Simulator, invoke_id: str, **more: str) -> list[dict[str, Any]]:
    """What DescribeInvocationResults tells."""
    parameters = {"RegionId": "cn-hangzhou", "InvokeId": invoke_id, **more}
    body = call(simulator, "DescribeInvocationResults", parameters).json()
    found: list[dict[str, Any]] = body["Invocation"]["InvocationResults"]["InvocationResult"]
    return found


def test_a_command_runs_for_a_while_and_ends(simulator: Simulator) -> None:
    simulator.put_commands([{"Seconds": 3600}])
    invoke_id = run(simulator)
    shown = invocation(simulator, invoke_id)
    assert (shown["InvokeStatus"], shown["InvocationStatus"]) == ("Running", "Running")
    (result,) = results(simulator, invoke_id)
    assert (result["InvokeRecordStatus"], result["FinishedTime"], result["Output"]) == ("Running", "", "")
    assert "ExitCode" not in result
    simulator.put_commands([{"Seconds": 0.05, "Output": "5.10.134\n"}])
    invoke_id = run(simulator)
    assert eventually(lambda: invocation(simulator, invoke_id)["InvokeStatus"] == "Finished")
    (result,) = results(simulator, invoke_id)
    assert (result["ExitCode"], result["InvocationStatus"]) == (0, "Success")
    assert b64decode(result["Output"]) == b"5.10.134\n"
    assert result["FinishedTime"] >= result["StartTime"]


@pytest.mark.parametrize(
    ("outcome", "invoke_status", "status", "record", "error"),
    [
        ({}, "Finished", "Success", "Finished", ""),
        ({"ExitCode": 3}, "Finished", "Failed", "Finished", "ExitCodeNonzero"),
        ({"InvocationStatus": "Timeout"}, "Failed", "Timeout", "Failed", "ExecutionTimeout"),
        ({"InvocationStatus": "Terminated"}, "Stopped", "Terminated", "Stopped", ""),
    ],
)
def test_how_commands_end(
    simulator: Simulator, outcome: dict[str, Any], invoke_status: str, status: str, record: str, error: str
) -> None:
    simulator.put_commands([outcome])
    invoke_id = run(simulator)
    assert invocation(simulator, invoke_id)["InvokeStatus"] == invoke_status
    (result,) = results(simulator, invoke_id)
    assert (result["InvocationStatus"], result["InvokeRecordStatus"], result["ErrorCode"]) == (status, record, error)
    assert result.get("ExitCode") == (outcome.get("ExitCode", 0) if status in ("Success", "Failed") else None)


def test_an_outcome_is_for_commands_that_contain_a_text_on_an_instance_so_many_times(simulator: Simulator) -> None:
    simulator.put_commands(
        [
            {"Contains": "uname", "InstanceId": "i-2", "ExitCode": 7, "Times": 1},
            {"Contains": "uname", "Output": "here\n"},
        ]
    )
    codes = [[each["ExitCode"] for each in results(simulator, run(simulator, "i-1", "i-2"))] for _ in range(2)]
    assert codes == [[0, 7], [0, 0]]
    other = run(simulator, CommandContent="hostname")
    assert results(simulator, other, ContentEncoding="PlainText")[0]["Output"] == "Simulated on i-1.\n"
    assert [each["CommandContent"] for each in simulator.commands()] == ["uname -r", "uname -r", "hostname"]


@pytest.mark.parametrize(
    ("ids", "together", "older"),
    [
        (("i-1", "i-2"), "Success", "Finished"),
        (("i-1", "i-off"), "PartialFailed", "PartialFailed"),
        (("i-off", "i-win"), "Failed", "Failed"),
    ],
)
def test_several_instances(simulator: Simulator, ids: tuple[str, ...], together: str, older: str) -> None:
    shown = invocation(simulator, run(simulator, *ids))
    assert (shown["InvocationStatus"], shown["InvokeStatus"]) == (together, older)


def test_a_machine_that_is_off_or_knows_no_such_script_tells_it_in_the_results(simulator: Simulator) -> None:
    found = results(simulator, run(simulator, "i-off", "i-win"))
    assert [each["ErrorCode"] for each in found] == ["InstanceNotRunning", "CommandNotApplicable"]
    assert [each["InvokeRecordStatus"] for each in found] == ["Failed", "Failed"]
    windows = run(simulator, "i-win", Type="RunPowerShellScript")
    assert results(simulator, windows, InstanceId="i-win")[0]["ExitCode"] == 0
    assert results(simulator, windows, InstanceId="i-1") == []


def test_stopping(simulator: Simulator) -> None:
    simulator.put_commands([{"Seconds": 3600}])
    invoke_id = run(simulator, "i-1", "i-2")
    assert call(simulator, "StopInvocation", {"InvokeId": invoke_id, "InstanceId.1": "i-1"}).status_code == 200
    assert invocation(simulator, invoke_id)["InvokeStatus"] == "Running"
    call(simulator, "StopInvocation", {"InvokeId": invoke_id})
    assert invocation(simulator, invoke_id)["InvokeStatus"] == "Stopped"
    assert call(simulator, "StopInvocation", {"InvokeId": "t-gone"}).json()["Code"] == "InvalidInvoke.NotFound"


def test_a_kept_command_with_parameters(simulator: Simulator) -> None:
    simulator.put_commands([{"Contains": "ls /srv", "Output": "www\n"}, {"ExitCode": 1}])
    content = b64encode(b"ls {{folder}}").decode()
    fields = {"Name": "list", "Type": "RunShellScript", "CommandContent": content, "EnableParameter": "true"}
    command_id = call(simulator, "CreateCommand", fields).json()["CommandId"]
    wanted = {"RegionId": "cn-hangzhou", "CommandId": command_id, "InstanceId.1": "i-1"}
    invoke_id = call(simulator, "InvokeCommand", {**wanted, "Parameters": '{"folder": "/srv"}'}).json()["InvokeId"]
    assert results(simulator, invoke_id, ContentEncoding="PlainText")[0]["Output"] == "www\n"
    assert invocation(simulator, invoke_id, CommandName="list")["CommandId"] == command_id
    assert call(simulator, "DeleteCommand", {"CommandId": command_id}).status_code == 200
    assert call(simulator, "InvokeCommand", wanted).json()["Code"] == "InvalidCmdId.NotFound"


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ({"Type": "RunPythonScript"}, 400, "InvalidParameter"),
        ({"CommandContent": ""}, 400, "MissingParameter"),
        ({"InstanceId.1": ""}, 400, "MissingParameter"),
        ({"InstanceId.2": "i-gone"}, 404, "InvalidInstance.NotFound"),
        ({"RegionId": ""}, 400, "MissingParameter"),
        ({"CommandContent": "x" * 20_000}, 403, "CmdContent.ExceedLimit"),
        ({"ContentEncoding": "Base64", "CommandContent": "x"}, 403, "CmdContent.DecodeError"),
        ({"Parameters": "[]"}, 400, "InvalidParameter"),
        ({"Parameters": "{"}, 400, "InvalidParameter"),
    ],
)
def test_refusals(simulator: Simulator, parameters: dict[str, str], status: int, code: str) -> None:
    answer = call(simulator, "RunCommand", {**SHELL, "InstanceId.1": "i-1", **parameters})
    assert (answer.status_code, answer.json()["Code"]) == (status, code)
    assert simulator.commands() == []


def test_the_agent(simulator: Simulator) -> None:
    run(simulator, "i-1")
    body = call(simulator, "DescribeCloudAssistantStatus", {"RegionId": "cn-hangzhou", "InstanceId.1": "i-1"}).json()
    (state,) = body["InstanceCloudAssistantStatusSet"]["InstanceCloudAssistantStatus"]
    assert (state["CloudAssistantStatus"], state["InvocationCount"]) == ("true", 1)
    answer = call(simulator, "InstallCloudAssistant", {"RegionId": "cn-hangzhou", "InstanceId.1": "i-1"})
    assert answer.status_code == 200


def test_the_sdk(simulator: Simulator) -> None:
    simulator.put_commands([{"Output": "运维\n"}])
    client = sdk(simulator)
    request = models.RunCommandRequest(
        region_id="cn-hangzhou", type="RunShellScript", command_content="echo 运维", instance_id=["i-1"], timeout=60
    )
    invoke_id = client.run_command(request).body.invoke_id
    asked = models.DescribeInvocationsRequest(region_id="cn-hangzhou", invoke_id=invoke_id)
    (shown,) = client.describe_invocations(asked).body.invocations.invocation
    assert (shown.invoke_status, shown.timeout, shown.invoke_instances.invoke_instance[0].exit_code) == (
        "Finished",
        60,
        0,
    )
    told = models.DescribeInvocationResultsRequest(region_id="cn-hangzhou", invoke_id=invoke_id)
    (result,) = client.describe_invocation_results(told).body.invocation.invocation_results.invocation_result
    assert b64decode(result.output).decode() == "运维\n"


def test_a_wrong_outcome_is_refused(simulator: Simulator) -> None:
    with pytest.raises(ValueError, match="Exit"):
        simulator.put_commands([{"Exit": 3}])
