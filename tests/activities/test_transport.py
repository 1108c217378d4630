"""Connections: a write has one of its own, reads share, redirects aren't followed, loopback knows no proxy."""

import pytest

from activities.cloud.transport import is_loopback
from tests.activities.conftest import CloudFactory
from tests.activities.harness import KEYS, call, failure, proof, run
from tests.activities.wire import OK, answer, wire
from tests.support.simulator import Simulator

REBOOT = call("RebootInstance", {"InstanceId": "i-a"})
STATUS = call("DescribeInstanceStatus", {}, read=True)


def test_every_write_has_a_connection_of_its_own(make_cloud: CloudFactory) -> None:
    with wire(lambda _: answer()) as server:
        cloud = make_cloud(ecs_endpoint=server.endpoint)
        for _ in range(3):
            run(cloud.call_api, STATUS)
        assert server.connections == 1
        for _ in range(3):
            run(cloud.call_api, REBOOT)
        assert server.connections == 4
        assert len(server.requests) == 6


def test_a_write_never_meets_a_pooled_connection_that_died(make_cloud: CloudFactory) -> None:
    # the server answers the first request and closes at the second one on the same connection
    with wire(lambda number: answer() if number in (1, 2) else None) as server:
        cloud = make_cloud(ecs_endpoint=server.endpoint)
        run(cloud.call_api, STATUS)
        run(cloud.call_api, REBOOT)
        assert server.connections == 2


def test_a_redirect_is_not_followed(make_cloud: CloudFactory) -> None:
    with wire(lambda _: answer(OK, "307 Temporary Redirect", "Location: /again")) as server:
        error = failure(make_cloud(ecs_endpoint=server.endpoint).call_api, REBOOT)
        assert proof(error) == "Unknown"
        assert len(server.requests) == 1


def test_loopback_knows_no_proxy(
    simulator: Simulator, make_cloud: CloudFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    cloud = make_cloud(ecs_endpoint=simulator.endpoint)
    run(cloud.call_api, REBOOT)
    run(cloud.call_api, STATUS)
    assert len(simulator.calls()) == 2


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [("127.0.0.1:8001", True), ("localhost:1", True), ("[::1]:80", True), ("ecs.cn-hangzhou.aliyuncs.com", False)],
)
def test_is_loopback(endpoint: str, expected: bool) -> None:
    assert is_loopback(endpoint) is expected


def test_keys_do_not_show() -> None:
    assert KEYS.access_key_secret not in repr(KEYS)
