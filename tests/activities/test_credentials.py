"""RAM roles through the simulator's STS: assumed, shared, renewed in time, and clear when it can't be done."""

import dataclasses
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from activities.cloud.activities import CloudActivities
from activities.cloud.credentials import session_name
from activities.contracts import REFUSED, RETRIABLE
from tests.activities.conftest import CloudFactory
from tests.activities.harness import CONTEXT, call, failure, proof, run
from tests.support.simulator import ACCESS_KEY_SECRET, Simulator

AS_ROLE = call("DescribeInstances", {}, role="OpsRole", read=True, ids="Instances.Instance[].InstanceId")


def test_every_call_of_the_execution_is_made_as_the_role(simulator: Simulator, cloud: CloudActivities) -> None:
    run(cloud.call_api, AS_ROLE)
    run(cloud.call_api, call("RebootInstance", {"InstanceId": "i-a"}, role="OpsRole"))
    assert [each["action"] for each in simulator.calls()] == [
        "GetCallerIdentity",
        "AssumeRole",
        "DescribeInstances",
        "RebootInstance",
    ]
    (assumed,) = simulator.calls("AssumeRole")
    assert assumed["parameters"]["RoleSessionName"] == CONTEXT.execution_id
    keys = {each["access_key_id"] for each in simulator.calls("DescribeInstances") + simulator.calls("RebootInstance")}
    assert len(keys) == 1
    assert keys.pop().startswith("STS.")


def test_without_a_role_the_workers_own_credentials_are_used(simulator: Simulator, cloud: CloudActivities) -> None:
    run(cloud.call_api, dataclasses.replace(AS_ROLE, context=CONTEXT))
    assert [each["action"] for each in simulator.calls()] == ["DescribeInstances"]


def test_another_execution_has_a_session_of_its_own(simulator: Simulator, cloud: CloudActivities) -> None:
    other = dataclasses.replace(AS_ROLE.context, execution_id="exec-other")
    for one in (AS_ROLE, dataclasses.replace(AS_ROLE, context=other), AS_ROLE):
        run(cloud.call_api, one)
    assert len(simulator.calls("AssumeRole")) == 2
    assert len(simulator.calls("GetCallerIdentity")) == 1


def test_many_threads_assume_the_role_once(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.fault("AssumeRole", "delay", seconds=0.2)
    with ThreadPoolExecutor(10) as threads:
        assert len(list(threads.map(lambda _: run(cloud.call_api, AS_ROLE), range(20)))) == 20
    assert len(simulator.calls("AssumeRole")) == 1


def test_credentials_are_renewed_before_they_expire(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.reset(max_credential_seconds=2)
    deadline = time.monotonic() + 30
    while len(simulator.calls("AssumeRole")) < 4 and time.monotonic() < deadline:
        run(cloud.call_api, AS_ROLE)  # an expired token would be refused, and the run would raise
        time.sleep(0.05)
    assert len(simulator.calls("AssumeRole")) >= 4


def test_a_hiccup_of_sts_at_the_renewal_is_not_felt(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.reset(max_credential_seconds=4)
    run(cloud.call_api, AS_ROLE)
    simulator.fault("AssumeRole", "error", code="InternalError", http_status=500)
    deadline = time.monotonic() + 30
    while len(simulator.calls("AssumeRole")) < 3 and time.monotonic() < deadline:
        run(cloud.call_api, AS_ROLE)
        time.sleep(0.05)
    assert len(simulator.calls("AssumeRole")) >= 3


@pytest.mark.parametrize(("role", "code"), [("OOSServiceRole", "NoPermission"), ("NoSuchRole", "EntityNotExist.Role")])
def test_a_role_that_cannot_be_assumed_says_what_to_do(
    simulator: Simulator, cloud: CloudActivities, role: str, code: str
) -> None:
    error = failure(cloud.call_api, call("RebootInstance", {"InstanceId": "i-a"}, role=role))
    assert (error.type, proof(error), error.non_retryable) == (code, REFUSED, True)
    for words in (role, code, "trust the worker's account", "OOSAssumeRole=''", "RequestId"):
        assert words in str(error)
    assert not simulator.calls("RebootInstance")


def test_the_same_for_a_read(cloud: CloudActivities) -> None:
    error = failure(cloud.call_api, call("DescribeInstances", {}, role="OOSServiceRole", read=True))
    assert (error.type, error.non_retryable) == ("NoPermission", True)


def test_an_sts_that_is_down_proves_that_the_write_was_not_sent(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.fault("AssumeRole", "drop_after")
    error = failure(cloud.call_api, call("RebootInstance", {"InstanceId": "i-a"}, role="OpsRole"))
    assert proof(error) == RETRIABLE
    assert not simulator.calls("RebootInstance")


def test_what_is_no_role_name_is_refused_before_any_call(simulator: Simulator, cloud: CloudActivities) -> None:
    error = failure(cloud.call_api, call("RebootInstance", {"InstanceId": "i-a"}, role="acs:ram::1:role/x"))
    assert error.type == "InvalidRamRole"
    assert not simulator.calls()


def test_no_error_holds_a_secret(simulator: Simulator, make_cloud: CloudFactory) -> None:
    cloud = make_cloud(ecs_endpoint=simulator.endpoint, sts_endpoint=simulator.endpoint)
    texts = []
    for fault in ("drop_before", "drop_after"):
        simulator.fault("RebootInstance", fault)
        texts.append(str(failure(cloud.call_api, call("RebootInstance", {"InstanceId": "i-a"}, role="OpsRole"))))
    simulator.fault("RebootInstance", "error", code="SignatureDoesNotMatch", http_status=400, message=ACCESS_KEY_SECRET)
    texts.append(str(failure(cloud.call_api, call("RebootInstance", {"InstanceId": "i-a"}))))
    for text in texts:
        assert ACCESS_KEY_SECRET not in text
        assert "Signature=" not in text
        assert "STS." not in text


@pytest.mark.parametrize(
    ("execution_id", "expected"),
    [("exec-1", "exec-1"), ("a/b c", "a-b-c"), ("x", "caboose-x"), ("e" * 100, "e" * 64), ("执行", "--")],
)
def test_session_names_are_legal(execution_id: str, expected: str) -> None:
    assert session_name(execution_id) == expected
