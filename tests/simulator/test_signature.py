"""Who may call: the published example of the signature, and every way to get it wrong."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from caboose.simulator.errors import CloudError
from caboose.simulator.keys import Keys
from caboose.simulator.signature import ALGORITHM, SignedRequest, Verifier, canonical_request, signature
from tests.simulator.client import call
from tests.support.simulator import Simulator

EMPTY_BODY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
# The example with fixed values of the cloud's page "V3 request structure and signature".
EXAMPLE_SIGNATURE = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
EXAMPLE_HEADERS = {
    "host": "ecs.cn-shanghai.aliyuncs.com",
    "x-acs-action": "RunInstances",
    "x-acs-content-sha256": EMPTY_BODY,
    "x-acs-date": "2023-10-26T10:22:32Z",
    "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
    "x-acs-version": "2014-05-26",
}
EXAMPLE_QUERY = [
    ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
    ("RegionId", "cn-shanghai"),
]


def test_published_example() -> None:
    request = SignedRequest("POST", "/", EXAMPLE_QUERY, EXAMPLE_HEADERS, b"")
    canonical = canonical_request(request, sorted(EXAMPLE_HEADERS))
    assert hashlib.sha256(canonical.encode()).hexdigest().startswith("7ea06492")
    assert hashlib.sha256(canonical.encode()).hexdigest().endswith("e259")
    assert signature(canonical, "YourAccessKeySecret") == EXAMPLE_SIGNATURE


def test_verifier_takes_the_published_example_at_its_time_and_only_once() -> None:
    moment = datetime(2023, 10, 26, 10, 22, 40, tzinfo=UTC)
    keys = Keys()
    keys.replace([{"AccessKeyId": "YourAccessKeyId", "AccessKeySecret": "YourAccessKeySecret"}])
    signed = ";".join(sorted(EXAMPLE_HEADERS))
    authorization = f"{ALGORITHM} Credential=YourAccessKeyId,SignedHeaders={signed},Signature={EXAMPLE_SIGNATURE}"
    request = SignedRequest("POST", "/", EXAMPLE_QUERY, {**EXAMPLE_HEADERS, "authorization": authorization}, b"")
    verifier = Verifier(keys, clock=moment.timestamp)
    assert verifier.verify(request).id == "YourAccessKeyId"
    with pytest.raises(CloudError) as again:
        verifier.verify(request)
    assert again.value.code == "SignatureNonceUsed"
    with pytest.raises(CloudError) as later:
        Verifier(keys, clock=(moment + timedelta(minutes=16)).timestamp).verify(request)
    assert later.value.code == "InvalidTimeStamp.Expired"


def test_what_the_query_encoding_differs_in(simulator: Simulator) -> None:
    # A space is + in the query and %20 in the signature; ~ and * too are written differently.
    simulator.put_instances([{"InstanceId": "i-1", "InstanceName": "web ~1*/运维"}])
    parameters = {"RegionId": "cn-hangzhou", "InstanceName": "web ~1*/运维"}
    for options in ({"method": "POST"}, {"method": "GET"}, {"form": True}):
        answer = call(simulator, "DescribeInstances", parameters, **options)
        assert answer.status_code == 200, answer.text
        assert answer.json()["TotalCount"] == 1


OLD = (datetime.now(UTC) - timedelta(minutes=20)).strftime("%Y-%m-%dT%H:%M:%SZ")
WRONG: list[tuple[dict[str, Any], int, str]] = [
    ({"key_id": "nobody"}, 404, "InvalidAccessKeyId.NotFound"),
    ({"secret": "wrong"}, 400, "SignatureDoesNotMatch"),
    ({"date": OLD}, 400, "InvalidTimeStamp.Expired"),
    ({"date": "yesterday"}, 400, "InvalidTimeStamp.Format"),
    ({"leave_out": frozenset({"authorization"})}, 400, "IncompleteSignature"),
    ({"changed": {"authorization": "Basic dTpw"}}, 400, "IncompleteSignature"),
    ({"unsigned": frozenset({"x-acs-action"})}, 400, "IncompleteSignature"),
    ({"unsigned": frozenset({"host"})}, 400, "IncompleteSignature"),
    ({"changed": {"x-acs-action": "StopInstance"}}, 400, "SignatureDoesNotMatch"),
    ({"changed": {"x-acs-content-sha256": "0" * 64}}, 400, "SignatureDoesNotMatch"),
    ({"token": "no-token-belongs-to-this-key"}, 400, "InvalidSecurityToken.MismatchWithAccessKey"),
]


@pytest.mark.parametrize(
    ("options", "status", "code"), WRONG, ids=[f"{code}-{n}" for n, (_, _, code) in enumerate(WRONG)]
)
def test_calls_that_are_not_trusted(simulator: Simulator, options: dict[str, Any], status: int, code: str) -> None:
    simulator.put_instances(1)
    answer = call(simulator, "RebootInstance", {"InstanceId": "i-sim00001"}, **options)
    assert (answer.status_code, answer.json()["Code"]) == (status, code)
    assert set(answer.json()) == {"RequestId", "HostId", "Code", "Message"}
    assert simulator.instances()[0]["Reboots"] == 0
    (logged,) = simulator.calls()
    assert (logged["outcome"], logged["carried_out"], logged["http_status"]) == (f"error:{code}", False, status)


def test_a_nonce_is_good_once(simulator: Simulator) -> None:
    assert call(simulator, "GetCallerIdentity", version="2015-04-01", nonce="once").status_code == 200
    answer = call(simulator, "GetCallerIdentity", version="2015-04-01", nonce="once")
    assert (answer.status_code, answer.json()["Code"]) == (400, "SignatureNonceUsed")


def test_more_access_keys(simulator: Simulator) -> None:
    key: dict[str, Any] = {"key_id": "another", "secret": "its-secret"}
    assert call(simulator, "GetCallerIdentity", version="2015-04-01", **key).status_code == 404
    simulator.put_access_keys([{"AccessKeyId": "another", "AccessKeySecret": "its-secret", "UserName": "bob"}])
    answer = call(simulator, "GetCallerIdentity", version="2015-04-01", **key)
    assert answer.json()["Arn"].endswith(":user/bob")
    assert call(simulator, "GetCallerIdentity", version="2015-04-01").status_code == 200
    assert simulator.calls()[1]["access_key_id"] == "another"
