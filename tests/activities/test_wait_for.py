"""``wait_for``: one poll an attempt, the server's retries are the waiting; of a write each poll is an activity."""

import dataclasses
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.cloud.activities import CloudActivities
from activities.contracts import CARRIED_OUT, REFUSED, RETRIABLE, UNKNOWN, CallFailure
from activities.polling import READ_TRIES
from activities.selecting import MAX_OUTPUT_BYTES
from caboose.oos.expectations import Rule
from caboose.oos.plan import Retry
from tests.activities.harness import call, failure, proof, run, specs, wait
from tests.support.simulator import Simulator

STATUS = "Instances.Instance[].Status"
RUNNING = wait(Rule(STATUS, ["Running"]), {"InstanceIds": ["i-a"]})
GONE = wait(Rule("Instances.Instance[0].InstanceId", [None]), {"InstanceIds": ["i-gone"]})
CHECK = dataclasses.replace(RUNNING, check=True, retry=Retry(retries=0), outputs=specs(status=STATUS))
STOP = dataclasses.replace(
    wait(Rule("Code", [None]), {"InstanceId": "i-a"}, retry=Retry(retries=2), outputs=specs(code="Code")),
    api="StopInstance",
    read=False,
    poll=1,
)


def outputs_of(error: ApplicationError) -> dict[str, Any] | None:
    (detail,) = error.details
    assert isinstance(detail, CallFailure)
    return detail.outputs


def test_a_value_that_is_there_ends_the_waiting(cloud: CloudActivities) -> None:
    assert run(cloud.wait_for, dataclasses.replace(RUNNING, outputs=specs(status=STATUS))).outputs == {
        "status": ["Running"]
    }


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


def test_the_last_poll_names_the_last_value_and_has_the_last_outputs(
    simulator: Simulator, cloud: CloudActivities
) -> None:
    simulator.put_instances([{"InstanceId": "i-a", "Status": "Stopped"}])
    wanted = dataclasses.replace(RUNNING, outputs=specs(status=STATUS, none="Nothing"))
    assert not failure(cloud.wait_for, wanted, attempt=10).non_retryable
    error = failure(cloud.wait_for, wanted, attempt=11)
    assert (error.type, error.non_retryable) == ("WaitForRetriesExhausted", True)
    assert '"Stopped"' in str(error)
    assert outputs_of(error) == {"status": ["Stopped"], "none": [None]}


def test_polls_that_are_all_lost_come_to_an_end(simulator: Simulator, cloud: CloudActivities) -> None:
    error = failure(cloud.wait_for, RUNNING, attempt=10 + READ_TRIES + 1)
    assert (error.type, error.non_retryable) == ("TimedOut", True)
    assert not simulator.calls()


def test_a_stop_value_ends_the_waiting_at_once(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances([{"InstanceId": "i-a", "Status": "Stopped"}])
    rule = Rule(STATUS, ["Running"], stop=["Stopped"])
    error = failure(cloud.wait_for, wait(rule, {"InstanceIds": ["i-a"]}, outputs=specs(status=STATUS)))
    assert (error.type, error.non_retryable) == ("WaitForStopped", True)
    assert '"Stopped"' in str(error)
    assert outputs_of(error) == {"status": ["Stopped"]}


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "code": "Throttling", "http_status": 400},
        {"kind": "error", "code": "ServiceUnavailable", "http_status": 503},
        {"kind": "drop_before"},
    ],
)
def test_a_poll_that_failed_is_no_value(simulator: Simulator, cloud: CloudActivities, fault: dict[str, Any]) -> None:
    simulator.fault("DescribeInstances", **fault)
    assert failure(cloud.wait_for, GONE).type == "NotYet"
    run(cloud.wait_for, GONE)  # and the next poll says that it is gone


