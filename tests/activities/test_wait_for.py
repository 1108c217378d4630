"""``wait_for``: one poll an attempt, the server's retries are the waiting."""

import dataclasses
from typing import Any

import pytest
from temporalio.exceptions import ApplicationErrorCategory

from activities.cloud import waiting
from activities.cloud.activities import CloudActivities
from tests.activities.harness import call, failure, run, specs, wait
from tests.support.simulator import Simulator

RUNNING = wait("Instances.Instance[].Status", {"InstanceIds": ["i-a"]}, desired_values=["Running"])


def test_a_value_that_is_there_ends_the_waiting(cloud: CloudActivities) -> None:
    wanted = wait(
        "Instances.Instance[].Status",
        {"InstanceIds": ["i-a"]},
        desired_values=["Running"],
        outputs=specs(status="Instances.Instance[].Status"),
    )
    assert run(cloud.wait_for, wanted).outputs == {"status": ["Running"]}


def test_a_value_that_is_not_there_yet_is_polled_again(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.reset(transition_seconds=600)
    simulator.put_instances([{"InstanceId": "i-a"}])
    run(cloud.call_api, call("RebootInstance", {"InstanceId": "i-a"}))
    for attempt, seconds in ((1, 2), (3, 8)):
        error = failure(cloud.wait_for, RUNNING, attempt=attempt)
        assert not error.non_retryable
        assert error.category is ApplicationErrorCategory.BENIGN
        assert error.next_retry_delay is not None
        assert error.next_retry_delay.total_seconds() == seconds
        assert str(error).endswith('waiting for "Running", it is "Starting"')


def test_the_last_poll_names_the_last_value(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances([{"InstanceId": "i-a", "Status": "Stopped"}])
    assert not failure(cloud.wait_for, RUNNING, attempt=10).non_retryable
    error = failure(cloud.wait_for, RUNNING, attempt=11)
    assert (error.type, error.non_retryable) == ("WaitForRetriesExhausted", True)
    assert '"Stopped"' in str(error)


def test_polls_that_are_all_lost_come_to_an_end(simulator: Simulator, cloud: CloudActivities) -> None:
    error = failure(cloud.wait_for, RUNNING, attempt=12)
    assert (error.type, error.non_retryable) == ("WaitForRetriesExhausted", True)
    assert not simulator.calls()


def test_a_stop_value_ends_the_waiting_at_once(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances([{"InstanceId": "i-a", "Status": "Stopped"}])
    wanted = wait("Instances.Instance[].Status", {}, desired_values=["Running"], stop_retry_values=["Stopped"])
    error = failure(cloud.wait_for, wanted)
    assert (error.type, error.non_retryable) == ("WaitForStopped", True)
    assert '"Stopped"' in str(error)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "code": "Throttling", "http_status": 400},
        {"kind": "error", "code": "ServiceUnavailable", "http_status": 503},
        {"kind": "drop_before"},
    ],
)
def test_a_poll_that_failed_is_no_value(simulator: Simulator, cloud: CloudActivities, fault: dict[str, Any]) -> None:
    gone = wait("Instances.Instance[0].InstanceId", {"InstanceIds": ["i-gone"]}, desired_values=[None])
    simulator.fault("DescribeInstances", **fault)
    assert failure(cloud.wait_for, gone).type == "NotYet"
    run(cloud.wait_for, gone)  # and the next poll says that it is gone


