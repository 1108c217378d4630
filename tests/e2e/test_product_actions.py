"""The product actions of our own library, each run as a template's task against the simulator."""

import json
from typing import Any

import pytest

from caboose.library_folders import load_library
from caboose.oos.compiling.compile import compile_template
from tests.support.processes import until
from tests.support.stack import Stack

ON, OFF, BUSY = "i-on", "i-off", "i-busy"


@pytest.fixture(autouse=True)
def machines(stack: Stack) -> None:
    stack.simulator.put_instances(
        [
            {"InstanceId": ON},
            {"InstanceId": OFF, "Status": "Stopped"},
            {"InstanceId": BUSY, "Status": "Starting"},
        ]
    )


def run(stack: Stack, action: str, output: str = "", **properties: Any) -> dict[str, Any]:
    """The record of an execution whose one task is the action."""
    selected = {"Outputs": {"it": {"ValueSelector": output}}} if output else {}
    content = {
        "FormatVersion": "OOS-2019-06-01",
        "Tasks": [{"Name": "go", "Action": f"ACS::{action}", "Properties": properties, **selected}],
        "Outputs": {"it": {"Type": "String", "Value": "{{ go.it }}"}} if output else {},
    }
    return stack.finish(stack.start(TemplateContent=json.dumps(content), SafetyCheck="Skip"))


def changes(stack: Stack) -> list[str]:
    """The calls that change something, in order."""
    return [call["action"] for call in stack.simulator.calls() if not call["action"].startswith("Describe")]


def states(stack: Stack) -> dict[str, str]:
    return {each["InstanceId"]: each["Status"] for each in stack.simulator.instances()}


def ran(stack: Stack, content: str, **properties: Any) -> dict[str, Any]:
    wanted = {"instanceId": ON, "commandType": "RunShellScript", "commandContent": content, **properties}
    return run(stack, "ECS::RunCommand", "invocationOutput", **wanted)


def test_all_of_them_compile_without_a_word() -> None:
    library = load_library()
    for name in library.names():
        source = library.find(name)
        assert source
        assert [str(problem) for problem in compile_template(source.text, library).problems] == []


@pytest.mark.parametrize(
    ("action", "instance", "made", "after"),
    [
        ("StartInstance", OFF, ["StartInstance"], "Running"),
        ("StartInstance", ON, [], "Running"),
        ("StopInstance", ON, ["StopInstance"], "Stopped"),
        ("StopInstance", OFF, [], "Stopped"),
        ("RebootInstance", ON, ["RebootInstance"], "Running"),
    ],
)
def test_what_is_as_wanted_already_is_left_alone(
    stack: Stack, action: str, instance: str, made: list[str], after: str
) -> None:
    assert run(stack, f"ECS::{action}", instanceId=instance)["Status"] == "Success"
    assert (changes(stack), states(stack)[instance]) == (made, after)


def test_what_is_on_its_way_is_only_waited_for(stack: Stack) -> None:
    execution = stack.start(
        TemplateContent=json.dumps(
            {
                "FormatVersion": "OOS-2019-06-01",
                "Tasks": [{"Name": "go", "Action": "ACS::ECS::StartInstance", "Properties": {"instanceId": BUSY}}],
            }
        )
    )
    until(lambda: len(stack.simulator.calls("DescribeInstances")) > 1, "it is waited for")
    stack.simulator.put_instances([{"InstanceId": BUSY, "Status": "Running"}])
    assert stack.finish(execution)["Status"] == "Success"
    assert changes(stack) == []


def test_an_instance_that_is_not_there(stack: Stack) -> None:
    record = run(stack, "ECS::StartInstance", instanceId="i-gone")
    assert record["Status"] == "Failed"
    assert "startInstance: The specified InstanceId does not exist." in record["StatusMessage"]


def test_how_an_instance_is_stopped(stack: Stack) -> None:
    run(stack, "ECS::StopInstance", instanceId=ON, stoppedMode="StopCharging", forceStop=True)
    (call,) = stack.simulator.calls("StopInstance")
    given = {"StoppedMode": "StopCharging", "Hibernate": "False", "ForceStop": "True"}
    assert given.items() <= call["parameters"].items()


def test_only_a_stopped_instance_is_released(stack: Stack) -> None:
    assert run(stack, "ECS::DeleteInstance", instanceId=ON)["Status"] == "Failed"
    assert changes(stack) == []
    assert run(stack, "ECS::DeleteInstance", instanceId=OFF)["Status"] == "Success"
    assert OFF not in states(stack)


def test_a_command_s_output(stack: Stack) -> None:
    stack.simulator.put_commands([{"Contains": "uname", "Output": "5.10 – ok\n"}])
    record = ran(stack, "uname -r", timeout=60, workingDir="/srv")
    assert (record["Status"], record["Outputs"]) == ("Success", {"it": "5.10 – ok\n"})
    (call,) = stack.simulator.calls("RunCommand")
    given = {"Name": record["Tasks"][0]["ChildExecutionId"], "Timeout": "60", "WorkingDir": "/srv"}
    assert given.items() <= call["parameters"].items()
    assert len(call["parameters"]["ClientToken"]) == 64


def test_other_scripts_go_out_as_shell_scripts(stack: Stack) -> None:
    assert ran(stack, "#!/usr/bin/env python3", commandType="RunPythonScript")["Status"] == "Success"
    assert stack.simulator.calls("RunCommand")[0]["parameters"]["Type"] == "RunShellScript"


