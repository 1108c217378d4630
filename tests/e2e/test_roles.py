"""A RAM role: assumed once, used for every cloud call, renewed in time; and what to do when it can't be assumed."""

import time
from typing import Any

import pytest

from caboose.simulator.keys import ACCOUNT_ID
from tests.support.simulator import ACCESS_KEY_ID
from tests.support.stack import Stack

IDS = ["i-sim00001", "i-sim00002", "i-sim00003"]
STS = ("AssumeRole", "GetCallerIdentity")


def cloud_calls(stack: Stack) -> list[dict[str, Any]]:
    """Every call to the cloud but those that ask for credentials."""
    return [call for call in stack.simulator.calls() if call["action"] not in (*STS, "robot")]


def run(stack: Stack, role: str, **parameters: Any) -> dict[str, Any]:
    """The final record of an execution under a role, approved as soon as it waits."""
    stack.simulator.put_instances(3)
    execution_id = stack.start(stack.parameters(IDS, OOSAssumeRole=role, **parameters))
    stack.wait_for_approval(execution_id)
    assert stack.notify(execution_id, "Approve").status_code == 200
    return stack.finish(execution_id)


def test_every_cloud_call_is_made_with_the_key_of_the_role(stack: Stack) -> None:
    record = run(stack, "OpsRole")
    assert record["Status"] == "Success", record["StatusMessage"]
    assert record["RamRole"] == "OpsRole"
    (assumed,) = stack.simulator.calls("AssumeRole")
    assert assumed["parameters"]["RoleArn"] == f"acs:ram::{ACCOUNT_ID}:role/OpsRole"
    assert assumed["parameters"]["RoleSessionName"] == record["ExecutionId"]
    assert assumed["access_key_id"] == ACCESS_KEY_ID
    calls = cloud_calls(stack)
    assert {call["action"] for call in calls} == {"DescribeInstances", "RebootInstance"}
    assert {call["role"] for call in calls} == {"OpsRole"}
    keys = {call["access_key_id"] for call in calls}
    assert len(keys) == 1
    assert keys != {ACCESS_KEY_ID}


def test_without_a_role_the_worker_calls_as_itself(stack: Stack) -> None:
    assert run(stack, "")["Status"] == "Success"
    assert not stack.simulator.calls("AssumeRole")
    assert {call["access_key_id"] for call in cloud_calls(stack)} == {ACCESS_KEY_ID}


def test_two_executions_have_sessions_of_their_own(stack: Stack) -> None:
    first = run(stack, "OpsRole")
    second = run(stack, "OpsRole")
    sessions = [call["parameters"]["RoleSessionName"] for call in stack.simulator.calls("AssumeRole")]
    assert sessions == [first["ExecutionId"], second["ExecutionId"]]


def test_a_role_is_renewed_before_its_credentials_end(stack: Stack) -> None:
    stack.simulator.reset(transition_seconds=0.5, max_credential_seconds=4)
    one_by_one = {"Mode": "Concurrency", "Concurrency": 1, "MaxErrors": 0}
    record = run(stack, "OpsRole", rateControl=one_by_one)
    assert record["Status"] == "Success", record["StatusMessage"]
    assert len(stack.simulator.calls("AssumeRole")) >= 2
    calls = cloud_calls(stack)
    assert len({call["access_key_id"] for call in calls}) >= 2
    assert {call["role"] for call in calls} == {"OpsRole"}
    assert {call["outcome"] for call in calls} == {"answered"}  # no call ever met an expired token


def test_credentials_that_ran_out_while_it_waited_are_no_harm(stack: Stack) -> None:
    stack.simulator.reset(transition_seconds=0, max_credential_seconds=2)
    stack.simulator.put_instances(1)
    execution_id = stack.start(stack.parameters(IDS[:1], OOSAssumeRole="OpsRole"))
    stack.wait_for_approval(execution_id)
    time.sleep(2.1)  # the one way to let them run out
    stack.notify(execution_id, "Approve")
    assert stack.finish(execution_id)["Status"] == "Success"
    assert len(stack.simulator.calls("AssumeRole")) >= 2
    assert {call["outcome"] for call in cloud_calls(stack)} == {"answered"}


@pytest.mark.parametrize(
    ("role", "code", "said"),
    [
        ("OOSServiceRole", "NoPermission", "You are not authorized to do this action."),
        ("NoSuchRole", "EntityNotExist.Role", "The role not exists"),
    ],
)
def test_a_role_that_cannot_be_assumed_fails_with_the_way_out(stack: Stack, role: str, code: str, said: str) -> None:
    stack.simulator.put_instances(3)
    record = stack.finish(stack.start(stack.parameters(IDS, OOSAssumeRole=role)))
    assert (record["Status"], record["StatusReason"]) == ("Failed", code)
    message = record["StatusMessage"]
    for each in (role, code, said, "trust the worker's account", "OOSAssumeRole=''"):
        assert each in message
    assert record["Tasks"][0]["RequestId"] == stack.simulator.calls("AssumeRole")[0]["request_id"]
    assert len(stack.simulator.calls("AssumeRole")) == 1
    assert not cloud_calls(stack)
    assert not stack.simulator.messages()


def test_what_is_no_name_of_a_role_is_refused_without_asking(stack: Stack) -> None:
    record = stack.finish(stack.start(stack.parameters(IDS, OOSAssumeRole="acs:ram::1:role/OpsRole")))
    assert (record["Status"], record["StatusReason"]) == ("Failed", "InvalidRamRole")
    assert not stack.simulator.calls()


def test_sts_that_is_away_for_a_moment_is_asked_again(stack: Stack) -> None:
    stack.simulator.fault("AssumeRole", "error", code="ServiceUnavailable", http_status=503)
    assert run(stack, "OpsRole")["Status"] == "Success"
    assert len(stack.simulator.calls("AssumeRole")) == 2