def test_a_refusal_is_visible_to_a_selector_that_looks_at_it(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.fault("DescribeInstances", "error", code="Operation.Busy", http_status=400, times=3)
    seen = wait("Code", {}, desired_values=["Operation.Busy"], outputs=specs(code="Code"))
    assert run(cloud.wait_for, seen).outputs == {"code": ["Operation.Busy"]}
    over = wait("Code", {}, desired_values=[None], stop_retry_values=["Other"])
    assert failure(cloud.wait_for, over).type == "NotYet"
    # one that doesn't look at it can't be satisfied by it
    gone = wait("Instances.Instance[0].InstanceId", {}, desired_values=[None])
    assert "Operation.Busy" in str(failure(cloud.wait_for, gone))
    run(cloud.wait_for, over)


def test_programs_are_polled(simulator: Simulator, cloud: CloudActivities) -> None:
    program = '.|if .Code==null then "none" elif .Code=="Operation.Busy" then "busy" else "other" end'
    ended = wait(program, {}, desired_values=["none"], stop_retry_values=["other"])
    simulator.fault("DescribeInstances", "error", code="Operation.Busy", http_status=400, times=3)
    assert failure(cloud.wait_for, ended).type == "NotYet"
    # one that counts what isn't in an error body at all
    none = wait(".Instances.Instance|length", {}, desired_values=[0])
    assert "Operation.Busy" in str(failure(cloud.wait_for, none))
    # one that looks at the error and doesn't fit it
    unfit = wait(".Code, .Instances.Instance[].Status", {}, desired_values=["Operation.Busy"])
    assert failure(cloud.wait_for, unfit).type == "NotYet"
    assert run(cloud.wait_for, ended).outputs == {}
    running = wait("Instances.Instance[?Status=='Running'].Status", {}, desired_values=["Running"])
    run(cloud.wait_for, running)
    error = failure(cloud.wait_for, wait("[.Instances.Instance[]|.InstanceId]|tonumber", {}, desired_values=[1]))
    assert (error.type, error.non_retryable) == ("SelectorError", True)
    assert "PropertySelector '[.Instances.Instance[]|.InstanceId]|tonumber': the program fails on this" in str(error)


def test_who_may_not_ask_is_told_at_once(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.fault("DescribeInstances", "error", code="Forbidden.RAM", http_status=403)
    error = failure(cloud.wait_for, RUNNING)
    assert (error.type, error.non_retryable) == ("Forbidden.RAM", True)


def test_polling_a_call_that_changes_something_is_refused(simulator: Simulator, cloud: CloudActivities) -> None:
    wanted = dataclasses.replace(RUNNING, api="StopInstance", parameters={"InstanceId": "i-a"})
    assert failure(cloud.wait_for, wanted).type == "NotSupportedYet"
    assert not simulator.calls()


@pytest.mark.parametrize(
    ("fields", "results", "expected"),
    [
        ({"desired_values": ["a"]}, ["a", "a"], waiting.DESIRED),
        ({"desired_values": ["a"]}, ["a", "b"], waiting.NOT_YET),
        ({"desired_values": ["a"], "stop_retry_values": ["b"]}, ["a", "b"], waiting.STOPPED),
        ({"desired_values": [2], "stop_retry_values": [2, 3]}, [2], waiting.DESIRED),
        ({"desired_values": [2], "stop_retry_values": [2, 3]}, [3], waiting.STOPPED),
        ({"desired_values": [None]}, [], waiting.DESIRED),
        ({"desired_values": [None]}, [None], waiting.DESIRED),
        ({"desired_values": [""]}, [None], waiting.NOT_YET),
        ({"desired_values": ["true"]}, [True], waiting.DESIRED),
        ({"desired_values": ["1"]}, [1], waiting.DESIRED),
        ({"desired_values": [1]}, [True], waiting.NOT_YET),
        ({"desired_values": [[True]]}, [[1]], waiting.NOT_YET),
        ({"desired_values": [{"a": [1]}]}, [{"a": [1]}], waiting.DESIRED),
        ({"not_desired_values": [[]]}, [[]], waiting.NOT_YET),
        ({"not_desired_values": [[]]}, [["x"]], waiting.DESIRED),
        ({"not_desired_values": ["a"], "desired_values": []}, ["b"], waiting.DESIRED),
        ({"not_desired_values": ["a"], "desired_values": ["a", "b"]}, ["a"], waiting.NOT_YET),
    ],
)
def test_judge(fields: dict[str, Any], results: list[Any], expected: str) -> None:
    assert waiting.judge(wait("S", {}, **fields), results).kind == expected


@pytest.mark.parametrize(
    ("selector", "takes"),
    [
        ("Code", True),
        (".Message", True),
        (".", True),
        ('.|if .Code==null then "none" else "some" end', True),
        (".Code|tostring", True),
        ("[?Code=='x']", True),
        ("Instances.Instance[0].Code", False),
        ("[0]", False),
        (".Instances.Instance|length == 0", False),
        ('.Instances.Instance|map(select(.Text == "Code"))|length', False),
    ],
)
def test_what_looks_at_an_error(selector: str, takes: bool) -> None:
    assert waiting.takes_the_error(selector) is takes


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [2, 4, 8, 16]),
        ({"max_interval": 5}, [2, 4, 5, 5]),
        ({"delay_type": "Constant", "delay": 7}, [7, 7, 7, 7]),
        ({"delay_type": "Linear", "delay": 3, "back_off": 5}, [8, 13, 18, 23]),
    ],
)
def test_delays(fields: dict[str, Any], expected: list[float]) -> None:
    assert [waiting.delay(wait("S", {}, **fields), poll) for poll in (1, 2, 3, 4)] == expected


def test_the_default_delays_add_up_to_34_minutes() -> None:
    # the documented cross-check: ten waits, 2046 seconds
    assert sum(waiting.delay(wait("S", {}), poll) for poll in range(1, 11)) == 2046
    assert waiting.delay(wait("S", {}), 300) == 1800
