"""What people see of executions with the real parts: record, log and events, while they run and afterwards."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

from tests.support.processes import until
from tests.support.stack import Stack

ITEMS = 360
LOOK = {
    "Name": "look",
    "Action": "ACS::ExecuteAPI",
    "Properties": {
        "Service": "ECS",
        "API": "DescribeInstances",
        "Parameters": {"InstanceIds": ["{{ ACS::TaskLoopItem }}"]},
    },
    "Outputs": {"ids": {"Type": "List", "ValueSelector": "Instances.Instance[].InstanceId"}},
    "Loop": {"Items": "{{ ids }}", "RateControl": {"Mode": "Concurrency", "Concurrency": 30}},
}


def approved(stack: Stack) -> str:
    """The main job over two machines, approved; gives its id."""
    stack.simulator.put_instances(2)
    ids = [each["InstanceId"] for each in stack.simulator.instances()]
    execution_id = stack.start(stack.parameters(ids))
    stack.wait_for_approval(execution_id)
    assert stack.notify(execution_id, "Approve", NotifyNote="go").status_code == 200
    return execution_id


def log_of(stack: Stack, execution_id: str) -> list[dict[str, str]]:
    """The whole log, by the command."""
    done = stack.caboose("executions", "logs", execution_id, "--json")
    lines: list[dict[str, str]] = json.loads(done.stdout)
    return lines


def test_the_log_of_the_main_job_says_who_called_what(stack: Stack) -> None:
    execution_id = approved(stack)
    told = [line for line in log_of(stack, execution_id) if ".i" not in line["TaskExecutionId"].rpartition(".")[0]]
    running = [line["Message"] for line in told if not line["Message"].startswith("Called ")]
    assert running[0].startswith("The execution began: template reboot-with-approval")
    record = stack.finish(execution_id)
    assert (record["Status"], record["IsParent"], record["Progress"]["Success"]) == ("Success", True, 4)
    log = log_of(stack, execution_id)
    text = "\n".join(line["Message"] for line in log)
    for call in stack.reboots():
        assert f"RequestId {call['request_id']}" in text
    for words in ("waits (Approve)", "was delivered", 'was accepted: "go"', "The execution ended: Success."):
        assert words in text
    assert [line["Timestamp"] for line in log] == sorted(line["Timestamp"] for line in log)
    known = [(line["TaskExecutionId"], line["Message"]) for line in log]
    # what was told stays, but for inner tasks of items (docs/watching.md) and calls, which get their answers
    assert [line for line in running if line not in text] == []
    assert len(set(known)) == len(known)


def test_the_record_of_the_main_job_has_what_was_called(stack: Stack) -> None:
    execution_id = approved(stack)
    stack.finish(execution_id)
    tasks = {each["TaskExecutionId"]: each for each in stack.tasks(execution_id, IncludeChildTaskExecution="true")}
    item = tasks[f"{execution_id}.t0003.i0001"]
    assert item["Properties"] == {"instanceId": item["LoopItem"], "regionId": "cn-hangzhou"} or item["Properties"]
    reboot = next(call for call in item["Calls"] if call["API"] == "RebootInstance")
    assert reboot["RequestId"] in {call["request_id"] for call in stack.reboots()}
    assert (item["LoopBatchNumber"], item["Attempt"], item["ChildExecutionId"]) == (1, 1, item["TaskExecutionId"])
    loop = tasks[f"{execution_id}.t0003"]["Loop"]
    assert (loop["Total"], loop["Success"], loop["NotStarted"]) == (2, 2, 0)


def test_watching_goes_on_when_the_api_restarts(stack: Stack) -> None:
    stack.simulator.put_instances(1)
    ids = [each["InstanceId"] for each in stack.simulator.instances()]
    execution_id = stack.start(stack.parameters(ids))
    stack.wait_for_approval(execution_id)
    command = [sys.executable, "-m", "caboose.cli", "executions", "watch", execution_id]
    env = {**os.environ, **stack.env, "CABOOSE_API_URL": stack.url}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout
        while "waits for a decision" not in watching.stdout.readline():
            pass
        stack.api.kill()
        stack.api.start()
        assert stack.notify(execution_id, "Approve").status_code == 200
        stack.finish(execution_id)
        rest = watching.stdout.read()
    assert watching.returncode == 0
    assert f"{execution_id} Success" in rest


def test_a_stopping_api_lets_its_watchers_go(stack: Stack) -> None:
    stack.simulator.put_instances(1)
    ids = [each["InstanceId"] for each in stack.simulator.instances()]
    execution_id = stack.start(stack.parameters(ids))
    stack.wait_for_approval(execution_id)
    with stack.http.stream("GET", f"/executions/{execution_id}/events") as response:
        lines = response.iter_lines()
        assert any(line.startswith("data: ") for line in lines)
        assert stack.api.stop() in (0, -signal.SIGTERM), "it went by itself"
        assert not [line for line in lines if line.startswith("data: ")]
    stack.api.start()
    assert stack.http.post(f"/executions/{execution_id}/cancel", json={}).status_code == 200
    stack.finish(execution_id)


def looking(stack: Stack, items: int) -> str:
    """Looks at so many machines that the loop runs apart; gives the execution's id."""
    ids = [f"i-{number:04d}" for number in range(items)]
    stack.simulator.put_instances([{"InstanceId": each} for each in ids])
    template = {"FormatVersion": "OOS-2019-06-01", "Parameters": {"ids": {"Type": "List"}}, "Tasks": [LOOK]}
    return stack.start({"ids": ids}, TemplateContent=json.dumps(template))


