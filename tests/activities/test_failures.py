"""What each kind of failure proves, met on real sockets."""

import json
import socket

import pytest

from activities.cloud import failures
from activities.contracts import REFUSED, RETRIABLE, UNKNOWN
from tests.activities.conftest import CloudFactory
from tests.activities.harness import call, failure, proof
from tests.activities.wire import answer, wire
from tests.support.simulator import Simulator

REBOOT = call("RebootInstance", {"InstanceId": "i-a"})


@pytest.mark.parametrize(
    ("status", "code", "headers", "expected"),
    [
        (400, "Throttling", {}, RETRIABLE),
        (400, "Throttling.User", {}, RETRIABLE),
        (503, "Throttling.Api", {}, RETRIABLE),
        (503, "Rejected.Throttling", {}, RETRIABLE),
        (429, "TooMany", {}, RETRIABLE),
        (400, "Slow", {"x-acs-retry-after": "1500"}, RETRIABLE),
        (400, "MissingParameter", {}, REFUSED),
        (403, "IncorrectInstanceStatus", {}, REFUSED),
        (404, "InvalidInstanceId.NotFound", {}, REFUSED),
        (500, "InternalError", {}, UNKNOWN),
        (503, "ServiceUnavailable", {"x-acs-retry-after": "1500"}, UNKNOWN),
        (504, "GatewayTimeout", {}, UNKNOWN),
    ],
)
def test_answers(status: int, code: str, headers: dict[str, str], expected: str) -> None:
    body = json.dumps({"Code": code, "Message": "m", "RequestId": "R"}).encode()
    error = failures.from_answer(status, headers, body, [])
    assert (error.failure.proof, error.failure.code, error.failure.request_id) == (expected, code, "R")


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        (200, b"", UNKNOWN),
        (200, b"[]", UNKNOWN),
        (200, b"<html>", UNKNOWN),
        (302, b"", UNKNOWN),
        (502, b"<html>", UNKNOWN),
        (413, b"<html>", REFUSED),
        (500, b"[" * 100_000, UNKNOWN),
    ],
)
def test_answers_that_are_no_json_object(status: int, content: bytes, expected: str) -> None:
    assert failures.from_answer(status, {}, content, []).failure.proof == expected


def test_what_the_cloud_quotes_holds_no_secret() -> None:
    message = "server string to sign: x-acs-security-token:CANARY-TOKEN access_token=CANARY-HOOK key CANARY-SECRET"
    body = json.dumps({"Code": "SignatureDoesNotMatch", "Message": message}).encode()
    error = failures.from_answer(400, {}, body, ["CANARY-TOKEN", "CANARY-SECRET"])
    assert "CANARY" not in f"{error} {error.failure} {error.body}"


def test_a_refused_connection_proves_that_nothing_was_done(make_cloud: CloudFactory) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure(make_cloud(ecs_endpoint=f"127.0.0.1:{port}").call_api, REBOOT)
    assert proof(error) == RETRIABLE
    assert error.non_retryable  # a write: the workflow decides


def test_a_name_that_does_not_resolve_proves_that_nothing_was_done(make_cloud: CloudFactory) -> None:
    assert proof(failure(make_cloud(ecs_endpoint="nowhere.invalid").call_api, REBOOT)) == RETRIABLE


def test_a_failed_tls_handshake_proves_that_nothing_was_done(make_cloud: CloudFactory) -> None:
    with wire(lambda _: b"this is no TLS", request_end=b"") as server:
        cloud = make_cloud(ecs_endpoint=server.endpoint, cloud_protocol="https")
        assert proof(failure(cloud.call_api, REBOOT)) == RETRIABLE


def test_a_connection_that_ends_without_an_answer_proves_nothing(make_cloud: CloudFactory) -> None:
    with wire(lambda _: None) as server:
        assert proof(failure(make_cloud(ecs_endpoint=server.endpoint).call_api, REBOOT)) == UNKNOWN
        assert len(server.requests) == 1


def test_an_answer_that_ends_in_the_middle_proves_nothing(make_cloud: CloudFactory) -> None:
    half = answer()[:-5]
    with wire(lambda number: half if number == 1 else None) as server:
        cloud = make_cloud(ecs_endpoint=server.endpoint, cloud_read_timeout=0.3)
        assert proof(failure(cloud.call_api, REBOOT)) == UNKNOWN


def test_no_answer_in_time_proves_nothing(make_cloud: CloudFactory) -> None:
    with wire(lambda _: b"") as server:
        cloud = make_cloud(ecs_endpoint=server.endpoint, cloud_read_timeout=0.2)
        error = failure(cloud.call_api, REBOOT)
        assert (error.type, proof(error)) == ("ReadTimeout", UNKNOWN)


@pytest.mark.parametrize(
    ("fault", "expected", "carried_out"),
    [
        ({"kind": "error", "code": "Throttling.User", "http_status": 400}, RETRIABLE, 0),
        ({"kind": "error", "code": "ServiceUnavailable", "http_status": 503}, UNKNOWN, 0),
        ({"kind": "error", "code": "InternalError", "http_status": 500, "carried_out": True}, UNKNOWN, 1),
        ({"kind": "error", "body": "<html>bad gateway</html>", "http_status": 502}, UNKNOWN, 0),
        ({"kind": "drop_before"}, UNKNOWN, 0),
        ({"kind": "drop_after"}, UNKNOWN, 1),
    ],
)
def test_faults_of_the_simulator(
    simulator: Simulator, make_cloud: CloudFactory, fault: dict[str, object], expected: str, carried_out: int
) -> None:
    simulator.fault("RebootInstance", **fault)  # type: ignore[arg-type] # one of the keys is the kind
    cloud = make_cloud(ecs_endpoint=simulator.endpoint)
    error = failure(cloud.call_api, REBOOT)
    assert proof(error) == expected
    assert error.non_retryable
    assert len(simulator.calls("RebootInstance")) == 1
    assert simulator.instances()[0]["Reboots"] == carried_out
