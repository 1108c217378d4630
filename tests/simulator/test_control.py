"""The control routes and the process itself."""

import httpx
import pytest

from tests.simulator.client import call, http
from tests.support.simulator import Simulator

STS = "2015-04-01"


def test_calls_are_listed_in_order(simulator: Simulator) -> None:
    simulator.put_instances(2)
    call(simulator, "RebootInstance", {"InstanceId": "i-sim00002", "ForceStop": "true"})
    call(simulator, "GetCallerIdentity", version=STS)
    call(simulator, "RebootInstance", {"InstanceId": "i-gone"})
    calls = simulator.calls()
    assert [(each["item"], each["action"], each["instance_id"]) for each in calls] == [
        (1, "RebootInstance", "i-sim00002"),
        (2, "GetCallerIdentity", None),
        (3, "RebootInstance", "i-gone"),
    ]
    assert calls[0]["parameters"] == {"InstanceId": "i-sim00002", "ForceStop": "true"}
    assert (calls[0]["outcome"], calls[0]["carried_out"], calls[0]["http_status"]) == ("answered", True, 200)
    assert (calls[2]["outcome"], calls[2]["carried_out"]) == ("error:InvalidInstanceId.NotFound", False)
    assert calls[0]["time"] <= calls[0]["answered_at"] <= calls[1]["time"]
    assert len(simulator.calls("RebootInstance")) == 2
    assert len(simulator.calls(instance_id="i-gone")) == 1
    later = http.get(f"{simulator.url}/_simulator/calls", params={"after": 2}).json()["calls"]
    assert [each["item"] for each in later] == [3]


def test_instances(simulator: Simulator) -> None:
    simulator.put_instances({"count": 2, "Status": "Stopped", "Tags": {"env": "prod"}})
    first, second = simulator.instances()
    assert (first["InstanceId"], first["InstanceName"], first["Status"]) == ("i-sim00001", "web-00001", "Stopped")
    assert second["InstanceId"] == "i-sim00002"
    simulator.put_instances([{"InstanceId": "i-only"}])
    assert [(each["InstanceId"], each["InstanceName"]) for each in simulator.instances()] == [("i-only", "i-only")]


@pytest.mark.parametrize(
    "wanted",
    [5, "x", [1], [{}], [{"InstanceId": "i-1"}, {"InstanceId": "i-1"}], [{"InstanceId": "i-1", "Status": "Off"}]],
)
def test_instances_that_make_no_sense(simulator: Simulator, wanted: object) -> None:
    simulator.put_instances(1)
    answer = http.put(f"{simulator.url}/_simulator/instances", json=wanted)
    assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidParameter")
    assert len(simulator.instances()) == 1


@pytest.mark.parametrize("what", ["reset", "faults", "roles", "groups", "access-keys"])
def test_nonsense_is_refused(simulator: Simulator, what: str) -> None:
    method = "POST" if what in ("reset", "faults") else "PUT"
    for content in (b"{", b'[{"no": "such field"}]', b"7"):
        answer = http.request(method, f"{simulator.url}/_simulator/{what}", content=content)
        assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidParameter")


def test_reset_forgets_everything(simulator: Simulator) -> None:
    simulator.put_instances(3)
    simulator.fault("GetCallerIdentity", "error", code="Throttling", times=None)
    simulator.put_groups({"group-0001": {"secret": "SECdemo"}})
    simulator.put_roles([])
    simulator.put_access_keys([{"AccessKeyId": "another", "AccessKeySecret": "its-secret"}])
    call(simulator, "GetCallerIdentity", version=STS)
    assert http.post(f"{simulator.url}/_simulator/reset").status_code == 200
    assert (simulator.calls(), simulator.instances(), simulator.messages()) == ([], [], [])
    answer = http.post(simulator.webhook(), json={"msgtype": "text", "text": {"content": "x"}})
    assert answer.json()["errcode"] == 0
    assert call(simulator, "GetCallerIdentity", version=STS).status_code == 200
    assert call(simulator, "GetCallerIdentity", version=STS, key_id="another").status_code == 404


def test_a_killed_simulator_comes_back_on_its_port() -> None:
    with Simulator() as simulator:
        port = simulator.port
        simulator.kill()
        with pytest.raises(httpx.ConnectError):
            http.get(simulator.url)
        simulator.start()
        assert simulator.port == port
        assert simulator.calls() == []
        assert set(simulator.env()) >= {"CABOOSE_ECS_ENDPOINT", "CABOOSE_STS_ENDPOINT"}
