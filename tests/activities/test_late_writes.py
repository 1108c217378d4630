"""A write that the workflow may have given up is never sent, whatever held it up."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event

import pytest

from activities.cloud.activities import CloudActivities
from activities.cloud.failures import CloudError
from activities.cloud.transport import Call, Keys, Transport
from activities.contracts import NOT_SENT, REFUSED, RETRIABLE, CallFailure
from tests.activities.conftest import CloudFactory
from tests.activities.harness import KEYS, call, environment, failure, proof, run, settings_for
from tests.activities.wire import answer, wire
from tests.support.programs import PROGRAMS
from tests.support.simulator import Simulator

REBOOT = call("RebootInstance", {"InstanceId": "i-a"})
AS_ROLE = call("RebootInstance", {"InstanceId": "i-a"}, role="OpsRole")
SECOND_LEFT = timedelta(seconds=5 + 30 + 5 + 1)
"""A time-out of which the longest call leaves one second: connecting, reading, some to spare."""


def test_keys_that_come_too_late_send_nothing(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.fault("AssumeRole", "delay", seconds=3)
    error = failure(cloud.call_api, AS_ROLE, start_to_close_timeout=SECOND_LEFT)
    assert (error.type, proof(error), error.non_retryable) == ("CredentialsTimeout", RETRIABLE, True)
    assert not simulator.calls("RebootInstance")
    # the renewal went on, and serves the next try: sent once in all
    run(cloud.call_api, AS_ROLE)
    assert len(simulator.calls("AssumeRole")) == 1
    assert len(simulator.calls("RebootInstance")) == 1


def test_own_keys_that_come_too_late_send_nothing(simulator: Simulator) -> None:
    def slow() -> Keys:
        time.sleep(1.5)
        return KEYS

    cloud = CloudActivities(settings_for(ecs_endpoint=simulator.endpoint), PROGRAMS, slow)
    error = failure(cloud.call_api, REBOOT, start_to_close_timeout=SECOND_LEFT)
    assert (error.type, proof(error), error.non_retryable) == (NOT_SENT, RETRIABLE, True)
    assert "RebootInstance was not sent: too late" in str(error)
    assert not simulator.calls()


def test_a_task_that_waited_in_a_paused_process_sends_nothing(simulator: Simulator, cloud: CloudActivities) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=10)
    error = failure(cloud.call_api, AS_ROLE, started_time=long_ago)
    assert (error.type, proof(error)) == (NOT_SENT, RETRIABLE)
    assert not simulator.calls()
    read = call("DescribeInstances", {}, read=True)
    assert run(cloud.call_api, read, started_time=long_ago).request_id  # a read does no harm


def test_a_cancelled_attempt_sends_nothing(simulator: Simulator) -> None:
    attempt = environment()

    def cancelled_meanwhile() -> Keys:
        attempt.cancel()
        return KEYS

    cloud = CloudActivities(settings_for(ecs_endpoint=simulator.endpoint), PROGRAMS, cancelled_meanwhile)
    with pytest.raises(Exception, match=r"NotSent: RebootInstance was not sent: .*cancelled"):
        attempt.run(cloud.call_api, REBOOT)
    assert not simulator.calls()


def test_it_is_asked_again_when_the_connection_stands() -> None:
    asked: list[int] = []

    def only_once() -> None:
        asked.append(server.connections)
        if len(asked) == 2:
            raise CloudError(CallFailure(NOT_SENT, "too late", RETRIABLE))

    with wire(lambda _: answer()) as server:
        transport = Transport(settings_for())
        with pytest.raises(CloudError, match="too late"):
            transport.send_fresh(Call(server.endpoint, "RebootInstance", "v", {}), KEYS, may_go=only_once)
        # a request on a second connection is served after whatever was sent on the first
        transport.send_fresh(Call(server.endpoint, "StopInstance", "v", {}), KEYS)
        assert [b"StopInstance" in request for request in server.requests] == [True]
    assert asked[0] == 0


def test_those_that_wait_for_a_renewal_fail_together(simulator: Simulator, make_cloud: CloudFactory) -> None:
    def sts(number: int) -> bytes:
        if number == 1:
            return answer(b'{"AccountId": "1"}')
        time.sleep(1)
        return answer(b'{"Code": "InternalError", "Message": "m"}', "500 Oops")

    together = Barrier(10)

    def write(_: int) -> str:
        together.wait(30)
        return proof(failure(cloud.call_api, AS_ROLE))

    with wire(sts) as server, ThreadPoolExecutor(10) as threads:
        cloud = make_cloud(ecs_endpoint=simulator.endpoint, sts_endpoint=server.endpoint)
        assert set(threads.map(write, range(10))) == {RETRIABLE}
        assert len(server.requests) == 2
    assert not simulator.calls()


def test_a_refused_renewal_is_told_to_all_that_wait(simulator: Simulator, cloud: CloudActivities) -> None:
    role = call("RebootInstance", {"InstanceId": "i-a"}, role="NoSuchRole")
    with ThreadPoolExecutor(5) as threads:
        assert set(threads.map(lambda _: proof(failure(cloud.call_api, role)), range(5))) == {REFUSED}


def test_nobody_waits_for_a_renewal_while_the_old_keys_are_good(simulator: Simulator, make_cloud: CloudFactory) -> None:
    hanging = Event()
    expires = (datetime.now(UTC) + timedelta(seconds=8)).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = f"""{{"Credentials": {{"AccessKeyId": "simulator-key-id", "AccessKeySecret": "simulator-key-secret",
        "SecurityToken": "", "Expiration": "{expires}"}}}}"""

    def sts(number: int) -> bytes:
        if number > 2:
            hanging.wait(30)
        return answer(b'{"AccountId": "1"}' if number == 1 else made.encode())

    with wire(sts) as server:
        cloud = make_cloud(ecs_endpoint=simulator.endpoint, sts_endpoint=server.endpoint)
        deadline = time.monotonic() + 20
        read = call("DescribeInstances", {}, role="OpsRole", read=True)
        while len(server.requests) < 3 and time.monotonic() < deadline:
            run(cloud.call_api, read)
            time.sleep(0.05)
        run(cloud.call_api, read)
        assert len(server.requests) == 3
        hanging.set()


def test_a_read_by_another_spelling_is_paged_all_the_same(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances(130)
    odd = call("Describeinstances", {}, read=False, ids="Instances.Instance[].InstanceId")
    assert len(run(cloud.call_api, odd).outputs["ids"]) == 130
