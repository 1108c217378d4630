"""A failed execution is taken up again by another one: nothing that went well is done twice, nothing is forgotten."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.e2e.ways import new_id, start_workflow
from tests.support.stack import Stack
from tests.workflows.retry.failing import SECRET, failed, refuse, restarted, restarting, retried

IDS = [f"i-{number}" for number in range(1, 6)]


def refusal(stack: Stack, execution_id: str) -> tuple[int, str]:
    """What the API says no with."""
    answer = stack.http.post(f"/executions/{execution_id}/retry", json={})
    return answer.status_code, answer.json()["Code"]


def refused_by_temporal(stack: Stack, **request: Any) -> str:
    """The StatusMessage of a retry that a Temporal client started and that was refused."""
    record = stack.finish(start_workflow(stack, "Execution", request))
    assert (record["Status"], record["StatusReason"]) == ("Failed", "ValidationFailed")
    assert record["RetryOf"] == (request["RetryOf"] if isinstance(request["RetryOf"], str) else "")
    return str(record["StatusMessage"])


def test_every_machine_is_restarted_once_over_both_executions(stack: Stack) -> None:
    old = failed(stack, IDS, refused="i-3", RegionId="cn-beijing", Description="nightly", Tags={"team": "a"})
    assert restarted(stack) == ["i-1", "i-2"]
    items = {"Done": 2, "Failed": 1, "Skipped": 0, "NotStarted": 2}
    assert old["Retry"] == {"Possible": True, "TaskName": "restart", "Items": items}

    new = retried(stack, old["ExecutionId"])
    assert (new["Status"], new["RetryOf"], new["RegionId"]) == ("Success", old["ExecutionId"], "cn-beijing")
    assert restarted(stack) == IDS
    assert len(stack.simulator.calls("DescribeInstances")) == 1, "looked up once, by the first execution"
    assert len(stack.simulator.calls("DescribeInstanceStatus")) == 1
    assert new["Outputs"]["found"] == IDS
    assert len(set(new["Outputs"]["requests"])) == 5
    assert [task["TaskName"] for task in new["Tasks"]] == ["restart", "after"]
    assert (old["Progress"]["NotStarted"], new["Progress"]["NotStarted"]) == (3, 0), "the look was done before"
    assert (new["Tasks"][0]["Loop"]["Total"], new["Tasks"][0]["Loop"]["Success"]) == (5, 5)
    note = "2 items were done already, 1 run again, 2 that never started follow"
    assert f"retries {old['ExecutionId']} from restart: {note}" in new["Notes"]
    assert (new["Description"], new["Tags"]) == ("nightly", {"team": "a"})
    assert stack.get(old["ExecutionId"]) == old, "the old one stays as it was"
    assert SECRET not in json.dumps([old, new, stack.tasks(new["ExecutionId"])])


def test_by_the_command_line_without_those_that_never_started(stack: Stack) -> None:
    old = failed(stack, IDS, refused="i-2")
    done = stack.caboose("executions", "retry", old["ExecutionId"], "--failed-items", "--json")
    new = stack.finish(json.loads(done.stdout)["ExecutionId"])
    assert new["Status"] == "Success"
    assert restarted(stack) == ["i-1", "i-2"]
    assert (new["Tasks"][0]["Loop"]["Success"], new["Tasks"][0]["Loop"]["Skipped"]) == (2, 3)
    again = stack.caboose("executions", "retry", new["ExecutionId"], check=False)
    assert again.returncode == 1
    assert "has ended as Success" in again.stderr


def test_by_a_temporal_client(stack: Stack) -> None:
    old = failed(stack, IDS, refused="i-4")
    request = {"RetryOf": old["ExecutionId"], "FailedItemsOnly": True, "ExecutedBy": "bob"}
    new = stack.finish(start_workflow(stack, "Execution", request))
    assert (new["Status"], new["RetryOf"]) == ("Success", old["ExecutionId"])
    assert new["ExecutedBy"] == "bob (claimed)"
    assert restarted(stack) == IDS[:4]


def test_a_retry_of_a_retry_goes_on_with_the_results_of_both(stack: Stack) -> None:
    first = failed(stack, IDS, refused="i-2")
    refuse(stack, "i-4")
    second = retried(stack, first["ExecutionId"])
    assert (second["Status"], second["Retry"]["Items"]["Done"]) == ("Failed", 3)
    third = retried(stack, second["ExecutionId"])
    assert (third["Status"], third["RetryOf"]) == ("Success", second["ExecutionId"])
    assert restarted(stack) == IDS
    assert len(third["Outputs"]["requests"]) == 5
    assert None not in third["Outputs"]["requests"]


def test_twice_is_once(stack: Stack) -> None:
    old = failed(stack, IDS, refused="i-3")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: stack.http.post(f"/executions/{old['ExecutionId']}/retry"), range(4)))
    ended = [stack.finish(each.json()["Execution"]["ExecutionId"]) for each in answers if each.status_code == 201]
    assert [each["Status"] for each in ended].count("Success") == 1
    assert all("AlreadyRetried" in each["StatusMessage"] for each in ended if each["Status"] == "Failed")
    assert restarted(stack) == IDS
    stack.close(next(each["ExecutionId"] for each in ended if each["Status"] == "Success"))
    assert refusal(stack, old["ExecutionId"]) == (409, "AlreadyRetried")
    told = refused_by_temporal(stack, RetryOf=old["ExecutionId"])
    assert "AlreadyRetried" in told
    assert "has ended as Success: nothing is left to retry" in told
    assert restarted(stack) == IDS


def test_the_same_client_token_is_the_same_execution(stack: Stack) -> None:
    old, token = failed(stack, IDS[:2], refused="i-1"), new_id()
    new = retried(stack, old["ExecutionId"], ClientToken=token)
    again = stack.http.post(f"/executions/{old['ExecutionId']}/retry", json={"ClientToken": token})
    assert (again.status_code, again.json()["Execution"]["ExecutionId"]) == (200, new["ExecutionId"])
    assert restarted(stack) == IDS[:2]


def test_the_template_is_that_of_the_failed_execution(stack: Stack) -> None:
    name = f"pinned-{new_id()}"
    stack.http.post("/templates", json={"TemplateName": name, "Content": restarting()}).raise_for_status()
    old = failed(stack, IDS[:3], refused="i-2", TemplateName=name)
    changed = restarting(Tasks=json.loads(restarting())["Tasks"][:1], Outputs={})
    stack.http.post("/templates", json={"TemplateName": name, "Content": changed}).raise_for_status()
    stack.http.delete(f"/templates/{name}").raise_for_status()
    new = retried(stack, old["ExecutionId"])
    assert (new["Status"], new["TemplateName"], new["TemplateVersion"]) == ("Success", name, "v1")
    assert restarted(stack) == IDS[:3]
    assert stack.simulator.calls("DescribeInstanceStatus")


def test_a_nested_template_that_was_found_late_is_the_same_one_too(stack: Stack) -> None:
    name = f"late-{new_id()}"
    call = {"Service": "ECS", "API": "RebootInstance", "Parameters": {"InstanceId": "{{ id }}"}}
    one = {"Name": "call", "Action": "ACS::ExecuteAPI", "Properties": call}
    inner = {"FormatVersion": "OOS-2019-06-01", "Parameters": {"id": {"Type": "String"}}, "Tasks": [one]}
    stack.http.post("/templates", json={"TemplateName": name, "Content": json.dumps(inner)}).raise_for_status()
    tasks = json.loads(restarting())["Tasks"]
    del tasks[1]["Outputs"], tasks[1]["Loop"]["Outputs"]
    tasks[1]["Action"] = "ACS::Template"
    tasks[1]["Properties"] = {"TemplateName": "{{ key }}", "Parameters": {"id": "{{ ACS::TaskLoopItem }}"}}
    outer = restarting(Tasks=tasks, Outputs={}, Parameters={"ids": {"Type": "List"}, "key": {"Default": name}})
    old = failed(stack, IDS[:3], refused="i-2", TemplateContent=outer)
    call["API"] = "StopInstance"
    stack.http.post("/templates", json={"TemplateName": name, "Content": json.dumps(inner)}).raise_for_status()
    assert retried(stack, old["ExecutionId"])["Status"] == "Success"
    assert restarted(stack) == IDS[:3]
    assert not stack.simulator.calls("StopInstance")


def test_a_task_without_a_loop_runs_again_from_its_beginning(stack: Stack) -> None:
    stack.simulator.put_instances([{"InstanceId": "i-1"}])
    stack.simulator.fault("DescribeInstances", "error", code="Forbidden.RAM", http_status=403)
    old = stack.finish(stack.start({"ids": ["i-1"]}, TemplateContent=restarting(), SafetyCheck="Skip"))
    assert old["Retry"]["TaskName"] == "look"
    new = retried(stack, old["ExecutionId"])
    assert (new["Status"], restarted(stack)) == ("Success", ["i-1"])
    assert f"retries {old['ExecutionId']} from look, which runs again from its beginning" in new["Notes"]


def test_much_is_taken_over_beyond_what_a_history_holds(stack: Stack) -> None:
    ids = [f"i-{'x' * 400}-{number}" for number in range(60)]
    old = failed(stack, ids, refused=ids[1])
    new = retried(stack, old["ExecutionId"], FailedItemsOnly=True)
    assert (new["Status"], restarted(stack)) == ("Success", ids[:2])


def test_what_did_not_fail_in_a_task(stack: Stack) -> None:
    never_begun = start_workflow(stack, "Execution", {"TemplateName": "no-such-template"})
    assert stack.finish(never_begun)["Retry"]["Code"] == "NothingToRetry"
    assert refusal(stack, never_begun) == (409, "NothingToRetry")
    assert "NothingToRetry" in refused_by_temporal(stack, RetryOf=never_begun)


def test_what_did_not_fail(stack: Stack) -> None:
    stack.simulator.put_instances([{"InstanceId": "i-1"}])
    fields = {"TemplateContent": restarting(), "SafetyCheck": "Skip"}
    well = stack.finish(stack.start({"ids": ["i-1"]}, **fields))["ExecutionId"]
    assert refusal(stack, well) == (409, "NotFailed")
    assert "has ended as Success" in refused_by_temporal(stack, RetryOf=well)
    waiting = stack.start(stack.parameters(["i-1"]))
    stack.wait_for_status(waiting, "Waiting")
    assert refusal(stack, waiting) == (409, "NotFailed")
    assert "is still running" in refused_by_temporal(stack, RetryOf=waiting)
    stack.http.post(f"/executions/{waiting}/cancel", json={}).raise_for_status()
    stack.finish(waiting)
    assert refusal(stack, waiting) == (409, "NotFailed")
    assert "has ended as Cancelled" in refused_by_temporal(stack, RetryOf=waiting)


def test_what_was_ended_from_outside(stack: Stack) -> None:
    stack.simulator.put_instances([{"InstanceId": "i-1"}])
    waiting = stack.start(stack.parameters(["i-1"]))
    stack.wait_for_approval(waiting)
    stack.temporal_cli("workflow", "terminate", "--workflow-id", waiting, "--reason", "no more")
    assert refusal(stack, waiting) == (409, "NotFailed")
    assert "NotFailed" in refused_by_temporal(stack, RetryOf=waiting)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"RetryOf": "exec-never-there"}, "NotFound"),
        ({"RetryOf": ["exec-1"]}, "InvalidField"),
        ({"RetryOf": "exec-1", "TemplateName": "other"}, "InvalidField"),
        ({"RetryOf": "exec-1", "FailedItemsOnly": "yes"}, "InvalidField"),
        ({"RetryOf": "exec-1", "Colour": "red"}, "UnknownField"),
    ],
)
def test_starts_that_are_refused(stack: Stack, fields: dict[str, Any], problem: str) -> None:
    assert problem in refused_by_temporal(stack, **fields)


def test_ids_that_nobody_knows(stack: Stack) -> None:
    assert refusal(stack, "exec-never-there") == (404, "EntityNotExists.Execution")
