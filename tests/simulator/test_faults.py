"""Faults: what the caller sees, and whether the call was carried out all the same."""

import threading
from typing import Any

import httpx
import pytest

from tests.simulator.client import call, eventually, http
from tests.support.simulator import Simulator

ONE = {"InstanceId": "i-sim00001"}
TEXT = {"msgtype": "text", "text": {"content": "hello"}}


@pytest.fixture
def prepared(simulator: Simulator) -> Simulator:
    """A simulator with three instances and a short transition."""
    simulator.reset(transition_seconds=0)
    simulator.put_instances(3)
    return simulator


def reboots(simulator: Simulator) -> list[int]:
    return [instance["Reboots"] for instance in simulator.instances()]


@pytest.mark.parametrize("carried_out", [False, True])
def test_an_error(prepared: Simulator, carried_out: bool) -> None:
    prepared.fault(
        "RebootInstance",
        "error",
        code="ServiceUnavailable",
        http_status=503,
        message="Later.",
        carried_out=carried_out,
        retry_after_ms=50,
    )
    answer = call(prepared, "RebootInstance", ONE)
    assert (answer.status_code, answer.json()["Code"], answer.json()["Message"]) == (
        503,
        "ServiceUnavailable",
        "Later.",
    )
    assert answer.headers["x-acs-retry-after"] == "50"
    (logged,) = prepared.calls("RebootInstance")
    assert (logged["outcome"], logged["carried_out"]) == ("error:ServiceUnavailable", carried_out)
    assert reboots(prepared)[0] == int(carried_out)
    assert call(prepared, "RebootInstance", ONE).status_code == 200  # once, if not told otherwise


