"""``call_api``: outputs are cut where they are born, reads are tried again, writes fail with their proof."""

import json
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest

from activities.cloud.activities import CloudActivities
from activities.cloud.failures import CloudError
from activities.contracts import CARRIED_OUT, REFUSED, RETRIABLE, UNKNOWN, CallFailure
from activities.heartbeat import heartbeats
from activities.polling import READ_TRIES, back_off
from caboose.sandbox import Sandbox, SandboxError
from tests.activities.conftest import CloudFactory
from tests.activities.harness import KEYS, call, environment, failure, proof, run, settings_for
from tests.activities.wire import answer, wire
from tests.support.simulator import Simulator

REBOOT = call("RebootInstance", {"InstanceId": "i-a"})
DESCRIBE = call("DescribeInstances", {}, read=True, ids="Instances.Instance[].InstanceId")


def test_a_write_is_made_once_and_answers_with_its_request_id(simulator: Simulator, cloud: CloudActivities) -> None:
    result = run(cloud.call_api, REBOOT)
    assert result.outputs == {}
    assert result.request_id
    assert [each["instance_id"] for each in simulator.calls("RebootInstance")] == ["i-a"]


def test_outputs_are_selected_from_the_answer(cloud: CloudActivities) -> None:
    result = run(
        cloud.call_api, call("DescribeInstances", {}, read=True, all="Instances.Instance[].Status", no="Nothing")
    )
    assert result.outputs == {"all": ["Running"] * 3, "no": [None]}


def test_a_refusal_holds_code_message_and_request_id(cloud: CloudActivities) -> None:
    error = failure(cloud.call_api, call("RebootInstance", {"InstanceId": "i-nowhere"}))
    assert (error.type, proof(error), error.non_retryable) == ("InvalidInstanceId.NotFound", REFUSED, True)
    (detail,) = error.details
    assert detail.request_id in str(error)
    assert detail.message in str(error)
    assert detail.http_status == 404


@pytest.mark.parametrize(
    ("code", "status", "expected"), [("Throttling.User", 400, RETRIABLE), ("InternalError", 500, UNKNOWN)]
)
def test_a_read_that_failed_is_tried_again_later(
    simulator: Simulator, cloud: CloudActivities, code: str, status: int, expected: str
) -> None:
    simulator.fault("DescribeInstances", "error", code=code, http_status=status)
    error = failure(cloud.call_api, DESCRIBE)
    assert (error.type, proof(error), error.non_retryable) == (code, expected, False)
    assert error.next_retry_delay is not None
    assert error.next_retry_delay.total_seconds() > 0
    assert run(cloud.call_api, DESCRIBE, attempt=2).outputs == {"ids": ["i-a", "i-b", "i-c"]}