def test_a_poll_that_failed_is_never_the_last_word(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.fault("DescribeInstances", "error", code="ServiceUnavailable", http_status=503, times=3)
    for wanted, first in ((RUNNING, 11), (CHECK, 1)):
        assert not failure(cloud.wait_for, wanted, attempt=first).non_retryable
    error = failure(cloud.wait_for, CHECK, attempt=READ_TRIES)
    assert (error.type, error.non_retryable, proof(error)) == ("ServiceUnavailable", True, UNKNOWN)
    assert run(cloud.wait_for, CHECK, attempt=2).outputs == {"status": ["Running"]}


def test_a_refusal_is_visible_to_a_selector_that_looks_at_it(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.fault("DescribeInstances", "error", code="Operation.Busy", http_status=400, times=3)
    seen = wait(Rule("Code", ["Operation.Busy"]), {}, outputs=specs(code="Code"))
    assert run(cloud.wait_for, seen).outputs == {"code": ["Operation.Busy"]}
    over = wait(Rule("Code", [None], stop=["Other"]), {})
    assert failure(cloud.wait_for, over).type == "NotYet"
    # one that doesn't look at it can't be satisfied by it
    assert "Operation.Busy" in str(failure(cloud.wait_for, GONE))
    run(cloud.wait_for, over)


def test_programs_are_polled(simulator: Simulator, cloud: CloudActivities) -> None:
    program = '.|if .Code==null then "none" elif .Code=="Operation.Busy" then "busy" else "other" end'
    ended = wait(Rule(program, ["none"], stop=["other"]), {})
    simulator.fault("DescribeInstances", "error", code="Operation.Busy", http_status=400, times=3)
    assert failure(cloud.wait_for, ended).type == "NotYet"
    # one that counts what isn't in an error body at all
    none = wait(Rule(".Instances.Instance|length", [0]), {})
    assert "Operation.Busy" in str(failure(cloud.wait_for, none))
    # one that looks at the error and doesn't fit it
    unfit = wait(Rule(".Code, .Instances.Instance[].Status", ["Operation.Busy"]), {})
    assert failure(cloud.wait_for, unfit).type == "NotYet"
    assert run(cloud.wait_for, ended).outputs == {}
    running = wait(Rule("Instances.Instance[?Status=='Running'].Status", ["Running"]), {})
    run(cloud.wait_for, running)
    error = failure(cloud.wait_for, wait(Rule("[.Instances.Instance[]|.InstanceId]|tonumber", [1]), {}))
    assert (error.type, error.non_retryable) == ("SelectorError", True)
    assert "PropertySelector '[.Instances.Instance[]|.InstanceId]|tonumber': the program fails on this" in str(error)


def test_who_may_not_ask_is_told_at_once(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.fault("DescribeInstances", "error", code="Forbidden.RAM", http_status=403, times=2)
    wanted = dataclasses.replace(RUNNING, outputs=specs(code="Code"))
    error = failure(cloud.wait_for, wanted)
    assert (error.type, error.non_retryable) == ("Forbidden.RAM", True)
    assert outputs_of(error) == {"code": ["Forbidden.RAM"]}
    # whoever wants just that is told, too
    assert run(cloud.wait_for, wait(Rule(".Code | not", [True, False]), {})).outputs == {}


def test_a_check_fails_at_once_with_its_outputs(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances([{"InstanceId": "i-a", "Status": "Stopped"}])
    error = failure(cloud.wait_for, CHECK)
    assert (error.type, error.non_retryable, proof(error)) == ("CheckForFailed", True, REFUSED)
    assert str(error).endswith('wanted "Running", it is "Stopped"')
    assert outputs_of(error) == {"status": ["Stopped"]}


def test_a_check_with_retries_is_made_that_often(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances([{"InstanceId": "i-a", "Status": "Stopped"}])
    twice = dataclasses.replace(CHECK, retry=Retry(retries=2))
    for attempt in (1, 2):
        assert not failure(cloud.wait_for, twice, attempt=attempt).non_retryable
    error = failure(cloud.wait_for, twice, attempt=3)
    assert (error.type, error.non_retryable) == ("CheckForFailed", True)
    assert "after 3 calls" in str(error)


def test_a_check_of_an_error_that_nobody_looks_at_fails(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.fault("DescribeInstances", "error", code="Operation.Busy", http_status=400)
    error = failure(cloud.wait_for, dataclasses.replace(CHECK, outputs=specs(message="Message", code=".Code")))
    assert error.type == "CheckForFailed"
    assert "Operation.Busy" in str(error)
    outputs = outputs_of(error)
    assert outputs is not None
    assert outputs["code"] == ["Operation.Busy"]


def test_outputs_that_do_not_fit_hide_no_failure(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances([{"InstanceId": "i-a", "Status": "Stopped", "Description": "d" * MAX_OUTPUT_BYTES}])
    for selector in (".Instances.Instance[].Status|tonumber", "."):
        error = failure(cloud.wait_for, dataclasses.replace(CHECK, outputs=specs(out=selector)))
        assert (error.type, outputs_of(error)) == ("CheckForFailed", None)


def test_of_a_write_each_poll_is_a_call_that_says_not_yet(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.fault("StopInstance", "error", code="IncorrectInstanceStatus", http_status=403, times=3)
    for poll in (1, 2):
        result = run(cloud.wait_for, dataclasses.replace(STOP, poll=poll))
        assert (result.not_yet, result.outputs) == ('"IncorrectInstanceStatus"', {})
    error = failure(cloud.wait_for, dataclasses.replace(STOP, poll=3))
    assert (error.type, proof(error)) == ("WaitForRetriesExhausted", CARRIED_OUT)
    assert outputs_of(error) == {"code": ["IncorrectInstanceStatus"]}
    done = run(cloud.wait_for, dataclasses.replace(STOP, poll=1))
    assert (done.not_yet, done.outputs) == ("", {"code": [None]})
    assert len(simulator.calls("StopInstance")) == 4


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "error", "code": "Throttling", "http_status": 400}, ("Throttling", RETRIABLE)),
        ({"kind": "error", "code": "ServiceUnavailable", "http_status": 503}, ("ServiceUnavailable", UNKNOWN)),
        ({"kind": "drop_after"}, ("ConnectionLost", UNKNOWN)),
    ],
)
def test_of_a_write_a_poll_that_failed_says_what_it_proves(
    simulator: Simulator, cloud: CloudActivities, fault: dict[str, Any], expected: tuple[str, str]
) -> None:
    simulator.fault("StopInstance", **fault)
    error = failure(cloud.wait_for, STOP)
    assert error.non_retryable
    assert (error.type, proof(error)) == expected
    assert len(simulator.calls("StopInstance")) == 1


def test_a_write_whose_answer_can_not_be_selected_was_carried_out(cloud: CloudActivities) -> None:
    error = failure(cloud.wait_for, dataclasses.replace(STOP, outputs=specs(out=".RequestId|tonumber")))
    assert (error.type, proof(error)) == ("SelectorError", CARRIED_OUT)


def test_reading_by_a_call_that_changes_something_is_refused(simulator: Simulator, cloud: CloudActivities) -> None:
    assert failure(cloud.wait_for, dataclasses.replace(STOP, read=True, poll=0)).type == "NotSupportedYet"
    assert not simulator.calls()