@pytest.mark.parametrize(
    ("outcome", "said"),
    [({"ExitCode": 3, "Output": "no space left\n"}, "3"), ({"InvocationStatus": "Timeout"}, "Failed")],
)
def test_a_command_that_fails(stack: Stack, outcome: dict[str, Any], said: str) -> None:
    stack.simulator.put_commands([outcome])
    record = ran(stack, "make")
    assert record["Status"] == "Failed"
    assert said in record["StatusMessage"]
    # what it printed is there all the same
    assert record["Outputs"] == {"it": outcome.get("Output")}


def test_a_lost_answer_runs_no_command_twice(stack: Stack) -> None:
    stack.simulator.fault("RunCommand", "drop_after")
    assert ran(stack, "rm -r /srv/old")["Status"] == "Success"
    assert len(stack.simulator.calls("RunCommand")) == 2
    assert len(stack.simulator.commands()) == 1


@pytest.mark.soak
def test_a_worker_that_dies_runs_no_command_twice(stack: Stack) -> None:
    stack.simulator.fault("RunCommand", "delay", seconds=2)
    wanted = {"instanceId": ON, "commandType": "RunShellScript", "commandContent": "rm -r /srv/old"}
    tasks = [{"Name": "go", "Action": "ACS::ECS::RunCommand", "Properties": wanted}]
    execution = stack.start(TemplateContent=json.dumps({"FormatVersion": "OOS-2019-06-01", "Tasks": tasks}))
    until(lambda: bool(stack.simulator.calls("RunCommand")), "the call has arrived")
    stack.worker.kill()
    stack.worker.start()
    assert stack.finish(execution)["Status"] == "Success"
    tokens = [call["parameters"]["ClientToken"] for call in stack.simulator.calls("RunCommand")]
    assert len(tokens) == 2
    assert len(set(tokens)) == 1
    assert len(stack.simulator.commands()) == 1


def test_a_kept_command(stack: Stack) -> None:
    content = {"Service": "ECS", "API": "CreateCommand"}
    made = {"Name": "list", "Type": "RunShellScript", "CommandContent": "bHMge3tmb2xkZXJ9fQ=="}
    execution = {
        "FormatVersion": "OOS-2019-06-01",
        "Tasks": [
            {
                "Name": "create",
                "Action": "ACS::ExecuteAPI",
                "Properties": {**content, "Parameters": made},
                "Outputs": {"id": {"ValueSelector": "CommandId"}},
            },
            {
                "Name": "invoke",
                "Action": "ACS::ECS::InvokeCommand",
                "Properties": {"commandId": "{{ create.id }}", "instanceId": ON, "parameters": {"folder": "/srv"}},
                "Outputs": {"out": {"ValueSelector": "invocationOutput"}},
            },
        ],
        "Outputs": {"out": {"Type": "String", "Value": "{{ invoke.out }}"}},
    }
    stack.simulator.put_commands([{"Contains": "ls /srv", "Output": "www\n"}, {"ExitCode": 1}])
    record = stack.finish(stack.start(TemplateContent=json.dumps(execution)))
    assert (record["Status"], record["Outputs"]) == ("Success", {"out": "www\n"})


def test_snapshots_and_images(stack: Stack) -> None:
    tags = [{"Key": "by", "Value": "caboose"}]
    record = run(stack, "ECS::CreateSnapshot", "snapshotId", diskId="d-on", tags=tags, retentionDays="7")
    assert (record["Status"], record["Outputs"]) == ("Success", {"it": "s-sim00001"})
    record = run(stack, "ECS::CreateImage", "imageId", instanceId=OFF, imageName="golden")
    assert (record["Status"], record["Outputs"]) == ("Success", {"it": "m-new00001"})
    record = run(stack, "ECS::CreateImage", "imageId", instanceId="i-gone", imageName="golden")
    assert (record["Status"], record["Outputs"]) == ("Success", {"it": None}), "there is nothing to make an image of"


def test_new_instances(stack: Stack) -> None:
    wanted = {"vSwitchId": "vsw-1", "instanceType": "ecs.g7.large", "imageId": "m-1", "securityGroupId": "sg-1"}
    record = run(stack, "ECS::RunInstances", "instanceIds", **wanted, amount=2, instanceName="new")
    assert record["Status"] == "Success"
    made = [each for each in stack.simulator.instances() if each["InstanceName"] == "new"]
    assert [each["Status"] for each in made] == ["Running"] * 2
    assert record["Outputs"]["it"] == [each["InstanceId"] for each in made]


def test_messages_to_groups(stack: Stack) -> None:
    hook, text = stack.simulator.webhook(), {"content": "Shall we?"}
    at = {"atMobiles": ["13800000000"], "isAtAll": "false"}
    assert run(stack, "Notify::DingTalkWebhook", webhook=hook, text=text, at=at)["Status"] == "Success"
    task = {"Name": "ask", "Action": "ACS::Approve::DingTalkWebhook", "Properties": {"webhook": hook, "text": text}}
    content = json.dumps({"FormatVersion": "OOS-2019-06-01", "Tasks": [task]})
    execution = stack.start(TemplateContent=content)
    stack.wait_for_approval(execution)
    assert stack.notify(execution, "Approve", Approver="tester").status_code == 200
    assert stack.finish(execution)["Status"] == "Success"
    assert len(stack.simulator.messages()) == 2