def test_a_read_that_is_refused_is_not_tried_again(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.fault("DescribeInstances", "error", code="Forbidden.RAM", http_status=403)
    error = failure(cloud.call_api, DESCRIBE)
    assert (error.type, error.non_retryable) == ("Forbidden.RAM", True)


def test_a_read_by_name_only(simulator: Simulator, cloud: CloudActivities) -> None:
    error = failure(cloud.call_api, call("RebootInstance", {"InstanceId": "i-a"}, read=True))
    assert error.type == "NotSupportedYet"
    assert not simulator.calls()


def test_all_pages_are_one_answer(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances(230)
    result = run(
        cloud.call_api,
        call("DescribeInstances", {"PageSize": 10}, read=True, ids="Instances.Instance[].InstanceId", n="TotalCount"),
    )
    assert len(set(result.outputs["ids"])) == 230
    assert result.outputs["n"] == [230]
    assert len(simulator.calls("DescribeInstances")) == 3


def test_a_page_that_is_asked_for_stays_one_page(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances(30)
    parameters = {"PageNumber": 2, "PageSize": 20}
    result = run(
        cloud.call_api, call("DescribeInstances", parameters, read=True, ids="Instances.Instance[].InstanceId")
    )
    assert len(result.outputs["ids"]) == 10
    assert len(simulator.calls("DescribeInstances")) == 1


def test_a_write_whose_outputs_cannot_be_selected_was_carried_out(simulator: Simulator, cloud: CloudActivities) -> None:
    error = failure(cloud.call_api, call("RebootInstance", {"InstanceId": "i-a"}, bad="RequestId[]"))
    assert (error.type, error.non_retryable, proof(error)) == ("SelectorError", True, CARRIED_OUT)
    (detail,) = error.details
    assert detail.request_id
    for words in ("the call RebootInstance was carried out", detail.request_id, "but Outputs.bad"):
        assert words in detail.message
    assert len(simulator.calls("RebootInstance")) == 1


def test_a_read_whose_outputs_cannot_be_selected_fails_for_good(cloud: CloudActivities) -> None:
    error = failure(cloud.call_api, call("DescribeInstances", {}, read=True, bad="RequestId[]"))
    assert (error.type, error.non_retryable, error.details) == ("SelectorError", True, ())


def test_outputs_are_selected_by_programs(simulator: Simulator, cloud: CloudActivities) -> None:
    names = '.Instances.Instance[] | select(.InstanceId | test("[ab]$")) | .InstanceId'
    counted = "Instances.Instance | length"
    found = "Instances.Instance[?InstanceId=='i-c'].Status"
    result = run(cloud.call_api, call("DescribeInstances", {}, read=True, names=names, counted=counted, found=found))
    assert result.outputs == {"names": ["i-a", "i-b"], "counted": [3], "found": ["Running"]}


def test_a_write_whose_selector_does_not_end_was_carried_out(simulator: Simulator, cloud: CloudActivities) -> None:
    error = failure(cloud.call_api, call("RebootInstance", {"InstanceId": "i-a"}, bad="def f: f; f"))
    assert (error.type, error.non_retryable, proof(error)) == ("SelectorError", True, CARRIED_OUT)
    assert "did not end within 1 s" in str(error)
    assert len(simulator.calls("RebootInstance")) == 1


def test_a_sandbox_that_can_not_work_is_no_reason_to_write_again(simulator: Simulator) -> None:
    closed = Sandbox()
    closed.close()
    cloud = CloudActivities(settings_for(ecs_endpoint=simulator.endpoint), closed, lambda: KEYS)
    error = failure(cloud.call_api, call("RebootInstance", {"InstanceId": "i-a"}, id=".|.RequestId"))
    assert (error.type, error.non_retryable, proof(error)) == ("SandboxError", True, CARRIED_OUT)
    with pytest.raises(SandboxError):  # a read is tried again
        run(cloud.call_api, call("DescribeInstances", {}, read=True, id=".|.RequestId"))
    cloud.close()


def test_outputs_have_a_largest_size(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances([{"InstanceId": f"i-{number}", "Description": "x" * 17_000} for number in range(250)])
    error = failure(cloud.call_api, call("DescribeInstances", {}, read=True, everything="Instances"))
    assert (error.type, error.non_retryable) == ("OutputTooLarge", True)
    assert "everything" in str(error)


def test_the_size_is_that_of_the_history_where_other_letters_are_escaped(make_cloud: CloudFactory) -> None:
    # 1,600,000 bytes of UTF-8 in the answer, 4,800,000 bytes of JSON in the history
    body = json.dumps({"RequestId": "R-1", "Text": "é" * 800_000}, ensure_ascii=False).encode()
    with wire(lambda _: answer(body)) as server:
        cloud = make_cloud(ecs_endpoint=server.endpoint)
        error = failure(cloud.call_api, call("RebootInstance", {"InstanceId": "i-a"}, text="Text"))
    assert (error.type, proof(error)) == ("OutputTooLarge", CARRIED_OUT)


def test_texts_of_the_cloud_are_fit_to_be_kept(make_cloud: CloudFactory) -> None:
    body = b'{"RequestId": "R-\\ud800", "N\\ud800": "a\\u0000b\\b \xed\xa0\x80 \xff \xe5\x90\x8d \\ud83d\\ude00"}'
    with wire(lambda _: answer(body)) as server:
        result = run(make_cloud(ecs_endpoint=server.endpoint).call_api, call("RebootInstance", {}, all="."))
        assert result.request_id == "R-\ufffd"
        (everything,) = result.outputs["all"]
        assert list(everything) == ["RequestId", "N\ufffd"]
        assert everything["N\ufffd"].startswith("a\ufffdb\ufffd \ufffd")
        assert everything["N\ufffd"].endswith(" 名 😀")
    with wire(lambda _: answer(b'{"Code": "Bad\\ud800", "Message": "m\\udfff\\u0000"}', "400 Bad")) as server:
        error = failure(make_cloud(ecs_endpoint=server.endpoint).call_api, REBOOT)
        assert error.type == "Bad\ufffd"
        assert "m\ufffd\ufffd" in str(error)


def test_a_read_is_tried_some_twelve_minutes(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.fault("DescribeInstances", "error", code="InternalError", http_status=500, times=2)
    assert not failure(cloud.call_api, DESCRIBE, attempt=READ_TRIES - 1).non_retryable
    error = failure(cloud.call_api, DESCRIBE, attempt=READ_TRIES)
    assert (error.type, error.non_retryable) == ("InternalError", True)
    (detail,) = error.details
    assert f"tried {READ_TRIES} times" in detail.message
    lost = CloudError(CallFailure("ConnectionLost", "", UNKNOWN))
    waited = sum(back_off(lost, attempt) for attempt in range(1, READ_TRIES))
    assert 8 * 60 < waited < 16 * 60


def test_a_read_whose_attempts_are_all_lost_comes_to_an_end(simulator: Simulator, cloud: CloudActivities) -> None:
    error = failure(cloud.call_api, DESCRIBE, attempt=READ_TRIES + 1)
    assert (error.type, error.non_retryable) == ("TimedOut", True)
    assert not simulator.calls()


def test_a_write_does_not_count_tries(cloud: CloudActivities) -> None:
    assert run(cloud.call_api, REBOOT, attempt=READ_TRIES + 1).request_id


def test_it_beats_while_the_call_is_in_flight(make_cloud: CloudFactory) -> None:
    answered, beaten = threading.Event(), threading.Event()

    def reply(_number: int) -> bytes:
        answered.wait(30)
        return answer()

    attempt = environment(heartbeat_timeout=timedelta(seconds=3))
    attempt.on_heartbeat = lambda *_: beaten.set()
    with wire(reply) as server, ThreadPoolExecutor(1) as thread:
        running = thread.submit(attempt.run, make_cloud(ecs_endpoint=server.endpoint).call_api, REBOOT)
        assert beaten.wait(20)
        assert not running.done()
        answered.set()
        assert running.result().request_id == "R-1"


def test_without_a_heartbeat_time_out_nothing_beats() -> None:
    silent, beating = environment(heartbeat_timeout=None), environment(heartbeat_timeout=timedelta(seconds=3))
    beats, silents = threading.Semaphore(0), []
    beating.on_heartbeat = lambda *_: beats.release()
    silent.on_heartbeat = lambda *_: silents.append(1)

    def wait_for_five_beats() -> None:
        with heartbeats():
            assert all(beats.acquire(timeout=20) for _ in range(5))

    def stay_as_long(running: "Future[None]") -> None:
        with heartbeats():
            running.result()

    with ThreadPoolExecutor(2) as threads:
        running = threads.submit(beating.run, wait_for_five_beats)
        threads.submit(silent.run, stay_as_long, running).result()
    assert not silents


def test_back_off_grows_and_has_an_end() -> None:
    def delays(error: CloudError) -> list[float]:
        return [back_off(error, attempt) for attempt in (1, 4, 100)]

    lost = delays(CloudError(CallFailure("ConnectionLost", "", UNKNOWN)))
    throttled = delays(CloudError(CallFailure("Throttling", "", RETRIABLE, http_status=400)))
    assert lost == sorted(lost)
    assert lost[-1] <= 30 * 1.3
    assert throttled == sorted(throttled)
    assert throttled[-1] <= 60 * 1.3
    assert back_off(CloudError(CallFailure("Throttling", "", RETRIABLE, http_status=400), None, 7), 1) == 7