@pytest.mark.parametrize(("kind", "count"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection(prepared: Simulator, kind: str, count: int) -> None:
    prepared.fault("RebootInstance", kind)
    with pytest.raises(httpx.RemoteProtocolError):
        call(prepared, "RebootInstance", ONE)
    (logged,) = prepared.calls("RebootInstance")
    assert (logged["outcome"], logged["carried_out"], logged["http_status"]) == (
        "dropped_before" if kind == "drop_before" else "dropped_after",
        bool(count),
        None,
    )
    assert reboots(prepared)[0] == count


@pytest.mark.parametrize(("when", "count"), [("before", 0), ("after", 1)])
def test_a_late_answer_is_visible_while_it_waits(prepared: Simulator, when: str, count: int) -> None:
    prepared.fault("RebootInstance", "delay", seconds=1.5, when=when)
    caller = threading.Thread(target=call, args=(prepared, "RebootInstance", ONE))
    caller.start()
    assert eventually(lambda: len(prepared.calls("RebootInstance")) == 1)
    (logged,) = prepared.calls("RebootInstance")
    assert (logged["outcome"], logged["answered_at"], reboots(prepared)[0]) == ("received", None, count)
    caller.join()
    (logged,) = prepared.calls("RebootInstance")
    assert (logged["outcome"], reboots(prepared)[0]) == ("answered", 1)
    assert logged["time"] < logged["answered_at"]


def test_a_caller_that_gives_up(prepared: Simulator) -> None:
    prepared.fault("robot", "delay", seconds=0.5, when="before")
    with pytest.raises(httpx.ReadTimeout):
        http.post(prepared.webhook(), json=TEXT, timeout=0.1)
    assert eventually(lambda: prepared.calls("robot")[0]["outcome"] == "abandoned")
    assert len(prepared.messages()) == 1  # a server that has a request works on it


def test_only_for_one_instance(prepared: Simulator) -> None:
    prepared.fault("RebootInstance", "error", code="OperationConflict", http_status=409, instance_id="i-sim00002")
    prepared.fault("DescribeInstances", "error", code="InternalError", http_status=500, instance_id="i-sim00002")
    codes = [call(prepared, "RebootInstance", {"InstanceId": f"i-sim0000{n}"}).status_code for n in (1, 2, 3)]
    assert codes == [200, 409, 200]
    others = {"RegionId": "cn-hangzhou", "InstanceIds": '["i-sim00001"]'}
    both = {"RegionId": "cn-hangzhou", "InstanceIds": '["i-sim00001", "i-sim00002"]'}
    assert call(prepared, "DescribeInstances", others).status_code == 200
    assert call(prepared, "DescribeInstances", both).status_code == 500


def test_how_often(prepared: Simulator) -> None:
    prepared.fault("GetCallerIdentity", "error", code="Throttling.User", times=2)
    sts: dict[str, Any] = {"version": "2015-04-01"}
    assert [call(prepared, "GetCallerIdentity", **sts).status_code for _ in range(3)] == [400, 400, 200]
    prepared.fault("*", "error", code="Throttling", http_status=429, times=None)
    assert [call(prepared, "GetCallerIdentity", **sts).status_code for _ in range(5)] == [429] * 5
    prepared.clear_faults()
    assert call(prepared, "GetCallerIdentity", **sts).status_code == 200


def test_probability(prepared: Simulator) -> None:
    prepared.reset(seed=1)
    prepared.fault("GetCallerIdentity", "error", code="Throttling", times=None, probability=0.5)
    codes = {call(prepared, "GetCallerIdentity", version="2015-04-01").status_code for _ in range(30)}
    assert codes == {200, 400}
    prepared.clear_faults()
    prepared.fault("GetCallerIdentity", "error", code="Throttling", times=None, probability=0)
    assert call(prepared, "GetCallerIdentity", version="2015-04-01").status_code == 200


def test_an_unsigned_call_uses_up_no_fault(prepared: Simulator) -> None:
    prepared.fault("RebootInstance", "error", code="InternalError", http_status=500)
    assert call(prepared, "RebootInstance", ONE, secret="wrong").json()["Code"] == "SignatureDoesNotMatch"
    assert call(prepared, "RebootInstance", ONE).status_code == 500


def test_a_raw_body(prepared: Simulator) -> None:
    prepared.fault("RebootInstance", "error", http_status=502, body="<html>Bad Gateway</html>")
    answer = call(prepared, "RebootInstance", ONE)
    assert (answer.status_code, answer.text) == (502, "<html>Bad Gateway</html>")
    assert prepared.calls("RebootInstance")[0]["outcome"] == "error:502"


def test_errors_of_the_robot(prepared: Simulator) -> None:
    prepared.fault("robot", "error", errcode=-1, message="system busy")
    prepared.fault("robot", "error", http_status=503, message="unavailable")
    prepared.fault("robot", "error", errcode=-1, carried_out=True)
    first, second, third, fourth = (
        http.post(prepared.webhook(), json={**TEXT, "msgUuid": str(number)}) for number in (1, 2, 3, 3)
    )
    assert first.json() == {"errcode": -1, "errmsg": "system busy"}
    assert (second.status_code, second.text) == (503, "unavailable")
    assert third.json()["errcode"] == -1
    assert fourth.json()["errcode"] == 0
    assert [message["uuid"] for message in prepared.messages()] == ["3"]  # posted once, though it was sent twice
    assert [logged["outcome"] for logged in prepared.calls("robot")] == [
        "error:-1",
        "error:503",
        "error:-1",
        "answered",
    ]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error"},
        {"kind": "delay"},
        {"kind": "explode"},
        {"kind": "error", "code": "X", "cod": "Y"},
        {"kind": "error", "code": "X", "times": 0},
        {"kind": "error", "code": "X", "probability": 2},
    ],
)
def test_a_fault_that_makes_no_sense(prepared: Simulator, fault: dict[str, object]) -> None:
    answer = http.post(f"{prepared.url}/_simulator/faults", json=[{"action": "RebootInstance", **fault}])
    assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidParameter")
    assert http.get(f"{prepared.url}/_simulator/faults").json() == {"faults": []}