def items_of(stack: Stack, execution_id: str) -> list[str]:
    """The loop's items on all pages."""
    found: list[str] = []
    token = ""
    while True:
        query: dict[str, Any] = {
            "ParentTaskExecutionId": f"{execution_id}.t0001",
            "MaxResults": 100,
            "NextToken": token,
        }
        page = stack.http.get(f"/executions/{execution_id}/tasks", params=query).json()
        found += [each["LoopItem"] for each in page["TaskExecutions"]]
        token = page["NextToken"]
        if not token:
            return found


def test_a_large_loop_is_listed_and_told_while_it_runs_and_afterwards(stack: Stack) -> None:
    stack.simulator.fault("DescribeInstances", "delay", seconds=0.1, times=None)
    execution_id = looking(stack, ITEMS)
    until(lambda: len(items_of(stack, execution_id)) > ITEMS // 2, "half of it has begun")
    begun = items_of(stack, execution_id)
    assert begun == sorted(set(begun)), "each once, and in order"
    assert stack.get(execution_id)["LoopWorkflows"], "the loop runs apart"
    told = {(line["TaskExecutionId"], line["Message"]) for line in log_of(stack, execution_id)}
    record = stack.finish(execution_id)
    assert record["Status"] == "Success", record["StatusMessage"]
    assert len(items_of(stack, execution_id)) == ITEMS
    log = log_of(stack, execution_id)
    assert len(log) == 2 + 2 + 3 * ITEMS
    after = {(line["TaskExecutionId"], line["Message"]) for line in log}
    assert len(after) == len(log)
    assert all("no answer yet" in message for _, message in told - after)


def test_a_cancelled_large_loop_says_what_is_in_flight_and_what_was_done(stack: Stack) -> None:
    reboot = {**LOOK, "Name": "reboot", "Outputs": {}}
    reboot["Properties"] = {
        "Service": "ECS",
        "API": "RebootInstance",
        "Parameters": {"InstanceId": "{{ ACS::TaskLoopItem }}"},
    }
    template = {"FormatVersion": "OOS-2019-06-01", "Parameters": {"ids": {"Type": "List"}}, "Tasks": [reboot]}
    ids = [f"i-{number:04d}" for number in range(ITEMS)]
    stack.simulator.put_instances([{"InstanceId": each} for each in ids])
    stack.simulator.fault("RebootInstance", "delay", seconds=3, times=None)
    execution_id = stack.start({"ids": ids}, TemplateContent=json.dumps(template), SafetyCheck="Skip")
    until(lambda: len(stack.reboots()) == 30, "the first ones are sent")
    assert stack.http.post(f"/executions/{execution_id}/cancel", json={"Reason": "stop"}).status_code == 200
    message = "being cancelled: 30 calls are still in flight"
    until(lambda: stack.get(execution_id)["StatusMessage"] == message, "it says how many")
    record = stack.finish(execution_id)
    assert "stop" in record["StatusMessage"]
    assert f"{ITEMS - 30} never started)" in record["StatusMessage"]
    progress = record["Progress"]
    assert (progress["NotStarted"], progress["Running"], progress["CallsInFlight"]) == (ITEMS - 30, 0, 0)
    assert progress["Success"] + progress["Cancelled"] == 30
